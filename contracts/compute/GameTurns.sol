// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { GameBonds } from "./GameBonds.sol";
import { GameReader } from "./GameReader.sol";
import { Game, GameParams, IDisputeGame, IJobDisputes, Stage } from "../interfaces/compute/IDisputeGame.sol";
import { IGameReader } from "../interfaces/compute/IGameReader.sol";
import { IJobRegistry } from "../interfaces/compute/IJobRegistry.sol";
import { IProgramRegistry } from "../interfaces/compute/IProgramRegistry.sol";
import { ISubjectReader } from "../interfaces/compute/ISubjectReader.sol";
import { TurnLib } from "../libraries/TurnLib.sol";

/// @title The games, whose turn it is, and for how long
abstract contract GameTurns is GameBonds {
    using TurnLib for Game;
    using TurnLib for Stage;

    /// @inheritdoc IDisputeGame
    uint256 public constant MAX_DEMANDS = 32;

    /// @dev Demands and answers; accusation, detail; 2^20 steps in four openings and four picks; record, operation; a tensor of 2^47
    /// leaves in eight openings and eight picks; leaves, proof.
    uint256 private constant MAX_TURNS = 2 * MAX_DEMANDS + 2 + 2 * 4 + 2 + 2 * 8 + 2;

    /// @inheritdoc IJobDisputes
    IProgramRegistry public immutable programs;
    /// @inheritdoc IDisputeGame
    IGameReader public immutable reader;
    /// @inheritdoc IDisputeGame
    ISubjectReader public immutable subjects;
    /// @inheritdoc IDisputeGame
    uint32 public immutable budgetSeconds;
    /// @inheritdoc IDisputeGame
    uint32 public immutable extensionSeconds;

    /// @inheritdoc IDisputeGame
    IJobRegistry public jobs;
    /// @dev Beside the registry: opening a game reads that anyway.
    uint96 private _gameCount;

    mapping(uint256 gameId => Game) internal _games;

    constructor(GameParams memory params) GameBonds(params.token, params.bondWei) {
        require(address(params.programs).code.length != 0, DisputeGameContractMissing("programs"));
        uint256 budget = params.budgetSeconds;
        require(
            params.extensionSeconds != 0 && params.extensionSeconds <= budget,
            DisputeGameParameterOutOfRange("extensionSeconds", params.extensionSeconds, 1, budget)
        );
        require(address(params.subjects).code.length != 0, DisputeGameContractMissing("subjects"));
        address judged = address(params.subjects.programs());
        require(judged == address(params.programs), DisputeGameProgramsMismatch(judged, address(params.programs)));
        programs = params.programs;
        subjects = params.subjects;
        reader = new GameReader(params.programs);
        budgetSeconds = params.budgetSeconds;
        extensionSeconds = params.extensionSeconds;
    }

    /// @inheritdoc IJobDisputes
    function bind(uint48 gameSeconds) external {
        require(address(jobs) == address(0), DisputeGameAlreadyBound(address(jobs)));
        require(longestSeconds() <= gameSeconds, DisputeGameTooLong(longestSeconds(), gameSeconds));
        jobs = IJobRegistry(msg.sender);
        emit Bound(msg.sender);
    }

    /// @inheritdoc IDisputeGame
    function game(uint256 gameId) external view returns (Game memory) {
        return _requireGame(gameId);
    }

    /// @inheritdoc IDisputeGame
    function gameCount() external view returns (uint256) {
        return _gameCount;
    }

    /// @inheritdoc IDisputeGame
    function longestSeconds() public view returns (uint256) {
        return 2 * uint256(budgetSeconds) + MAX_TURNS * extensionSeconds;
    }

    function _newGame() internal returns (uint256 gameId, Game storage game_) {
        gameId = ++_gameCount;
        game_ = _games[gameId];
    }

    /// @dev Begins a move: only whose turn it is, and in time. The move sets the next stage.
    function _enter(uint256 gameId, Stage expected) internal returns (Game storage game_) {
        return _enterEither(gameId, expected, expected);
    }

    function _enterEither(uint256 gameId, Stage expected, Stage other) internal returns (Game storage game_) {
        game_ = _requireGame(gameId);
        Stage stage = game_.stage;
        require(stage == expected || stage == other, DisputeGameWrongStage(gameId, stage, expected));
        address player = stage.isAuthors() ? game_.author : game_.challenger;
        require(msg.sender == player, DisputeGameNotPlayer(gameId, msg.sender, player));
        uint256 until = game_.lastSecond();
        require(block.timestamp <= until, DisputeGameTurnOver(gameId, until));
        game_.spend(extensionSeconds);
    }

    function _requireGame(uint256 gameId) internal view returns (Game storage game_) {
        game_ = _games[gameId];
        require(game_.stage != Stage.None, DisputeGameUnknown(gameId));
    }

    function _requireRunning(uint256 gameId) internal view returns (Game storage game_) {
        game_ = _requireGame(gameId);
        require(game_.stage.isRunning(), DisputeGameOver(gameId, game_.stage));
    }

    /// @dev The way from a claim that has fallen is `closeVoid`.
    function _requireLive(uint256 jobId, uint32 claimNumber) internal view {
        require(claimNumber == 0 || jobs.isClaimLive(jobId, claimNumber), DisputeGameClaimFallen(jobId, claimNumber));
    }

    /// @dev What a move shows, and what it names, must lead to where the game stands.
    function _requirePlace(Game storage game_, bytes32 actual) internal view {
        bytes32 expected = game_.place;
        require(actual == expected, DisputeGamePlaceMismatch(actual, expected));
    }
}
