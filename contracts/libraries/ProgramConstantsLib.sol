// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRules } from "../interfaces/compute/IProgramRules.sol";
import { ElementLib } from "./ElementLib.sol";
import { FileTreeLib } from "./FileTreeLib.sol";
import { ProgramDraft } from "./ProgramDraftLib.sol";
import { ProgramLib, Role, TensorEntry } from "./ProgramLib.sol";
import { TensorLib } from "./TensorLib.sol";

/// @title The constants of a program, and its file's root
/// @notice A constant is known by its root alone, so whatever holds of a program holds for any bytes of its constants.
library ProgramConstantsLib {
    uint256 internal constant MAX_FILE_LEAVES = 1 << 12;
    /// @dev The table of `softmaxGradient`: i32 [1][768].
    bytes32 internal constant EXP_TABLE_ROOT = 0x516713664b5476193ce124ab7305ac162c43627452f67f8a94ae9c4eb349fceb;
    uint256 internal constant EXP_TABLE_LENGTH = 768;
    int64 internal constant EXP_TABLE_HIGHEST = 65_536;

    /// @notice Places the constants behind the head, in table order, each at the next multiple of its own size.
    /// @return root Root of the program's file
    /// @return fileLeaves Leaves of the file, without the padding of its tree
    function place(
        ProgramDraft memory draft,
        bytes memory head,
        bytes32[] calldata constantRoots
    ) internal pure returns (bytes32 root, uint256 fileLeaves) {
        uint256 headLeaves = head.length / ProgramLib.LEAF_BYTES;
        bytes32[] memory roots = new bytes32[](headLeaves + constantRoots.length);
        uint256[] memory heights = new uint256[](roots.length);
        for (uint256 i = 0; i < headLeaves; ++i) roots[i] = FileTreeLib.hashChunk(head, i);
        fileLeaves = headLeaves;
        uint256 next = headLeaves;
        for (uint256 i = 0; i < draft.tensors.length; ++i) {
            TensorEntry memory tensor = draft.tensors[i];
            if (tensor.role != Role.Constant) continue;
            if (next == roots.length) {
                revert IProgramRules.ProgramConstantCount(constantRoots.length, _count(draft));
            }
            uint256 leaves = TensorLib.leafCount(
                tensor.rows,
                tensor.columns,
                ProgramLib.elementBytes(tensor.elementType)
            );
            uint256 start = ((fileLeaves + leaves - 1) / leaves) * leaves;
            if (tensor.index != start) revert IProgramRules.ProgramConstantPlace(i, tensor.index, start);
            fileLeaves = start + leaves;
            if (fileLeaves > MAX_FILE_LEAVES) revert IProgramRules.ProgramFileTooLong(fileLeaves, MAX_FILE_LEAVES);
            roots[next] = constantRoots[next - headLeaves];
            while (1 << heights[next] < leaves) ++heights[next];
            draft.constantRoots[i] = roots[next++];
        }
        if (next != roots.length) revert IProgramRules.ProgramConstantCount(constantRoots.length, _count(draft));
        uint256 treeLeaves = FileTreeLib.paddedLeafCount(fileLeaves * ProgramLib.LEAF_BYTES);
        root = FileTreeLib.rootOfSubtrees(roots, heights, treeLeaves);
    }

    /// @notice Checks the bounds that the constants declare.
    function check(ProgramDraft memory draft) internal pure {
        for (uint256 i = 0; i < draft.tensors.length; ++i) {
            TensorEntry memory tensor = draft.tensors[i];
            if (tensor.role != Role.Constant) continue;
            (int64 lowest, int64 highest) = ProgramLib.typeRange(tensor.elementType);
            if (_isTable(tensor, draft.constantRoots[i])) (lowest, highest) = (0, EXP_TABLE_HIGHEST);
            if (tensor.lowest != lowest || tensor.highest != highest) {
                revert IProgramRules.ProgramConstantBounds(i, tensor.lowest, tensor.highest);
            }
        }
    }

    function _isTable(TensorEntry memory tensor, bytes32 root) private pure returns (bool) {
        return
            root == EXP_TABLE_ROOT &&
            tensor.elementType == ElementLib.I32 &&
            tensor.rows == 1 &&
            tensor.columns == EXP_TABLE_LENGTH;
    }

    function _count(ProgramDraft memory draft) private pure returns (uint256 count) {
        for (uint256 i = 0; i < draft.tensors.length; ++i) if (draft.tensors[i].role == Role.Constant) ++count;
    }
}
