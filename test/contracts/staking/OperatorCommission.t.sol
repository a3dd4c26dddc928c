// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOperatorRegistry } from "../../../contracts/interfaces/staking/IOperatorRegistry.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { vm } from "../../support/Vm.sol";

contract OperatorCommissionTest {
    uint48 private constant _DELAY = 7 days;
    uint48 private constant _START = 1_800_000_000;

    IOperatorRegistry private _operators;
    uint48 private _time;

    function setUp() public {
        _warp(_START);
        _operators = IOperatorRegistry(deployArtifact("staking", "OperatorRegistry", abi.encode(_DELAY)));
        _operators.register(address(0x51), "");
    }

    function test_StartsAtNothing() public view {
        _is(0, 0, 0);
    }

    function test_RisesAfterTheDelay() public {
        vm.expectEmit();
        emit IOperatorRegistry.CommissionChanged(address(this), 500, _START + _DELAY);
        _operators.setCommission(500);
        _is(0, 500, _START + _DELAY);
        _warp(_START + _DELAY - 1);
        _is(0, 500, _START + _DELAY);
        _warp(_START + _DELAY);
        _is(500, 0, 0);
    }

    function test_FallsAtOnce() public {
        _hold(500);
        vm.expectEmit();
        emit IOperatorRegistry.CommissionChanged(address(this), 499, _time);
        _operators.setCommission(499);
        _is(499, 0, 0);
        _operators.setCommission(0);
        _is(0, 0, 0);
    }

    function test_FallCancelsARise() public {
        _hold(500);
        _operators.setCommission(600);
        _operators.setCommission(400);
        _is(400, 0, 0);
        _warp(_time + _DELAY);
        _is(400, 0, 0);
    }

    function test_SameCommissionCancelsARise() public {
        _hold(500);
        _operators.setCommission(600);
        _operators.setCommission(500);
        _warp(_time + _DELAY);
        _is(500, 0, 0);
    }

    /// @dev Otherwise a rise announced long ago could be turned into any other at the last moment.
    function test_ReplacedRiseWaitsAnew() public {
        _operators.setCommission(500);
        _warp(_START + _DELAY - 1);
        _operators.setCommission(9_000);
        _warp(_START + _DELAY);
        _is(0, 9_000, _START + 2 * _DELAY - 1);
        _warp(_START + 2 * _DELAY - 1);
        _is(9_000, 0, 0);
    }

    function test_RisesFromARiseThatHolds() public {
        _hold(500);
        _operators.setCommission(700);
        _is(500, 700, _time + _DELAY);
        _warp(_time + _DELAY);
        _is(700, 0, 0);
    }

    function test_RejectsMoreThanAll() public {
        _hold(500);
        _operators.setCommission(600);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistry.OperatorRegistryCommissionTooHigh.selector, 10_001, 10_000)
        );
        _operators.setCommission(10_001);
        _is(500, 600, _time + _DELAY);
        _operators.setCommission(10_000);
        _is(500, 10_000, _time + _DELAY);
    }

    /// @dev Whatever is announced, the commission in force never rises above what was announced a delay before.
    function testFuzz_NeverRisesUnannounced(uint16[8] calldata bps, uint24[8] calldata waits) public {
        uint48[9] memory announcedAt;
        uint16[9] memory announced;
        (announcedAt[0], announced[0]) = (_START - _DELAY, 0);
        for (uint256 i = 0; i < bps.length; ++i) {
            uint16 before = _operators.commissionBpsOf(address(this));
            uint16 next = bps[i] % 10_001;
            _operators.setCommission(next);
            (announcedAt[i + 1], announced[i + 1]) = (_time, next);
            uint16 right = next < before ? next : before;
            require(_operators.commissionBpsOf(address(this)) == right, "no rise at once, and every fall");
            _warp(_time + (waits[i] % uint48(2 * _DELAY)));
            uint16 held = _operators.commissionBpsOf(address(this));
            bool wasAnnounced = false;
            for (uint256 k = 0; k <= i + 1; ++k) {
                if (announced[k] >= held && announcedAt[k] + _DELAY <= _time) wasAnnounced = true;
            }
            require(wasAnnounced, "announced a delay before");
            (uint16 pendingBps, uint48 effectAt) = _operators.pendingCommission(address(this));
            require(effectAt == 0 ? pendingBps == 0 : effectAt > _time && pendingBps > held, "pending");
        }
    }

    function _hold(uint16 bps) private {
        _operators.setCommission(bps);
        _warp(_time + _DELAY);
    }

    function _warp(uint48 to) private {
        _time = to;
        vm.warp(to);
    }

    function _is(uint16 bps, uint16 pendingBps, uint48 effectAt) private view {
        require(_operators.commissionBpsOf(address(this)) == bps, "commission");
        (uint16 actualBps, uint48 actualAt) = _operators.pendingCommission(address(this));
        require(actualBps == pendingBps && actualAt == effectAt, "pending commission");
    }
}
