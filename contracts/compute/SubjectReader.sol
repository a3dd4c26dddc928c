// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { PartExecutions } from "./PartExecutions.sol";
import { Audit } from "../interfaces/compute/IAuditDesk.sol";
import { Claim } from "../interfaces/compute/IClaimDigests.sol";
import { GameSubject, IDisputeGame } from "../interfaces/compute/IDisputeGame.sol";
import { ClaimFacts, Coverage, IJobRegistry } from "../interfaces/compute/IJobRegistry.sol";
import { Execution } from "../interfaces/compute/IOneStepVerifier.sol";
import { IProgramRegistry } from "../interfaces/compute/IProgramRegistry.sol";
import { ISubjectReader, Offence, Revealed } from "../interfaces/compute/ISubjectReader.sol";
import { IServiceRegistry } from "../interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../interfaces/staking/ISlasher.sol";
import { ProgramLib, Section } from "../libraries/ProgramLib.sol";

/// @title What operators sign, and what it costs them if it is wrong
contract SubjectReader is PartExecutions, ISubjectReader {
    uint8 private constant ANSWER_KIND = 2;
    uint64 private constant WAD = 1e18;

    /// @inheritdoc ISubjectReader
    uint256 public immutable answerStakeWei;

    constructor(IProgramRegistry programs_, uint256 answerStakeWei_) PartExecutions(programs_) {
        require(
            answerStakeWei_ != 0 && answerStakeWei_ <= type(uint128).max,
            IDisputeGame.DisputeGameParameterOutOfRange("answerStakeWei", answerStakeWei_, 1, type(uint128).max)
        );
        answerStakeWei = answerStakeWei_;
    }

    /// @inheritdoc ISubjectReader
    function signedPart(
        IJobRegistry jobs,
        Claim calldata part,
        bytes calldata signature,
        bytes32 startRoot
    ) external view returns (address author, uint48 joinedAt, Execution memory execution, uint256 steps) {
        ClaimFacts memory facts = jobs.claimFacts(part.job, 0);
        uint256 parts = uint256(facts.rounds) * facts.parts;
        _require("kind", bytes32(uint256(part.kind)), bytes32(uint256(PART_KIND)));
        require(part.index < parts, IDisputeGame.DisputeGameIndexOutOfRange(part.index, parts));
        _require("program", part.program, facts.programRoot);
        _require("inputsRoot", part.inputsRoot, _inputsRoot(startRoot, jobs.datasets().rootOf(facts.datasetId)));
        _require("traceRoot", part.traceRoot, 0);
        (execution, steps) = _partExecution(facts, part.index, startRoot, part.outputsRoot);

        (author, ) = _authorOf(jobs, part, signature);
        Coverage memory coverage = jobs.coverageOf(part.job, author);
        require(coverage.isHeld, IDisputeGame.DisputeGameNotCovering(part.job, author));
        joinedAt = coverage.joinedAt;
    }

    /// @inheritdoc ISubjectReader
    function signedAnswer(
        IJobRegistry jobs,
        Claim calldata answer,
        bytes calldata signature,
        bytes32 weightsRoot,
        bytes32 queryRoot
    ) external view returns (address author, bytes32 digest, Execution memory execution) {
        (author, digest) = _authorOf(jobs, answer, signature);
        bool isMember = jobs.services().isMemberAt(jobs.serviceId(), author, uint48(block.timestamp));
        require(isMember, IDisputeGame.DisputeGameNotMember(author));
        _require("kind", bytes32(uint256(answer.kind)), bytes32(uint256(ANSWER_KIND)));
        _require("job", bytes32(answer.job), 0);
        _require("index", bytes32(answer.index), 0);
        _require("inputsRoot", answer.inputsRoot, _inputsRoot(weightsRoot, queryRoot));
        _require("traceRoot", answer.traceRoot, 0);
        (, uint256 operations) = ProgramLib.operationsOf(_head(answer.program), Section.Infer);
        require(operations != 0, IDisputeGame.DisputeGameNoExecution(Section.Infer, 0, 0));
        execution.program = answer.program;
        execution.section = Section.Infer;
        execution.inputRoot = weightsRoot;
        execution.dataRoots[0] = queryRoot;
        execution.outputRoot = answer.outputsRoot;
    }

    /// @inheritdoc ISubjectReader
    function revealedAudit(
        IJobRegistry jobs,
        uint256 auditId,
        Execution calldata execution
    ) external view returns (Revealed memory) {
        Audit memory audit = jobs.auditDesk().challengeable(auditId);
        bytes32 actual = keccak256(abi.encode(execution));
        require(actual == audit.executionHash, IDisputeGame.DisputeGamePlaceMismatch(actual, audit.executionHash));
        return Revealed(audit.watcher, audit.jobId, audit.steps, audit.height, audit.detailRoot);
    }

    /// @inheritdoc ISubjectReader
    function punishmentOf(
        IJobRegistry jobs,
        uint32 serviceId,
        Offence calldata offence
    ) external view returns (bytes32 offenceKey, uint64 wad) {
        offenceKey = _offenceKey(offence);
        address operator = offence.operator;
        IServiceRegistry services = jobs.services();
        wad = ISlasher(services.slasher()).punishedWad(serviceId, operator, offenceKey);
        if (wad != 0) return (offenceKey, wad);
        uint256 exposedWei = Math.mulDiv(
            jobs.pool().slashableOf(operator),
            services.magnitudeBaseAt(jobs.groupId(), operator, offence.capturedAt),
            services.totalMagnitude(operator)
        );
        bool isAnswer = offence.subject == GameSubject.Answer;
        uint256 lostWei = isAnswer ? answerStakeWei : jobs.coverageWeiOf(offence.jobId);
        wad = lostWei >= exposedWei ? WAD : uint64(Math.mulDiv(lostWei, WAD, exposedWei, Math.Rounding.Ceil));
    }

    /// @inheritdoc ISubjectReader
    function programs() external view returns (IProgramRegistry) {
        return _programs;
    }

    /// @dev The operator whose signer made the signature.
    function _authorOf(
        IJobRegistry jobs,
        Claim calldata claim,
        bytes calldata signature
    ) private view returns (address author, bytes32 digest) {
        digest = jobs.claimDigest(claim);
        (address signer, , ) = ECDSA.tryRecover(digest, signature);
        author = jobs.operators().operatorOfSigner(signer);
        require(author != address(0), IDisputeGame.DisputeGameNotOperator(signer));
    }

    function _offenceKey(Offence calldata offence) private pure returns (bytes32) {
        GameSubject subject = offence.subject;
        if (subject == GameSubject.JobClaim) return keccak256(abi.encode(offence.jobId, offence.number));
        if (subject == GameSubject.Part) return keccak256(abi.encode("part", offence.jobId, offence.number));
        require(subject == GameSubject.Answer, IDisputeGame.DisputeGameNoEvidence(subject));
        return keccak256(abi.encode("answer", offence.digest));
    }

    function _require(bytes32 field, bytes32 actual, bytes32 expected) private pure {
        require(actual == expected, IDisputeGame.DisputeGamePartMismatch(field, actual, expected));
    }
}
