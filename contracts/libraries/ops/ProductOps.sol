// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ElementLib, Elements } from "../ElementLib.sol";

/// @title Sums of products
/// @notice Sixteen elements of 16 bits are a word. A word's lanes of 64 bits, each with one element, are the coefficients
/// of a polynomial in 2^64; if the other word's lanes stand in reverse, the product's coefficient of 2^192 is the sum of the four
/// products. Higher ones vanish modulo 2^256, lower ones stay far below 2^63.
library ProductOps {
    uint256 private constant LANES = 16;
    /// @dev The lowest element in each lane of 64 bits.
    uint256 private constant LOW_LANES = 0x000000000000ffff000000000000ffff000000000000ffff000000000000ffff;
    uint256 private constant ONES = 0x0000000000000001000000000000000100000000000000010000000000000001;
    uint256 private constant SIGNS = 0x8000800080008000800080008000800080008000800080008000800080008000;
    uint256 private constant BYTE_SIGNS = 0x0080008000800080008000800080008000800080008000800080008000800080;
    uint256 private constant LOW_64 = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
    uint256 private constant LOW_32 = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant LOW_16 = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    uint256 private constant LOW_8 = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;

    /// @notice Sum of a[i] * b[i] over the elements of both, of which there are equally many, at most 1,024, of i8, u8 or i16.
    function dot(Elements memory a, Elements memory b) internal pure returns (int256) {
        unchecked {
            uint256 count = a.count;
            uint256 biasA = _bias(a.elementType);
            uint256 biasB = _bias(b.elementType);
            uint256 sum = 0;
            for (uint256 from = 0; from < count; from += LANES) {
                uint256 left = _widen(a, from);
                uint256 right = _widen(b, from);
                right = (right << 128) | (right >> 128);
                right = ((right & LOW_64) << 64) | ((right >> 64) & LOW_64);
                sum += ((left & LOW_LANES) - biasA) * ((right & LOW_LANES) - biasB);
                sum += (((left >> 16) & LOW_LANES) - biasA) * (((right >> 16) & LOW_LANES) - biasB);
                sum += (((left >> 32) & LOW_LANES) - biasA) * (((right >> 32) & LOW_LANES) - biasB);
                sum += (((left >> 48) & LOW_LANES) - biasA) * (((right >> 48) & LOW_LANES) - biasB);
            }
            // Below the coefficient may be less than nothing.
            return int256(sum + (1 << 191)) >> 192;
        }
    }

    /// @dev Sixteen elements from index `from` on, first to last, each with its type's bias added to make it positive. Those
    /// that don't exist are 0.
    function _widen(Elements memory elements, uint256 from) private pure returns (uint256 word) {
        unchecked {
            uint256 left = elements.count - from;
            if (elements.elementType == ElementLib.I16) {
                word = ElementLib.wordAt(elements.offset + 2 * from);
                if (left < LANES) word &= ~(type(uint256).max >> (16 * left));
                return (((word & LOW_8) << 8) | ((word >> 8) & LOW_8)) ^ SIGNS;
            }
            word = ElementLib.wordAt(elements.offset + from);
            if (left < LANES) word &= ~(type(uint256).max >> (8 * left));
            word >>= 128;
            word = (word | (word << 64)) & LOW_64;
            word = (word | (word << 32)) & LOW_32;
            word = (word | (word << 16)) & LOW_16;
            word = (word | (word << 8)) & LOW_8;
            if (elements.elementType == ElementLib.I8) word ^= BYTE_SIGNS;
        }
    }

    /// @dev What `_widen` adds to elements, in each lane of 64 bits.
    function _bias(uint8 elementType) private pure returns (uint256) {
        if (elementType == ElementLib.I16) return 0x8000 * ONES;
        return elementType == ElementLib.I8 ? 0x80 * ONES : 0;
    }
}
