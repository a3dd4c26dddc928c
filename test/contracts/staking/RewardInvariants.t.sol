// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { IRewardStream } from "../../../contracts/interfaces/staking/IRewardStream.sol";
import { StakePool } from "../../../contracts/staking/StakePool.sol";
import { RewardHandler } from "./RewardHandler.t.sol";

/// @notice The accounting of rewards, under any sequence of actions.
contract RewardInvariantsTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant _PARTS = 10;

    RewardHandler private _handler;
    IRewardStream private _rewards;
    StakePool private _pool;
    TokenMock private _token;

    function setUp() public {
        _handler = new RewardHandler();
        (_token, _pool, _rewards) = _handler.parts();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = RewardHandler.deposit.selector;
        selectors[1] = RewardHandler.request.selector;
        selectors[2] = RewardHandler.fund.selector;
        selectors[3] = RewardHandler.claim.selector;
        selectors[4] = RewardHandler.claimCommission.selector;
        selectors[5] = RewardHandler.slash.selector;
        selectors[6] = RewardHandler.setCommission.selector;
        selectors[7] = RewardHandler.pass.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), selectors);
    }

    function invariant_EverybodyEarnsWhatTheModelSays() external view {
        for (uint256 o = 0; o < 2; ++o) {
            address operator = _handler.operatorAt(o);
            for (uint32 generation = 0; generation <= _pool.generationOf(operator); ++generation) {
                for (uint256 u = 0; u < _handler.USERS(); ++u) {
                    address user = _handler.user(u);
                    uint256 claimedWei = _handler.claimedWei(operator, generation, user);
                    uint256 claimableWei = _rewards.claimableWei(operator, generation, user);
                    uint256 earnedWei = _handler.earnedWei(operator, generation, user);
                    require(claimedWei + claimableWei == earnedWei, "earned");
                }
            }
        }
    }

    function invariant_WhatIsFundedIsOwedOrPaid() external view {
        uint256 balanceWei;
        for (uint256 o = 0; o < 2; ++o) {
            address operator = _handler.operatorAt(o);
            RewardHandler.Model memory model = _handler.modelOf(operator);
            uint256 pendingUnits = _handler.pendingUnits(operator);
            require(_rewards.pendingWei(operator) == pendingUnits / _PARTS, "pending");
            uint256 commissionWei = _rewards.commissionOwedWei(operator) + _handler.commissionClaimedWei(operator);
            require(commissionWei == model.commissionWei, "commission");
            require(_rewards.fundedWei(operator) + commissionWei == model.grossWei, "funded");

            (uint256 claimedWei, uint256 claimableWei, uint256 accounts) = _sums(operator);
            uint256 dripped = _rewards.fundedWei(operator) * _PARTS - pendingUnits;
            uint256 earned = (claimedWei + claimableWei) * _PARTS;
            require(earned <= dripped, "never more than dripped");
            require(dripped - earned <= (accounts + 1) * _PARTS, "all but dust");
            balanceWei += model.grossWei - _handler.commissionClaimedWei(operator) - claimedWei;
        }
        require(_token.balanceOf(address(_rewards)) == balanceWei, "what is not paid is there");
    }

    function _sums(address operator) private view returns (uint256 claimedWei, uint256 claimableWei, uint256 accounts) {
        for (uint32 generation = 0; generation <= _pool.generationOf(operator); ++generation) {
            for (uint256 u = 0; u < _handler.USERS(); ++u) {
                address user = _handler.user(u);
                claimedWei += _handler.claimedWei(operator, generation, user);
                claimableWei += _rewards.claimableWei(operator, generation, user);
                ++accounts;
            }
        }
    }
}
