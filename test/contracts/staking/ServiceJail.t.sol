// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice What a verdict does to an operator besides taking stake.
contract ServiceJailTest is StakingFixture {
    uint32 private _service;
    uint32 private _other;

    function setUp() public override {
        super.setUp();
        _service = _createService(0, 0.5e18);
        _other = _createService(0, WAD);
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, 0.5e18);
        _expose(OPERATOR, _other, 0.5e18);
    }

    function test_AVerdictJailsInItsServiceForTheDelay() public {
        require(services.isObligable(_service, OPERATOR), "free");
        vm.expectEmit();
        emit IServiceRegistry.Jailed(_service, OPERATOR, time + DELAY + 1);
        _slash(_service, "a", 0.1e18);
        require(services.isJailedAt(_service, OPERATOR, time), "from this second on");
        require(!services.isJailedAt(_service, OPERATOR, time - 1), "not in the past");
        require(!services.isObligable(_service, OPERATOR), "not obligable");
        _equal(pool.availableWei(_service, OPERATOR), 0, "covers nothing new");
        require(services.isMemberAt(_service, OPERATOR, time), "still a member");
        require(!services.isJailedAt(_other, OPERATOR, time), "in no other service");
        require(services.isObligable(_other, OPERATOR), "obligable elsewhere");
        _skip(DELAY);
        require(!services.isObligable(_service, OPERATOR), "last second");
        _skip(1);
        require(services.isObligable(_service, OPERATOR), "over");
        require(services.isJailedAt(_service, OPERATOR, time - 1), "the past stays");
    }

    function test_AVerdictOfNoWorthJailsTheSame() public {
        _request(ALICE, OPERATOR, 1000);
        _skip(DELAY + 1);
        _equal(_slash(_service, "a", 0.1e18), 0, "no stake");
        require(services.isJailedAt(_service, OPERATOR, time), "jailed");
    }

    function test_ARefusedVerdictExtendsNoTerm() public {
        _slash(_service, "a", 0.5e18);
        uint48 first = time;
        bytes memory same = _evidence(OPERATOR, "a", time, 0.5e18);
        bytes memory capped = _evidence(OPERATOR, "b", time, 0.5e18);
        _skip(10);
        vm.expectRevert(
            abi.encodeWithSelector(ISlasher.SlasherAlreadyPunished.selector, _service, OPERATOR, bytes32("a"))
        );
        slasher.submit(_service, same);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISlasher.SlasherCapReached.selector,
                _service,
                OPERATOR,
                uint256(first / EPOCH),
                uint64(0.5e18)
            )
        );
        slasher.submit(_service, capped);
        require(!services.isJailedAt(_service, OPERATOR, first + DELAY + 1), "not extended");
    }

    function test_LeavingDoesNotEndATerm() public {
        _slash(_service, "a", 0.1e18);
        vm.prank(OPERATOR);
        services.quit(_service);
        _skip(DELAY);
        require(services.isJailedAt(_service, OPERATOR, time), "jailed as long as it is a member");
        _equal(_slash(_service, "b", 0.1e18), 45, "and slashable");
    }

    function test_JoiningAgainDoesNotEndATerm() public {
        vm.prank(OPERATOR);
        services.quit(_service);
        _skip(DELAY);
        _slash(_service, "a", 0.1e18);
        uint48 until = time + DELAY + 1;
        _skip(1);
        vm.prank(OPERATOR);
        services.join(_service);
        _warp(until - 1);
        require(services.isJailedAt(_service, OPERATOR, time), "jailed while it waits");
        require(!services.isObligable(_service, OPERATOR), "not obligable");
        _skip(EPOCH + 1);
        require(services.isObligable(_service, OPERATOR), "a member again, after its term");
    }

    function test_OnlyTheSlasherJails() public {
        bytes memory expected = abi.encodeWithSelector(
            IServiceRegistry.ServiceRegistryNotSlasher.selector,
            address(this)
        );
        vm.expectRevert(expected);
        services.punish(_service, OPERATOR, time, 1);
        vm.expectRevert(expected);
        services.renewTotal(OPERATOR);
        require(!services.isJailedAt(_service, OPERATOR, time), "free");
    }
}
