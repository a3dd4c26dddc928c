// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { AuditEscrow } from "./AuditEscrow.sol";
import { Audit, AuditDeskParams, AuditStatus, ClaimAudits, IAuditDesk } from "../interfaces/compute/IAuditDesk.sol";
import { Accusation } from "../interfaces/compute/IDisputeGame.sol";
import { IGameReader } from "../interfaces/compute/IGameReader.sol";
import { ClaimFacts, Job, JobStatus } from "../interfaces/compute/IJobRegistry.sol";
import { Execution } from "../interfaces/compute/IOneStepVerifier.sol";
import { LeafOpening } from "../libraries/FileTreeLib.sol";
import { Section } from "../libraries/ProgramLib.sol";

/// @title Bonded audits
contract AuditDesk is AuditEscrow {
    using SafeCast for uint256;

    /// @inheritdoc IAuditDesk
    uint256 public auditCount;
    /// @inheritdoc IAuditDesk
    mapping(uint256 jobId => mapping(uint32 claimNumber => mapping(address watcher => uint256))) public auditOf;
    /// @inheritdoc IAuditDesk
    mapping(uint256 jobId => uint256) public spentWei;

    mapping(uint256 auditId => Audit) private _audits;
    mapping(uint256 jobId => mapping(uint32 claimNumber => ClaimAudits)) private _claims;

    constructor(AuditDeskParams memory params) AuditEscrow(params) {}

    /// @inheritdoc IAuditDesk
    function draw(uint256 jobId, uint32 claimNumber) external {
        // A job alone, number 0, has no window.
        ClaimFacts memory facts = jobs.claimFacts(jobId, claimNumber);
        _requireWindow(jobId, claimNumber, facts);
        require(jobs.job(jobId).params.auditFeeWei != 0, AuditDeskNoFee(jobId));
        require(block.timestamp > facts.claimedAt, AuditDeskTooEarly(jobId, claimNumber, facts.claimedAt));
        ClaimAudits storage claim = _claims[jobId][claimNumber];
        require(claim.seed == 0, AuditDeskAlreadyDrawn(jobId, claimNumber));
        bytes32 seed = keccak256(abi.encode(block.prevrandao, jobId, claimNumber));
        claim.seed = seed;
        emit ClaimDrawn(jobId, claimNumber, seed);
    }

    /// @inheritdoc IAuditDesk
    function commit(
        uint256 jobId,
        uint32 claimNumber,
        bytes32 commitment
    ) external nonReentrant returns (uint256 auditId) {
        ClaimFacts memory facts = jobs.claimFacts(jobId, claimNumber);
        _requireWindow(jobId, claimNumber, facts);
        ClaimAudits storage claim = _requireDrawn(jobId, claimNumber);
        _requireWatcher(jobId, facts.claimedAt);
        auditId = auditOf[jobId][claimNumber][msg.sender];
        require(auditId == 0, AuditDeskAlreadyCommitted(auditId));
        require(claim.commitments < auditsPerClaim, AuditDeskFull(jobId, claimNumber, auditsPerClaim));

        auditId = ++auditCount;
        ++claim.commitments;
        ++claim.unresolved;
        auditOf[jobId][claimNumber][msg.sender] = auditId;
        Audit storage audit_ = _audits[auditId];
        audit_.watcher = msg.sender;
        audit_.status = AuditStatus.Committed;
        audit_.jobId = jobId.toUint64();
        audit_.claimNumber = claimNumber;
        audit_.commitment = commitment;
        emit AuditCommitted(auditId, jobId, claimNumber, msg.sender, commitment);
        _collectBond();
    }

    /// @inheritdoc IAuditDesk
    function reveal(
        uint256 auditId,
        bytes32 detailRoot,
        LeafOpening calldata start,
        LeafOpening calldata end,
        LeafOpening calldata last
    ) external {
        Audit storage audit_ = _requireStatus(auditId, AuditStatus.Committed);
        require(msg.sender == audit_.watcher, AuditDeskNotWatcher(auditId, msg.sender, audit_.watcher));
        Job memory job = jobs.job(audit_.jobId);
        uint256 until = _revealsUntil(job, audit_.jobId, audit_.claimNumber);
        require(block.timestamp <= until, AuditDeskRevealOver(auditId, until));
        bytes32 actual = keccak256(abi.encode(msg.sender, detailRoot));
        require(actual == audit_.commitment, AuditDeskCommitmentMismatch(actual, audit_.commitment));

        (Execution memory execution, uint256 steps) = _drawnExecution(audit_, job, start, end);
        uint256 height = jobs.disputeGame().reader().checkDetail(execution, steps, detailRoot, last);
        audit_.status = AuditStatus.Revealed;
        audit_.revealedAt = uint48(block.timestamp);
        audit_.detailRoot = detailRoot;
        audit_.executionHash = keccak256(abi.encode(execution));
        audit_.steps = steps.toUint24();
        audit_.height = height.toUint8();
        emit AuditRevealed(auditId, detailRoot, execution);
    }

    /// @inheritdoc IAuditDesk
    function collect(uint256 auditId) external {
        Audit storage audit_ = _requireStatus(auditId, AuditStatus.Revealed);
        uint256 until = uint256(audit_.revealedAt) + challengeSeconds;
        require(block.timestamp > until, AuditDeskChallengeOpen(auditId, until));
        uint256 games = jobs.disputeGame().openAuditGames(auditId);
        require(games == 0, AuditDeskGamesOpen(auditId, games));

        uint256 payWei = jobs.job(audit_.jobId).params.auditFeeWei / auditsPerClaim;
        _resolve(audit_, AuditStatus.Paid);
        spentWei[audit_.jobId] += payWei;
        _owe(audit_.watcher, bondWei + payWei);
        emit AuditPaid(auditId, audit_.watcher, payWei);
    }

    /// @inheritdoc IAuditDesk
    function release(uint256 auditId) external {
        Audit storage audit_ = _requireStatus(auditId, AuditStatus.Committed);
        Job memory job = jobs.job(audit_.jobId);
        bool isLast = job.claim.number == audit_.claimNumber;
        bool stands = isLast && (job.status == JobStatus.Claimed || job.status == JobStatus.Accepted);
        require(!stands, AuditDeskClaimStands(audit_.jobId, audit_.claimNumber));
        _resolve(audit_, AuditStatus.Released);
        _owe(audit_.watcher, bondWei);
        emit AuditReleased(auditId);
    }

    /// @inheritdoc IAuditDesk
    function expire(uint256 auditId) external {
        Audit storage audit_ = _requireStatus(auditId, AuditStatus.Committed);
        Job memory job = jobs.job(audit_.jobId);
        _requireRevealsOver(job, audit_.jobId, audit_.claimNumber);
        _resolve(audit_, AuditStatus.Expired);
        _forfeitBond(job.opener);
        emit AuditExpired(auditId);
    }

    /// @inheritdoc IAuditDesk
    function sweep(uint256 jobId) external {
        Job memory job = jobs.job(jobId);
        _requireRevealsOver(job, jobId, job.claim.number);
        uint256 unresolved = _claims[jobId][job.claim.number].unresolved;
        require(unresolved == 0, AuditDeskUnresolved(jobId, unresolved));
        uint256 leftWei = job.params.auditFeeWei - spentWei[jobId];
        require(leftWei != 0, AuditDeskNothingLeft(jobId));
        spentWei[jobId] += leftWei;
        _owe(job.opener, leftWei);
        emit FeeSwept(jobId, job.opener, leftWei);
    }

    /// @inheritdoc IAuditDesk
    function refute(uint256 auditId, address winner) external {
        address game = address(jobs.disputeGame());
        require(msg.sender == game, AuditDeskNotGame(msg.sender, game));
        Audit storage audit_ = _requireAudit(auditId);
        if (audit_.status != AuditStatus.Revealed) return;
        _resolve(audit_, AuditStatus.Lost);
        _forfeitBond(winner);
        emit AuditLost(auditId, winner);
    }

    /// @inheritdoc IAuditDesk
    function audit(uint256 auditId) external view returns (Audit memory) {
        return _requireAudit(auditId);
    }

    /// @inheritdoc IAuditDesk
    function challengeable(uint256 auditId) external view returns (Audit memory) {
        Audit storage audit_ = _requireStatus(auditId, AuditStatus.Revealed);
        uint256 until = uint256(audit_.revealedAt) + challengeSeconds;
        require(block.timestamp <= until, AuditDeskChallengeOver(auditId, until));
        return audit_;
    }

    /// @inheritdoc IAuditDesk
    function claimAudits(uint256 jobId, uint32 claimNumber) external view returns (ClaimAudits memory) {
        return _claims[jobId][claimNumber];
    }

    /// @inheritdoc IAuditDesk
    function drawnPart(uint256 jobId, uint32 claimNumber, address watcher) external view returns (uint256) {
        ClaimFacts memory facts = jobs.claimFacts(jobId, 0);
        return _drawnPart(_requireDrawn(jobId, claimNumber).seed, watcher, facts);
    }

    function _resolve(Audit storage audit_, AuditStatus status) private {
        audit_.status = status;
        --_claims[audit_.jobId][audit_.claimNumber].unresolved;
    }

    function _requireAudit(uint256 auditId) private view returns (Audit storage audit_) {
        audit_ = _audits[auditId];
        require(audit_.status != AuditStatus.None, AuditDeskUnknown(auditId));
    }

    function _requireStatus(uint256 auditId, AuditStatus expected) private view returns (Audit storage audit_) {
        audit_ = _requireAudit(auditId);
        require(audit_.status == expected, AuditDeskWrongStatus(auditId, audit_.status, expected));
    }

    function _requireDrawn(uint256 jobId, uint32 claimNumber) private view returns (ClaimAudits storage claim) {
        claim = _claims[jobId][claimNumber];
        require(claim.seed != 0, AuditDeskNotDrawn(jobId, claimNumber));
    }

    /// @dev Who can be drawn is fixed before the seed is.
    function _requireWatcher(uint256 jobId, uint48 claimedAt) private view {
        bool isMember = jobs.services().isMemberAt(jobs.serviceId(), msg.sender, claimedAt);
        require(isMember, AuditDeskNotMember(msg.sender, claimedAt));
        bool isFree = jobs.coverageOf(jobId, msg.sender).joinedAt == 0;
        require(isFree, AuditDeskJoinedJob(jobId, msg.sender));
    }

    function _requireWindow(uint256 jobId, uint32 claimNumber, ClaimFacts memory facts) private view {
        uint256 until = facts.windowEndsAt;
        require(block.timestamp <= until, AuditDeskWindowClosed(jobId, claimNumber, until));
    }

    function _requireRevealsOver(Job memory job, uint256 jobId, uint32 claimNumber) private view {
        uint256 until = _revealsUntil(job, jobId, claimNumber);
        require(block.timestamp > until, AuditDeskRevealOpen(jobId, until));
    }

    /// @dev Of the claim that was accepted: its model version was published in that moment.
    function _revealsUntil(Job memory job, uint256 jobId, uint32 claimNumber) private view returns (uint256) {
        bool isAccepted = job.status == JobStatus.Accepted && job.claim.number == claimNumber;
        require(isAccepted, AuditDeskNotAccepted(jobId, claimNumber));
        return uint256(jobs.models().version(job.versionId).publishedAt) + revealSeconds;
    }

    function _drawnExecution(
        Audit storage audit_,
        Job memory job,
        LeafOpening calldata start,
        LeafOpening calldata end
    ) private view returns (Execution memory, uint256 steps) {
        uint256 jobId = audit_.jobId;
        ClaimFacts memory facts = jobs.claimFacts(jobId, 0);
        facts.traceRoot = job.claim.outputs.traceRoot;
        uint256 index = _drawnPart(_claims[jobId][audit_.claimNumber].seed, audit_.watcher, facts);
        Accusation memory accusation;
        accusation.section = Section.Step;
        accusation.round = uint32(index / facts.parts);
        accusation.part = uint32(index % facts.parts);
        accusation.start = start;
        accusation.end = end;
        IGameReader reader = jobs.disputeGame().reader();
        return reader.executionOf(jobs, jobId, facts, accusation);
    }

    function _drawnPart(bytes32 seed, address watcher, ClaimFacts memory facts) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, watcher))) % (uint256(facts.rounds) * facts.parts);
    }
}
