// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { GameTurns } from "./GameTurns.sol";
import { Game, GameSubject, IDisputeGame, IJobDisputes, Stage } from "../interfaces/compute/IDisputeGame.sol";
import { Offence } from "../interfaces/compute/ISubjectReader.sol";
import { IEvidenceVerifier } from "../interfaces/staking/IEvidenceVerifier.sol";
import { TurnLib } from "../libraries/TurnLib.sol";

/// @title How games end, and what follows
abstract contract GameVerdicts is GameTurns, IEvidenceVerifier {
    using TurnLib for Game;
    using TurnLib for Stage;

    uint256 private constant EVIDENCE_BYTES = 32;

    /// @inheritdoc IDisputeGame
    mapping(uint256 gameId => bytes32) public answerDigestOf;

    mapping(bytes32 subject => uint256) private _openGames;

    /// @inheritdoc IDisputeGame
    function claimTimeout(uint256 gameId) external {
        Game storage game_ = _requireRunning(gameId);
        uint256 until = game_.lastSecond();
        require(block.timestamp > until, DisputeGameTurnRunning(gameId, until));
        if (game_.stage.isAuthors()) _win(gameId, game_);
        else _lose(gameId, game_);
    }

    /// @inheritdoc IDisputeGame
    function closeVoid(uint256 gameId) external {
        Game storage game_ = _requireRunning(gameId);
        (uint64 jobId, uint32 claimNumber) = (game_.jobId, game_.claimNumber);
        require(claimNumber != 0 && !jobs.isClaimLive(jobId, claimNumber), DisputeGameClaimStands(jobId, claimNumber));
        _end(game_, Stage.Void);
        _countOut(game_);
        _returnBond(game_.challenger);
        emit GameVoided(gameId);
    }

    /// @inheritdoc IDisputeGame
    function settle(uint256 gameId) external nonReentrant {
        Game storage game_ = _requireGame(gameId);
        require(game_.stage == Stage.Won, DisputeGameNotWon(gameId, game_.stage));
        (uint64 jobId, uint32 claimNumber, address challenger) = (game_.jobId, game_.claimNumber, game_.challenger);
        game_.stage = Stage.Settled;
        _countOut(game_);
        _returnBond(challenger);
        emit GameSettled(gameId);
        if (game_.subject == GameSubject.Audit) jobs.auditDesk().refute(game_.part, challenger);
        if (claimNumber != 0 && jobs.isClaimLive(jobId, claimNumber)) jobs.refute(jobId, claimNumber, challenger);
    }

    /// @notice A won game is evidence against its author: `abi.encode(gameId)`.
    /// @inheritdoc IEvidenceVerifier
    function verify(
        uint32 serviceId,
        bytes calldata evidence
    ) external view returns (address operator, bytes32 offenceKey, uint48 capturedAt, uint64 wad, address beneficiary) {
        require(evidence.length == EVIDENCE_BYTES, DisputeGameLength(evidence.length, EVIDENCE_BYTES));
        uint256 gameId = abi.decode(evidence, (uint256));
        Game storage game_ = _requireGame(gameId);
        Stage stage = game_.stage;
        require(stage == Stage.Won || stage == Stage.Settled, DisputeGameNotWon(gameId, stage));
        uint32 expected = jobs.serviceId();
        require(serviceId == expected, DisputeGameWrongService(serviceId, expected));
        (operator, capturedAt, beneficiary) = (game_.author, game_.capturedAt, game_.challenger);
        (offenceKey, wad) = subjects.punishmentOf(jobs, serviceId, _offenceOf(gameId, game_));
    }

    /// @inheritdoc IJobDisputes
    function openGames(uint256 jobId, uint32 claimNumber) external view returns (uint256) {
        return _openGames[_keyOf(GameSubject.JobClaim, jobId, claimNumber)];
    }

    /// @inheritdoc IJobDisputes
    function openPartGames(uint256 jobId, address operator) external view returns (uint256) {
        return _openGames[_keyOf(GameSubject.Part, jobId, uint160(operator))];
    }

    /// @inheritdoc IJobDisputes
    function openAuditGames(uint256 auditId) external view returns (uint256) {
        return _openGames[_keyOf(GameSubject.Audit, 0, auditId)];
    }

    function _countIn(Game storage game_) internal {
        ++_openGames[_counterOf(game_)];
    }

    /// @dev The game goes on counting as open until it is settled.
    function _win(uint256 gameId, Game storage game_) internal {
        _end(game_, Stage.Won);
        emit GameWon(gameId, game_.challenger, game_.author);
    }

    function _lose(uint256 gameId, Game storage game_) internal {
        _requireLive(game_.jobId, game_.claimNumber);
        _end(game_, Stage.Lost);
        _countOut(game_);
        _forfeitBond(game_.author);
        emit GameLost(gameId, game_.challenger, game_.author);
    }

    function _end(Game storage game_, Stage stage) private {
        game_.stage = stage;
        game_.turnStartedAt = uint48(block.timestamp);
    }

    function _countOut(Game storage game_) private {
        --_openGames[_counterOf(game_)];
    }

    function _offenceOf(uint256 gameId, Game storage game_) private view returns (Offence memory offence) {
        offence.operator = game_.author;
        offence.capturedAt = game_.capturedAt;
        offence.subject = game_.subject;
        offence.jobId = game_.jobId;
        if (offence.subject == GameSubject.JobClaim) offence.number = game_.claimNumber;
        else if (offence.subject == GameSubject.Part) offence.number = game_.part;
        else offence.digest = answerDigestOf[gameId];
    }

    /// @dev Games against all answers count together: nothing waits for them.
    function _counterOf(Game storage game_) private view returns (bytes32) {
        GameSubject subject = game_.subject;
        if (subject == GameSubject.JobClaim) return _keyOf(subject, game_.jobId, game_.claimNumber);
        if (subject == GameSubject.Part) return _keyOf(subject, game_.jobId, uint160(game_.author));
        return _keyOf(subject, 0, game_.part);
    }

    function _keyOf(GameSubject subject, uint256 jobId, uint256 number) private pure returns (bytes32) {
        return keccak256(abi.encode(subject, jobId, number));
    }
}
