// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IStakePool } from "../interfaces/staking/IStakePool.sol";
import { TokenMock } from "./TokenMock.sol";

/// @title One delegator of a crowd
/// @notice Stakes in its constructor and does nothing afterwards.
contract DelegatorMock {
    constructor(IStakePool pool, TokenMock token, address operator, uint256 assetsWei) {
        token.mint(address(this), assetsWei);
        token.approve(address(pool), assetsWei);
        pool.deposit(operator, assetsWei, 0);
    }
}

/// @title Many delegators in one transaction
contract CrowdMock {
    /// @notice Stakes `assetsWei` from each of `count` new accounts.
    function delegate(IStakePool pool, TokenMock token, address operator, uint256 assetsWei, uint256 count) external {
        for (uint256 i = 0; i < count; ++i) new DelegatorMock(pool, token, operator, assetsWei);
    }
}
