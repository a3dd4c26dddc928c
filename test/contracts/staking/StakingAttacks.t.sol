// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { IStakePool } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Attacks on shared stake. Those that audits of other systems found are in AuditFindings*.t.sol.
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

    function test_ReportingOneselfForTheBountyNeverPays() public {
        _deposit(OPERATOR, OPERATOR, 1000);
        _deposit(BOB, OPERATOR, 8000);
        _expose(OPERATOR, _service, WAD);
        uint256 own = pool.sharesOf(OPERATOR, OPERATOR);
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        address accomplice = address(0xACC0);
        bytes32 salt = "salt";
        vm.prank(accomplice);
        slasher.commit(keccak256(abi.encode(_service, keccak256(evidence), accomplice, salt)));
        _skip(1);
        vm.prank(accomplice);
        _equal(slasher.report(_service, evidence, salt), 5000, "slashed");
        _skip(EPOCH);
        _equal(slasher.claimBounty(_service, OPERATOR, "a"), 250, "a twentieth");
        uint256 left = (own * pool.indexAt(OPERATOR, 0, time)) / RAY + token.balanceOf(accomplice);
        require(left <= 1000, "what it has left and got is not more than it had");
    }

    function test_AnOperatorWithoutStakeOfItsOwnEarnsNothingByReportingItself() public {
        _expose(OPERATOR, _service, WAD);
        _slash(_service, "a", WAD);
        require(slasher.bounty(_service, OPERATOR, "a").amountWei == 0, "others' stake pays no bounty");
        _equal(pool.owedWei(address(0)), 1000, "burnt");
    }

    function test_ASmallOffenceDoesNotUseUpTheCapForALargeOne() public {
        uint32 capped = _createService(0, 0.5e18);
        _expose(OPERATOR, capped, WAD);
        _warp(time - (time % EPOCH) + EPOCH);
        uint48 capturedAt = time;
        slasher.submit(capped, _evidence(OPERATOR, "same", capturedAt, 0.1e18));
        slasher.submit(capped, _evidence(OPERATOR, "other", capturedAt, 0.1e18));
        _equal(slasher.submit(capped, _evidence(OPERATOR, "same", capturedAt, WAD)), 300, "up to the cap");
        bytes memory large = _evidence(OPERATOR, "same", capturedAt + EPOCH, WAD);
        _skip(EPOCH);
        _equal(slasher.submit(capped, large), 250, "and the rest stays open for other evidence of the same offence");
    }
}
