// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { PartExecutions } from "./PartExecutions.sol";
import { IDisputeGame } from "../interfaces/compute/IDisputeGame.sol";
import { IGameReader } from "../interfaces/compute/IGameReader.sol";
import { Execution } from "../interfaces/compute/IOneStepVerifier.sol";
import { DetailLib } from "../libraries/DetailLib.sol";
import { FileTreeCalldataLib } from "../libraries/FileTreeCalldataLib.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";
import { JobShapeLib, JobSize } from "../libraries/JobShapeLib.sol";
import { ProgramLib } from "../libraries/ProgramLib.sol";

/// @title What an author's detail file must be
abstract contract DetailChecks is IGameReader, PartExecutions {
    uint256 private constant ROOT_BYTES = 32;

    /// @inheritdoc IGameReader
    function checkDetail(
        Execution calldata execution,
        uint256 steps,
        bytes32 detailRoot,
        LeafOpening calldata last
    ) external view returns (uint256 height) {
        (, uint256 operations) = ProgramLib.operationsOf(_head(execution.program), execution.section);
        uint256 recordLeaves = DetailLib.recordRoots(operations) / FileTreeLib.ROOTS_PER_LEAF;
        height = DetailLib.stepsHeight(steps);
        uint256 leafIndex = steps * recordLeaves - 1;
        bytes32 root = _rootFromLeaf(last, leafIndex, recordLeaves << height);
        require(root == detailRoot, FileTreeLib.FileTreeRootMismatch(root, detailRoot));
        _requirePadded(leafIndex, last.siblings);
        _requireState(_slot(last.leaf, FileTreeLib.ROOTS_PER_LEAF - 1), execution.outputRoot);
    }

    /// @inheritdoc IGameReader
    function checkRecord(
        Execution calldata execution,
        bytes calldata roots
    ) external view returns (bytes32 recordRoot) {
        bytes memory head = _head(execution.program);
        (, uint256 operations) = ProgramLib.operationsOf(head, execution.section);
        uint256 last = DetailLib.recordRoots(operations) - 1;
        uint256 expectedBytes = (last + 1) * ROOT_BYTES;
        require(roots.length == expectedBytes, IDisputeGame.DisputeGameLength(roots.length, expectedBytes));
        recordRoot = FileTreeCalldataLib.rootOfRun(roots, Math.log2(expectedBytes / FileTreeLib.LEAF_BYTES));
        for (uint256 i = operations; i < last; ++i) {
            require(_slot(roots, i) == 0, IDisputeGame.DisputeGameSlotNotZero(i));
        }
        _requireState(_slot(roots, last), DetailLib.stateOf(head, execution.section, roots));
    }

    /// @inheritdoc IGameReader
    function tensorOf(
        Execution calldata execution,
        uint256 operation,
        LeafOpening calldata opening
    ) external view returns (bytes32 recordRoot, bytes32 tensorRoot, uint256 height) {
        bytes memory head = _head(execution.program);
        (uint256 first, uint256 operations) = ProgramLib.operationsOf(head, execution.section);
        require(operation < operations, IDisputeGame.DisputeGameIndexOutOfRange(operation, operations));
        uint256 recordLeaves = DetailLib.recordRoots(operations) / FileTreeLib.ROOTS_PER_LEAF;
        recordRoot = _rootFromLeaf(opening, operation / FileTreeLib.ROOTS_PER_LEAF, recordLeaves);
        tensorRoot = _slot(opening.leaf, operation % FileTreeLib.ROOTS_PER_LEAF);
        height = JobShapeLib.heightOf(
            ProgramLib.decodeTensor(ProgramLib.writtenWord(head, first + operation)),
            JobSize(execution.samples, execution.accounts, execution.credits)
        );
    }

    /// @dev All that stands right of the last leaf is padding: nobody could show anything against it.
    function _requirePadded(uint256 leafIndex, bytes32[] calldata siblings) private pure {
        bytes32 zero = FileTreeLib.ZERO_LEAF;
        for (uint256 i = 0; leafIndex >> i != (1 << (siblings.length - i)) - 1; ++i) {
            bool isLeft = (leafIndex >> i) & 1 == 0;
            require(!isLeft || siblings[i] == zero, IDisputeGame.DisputeGameNotPadded(siblings[i], zero));
            zero = FileTreeLib.hashNode(zero, zero);
        }
    }

    function _rootFromLeaf(
        LeafOpening calldata opening,
        uint256 leafIndex,
        uint256 leaves
    ) private pure returns (bytes32) {
        bytes32 leaf = FileTreeCalldataLib.rootOfRun(opening.leaf, 0);
        return FileTreeCalldataLib.rootFromNode(leaf, 0, leafIndex, leaves, opening.siblings);
    }

    function _slot(bytes calldata roots, uint256 i) private pure returns (bytes32) {
        return bytes32(roots[i * ROOT_BYTES:(i + 1) * ROOT_BYTES]);
    }

    function _requireState(bytes32 actual, bytes32 expected) private pure {
        require(actual == expected, IDisputeGame.DisputeGameStateMismatch(actual, expected));
    }
}
