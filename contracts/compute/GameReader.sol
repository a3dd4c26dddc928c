// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { ClaimFaults } from "./ClaimFaults.sol";
import { DetailChecks } from "./DetailChecks.sol";
import { IGameReader } from "../interfaces/compute/IGameReader.sol";
import { ClaimFile, IDisputeGame } from "../interfaces/compute/IDisputeGame.sol";
import { IJobRegistry, Job } from "../interfaces/compute/IJobRegistry.sol";
import { IProgramRegistry } from "../interfaces/compute/IProgramRegistry.sol";
import { IServiceRegistry } from "../interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../interfaces/staking/ISlasher.sol";
import { SubmissionInfo } from "../interfaces/storage/IFlow.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";

/// @title What a claim says, and what a detail file must be
contract GameReader is ClaimFaults {
    /// @dev Outputs of a claim; the files of its dataset come after them.
    uint256 private constant OUTPUTS = 6;
    uint64 private constant WAD = 1e18;

    constructor(IProgramRegistry programs) DetailChecks(programs) {}

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

    /// @inheritdoc IGameReader
    function slashWad(
        IJobRegistry jobs,
        uint32 serviceId,
        uint256 jobId,
        address operator,
        bytes32 offenceKey,
        uint48 capturedAt
    ) external view returns (uint64 wad) {
        IServiceRegistry services = jobs.services();
        wad = ISlasher(services.slasher()).punishedWad(serviceId, operator, offenceKey);
        if (wad != 0) return wad;
        uint256 exposedWei = Math.mulDiv(
            jobs.pool().slashableOf(operator),
            services.magnitudeBaseAt(jobs.groupId(), operator, capturedAt),
            services.totalMagnitude(operator)
        );
        uint256 coverageWei = jobs.coverageWeiOf(jobId);
        if (coverageWei >= exposedWei) return WAD;
        return uint64(Math.mulDiv(coverageWei, WAD, exposedWei, Math.Rounding.Ceil));
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
