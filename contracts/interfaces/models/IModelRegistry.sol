// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC721 } from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @notice What an accepted job hands over for a new version of a model.
/// @param modelId The model's token.
/// @param jobId The job in the job registry.
/// @param weightsRoot File root of the final weights.
/// @param weightsSubmission Index of the weights in `Flow`.
/// @param programRoot File root of the program that trained the model.
/// @param datasetId The dataset in the dataset registry.
/// @param traceRoot File root of the training trace.
/// @param allocationRoot Root of the i64 tensor with the shares of each account.
/// @param accountsRoot File root of the accounts, 32 bytes each.
/// @param accountCount Number of accounts, and of elements of the allocation.
/// @param shareSupply Number of shares (base units); what the allocation sums to.
struct PublishParams {
    uint256 modelId;
    uint256 jobId;
    bytes32 weightsRoot;
    uint64 weightsSubmission;
    bytes32 programRoot;
    uint256 datasetId;
    bytes32 traceRoot;
    bytes32 allocationRoot;
    bytes32 accountsRoot;
    uint32 accountCount;
    uint64 shareSupply;
}

/// @notice A version of a model; never changes once published. Fields as in `PublishParams`, and:
/// @param parentVersionId The previous version of the same model, or 0.
/// @param shares The ERC-20 of this version.
/// @param publishedAt Block time of the publication in seconds.
struct ModelVersion {
    uint256 modelId;
    uint256 jobId;
    bytes32 weightsRoot;
    bytes32 programRoot;
    uint256 datasetId;
    bytes32 traceRoot;
    bytes32 allocationRoot;
    bytes32 accountsRoot;
    uint256 parentVersionId;
    address shares;
    uint64 weightsSubmission;
    uint32 accountCount;
    uint64 shareSupply;
    uint48 publishedAt;
}

/// @title Models and their versions
/// @notice One ERC-721 token per model. Versions are append-only, numbered from 1 over all models, and come only from
/// the job registry, which publishes one when a job of the model's holder is accepted. Each version has its own shares.
/// @dev Warning: the token carries the right to open jobs and to register proving keys for the model. It carries no
/// revenue: that belongs to the shares of the versions.
interface IModelRegistry is IERC721 {
    /// @notice A model was created and its token minted to `creator`.
    event ModelCreated(uint256 indexed modelId, address indexed creator, string name);

    /// @notice A version was published with its shares.
    event VersionPublished(
        uint256 indexed versionId,
        uint256 indexed modelId,
        uint256 indexed jobId,
        address shares,
        bytes32 weightsRoot
    );

    /// @notice A model's name is 1 to `maximum` bytes.
    error ModelRegistryBadName(uint256 length, uint256 maximum);

    /// @notice Only the job registry publishes versions.
    error ModelRegistryNotJobs(address caller, address jobs);

    /// @notice No version has this number.
    error ModelRegistryUnknownVersion(uint256 versionId, uint256 versionCount);

    /// @notice The supply of shares is 1 to `maximum` (the largest i64, as the allocation is an i64 tensor).
    error ModelRegistryBadSupply(uint64 shareSupply, uint64 maximum);

    /// @notice A version needs at least one account to own it.
    error ModelRegistryNoAccounts(uint256 jobId);

    /// @notice Creates a model owned by the caller.
    /// @param name 1 to 64 bytes; need not be unique.
    /// @return modelId The token, counted from 1.
    function createModel(string calldata name) external returns (uint256 modelId);

    /// @notice Publishes a version and creates its shares, all of them in escrow until claimed. Job registry only.
    /// @return versionId The version, counted from 1 over all models.
    function publishVersion(PublishParams calldata params) external returns (uint256 versionId);

    /// @notice The version with this number; reverts if there is none.
    function version(uint256 versionId) external view returns (ModelVersion memory);

    /// @notice The shares of a version; reverts if there is none.
    function sharesOf(uint256 versionId) external view returns (address);

    /// @notice The newest version of a model, or 0. Earlier ones follow by `parentVersionId`.
    function latestVersion(uint256 modelId) external view returns (uint256 versionId);

    /// @notice The number of versions of all models.
    function versionCount() external view returns (uint256);

    /// @notice The number of models.
    function modelCount() external view returns (uint256);

    /// @notice The name of a model; reverts if there is none.
    function modelName(uint256 modelId) external view returns (string memory);

    /// @notice The token in which revenue is paid.
    function token() external view returns (IERC20);

    /// @notice The job registry, the only publisher of versions.
    function jobs() external view returns (address);

    /// @notice The contract that every version's shares are a clone of.
    function sharesImplementation() external view returns (address);
}
