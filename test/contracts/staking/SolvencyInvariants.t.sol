// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Withdrawal } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { StakingHandler } from "./StakingHandler.t.sol";
import { StakingInvariants } from "./StakingInvariants.t.sol";

/// @notice What the pool owes, it has; and everybody's part is what the index says.
contract SolvencyInvariantsTest is StakingInvariants {
    uint256 private constant _RAY = 1e27;
    address[5] private _users;

    function setUp() public {
        StakingHandler handler_ = new StakingHandler();
        _use(handler_);
        for (uint256 u = 0; u < 4; ++u) _users[u] = handler_.user(u);
        _users[4] = handler_.SECOND();
    }

    /// @notice I1: the pool holds the value of all shares and withdrawals, and what slashes owe to sinks and reporters.
    /// @notice I3: a donation stays in the balance and changes nothing else (views that prices come from: see the model's
    /// differential test, where donations are among the moves).
    /// @notice I15: what was slashed in all was swept, was paid as bounties, is owed or is set aside.
    function invariant_ThePoolHoldsWhatItOwes() external view {
        StakingHandler handler_ = StakingHandler(handler);
        address sink = handler_.SINK();
        uint256 setAsideWei = pool.owedWei(address(0)) + pool.owedWei(sink);
        setAsideWei += pool.unpaidBountyWei(address(0)) + pool.unpaidBountyWei(sink);
        uint256 sentWei = token.balanceOf(BURN) + token.balanceOf(sink) + handler_.bountiesWei();
        require(handler_.slashedWei() == setAsideWei + sentWei, "I15: slashed");

        uint256 owedWei = setAsideWei;
        for (uint256 o = 0; o < 2; ++o) owedWei += _valueOf(handler_.operatorAt(o));
        for (uint256 id = 1; id <= pool.withdrawalCount(); ++id) {
            (uint256 worthWei, ) = pool.previewWithdraw(id);
            owedWei += worthWei;
        }
        require(token.balanceOf(address(pool)) >= owedWei + handler_.donatedWei(), "I1, I3: insolvent");
    }

    /// @notice I2: users' shares add up to the active ones, open requests and reserves to what is kept of them.
    /// @notice I5: an index only falls and stays within [0, 1e27], so a share never costs more than its assets.
    function invariant_SharesAndReservesAddUp() external view {
        StakingHandler handler_ = StakingHandler(handler);
        for (uint256 o = 0; o < 2; ++o) {
            address operator = handler_.operatorAt(o);
            uint256 stakeWei;
            for (uint32 generation = 0; generation <= pool.generationOf(operator); ++generation) {
                uint256 sum;
                uint256 index = pool.indexAt(operator, generation, _now());
                for (uint256 u = 0; u < 5; ++u) sum += pool.sharesIn(operator, generation, _users[u]);
                require(sum == pool.activeSharesAt(operator, generation, _now()), "I2: shares");
                require(index <= _RAY && index <= pool.indexAt(operator, generation, _now() - 1), "I5: index");
                stakeWei = (sum * index) / _RAY;
            }
            require(pool.stakeOf(operator) == stakeWei, "I2: stake");
            _requireSlashable(operator);
            require(pool.reservedInGroupWei(1, operator) == _reservedWei(1, 5, operator), "I2: group 1");
            require(pool.reservedInGroupWei(2, operator) == _reservedWei(2, 3, operator), "I2: group 2");
            require(pool.reservedInGroupWei(3, operator) == pool.reservedWei(4, operator), "I2: group 3");
        }
    }

    /// @dev What a slash falls on is the active shares and the requests of the last delay, paid ones cannot be among them.
    function _requireSlashable(address operator) private view {
        uint32 generation = pool.generationOf(operator);
        uint256 shares = pool.activeSharesAt(operator, generation, _now());
        for (uint256 id = 1; id <= pool.withdrawalCount(); ++id) {
            Withdrawal memory open = pool.withdrawal(id);
            bool isIts = open.operator == operator && open.generation == generation;
            if (isIts && open.requestedAt + services.delaySeconds() >= _now()) shares += open.shares;
        }
        uint256 slashableWei = (shares * pool.indexAt(operator, generation, _now())) / _RAY;
        require(pool.slashableOf(operator) == slashableWei, "I2: requests");
    }

    function _reservedWei(uint32 first, uint32 second, address operator) private view returns (uint256) {
        return pool.reservedWei(first, operator) + pool.reservedWei(second, operator);
    }

    function _valueOf(address operator) private view returns (uint256 valueWei) {
        for (uint32 generation = 0; generation <= pool.generationOf(operator); ++generation) {
            uint256 index = pool.indexAt(operator, generation, _now());
            for (uint256 u = 0; u < 5; ++u) {
                valueWei += (pool.sharesIn(operator, generation, _users[u]) * index) / _RAY;
            }
        }
    }
}
