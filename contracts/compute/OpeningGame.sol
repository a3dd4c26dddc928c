// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { GameTurns } from "./GameTurns.sol";
import { Game, IDisputeGame, Roots, Stage } from "../interfaces/compute/IDisputeGame.sol";
import { Execution } from "../interfaces/compute/IOneStepVerifier.sol";
import { DetailLib } from "../libraries/DetailLib.sol";
import { FileTreeCalldataLib } from "../libraries/FileTreeCalldataLib.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";

/// @title The way down: from the detail root to a step, from its record to a tensor, from there to its leaves
/// @dev No root and nothing of an opening is stored, only the game's place: the hash of the trail, which is all that the way down has
/// fixed, and of the node that is to be opened or picked from. A move names its trail, and what it shows gives the node.
abstract contract OpeningGame is GameTurns {
    /// @inheritdoc IDisputeGame
    function postDetail(
        uint256 gameId,
        Execution calldata execution,
        bytes32 detailRoot,
        LeafOpening calldata last
    ) external {
        Game storage game_ = _enter(gameId, Stage.Detail);
        bytes32 executionHash = keccak256(abi.encode(execution));
        _requirePlace(game_, executionHash);
        uint256 height = reader.checkDetail(execution, game_.steps, detailRoot, last);
        _descend(gameId, game_, executionHash, detailRoot, height);
    }

    /// @inheritdoc IDisputeGame
    function openNodes(uint256 gameId, bytes32 trail, bytes32[] calldata children) external {
        Game storage game_ = _enterEither(gameId, Stage.OpenSteps, Stage.OpenTensor);
        bool isSteps = game_.stage == Stage.OpenSteps;
        uint256 levels = _levels(game_.height, isSteps);
        require(levels != 0, DisputeGameHeight(gameId, game_.height));
        require(children.length == 1 << levels, DisputeGameLength(children.length, 1 << levels));
        bytes32 node = FileTreeCalldataLib.rootOfNodes(children, levels);
        _requirePlace(game_, FileTreeLib.hashNode(trail, node));

        game_.stage = isSteps ? Stage.PickStep : Stage.PickLeaves;
        emit NodesOpened(gameId, node, children);
    }

    /// @inheritdoc IDisputeGame
    function pickNode(
        uint256 gameId,
        bytes32 trail,
        uint256 index,
        bytes32 node,
        bytes32[] calldata siblings
    ) external {
        Game storage game_ = _enterEither(gameId, Stage.PickStep, Stage.PickLeaves);
        bool isStep = game_.stage == Stage.PickStep;
        uint256 levels = _levels(game_.height, isStep);
        bytes32 opened = _pathRoot(node, index, levels, siblings);
        _requirePlace(game_, FileTreeLib.hashNode(trail, opened));

        uint256 height = game_.height - levels;
        game_.height = uint8(height);
        game_.place = FileTreeLib.hashNode(trail, node);
        if (isStep) {
            uint256 step = game_.step + (index << height);
            require(step < game_.steps, DisputeGameIndexOutOfRange(step, game_.steps));
            game_.step = uint32(step);
            game_.stage = height == 0 ? Stage.OpenRecord : Stage.OpenSteps;
        } else {
            game_.leafIndex = uint48(game_.leafIndex + (index << height));
            game_.stage = Stage.OpenTensor;
        }
        emit NodePicked(gameId, index, node);
    }

    /// @inheritdoc IDisputeGame
    function openRecord(
        uint256 gameId,
        Execution calldata execution,
        bytes32 detailRoot,
        bytes calldata roots
    ) external {
        Game storage game_ = _enter(gameId, Stage.OpenRecord);
        bytes32 recordRoot = reader.checkRecord(execution, roots);
        _requirePlace(game_, FileTreeLib.hashNode(_trail(execution, detailRoot), recordRoot));

        game_.stage = Stage.PickOperation;
        emit RecordOpened(gameId, roots);
    }

    /// @inheritdoc IDisputeGame
    function pickOperation(
        uint256 gameId,
        Execution calldata execution,
        bytes32 detailRoot,
        uint16 operation,
        LeafOpening calldata opening
    ) external {
        Game storage game_ = _enter(gameId, Stage.PickOperation);
        (bytes32 recordRoot, bytes32 tensorRoot, uint256 height) = reader.tensorOf(execution, operation, opening);
        bytes32 trail = FileTreeLib.hashNode(_trail(execution, detailRoot), recordRoot);
        _requirePlace(game_, trail);

        game_.operation = uint8(operation);
        game_.height = uint8(height);
        game_.leafIndex = 0;
        game_.place = FileTreeLib.hashNode(FileTreeLib.hashNode(trail, tensorRoot), tensorRoot);
        game_.stage = Stage.OpenTensor;
        emit OperationPicked(gameId, operation, tensorRoot);
    }

    /// @inheritdoc IDisputeGame
    function openLeaves(uint256 gameId, bytes32 trail, bytes calldata leaves) external {
        Game storage game_ = _enter(gameId, Stage.OpenTensor);
        uint256 height = game_.height;
        require(height <= DetailLib.LEAVES_HEIGHT, DisputeGameHeight(gameId, height));
        uint256 expected = FileTreeLib.LEAF_BYTES << height;
        require(leaves.length == expected, DisputeGameLength(leaves.length, expected));
        _requirePlace(game_, FileTreeLib.hashNode(trail, FileTreeCalldataLib.rootOfRun(leaves, height)));

        game_.stage = Stage.Prove;
        emit LeavesOpened(gameId, leaves);
    }

    /// @dev It is the author's turn to open its detail root.
    /// @param height Levels from the root down to the records
    function _descend(
        uint256 gameId,
        Game storage game_,
        bytes32 executionHash,
        bytes32 detailRoot,
        uint256 height
    ) internal {
        game_.place = FileTreeLib.hashNode(FileTreeLib.hashNode(executionHash, detailRoot), detailRoot);
        game_.height = uint8(height);
        game_.stage = height == 0 ? Stage.OpenRecord : Stage.OpenSteps;
        emit DetailPosted(gameId, detailRoot);
    }

    /// @dev The trail in the tensor's tree.
    function _trail(Execution calldata execution, Roots calldata roots) internal pure returns (bytes32) {
        bytes32 trail = FileTreeLib.hashNode(_trail(execution, roots.detailRoot), roots.recordRoot);
        return FileTreeLib.hashNode(trail, roots.tensorRoot);
    }

    /// @dev Leaf `index` of those that were shown last.
    function _requireLeaf(
        Game storage game_,
        bytes32 trail,
        uint256 index,
        LeafOpening calldata opening
    ) internal view {
        uint256 leafBytes = opening.leaf.length;
        require(leafBytes == FileTreeLib.LEAF_BYTES, DisputeGameLength(leafBytes, FileTreeLib.LEAF_BYTES));
        bytes32 node = _pathRoot(keccak256(opening.leaf), index, game_.height, opening.siblings);
        _requirePlace(game_, FileTreeLib.hashNode(trail, node));
    }

    /// @dev The trail in the detail's tree.
    function _trail(Execution calldata execution, bytes32 detailRoot) private pure returns (bytes32) {
        return FileTreeLib.hashNode(keccak256(abi.encode(execution)), detailRoot);
    }

    /// @dev The node `levels` above node `index` of its level.
    function _pathRoot(
        bytes32 node,
        uint256 index,
        uint256 levels,
        bytes32[] calldata siblings
    ) private pure returns (bytes32) {
        require(siblings.length == levels, DisputeGameLength(siblings.length, levels));
        require(index < 1 << levels, DisputeGameIndexOutOfRange(index, 1 << levels));
        return FileTreeCalldataLib.rootFromNode(node, 0, index, 1 << levels, siblings);
    }

    function _levels(uint256 height, bool isSteps) private pure returns (uint256) {
        return DetailLib.openedLevels(isSteps ? height : Math.saturatingSub(height, DetailLib.LEAVES_HEIGHT));
    }
}
