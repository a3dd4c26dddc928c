// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IFlow } from "../storage/IFlow.sol";

/// @notice A published dataset: five files that storage keeps, and how many samples and accounts they hold.
/// @param root Root list of `roots`
/// @param roots File roots of samples, labels, records, accounts and manifest, in this order
/// @param submissions Index in `Flow` of each of those files
/// @param publisher Who published it; carries no rights
/// @param count Samples, which is also the number of labels and of records
/// @param accountCount Entries of the accounts file, into which records carry indices
/// @param publishedAt Block time of publication
/// @param licenceHash keccak256 of what the manifest gives as `license`
struct Dataset {
    bytes32 root;
    bytes32[5] roots;
    uint64[5] submissions;
    address publisher;
    uint32 count;
    uint32 accountCount;
    uint48 publishedAt;
    bytes32 licenceHash;
}

/// @title Datasets by root
/// @notice Binds five stored files to one id and one root. Record i of the records file is its leaf i: contentSha256 32,
/// labelHash 32, sourceHash 32, licenceHash 32, label signature 65, length 4, contributor 4, labeller 4, zeros to 256.
/// The contract is also the verifying contract of the labels' EIP-712 signatures
/// (domain: name "Glassbox", version "1", the chain's id, this address).
/// @dev Warning: what the files say is not read here. A dataset is only as good as what a verifier finds in it.
interface IDatasetRegistry {
    event DatasetPublished(
        uint256 indexed datasetId,
        bytes32 indexed root,
        address indexed publisher,
        bytes32[5] roots,
        uint64[5] submissions,
        uint32 count,
        uint32 accountCount,
        bytes32 licenceHash
    );

    error DatasetRegistryFlowMissing();
    error DatasetRegistryUnknown(uint256 datasetId);
    error DatasetRegistryEmpty();
    error DatasetRegistryAccountsOutOfRange(uint256 actual, uint256 max);
    /// @param file Position in the five: 0 samples, 1 labels, 2 records, 3 accounts, 4 manifest
    error DatasetRegistryRootMismatch(uint256 file, bytes32 actual, bytes32 expected);
    /// @dev For samples and labels `expectedBytes` is the least that holds one byte a sample.
    error DatasetRegistryLengthMismatch(uint256 file, uint256 actualBytes, uint256 expectedBytes);

    /// @notice Publishes five files that `Flow` knows as a dataset. Anyone may; the same files may be published again.
    /// @param roots File roots of samples, labels, records, accounts, manifest; must be those of `submissions`
    /// @param submissions Where `Flow` placed them
    /// @param count Samples, at least 1; the records file is exactly 256 bytes times this
    /// @param accountCount 1 to `MAX_ACCOUNTS`; the accounts file is exactly 32 bytes times this
    /// @param licenceHash keccak256 of what the manifest gives as `license`, as the labels' signatures carry it
    /// @return datasetId From 1, in order
    function publish(
        bytes32[5] calldata roots,
        uint64[5] calldata submissions,
        uint32 count,
        uint32 accountCount,
        bytes32 licenceHash
    ) external returns (uint256 datasetId);

    /// @notice The dataset; reverts if there is none of this id.
    function dataset(uint256 datasetId) external view returns (Dataset memory);

    /// @notice The dataset's root list; reverts if there is none of this id.
    function rootOf(uint256 datasetId) external view returns (bytes32);

    /// @notice What training reads: file roots of samples and labels, and how many there are; reverts if there is no dataset of this id.
    function trainingData(
        uint256 datasetId
    ) external view returns (bytes32 samplesRoot, bytes32 labelsRoot, uint32 count);

    /// @notice How many datasets were published; ids run from 1 to this.
    function datasetCount() external view returns (uint256);

    /// @notice Most entries of a dataset's accounts file.
    function MAX_ACCOUNTS() external view returns (uint256);

    /// @notice The log that knows the files.
    function flow() external view returns (IFlow);

    /// @notice What a labeller signs for one sample: EIP-712
    /// `Label(bytes32 contentSha256,bytes32 labelHash,bytes32 sourceHash,bytes32 licenceHash)`.
    function labelDigest(
        bytes32 contentSha256,
        bytes32 labelHash,
        bytes32 sourceHash,
        bytes32 licenceHash
    ) external view returns (bytes32);
}
