// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Execution, IOneStepVerifier, Operand, Spot } from "../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { FileTreeLib } from "../../contracts/libraries/FileTreeLib.sol";
import {
    Extent,
    OperationEntry,
    ProgramLib,
    Role,
    Section,
    TensorEntry
} from "../../contracts/libraries/ProgramLib.sol";
import { OperationCode } from "../../contracts/libraries/ops/OperationCode.sol";
import { deployArtifact } from "./Deploy.sol";
import { ProgramsStub } from "./ProgramsStub.sol";
import { TreeTool } from "./TreeTool.sol";

/// @notice Programs of one operation whose operands are written by operations before it, and judgements of its elements.
/// A test adds operands, then says what the operation is and what it wrote.
abstract contract OneStepFixture {
    uint8 internal constant I8 = 1;
    uint8 internal constant U8 = 2;
    uint8 internal constant I16 = 3;
    uint8 internal constant I32 = 4;
    uint8 internal constant I64 = 5;
    /// @dev An operation's own output, in `read`.
    uint256 internal constant BEFORE = 3;
    /// @dev Leaves of a program's file.
    uint256 internal constant PROGRAM_LEAVES = 100;
    uint32 internal constant STEPS = 4;

    ProgramsStub internal programs;
    IOneStepVerifier internal steps;

    Execution internal execution;
    /// @dev Of each tensor, the output last: its entry and its file.
    TensorEntry[] internal entries;
    bytes[] internal files;
    OperationEntry internal operation;
    uint32 internal batch = 1;
    uint32 internal step;
    bytes32 internal detailRoot;
    uint32 private _programCount;

    /// @dev What an element is said to read.
    struct Reading {
        uint256 operand;
        uint256 row;
        uint256 column;
        uint256 count;
    }

    function setUp() public virtual {
        programs = new ProgramsStub();
        steps = IOneStepVerifier(deployArtifact("compute", "OneStepVerifier", abi.encode(programs)));
        execution.section = Section.Step;
    }

    // Programs

    /// @dev Forgets the operands.
    function clear() internal {
        delete entries;
        delete files;
        delete operation;
    }

    function operand(uint8 elementType, uint32 rows, uint32 columns, int256[] memory values) internal {
        _add(elementType, rows, columns, values);
    }

    /// @dev Ends the program by what the operation wrote.
    function output(
        OperationCode code,
        uint8 elementType,
        uint32 rows,
        uint32 columns,
        int256[] memory values
    ) internal {
        operation.operands = [ProgramLib.NO_TENSOR, ProgramLib.NO_TENSOR, ProgramLib.NO_TENSOR];
        for (uint256 i = 0; i < entries.length; ++i) operation.operands[i] = uint16(i);
        _output(code, elementType, rows, columns, values);
    }

    /// @dev As `output`, with zeros, of operands that the test has set.
    function outputOf(OperationCode code, uint8 elementType, uint32 rows, uint32 columns) internal {
        _output(code, elementType, rows, columns, new int256[](uint256(rows) * columns));
    }

    /// @dev As `output`, with zeros.
    function output(OperationCode code, uint8 elementType, uint32 rows, uint32 columns) internal {
        output(code, elementType, rows, columns, new int256[](uint256(rows) * columns));
    }

    /// @dev Registers the program as it stands under a new name.
    function keep() internal {
        execution.program = keccak256(abi.encode("program", ++_programCount));
        programs.keep(execution.program, head(), PROGRAM_LEAVES);
    }

    function head() internal view returns (bytes memory) {
        bytes memory tensors;
        bytes memory operations;
        uint16 count = 0;
        for (uint256 i = 0; i < entries.length; ++i) {
            tensors = abi.encodePacked(tensors, _tensorWord(entries[i]));
            if (entries[i].role != Role.Computed) continue;
            // All but the last operation are of no matter.
            OperationEntry memory entry = operation;
            if (i + 1 < entries.length) {
                delete entry;
                entry.output = uint16(i);
            }
            entry.section = entries[i].section;
            operations = abi.encodePacked(operations, _operationWord(entry));
            ++count;
        }
        bytes memory header = abi.encodePacked(
            "GLASSBOX",
            uint16(1),
            uint16(entries.length),
            count,
            uint8(1),
            uint8(0)
        );
        header = abi.encodePacked(header, batch, STEPS, uint64(0));
        return abi.encodePacked(toLeaves(header), toLeaves(tensors), toLeaves(operations));
    }

    // Judgements

    function judge(
        uint256 row,
        uint256 column,
        Operand[] memory operands
    ) internal view returns (int256 actual, int256 expected) {
        uint256 last = entries.length - 1;
        uint256 size = ProgramLib.elementBytes(entries[last].elementType);
        uint256 offset = row * _stride(entries[last]) + column * size;
        return
            steps.judge(
                execution,
                spot(offset / 256),
                leafOf(files[last], offset / 256),
                (offset % 256) / size,
                operands
            );
    }

    /// @dev An element reads this, is what was written, and must be `value`.
    function expect(uint256 row, uint256 column, int256 value, Reading[] memory readings) internal view {
        Operand[] memory operands = new Operand[](readings.length);
        for (uint256 i = 0; i < readings.length; ++i) operands[i] = open(readings[i]);
        (, int256 expected) = judge(row, column, operands);
        require(expected == value, string.concat("expected ", _text(value), ", got ", _text(expected)));
    }

    function expect(uint256 row, uint256 column, int256 value) internal view {
        expect(row, column, value, new Reading[](0));
    }

    function expect(uint256 row, uint256 column, int256 value, Reading memory a) internal view {
        Reading[] memory readings = new Reading[](1);
        readings[0] = a;
        expect(row, column, value, readings);
    }

    function expect(uint256 row, uint256 column, int256 value, Reading memory a, Reading memory b) internal view {
        Reading[] memory readings = new Reading[](2);
        (readings[0], readings[1]) = (a, b);
        expect(row, column, value, readings);
    }

    function read(uint256 from, uint256 row, uint256 column, uint256 count) internal pure returns (Reading memory) {
        return Reading(from, row, column, count);
    }

    function read(uint256 from, uint256 row, uint256 column) internal pure returns (Reading memory) {
        return Reading(from, row, column, 1);
    }

    function spot(uint256 leafIndex) internal view returns (Spot memory) {
        return
            Spot({
                step: step,
                operation: _place(),
                detailRoot: detailRoot,
                recordRoot: FileTreeLib.fileRoot(record()),
                tensorRoot: FileTreeLib.fileRoot(files[files.length - 1]),
                leafIndex: uint64(leafIndex)
            });
    }

    /// @dev Eight roots: of what the section's operations wrote.
    function record() internal view returns (bytes memory roots) {
        for (uint256 i = 0; i < files.length; ++i) {
            if (_isWritten(entries[i])) roots = abi.encodePacked(roots, FileTreeLib.fileRoot(files[i]));
        }
        return toLeaves(roots);
    }

    /// @dev The least run of leaves that holds what is read, with its way to the record.
    function open(Reading memory reading) internal view returns (Operand memory opening) {
        uint256 index = reading.operand == BEFORE ? entries.length - 1 : reading.operand;
        if (reading.operand != BEFORE && _isWritten(entries[index])) opening.rootLeaf = record();
        uint256 size = ProgramLib.elementBytes(entries[index].elementType);
        uint256 start = reading.row * _stride(entries[index]) + reading.column * size;
        uint256 first = start / 256;
        uint256 last = (start + reading.count * size - 1) / 256;
        uint256 leaves = 1;
        while (first / leaves != last / leaves) leaves *= 2;
        first -= first % leaves;
        for (uint256 i = first; i < first + leaves; ++i) {
            opening.run = abi.encodePacked(opening.run, leafOf(files[index], i));
        }
        opening.siblings = TreeTool.path(hashesOf(files[index], files[index].length / 256), first, leaves);
    }

    /// @dev The leaf hashes of a file, zero-filled to `leaves`.
    function hashesOf(bytes memory file, uint256 leaves) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](leaves);
        for (uint256 i = 0; i < leaves; ++i) {
            hashes[i] = i * 256 < file.length ? keccak256(leafOf(file, i)) : FileTreeLib.ZERO_LEAF;
        }
    }

    function _isWritten(TensorEntry memory entry) private view returns (bool) {
        return entry.role == Role.Computed && entry.section == execution.section;
    }

    /// @dev Of the judged operation in its section.
    function _place() private view returns (uint16 place) {
        for (uint256 i = 0; i + 1 < entries.length; ++i) {
            if (_isWritten(entries[i])) ++place;
        }
    }

    function rootOf(bytes memory file, uint256 leaves) internal pure returns (bytes32) {
        return TreeTool.root(hashesOf(file, leaves));
    }

    // Values

    function list(int256 a) internal pure returns (int256[] memory values) {
        values = new int256[](1);
        values[0] = a;
    }

    function list(int256 a, int256 b) internal pure returns (int256[] memory values) {
        values = new int256[](2);
        (values[0], values[1]) = (a, b);
    }

    function list(int256 a, int256 b, int256 c) internal pure returns (int256[] memory values) {
        values = new int256[](3);
        (values[0], values[1], values[2]) = (a, b, c);
    }

    function list(int256 a, int256 b, int256 c, int256 d) internal pure returns (int256[] memory values) {
        values = new int256[](4);
        (values[0], values[1], values[2], values[3]) = (a, b, c, d);
    }

    function six(
        int256 a,
        int256 b,
        int256 c,
        int256 d,
        int256 e,
        int256 f
    ) internal pure returns (int256[] memory values) {
        values = new int256[](6);
        (values[0], values[1], values[2]) = (a, b, c);
        (values[3], values[4], values[5]) = (d, e, f);
    }

    function noOperands() internal pure returns (Operand[] memory) {
        return new Operand[](0);
    }

    function one(Operand memory only) internal pure returns (Operand[] memory operands) {
        operands = new Operand[](1);
        operands[0] = only;
    }

    /// @dev first, first + by, ...
    function sequence(uint256 count, int256 first, int256 by) internal pure returns (int256[] memory values) {
        values = new int256[](count);
        for (uint256 i = 0; i < count; ++i) values[i] = first + int256(i) * by;
    }

    function _output(
        OperationCode code,
        uint8 elementType,
        uint32 rows,
        uint32 columns,
        int256[] memory values
    ) private {
        operation.code = uint8(code);
        operation.output = uint16(entries.length);
        _add(elementType, rows, columns, values);
        keep();
    }

    function _add(uint8 elementType, uint32 rows, uint32 columns, int256[] memory values) private {
        TensorEntry memory entry;
        entry.elementType = elementType;
        entry.section = execution.section;
        (entry.rows, entry.columns) = (rows, columns);
        uint256 bits = 8 * ProgramLib.elementBytes(elementType);
        entry.lowest = elementType == U8 ? int64(0) : int64(-int256(1 << (bits - 1)));
        entry.highest = int64(int256(elementType == U8 ? 255 : (1 << (bits - 1)) - 1));
        entries.push(entry);
        files.push(_encode(entry, values));
    }

    function _encode(TensorEntry memory entry, int256[] memory values) private pure returns (bytes memory file) {
        uint256 size = ProgramLib.elementBytes(entry.elementType);
        uint256 bytesNeeded = FileTreeLib.nextPowerOfTwo(entry.rows) * _stride(entry);
        file = new bytes(bytesNeeded < 256 ? 256 : bytesNeeded);
        for (uint256 i = 0; i < values.length; ++i) {
            uint256 offset = (i / entry.columns) * _stride(entry) + (i % entry.columns) * size;
            for (uint256 j = 0; j < size; ++j) file[offset + j] = bytes1(uint8(uint256(values[i] >> (8 * j))));
        }
    }

    function _stride(TensorEntry memory entry) private pure returns (uint256) {
        return FileTreeLib.nextPowerOfTwo(entry.columns * ProgramLib.elementBytes(entry.elementType));
    }

    function leafOf(bytes memory file, uint256 index) internal pure returns (bytes memory leaf) {
        leaf = new bytes(256);
        for (uint256 i = 0; i < 256; i += 32) {
            assembly ("memory-safe") {
                mstore(add(add(leaf, 0x20), i), mload(add(add(file, 0x20), add(mul(index, 0x100), i))))
            }
        }
    }

    function toLeaves(bytes memory content) internal pure returns (bytes memory) {
        return abi.encodePacked(content, new bytes(255 - ((content.length + 255) % 256)));
    }

    function _tensorWord(TensorEntry memory entry) private pure returns (bytes memory word) {
        word = abi.encodePacked(entry.elementType, entry.role, entry.index, entry.section, entry.output);
        word = abi.encodePacked(word, entry.rowExtent, entry.columnExtent, entry.rows, entry.columns);
        return abi.encodePacked(word, entry.lowest, entry.highest);
    }

    function _operationWord(OperationEntry memory entry) private pure returns (bytes memory word) {
        word = abi.encodePacked(entry.code, entry.section, entry.output);
        for (uint256 i = 0; i < 3; ++i) word = abi.encodePacked(word, entry.operands[i]);
        word = abi.encodePacked(word, entry.shift, uint8(0), entry.multiplier);
        return abi.encodePacked(word, entry.first, entry.second);
    }

    function _text(int256 value) private pure returns (string memory) {
        uint256 left = value < 0 ? uint256(-value) : uint256(value);
        bytes memory digits;
        do {
            digits = abi.encodePacked(bytes1(uint8(48 + (left % 10))), digits);
            left /= 10;
        } while (left > 0);
        return string(value < 0 ? abi.encodePacked("-", digits) : digits);
    }
}
