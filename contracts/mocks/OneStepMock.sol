// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ElementLib, Elements } from "../libraries/ElementLib.sol";
import { OneStepLib, Read, Site } from "../libraries/OneStepLib.sol";
import { ProgramLib, TensorEntry } from "../libraries/ProgramLib.sol";
import { TensorLib } from "../libraries/TensorLib.sol";

/// @title Elements of operations over tensors that are given whole, for tests
contract OneStepMock {
    error OneStepMockOutside(uint256 end, uint256 fileBytes);

    /// @dev Words of a case before its tensors' words.
    uint256 private constant FIXED_WORDS = 8;
    uint256 private constant WORD = 32;

    /// @notice The element of each case, case after case. A case is a number of words: its bytes in all, the operation's word,
    /// row, column, seed, samples, position, number of operands; a word for the output's tensor and for each operand's; the terms,
    /// two words; then the tensors' files in this order, the output's being what is known of it.
    function elements(bytes calldata cases) external pure returns (int256[] memory values) {
        uint256 start;
        assembly ("memory-safe") {
            start := cases.offset
        }
        values = new int256[](cases.length / (FIXED_WORDS * WORD));
        uint256 free = _freeMemory();
        uint256 count = 0;
        for (uint256 place = start; place < start + cases.length; place += ElementLib.wordAt(place)) {
            values[count++] = _element(place);
            _setFreeMemory(free);
        }
        assembly ("memory-safe") {
            mstore(values, count)
        }
    }

    function _element(uint256 place) private pure returns (int256) {
        Site memory site;
        site.operation = ProgramLib.decodeOperation(_word(place, 1));
        (site.row, site.column) = (_word(place, 2), _word(place, 3));
        (site.seed, site.samples, site.position) = (bytes32(_word(place, 4)), _word(place, 5), _word(place, 6));
        uint256 operands = _word(place, 7);
        site.output = ProgramLib.decodeTensor(_word(place, FIXED_WORDS));
        site.operands = new TensorEntry[](operands);
        for (uint256 i = 0; i < operands; ++i) {
            site.operands[i] = ProgramLib.decodeTensor(_word(place, FIXED_WORDS + 1 + i));
        }
        uint256 files = place + (FIXED_WORDS + 1 + operands) * WORD;
        site.terms = Elements(ElementLib.I64, files, 8);
        files += 2 * WORD;
        Read[] memory reads = OneStepLib.reads(site);
        Elements[] memory given = new Elements[](reads.length);
        for (uint256 i = 0; i < reads.length; ++i) given[i] = _elements(site, reads[i], files);
        return OneStepLib.expected(site, given);
    }

    function _elements(Site memory site, Read memory read, uint256 file) private pure returns (Elements memory) {
        TensorEntry memory entry = site.output;
        if (read.operand != OneStepLib.BEFORE) {
            for (uint256 i = 0; i <= read.operand; ++i) {
                file += _fileBytes(entry);
                entry = site.operands[i];
            }
        }
        uint256 size = ProgramLib.elementBytes(entry.elementType);
        uint256 start = read.row * TensorLib.strideBytes(entry.columns, size) + read.column * size;
        uint256 end = start + read.count * size;
        if (read.count == 0 || end > _fileBytes(entry)) revert OneStepMockOutside(end, _fileBytes(entry));
        return Elements(entry.elementType, file + start, read.count);
    }

    function _fileBytes(TensorEntry memory entry) private pure returns (uint256) {
        return TensorLib.byteLength(entry.rows, entry.columns, ProgramLib.elementBytes(entry.elementType));
    }

    function _word(uint256 place, uint256 index) private pure returns (uint256) {
        return ElementLib.wordAt(place + index * WORD);
    }

    function _freeMemory() private pure returns (uint256 free) {
        assembly ("memory-safe") {
            free := mload(0x40)
        }
    }

    function _setFreeMemory(uint256 free) private pure {
        assembly ("memory-safe") {
            mstore(0x40, free)
        }
    }
}
