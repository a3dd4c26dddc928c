// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeLib } from "./FileTreeLib.sol";
import { Extent, ProgramLib, Role, Section, TensorEntry } from "./ProgramLib.sol";
import { TensorLib } from "./TensorLib.sol";

/// @notice The numbers of a job that dimensions of its program's tensors depend on.
/// @param samples Samples of the dataset
/// @param accounts Accounts of the job
/// @param credits Parts of all rounds
struct JobSize {
    uint256 samples;
    uint256 accounts;
    uint256 credits;
}

/// @title How large a program's tensors and files are in a job
library JobShapeLib {
    uint256 private constant I32_BYTES = 4;
    uint256 private constant I64_BYTES = 8;
    uint256 private constant ROOT_BYTES = 32;

    /// @notice A dimension: the number in the entry, or the one that the job gives it.
    function resolve(Extent extent, uint256 number, JobSize memory size) internal pure returns (uint256) {
        if (extent == Extent.Static) return number;
        if (extent == Extent.Samples) return size.samples;
        if (extent == Extent.Accounts) return size.accounts;
        if (extent == Extent.Credits) return size.credits;
        if (extent == Extent.SampleChunks) return _chunks(size.samples);
        if (extent == Extent.AccountChunks) return _chunks(size.accounts);
        return _chunks(size.credits);
    }

    /// @notice Height of a tensor's tree: its leaves are a power of two.
    function heightOf(TensorEntry memory entry, JobSize memory size) internal pure returns (uint256 height) {
        uint256 leaves = TensorLib.leafCount(
            resolve(entry.rowExtent, entry.rows, size),
            resolve(entry.columnExtent, entry.columns, size),
            ProgramLib.elementBytes(entry.elementType)
        );
        while (1 << height < leaves) ++height;
    }

    /// @notice Bytes of a weights file.
    function weightsBytes(bytes memory head) internal pure returns (uint256 sum) {
        uint256 count = ProgramLib.tensorCount(head);
        // Tensors stand section by section, and the first one gives every slot.
        for (uint256 i = 0; i < count; ++i) {
            TensorEntry memory entry = ProgramLib.tensorAt(head, i);
            if (entry.section != Section.Init) break;
            if (entry.output != 0) sum += tensorBytes(entry.rows, entry.columns, entry.elementType);
        }
    }

    /// @notice Slots of a round in the trace: its start, its parts, zeros.
    function traceSlots(uint256 parts) internal pure returns (uint256) {
        return FileTreeLib.nextPowerOfTwo(parts + 1);
    }

    /// @notice Bytes of a claim's files, in the order of its submissions: weights, allocation, trace, credits, accounts, rounds.
    function outputBytes(
        bytes memory head,
        uint256 rounds,
        uint256 parts,
        uint256 accounts
    ) internal pure returns (uint256[6] memory) {
        uint256 weights = weightsBytes(head);
        return
            [
                weights,
                _atLeastALeaf(FileTreeLib.nextPowerOfTwo(accounts) * I64_BYTES),
                (rounds * traceSlots(parts) + 1) * ROOT_BYTES,
                _atLeastALeaf(FileTreeLib.nextPowerOfTwo(rounds * parts) * I32_BYTES),
                accounts * ROOT_BYTES,
                rounds * (weights + parts * FileTreeLib.LEAF_BYTES)
            ];
    }

    /// @notice Bytes of a tensor's file.
    function tensorBytes(uint256 rows, uint256 columns, uint8 elementType) internal pure returns (uint256) {
        return TensorLib.leafCount(rows, columns, ProgramLib.elementBytes(elementType)) * FileTreeLib.LEAF_BYTES;
    }

    /// @notice The only tensor of a role, if the program has one.
    function tensorOf(bytes memory head, Role role) internal pure returns (bool found, TensorEntry memory entry) {
        uint256 count = ProgramLib.tensorCount(head);
        for (uint256 i = 0; i < count; ++i) {
            entry = ProgramLib.tensorAt(head, i);
            if (entry.role == role) return (true, entry);
        }
    }

    function _atLeastALeaf(uint256 bytes_) private pure returns (uint256) {
        return bytes_ < FileTreeLib.LEAF_BYTES ? FileTreeLib.LEAF_BYTES : bytes_;
    }

    function _chunks(uint256 elements) private pure returns (uint256) {
        return (elements + ProgramLib.CHUNK_ELEMENTS - 1) / ProgramLib.CHUNK_ELEMENTS;
    }
}
