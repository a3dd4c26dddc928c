// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { IStakePool } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Attacks on shared stake, most of them found in audits of other systems.
contract StakingAttacksTest is StakingFixture {
    uint32 private _service;

    function setUp() public override {
        super.setUp();
        _service = _createService(0, WAD);
        _deposit(ALICE, OPERATOR, 1000);
    }

    function test_DelegatorsLeaveBeforeAnOperatorsOwnServiceCanSlashThem() public {
        _expose(OPERATOR, _service, WAD);
        uint32 trap = _createService(1, WAD);
        vm.prank(OPERATOR);
        services.join(trap);
        uint256 id = _request(ALICE, OPERATOR, 1000);
        _skip(DELAY);
        bytes memory evidence = _evidence(OPERATOR, "a", time, WAD);
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherNotMember.selector, trap, OPERATOR, time));
        slasher.submit(trap, evidence);
        _skip(EPOCH);
        _slash(trap, "a", WAD);
        _equal(_withdraw(ALICE, id), 1000, "left in time");
        _equal(_slashedWei(), 0, "nothing to slash");
    }

    function test_DelegatorsLeaveBeforeALargerMagnitudeCanCostThem() public {
        _expose(OPERATOR, _service, 0.1e18);
        vm.prank(OPERATOR);
        services.setMagnitude(1, WAD);
        uint256 id = _request(ALICE, OPERATOR, 1000);
        _skip(DELAY);
        _equal(_slash(_service, "a", WAD), 100, "the old exposure only");
        _skip(1);
        _equal(_withdraw(ALICE, id), 900, "left in time");
    }

    function test_StakeThatLeavesStillAnswersForItsObligation() public {
        _expose(OPERATOR, _service, WAD);
        vm.prank(OBLIGOR);
        pool.reserve(_service, OPERATOR, 1000);
        uint256 id = _request(ALICE, OPERATOR, 1000);
        vm.startPrank(OPERATOR);
        services.quit(_service);
        services.setMagnitude(1, 0);
        vm.stopPrank();
        _skip(DELAY);
        _equal(_slash(_service, "a", WAD), 1000, "the longest obligation ends within the delay");
        _skip(1);
        _equal(_withdraw(ALICE, id), 0, "nothing is left");
    }

    function test_TheSameStakeCoversNoSecondObligation() public {
        _expose(OPERATOR, _service, WAD);
        vm.startPrank(OBLIGOR);
        pool.reserve(_service, OPERATOR, 600);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolInsufficientStake.selector, 400, 600));
        pool.reserve(_service, OPERATOR, 600);
        vm.stopPrank();
        _request(ALICE, OPERATOR, 500);
        _equal(pool.availableWei(_service, OPERATOR), 0, "nor does stake that leaves");
    }

    function test_AnExposureTakenLaterAnswersForNothingEarlier() public {
        _expose(OPERATOR, _service, 0.1e18);
        uint48 capturedAt = time + DELAY + EPOCH - 1;
        vm.prank(OPERATOR);
        services.setMagnitude(1, WAD);
        _skip(DELAY + EPOCH);
        bytes memory evidence = _evidence(OPERATOR, "a", capturedAt, WAD);
        _equal(slasher.submit(_service, evidence), 100, "measured at the offence");
    }

    function test_AVerdictAfterAFullSlashDoesNotReachRenewedExposure() public {
        _expose(OPERATOR, _service, 0.5e18);
        _slash(_service, "a", WAD);
        _equal(_slash(_service, "b", WAD), 0, "nothing left");
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.5e18);
        _skip(DELAY + EPOCH);
        bytes memory evidence = _evidence(OPERATOR, "b", time, WAD);
        vm.expectRevert(
            abi.encodeWithSelector(ISlasher.SlasherAlreadyPunished.selector, _service, OPERATOR, bytes32("b"))
        );
        slasher.submit(_service, evidence);
        _equal(pool.stakeOf(OPERATOR), 500, "stake");
    }

    function test_ShrinkingOneselfFirstDoesNotSoftenASlash() public {
        uint32 own = _createService(0, WAD);
        _expose(OPERATOR, _service, 0.5e18);
        _expose(OPERATOR, own, 0.5e18);
        for (uint160 i = 1; i <= 40; ++i) {
            slasher.submit(own, _evidence(OPERATOR, bytes32(uint256(i)), time, 0.5e18));
        }
        _equal(_slash(_service, "a", WAD), 500, "the full exposure");
    }

    function test_ADustSlashIsNeverANoOp() public {
        _deposit(BOB, OPERATOR, 1e30);
        _expose(OPERATOR, _service, 1);
        _equal(_slash(_service, "a", 1), 1e12, "one unit of magnitude");
        require(pool.indexAt(OPERATOR, 0, time) < RAY, "index");
    }

    function test_ManyFullSlashesDoNotWearOutAnOperator() public {
        _expose(OPERATOR, _service, WAD);
        for (uint256 i = 0; i < 12; ++i) {
            slasher.submit(_service, _evidence(OPERATOR, bytes32(i), time, WAD));
            _equal(_deposit(BOB, OPERATOR, 1000), 1000, "shares");
            vm.prank(OPERATOR);
            services.setMagnitude(1, WAD);
            _skip(DELAY + EPOCH);
        }
        _equal(pool.generationOf(OPERATOR), 12, "generations");
        _equal(pool.stakeOf(OPERATOR), 1000, "stake");
    }

    function test_TheCostOfASlashDoesNotGrow() public {
        _expose(OPERATOR, _service, WAD);
        for (uint160 i = 1; i <= 60; ++i) {
            address user = address(0x9000 + i);
            _deposit(user, OPERATOR, 1000);
            _skip(DELAY / 100);
            _request(user, OPERATOR, 500);
        }
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.1e18);
        uint256 gasBefore = gasleft();
        slasher.submit(_service, evidence);
        require(gasBefore - gasleft() < 300_000, "gas");
    }

    function test_ASlashReachesEveryStateOfAnOperator() public {
        _expose(OPERATOR, _service, WAD);
        _request(ALICE, OPERATOR, 1000);
        vm.prank(OPERATOR);
        services.quit(_service);
        _skip(DELAY);
        _equal(_slash(_service, "a", 0.5e18), 500, "all stake and the operator leaving");
    }

    function test_OnlyJoiningPutsStakeUnderANewServiceOfAGroup() public {
        _expose(OPERATOR, _service, WAD);
        uint32 foreign = _createService(1, WAD);
        bytes memory evidence = _evidence(OPERATOR, "a", time, WAD);
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherNotMember.selector, foreign, OPERATOR, time));
        slasher.submit(foreign, evidence);
    }

    function test_OneGroupCannotTakeWhatIsPromisedToAnother() public {
        uint32 other = _createService(0, WAD);
        _expose(OPERATOR, _service, 0.6e18);
        _expose(OPERATOR, other, 0.4e18);
        _slash(_service, "a", 0.5e18);
        vm.startPrank(OPERATOR);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryMagnitudeExceeded.selector, 0.7e18 + 1, 0.7e18)
        );
        services.setMagnitude(1, 0.3e18 + 1);
        services.setMagnitude(1, 0);
        _skip(DELAY + 1);
        services.setMagnitude(1, 0.3e18);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryMagnitudeExceeded.selector, 0.7e18 + 1, 0.7e18)
        );
        services.setMagnitude(2, 0.4e18 + 1);
        vm.stopPrank();
    }
}
