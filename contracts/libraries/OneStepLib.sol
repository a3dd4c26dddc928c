// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ElementLib, Elements } from "./ElementLib.sol";
import { OperationEntry, ProgramLib, TensorEntry } from "./ProgramLib.sol";
import { ElementOps } from "./ops/ElementOps.sol";
import { LedgerOps } from "./ops/LedgerOps.sol";
import { OperationCode } from "./ops/OperationCode.sol";
import { ProductOps } from "./ops/ProductOps.sol";
import { RandomOps } from "./ops/RandomOps.sol";
import { RowOps } from "./ops/RowOps.sol";
import { ShapeOps, Windows } from "./ops/ShapeOps.sol";

/// @notice One element inside the shape of an operation's output, and what it depends on besides operands.
/// @param output With the rows and columns that the job gives it, like `operands`
/// @param seed The job's
/// @param samples Samples of the job's dataset
/// @param position Place of the step's first sample in the job's sequence
/// @param terms The job's terms
struct Site {
    OperationEntry operation;
    TensorEntry output;
    TensorEntry[] operands;
    uint256 row;
    uint256 column;
    bytes32 seed;
    uint256 samples;
    uint256 position;
    Elements terms;
}

/// @notice Elements side by side that one element depends on.
/// @param operand Which operand, or `OneStepLib.BEFORE`
/// @param row Row of the first one
/// @param column Column of the first one
/// @param count How many; of a tensor of one column, rows
struct Read {
    uint256 operand;
    uint256 row;
    uint256 column;
    uint256 count;
}

