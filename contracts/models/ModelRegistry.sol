// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ERC721 } from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { IModelRegistry, ModelVersion, PublishParams } from "../interfaces/models/IModelRegistry.sol";
import { IModelShares, SharesTerms } from "../interfaces/models/IModelShares.sol";
import { ModelShares } from "./ModelShares.sol";

/// @title ModelRegistry
/// @dev Created by the job registry in its constructor, so the two know each other without a setter.
contract ModelRegistry is IModelRegistry, ERC721 {
    uint256 private constant MAX_NAME_BYTES = 64;

    /// @inheritdoc IModelRegistry
    IERC20 public immutable token;

    /// @inheritdoc IModelRegistry
    address public immutable jobs;

    /// @inheritdoc IModelRegistry
    address public immutable sharesImplementation;

    /// @inheritdoc IModelRegistry
    uint256 public modelCount;

    /// @inheritdoc IModelRegistry
    uint256 public versionCount;

    mapping(uint256 modelId => string) private _names;
    mapping(uint256 modelId => uint256 versionId) private _latest;
    mapping(uint256 versionId => ModelVersion) private _versions;

    constructor(IERC20 token_) ERC721("Glassbox model", "GBMODEL") {
        token = token_;
        jobs = msg.sender;
        sharesImplementation = address(new ModelShares(token_));
    }

    /// @inheritdoc IModelRegistry
    function createModel(string calldata name) external returns (uint256 modelId) {
        uint256 length = bytes(name).length;
        if (length == 0 || length > MAX_NAME_BYTES) revert ModelRegistryBadName(length, MAX_NAME_BYTES);
        modelId = ++modelCount;
        _names[modelId] = name;
        _mint(msg.sender, modelId);
        emit ModelCreated(modelId, msg.sender, name);
    }

    /// @inheritdoc IModelRegistry
    function publishVersion(PublishParams calldata params) external returns (uint256 versionId) {
        if (msg.sender != jobs) revert ModelRegistryNotJobs(msg.sender, jobs);
        _requireOwned(params.modelId);
        uint64 maxSupply = uint64(type(int64).max);
        if (params.shareSupply == 0 || params.shareSupply > maxSupply) {
            revert ModelRegistryBadSupply(params.shareSupply, maxSupply);
        }
        if (params.accountCount == 0) revert ModelRegistryNoAccounts(params.jobId);

        versionId = ++versionCount;
        address shares = Clones.clone(sharesImplementation);
        _versions[versionId] = ModelVersion({
            modelId: params.modelId,
            jobId: params.jobId,
            weightsRoot: params.weightsRoot,
            programRoot: params.programRoot,
            datasetId: params.datasetId,
            traceRoot: params.traceRoot,
            allocationRoot: params.allocationRoot,
            accountsRoot: params.accountsRoot,
            parentVersionId: _latest[params.modelId],
            shares: shares,
            weightsSubmission: params.weightsSubmission,
            accountCount: params.accountCount,
            shareSupply: params.shareSupply,
            publishedAt: uint48(block.timestamp)
        });
        _latest[params.modelId] = versionId;
        emit VersionPublished(versionId, params.modelId, params.jobId, shares, params.weightsRoot);

        IModelShares(shares).initialize(
            SharesTerms({
                versionId: versionId,
                accountsRoot: params.accountsRoot,
                allocationRoot: params.allocationRoot,
                accountCount: params.accountCount,
                supply: params.shareSupply
            })
        );
    }

    /// @inheritdoc IModelRegistry
    function version(uint256 versionId) external view returns (ModelVersion memory) {
        return _existing(versionId);
    }

    /// @inheritdoc IModelRegistry
    function sharesOf(uint256 versionId) external view returns (address) {
        return _existing(versionId).shares;
    }

    /// @inheritdoc IModelRegistry
    function latestVersion(uint256 modelId) external view returns (uint256 versionId) {
        _requireOwned(modelId);
        return _latest[modelId];
    }

    /// @inheritdoc IModelRegistry
    function modelName(uint256 modelId) external view returns (string memory) {
        _requireOwned(modelId);
        return _names[modelId];
    }

    function _existing(uint256 versionId) private view returns (ModelVersion storage) {
        if (versionId == 0 || versionId > versionCount) revert ModelRegistryUnknownVersion(versionId, versionCount);
        return _versions[versionId];
    }
}
