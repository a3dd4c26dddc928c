// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { GameTurns } from "./GameTurns.sol";
import { Game, IDisputeGame, Stage } from "../interfaces/compute/IDisputeGame.sol";
import { Execution } from "../interfaces/compute/IOneStepVerifier.sol";
import { DetailLib } from "../libraries/DetailLib.sol";
import { FileTreeCalldataLib } from "../libraries/FileTreeCalldataLib.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";

/// @title The way down: from the detail root to a step, from its record to a tensor, from there to its leaves
/// @dev Nothing of an opening is stored. The node that was opened stays, and what is picked next has to lead to it.
abstract contract OpeningGame is GameTurns {
    /// @inheritdoc IDisputeGame
    function postDetail(
        uint256 gameId,
        Execution calldata execution,
        bytes32 detailRoot,
        LeafOpening calldata last
    ) external {
        Game storage game_ = _enter(gameId, Stage.Detail);
        _requireExecution(game_, execution);
        uint256 height = reader.checkDetail(execution, game_.steps, detailRoot, last);

        game_.detailRoot = detailRoot;
        game_.height = uint8(height);
        if (height == 0) game_.recordRoot = detailRoot;
        game_.stage = height == 0 ? Stage.OpenRecord : Stage.OpenSteps;
        emit DetailPosted(gameId, detailRoot);
    }

    /// @inheritdoc IDisputeGame
    function openNodes(uint256 gameId, bytes32[] calldata children) external {
        Game storage game_ = _enterEither(gameId, Stage.OpenSteps, Stage.OpenTensor);
        bool isSteps = game_.stage == Stage.OpenSteps;
        uint256 levels = _levels(game_.height, isSteps);
        require(levels != 0, DisputeGameHeight(gameId, game_.height));
        require(children.length == 1 << levels, DisputeGameLength(children.length, 1 << levels));
        bytes32 node = _node(game_, isSteps);
        _requireNode(FileTreeCalldataLib.rootOfNodes(children, levels), node);

        game_.stage = isSteps ? Stage.PickStep : Stage.PickLeaves;
        emit NodesOpened(gameId, node, children);
    }

    /// @inheritdoc IDisputeGame
    function pickNode(uint256 gameId, uint256 index, bytes32 node, bytes32[] calldata siblings) external {
        Game storage game_ = _enterEither(gameId, Stage.PickStep, Stage.PickLeaves);
        bool isStep = game_.stage == Stage.PickStep;
        uint256 levels = _levels(game_.height, isStep);
        _requirePath(node, index, levels, siblings, _node(game_, isStep));

        uint256 height = game_.height - levels;
        game_.height = uint8(height);
        if (isStep) {
            uint256 step = game_.step + (index << height);
            require(step < game_.steps, DisputeGameIndexOutOfRange(step, game_.steps));
            game_.step = uint32(step);
        } else {
            game_.leafIndex = uint48(game_.leafIndex + (index << height));
        }
        if (isStep && height == 0) {
            game_.recordRoot = node;
            game_.isBelow = false;
            game_.stage = Stage.OpenRecord;
        } else {
            game_.node = node;
            game_.isBelow = true;
            game_.stage = isStep ? Stage.OpenSteps : Stage.OpenTensor;
        }
        emit NodePicked(gameId, index, node);
    }

    /// @inheritdoc IDisputeGame
    function openRecord(uint256 gameId, Execution calldata execution, bytes calldata roots) external {
        Game storage game_ = _enter(gameId, Stage.OpenRecord);
        _requireExecution(game_, execution);
        reader.checkRecord(execution, game_.recordRoot, roots);

        game_.stage = Stage.PickOperation;
        emit RecordOpened(gameId, roots);
    }

    /// @inheritdoc IDisputeGame
    function pickOperation(
        uint256 gameId,
        Execution calldata execution,
        uint16 operation,
        LeafOpening calldata opening
    ) external {
        Game storage game_ = _enter(gameId, Stage.PickOperation);
        _requireExecution(game_, execution);
        (bytes32 tensorRoot, uint256 height) = reader.tensorOf(execution, game_.recordRoot, operation, opening);

        game_.operation = uint8(operation);
        game_.tensorRoot = tensorRoot;
        game_.height = uint8(height);
        game_.leafIndex = 0;
        game_.stage = Stage.OpenTensor;
        emit OperationPicked(gameId, operation, tensorRoot);
    }

    /// @inheritdoc IDisputeGame
    function openLeaves(uint256 gameId, bytes calldata leaves) external {
        Game storage game_ = _enter(gameId, Stage.OpenTensor);
        uint256 height = game_.height;
        require(height <= DetailLib.LEAVES_HEIGHT, DisputeGameHeight(gameId, height));
        uint256 expected = FileTreeLib.LEAF_BYTES << height;
        require(leaves.length == expected, DisputeGameLength(leaves.length, expected));
        _requireNode(FileTreeCalldataLib.rootOfRun(leaves, height), _node(game_, false));

        game_.stage = Stage.Prove;
        emit LeavesOpened(gameId, leaves);
    }

    /// @dev The node that is to be opened, or that was opened and is to be picked from.
    function _node(Game storage game_, bool isSteps) internal view returns (bytes32) {
        if (game_.isBelow) return game_.node;
        return isSteps ? game_.detailRoot : game_.tensorRoot;
    }

    /// @dev Reverts unless node `index` of the level that is `levels` below `root` leads there.
    function _requirePath(
        bytes32 node,
        uint256 index,
        uint256 levels,
        bytes32[] calldata siblings,
        bytes32 root
    ) internal pure {
        require(siblings.length == levels, DisputeGameLength(siblings.length, levels));
        require(index < 1 << levels, DisputeGameIndexOutOfRange(index, 1 << levels));
        for (uint256 i = 0; i < levels; ++i) {
            bool isRight = (index >> i) & 1 == 1;
            node = isRight ? FileTreeLib.hashNode(siblings[i], node) : FileTreeLib.hashNode(node, siblings[i]);
        }
        _requireNode(node, root);
    }

    function _requireNode(bytes32 actual, bytes32 expected) private pure {
        require(actual == expected, DisputeGameNodeMismatch(actual, expected));
    }

    function _levels(uint256 height, bool isSteps) private pure returns (uint256) {
        return DetailLib.openedLevels(isSteps ? height : Math.saturatingSub(height, DetailLib.LEAVES_HEIGHT));
    }
}
