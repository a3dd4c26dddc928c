// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRules, Parameter } from "../interfaces/compute/IProgramRules.sol";
import { ProgramDraft } from "./ProgramDraftLib.sol";
import { OperationEntry, ProgramLib, Role, TensorEntry } from "./ProgramLib.sol";
import { ValidationImagesLib } from "./ValidationImagesLib.sol";
import { OperationSite, ValidationLib } from "./ValidationLib.sol";
import { ValidationModelLib } from "./ValidationModelLib.sol";
import { ValidationSharesLib } from "./ValidationSharesLib.sol";
import { OperationCode } from "./ops/OperationCode.sol";

/// @title What a program's operations may do
/// @notice Every computed tensor is written once, by an operation of its section that reads what is there before it.
library ProgramOperationsLib {
    /// @dev A byte for each operation: the fewest and the most operands, two bits each; then a bit for each parameter
    /// that it uses: shift, multiplier, first, second.
    bytes25 private constant FORMS = hex"0e_50_53_a0_5c_a0_f0_50_a8_b0_50_52_50_a3_50_f0_a0_53_53_52_50_52_a2_a8_50";

    /// @notice Checks every operation, and that nothing stays unwritten.
    function check(ProgramDraft memory draft) internal pure {
        bool[] memory isWritten = new bool[](draft.tensors.length);
        OperationSite memory site;
        site.batch = draft.batch;
        for (uint256 i = 0; i < draft.operations.length; ++i) {
            site.place = i;
            site.operation = draft.operations[i];
            _check(draft, site, isWritten);
        }
        for (uint256 i = 0; i < isWritten.length; ++i) {
            if (!isWritten[i] && draft.tensors[i].role == Role.Computed) revert IProgramRules.ProgramUnwritten(i);
        }
    }

    function _check(ProgramDraft memory draft, OperationSite memory site, bool[] memory isWritten) private pure {
        OperationEntry memory operation = site.operation;
        uint8 form = uint8(FORMS[operation.code - 1]);
        site.operands = _operandCount(operation);
        if (site.operands < form >> 6 || site.operands > (form >> 4) & 3) {
            revert IProgramRules.ProgramArity(site.place, site.operands, form >> 6, (form >> 4) & 3);
        }
        _takeOutput(draft, site, isWritten);
        for (uint256 i = 0; i < site.operands; ++i) _takeOperand(draft, site, isWritten, i);
        _requireUsed(site, form, 8, Parameter.Shift, int256(uint256(operation.shift)));
        _requireUsed(site, form, 4, Parameter.Multiplier, int256(uint256(operation.multiplier)));
        _requireUsed(site, form, 2, Parameter.First, operation.first);
        _requireUsed(site, form, 1, Parameter.Second, operation.second);

        OperationCode code = OperationCode(operation.code);
        if (code <= OperationCode.Argmax) ValidationModelLib.check(site, code);
        else if (code <= OperationCode.Remainder) ValidationSharesLib.check(site, code);
        else ValidationImagesLib.check(site, code);
        isWritten[operation.output] = true;
    }

    function _takeOutput(ProgramDraft memory draft, OperationSite memory site, bool[] memory isWritten) private pure {
        uint256 place = site.operation.output;
        if (place >= draft.tensors.length) revert IProgramRules.ProgramOutput(site.place, place);
        TensorEntry memory tensor = draft.tensors[place];
        if (tensor.section != site.operation.section || tensor.role != Role.Computed || isWritten[place]) {
            revert IProgramRules.ProgramOutput(site.place, place);
        }
        site.tensors[ValidationLib.OUTPUT] = tensor;
        site.places[ValidationLib.OUTPUT] = place;
    }

    function _takeOperand(
        ProgramDraft memory draft,
        OperationSite memory site,
        bool[] memory isWritten,
        uint256 which
    ) private pure {
        uint256 place = site.operation.operands[which];
        if (place >= draft.tensors.length) revert IProgramRules.ProgramOperand(site.place, place);
        TensorEntry memory tensor = draft.tensors[place];
        bool isThere = tensor.role != Role.Computed || isWritten[place];
        bool isDataset = tensor.role == Role.Samples || tensor.role == Role.Labels;
        bool isReadable = !isDataset || site.operation.code == uint8(OperationCode.Gather);
        if (tensor.section != site.operation.section || !isThere || !isReadable) {
            revert IProgramRules.ProgramOperand(site.place, place);
        }
        site.tensors[which + 1] = tensor;
        site.places[which + 1] = place;
        site.tableRoot = draft.constantRoots[place];
    }

    function _requireUsed(
        OperationSite memory site,
        uint8 form,
        uint8 bit,
        Parameter parameter,
        int256 actual
    ) private pure {
        if (form & bit == 0) ValidationLib.requireParameter(site, parameter, actual, 0, 0);
    }

    function _operandCount(OperationEntry memory operation) private pure returns (uint256 count) {
        while (count < 3 && operation.operands[count] != ProgramLib.NO_TENSOR) ++count;
    }
}
