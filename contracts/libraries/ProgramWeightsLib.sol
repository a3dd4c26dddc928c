// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRules } from "../interfaces/compute/IProgramRules.sol";
import { ElementLib } from "./ElementLib.sol";
import { ProgramDraft } from "./ProgramDraftLib.sol";
import { Extent, Role, Section, TensorEntry } from "./ProgramLib.sol";
import { ValidationLib } from "./ValidationLib.sol";

/// @title What a program makes
/// @notice The model is the same wherever it is written and read, and answers and allocations are one column each.
library ProgramWeightsLib {
    function check(ProgramDraft memory draft) internal pure {
        uint256 slots = draft.outputs[uint256(Section.Init)];
        // All bits below the first clear one, and at least one.
        if (slots == 0 || slots & (slots + 1) != 0) {
            revert IProgramRules.ProgramWeightsSlots(Section.Init, slots, slots | 1);
        }
        bool isTrained = _hasStep(draft);
        if (!isTrained && (draft.parts != 1 || draft.batch != 1 || draft.stepsPerPart != 1)) {
            revert IProgramRules.ProgramUntrained(draft.parts, draft.batch, draft.stepsPerPart);
        }
        _requireSlots(draft, Section.Step, isTrained ? slots : 0);
        _requireSlots(draft, Section.Average, draft.parts > 1 ? slots : 0);
        _checkModel(draft);
        _checkResults(draft);
    }

    /// @dev Without a step the weights come from elsewhere.
    function _hasStep(ProgramDraft memory draft) private pure returns (bool) {
        for (uint256 i = 0; i < draft.tensors.length; ++i) {
            if (draft.tensors[i].section == Section.Step) return true;
        }
        return false;
    }

    function _requireSlots(ProgramDraft memory draft, Section section, uint256 expected) private pure {
        uint256 actual = draft.outputs[uint256(section)];
        if (actual != expected) revert IProgramRules.ProgramWeightsSlots(section, actual, expected);
    }

    function _checkModel(ProgramDraft memory draft) private pure {
        uint256[] memory model = new uint256[](type(uint8).max);
        uint256 count = 0;
        for (uint256 i = 0; i < draft.tensors.length; ++i) {
            TensorEntry memory tensor = draft.tensors[i];
            if (tensor.section == Section.Init) {
                if (tensor.output == 0) continue;
                // `init` stands first, so the whole model is known before anything is compared with it.
                model[tensor.output - 1] = i;
                ++count;
                bool isWeight = (ValidationLib.SIGNED >> tensor.elementType) & 1 == 1;
                if (!isWeight || !_isStatic(tensor)) revert IProgramRules.ProgramWeights(i, tensor.output - 1);
            } else if (tensor.role == Role.Weights) {
                _requireSame(draft, model, count, i, tensor, tensor.index);
            } else if (tensor.section == Section.Average && draft.parts == 1) {
                revert IProgramRules.ProgramAverage(i);
            } else if (tensor.role == Role.PartWeights) {
                if (tensor.index >> 8 >= draft.parts) revert IProgramRules.ProgramWeights(i, tensor.index);
                _requireSame(draft, model, count, i, tensor, tensor.index & 0xff);
            } else if (tensor.output != 0 && tensor.section <= Section.Average) {
                _requireSame(draft, model, count, i, tensor, tensor.output - 1);
            }
        }
    }

    /// @param model By slot: the tensor that `init` gives
    function _requireSame(
        ProgramDraft memory draft,
        uint256[] memory model,
        uint256 count,
        uint256 place,
        TensorEntry memory tensor,
        uint256 slot
    ) private pure {
        if (slot < count) {
            TensorEntry memory expected = draft.tensors[model[slot]];
            if (
                tensor.elementType == expected.elementType &&
                tensor.rows == expected.rows &&
                tensor.columns == expected.columns &&
                tensor.lowest == expected.lowest &&
                tensor.highest == expected.highest &&
                _isStatic(tensor)
            ) return;
        }
        revert IProgramRules.ProgramWeights(place, slot);
    }

    function _checkResults(ProgramDraft memory draft) private pure {
        bool hasAnswer = draft.outputs[uint256(Section.Infer)] == 1;
        bool hasAllocation = draft.outputs[uint256(Section.Allocate)] == 1;
        for (uint256 i = 0; i < draft.tensors.length; ++i) {
            TensorEntry memory tensor = draft.tensors[i];
            if (tensor.section < Section.Infer) continue;
            bool fits = tensor.section == Section.Infer ? hasAnswer : hasAllocation;
            if (tensor.output != 0) {
                fits = fits && tensor.columns == 1 && tensor.columnExtent == Extent.Static;
                bool isAnswer = tensor.elementType == ElementLib.I32;
                bool isAllocation = tensor.elementType == ElementLib.I64 && tensor.rowExtent == Extent.Accounts;
                fits = fits && (tensor.section == Section.Infer ? isAnswer : isAllocation);
            }
            if (!fits) revert IProgramRules.ProgramResult(tensor.section);
        }
    }

    function _isStatic(TensorEntry memory tensor) private pure returns (bool) {
        return tensor.rowExtent == Extent.Static && tensor.columnExtent == Extent.Static;
    }
}
