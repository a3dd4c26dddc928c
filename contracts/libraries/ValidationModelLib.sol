// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRules, Parameter } from "../interfaces/compute/IProgramRules.sol";
import { ElementLib } from "./ElementLib.sol";
import { ProgramConstantsLib } from "./ProgramConstantsLib.sol";
import { Extent, Section } from "./ProgramLib.sol";
import { OperationSite, ValidationLib as Rule } from "./ValidationLib.sol";
import { OperationCode } from "./ops/OperationCode.sol";

/// @title The rules of the operations that train a network, codes 1 to 11
library ValidationModelLib {
    /// @dev Greatest absolute value of a sum of four random bytes minus its mean.
    int256 private constant NOISE = 510;
    /// @dev Probability 1 of `softmaxGradient`.
    int256 private constant UNIT = 1 << 14;

    function check(OperationSite memory site, OperationCode code) internal pure {
        if (code == OperationCode.Init) _init(site);
        else if (code == OperationCode.Gather) _gather(site);
        else if (code == OperationCode.SetColumn) _setColumn(site);
        else if (code == OperationCode.Matmul) _matmul(site);
        else if (code == OperationCode.Requantise) _requantise(site);
        else if (code == OperationCode.Gate) _gate(site);
        else if (code == OperationCode.SoftmaxGradient) _softmaxGradient(site);
        else if (code == OperationCode.Transpose) _transpose(site);
        else if (code == OperationCode.Update) _update(site);
        else if (code == OperationCode.Add) _add(site);
        else _argmax(site);
    }

    function _init(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.OUTPUT, Rule.SIGNED);
        Rule.requireShift(site);
        Rule.requireParameter(site, Parameter.First, site.operation.first, 0, type(int64).max);
        Rule.requireMultiplier(site);
        int256 reach = int256(uint256(site.operation.multiplier)) * NOISE + Rule.roundingTerm(site);
        Rule.requireReach(site, reach, Rule.MAX_I32);
    }

    function _gather(OperationSite memory site) private pure {
        if (site.operation.section != Section.Step) {
            revert IProgramRules.ProgramOperationSection(site.place, site.operation.section, Section.Step);
        }
        Extent extent = site.tensors[Rule.A].rowExtent;
        if (extent != Extent.Samples) {
            revert IProgramRules.ProgramOperandExtent(site.place, site.places[Rule.A], extent, Extent.Samples);
        }
        Rule.requireType(site, Rule.A, Rule.U8);
        Rule.requireType(site, Rule.OUTPUT, Rule.U8);
        Rule.requireShape(site, Rule.OUTPUT, site.batch, Rule.columnsOf(site, Rule.A));
        Rule.requireBoundsOf(site, Rule.A);
    }

    function _setColumn(OperationSite memory site) private pure {
        _requireCopy(site);
        Rule.requireShapeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireColumn(site, Rule.A, site.operation.first, 1);
        Rule.requireBounds(site, site.operation.second, site.operation.second);
    }

    function _matmul(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.SHORT);
        Rule.requireType(site, Rule.B, Rule.SHORT);
        Rule.requireType(site, Rule.OUTPUT, Rule.I32);
        Rule.requireShape(site, Rule.B, Rule.rowsOf(site, Rule.B), Rule.columnsOf(site, Rule.A));
        Rule.requireShape(site, Rule.OUTPUT, Rule.rowsOf(site, Rule.A), Rule.rowsOf(site, Rule.B));
        uint256 columns = site.tensors[Rule.A].columns;
        Rule.requireRowLength(site, columns);
        int256 reach = Rule.magnitude(site, Rule.A) * Rule.magnitude(site, Rule.B) * int256(columns);
        Rule.requireReach(site, reach, Rule.MAX_I32);
        Rule.requireBounds(site, -reach, reach);
    }

    function _requantise(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.NARROW);
        Rule.requireType(site, Rule.OUTPUT, Rule.NARROW);
        Rule.requireShapeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireShift(site);
        Rule.requireMultiplier(site);
        int256 product = Rule.magnitude(site, Rule.A) * int256(uint256(site.operation.multiplier));
        Rule.requireReach(site, product + Rule.roundingTerm(site), Rule.MAX_I32);
    }

    function _gate(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.SIGNED);
        Rule.requireType(site, Rule.B, Rule.NARROW);
        Rule.requireTypeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireShapeOf(site, Rule.B, Rule.A);
        Rule.requireShapeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireBoundsOf(site, Rule.A);
        Rule.requireBounds(site, 0, 0);
    }

    function _softmaxGradient(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.SIGNED);
        Rule.requireType(site, Rule.B, Rule.U8);
        Rule.requireType(site, Rule.C, Rule.I32);
        Rule.requireType(site, Rule.OUTPUT, Rule.LONG);
        Rule.requireShape(site, Rule.B, Rule.rowsOf(site, Rule.A), Rule.ONE);
        Rule.requireShape(site, Rule.C, Rule.ONE, ProgramConstantsLib.EXP_TABLE_LENGTH);
        Rule.requireShapeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireRowLength(site, site.tensors[Rule.A].columns);
        int256 spread = int256(site.tensors[Rule.A].highest) - site.tensors[Rule.A].lowest;
        Rule.requireReach(site, spread, Rule.MAX_I32);
        Rule.requireBounds(site, -UNIT, UNIT);
        if (site.tableRoot != ProgramConstantsLib.EXP_TABLE_ROOT) {
            revert IProgramRules.ProgramTable(site.place, site.tableRoot, ProgramConstantsLib.EXP_TABLE_ROOT);
        }
    }

    function _transpose(OperationSite memory site) private pure {
        _requireCopy(site);
        Rule.requireShape(site, Rule.OUTPUT, Rule.columnsOf(site, Rule.A), Rule.rowsOf(site, Rule.A));
    }

    function _update(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.SIGNED);
        Rule.requireType(site, Rule.B, Rule.LONG);
        Rule.requireTypeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireShapeOf(site, Rule.B, Rule.A);
        Rule.requireShapeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireShift(site);
        int256 change = Rule.magnitude(site, Rule.B) + Rule.roundingTerm(site);
        Rule.requireReach(site, change, Rule.MAX_I32);
        Rule.requireReach(site, Rule.magnitude(site, Rule.A) + (change >> site.operation.shift) + 1, Rule.MAX_I32);
    }

    function _add(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.OUTPUT, Rule.I32 | Rule.I64);
        uint256 allowed = site.tensors[Rule.OUTPUT].elementType == ElementLib.I64 ? Rule.I64 : Rule.NARROW;
        (int256 lowest, int256 highest) = (0, 0);
        for (uint256 i = 1; i <= site.operands; ++i) {
            Rule.requireType(site, i, allowed);
            Rule.requireShapeOf(site, i, Rule.A);
            lowest += site.tensors[i].lowest;
            highest += site.tensors[i].highest;
        }
        Rule.requireShapeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireBounds(site, lowest, highest);
    }

    function _argmax(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.NARROW);
        Rule.requireType(site, Rule.OUTPUT, Rule.I32);
        Rule.requireShape(site, Rule.OUTPUT, Rule.rowsOf(site, Rule.A), Rule.ONE);
        uint256 columns = site.tensors[Rule.A].columns;
        Rule.requireRowLength(site, columns);
        Rule.requireBounds(site, 0, int256(columns) - 1);
    }

    /// @dev Elements of the output are elements of the operand.
    function _requireCopy(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.NARROW);
        Rule.requireTypeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireBoundsOf(site, Rule.A);
    }
}
