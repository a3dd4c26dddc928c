// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry, ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { ServiceRegistry } from "../../../contracts/staking/ServiceRegistry.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice What a guardian can stop, and for how long.
contract ServicePauseTest is StakingFixture {
    uint48 private constant _WEEK = 7 days;

    uint32 private _service;
    uint32 private _seated;

    function setUp() public override {
        super.setUp();
        _service = _createService(0, WAD);
        ServiceParams memory params = _params(0, WAD);
        params.seats = 1;
        _seated = services.createService(params);
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, 0.5e18);
    }

    function test_OnlyTheGuardianPauses() public {
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNotGuardian.selector, OPERATOR));
        vm.prank(OPERATOR);
        services.pause();
        require(!services.isPaused() && services.pausedUntil() == 0, "not paused");
    }

    function test_WithoutAGuardianNobodyPauses() public {
        services = ServiceRegistry(
            deployArtifact("staking", "ServiceRegistry", abi.encode(operators, EPOCH, address(0)))
        );
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNotGuardian.selector, GUARDIAN));
        vm.prank(GUARDIAN);
        services.pause();
        require(!services.isPaused(), "not paused");
    }

    function test_APauseEndsAfterExactlySevenDays() public {
        _pause();
        _skip(_WEEK - 1);
        require(services.isPaused(), "last second");
        _skip(1);
        require(!services.isPaused(), "over");
        _deposit(BOB, OPERATOR, 1);
    }

    function test_AGuardianCannotPauseForLongerThanHalfOfTheTime() public {
        _pause();
        uint48 until = time + _WEEK;
        uint48[3] memory early = [time + 1, until, until + _WEEK - 1];
        for (uint256 i = 0; i < early.length; ++i) {
            _warp(early[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IServiceRegistry.ServiceRegistryPausedLately.selector, until + _WEEK)
            );
            vm.prank(GUARDIAN);
            services.pause();
            require(services.pausedUntil() == until, "not longer");
        }
        _warp(until + _WEEK);
        _pause();
        require(services.pausedUntil() == until + 2 * _WEEK, "again");
    }

    function test_APauseStopsNewStakeAndNewExposure() public {
        _pause();
        bytes memory paused = abi.encodeWithSelector(IServiceRegistry.ServiceRegistryPaused.selector, time + _WEEK);
        vm.startPrank(OPERATOR);
        vm.expectRevert(paused);
        services.join(_service);
        vm.expectRevert(paused);
        services.joinSeat(_seated, 0);
        vm.expectRevert(paused);
        services.setMagnitude(1, 0.6e18);
        vm.stopPrank();

        token.mint(BOB, 10);
        vm.startPrank(BOB);
        token.approve(address(pool), 10);
        vm.expectRevert(IStakePool.StakePoolPaused.selector);
        pool.deposit(OPERATOR, 10, 0);
        vm.expectRevert(IStakePool.StakePoolPaused.selector);
        pool.depositWithPermit(OPERATOR, 10, 0, time, 0, 0, 0);
        vm.stopPrank();
        _equal(token.balanceOf(BOB), 10, "tokens stay");
        _equal(pool.stakeOf(OPERATOR), 1000, "stake");
        _equal(services.committedMagnitude(OPERATOR), 0.5e18, "exposure");
        _equal(services.joinedCount(_seated), 0, "members");
    }

    function test_APauseStopsNothingElse() public {
        uint256 early = _request(ALICE, OPERATOR, 100);
        vm.prank(OBLIGOR);
        pool.reserve(_service, OPERATOR, 100);
        _skip(DELAY + 1);
        _pause();

        _equal(_withdraw(ALICE, early), 100, "withdraw");
        _request(ALICE, OPERATOR, 100);
        _equal(_slash(_service, "a", 0.5e18), 225, "slash");
        _equal(pool.sweep(BURN), 225, "sweep");
        vm.startPrank(OBLIGOR);
        pool.release(_service, OPERATOR, 100);
        vm.stopPrank();
        vm.startPrank(OPERATOR);
        services.setMagnitude(1, 0.1e18);
        services.quit(_service);
        vm.stopPrank();
        slasher.commit("c");
        require(slasher.committedAt("c") == time, "commit");
        _createService(0, WAD);
        _skip(DELAY);
        services.settleMagnitude(1, OPERATOR);
        require(!services.isObligable(_service, OPERATOR), "quit");
    }

    function _pause() private {
        vm.prank(GUARDIAN);
        services.pause();
    }
}
