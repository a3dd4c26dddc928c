// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { IDisputeGame } from "../interfaces/compute/IDisputeGame.sol";
import { IGameReader } from "../interfaces/compute/IGameReader.sol";
import { Execution } from "../interfaces/compute/IOneStepVerifier.sol";
import { IProgramRegistry } from "../interfaces/compute/IProgramRegistry.sol";
import { DetailLib } from "../libraries/DetailLib.sol";
import { FileTreeCalldataLib } from "../libraries/FileTreeCalldataLib.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";
import { JobShapeLib, JobSize } from "../libraries/JobShapeLib.sol";
import { ProgramLib } from "../libraries/ProgramLib.sol";

/// @title What an author's detail file must be
abstract contract DetailChecks is IGameReader {
    uint256 private constant ROOT_BYTES = 32;

    IProgramRegistry private immutable _programs;

    constructor(IProgramRegistry programs) {
        _programs = programs;
    }

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
        bytes32 root = _rootFromLeaf(last, steps * recordLeaves - 1, recordLeaves << height);
        require(root == detailRoot, FileTreeLib.FileTreeRootMismatch(root, detailRoot));
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

    /// @dev The head of a registered program.
    function _head(bytes32 programRoot) internal view returns (bytes memory) {
        (address code, ) = _programs.programOf(programRoot);
        return ProgramLib.load(code);
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
