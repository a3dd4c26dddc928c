// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import { Dataset, IDatasetRegistry } from "../interfaces/models/IDatasetRegistry.sol";
import { IFlow } from "../interfaces/storage/IFlow.sol";
import { FileTreeLib } from "../libraries/FileTreeLib.sol";

/// @title Datasets by root
contract DatasetRegistry is IDatasetRegistry, EIP712 {
    /// @inheritdoc IDatasetRegistry
    uint256 public constant MAX_ACCOUNTS = 1 << 24;

    uint256 private constant FILES = 5;
    uint256 private constant ACCOUNT_BYTES = 32;
    bytes32 private constant LABEL_TYPEHASH = keccak256(
        "Label(bytes32 contentSha256,bytes32 labelHash,bytes32 sourceHash,bytes32 licenceHash)"
    );

    /// @inheritdoc IDatasetRegistry
    IFlow public immutable flow;

    /// @inheritdoc IDatasetRegistry
    uint256 public datasetCount;

    mapping(uint256 datasetId => Dataset) private _datasets;

    constructor(IFlow flow_) EIP712("Glassbox", "1") {
        require(address(flow_).code.length != 0, DatasetRegistryFlowMissing());
        flow = flow_;
    }

    /// @inheritdoc IDatasetRegistry
    function publish(
        bytes32[5] calldata roots,
        uint64[5] calldata submissions,
        uint32 count,
        uint32 accountCount,
        bytes32 licenceHash
    ) external returns (uint256 datasetId) {
        require(count != 0, DatasetRegistryEmpty());
        require(
            accountCount != 0 && accountCount <= MAX_ACCOUNTS,
            DatasetRegistryAccountsOutOfRange(accountCount, MAX_ACCOUNTS)
        );
        for (uint256 i = 0; i < FILES; ++i) {
            bytes32 expected = flow.rootOf(submissions[i]);
            require(roots[i] == expected, DatasetRegistryRootMismatch(i, roots[i], expected));
        }
        _requireAtLeast(0, submissions[0], count);
        _requireAtLeast(1, submissions[1], count);
        _requireExactly(2, submissions[2], count * FileTreeLib.LEAF_BYTES);
        _requireExactly(3, submissions[3], accountCount * ACCOUNT_BYTES);

        bytes32 root = _rootList(roots);
        datasetId = ++datasetCount;
        _datasets[datasetId] = Dataset({
            root: root,
            roots: roots,
            submissions: submissions,
            publisher: msg.sender,
            count: count,
            accountCount: accountCount,
            publishedAt: uint48(block.timestamp),
            licenceHash: licenceHash
        });
        emit DatasetPublished(datasetId, root, msg.sender, roots, submissions, count, accountCount, licenceHash);
    }

    /// @inheritdoc IDatasetRegistry
    function dataset(uint256 datasetId) external view returns (Dataset memory) {
        return _existing(datasetId);
    }

    /// @inheritdoc IDatasetRegistry
    function rootOf(uint256 datasetId) external view returns (bytes32) {
        return _existing(datasetId).root;
    }

    /// @inheritdoc IDatasetRegistry
    function trainingData(
        uint256 datasetId
    ) external view returns (bytes32 samplesRoot, bytes32 labelsRoot, uint32 count) {
        Dataset storage dataset_ = _existing(datasetId);
        return (dataset_.roots[0], dataset_.roots[1], dataset_.count);
    }

    /// @inheritdoc IDatasetRegistry
    function labelDigest(
        bytes32 contentSha256,
        bytes32 labelHash,
        bytes32 sourceHash,
        bytes32 licenceHash
    ) external view returns (bytes32) {
        return
            _hashTypedDataV4(keccak256(abi.encode(LABEL_TYPEHASH, contentSha256, labelHash, sourceHash, licenceHash)));
    }

    function _existing(uint256 datasetId) private view returns (Dataset storage) {
        require(datasetId != 0 && datasetId <= datasetCount, DatasetRegistryUnknown(datasetId));
        return _datasets[datasetId];
    }

    function _requireAtLeast(uint256 file, uint64 submission, uint256 expectedBytes) private view {
        uint256 actualBytes = flow.submission(submission).byteLength;
        require(actualBytes >= expectedBytes, DatasetRegistryLengthMismatch(file, actualBytes, expectedBytes));
    }

    function _requireExactly(uint256 file, uint64 submission, uint256 expectedBytes) private view {
        uint256 actualBytes = flow.submission(submission).byteLength;
        require(actualBytes == expectedBytes, DatasetRegistryLengthMismatch(file, actualBytes, expectedBytes));
    }

    function _rootList(bytes32[5] calldata roots) private pure returns (bytes32) {
        bytes32[] memory list = new bytes32[](FILES);
        for (uint256 i = 0; i < FILES; ++i) list[i] = roots[i];
        return FileTreeLib.rootList(list);
    }
}
