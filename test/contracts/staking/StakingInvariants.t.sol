// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { ServiceRegistry } from "../../../contracts/staking/ServiceRegistry.sol";
import { StakePool } from "../../../contracts/staking/StakePool.sol";
import { StakingHandler } from "./StakingHandler.t.sol";

/// @notice The accounting identities of shared stake, under any sequence of actions.
contract StakingInvariantsTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    address private constant _BURN = 0x000000000000000000000000000000000000dEaD;

    StakingHandler private _handler;
    TokenMock private _token;
    StakePool private _pool;
    ServiceRegistry private _services;

    function setUp() public {
        _handler = new StakingHandler();
        (_token, _pool, _services, , ) = _handler.parts();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](11);
        selectors[0] = StakingHandler.deposit.selector;
        selectors[1] = StakingHandler.request.selector;
        selectors[2] = StakingHandler.withdraw.selector;
        selectors[3] = StakingHandler.slash.selector;
        selectors[4] = StakingHandler.setMagnitude.selector;
        selectors[5] = StakingHandler.changeMembership.selector;
        selectors[6] = StakingHandler.reserve.selector;
        selectors[7] = StakingHandler.release.selector;
        selectors[8] = StakingHandler.sweepAndDonate.selector;
        selectors[9] = StakingHandler.pass.selector;
        selectors[10] = StakingHandler.wipe.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), selectors);
    }

    function invariant_ThePoolHoldsWhatItOwes() external view {
        uint256 owedWei = _pool.owedWei(_BURN) + _pool.unpaidBountyWei(_BURN);
        for (uint256 o = 0; o < 2; ++o) {
            address operator = _handler.operatorAt(o);
            for (uint32 generation = 0; generation <= _pool.generationOf(operator); ++generation) {
                owedWei += _valueOf(operator, generation);
            }
        }
        for (uint256 id = 1; id <= _pool.withdrawalCount(); ++id) {
            (uint256 worthWei, ) = _pool.previewWithdraw(id);
            owedWei += worthWei;
        }
        require(_token.balanceOf(address(_pool)) >= owedWei + _handler.donatedWei(), "insolvent");
        uint256 bookedWei = _token.balanceOf(_BURN) + _pool.owedWei(_BURN) + _pool.unpaidBountyWei(_BURN);
        require(
            _handler.slashedWei() == bookedWei + _handler.bountiesWei(),
            "slashed is burnt, owed, set aside or paid"
        );
    }

    function invariant_SharesAndReservesAddUp() external view {
        for (uint256 o = 0; o < 2; ++o) {
            address operator = _handler.operatorAt(o);
            for (uint32 generation = 0; generation <= _pool.generationOf(operator); ++generation) {
                uint256 sum;
                for (uint256 u = 0; u < 3; ++u) sum += _pool.sharesIn(operator, generation, _handler.user(u));
                require(sum == _pool.activeSharesAt(operator, generation, _now()), "shares");
            }
            require(_pool.reservedInGroupWei(1, operator) == _pool.reservedWei(1, operator), "group 1");
            uint256 sharedWei = _pool.reservedWei(2, operator) + _pool.reservedWei(3, operator);
            require(_pool.reservedInGroupWei(2, operator) == sharedWei, "group 2");
        }
    }

    function invariant_MagnitudesFitTheTotal() external view {
        for (uint256 o = 0; o < 2; ++o) {
            address operator = _handler.operatorAt(o);
            uint256 sum;
            for (uint32 group = 1; group <= _handler.GROUPS(); ++group) {
                uint64 wad = _services.magnitudeAt(group, operator, _now());
                (uint64 pending, ) = _services.pendingMagnitude(group, operator);
                sum += wad > pending ? wad : pending;
            }
            require(sum <= _services.committedMagnitude(operator), "committed");
            require(_services.committedMagnitude(operator) <= _services.totalMagnitude(operator), "total");
            uint256 index = _pool.indexAt(operator, _pool.generationOf(operator), _now());
            require(index == uint256(_services.totalMagnitude(operator)) * 1e9, "the index is the total magnitude");
        }
    }

    function invariant_NothingHappensThatMustNot() external view {
        require(!_handler.isSlashRefused(), "a verdict in force was refused");
        require(!_handler.isIndexRaised(), "an index rose");
        require(!_handler.isMaturedTouched(), "a matured withdrawal changed");
        require(_handler.isHistoryIntact(), "the past changed");
    }

    function _valueOf(address operator, uint32 generation) private view returns (uint256 valueWei) {
        uint256 index = _pool.indexAt(operator, generation, _now());
        for (uint256 u = 0; u < 3; ++u) {
            valueWei += (_pool.sharesIn(operator, generation, _handler.user(u)) * index) / 1e27;
        }
    }

    function _now() private view returns (uint48 time) {
        (, , , , time) = _handler.parts();
    }
}
