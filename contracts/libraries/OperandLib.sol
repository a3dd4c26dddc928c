// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Execution, IOneStepVerifier, Operand, Spot } from "../interfaces/compute/IOneStepVerifier.sol";
import { Elements } from "./ElementLib.sol";
import { FileTreeCalldataLib } from "./FileTreeCalldataLib.sol";
import { FileTreeLib } from "./FileTreeLib.sol";
import { OneStepLib, Read } from "./OneStepLib.sol";
import { Extent, ProgramLib, Role, TensorEntry } from "./ProgramLib.sol";
import { TensorLib } from "./TensorLib.sol";
import { WeightsLib } from "./WeightsLib.sol";

/// @notice A section of a program.
/// @param head The program's head
/// @param fileLeaves Leaves of the program's file
/// @param firstOperation Place of the section's first operation in the table
/// @param operations How many operations the section has
struct Scene {
    bytes head;
    uint256 fileLeaves;
    uint256 firstOperation;
    uint256 operations;
}

/// @notice What an operand has to show.
/// @param index Its place among the operands that are given, for errors
/// @param tensor The tensor that is read; of no matter for `OneStepLib.BEFORE`
/// @param entry That tensor's entry, as `OperandLib.readSized` gives it
struct Wanted {
    uint256 index;
    uint256 tensor;
    TensorEntry entry;
    Read read;
}

/// @notice Where a tensor lies: at `firstLeaf` of the file `root` of `fileLeaves` leaves.
struct Source {
    bytes32 root;
    uint256 firstLeaf;
    uint256 fileLeaves;
}

