// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { GameTurns } from "./GameTurns.sol";
import { Game, IDisputeGame, IJobDisputes, Stage } from "../interfaces/compute/IDisputeGame.sol";
import { IEvidenceVerifier } from "../interfaces/staking/IEvidenceVerifier.sol";
import { TurnLib } from "../libraries/TurnLib.sol";

/// @title How games end, and what follows
abstract contract GameVerdicts is GameTurns, IEvidenceVerifier {
    using TurnLib for Game;
    using TurnLib for Stage;

    uint256 private constant EVIDENCE_BYTES = 32;

    /// @inheritdoc IJobDisputes
    mapping(uint256 jobId => mapping(uint32 claimNumber => uint256)) public openGames;
    /// @inheritdoc IJobDisputes
    mapping(uint256 jobId => mapping(address operator => uint256)) public openPartGames;

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
        offenceKey =
            game_.claimNumber != 0
                ? keccak256(abi.encode(uint256(game_.jobId), game_.claimNumber))
                : keccak256(abi.encode("part", uint256(game_.jobId), uint256(game_.part)));
        wad = reader.slashWad(jobs, serviceId, game_.jobId, operator, offenceKey, capturedAt);
    }

    function _countIn(Game storage game_) internal {
        if (game_.claimNumber != 0) ++openGames[game_.jobId][game_.claimNumber];
        else ++openPartGames[game_.jobId][game_.author];
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
        if (game_.claimNumber != 0) --openGames[game_.jobId][game_.claimNumber];
        else --openPartGames[game_.jobId][game_.author];
    }
}
