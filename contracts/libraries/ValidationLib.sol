// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRules, Parameter } from "../interfaces/compute/IProgramRules.sol";
import { ElementLib } from "./ElementLib.sol";
import { Extent, OperationEntry, ProgramLib, TensorEntry } from "./ProgramLib.sol";

/// @notice An operation with the tensors that it names.
/// @param place Of the operation in its table
/// @param tensors What it writes, then what it reads; the rest is of no meaning
/// @param places Of these tensors in their table
/// @param operands How many it reads
/// @param batch Samples of a step
/// @param tableRoot Root of the third operand's file, if that is a constant
struct OperationSite {
    uint256 place;
    OperationEntry operation;
    TensorEntry[4] tensors;
    uint256[4] places;
    uint256 operands;
    uint256 batch;
    bytes32 tableRoot;
}

/// @title What the checks of all operations are made of
/// @notice `which` is the output, 0, or an operand, 1 to 3. A dimension is 2^32 times the extent plus the number or limit, so
/// that a static one is its number.
library ValidationLib {
    uint256 internal constant OUTPUT = 0;
    uint256 internal constant A = 1;
    uint256 internal constant B = 2;
    uint256 internal constant C = 3;

    // Sets of element types: bit t is the type of code t.
    uint256 private constant I8 = 1 << ElementLib.I8;
    uint256 private constant I16 = 1 << ElementLib.I16;
    uint256 internal constant U8 = 1 << ElementLib.U8;
    uint256 internal constant I32 = 1 << ElementLib.I32;
    uint256 internal constant I64 = 1 << ElementLib.I64;
    uint256 internal constant SIGNED = I8 | I16 | I32;
    uint256 internal constant LONG = I16 | I32;
    uint256 internal constant SHORT = I8 | U8 | I16;
    uint256 internal constant NARROW = SHORT | I32;

    uint256 internal constant ONE = 1;
    uint256 private constant EXTENT_SHIFT = 32;
    int256 internal constant MAX_I32 = type(int32).max;
    int256 private constant MAX_SHIFT = 30;

    function rowsOf(OperationSite memory site, uint256 which) internal pure returns (uint256) {
        TensorEntry memory tensor = site.tensors[which];
        return (uint256(tensor.rowExtent) << EXTENT_SHIFT) | tensor.rows;
    }

    function columnsOf(OperationSite memory site, uint256 which) internal pure returns (uint256) {
        TensorEntry memory tensor = site.tensors[which];
        return (uint256(tensor.columnExtent) << EXTENT_SHIFT) | tensor.columns;
    }

    /// @notice A dimension in chunks. Chunks are not cut again.
    function chunksOf(OperationSite memory site, uint256 dimension) internal pure returns (uint256) {
        uint256 extent = dimension >> EXTENT_SHIFT;
        if (extent > uint256(Extent.Credits)) revert IProgramRules.ProgramChunks(site.place, dimension);
        if (extent != 0) extent += uint256(Extent.SampleChunks) - uint256(Extent.Samples);
        uint256 chunks = (uint32(dimension) + ProgramLib.CHUNK_ELEMENTS - 1) / ProgramLib.CHUNK_ELEMENTS;
        return (extent << EXTENT_SHIFT) | chunks;
    }

    function requireType(OperationSite memory site, uint256 which, uint256 allowed) internal pure {
        uint256 actual = site.tensors[which].elementType;
        if ((allowed >> actual) & 1 == 0) {
            revert IProgramRules.ProgramType(site.place, site.places[which], actual, allowed);
        }
    }

    function requireTypeOf(OperationSite memory site, uint256 which, uint256 other) internal pure {
        requireType(site, which, 1 << site.tensors[other].elementType);
    }

    function requireShape(OperationSite memory site, uint256 which, uint256 rows, uint256 columns) internal pure {
        (uint256 actualRows, uint256 actualColumns) = (rowsOf(site, which), columnsOf(site, which));
        if (actualRows != rows || actualColumns != columns) {
            revert IProgramRules.ProgramShape(site.place, site.places[which], actualRows, actualColumns, rows, columns);
        }
    }

    function requireShapeOf(OperationSite memory site, uint256 which, uint256 other) internal pure {
        requireShape(site, which, rowsOf(site, other), columnsOf(site, other));
    }

    /// @notice No tensor of the operation is sized by the job.
    function requireStatic(OperationSite memory site) internal pure {
        for (uint256 i = 0; i <= site.operands; ++i) {
            requireShape(site, i, site.tensors[i].rows, site.tensors[i].columns);
        }
    }

    /// @notice A column that an operation names is there in every job.
    function requireColumn(OperationSite memory site, uint256 which, int256 column, int256 width) internal pure {
        TensorEntry memory tensor = site.tensors[which];
        if (tensor.columnExtent != Extent.Static) {
            revert IProgramRules.ProgramOperandExtent(
                site.place,
                site.places[which],
                tensor.columnExtent,
                Extent.Static
            );
        }
        requireParameter(site, Parameter.First, column, 0, int256(uint256(tensor.columns)) - width);
    }

    function requireParameter(
        OperationSite memory site,
        Parameter parameter,
        int256 actual,
        int256 min,
        int256 max
    ) internal pure {
        if (actual < min || actual > max) revert IProgramRules.ProgramParameter(site.place, parameter, actual);
    }

    /// @notice A rounding shift in 32 bits.
    function requireShift(OperationSite memory site) internal pure {
        requireParameter(site, Parameter.Shift, int256(uint256(site.operation.shift)), 1, MAX_SHIFT);
    }

    function requireMultiplier(OperationSite memory site) internal pure {
        requireParameter(site, Parameter.Multiplier, int256(uint256(site.operation.multiplier)), 1, MAX_I32);
    }

    /// @notice Every value from `lowest` to `highest` must be allowed in the output: it does not saturate.
    function requireBounds(OperationSite memory site, int256 lowest, int256 highest) internal pure {
        TensorEntry memory output = site.tensors[OUTPUT];
        if (lowest < output.lowest || highest > output.highest) {
            revert IProgramRules.ProgramBounds(site.place, lowest, highest);
        }
    }

    /// @notice Every value of an operand must be allowed in the output.
    function requireBoundsOf(OperationSite memory site, uint256 which) internal pure {
        requireBounds(site, site.tensors[which].lowest, site.tensors[which].highest);
    }

    /// @notice A sum or product on the way must fit its accumulator.
    function requireReach(OperationSite memory site, int256 reach, int256 max) internal pure {
        if (reach > max) revert IProgramRules.ProgramOverflow(site.place, reach, max);
    }

    function requireRowLength(OperationSite memory site, uint256 elements) internal pure {
        if (elements > ProgramLib.CHUNK_ELEMENTS) {
            revert IProgramRules.ProgramRowTooLong(site.place, elements, ProgramLib.CHUNK_ELEMENTS);
        }
    }

    function requireElements(OperationSite memory site, uint256 actual, uint256 expected) internal pure {
        if (actual != expected) revert IProgramRules.ProgramElementCount(site.place, actual, expected);
    }

    /// @notice The greatest absolute value in a tensor.
    function magnitude(OperationSite memory site, uint256 which) internal pure returns (int256) {
        int256 lowest = site.tensors[which].lowest;
        int256 highest = site.tensors[which].highest;
        return -lowest > highest ? -lowest : highest;
    }

    /// @notice What a rounding shift adds before it shifts.
    function roundingTerm(OperationSite memory site) internal pure returns (int256) {
        return int256(1 << (site.operation.shift - 1));
    }
}
