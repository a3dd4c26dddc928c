// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ServiceParams } from "../../contracts/interfaces/staking/IServiceRegistry.sol";

/// @notice The few calls of the stake pool and the service registry that storage makes, with members and stake set by
/// the test.
contract StakeStub {
    error StakeStubInsufficient(uint256 availableWei, uint256 amountWei);

    ServiceParams private _params;
    mapping(address operator => bool) public isMember;
    mapping(address operator => uint256) public stakeWei;
    mapping(address operator => uint256) public reservedWei;

    function services() external view returns (address) {
        return address(this);
    }

    function params() external view returns (ServiceParams memory) {
        return _params;
    }

    function createService(ServiceParams calldata params_) external returns (uint32) {
        _params = params_;
        return 1;
    }

    function setOperator(address operator, bool member, uint256 stake) external {
        isMember[operator] = member;
        stakeWei[operator] = stake;
    }

    function isObligable(uint32, address operator) external view returns (bool) {
        return isMember[operator];
    }

    function isMemberAt(uint32, address operator, uint48) external view returns (bool) {
        return isMember[operator];
    }

    function reserve(uint32, address operator, uint256 amountWei) external {
        uint256 availableWei = isMember[operator] ? stakeWei[operator] - reservedWei[operator] : 0;
        if (amountWei > availableWei) revert StakeStubInsufficient(availableWei, amountWei);
        reservedWei[operator] += amountWei;
    }

    function release(uint32, address operator, uint256 amountWei) external {
        reservedWei[operator] -= amountWei;
    }
}
