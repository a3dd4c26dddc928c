// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { CodeLib } from "./CodeLib.sol";

/// @notice Parts of a program, in the order in which tensors and operations stand.
enum Section {
    Init,
    Step,
    Average,
    Infer,
    Allocate
}

/// @notice Where a tensor's elements come from.
enum Role {
    Computed,
    Constant,
    Weights,
    PartWeights,
    Samples,
    Labels,
    Query,
    Records,
    Credits,
    Terms
}

/// @notice What a dimension is: a number, or a number of the job; chunks are of 1,024.
enum Extent {
    Static,
    Samples,
    Accounts,
    Credits,
    SampleChunks,
    AccountChunks,
    CreditChunks
}

/// @notice One tensor word.
/// @param elementType 1 i8, 2 u8, 3 i16, 4 i32, 5 i64
/// @param output 0, or 1 + the slot that this tensor is the section's output for
struct TensorEntry {
    uint8 elementType;
    Role role;
    uint16 index;
    Section section;
    uint8 output;
    Extent rowExtent;
    Extent columnExtent;
    uint32 rows;
    uint32 columns;
    int64 lowest;
    int64 highest;
}

/// @notice One operation word.
/// @param code 1 init, 2 gather, ... in the order of the specification
/// @param operands Tensors it reads, then 0xffff
struct OperationEntry {
    uint8 code;
    Section section;
    uint16 output;
    uint16[3] operands;
    uint8 shift;
    uint32 multiplier;
    int64 first;
    int64 second;
}

