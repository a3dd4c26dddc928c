// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ClaimFiles } from "./ClaimFiles.sol";
import {
    ClaimFacts,
    Coverage,
    IJobRegistry,
    Job,
    JobParams,
    JobRegistryParams,
    JobStatus,
    Lease,
    Outputs
} from "../interfaces/compute/IJobRegistry.sol";

/// @title The jobs, and where each stands
abstract contract JobStore is ClaimFiles {
    struct Member {
        uint48 joinedAt;
        bool isHeld;
    }

    mapping(uint256 jobId => Job) internal _jobs;
    mapping(uint256 jobId => address[]) internal _joined;
    mapping(uint256 jobId => mapping(address operator => Member)) internal _members;
    /// @inheritdoc IJobRegistry
    uint256 public jobCount;

    constructor(JobRegistryParams memory params) ClaimFiles(params) {}

    /// @inheritdoc IJobRegistry
    function job(uint256 jobId) external view returns (Job memory) {
        return _requireJob(jobId);
    }

    /// @inheritdoc IJobRegistry
    function joined(uint256 jobId) external view returns (address[] memory) {
        return _joined[jobId];
    }

    /// @inheritdoc IJobRegistry
    function isCovering(uint256 jobId, address operator) external view returns (bool) {
        return _members[jobId][operator].isHeld;
    }

    /// @inheritdoc IJobRegistry
    function coverageOf(uint256 jobId, address operator) external view returns (Coverage memory) {
        Member memory member = _members[jobId][operator];
        return Coverage(_requireJob(jobId).params.coverageWei, member.joinedAt, member.isHeld);
    }

    /// @inheritdoc IJobRegistry
    function coverageWeiOf(uint256 jobId) external view returns (uint256) {
        return _jobs[jobId].params.coverageWei;
    }

    /// @inheritdoc IJobRegistry
    function claimFacts(uint256 jobId, uint32 claimNumber) external view returns (ClaimFacts memory facts) {
        Job storage job_ = _requireJob(jobId);
        JobParams storage params = job_.params;
        if (claimNumber != 0) {
            _requireLive(jobId, job_, claimNumber);
            facts.author = job_.claim.author;
            facts.claimedAt = job_.claim.claimedAt;
            facts.windowEndsAt = facts.claimedAt + params.claimWindowSeconds;
            facts.traceRoot = job_.claim.outputs.traceRoot;
        }
        facts.programRoot = params.programRoot;
        facts.seed = params.seed;
        facts.datasetId = params.datasetId;
        (facts.rounds, facts.parts) = (params.rounds, params.parts);
        (facts.samplesRoot, facts.labelsRoot, facts.samples) = datasets.trainingData(facts.datasetId);
    }

    /// @inheritdoc IJobRegistry
    function isClaimLive(uint256 jobId, uint32 claimNumber) external view returns (bool) {
        Job storage job_ = _jobs[jobId];
        return job_.status == JobStatus.Claimed && job_.claim.number == claimNumber;
    }

    /// @inheritdoc IJobRegistry
    function jobClaimDigest(uint256 jobId, Outputs calldata outputs) external view returns (bytes32) {
        return _jobClaimDigest(jobId, _requireJob(jobId).params, outputs);
    }

    function _requireJob(uint256 jobId) internal view returns (Job storage job_) {
        job_ = _jobs[jobId];
        require(job_.status != JobStatus.None, JobRegistryUnknown(jobId));
    }

    function _requireStatus(uint256 jobId, JobStatus expected) internal view returns (Job storage job_) {
        job_ = _requireJob(jobId);
        require(job_.status == expected, JobRegistryWrongStatus(jobId, job_.status, expected));
    }

    function _requireLive(uint256 jobId, Job storage job_, uint32 claimNumber) internal view {
        JobStatus status = job_.status;
        require(status == JobStatus.Claimed, JobRegistryWrongStatus(jobId, status, JobStatus.Claimed));
        uint32 number = job_.claim.number;
        require(claimNumber == number, JobRegistryWrongClaim(jobId, claimNumber, number));
    }

    function _requireBeforeDeadline(uint256 jobId) internal view returns (Job storage job_) {
        job_ = _requireStatus(jobId, JobStatus.Open);
        require(block.timestamp <= job_.params.deadline, JobRegistryDeadlinePassed(jobId, job_.params.deadline));
    }

    function _requireLease(uint256 jobId, Lease memory lease) internal view {
        require(msg.sender == lease.holder, JobRegistryNotLeaseHolder(jobId, msg.sender, lease.holder));
        require(block.timestamp <= lease.expiresAt, JobRegistryLeaseExpired(jobId, lease.expiresAt));
    }
}
