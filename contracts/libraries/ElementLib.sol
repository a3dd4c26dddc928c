// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ProgramLib } from "./ProgramLib.sol";

/// @notice Elements that stand side by side in calldata, as in a tensor's file: little-endian two's complement.
/// @param elementType 1 i8, 2 u8, 3 i16, 4 i32, 5 i64
/// @param offset Where the first element's bytes start
/// @param count How many there are
struct Elements {
    uint8 elementType;
    uint256 offset;
    uint256 count;
}

/// @title Elements of tensors
/// @notice Whoever makes an `Elements` has checked that calldata holds so many.
library ElementLib {
    uint8 internal constant I8 = 1;
    uint8 internal constant U8 = 2;
    uint8 internal constant I16 = 3;
    uint8 internal constant I32 = 4;
    uint8 internal constant I64 = 5;

    uint256 private constant WORD_BYTES = 32;
    uint256 private constant LOW_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant LOW_PAIRS = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    uint256 private constant LOW_FOURS = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;

    error ElementOutOfRange(uint256 index, uint256 count);

    /// @notice One element.
    function valueAt(Elements memory elements, uint256 index) internal pure returns (int256) {
        if (index >= elements.count) revert ElementOutOfRange(index, elements.count);
        uint256 size = ProgramLib.elementBytes(elements.elementType);
        return _first(toBigEndian(wordAt(elements.offset + index * size), size), elements.elementType, size);
    }

    /// @notice `count` of the elements, from index `first` on.
    function slice(Elements memory elements, uint256 first, uint256 count) internal pure returns (Elements memory) {
        if (first + count > elements.count) revert ElementOutOfRange(first + count, elements.count);
        uint256 size = ProgramLib.elementBytes(elements.elementType);
        return Elements(elements.elementType, elements.offset + first * size, count);
    }

    /// @notice All elements.
    function toArray(Elements memory elements) internal pure returns (int256[] memory values) {
        uint8 elementType = elements.elementType;
        uint256 size = ProgramLib.elementBytes(elementType);
        uint256 bits = 8 * size;
        values = new int256[](elements.count);
        unchecked {
            for (uint256 done = 0; done < values.length;) {
                uint256 word = toBigEndian(wordAt(elements.offset + done * size), size);
                uint256 end = done + WORD_BYTES / size;
                if (end > values.length) end = values.length;
                for (; done < end; ++done) {
                    int256 value = _first(word, elementType, size);
                    assembly ("memory-safe") {
                        mstore(add(add(values, 0x20), shl(5, done)), value)
                    }
                    word <<= bits;
                }
            }
        }
    }

    /// @notice 32 bytes of calldata; zeros after its end.
    function wordAt(uint256 offset) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(offset)
        }
    }

    /// @notice Turns around the bytes of each element of `size` bytes in a word.
    function toBigEndian(uint256 word, uint256 size) internal pure returns (uint256) {
        if (size > 1) word = ((word & LOW_BYTES) << 8) | ((word >> 8) & LOW_BYTES);
        if (size > 2) word = ((word & LOW_PAIRS) << 16) | ((word >> 16) & LOW_PAIRS);
        if (size > 4) word = ((word & LOW_FOURS) << 32) | ((word >> 32) & LOW_FOURS);
        return word;
    }

    function _first(uint256 word, uint8 elementType, uint256 size) private pure returns (int256) {
        unchecked {
            uint256 unused = 256 - 8 * size;
            return elementType == U8 ? int256(word >> unused) : int256(word) >> unused;
        }
    }
}
