// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IQuorumVerifier } from "../interfaces/staking/IQuorumVerifier.sol";
import { IRewardStream } from "../interfaces/staking/IRewardStream.sol";
import { EarningsRoot, IServiceEarnings } from "../interfaces/staking/IServiceEarnings.sol";
import { IServiceRegistry } from "../interfaces/staking/IServiceRegistry.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";
import { Certificate } from "../libraries/QuorumLib.sol";
import { Vote, VoteLib } from "../libraries/VoteLib.sol";

/// @title What operators earned in services on other chains
contract ServiceEarnings is IServiceEarnings, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    IQuorumVerifier public immutable quorum;
    IRewardStream public immutable rewards;
    IERC20 public immutable token;
    IServiceRegistry private immutable _services;

    mapping(uint32 serviceId => uint256) public balanceWei;
    mapping(uint32 serviceId => mapping(address operator => uint256)) public collectedWei;
    mapping(uint32 serviceId => EarningsRoot) private _roots;

    /// @dev The stream pulls only what its caller funds, so it may be trusted with any allowance.
    constructor(IQuorumVerifier quorum_, IRewardStream rewards_) {
        IServiceRegistry services = rewards_.services();
        if (quorum_.services() != services) {
            revert ServiceEarningsRegistryMismatch(address(services), address(quorum_.services()));
        }
        quorum = quorum_;
        rewards = rewards_;
        token = rewards_.token();
        _services = services;
        token.forceApprove(address(rewards_), type(uint256).max);
    }

    function fund(uint32 serviceId, uint256 amountWei) external nonReentrant {
        if (amountWei == 0) revert ServiceEarningsZeroAmount();
        _services.service(serviceId);
        _pull(amountWei);
        balanceWei[serviceId] += amountWei;
        emit ServiceFunded(serviceId, msg.sender, amountWei);
    }

    function postRoot(
        uint32 serviceId,
        uint64 number,
        uint64 epoch,
        bytes32 root,
        uint32 count,
        Certificate calldata certificate
    ) external {
        if (count == 0) revert ServiceEarningsNoEntries();
        EarningsRoot memory last = _roots[serviceId];
        if (number <= last.number) revert ServiceEarningsStaleNumber(number, last.number);
        if (epoch < last.epoch) revert ServiceEarningsStaleEpoch(epoch, last.epoch);
        bytes32 payload = keccak256(abi.encode(root, count));
        quorum.verify(Vote(serviceId, epoch, number, 0, VoteLib.EARNINGS, payload), certificate);

        _roots[serviceId] = EarningsRoot(number, epoch, count, root);
        emit EarningsRootPosted(serviceId, number, epoch, root, count);
    }

    function collect(
        uint32 serviceId,
        uint32 index,
        address operator,
        uint96 cumulativeWei,
        LeafOpening calldata opening
    ) external nonReentrant returns (uint256 amountWei) {
        _checkEntry(serviceId, index, _entry(operator, cumulativeWei), opening);
        uint256 collected = collectedWei[serviceId][operator];
        if (cumulativeWei <= collected) revert ServiceEarningsNothingNew(operator, cumulativeWei, collected);
        uint256 dueWei = cumulativeWei - collected;
        uint256 heldWei = balanceWei[serviceId];
        if (heldWei == 0) revert ServiceEarningsNotFunded(serviceId, dueWei);

        amountWei = Math.min(dueWei, heldWei);
        balanceWei[serviceId] = heldWei - amountWei;
        collectedWei[serviceId][operator] = collected + amountWei;
        emit EarningsCollected(serviceId, operator, amountWei, collected + amountWei);
        rewards.fund(operator, amountWei);
    }

    function rootOf(uint32 serviceId) external view returns (EarningsRoot memory) {
        return _roots[serviceId];
    }

    /// @dev Refuses tokens that keep a fee. Runs before anything is written.
    function _pull(uint256 amountWei) private {
        uint256 beforeWei = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amountWei);
        uint256 receivedWei = Math.saturatingSub(token.balanceOf(address(this)), beforeWei);
        if (receivedWei != amountWei) revert ServiceEarningsAmountMismatch(amountWei, receivedWei);
    }

    function _checkEntry(uint32 serviceId, uint32 index, bytes32 claimed, LeafOpening calldata opening) private view {
        EarningsRoot memory newest = _roots[serviceId];
        if (newest.count == 0) revert ServiceEarningsNoRoot(serviceId);
        if (index >= newest.count) revert ServiceEarningsUnknownEntry(index, newest.count);
        bytes32 actual = FileTreeLib.openListEntry(newest.root, index, newest.count, opening.leaf, opening.siblings);
        if (actual != claimed) revert ServiceEarningsWrongEntry(index, claimed, actual);
    }

    function _entry(address operator, uint96 cumulativeWei) private pure returns (bytes32) {
        return bytes32((uint256(uint160(operator)) << 96) | cumulativeWei);
    }
}
