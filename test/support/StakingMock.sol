// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ServiceParams } from "../../contracts/interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../../contracts/interfaces/staking/IStakePool.sol";

/// @notice The parts of the staking contracts that registries use, with operators and stake set by hand.
contract StakingMock {
    uint32 public serviceCount;

    mapping(address operator => address) public signerOf;
    mapping(address signer => address) public operatorOfSigner;
    mapping(address operator => uint256) public stakeWei;
    mapping(uint32 serviceId => mapping(address operator => uint256)) public reservedWei;
    mapping(address operator => uint256) public settlements;
    mapping(address operator => uint48) public memberSince;

    ServiceParams private _service;

    function setOperator(address operator, address signer, uint256 amountWei) external {
        signerOf[operator] = signer;
        operatorOfSigner[signer] = operator;
        stakeWei[operator] = amountWei;
    }

    function setMemberSince(address operator, uint48 since) external {
        memberSince[operator] = since;
    }

    function createService(ServiceParams calldata params) external returns (uint32 serviceId) {
        _service = params;
        return ++serviceCount;
    }

    function reserve(uint32 serviceId, address operator, uint256 amountWei) external {
        require(msg.sender == _service.obligor, IStakePool.StakePoolNotObligor(serviceId, msg.sender));
        uint256 availableWei = stakeWei[operator] - reservedWei[serviceId][operator];
        require(amountWei <= availableWei, IStakePool.StakePoolInsufficientStake(availableWei, amountWei));
        reservedWei[serviceId][operator] += amountWei;
    }

    function settleMagnitude(uint32 groupId, address operator) external {
        require(groupId == _service.groupId, "of the service's group");
        ++settlements[operator];
    }

    function release(uint32 serviceId, address operator, uint256 amountWei) external {
        require(msg.sender == _service.obligor, IStakePool.StakePoolNotObligor(serviceId, msg.sender));
        reservedWei[serviceId][operator] -= amountWei;
    }

    function isObligable(uint32, address operator) external view returns (bool) {
        return signerOf[operator] != address(0);
    }

    function isMemberAt(uint32, address operator, uint48 t) external view returns (bool) {
        return signerOf[operator] != address(0) && t >= memberSince[operator];
    }

    function slashableOf(address operator) external view returns (uint256) {
        return stakeWei[operator];
    }

    function slasher() external view returns (address) {
        return address(this);
    }

    function service(uint32) external view returns (ServiceParams memory) {
        return _service;
    }

    function magnitudeBaseAt(uint32, address, uint48) external pure returns (uint64) {
        return 1e18;
    }

    function totalMagnitude(address) external pure returns (uint64) {
        return 1e18;
    }

    function punishedWad(uint32, address, bytes32) external pure returns (uint64) {
        return 0;
    }
}
