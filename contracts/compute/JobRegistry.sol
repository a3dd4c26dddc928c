// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import { JobEscrow } from "./JobEscrow.sol";
import { JobStore } from "./JobStore.sol";
import { IAuditDesk } from "../interfaces/compute/IAuditDesk.sol";
import { IDisputeGame } from "../interfaces/compute/IDisputeGame.sol";
import {
    IJobRegistry,
    Job,
    JobClaim,
    JobParams,
    JobRegistryParams,
    JobStatus,
    Lease,
    Outputs
} from "../interfaces/compute/IJobRegistry.sol";
import { IModelRegistry, PublishParams } from "../interfaces/models/IModelRegistry.sol";
import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";
import { IServiceRegistry, ServiceParams } from "../interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../interfaces/staking/IStakePool.sol";
import { ModelRegistry } from "../models/ModelRegistry.sol";

/// @title Training jobs
contract JobRegistry is JobEscrow, JobStore {
    IOperatorRegistry public immutable operators;
    IServiceRegistry public immutable services;
    IStakePool public immutable pool;
    /// @inheritdoc IJobRegistry
    IModelRegistry public immutable models;
    /// @inheritdoc IJobRegistry
    IDisputeGame public immutable disputeGame;
    /// @inheritdoc IJobRegistry
    IAuditDesk public immutable auditDesk;
    /// @inheritdoc IJobRegistry
    uint32 public immutable serviceId;
    /// @inheritdoc IJobRegistry
    uint32 public immutable groupId;

    constructor(JobRegistryParams memory params) JobEscrow(params.token) JobStore(params) {
        _requireContract("operators", address(params.operators));
        _requireContract("services", address(params.services));
        _requireContract("pool", address(params.pool));
        _requireContract("auditDesk", address(params.auditDesk));
        operators = params.operators;
        services = params.services;
        pool = params.pool;
        disputeGame = IDisputeGame(params.disputeGame);
        auditDesk = params.auditDesk;
        models = new ModelRegistry(params.token);
        uint32 service = params.services.createService(
            ServiceParams({
                groupId: 0,
                evidenceVerifier: params.disputeGame,
                maxObligationSeconds: params.limits.maxJobSeconds +
                    params.limits.maxClaimWindowSeconds +
                    2 * params.limits.gameSeconds,
                seats: 0,
                obligor: address(this),
                // Lost disputes are exempt from caps: an author answers for each of its claims.
                slashCapWad: 1e18,
                sink: address(0)
            })
        );
        serviceId = service;
        groupId = params.services.service(service).groupId;
        disputeGame.bind(params.limits.gameSeconds);
        auditDesk.bind(params.token);
    }

    /// @inheritdoc IJobRegistry
    function openJob(JobParams calldata params) external nonReentrant returns (uint256 jobId) {
        _requireParams(params);
        address holder = models.ownerOf(params.modelId);
        require(holder == msg.sender, JobRegistryNotModelHolder(params.modelId, msg.sender, holder));
        _requireProgram(params);

        jobId = ++jobCount;
        Job storage job_ = _jobs[jobId];
        job_.params = params;
        job_.opener = msg.sender;
        job_.status = JobStatus.Open;
        emit JobOpened(jobId, params.modelId, msg.sender, params);
        _collect(params.feeWei + params.auditFeeWei);
    }

    /// @inheritdoc IJobRegistry
    function join(uint256 jobId) external nonReentrant {
        Job storage job_ = _requireBeforeDeadline(jobId);
        require(services.isObligable(serviceId, msg.sender), JobRegistryNotMember(serviceId, msg.sender));
        require(_members[jobId][msg.sender].joinedAt == 0, JobRegistryAlreadyJoined(jobId, msg.sender));
        uint256 position = _joined[jobId].length;
        require(position < MAX_JOINED, JobRegistryFull(jobId, MAX_JOINED));

        _joined[jobId].push(msg.sender);
        _members[jobId][msg.sender] = Member(uint48(block.timestamp), true);
        uint256 coverageWei = job_.params.coverageWei;
        emit JobJoined(jobId, msg.sender, position, coverageWei);
        services.settleMagnitude(groupId, msg.sender);
        pool.reserve(serviceId, msg.sender, coverageWei);
    }

    /// @inheritdoc IJobRegistry
    function takeLease(uint256 jobId) external nonReentrant {
        Job storage job_ = _requireBeforeDeadline(jobId);
        require(_members[jobId][msg.sender].isHeld, JobRegistryNotJoined(jobId, msg.sender));
        Lease memory last = job_.lease;
        require(
            last.holder == address(0) || block.timestamp > last.expiresAt,
            JobRegistryLeaseLive(jobId, last.holder, last.expiresAt)
        );

        uint256 bondWei = job_.params.leaseBondWei;
        uint48 expiresAt = uint48(block.timestamp) + job_.params.leaseSeconds;
        job_.lease = Lease(msg.sender, expiresAt);
        if (last.holder != address(0)) emit LeaseForfeited(jobId, last.holder, msg.sender, bondWei);
        emit LeaseTaken(jobId, msg.sender, expiresAt);
        _collect(bondWei);
        if (last.holder != address(0)) _forfeit(bondWei, msg.sender);
    }

    /// @inheritdoc IJobRegistry
    function heartbeat(uint256 jobId) external {
        Job storage job_ = _requireStatus(jobId, JobStatus.Open);
        _requireLease(jobId, job_.lease);
        uint48 expiresAt = uint48(block.timestamp) + job_.params.leaseSeconds;
        job_.lease.expiresAt = expiresAt;
        emit LeaseExtended(jobId, msg.sender, expiresAt);
    }

    /// @inheritdoc IJobRegistry
    function claim(
        uint256 jobId,
        Outputs calldata outputs,
        uint64[6] calldata submissions,
        bytes calldata signature
    ) external nonReentrant {
        Job storage job_ = _requireBeforeDeadline(jobId);
        _requireLease(jobId, job_.lease);
        _requireSigned(_jobClaimDigest(jobId, job_.params, outputs), signature);
        _requireFiles(job_.params, outputs, submissions, _joined[jobId].length);

        uint32 number = job_.claim.number + 1;
        job_.claim = JobClaim(msg.sender, number, uint48(block.timestamp), outputs, submissions);
        job_.status = JobStatus.Claimed;
        emit JobClaimed(jobId, number, msg.sender, outputs, submissions, signature);
        _collect(job_.params.claimBondWei);
    }

    /// @inheritdoc IJobRegistry
    function accept(uint256 jobId) external nonReentrant returns (uint256 versionId) {
        Job storage job_ = _requireStatus(jobId, JobStatus.Claimed);
        uint256 until = uint256(job_.claim.claimedAt) + job_.params.claimWindowSeconds;
        require(block.timestamp > until, JobRegistryWindowOpen(jobId, until));
        uint256 games = disputeGame.openGames(jobId, job_.claim.number);
        require(games == 0, JobRegistryGamesOpen(jobId, games));

        address author = job_.claim.author;
        uint256 feeWei = job_.params.feeWei;
        job_.status = JobStatus.Accepted;
        delete job_.lease;
        _owe(author, feeWei + job_.params.claimBondWei + job_.params.leaseBondWei);
        _owe(address(auditDesk), job_.params.auditFeeWei);
        versionId = models.publishVersion(_publishParams(jobId, job_));
        job_.versionId = versionId;
        emit JobAccepted(jobId, versionId, author, feeWei);
    }

    /// @inheritdoc IJobRegistry
    function refute(uint256 jobId, uint32 claimNumber, address winner) external nonReentrant {
        require(msg.sender == address(disputeGame), JobRegistryNotGame(msg.sender, address(disputeGame)));
        require(winner != address(0), JobRegistryWinnerMissing());
        Job storage job_ = _requireJob(jobId);
        _requireLive(jobId, job_, claimNumber);
        JobClaim storage lost = job_.claim;

        job_.status = JobStatus.Open;
        job_.coverageUntil = uint48(block.timestamp) + _limits.gameSeconds;
        delete job_.lease;
        _owe(lost.author, job_.params.leaseBondWei);
        emit JobRefuted(jobId, claimNumber, lost.author, winner);
        _forfeit(job_.params.claimBondWei, winner);
    }

    /// @inheritdoc IJobRegistry
    function cancel(uint256 jobId) external nonReentrant {
        Job storage job_ = _requireStatus(jobId, JobStatus.Open);
        uint48 deadline = job_.params.deadline;
        require(block.timestamp > deadline, JobRegistryDeadlineAhead(jobId, deadline));

        address opener = job_.opener;
        Lease memory last = job_.lease;
        uint256 refundWei = job_.params.feeWei + job_.params.auditFeeWei;
        uint256 bondWei = job_.params.leaseBondWei;
        job_.status = JobStatus.Cancelled;
        delete job_.lease;
        _owe(opener, refundWei);
        emit JobCancelled(jobId, refundWei);
        if (last.holder == address(0)) return;
        if (last.expiresAt >= deadline) {
            _owe(last.holder, bondWei);
        } else {
            emit LeaseForfeited(jobId, last.holder, opener, bondWei);
            _forfeit(bondWei, opener);
        }
    }

    /// @inheritdoc IJobRegistry
    function releaseCoverage(uint256 jobId, address operator) external nonReentrant {
        Job storage job_ = _requireJob(jobId);
        JobStatus status = job_.status;
        require(status == JobStatus.Accepted || status == JobStatus.Cancelled, JobRegistryNotFinal(jobId, status));
        uint48 until = job_.coverageUntil;
        require(block.timestamp >= until, JobRegistryCoverageHeld(jobId, until));
        require(_members[jobId][operator].isHeld, JobRegistryNotJoined(jobId, operator));
        uint256 games = disputeGame.openPartGames(jobId, operator);
        require(games == 0, JobRegistryGamesOpen(jobId, games));

        _members[jobId][operator].isHeld = false;
        uint256 coverageWei = job_.params.coverageWei;
        emit CoverageReleased(jobId, operator, coverageWei);
        pool.release(serviceId, operator, coverageWei);
    }

    function _publishParams(uint256 jobId, Job storage job_) private view returns (PublishParams memory) {
        Outputs storage outputs = job_.claim.outputs;
        return
            PublishParams({
                modelId: job_.params.modelId,
                jobId: jobId,
                weightsRoot: outputs.weightsRoot,
                weightsSubmission: job_.claim.submissions[0],
                programRoot: job_.params.programRoot,
                datasetId: job_.params.datasetId,
                traceRoot: outputs.traceRoot,
                allocationRoot: outputs.allocationRoot,
                accountsRoot: outputs.accountsRoot,
                accountCount: outputs.accountCount,
                shareSupply: job_.params.shareSupply
            });
    }

    function _requireSigned(bytes32 digest, bytes calldata signature) private view {
        address expected = operators.signerOf(msg.sender);
        (address actual, , ) = ECDSA.tryRecover(digest, signature);
        require(actual != address(0) && actual == expected, JobRegistryWrongSigner(actual, expected));
    }
}