/// @title One element of one operation
/// @notice First what the element reads, then what it must be. docs/spec/compute.md says both for each operation.
library OneStepLib {
    /// @dev Stands for the output itself, in which a chain's element reads one of the chunk before.
    uint256 internal constant BEFORE = 3;
    uint256 private constant CHUNK = ProgramLib.CHUNK_ELEMENTS;
    /// @dev Bytes of the field that `column` reads.
    uint256 private constant FIELD_BYTES = 4;

    /// @notice What the element reads, in the order in which `expected` takes it.
    function reads(Site memory site) internal pure returns (Read[] memory) {
        OperationCode code = OperationCode(site.operation.code);
        (uint256 row, uint256 column) = (site.row, site.column);
        if (code == OperationCode.Matmul) {
            uint256 count = site.operands[0].columns;
            return _two(Read(0, row, 0, count), Read(1, column, 0, count));
        }
        if (code == OperationCode.Accumulate) return _chunkOfProduct(site);
        if (
            code == OperationCode.Requantise ||
            code == OperationCode.Gate ||
            code == OperationCode.Update ||
            code == OperationCode.Add
        ) return _sameElement(site);
        if (code == OperationCode.AddRow) return _two(Read(0, row, column, 1), Read(1, 0, column, 1));
        if (code == OperationCode.SoftmaxGradient) {
            return _two(Read(0, row, 0, site.operands[0].columns), Read(1, row, 0, 1));
        }
        if (code == OperationCode.Argmax) return _one(row, 0, site.operands[0].columns);
        if (code == OperationCode.MaxPool) return _one(row, column, _groupsSpan(site, site.output.columns));
        if (code == OperationCode.PoolGradient) {
            uint256 columns = site.operands[0].columns;
            column %= columns;
            return _two(Read(0, row, column, 1), Read(1, row, column, _groupsSpan(site, columns)));
        }
        if (code == OperationCode.Column) return _one(row, uint64(site.operation.first), FIELD_BYTES);
        if (code == OperationCode.Count || code == OperationCode.Sum) return _chunk(site);
        if (code == OperationCode.Proportion) return _one(site.operands[0].rows - 1, row, 1);
        if (code == OperationCode.Remainder) {
            if (!_isInitiator(site)) return _one(row, 0, 1);
            return _two(Read(0, row, 0, 1), Read(1, site.operands[1].rows - 1, 0, 1));
        }
        return _moved(site, code);
    }

    /// @notice What the element must be.
    /// @param given What `reads` asks for
    function expected(Site memory site, Elements[] memory given) internal pure returns (int256) {
        OperationEntry memory operation = site.operation;
        OperationCode code = OperationCode(operation.code);
        (int256 lowest, int256 highest) = (site.output.lowest, site.output.highest);
        if (code == OperationCode.Matmul) return ProductOps.dot(given[0], given[1]);
        if (code == OperationCode.Accumulate) {
            return ElementOps.rshr(ProductOps.dot(given[0], given[1]), operation.shift) + _before(given, 2);
        }
        if (code == OperationCode.SoftmaxGradient) {
            return RowOps.softmaxGradient(given[0], site.column, ElementLib.valueAt(given[1], 0));
        }
        if (code == OperationCode.Argmax) return RowOps.argmax(given[0]);
        if (code == OperationCode.Count) return LedgerOps.count(given[0], site.column) + _before(given, 1);
        if (code == OperationCode.Sum) {
            return ElementOps.saturate(LedgerOps.sum(given[0]) + _before(given, 1), lowest, highest);
        }
        if (code == OperationCode.Init) {
            uint256 element = site.row * site.output.columns + site.column;
            int256 noise = RandomOps.noise(site.seed, uint64(operation.first), element);
            return ElementOps.requantise(noise, operation.multiplier, operation.shift, lowest, highest);
        }
        // A place outside of an image, or the column that is set.
        if (given.length == 0) return code == OperationCode.SetColumn ? operation.second : int256(0);
        if (code == OperationCode.MaxPool) {
            (, int256 greatest) = RowOps.greatestOfGroups(given[0], site.output.columns);
            return greatest;
        }
        if (code == OperationCode.Column) {
            return ElementLib.valueAt(Elements(ElementLib.I32, given[0].offset, 1), 0);
        }
        int256 value = ElementLib.valueAt(given[0], 0);
        if (code == OperationCode.Requantise) {
            return ElementOps.requantise(value, operation.multiplier, operation.shift, lowest, highest);
        }
        if (code == OperationCode.Gate) return ElementOps.gate(value, ElementLib.valueAt(given[1], 0));
        if (code == OperationCode.Update) {
            return ElementOps.update(value, ElementLib.valueAt(given[1], 0), operation.shift, lowest, highest);
        }
        if (code == OperationCode.Add || code == OperationCode.AddRow) {
            for (uint256 i = 1; i < given.length; ++i) value += ElementLib.valueAt(given[i], 0);
            return value;
        }
        if (code == OperationCode.PoolGradient) {
            uint256 columns = site.operands[0].columns;
            (uint256 group, ) = RowOps.greatestOfGroups(given[1], columns);
            return group == site.column / columns ? value : int256(0);
        }
        if (code == OperationCode.Proportion) {
            (uint256 pool, uint256 total) = (uint64(operation.first), uint64(operation.second));
            return LedgerOps.proportion(value, site.terms, pool, total, lowest, highest);
        }
        if (code == OperationCode.Remainder && given.length == 2) {
            return value + LedgerOps.rest(site.terms, ElementLib.valueAt(given[1], 0));
        }
        return value;
    }

    /// @dev Of operations that take an element from another place, or none.
    function _moved(Site memory site, OperationCode code) private pure returns (Read[] memory) {
        (uint256 row, uint256 column) = (site.row, site.column);
        OperationEntry memory operation = site.operation;
        if (code == OperationCode.Init) return new Read[](0);
        TensorEntry memory from = site.operands[0];
        if (code == OperationCode.Gather) {
            row = RandomOps.sampleAt(site.seed, site.position + row, site.samples);
        } else if (code == OperationCode.SetColumn) {
            if (column == uint64(operation.first)) return new Read[](0);
        } else if (code == OperationCode.Transpose) {
            (row, column) = (column, row);
        } else if (code == OperationCode.Tail) {
            row += from.rows - site.output.rows;
        } else if (code == OperationCode.Reshape) {
            (row, column) = ShapeOps.reshape(row, column, site.output.columns, from.columns);
        } else if (code == OperationCode.Rotate) {
            (row, column) = ShapeOps.rotate(row, column, uint64(operation.first), site.output.rows, from.rows);
        } else {
            Windows memory windows = ShapeOps.toWindows(operation.first, operation.second);
            if (code == OperationCode.Fold) {
                (row, column) = ShapeOps.fold(row, column, windows, site.output.columns);
            } else {
                bool inside;
                (inside, row, column) = ShapeOps.unfold(row, column, windows, from.columns);
                if (!inside) return new Read[](0);
            }
        }
        return _one(row, column, 1);
    }

    function _sameElement(Site memory site) private pure returns (Read[] memory list) {
        list = new Read[](site.operands.length);
        for (uint256 i = 0; i < list.length; ++i) list[i] = Read(i, site.row, site.column, 1);
    }

    /// @dev Row `row` of the output is chunk `row` of the operand's one column.
    function _chunk(Site memory site) private pure returns (Read[] memory) {
        uint256 first = site.row * CHUNK;
        Read memory chunk = Read(0, first, 0, _chunkLength(first, site.operands[0].rows));
        if (site.row == 0) return _one(first, 0, chunk.count);
        return _two(chunk, Read(BEFORE, site.row - 1, site.column, 1));
    }

    /// @dev Rows of the output are those of the left operand, again for each chunk.
    function _chunkOfProduct(Site memory site) private pure returns (Read[] memory list) {
        uint256 rows = site.operands[0].rows;
        uint256 first = (site.row / rows) * CHUNK;
        uint256 count = _chunkLength(first, site.operands[0].columns);
        list = new Read[](first == 0 ? 2 : 3);
        list[0] = Read(0, site.row % rows, first, count);
        list[1] = Read(1, site.column, first, count);
        if (first > 0) list[2] = Read(BEFORE, site.row - rows, site.column, 1);
    }

    function _chunkLength(uint256 first, uint256 length) private pure returns (uint256) {
        return length - first < CHUNK ? length - first : CHUNK;
    }

    /// @dev From a column of the first group to the same one of the last.
    function _groupsSpan(Site memory site, uint256 columns) private pure returns (uint256) {
        return (uint64(site.operation.first) - 1) * columns + 1;
    }

    function _isInitiator(Site memory site) private pure returns (bool) {
        return int256(site.row) == ElementLib.valueAt(site.terms, LedgerOps.INITIATOR_ACCOUNT);
    }

    function _before(Elements[] memory given, uint256 index) private pure returns (int256) {
        return given.length > index ? ElementLib.valueAt(given[index], 0) : int256(0);
    }

    function _one(uint256 row, uint256 column, uint256 count) private pure returns (Read[] memory list) {
        list = new Read[](1);
        list[0] = Read(0, row, column, count);
    }

    function _two(Read memory first, Read memory second) private pure returns (Read[] memory list) {
        list = new Read[](2);
        (list[0], list[1]) = (first, second);
    }
}
