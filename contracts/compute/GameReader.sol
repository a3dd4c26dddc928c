// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ClaimFaults } from "./ClaimFaults.sol";
import { PartExecutions } from "./PartExecutions.sol";
import { IGameReader } from "../interfaces/compute/IGameReader.sol";
import { ClaimFile, IDisputeGame } from "../interfaces/compute/IDisputeGame.sol";
import { IJobRegistry, Job } from "../interfaces/compute/IJobRegistry.sol";
import { IProgramRegistry } from "../interfaces/compute/IProgramRegistry.sol";
import { SubmissionInfo } from "../interfaces/storage/IFlow.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";

/// @title What a claim says, and what a detail file must be
contract GameReader is ClaimFaults {
    /// @dev Outputs of a claim; the files of its dataset come after them.
    uint256 private constant OUTPUTS = 6;

    constructor(IProgramRegistry programs) PartExecutions(programs) {}

    /// @inheritdoc IGameReader
    function checkDemand(
        IJobRegistry jobs,
        uint256 jobId,
        uint32 claimNumber,
        ClaimFile file,
        uint256 leafIndex
    ) external view {
        uint256 leaves = _fileOf(jobs, jobId, claimNumber, file).leaves;
        require(leafIndex < leaves, IDisputeGame.DisputeGameLeafOutOfRange(file, leafIndex, leaves));
    }

    /// @inheritdoc IGameReader
    function checkShown(
        IJobRegistry jobs,
        uint256 jobId,
        uint32 claimNumber,
        ClaimFile file,
        uint256 leafIndex,
        LeafOpening calldata opening
    ) external view {
        SubmissionInfo memory stored = _fileOf(jobs, jobId, claimNumber, file);
        FileTreeLib.checkLeaf(stored.root, opening.leaf, leafIndex, stored.leaves, opening.siblings);
    }

    /// @dev Registries took only files whose roots are those of their submissions.
    function _fileOf(
        IJobRegistry jobs,
        uint256 jobId,
        uint32 claimNumber,
        ClaimFile file
    ) private view returns (SubmissionInfo memory) {
        require(jobs.isClaimLive(jobId, claimNumber), IDisputeGame.DisputeGameClaimFallen(jobId, claimNumber));
        Job memory job = jobs.job(jobId);
        uint256 place = uint256(file);
        uint64 submission =
            place < OUTPUTS
                ? job.claim.submissions[place]
                : jobs.datasets().dataset(job.params.datasetId).submissions[place - OUTPUTS];
        return jobs.flow().submission(submission);
    }
}