/// @title The head of a program file: header, tensor table, operation table
/// @notice Layout and meaning are those of docs/spec/compute.md. Nothing is checked here but that an index exists:
/// `ProgramRegistry` keeps only heads that it has validated.
library ProgramLib {
    uint256 internal constant HEADER_BYTES = 256;
    uint256 internal constant WORD_BYTES = 32;
    uint256 internal constant LEAF_BYTES = 256;
    uint16 internal constant NO_TENSOR = 0xffff;
    /// @dev Elements of a row, or of a chunk of one, that one element of an output reads.
    uint256 internal constant CHUNK_ELEMENTS = 1024;

    error ProgramEntryOutOfRange(uint256 index, uint256 count);

    /// @notice The head that was kept as code.
    function load(address code) internal view returns (bytes memory head) {
        return CodeLib.read(code);
    }

    function tensorCount(bytes memory head) internal pure returns (uint256) {
        return (wordAt(head, 0) >> 160) & 0xffff;
    }

    function operationCount(bytes memory head) internal pure returns (uint256) {
        return (wordAt(head, 0) >> 144) & 0xffff;
    }

    /// @notice Parts of a round.
    function parts(bytes memory head) internal pure returns (uint256) {
        return (wordAt(head, 0) >> 136) & 0xff;
    }

    /// @notice Samples of a step.
    function batch(bytes memory head) internal pure returns (uint256) {
        return (wordAt(head, 0) >> 96) & 0xffffffff;
    }

    function stepsPerPart(bytes memory head) internal pure returns (uint256) {
        return (wordAt(head, 0) >> 64) & 0xffffffff;
    }

    /// @notice Bytes of a table of `count` words, zero-filled to whole leaves.
    function tableBytes(uint256 count) internal pure returns (uint256) {
        return ((count * WORD_BYTES + LEAF_BYTES - 1) / LEAF_BYTES) * LEAF_BYTES;
    }

    function tensorAt(bytes memory head, uint256 index) internal pure returns (TensorEntry memory) {
        uint256 count = tensorCount(head);
        if (index >= count) revert ProgramEntryOutOfRange(index, count);
        return decodeTensor(wordAt(head, HEADER_BYTES + index * WORD_BYTES));
    }

    function operationAt(bytes memory head, uint256 index) internal pure returns (OperationEntry memory) {
        uint256 count = operationCount(head);
        if (index >= count) revert ProgramEntryOutOfRange(index, count);
        return decodeOperation(wordAt(head, HEADER_BYTES + tableBytes(tensorCount(head)) + index * WORD_BYTES));
    }

    /// @notice The word of the tensor that an operation writes.
    function writtenWord(bytes memory head, uint256 operation) internal pure returns (uint256) {
        (uint256 tensors, uint256 operations) = (tensorCount(head), operationCount(head));
        if (operation >= operations) revert ProgramEntryOutOfRange(operation, operations);
        uint256 table = HEADER_BYTES + tableBytes(tensors);
        unchecked {
            uint256 tensor = (wordAt(head, table + operation * WORD_BYTES) >> 224) & 0xffff;
            if (tensor >= tensors) revert ProgramEntryOutOfRange(tensor, tensors);
            return wordAt(head, HEADER_BYTES + tensor * WORD_BYTES);
        }
    }

    /// @notice `TensorEntry.output` of a tensor word.
    function outputOf(uint256 word) internal pure returns (uint256) {
        return (word >> 208) & 0xff;
    }

    /// @notice The operations of a section: the first one's place in the table, and how many there are.
    function operationsOf(bytes memory head, Section section) internal pure returns (uint256 first, uint256 count) {
        uint256 table = HEADER_BYTES + tableBytes(tensorCount(head));
        first = _firstOf(head, table, uint256(section));
        count = _firstOf(head, table, uint256(section) + 1) - first;
    }

    /// @notice The operation that writes a tensor, counted from operation `first` on.
    function writerOf(bytes memory head, uint256 first, uint256 tensor) internal pure returns (uint256 operation) {
        uint256 count = operationCount(head);
        uint256 table = HEADER_BYTES + tableBytes(tensorCount(head));
        unchecked {
            for (; first + operation < count; ++operation) {
                uint256 word = wordAt(head, table + (first + operation) * WORD_BYTES);
                if ((word >> 224) & 0xffff == tensor) return operation;
            }
        }
        revert ProgramEntryOutOfRange(first + operation, count);
    }

    /// @dev Reverts with a panic for a role, section or extent that there is none of.
    function decodeTensor(uint256 word) internal pure returns (TensorEntry memory entry) {
        decodeTensorTo(entry, word);
    }

    /// @notice As `tensorAt`, to an entry that is there: every struct that a function returns costs the gas of zeros.
    function readTensor(bytes memory head, uint256 index, TensorEntry memory entry) internal pure {
        uint256 count = tensorCount(head);
        if (index >= count) revert ProgramEntryOutOfRange(index, count);
        decodeTensorTo(entry, wordAt(head, HEADER_BYTES + index * WORD_BYTES));
    }

    /// @notice As `decodeTensor`, to an entry that is there.
    function decodeTensorTo(TensorEntry memory entry, uint256 word) internal pure {
        entry.elementType = uint8(word >> 248);
        entry.role = Role((word >> 240) & 0xff);
        entry.index = uint16(word >> 224);
        entry.section = Section((word >> 216) & 0xff);
        entry.output = uint8(word >> 208);
        entry.rowExtent = Extent((word >> 200) & 0xff);
        entry.columnExtent = Extent((word >> 192) & 0xff);
        entry.rows = uint32(word >> 160);
        entry.columns = uint32(word >> 128);
        entry.lowest = int64(uint64(word >> 64));
        entry.highest = int64(uint64(word));
    }

    /// @dev Reverts with a panic for a section that there is none of.
    function decodeOperation(uint256 word) internal pure returns (OperationEntry memory entry) {
        entry.code = uint8(word >> 248);
        entry.section = Section((word >> 240) & 0xff);
        entry.output = uint16(word >> 224);
        entry.operands = [uint16(word >> 208), uint16(word >> 192), uint16(word >> 176)];
        entry.shift = uint8(word >> 168);
        entry.multiplier = uint32(word >> 128);
        entry.first = int64(uint64(word >> 64));
        entry.second = int64(uint64(word));
    }

    /// @notice Bytes of one element of a type.
    function elementBytes(uint8 elementType) internal pure returns (uint256) {
        return elementType <= 2 ? 1 : 1 << (elementType - 2);
    }

    /// @notice The least and the greatest value of a type.
    function typeRange(uint8 elementType) internal pure returns (int64 lowest, int64 highest) {
        if (elementType == 2) return (0, int64(uint64(type(uint8).max)));
        highest = int64(uint64(1 << (8 * elementBytes(elementType) - 1)) - 1);
        lowest = -highest - 1;
    }

    /// @dev How many operations stand before those of a section: sections are in order, so the place is found by halving.
    function _firstOf(bytes memory head, uint256 table, uint256 section) private pure returns (uint256 first) {
        uint256 end = operationCount(head);
        unchecked {
            while (first < end) {
                uint256 middle = (first + end) / 2;
                if ((wordAt(head, table + middle * WORD_BYTES) >> 240) & 0xff < section) first = middle + 1;
                else end = middle;
            }
        }
    }

    /// @notice The word at a place of the head. The caller has made sure that it lies in there.
    function wordAt(bytes memory head, uint256 offset) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(head, 0x20), offset))
        }
    }
}
