// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ElementLib, Elements } from "../ElementLib.sol";

/// @title Sums of products
/// @notice A word is taken as a polynomial in 2^64 (of bytes with bytes: in 2^32) whose coefficients are elements, every fourth one
/// of the word. If another word has them in reverse, the product's highest coefficient below 2^256 is the sum of their products;
/// those above vanish, those below stay far away from it. Elements are made positive for the lanes by turning their sign bit
/// around, and 2^15 or 2^7 is taken off again in each lane: the word is then the exact value of a polynomial with negative coefficients.
library ProductOps {
    /// @dev Elements of 16 bits in a word.
    uint256 private constant WIDE = 16;
    /// @dev Elements of 8 bits in a word.
    uint256 private constant NARROW = 32;
    uint256 private constant WORD_BYTES = 32;

    uint256 private constant LANES_64 = 0x0000000000000001000000000000000100000000000000010000000000000001;
    uint256 private constant LANES_32 = 0x0000000100000001000000010000000100000001000000010000000100000001;
    /// @dev The higher halves of the lanes of 64 bits.
    uint256 private constant EVEN_LANES = LANES_64 << 32;
    uint256 private constant LANES_16 = 0x0001000100010001000100010001000100010001000100010001000100010001;
    uint256 private constant LOW_64 = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;

    /// @notice Sum of a[i] * b[i] over the elements of both, of which there are equally many, at most 1,024, of i8, u8 or i16.
    function dot(Elements memory a, Elements memory b) internal pure returns (int256) {
        if (a.elementType == ElementLib.I16) {
            if (b.elementType != ElementLib.I16) return _mixed(b, a.offset);
            return _wide(a.offset, b.offset, a.count);
        }
        if (b.elementType == ElementLib.I16) return _mixed(a, b.offset);
        return _narrow(a, b);
    }

    /// @dev Both of 16 bits.
    function _wide(uint256 a, uint256 b, uint256 count) private pure returns (int256) {
        unchecked {
            uint256 sum = 0;
            while (count > 0) {
                uint256 left = ElementLib.wordAt(a);
                // Where one factor is 0, the other one may be anything.
                if (count < WIDE) left &= ~(type(uint256).max >> (16 * count));
                left = ElementLib.toBigEndian(left, 2) ^ (0x8000 * LANES_16);
                uint256 right = _reversed(ElementLib.toBigEndian(ElementLib.wordAt(b), 2) ^ (0x8000 * LANES_16));
                sum +=
                    ((left & (0xffff * LANES_64)) - 0x8000 * LANES_64) *
                    ((right & (0xffff * LANES_64)) - 0x8000 * LANES_64);
                sum +=
                    (((left >> 16) & (0xffff * LANES_64)) - 0x8000 * LANES_64) *
                    (((right >> 16) & (0xffff * LANES_64)) - 0x8000 * LANES_64);
                sum +=
                    (((left >> 32) & (0xffff * LANES_64)) - 0x8000 * LANES_64) *
                    (((right >> 32) & (0xffff * LANES_64)) - 0x8000 * LANES_64);
                sum +=
                    (((left >> 48) & (0xffff * LANES_64)) - 0x8000 * LANES_64) *
                    (((right >> 48) & (0xffff * LANES_64)) - 0x8000 * LANES_64);
                a += WORD_BYTES;
                b += WORD_BYTES;
                count = count < WIDE ? 0 : count - WIDE;
            }
            return int256(sum + (1 << 191)) >> 192;
        }
    }

    /// @dev Bytes with 16 bits: a word of bytes with two words, in lanes of 32 bits. A word's sum has 28 bits.
    function _mixed(Elements memory narrow, uint256 b) private pure returns (int256 total) {
        unchecked {
            uint256 bias = _bias(narrow) * LANES_32;
            for (uint256 from = 0; from < narrow.count; from += NARROW) {
                uint256 left = ElementLib.wordAt(narrow.offset + from);
                if (narrow.count - from < NARROW) left &= ~(type(uint256).max >> (8 * (narrow.count - from)));
                left = _interleaved(left ^ (bias * 0x01010101));
                uint256 first = ElementLib.toBigEndian(ElementLib.wordAt(b), 2) ^ (0x8000 * LANES_16);
                uint256 second = ElementLib.toBigEndian(ElementLib.wordAt(b + WORD_BYTES), 2) ^ (0x8000 * LANES_16);
                b += 2 * WORD_BYTES;
                // Every fourth element of the first word in the odd lanes, of the second in the even ones.
                uint256 sum =
                    ((left & (0xff * LANES_32)) - bias) *
                        (((first & (0xffff * LANES_64)) | ((second << 32) & (0xffff * EVEN_LANES))) -
                            0x8000 * LANES_32);
                sum +=
                    (((left >> 8) & (0xff * LANES_32)) - bias) *
                    ((((first >> 16) & (0xffff * LANES_64)) | ((second << 16) & (0xffff * EVEN_LANES))) -
                        0x8000 * LANES_32);
                sum +=
                    (((left >> 16) & (0xff * LANES_32)) - bias) *
                    ((((first >> 32) & (0xffff * LANES_64)) | (second & (0xffff * EVEN_LANES))) - 0x8000 * LANES_32);
                sum +=
                    (((left >> 24) & (0xff * LANES_32)) - bias) *
                    ((((first >> 48) & (0xffff * LANES_64)) | ((second >> 16) & (0xffff * EVEN_LANES))) -
                        0x8000 * LANES_32);
                total += int256(sum + (1 << 223)) >> 224;
            }
        }
    }

    /// @dev Bytes with bytes.
    function _narrow(Elements memory a, Elements memory b) private pure returns (int256) {
        unchecked {
            uint256 biasA = _bias(a) * LANES_32;
            uint256 biasB = _bias(b) * LANES_32;
            uint256 sum = 0;
            for (uint256 from = 0; from < a.count; from += NARROW) {
                uint256 left = ElementLib.wordAt(a.offset + from);
                if (a.count - from < NARROW) left &= ~(type(uint256).max >> (8 * (a.count - from)));
                left ^= biasA * 0x01010101;
                uint256 right = _reversed(ElementLib.wordAt(b.offset + from) ^ (biasB * 0x01010101));
                right = ((right & (0xffffffff * LANES_64)) << 32) | ((right >> 32) & (0xffffffff * LANES_64));
                sum += ((left & (0xff * LANES_32)) - biasA) * ((right & (0xff * LANES_32)) - biasB);
                sum += (((left >> 8) & (0xff * LANES_32)) - biasA) * (((right >> 8) & (0xff * LANES_32)) - biasB);
                sum += (((left >> 16) & (0xff * LANES_32)) - biasA) * (((right >> 16) & (0xff * LANES_32)) - biasB);
                sum += (((left >> 24) & (0xff * LANES_32)) - biasA) * (((right >> 24) & (0xff * LANES_32)) - biasB);
            }
            return int256(sum + (1 << 223)) >> 224;
        }
    }

    /// @dev The lanes of 32 bits, counted from 0 at the highest, in the order 3, 7, 2, 6, 1, 5, 0, 4.
    function _interleaved(uint256 word) private pure returns (uint256) {
        uint256 high = word >> 128;
        uint256 low = word & type(uint128).max;
        high = ((high << 128) | (high >> 64)) & LOW_64;
        low = ((low << 128) | (low >> 64)) & LOW_64;
        high = ((high << 64) | (high >> 32)) & (0xffffffff * LANES_64);
        low = ((low << 64) | (low >> 32)) & (0xffffffff * LANES_64);
        return (high << 32) | low;
    }

    /// @dev Lanes of 64 bits in reverse.
    function _reversed(uint256 word) private pure returns (uint256) {
        word = (word << 128) | (word >> 128);
        return ((word & LOW_64) << 64) | ((word >> 64) & LOW_64);
    }

    /// @dev What makes an element of 8 bits positive.
    function _bias(Elements memory elements) private pure returns (uint256) {
        return elements.elementType == ElementLib.I8 ? 0x80 : 0;
    }
}
