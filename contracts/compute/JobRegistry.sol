// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { ClaimDigests } from "./ClaimDigests.sol";
import { JobEscrow } from "./JobEscrow.sol";
import { Claim } from "../interfaces/compute/IClaimDigests.sol";
import { IDisputeGame } from "../interfaces/compute/IDisputeGame.sol";
import {
    IJobRegistry,
    Job,
    JobClaim,
    JobLimits,
    JobParams,
    JobRegistryParams,
    JobStatus,
    Lease,
    Outputs
} from "../interfaces/compute/IJobRegistry.sol";
import { Dataset, IDatasetRegistry } from "../interfaces/models/IDatasetRegistry.sol";
import { IModelRegistry, PublishParams } from "../interfaces/models/IModelRegistry.sol";
import { IEvidenceVerifier } from "../interfaces/staking/IEvidenceVerifier.sol";
import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";
import { IServiceRegistry, ServiceParams } from "../interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../interfaces/staking/IStakePool.sol";
import { IFlow } from "../interfaces/storage/IFlow.sol";
import { IMarket } from "../interfaces/storage/IMarket.sol";
import { FileTreeLib } from "../libraries/FileTreeLib.sol";
import { ModelRegistry } from "../models/ModelRegistry.sol";

/// @title Training jobs
contract JobRegistry is JobEscrow, ClaimDigests, IEvidenceVerifier {
    /// @inheritdoc IJobRegistry
    uint256 public constant MAX_JOINED = 64;
    /// @notice Rounds a job takes.
    uint256 public constant MAX_ROUNDS = 1 << 20;
    /// @notice Parts a round takes.
    uint256 public constant MAX_PARTS = 1 << 10;

    /// @dev As long as a storage deal can last; beyond, no claim could ever be made.
    uint256 private constant MAX_AVAILABILITY_EPOCHS = 4096;
    uint256 private constant BPS = 10_000;
    uint256 private constant ALLOCATIONS_PER_LEAF = 32;
    uint256 private constant DEVELOPMENT_CHAIN_ID = 31337;

    IOperatorRegistry public immutable operators;
    IServiceRegistry public immutable services;
    IStakePool public immutable pool;
    IDatasetRegistry public immutable datasets;
    IFlow public immutable flow;
    IMarket public immutable market;
    IModelRegistry public immutable models;
    /// @notice 0 on a development chain that has no game.
    IDisputeGame public immutable disputeGame;
    /// @inheritdoc IJobRegistry
    uint32 public immutable serviceId;

    enum Coverage {
        None,
        Reserved,
        Released
    }

    JobLimits private _limits;
    mapping(uint256 jobId => Job) private _jobs;
    mapping(uint256 jobId => address[]) private _joined;
    mapping(uint256 jobId => mapping(address operator => Coverage)) private _coverage;
    /// @inheritdoc IJobRegistry
    uint256 public jobCount;

    constructor(JobRegistryParams memory params) JobEscrow(params.token) {
        require(params.disputeGame != address(0) || block.chainid == DEVELOPMENT_CHAIN_ID, JobRegistryGameMissing());
        _requireContract("operators", address(params.operators));
        _requireContract("services", address(params.services));
        _requireContract("pool", address(params.pool));
        _requireContract("datasets", address(params.datasets));
        _requireContract("flow", address(params.flow));
        _requireLimits(params.limits);
        operators = params.operators;
        services = params.services;
        pool = params.pool;
        datasets = params.datasets;
        flow = params.flow;
        market = IMarket(params.flow.market());
        disputeGame = IDisputeGame(params.disputeGame);
        _limits = params.limits;
        models = new ModelRegistry(params.token);
        serviceId = params.services.createService(
            ServiceParams({
                groupId: 0,
                evidenceVerifier: params.disputeGame == address(0) ? address(this) : params.disputeGame,
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
    }

    /// @inheritdoc IJobRegistry
    function openJob(JobParams calldata params) external nonReentrant returns (uint256 jobId) {
        _requireParams(params);
        address holder = models.ownerOf(params.modelId);
        require(holder == msg.sender, JobRegistryNotModelHolder(params.modelId, msg.sender, holder));
        datasets.rootOf(params.datasetId);
        bytes32 programRoot = flow.rootOf(params.programSubmission);
        require(params.programRoot == programRoot, JobRegistryProgramMismatch(params.programRoot, programRoot));

        jobId = ++jobCount;
        Job storage job_ = _jobs[jobId];
        job_.params = params;
        job_.opener = msg.sender;
        job_.status = JobStatus.Open;
        emit JobOpened(jobId, params.modelId, msg.sender, params);
        _collect(params.feeWei);
    }

    /// @inheritdoc IJobRegistry
    function join(uint256 jobId) external nonReentrant {
        Job storage job_ = _requireBeforeDeadline(jobId);
        require(services.isObligable(serviceId, msg.sender), JobRegistryNotMember(serviceId, msg.sender));
        require(_coverage[jobId][msg.sender] == Coverage.None, JobRegistryAlreadyJoined(jobId, msg.sender));
        uint256 position = _joined[jobId].length;
        require(position < MAX_JOINED, JobRegistryFull(jobId, MAX_JOINED));

        _joined[jobId].push(msg.sender);
        _coverage[jobId][msg.sender] = Coverage.Reserved;
        uint256 coverageWei = job_.params.coverageWei;
        emit JobJoined(jobId, msg.sender, position, coverageWei);
        pool.reserve(serviceId, msg.sender, coverageWei);
    }

    /// @inheritdoc IJobRegistry
    function takeLease(uint256 jobId) external nonReentrant {
        Job storage job_ = _requireBeforeDeadline(jobId);
        require(_coverage[jobId][msg.sender] == Coverage.Reserved, JobRegistryNotJoined(jobId, msg.sender));
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
        _requireSigned(_jobClaimDigest(jobId, job_, outputs), signature);
        Dataset memory dataset = datasets.dataset(job_.params.datasetId);
        _requireOutputs(outputs, submissions, dataset.accountCount, _joined[jobId].length);
        _requireAvailable(submissions, dataset.submissions, job_.params.programSubmission);

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
        if (address(disputeGame) != address(0)) {
            uint256 games = disputeGame.openGames(jobId, job_.claim.number);
            require(games == 0, JobRegistryGamesOpen(jobId, games));
        }

        address author = job_.claim.author;
        uint256 feeWei = job_.params.feeWei;
        job_.status = JobStatus.Accepted;
        delete job_.lease;
        _owe(author, feeWei + job_.params.claimBondWei + job_.params.leaseBondWei);
        versionId = models.publishVersion(_publishParams(jobId, job_));
        job_.versionId = versionId;
        emit JobAccepted(jobId, versionId, author, feeWei);
    }

    /// @inheritdoc IJobRegistry
    function refute(uint256 jobId, uint32 claimNumber, address winner) external nonReentrant {
        require(msg.sender == address(disputeGame), JobRegistryNotGame(msg.sender, address(disputeGame)));
        require(winner != address(0), JobRegistryWinnerMissing());
        Job storage job_ = _requireStatus(jobId, JobStatus.Claimed);
        JobClaim storage lost = job_.claim;
        require(claimNumber == lost.number, JobRegistryWrongClaim(jobId, claimNumber, lost.number));

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
        uint256 feeWei = job_.params.feeWei;
        uint256 bondWei = job_.params.leaseBondWei;
        job_.status = JobStatus.Cancelled;
        delete job_.lease;
        _owe(opener, feeWei);
        emit JobCancelled(jobId, feeWei);
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
        require(_coverage[jobId][operator] == Coverage.Reserved, JobRegistryNotJoined(jobId, operator));

        _coverage[jobId][operator] = Coverage.Released;
        uint256 coverageWei = job_.params.coverageWei;
        emit CoverageReleased(jobId, operator, coverageWei);
        pool.release(serviceId, operator, coverageWei);
    }

    /// @notice Without a dispute game there is no evidence against anybody.
    /// @inheritdoc IEvidenceVerifier
    function verify(uint32, bytes calldata) external pure returns (address, bytes32, uint48, uint64, address) {
        revert JobRegistryNoEvidence();
    }

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
        return _coverage[jobId][operator] == Coverage.Reserved;
    }

    /// @inheritdoc IJobRegistry
    function jobClaimDigest(uint256 jobId, Outputs calldata outputs) external view returns (bytes32) {
        return _jobClaimDigest(jobId, _requireJob(jobId), outputs);
    }

    /// @inheritdoc IJobRegistry
    function limits() external view returns (JobLimits memory) {
        return _limits;
    }

    function _jobClaimDigest(uint256 jobId, Job storage job_, Outputs calldata outputs) private view returns (bytes32) {
        bytes32[] memory inputs = new bytes32[](2);
        inputs[0] = datasets.rootOf(job_.params.datasetId);
        inputs[1] = job_.params.seed;
        bytes32[] memory results = new bytes32[](5);
        results[0] = outputs.weightsRoot;
        results[1] = outputs.allocationRoot;
        results[2] = outputs.creditsRoot;
        results[3] = outputs.accountsRoot;
        results[4] = outputs.roundsRoot;
        return
            claimDigest(
                Claim({
                    kind: 0,
                    job: jobId,
                    index: 0,
                    program: job_.params.programRoot,
                    inputsRoot: FileTreeLib.rootList(inputs),
                    outputsRoot: FileTreeLib.rootList(results),
                    traceRoot: outputs.traceRoot
                })
            );
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

    function _requireJob(uint256 jobId) private view returns (Job storage job_) {
        job_ = _jobs[jobId];
        require(job_.status != JobStatus.None, JobRegistryUnknown(jobId));
    }

    function _requireStatus(uint256 jobId, JobStatus expected) private view returns (Job storage job_) {
        job_ = _requireJob(jobId);
        require(job_.status == expected, JobRegistryWrongStatus(jobId, job_.status, expected));
    }

    function _requireBeforeDeadline(uint256 jobId) private view returns (Job storage job_) {
        job_ = _requireStatus(jobId, JobStatus.Open);
        require(block.timestamp <= job_.params.deadline, JobRegistryDeadlinePassed(jobId, job_.params.deadline));
    }

    function _requireLease(uint256 jobId, Lease memory lease) private view {
        require(msg.sender == lease.holder, JobRegistryNotLeaseHolder(jobId, msg.sender, lease.holder));
        require(block.timestamp <= lease.expiresAt, JobRegistryLeaseExpired(jobId, lease.expiresAt));
    }

    function _requireSigned(bytes32 digest, bytes calldata signature) private view {
        address expected = operators.signerOf(msg.sender);
        (address actual, , ) = ECDSA.tryRecover(digest, signature);
        require(actual != address(0) && actual == expected, JobRegistryWrongSigner(actual, expected));
    }

    function _requireOutputs(
        Outputs calldata outputs,
        uint64[6] calldata submissions,
        uint256 datasetAccounts,
        uint256 joinedCount
    ) private view {
        uint256 least = datasetAccounts + 1;
        uint256 count = outputs.accountCount;
        require(
            count >= least && count <= least + joinedCount,
            JobRegistryAccountCount(count, least, least + joinedCount)
        );
        _requireRoot(0, outputs.weightsRoot, submissions[0]);
        _requireRoot(1, outputs.allocationRoot, submissions[1]);
        _requireRoot(2, outputs.traceRoot, submissions[2]);
        _requireRoot(3, outputs.creditsRoot, submissions[3]);
        _requireRoot(4, outputs.accountsRoot, submissions[4]);
        _requireRoot(5, outputs.roundsRoot, submissions[5]);
        uint256 leaves = flow.submission(submissions[1]).leaves;
        uint256 tensorLeaves = FileTreeLib.nextPowerOfTwo(Math.ceilDiv(count, ALLOCATIONS_PER_LEAF));
        require(leaves == tensorLeaves, JobRegistryOutputLength(1, leaves, tensorLeaves));
        uint256 byteLength = flow.submission(submissions[4]).byteLength;
        require(byteLength == count * 32, JobRegistryOutputLength(4, byteLength, count * 32));
    }

    function _requireRoot(uint256 output, bytes32 actual, uint64 submission) private view {
        bytes32 expected = flow.rootOf(submission);
        require(actual == expected, JobRegistryOutputMismatch(output, actual, expected));
    }

    function _requireAvailable(uint64[6] calldata outputs, uint64[5] memory dataset, uint64 program) private view {
        uint32 untilEpoch = market.currentEpoch() + _limits.availabilityEpochs;
        for (uint256 i = 0; i < outputs.length; ++i) _requireFilled(outputs[i], untilEpoch);
        for (uint256 i = 0; i < dataset.length; ++i) _requireFilled(dataset[i], untilEpoch);
        _requireFilled(program, untilEpoch);
    }

    function _requireFilled(uint64 submission, uint32 untilEpoch) private view {
        require(market.isFilled(submission, untilEpoch), JobRegistryNotAvailable(submission, untilEpoch));
    }

    function _requireParams(JobParams calldata params) private view {
        JobLimits memory bounds = _limits;
        uint256 sum;
        for (uint256 i = 0; i < params.poolsBps.length; ++i) sum += params.poolsBps[i];
        require(sum == BPS, JobRegistryPoolsSum(sum, BPS));
        _requireRange("rounds", params.rounds, 1, MAX_ROUNDS);
        _requireRange("parts", params.parts, 1, MAX_PARTS);
        _requireRange("shareSupply", params.shareSupply, 1, uint64(type(int64).max));
        _requireRange("feeWei", params.feeWei, 0, type(uint128).max);
        _requireRange("claimBondWei", params.claimBondWei, bounds.minClaimBondWei, type(uint128).max);
        _requireRange("leaseBondWei", params.leaseBondWei, bounds.minLeaseBondWei, type(uint128).max);
        _requireRange("coverageWei", params.coverageWei, bounds.minCoverageWei, type(uint128).max);
        _requireRange("deadline", params.deadline, block.timestamp + 1, block.timestamp + bounds.maxJobSeconds);
        _requireRange(
            "claimWindowSeconds",
            params.claimWindowSeconds,
            bounds.minClaimWindowSeconds,
            bounds.maxClaimWindowSeconds
        );
        _requireRange("leaseSeconds", params.leaseSeconds, bounds.minLeaseSeconds, bounds.maxJobSeconds);
    }

    function _requireContract(bytes32 name, address account) private view {
        require(account.code.length != 0, JobRegistryContractMissing(name));
    }

    /// @dev A bond of at least 2 leaves something to burn and something to give.
    function _requireLimits(JobLimits memory bounds) private pure {
        _requireRange("minClaimBondWei", bounds.minClaimBondWei, 2, type(uint128).max);
        _requireRange("minLeaseBondWei", bounds.minLeaseBondWei, 2, type(uint128).max);
        _requireRange("minCoverageWei", bounds.minCoverageWei, 1, type(uint128).max);
        _requireRange("maxJobSeconds", bounds.maxJobSeconds, 1, type(uint32).max);
        _requireRange("maxClaimWindowSeconds", bounds.maxClaimWindowSeconds, 1, type(uint32).max);
        _requireRange("minClaimWindowSeconds", bounds.minClaimWindowSeconds, 1, bounds.maxClaimWindowSeconds);
        _requireRange("gameSeconds", bounds.gameSeconds, 1, type(uint32).max);
        _requireRange("minLeaseSeconds", bounds.minLeaseSeconds, 1, bounds.maxJobSeconds);
        _requireRange("availabilityEpochs", bounds.availabilityEpochs, 1, MAX_AVAILABILITY_EPOCHS);
    }

    function _requireRange(bytes32 name, uint256 actual, uint256 min, uint256 max) private pure {
        require(actual >= min && actual <= max, JobRegistryParameterOutOfRange(name, actual, min, max));
    }
}
