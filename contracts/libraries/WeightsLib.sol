// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeLib } from "./FileTreeLib.sol";
import { ProgramLib, Section, TensorEntry } from "./ProgramLib.sol";
import { TensorLib } from "./TensorLib.sol";

/// @title Where a model's tensors lie in its weights file
/// @notice In descending size, equal sizes in slot order, one after the other.
library WeightsLib {
    /// @notice First leaf of a slot's tensor, and the leaves of the whole file with its padding.
    /// @param leaves Leaves of the slot's tensor
    function place(
        bytes memory head,
        uint256 slot,
        uint256 leaves
    ) internal pure returns (uint256 firstLeaf, uint256 fileLeaves) {
        uint256 count = ProgramLib.tensorCount(head);
        TensorEntry memory entry;
        // Tensors stand section by section, and the first one gives every slot.
        for (uint256 i = 0; i < count; ++i) {
            ProgramLib.readTensor(head, i, entry);
            if (entry.section != Section.Init) break;
            if (entry.output == 0) continue;
            uint256 other = tensorLeaves(entry);
            fileLeaves += other;
            if (other > leaves || (other == leaves && entry.output - 1 < slot)) firstLeaf += other;
        }
        fileLeaves = FileTreeLib.paddedLeafCount(fileLeaves * FileTreeLib.LEAF_BYTES);
    }

    /// @notice Leaves of a tensor's file, by the rows and columns in its entry.
    function tensorLeaves(TensorEntry memory entry) internal pure returns (uint256) {
        return TensorLib.leafCount(entry.rows, entry.columns, ProgramLib.elementBytes(entry.elementType));
    }
}
