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
    mapping(address operator => uint256) private _reservedWei;

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

    /// @dev All stake is at risk in the one group.
    function service(uint32) external view returns (ServiceParams memory) {
        return _params;
    }

    function magnitudeAt(uint32, address, uint48) external pure returns (uint64) {
        return 1e18;
    }

    function totalMagnitude(address) external pure returns (uint64) {
        return 1e18;
    }

    function slashableOf(address operator) external view returns (uint256) {
        return stakeWei[operator];
    }

    function reservedWei(uint32, address operator) external view returns (uint256) {
        return _reservedWei[operator];
    }

    function reservedWei(address operator) external view returns (uint256) {
        return _reservedWei[operator];
    }

    function reserve(uint32, address operator, uint256 amountWei) external {
        uint256 availableWei = isMember[operator] ? stakeWei[operator] - _reservedWei[operator] : 0;
        if (amountWei > availableWei) revert StakeStubInsufficient(availableWei, amountWei);
        _reservedWei[operator] += amountWei;
    }

    function release(uint32, address operator, uint256 amountWei) external {
        _reservedWei[operator] -= amountWei;
    }
}
