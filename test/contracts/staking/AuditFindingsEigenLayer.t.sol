// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOperatorRegistry } from "../../../contracts/interfaces/staking/IOperatorRegistry.sol";
import { IServiceRegistry, ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { OperatorRegistry } from "../../../contracts/staking/OperatorRegistry.sol";
import { ReentrantTokenMock } from "../../support/StakeTokens.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice What audits found in EigenLayer's slashing release and multichain, tried on us. One test for each finding.
contract AuditFindingsEigenLayerTest is StakingFixture {
    uint32 private _service;

    function setUp() public override {
        super.setUp();
        _service = _createService(0, WAD);
        _deposit(ALICE, OPERATOR, 1000);
    }

    /// @notice Certora C-01: a wrapped difference lets the encumbered magnitude fall below what is in use.
    function testFuzz_CommittedMagnitudeIsNeverLessThanWhatIsInUse(
        uint64 first,
        uint64 second,
        uint64 changed,
        uint64 wad
    ) public {
        uint32 other = _createService(0, WAD);
        first = (first % (WAD - 1)) + 1;
        second = (second % (WAD - first)) + 1;
        _expose(OPERATOR, _service, first);
        _expose(OPERATOR, other, second);
        vm.prank(OPERATOR);
        try services.setMagnitude(1, changed % (WAD + 2)) {} catch {}
        _slash(_service, "a", (wad % WAD) + 1);
        _requireCommitted();
        _skip(DELAY + EPOCH);
        services.settleMagnitude(1, OPERATOR);
        _requireCommitted();
        vm.expectPartialRevert(IServiceRegistry.ServiceRegistryMagnitudeExceeded.selector);
        vm.prank(OPERATOR);
        services.setMagnitude(2, type(uint64).max);
    }

    /// @notice Certora H-01: a token that calls back finds one contract of the system half changed.
    function test_ATokenThatCallsBackFindsNoHalfChangedSystem() public {
        ReentrantTokenMock reentrant = new ReentrantTokenMock();
        _replaceToken(reentrant);
        _deposit(ALICE, OPERATOR, 1000);
        _deposit(BOB, OPERATOR, 1000);
        _expose(OPERATOR, _service, WAD);
        uint256 id = _request(ALICE, OPERATOR, 1000);
        _skip(DELAY + 1);
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        reentrant.setCall(address(slasher), abi.encodeCall(ISlasher.submit, (_service, evidence)));
        _equal(_withdraw(ALICE, id), 1000, "matured before the slash");
        _equal(pool.stakeOf(OPERATOR), 500, "slashed in the middle of it");
        _equal(token.balanceOf(address(pool)), 500 + pool.owedWei(address(0)), "backed");
    }

    /// @notice Certora M-01: a slash rounds a pending decrease to nothing, and its entry blocks the queue for ever.
    function test_AFullySlashedPendingDecreaseBlocksNothing() public {
        _expose(OPERATOR, _service, 0.5e18);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 1);
        _slash(_service, "a", WAD);
        (uint64 pending, uint48 effectAt) = services.pendingMagnitude(1, OPERATOR);
        require(pending == 0 && effectAt != 0, "nothing is left to decrease");
        _skip(DELAY + 1);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.3e18);
        _skip(DELAY + EPOCH);
        _equal(services.magnitudeAt(1, OPERATOR, time), 0.3e18, "the next change");
    }

    /// @notice Cantina 3.1.2: an operator shrinks its magnitude through a service of its own, and is then slashed for nothing.
    function test_ShrinkingOneselfFirstDoesNotSoftenASlash() public {
        uint32 own = _createService(0, WAD);
        _expose(OPERATOR, _service, 0.5e18);
        _expose(OPERATOR, own, 0.5e18);
        for (uint160 i = 1; i <= 40; ++i) {
            slasher.submit(own, _evidence(OPERATOR, bytes32(uint256(i)), time, 0.5e18));
        }
        _equal(_slash(_service, "a", WAD), 500, "the full exposure");
    }

    /// @notice Cantina 3.2.3 and Sigma EGSL-17: withdrawals can't be completed once a factor is zero.
    function test_WithdrawalsOfNothingComplete() public {
        _expose(OPERATOR, _service, WAD);
        uint256 id = _request(ALICE, OPERATOR, 400);
        _slash(_service, "a", WAD);
        vm.prank(ALICE);
        uint256 retired = pool.requestWithdrawFrom(OPERATOR, 0, 600);
        _skip(DELAY + 1);
        _equal(_withdraw(ALICE, id), 0, "asked before");
        _equal(_withdraw(ALICE, retired), 0, "asked after");
    }

    /// @notice Sigma EGSL-13: a slash so small that nothing is burnt.
    function test_ADustSlashIsNeverANoOp() public {
        _deposit(BOB, OPERATOR, 1e30);
        _expose(OPERATOR, _service, 1);
        _equal(_slash(_service, "a", 1), 1e12, "one unit of magnitude");
        require(pool.indexAt(OPERATOR, 0, time) < RAY, "index");
    }

    /// @notice Sigma EGSL-16: rounding a factor to zero takes what honest stakers still had.
    function testFuzz_RoundingNeverTakesWhatTheMagnitudeLeaves(uint64 leftWad, uint120 assets) public {
        leftWad = (leftWad % 1e12) + 1;
        uint256 amount = uint256(assets) + 1;
        _deposit(BOB, OPERATOR, amount);
        _expose(OPERATOR, _service, WAD);
        _slash(_service, "a", WAD - leftWad);
        vm.prank(BOB);
        uint256 id = pool.requestWithdrawFrom(OPERATOR, 0, amount);
        _skip(DELAY + 1);
        _equal(_withdraw(BOB, id), (amount * leftWad) / WAD, "the rest");
    }

    /// @notice Sigma EGSL-09: a delay without bound overflows the time of effect.
    function test_NoDelayOrEpochIsLongEnoughToOverflow() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IOperatorRegistry.OperatorRegistryInvalidDelay.selector,
                type(uint48).max,
                uint48(365 days)
            )
        );
        new OperatorRegistry(type(uint48).max);
        _warp(type(uint40).max);
        vm.prank(OPERATOR);
        services.setMagnitude(1, WAD);
        (, uint48 effectAt) = services.pendingMagnitude(1, OPERATOR);
        _equal(effectAt, uint256(time) + DELAY + EPOCH, "no choice of delay, no overflow");
    }

    /// @notice Sigma EGSL-07: a forecast counts stake that is being removed.
    function test_CoverageDoesNotCountWhatIsLeaving() public {
        _expose(OPERATOR, _service, WAD);
        _request(ALICE, OPERATOR, 400);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.5e18);
        _equal(pool.availableWei(_service, OPERATOR), 300, "shares and magnitude that leave");
        vm.prank(OPERATOR);
        services.quit(_service);
        _equal(pool.availableWei(_service, OPERATOR), 0, "an operator that leaves");
    }

    /// @notice Sigma EGSL-10: adding something back makes old allocations slashable at once.
    function test_JoiningAgainWaitsLikeTheFirstTime() public {
        _expose(OPERATOR, _service, WAD);
        vm.prank(OPERATOR);
        services.quit(_service);
        _skip(DELAY + 1);
        vm.prank(OPERATOR);
        services.join(_service);
        _skip(DELAY + EPOCH - 1);
        bytes memory evidence = _evidence(OPERATOR, "a", time, WAD);
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherNotMember.selector, _service, OPERATOR, time));
        slasher.submit(_service, evidence);
        _skip(1);
        _equal(_slash(_service, "a", WAD), 1000, "from its effect on");
    }

    /// @notice Sigma EGSL-08: one delay for all does not fit every service.
    function test_NoServiceHasObligationsThatOutliveTheDelay() public {
        ServiceParams memory params = _params(0, WAD);
        params.maxObligationSeconds = DELAY + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryObligationTooLong.selector, DELAY + 1, DELAY)
        );
        services.createService(params);
    }

    /// @notice SharesAccountingEdgeCases.md: deposits lower what can be withdrawn, and a thousand of them drift far away.
    function test_SmallDepositsNeitherLoseNorDrift() public {
        _deposit(ALICE, OPERATOR, 4.4e28 - 1000);
        _expose(OPERATOR, _service, WAD);
        _slash(_service, "a", 0.123456789e18);
        uint256 shares = pool.sharesOf(OPERATOR, ALICE);
        uint256 index = pool.indexAt(OPERATOR, 0, time);
        uint256 last = (shares * index) / RAY;
        for (uint256 i = 0; i < 300; ++i) {
            shares += _deposit(ALICE, OPERATOR, 7);
            uint256 value = (shares * index) / RAY;
            require(value >= last && value <= last + 7, "a deposit is worth at most itself, and costs nothing else");
            last = value;
        }
        require(last + 300 >= (((4.4e28) * index) / RAY) + 2100, "a unit for each deposit at most");
        require(token.balanceOf(address(pool)) >= last + pool.owedWei(address(0)), "backed");
    }

    /// @notice UX audit I-01: operators without stake flood a set.
    function test_NobodyFloodsASetWithoutStake() public {
        ServiceParams memory params = _params(0, WAD);
        params.seats = 1;
        uint32 seated = services.createService(params);
        vm.startPrank(OPERATOR);
        services.setMagnitude(2, WAD);
        services.joinSeat(seated, 0);
        vm.stopPrank();
        for (uint160 i = 1; i <= 3; ++i) {
            _register(address(0xF100D0 + i));
            vm.expectRevert(
                abi.encodeWithSelector(IServiceRegistry.ServiceRegistrySeatHeld.selector, seated, 0, OPERATOR, 1000, 0)
            );
            vm.prank(address(0xF100D0 + i));
            services.joinSeat(seated, 0);
        }
        _skip(DELAY + EPOCH);
        require(services.seatAt(seated, 0, time) == OPERATOR, "the heavier one sits");
    }

    function _requireCommitted() private view {
        uint256 sum;
        for (uint32 group = 1; group <= 2; ++group) {
            uint64 wad = services.magnitudeAt(group, OPERATOR, time);
            (uint64 pending, ) = services.pendingMagnitude(group, OPERATOR);
            sum += wad > pending ? wad : pending;
        }
        require(sum <= services.committedMagnitude(OPERATOR), "committed");
        require(services.committedMagnitude(OPERATOR) <= services.totalMagnitude(OPERATOR), "total");
    }

    function _replaceToken(ReentrantTokenMock token_) private {
        _deployStaking(token_);
        _service = _createService(0, WAD);
    }
}
