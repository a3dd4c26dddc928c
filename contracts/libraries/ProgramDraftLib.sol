// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { HeaderField, IProgramRules } from "../interfaces/compute/IProgramRules.sol";
import { Extent, OperationEntry, ProgramLib, Role, Section, TensorEntry } from "./ProgramLib.sol";
import { OperationCode } from "./ops/OperationCode.sol";

/// @notice A program under validation.
/// @param constantRoots By tensor: the root of a constant's file, else 0
/// @param outputs By section: bit s is set if there is an output for slot s
struct ProgramDraft {
    uint256 parts;
    uint256 batch;
    uint256 stepsPerPart;
    TensorEntry[] tensors;
    OperationEntry[] operations;
    bytes32[] constantRoots;
    uint256[5] outputs;
}

/// @title What a program's head says
/// @notice Reads a head of any bytes, and refuses all but the one that encodes its content.
library ProgramDraftLib {
    /// @dev GLASSBOX and version 1.
    bytes10 internal constant FORMAT = 0x474c415353424f580001;
    /// @dev Element types and operations count from 1.
    uint256 internal constant MIN_CODE = 1;
    uint256 internal constant MAX_TYPE = 5;
    uint256 internal constant MAX_ENTRIES = 1024;
    uint256 internal constant MAX_BATCH = 1 << 16;
    uint256 internal constant MAX_STEPS = 1 << 20;
    uint256 internal constant MAX_HEAD_LEAVES = 95;
    uint256 internal constant MAX_SECTION_OPERATIONS = 127;
    uint256 internal constant MAX_DIMENSION = 1 << 26;
    uint256 internal constant MAX_TENSOR_ELEMENTS = 1 << 36;
    uint256 internal constant MAX_STATIC_ELEMENTS = 1 << 27;
    int64 internal constant MAX_ARGUMENT = (1 << 53) - 1;

    function read(bytes memory head) internal pure returns (ProgramDraft memory draft) {
        (uint256 tensors, uint256 operations) = _readHeader(head, draft);
        draft.constantRoots = new bytes32[](tensors);
        draft.tensors = _readTensors(head, tensors);
        draft.operations = _readOperations(head, ProgramLib.HEADER_BYTES + ProgramLib.tableBytes(tensors), operations);
    }

    function _readHeader(
        bytes memory head,
        ProgramDraft memory draft
    ) private pure returns (uint256 tensors, uint256 operations) {
        if (head.length < ProgramLib.HEADER_BYTES) {
            revert IProgramRules.ProgramHeadBytes(head.length, ProgramLib.HEADER_BYTES);
        }
        uint256 word = ProgramLib.wordAt(head, 0);
        bytes10 format = bytes10(bytes32(word));
        if (format != FORMAT) revert IProgramRules.ProgramFormat(format, FORMAT);
        _requireUnused(0, word & ((0xff << 128) | type(uint64).max));
        for (uint256 offset = 0x20; offset < ProgramLib.HEADER_BYTES; offset += 0x20) {
            _requireUnused(offset, ProgramLib.wordAt(head, offset));
        }
        tensors = ProgramLib.tensorCount(head);
        operations = ProgramLib.operationCount(head);
        draft.parts = ProgramLib.parts(head);
        draft.batch = ProgramLib.batch(head);
        draft.stepsPerPart = ProgramLib.stepsPerPart(head);
        _requireRange(HeaderField.Tensors, tensors, MAX_ENTRIES);
        _requireRange(HeaderField.Operations, operations, MAX_ENTRIES);
        _requireRange(HeaderField.Parts, draft.parts, type(uint8).max);
        _requireRange(HeaderField.Batch, draft.batch, MAX_BATCH);
        _requireRange(HeaderField.StepsPerPart, draft.stepsPerPart, MAX_STEPS);
        uint256 expected = ProgramLib.HEADER_BYTES + ProgramLib.tableBytes(tensors) + ProgramLib.tableBytes(operations);
        if (expected > MAX_HEAD_LEAVES * ProgramLib.LEAF_BYTES) {
            revert IProgramRules.ProgramHeadTooLong(expected / ProgramLib.LEAF_BYTES, MAX_HEAD_LEAVES);
        }
        if (head.length != expected) revert IProgramRules.ProgramHeadBytes(head.length, expected);
    }

    function _readTensors(bytes memory head, uint256 count) private pure returns (TensorEntry[] memory tensors) {
        uint256[] memory places = new uint256[](count);
        // Without the empty entries that `new` would make. All places are filled below before anything is read.
        assembly ("memory-safe") {
            tensors := places
        }
        uint256 offset = ProgramLib.HEADER_BYTES;
        uint256 elements = 0;
        Section section = Section.Init;
        for (uint256 i = 0; i < count; ++i) {
            uint256 word = ProgramLib.wordAt(head, offset);
            _requireCode(word, offset, 0, MIN_CODE, MAX_TYPE);
            _requireCode(word, offset, 1, 0, uint256(type(Role).max));
            _requireCode(word, offset, 4, 0, uint256(type(Section).max));
            _requireCode(word, offset, 6, 0, uint256(type(Extent).max));
            _requireCode(word, offset, 7, 0, uint256(type(Extent).max));
            TensorEntry memory tensor = ProgramLib.decodeTensor(word);
            section = _requireOrder(offset, tensor.section, section);
            elements += _requireSize(i, tensor);
            tensors[i] = tensor;
            offset += ProgramLib.WORD_BYTES;
        }
        if (elements > MAX_STATIC_ELEMENTS) revert IProgramRules.ProgramElements(elements, MAX_STATIC_ELEMENTS);
        _requireUnusedFrom(head, offset, ProgramLib.HEADER_BYTES + ProgramLib.tableBytes(count));
    }

    function _readOperations(
        bytes memory head,
        uint256 start,
        uint256 count
    ) private pure returns (OperationEntry[] memory operations) {
        uint256[] memory places = new uint256[](count);
        // As above.
        assembly ("memory-safe") {
            operations := places
        }
        uint256 offset = start;
        uint256 inSection = 0;
        Section section = Section.Init;
        for (uint256 i = 0; i < count; ++i) {
            uint256 word = ProgramLib.wordAt(head, offset);
            _requireCode(word, offset, 0, MIN_CODE, uint256(type(OperationCode).max));
            _requireCode(word, offset, 1, 0, uint256(type(Section).max));
            _requireUnused(offset, word & (0xff << 160));
            OperationEntry memory operation = ProgramLib.decodeOperation(word);
            if (operation.section != section) inSection = 0;
            section = _requireOrder(offset, operation.section, section);
            if (++inSection > MAX_SECTION_OPERATIONS) {
                revert IProgramRules.ProgramSectionTooLong(section, inSection, MAX_SECTION_OPERATIONS);
            }
            _requireNoGap(i, operation.operands);
            _requireArgument(i, operation.first);
            _requireArgument(i, operation.second);
            operations[i] = operation;
            offset += ProgramLib.WORD_BYTES;
        }
        _requireUnusedFrom(head, offset, start + ProgramLib.tableBytes(count));
    }

    /// @dev Elements that count towards the limit of all static tensors.
    function _requireSize(uint256 place, TensorEntry memory tensor) private pure returns (uint256 elements) {
        (uint256 rows, uint256 columns) = (tensor.rows, tensor.columns);
        elements = rows * columns;
        if (rows > MAX_DIMENSION || columns > MAX_DIMENSION || elements == 0 || elements > MAX_TENSOR_ELEMENTS) {
            revert IProgramRules.ProgramTensorSize(place, rows, columns);
        }
        if (tensor.rowExtent != Extent.Static || tensor.columnExtent != Extent.Static) elements = 0;
    }

    function _requireOrder(uint256 offset, Section section, Section before) private pure returns (Section) {
        if (section < before) revert IProgramRules.ProgramSectionOrder(offset, section, before);
        return section;
    }

    function _requireNoGap(uint256 operation, uint16[3] memory operands) private pure {
        uint16 none = ProgramLib.NO_TENSOR;
        bool hasGap = (operands[0] == none && operands[1] != none) || (operands[1] == none && operands[2] != none);
        if (hasGap) revert IProgramRules.ProgramOperandGap(operation);
    }

    function _requireArgument(uint256 operation, int64 argument) private pure {
        if (argument > MAX_ARGUMENT || argument < -MAX_ARGUMENT) {
            revert IProgramRules.ProgramArgumentRange(operation, argument);
        }
    }

    function _requireRange(HeaderField field, uint256 actual, uint256 max) private pure {
        if (actual == 0 || actual > max) revert IProgramRules.ProgramHeaderRange(field, actual, max);
    }

    /// @dev Byte `place` of the word at `offset` must be a code from `min` to `max`.
    function _requireCode(uint256 word, uint256 offset, uint256 place, uint256 min, uint256 max) private pure {
        uint256 code = (word >> (248 - 8 * place)) & 0xff;
        if (code < min || code > max) revert IProgramRules.ProgramCodeUnknown(offset + place, code, max);
    }

    function _requireUnused(uint256 offset, uint256 bits) private pure {
        if (bits != 0) revert IProgramRules.ProgramUnusedBytes(offset, bits);
    }

    function _requireUnusedFrom(bytes memory head, uint256 from, uint256 to) private pure {
        for (uint256 offset = from; offset < to; offset += ProgramLib.WORD_BYTES)
            _requireUnused(offset, ProgramLib.wordAt(head, offset));
    }
}
