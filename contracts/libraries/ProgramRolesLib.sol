// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRules } from "../interfaces/compute/IProgramRules.sol";
import { ElementLib } from "./ElementLib.sol";
import { ProgramDraft } from "./ProgramDraftLib.sol";
import { ProgramLib, Extent, Role, Section, TensorEntry } from "./ProgramLib.sol";

/// @title What a program's tensors may be
/// @notice Bounds, extents and roles, and which tensors are outputs of their section.
library ProgramRolesLib {
    uint256 internal constant RECORD_BYTES = 256;
    uint256 internal constant TERMS_LENGTH = 8;
    /// @dev So that sums of shares fit 64 bits.
    int64 internal constant MAX_TERM = (1 << 50) - 1;

    /// @notice Checks every tensor alone, and notes the outputs of each section.
    function check(ProgramDraft memory draft) internal pure {
        uint256 seen = 0;
        for (uint256 i = 0; i < draft.tensors.length; ++i) {
            TensorEntry memory tensor = draft.tensors[i];
            (int64 lowest, int64 highest) = ProgramLib.typeRange(tensor.elementType);
            if (tensor.lowest < lowest || tensor.lowest > tensor.highest || tensor.highest > highest) {
                revert IProgramRules.ProgramTypeRange(i, tensor.lowest, tensor.highest);
            }
            if (!_isSized(tensor)) revert IProgramRules.ProgramExtent(i, tensor.rowExtent, tensor.columnExtent);
            if (!_fitsRole(tensor)) revert IProgramRules.ProgramRole(i, tensor.role);
            if (tensor.role >= Role.Samples) {
                uint256 bit = 1 << uint256(tensor.role);
                if (seen & bit != 0) revert IProgramRules.ProgramRole(i, tensor.role);
                seen |= bit;
            }
            if (tensor.output != 0) _noteOutput(draft, i, tensor);
        }
    }

    /// @dev Whether the numbers that size a tensor are known when its section is run.
    function _isSized(TensorEntry memory tensor) private pure returns (bool) {
        if (tensor.role == Role.Constant) return tensor.rowExtent == Extent.Static && _isColumnsStatic(tensor);
        if (tensor.section == Section.Allocate) return true;
        Extent greatest = tensor.section == Section.Step ? Extent.Samples : Extent.Static;
        return tensor.rowExtent <= greatest && tensor.columnExtent <= greatest;
    }

    function _fitsRole(TensorEntry memory tensor) private pure returns (bool) {
        Role role = tensor.role;
        if (role == Role.Constant) return true;
        if (role == Role.Weights) return tensor.section == Section.Step || tensor.section == Section.Infer;
        if (role == Role.PartWeights) return tensor.section == Section.Average;
        if (tensor.index != 0) return false;
        if (role == Role.Computed) return true;
        if (!_isColumnsStatic(tensor)) return false;
        if (role == Role.Samples) return _isOutside(tensor, Section.Step, ElementLib.U8, Extent.Samples);
        if (role == Role.Labels)
            return _isOutside(tensor, Section.Step, ElementLib.U8, Extent.Samples) && tensor.columns == 1;
        if (role == Role.Query) return _isOutside(tensor, Section.Infer, ElementLib.U8, Extent.Static);
        if (role == Role.Records) {
            return
                _isOutside(tensor, Section.Allocate, ElementLib.U8, Extent.Samples) && tensor.columns == RECORD_BYTES;
        }
        if (role == Role.Credits) {
            return _isOutside(tensor, Section.Allocate, ElementLib.I32, Extent.Credits) && tensor.columns == 1;
        }
        return
            tensor.section == Section.Allocate &&
            tensor.elementType == ElementLib.I64 &&
            tensor.rowExtent == Extent.Static &&
            tensor.rows == 1 &&
            tensor.columns == TERMS_LENGTH &&
            tensor.lowest == 0 &&
            tensor.highest == MAX_TERM;
    }

    /// @dev Whether a tensor from outside has this section, type and extent, and its type's whole range.
    function _isOutside(
        TensorEntry memory tensor,
        Section section,
        uint8 elementType,
        Extent rowExtent
    ) private pure returns (bool) {
        (int64 lowest, int64 highest) = ProgramLib.typeRange(elementType);
        return
            tensor.section == section &&
            tensor.elementType == elementType &&
            tensor.rowExtent == rowExtent &&
            tensor.lowest == lowest &&
            tensor.highest == highest;
    }

    function _isColumnsStatic(TensorEntry memory tensor) private pure returns (bool) {
        return tensor.columnExtent == Extent.Static;
    }

    function _noteOutput(ProgramDraft memory draft, uint256 place, TensorEntry memory tensor) private pure {
        uint256 slot = tensor.output - 1;
        uint256 outputs = draft.outputs[uint256(tensor.section)];
        if (tensor.role != Role.Computed || (outputs >> slot) & 1 == 1) {
            revert IProgramRules.ProgramOutputSlot(place, slot);
        }
        draft.outputs[uint256(tensor.section)] = outputs | (1 << slot);
    }
}
