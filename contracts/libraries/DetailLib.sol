// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeLib } from "./FileTreeLib.sol";
import { JobShapeLib, JobSize } from "./JobShapeLib.sol";
import { ProgramLib, Section, TensorEntry } from "./ProgramLib.sol";

/// @title The detail file of an execution
/// @notice Layout and meaning are those of docs/spec/compute.md: a record of roots for each step, side by side.
library DetailLib {
    /// @notice Levels that are opened at once, at most.
    uint256 internal constant OPENED_LEVELS = 6;
    /// @notice A tensor of at most 2^3 leaves is shown whole.
    uint256 internal constant LEAVES_HEIGHT = 3;

    uint256 private constant MIN_RECORD_ROOTS = 8;
    uint256 private constant ROOT_BYTES = 32;

    /// @notice Roots of a record: one for each operation, the last for the state, zeros between.
    function recordRoots(uint256 operations) internal pure returns (uint256 roots) {
        roots = FileTreeLib.nextPowerOfTwo(operations + 1);
        if (roots < MIN_RECORD_ROOTS) roots = MIN_RECORD_ROOTS;
    }

    /// @notice Levels from the detail root down to the records.
    function stepsHeight(uint256 steps) internal pure returns (uint256 height) {
        while (1 << height < steps) ++height;
    }

    /// @notice Levels that the next opening goes down, on a way down of `height` levels: as few openings as can be, of about
    /// as many levels each, since a level more doubles what is shown.
    function openedLevels(uint256 height) internal pure returns (uint256) {
        uint256 openings = (height + OPENED_LEVELS - 1) / OPENED_LEVELS;
        return openings == 0 ? 0 : (height + openings - 1) / openings;
    }

    /// @notice The 32 bytes at a place of a root list's leaf.
    function rootAt(bytes memory leaf, uint256 slot) internal pure returns (bytes32 root) {
        uint256 offset = ROOT_BYTES + (slot % FileTreeLib.ROOTS_PER_LEAF) * ROOT_BYTES;
        assembly ("memory-safe") {
            root := mload(add(leaf, offset))
        }
    }

    /// @notice The state that a step leaves, from the roots of what its operations wrote.
    /// @param roots One root for each operation of the section, and possibly more
    function stateOf(bytes memory head, Section section, bytes calldata roots) internal pure returns (bytes32) {
        (uint256 first, uint256 count) = ProgramLib.operationsOf(head, section);
        bytes32[] memory outputs = new bytes32[](count);
        uint256[] memory heights = new uint256[](count);
        uint256 slots;
        for (uint256 i = 0; i < count; ++i) {
            uint256 word = ProgramLib.writtenWord(head, first + i);
            // Few tensors are outputs: the others are not decoded.
            if (ProgramLib.outputOf(word) == 0) continue;
            TensorEntry memory entry = ProgramLib.decodeTensor(word);
            bytes32 root = bytes32(roots[i * ROOT_BYTES:(i + 1) * ROOT_BYTES]);
            if (section == Section.Infer || section == Section.Allocate) return root;
            outputs[entry.output - 1] = root;
            heights[entry.output - 1] = JobShapeLib.heightOf(entry, JobSize(0, 0, 0));
            ++slots;
        }
        return _weightsRoot(outputs, heights, slots);
    }

    /// @dev Root of the weights file: its tensors in descending size, equal sizes in the order of their slots.
    function _weightsRoot(
        bytes32[] memory roots,
        uint256[] memory heights,
        uint256 slots
    ) private pure returns (bytes32) {
        bytes32[] memory sorted = new bytes32[](slots);
        uint256[] memory sortedHeights = new uint256[](slots);
        uint256 leaves;
        uint256 used;
        uint256 height;
        for (uint256 i = 0; i < slots; ++i) {
            leaves += 1 << heights[i];
            if (heights[i] > height) height = heights[i];
        }
        // Every pass takes all of one height and finds the next lower one.
        while (used < slots) {
            uint256 next;
            for (uint256 i = 0; i < slots; ++i) {
                if (heights[i] == height) (sorted[used], sortedHeights[used++]) = (roots[i], height);
                else if (heights[i] < height && heights[i] > next) next = heights[i];
            }
            height = next;
        }
        uint256 leafCount = FileTreeLib.paddedLeafCount(leaves * FileTreeLib.LEAF_BYTES);
        return FileTreeLib.rootOfSubtrees(sorted, sortedHeights, leafCount);
    }
}
