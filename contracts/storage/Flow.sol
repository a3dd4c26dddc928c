// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IStakePool } from "../interfaces/staking/IStakePool.sol";
import { IBlockSeeds } from "../interfaces/storage/IBlockSeeds.sol";
import { IFlow, Submission, SubmissionData, SubmissionInfo, SubmissionNode } from "../interfaces/storage/IFlow.sol";
import { StorageParams } from "../interfaces/storage/IStorageProofs.sol";
import { FileTreeLib } from "../libraries/FileTreeLib.sol";
import { Market } from "./Market.sol";

/// @title The log of files, with the ABI of 0G Storage
contract Flow is IFlow {
    using SafeCast for uint256;

    /// @dev `byteLength` binds the leaves too: the nodes allowed for a length are those of its padded file.
    struct Entry {
        bytes32 root;
        address submitter;
        uint48 startPos;
        uint48 byteLength;
    }

    uint256 public constant SEGMENT_LEAVES = 1024;
    uint256 public constant MAX_BATCH = 32;
    uint256 public constant MAX_TAG_BYTES = 8192;
    uint256 public constant MAX_NODES = 4;
    /// @dev Below 0G's 63: keeps lengths and positions in 48 bits.
    uint256 public constant MAX_NODE_HEIGHT = 39;

    Market private immutable _market;

    /// @inheritdoc IFlow
    uint256 public currentLength = 1;
    Entry[] private _entries;

    constructor(StorageParams memory params, IBlockSeeds seeds, IStakePool pool) {
        _market = new Market(params, seeds, pool);
    }

    /// @inheritdoc IFlow
    function submit(
        Submission calldata submission_
    ) external payable returns (uint256 index, bytes32 digest, uint256 startIndex, uint256 length) {
        uint256 feeWei;
        (index, digest, startIndex, length, feeWei) = _submit(submission_, msg.value);
        _refund(msg.value - feeWei);
    }

    /// @inheritdoc IFlow
    function batchSubmit(
        Submission[] calldata submissions
    )
        external
        payable
        returns (
            uint256[] memory indexes,
            bytes32[] memory digests,
            uint256[] memory startIndexes,
            uint256[] memory lengths
        )
    {
        uint256 count = submissions.length;
        if (count > MAX_BATCH) revert FlowBatchSize(count, MAX_BATCH);
        indexes = new uint256[](count);
        digests = new bytes32[](count);
        startIndexes = new uint256[](count);
        lengths = new uint256[](count);
        uint256 leftWei = msg.value;
        for (uint256 i = 0; i < count; ++i) {
            uint256 feeWei;
            (indexes[i], digests[i], startIndexes[i], lengths[i], feeWei) = _submit(submissions[i], leftWei);
            leftWei -= feeWei;
        }
        _refund(leftWei);
    }

    /// @inheritdoc IFlow
    function market() external view returns (address) {
        return address(_market);
    }

    /// @inheritdoc IFlow
    function numSubmissions() external view returns (uint256) {
        return _entries.length;
    }

    /// @inheritdoc IFlow
    function submissionIndex() external view returns (uint256) {
        return _entries.length;
    }

    /// @inheritdoc IFlow
    function submission(uint256 index) external view returns (SubmissionInfo memory) {
        Entry storage entry = _entry(index);
        uint256 leaves = FileTreeLib.paddedLeafCount(entry.byteLength);
        uint8 nodeCount = 0;
        for (uint256 rest = leaves; rest > 0; rest &= rest - 1) ++nodeCount;
        return
            SubmissionInfo({
                root: entry.root,
                byteLength: entry.byteLength,
                leaves: leaves.toUint64(),
                startPos: entry.startPos,
                submitter: entry.submitter,
                nodeCount: nodeCount
            });
    }

    /// @inheritdoc IFlow
    function rootOf(uint256 index) external view returns (bytes32) {
        return _entry(index).root;
    }

    function _submit(
        Submission calldata submission_,
        uint256 availableWei
    ) private returns (uint256 index, bytes32 digest, uint256 startIndex, uint256 length, uint256 feeWei) {
        if (submission_.submitter != msg.sender) revert FlowSubmitterMismatch(submission_.submitter, msg.sender);
        SubmissionData calldata data = submission_.data;
        length = _checkShape(data);
        uint256 price = _market.pricePerSector();
        feeWei = price * length;
        if (availableWei < feeWei) revert NotEnoughFee(price, length, availableWei);

        index = _entries.length;
        startIndex = _place(data.nodes[0].height, length);
        currentLength = startIndex + length;
        bytes32[] memory roots = new bytes32[](data.nodes.length);
        for (uint256 i = 0; i < roots.length; ++i) roots[i] = data.nodes[i].root;
        digest = keccak256(abi.encodePacked(roots));
        _entries.push(
            Entry({
                root: FileTreeLib.rootFromNodes(roots),
                submitter: msg.sender,
                startPos: startIndex.toUint48(),
                byteLength: data.length.toUint48()
            })
        );
        emit Submit(msg.sender, digest, index, startIndex, length, data);
        _market.openDefaultDeal{ value: feeWei }(index, msg.sender, data.nodes);
    }

    /// @dev Sends back what was paid too much; state is final by now.
    function _refund(uint256 amountWei) private {
        if (amountWei > 0) Address.sendValue(payable(msg.sender), amountWei);
    }

    /// @dev First leaf for a file: aligned to its largest node, and to a segment if it would cross one otherwise. The
    /// smaller nodes then follow without gaps.
    function _place(uint256 height, uint256 length) private view returns (uint256 start) {
        start = _alignUp(currentLength, 1 << height);
        bool crosses = start / SEGMENT_LEAVES != (start + length - 1) / SEGMENT_LEAVES;
        if (start % SEGMENT_LEAVES != 0 && crosses) start = _alignUp(start, SEGMENT_LEAVES);
    }

    function _entry(uint256 index) private view returns (Entry storage) {
        if (index >= _entries.length) revert FlowUnknownSubmission(index, _entries.length);
        return _entries[index];
    }

    /// @dev Leaves of the nodes, once they are the nodes of a padded file of `data.length` bytes.
    function _checkShape(SubmissionData calldata data) private pure returns (uint256 leaves) {
        SubmissionNode[] calldata nodes = data.nodes;
        if (nodes.length == 0 || nodes.length > MAX_NODES) revert FlowNodeCount(nodes.length, MAX_NODES);
        if (data.tags.length > MAX_TAG_BYTES) revert FlowTagsLength(data.tags.length, MAX_TAG_BYTES);
        uint256 first = nodes[0].height;
        if (first > MAX_NODE_HEIGHT) revert FlowNodeHeight(first, MAX_NODE_HEIGHT);
        uint256 previous = first + 1;
        for (uint256 i = 0; i < nodes.length; ++i) {
            uint256 height = nodes[i].height;
            if (height >= previous) revert FlowNodeOrder(i, height, previous);
            leaves += 1 << height;
            previous = height;
        }
        if (first - previous >= MAX_NODES) revert FlowNodeSpread(first, previous);

        uint256 shorter = leaves - 1;
        if (leaves >= 16) shorter = nodes.length == 1 ? leaves - (leaves >> 4) : leaves - (1 << (first - 3));
        uint256 min = shorter * FileTreeLib.LEAF_BYTES + 1;
        uint256 max = leaves * FileTreeLib.LEAF_BYTES;
        if (data.length < min || data.length > max) revert FlowLength(data.length, min, max);
    }

    function _alignUp(uint256 value, uint256 unit) private pure returns (uint256) {
        return (value + unit - 1) & ~(unit - 1);
    }
}
