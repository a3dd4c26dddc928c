// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRules, Parameter } from "../interfaces/compute/IProgramRules.sol";
import { Extent, ProgramLib, Role } from "./ProgramLib.sol";
import { OperationSite, ValidationLib as Rule } from "./ValidationLib.sol";
import { OperationCode } from "./ops/OperationCode.sol";

/// @title The rules of the operations that divide shares, codes 12 to 16
library ValidationSharesLib {
    int256 private constant FIELD_BYTES = 4;
    int256 private constant LEAF_BYTES = 256;
    // Places in the terms.
    int256 private constant FIRST_POOL = 1;
    int256 private constant LAST_POOL = 4;
    int256 private constant SAMPLES = 5;
    int256 private constant CREDITS = 6;

    function check(OperationSite memory site, OperationCode code) internal pure {
        if (code == OperationCode.Column) _column(site);
        else if (code == OperationCode.Count) _count(site);
        else if (code == OperationCode.Proportion) _proportion(site);
        else if (code == OperationCode.Sum) _sum(site);
        else _remainder(site);
    }

    function _column(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.U8);
        Rule.requireType(site, Rule.OUTPUT, Rule.I32);
        Rule.requireShape(site, Rule.OUTPUT, Rule.rowsOf(site, Rule.A), Rule.ONE);
        int256 first = site.operation.first;
        Rule.requireColumn(site, Rule.A, first, FIELD_BYTES);
        // Rows start at leaves or lie within one, so the field does too.
        Rule.requireParameter(site, Parameter.First, first % LEAF_BYTES, 0, LEAF_BYTES - FIELD_BYTES);
        Rule.requireBounds(site, type(int32).min, type(int32).max);
    }

    function _count(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.I32);
        Rule.requireType(site, Rule.OUTPUT, Rule.I32);
        uint256 rows = Rule.rowsOf(site, Rule.A);
        Rule.requireShape(site, Rule.A, rows, Rule.ONE);
        Extent extent = site.tensors[Rule.OUTPUT].columnExtent;
        if (extent != Extent.Accounts) {
            revert IProgramRules.ProgramOperandExtent(site.place, site.places[Rule.OUTPUT], extent, Extent.Accounts);
        }
        Rule.requireShape(site, Rule.OUTPUT, Rule.chunksOf(site, rows), Rule.columnsOf(site, Rule.OUTPUT));
        Rule.requireBounds(site, 0, int256(uint256(site.tensors[Rule.A].rows)));
    }

    function _proportion(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.I32);
        if (site.tensors[Rule.A].lowest < 0) _revertLowest(site, Rule.A);
        _requireTerms(site, Rule.B);
        Rule.requireType(site, Rule.OUTPUT, Rule.I64);
        Rule.requireShape(site, Rule.OUTPUT, Rule.columnsOf(site, Rule.A), Rule.ONE);
        if (site.tensors[Rule.OUTPUT].lowest != 0) _revertLowest(site, Rule.OUTPUT);
        Rule.requireParameter(site, Parameter.First, site.operation.first, FIRST_POOL, LAST_POOL);
        Rule.requireParameter(site, Parameter.Second, site.operation.second, SAMPLES, CREDITS);
    }

    function _sum(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.I64);
        Rule.requireType(site, Rule.OUTPUT, Rule.I64);
        uint256 rows = Rule.rowsOf(site, Rule.A);
        Rule.requireShape(site, Rule.A, rows, Rule.ONE);
        Rule.requireShape(site, Rule.OUTPUT, Rule.chunksOf(site, rows), Rule.ONE);
        int256 reach = Rule.magnitude(site, Rule.A) * int256(ProgramLib.CHUNK_ELEMENTS);
        Rule.requireReach(site, reach + Rule.magnitude(site, Rule.OUTPUT), type(int64).max);
    }

    function _remainder(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.I64);
        Rule.requireType(site, Rule.B, Rule.I64);
        Rule.requireType(site, Rule.OUTPUT, Rule.I64);
        _requireTerms(site, Rule.C);
        uint256 rows = Rule.rowsOf(site, Rule.A);
        Rule.requireShape(site, Rule.A, rows, Rule.ONE);
        Rule.requireShape(site, Rule.B, Rule.chunksOf(site, rows), Rule.ONE);
        Rule.requireShapeOf(site, Rule.OUTPUT, Rule.A);
        int256 gain = int256(site.tensors[Rule.C].highest) - site.tensors[Rule.B].lowest;
        Rule.requireBounds(site, site.tensors[Rule.A].lowest, site.tensors[Rule.A].highest + gain);
    }

    /// @dev Terms have their type and shape by their role.
    function _requireTerms(OperationSite memory site, uint256 which) private pure {
        Role role = site.tensors[which].role;
        if (role != Role.Terms) {
            revert IProgramRules.ProgramOperandRole(site.place, site.places[which], role, Role.Terms);
        }
    }

    function _revertLowest(OperationSite memory site, uint256 which) private pure {
        revert IProgramRules.ProgramLowest(site.place, site.places[which], site.tensors[which].lowest);
    }
}