/// @title Operands of one element, and their way to roots that are known
library OperandLib {
    uint256 private constant MIN_RECORD_ROOTS = 8;

    /// @notice Reads a tensor's entry with the rows and columns that the job gives it.
    function readSized(
        bytes memory head,
        uint256 tensor,
        Execution calldata execution,
        TensorEntry memory entry
    ) internal pure {
        ProgramLib.readTensor(head, tensor, entry);
        entry.rows = _resolve(entry.rowExtent, entry.rows, execution);
        entry.columns = _resolve(entry.columnExtent, entry.columns, execution);
    }

    /// @notice The elements that are wanted, once the run that holds them has led to a root that is known.
    function open(
        Scene memory scene,
        Execution calldata execution,
        Spot calldata spot,
        Wanted memory wanted,
        Operand calldata operand
    ) internal pure returns (Elements memory) {
        TensorEntry memory entry = wanted.entry;
        Source memory source =
            wanted.read.operand == OneStepLib.BEFORE
                ? Source(_known(operand, wanted, spot.tensorRoot), 0, WeightsLib.tensorLeaves(entry))
                : _source(scene, execution, spot, wanted, operand);
        uint256 size = ProgramLib.elementBytes(entry.elementType);
        uint256 start = wanted.read.row * TensorLib.strideBytes(entry.columns, size) + wanted.read.column * size;
        uint256 first = _checkRun(source, wanted, operand, start, wanted.read.count * size);
        return Elements(entry.elementType, _offsetOf(operand.run) + start - first, wanted.read.count);
    }

    /// @dev Checks the least run that holds `length` bytes of the tensor from byte `start` on.
    /// @return first Byte of the tensor at which the run begins
    function _checkRun(
        Source memory source,
        Wanted memory wanted,
        Operand calldata operand,
        uint256 start,
        uint256 length
    ) private pure returns (uint256 first) {
        uint256 leaf = start / FileTreeLib.LEAF_BYTES;
        uint256 height = _runHeight(leaf, (start + length - 1) / FileTreeLib.LEAF_BYTES);
        leaf = (leaf >> height) << height;
        uint256 expected = FileTreeLib.LEAF_BYTES << height;
        if (operand.run.length != expected) {
            revert IOneStepVerifier.OneStepRunBytes(wanted.index, operand.run.length, expected);
        }
        FileTreeCalldataLib.checkRun(
            source.root,
            operand.run,
            height,
            source.firstLeaf + leaf,
            source.fileLeaves,
            operand.siblings
        );
        return leaf * FileTreeLib.LEAF_BYTES;
    }

    function _source(
        Scene memory scene,
        Execution calldata execution,
        Spot calldata spot,
        Wanted memory wanted,
        Operand calldata operand
    ) private pure returns (Source memory source) {
        TensorEntry memory entry = wanted.entry;
        Role role = entry.role;
        source.fileLeaves = WeightsLib.tensorLeaves(entry);
        if (role == Role.Computed) {
            uint256 slot = ProgramLib.writerOf(scene.head, scene.firstOperation, wanted.tensor);
            source.root = _listed(operand, wanted, spot.recordRoot, slot, _recordLeaves(scene));
        } else if (role == Role.Weights) {
            source.root = _weightsRoot(scene, execution, spot, wanted, operand);
            (source.firstLeaf, source.fileLeaves) = WeightsLib.place(scene.head, entry.index, source.fileLeaves);
        } else if (role == Role.PartWeights) {
            // The index is 256 x part + slot.
            uint256 entryOfTrace = uint256(execution.inputSlot) + (entry.index >> 8);
            uint256 leaves = FileTreeLib.paddedLeafCount(execution.inputLeaves * FileTreeLib.LEAF_BYTES);
            source.root = _listed(operand, wanted, execution.inputRoot, entryOfTrace, leaves);
            (source.firstLeaf, source.fileLeaves) = WeightsLib.place(scene.head, entry.index & 0xff, source.fileLeaves);
        } else if (role == Role.Constant) {
            source.root = _known(operand, wanted, execution.program);
            source.firstLeaf = entry.index;
            source.fileLeaves = FileTreeLib.paddedLeafCount(scene.fileLeaves * FileTreeLib.LEAF_BYTES);
        } else if (role == Role.Credits) {
            source.root = _known(operand, wanted, execution.inputRoot);
        } else if (role == Role.Records) {
            // A leaf each, and no rows behind the last.
            source.root = _known(operand, wanted, execution.dataRoots[0]);
            source.fileLeaves = FileTreeLib.paddedLeafCount(uint256(entry.rows) * FileTreeLib.LEAF_BYTES);
        } else {
            // The records' file has as many rows as there are samples, not a power of two.
            if (role == Role.Records) {
                source.fileLeaves = FileTreeLib.paddedLeafCount(uint256(entry.rows) * FileTreeLib.LEAF_BYTES);
            }
            source.root = _known(operand, wanted, execution.dataRoots[role == Role.Labels ? 1 : 0]);
        }
    }

    /// @dev The weights file that the step starts from. After the first step it is the state of the record before.
    function _weightsRoot(
        Scene memory scene,
        Execution calldata execution,
        Spot calldata spot,
        Wanted memory wanted,
        Operand calldata operand
    ) private pure returns (bytes32) {
        if (spot.step == 0) return _known(operand, wanted, execution.inputRoot);
        uint256 recordLeaves = _recordLeaves(scene);
        uint256 state = spot.step * recordLeaves * FileTreeLib.ROOTS_PER_LEAF - 1;
        uint256 steps = FileTreeLib.nextPowerOfTwo(ProgramLib.stepsPerPart(scene.head));
        return _listed(operand, wanted, spot.detailRoot, state, steps * recordLeaves);
    }

    function _known(Operand calldata operand, Wanted memory wanted, bytes32 root) private pure returns (bytes32) {
        if (operand.rootLeaf.length != 0 || operand.rootSiblings.length != 0) {
            revert IOneStepVerifier.OneStepRootLeaf(wanted.index);
        }
        return root;
    }

    /// @dev Entry `entry` of the root list `listRoot` of `leaves` leaves.
    function _listed(
        Operand calldata operand,
        Wanted memory wanted,
        bytes32 listRoot,
        uint256 entry,
        uint256 leaves
    ) private pure returns (bytes32) {
        bytes calldata leaf = operand.rootLeaf;
        if (leaf.length != FileTreeLib.LEAF_BYTES) revert IOneStepVerifier.OneStepRootLeaf(wanted.index);
        FileTreeCalldataLib.checkRun(
            listRoot,
            leaf,
            0,
            entry / FileTreeLib.ROOTS_PER_LEAF,
            leaves,
            operand.rootSiblings
        );
        uint256 offset = (entry % FileTreeLib.ROOTS_PER_LEAF) * 32;
        return bytes32(leaf[offset:offset + 32]);
    }

    /// @dev A record has a root for each operation and one for the state.
    function _recordLeaves(Scene memory scene) private pure returns (uint256) {
        uint256 roots = FileTreeLib.nextPowerOfTwo(scene.operations + 1);
        return (roots < MIN_RECORD_ROOTS ? MIN_RECORD_ROOTS : roots) / FileTreeLib.ROOTS_PER_LEAF;
    }

    function _offsetOf(bytes calldata content) private pure returns (uint256 offset) {
        assembly ("memory-safe") {
            offset := content.offset
        }
    }

    /// @dev Height of the least run of leaves that holds both.
    function _runHeight(uint256 firstLeaf, uint256 lastLeaf) private pure returns (uint256 height) {
        while (firstLeaf >> height != lastLeaf >> height) ++height;
    }

    function _resolve(Extent extent, uint32 limit, Execution calldata execution) private pure returns (uint32) {
        if (extent == Extent.Static) return limit;
        if (extent == Extent.Samples) return execution.samples;
        if (extent == Extent.Accounts) return execution.accounts;
        if (extent == Extent.Credits) return execution.credits;
        if (extent == Extent.SampleChunks) return _chunks(execution.samples);
        return _chunks(extent == Extent.AccountChunks ? execution.accounts : execution.credits);
    }

    function _chunks(uint256 elements) private pure returns (uint32) {
        return uint32((elements + ProgramLib.CHUNK_ELEMENTS - 1) / ProgramLib.CHUNK_ELEMENTS);
    }
}
