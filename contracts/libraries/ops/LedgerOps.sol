// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ElementLib, Elements } from "../ElementLib.sol";
import { ElementOps } from "./ElementOps.sol";

/// @title Counting and sharing
library LedgerOps {
    /// @dev Places in the terms.
    uint256 private constant SUPPLY = 0;
    uint256 internal constant INITIATOR_ACCOUNT = 7;
    int256 private constant BPS = 10_000;

    uint256 private constant LOW_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    /// @dev The sign of each little-endian i64 of a word.
    uint256 private constant SIGNS = 0x0000000000000080000000000000008000000000000000800000000000000080;
    /// @dev All but the greatest bit of each of a word's eight lanes.
    uint256 private constant LOW_31 = 0x7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff;
    uint256 private constant ONES = 0x0000000100000001000000010000000100000001000000010000000100000001;

    /// @notice How many of at most 1,024 i32 are `index`, which is below 2^31.
    function count(Elements memory indices, uint256 index) internal pure returns (int256) {
        unchecked {
            uint256 wanted = (ElementLib.toBigEndian(index, 4) & 0xffffffff) * ONES;
            uint256 found = 0;
            for (uint256 from = 0; from < indices.count; from += 8) {
                uint256 word = ElementLib.wordAt(indices.offset + 4 * from) ^ wanted;
                uint256 left = indices.count - from;
                if (left < 8) word |= type(uint256).max >> (32 * left);
                // The greatest bit of a lane is set unless the lane is 0; at most 128 words add to a lane.
                found += ~(((word & LOW_31) + LOW_31) | word | LOW_31) >> 31;
            }
            // The product's highest lane is the sum of all.
            return int256((found * ONES) >> 224);
        }
    }

    /// @notice Sum of at most 1,024 i64.
    function sum(Elements memory terms) internal pure returns (int256 total) {
        unchecked {
            uint256 even = 0;
            uint256 odd = 0;
            for (uint256 from = 0; from < terms.count; from += 4) {
                uint256 word = ElementLib.wordAt(terms.offset + 8 * from);
                uint256 left = terms.count - from;
                if (left < 4) word &= ~(type(uint256).max >> (64 * left));
                // Adds 2^63 to every term. At most 256 bytes add to a lane of 16 bits.
                word ^= SIGNS;
                even += (word >> 8) & LOW_BYTES;
                odd += word & LOW_BYTES;
                total -= 1 << 65;
            }
            for (uint256 lane = 0; lane < 16; ++lane) {
                uint256 shift = 240 - 16 * lane;
                uint256 weight = 16 * (lane % 4);
                total += int256(((even >> shift) & 0xffff) << weight);
                total += int256(((odd >> shift) & 0xffff) << (weight + 8));
            }
        }
    }

    /// @notice floor(floor(supply * pool / 10,000) * count / total), 0 if the total is 0, within the bounds.
    /// @param counted Not negative in any valid tensor; less counts as 0, which is the lowest share
    /// @param pool Its place in the terms
    /// @param total Its place in the terms
    function proportion(
        int256 counted,
        Elements memory terms,
        uint256 pool,
        uint256 total,
        int256 lowest,
        int256 highest
    ) internal pure returns (int256 share) {
        int256 divisor = ElementLib.valueAt(terms, total);
        // All are positive, so that division rounds down.
        if (divisor > 0 && counted > 0) {
            share = (((ElementLib.valueAt(terms, SUPPLY) * ElementLib.valueAt(terms, pool)) / BPS) * counted) / divisor;
        }
        return ElementOps.saturate(share, lowest, highest);
    }

    /// @notice What the initiator gets besides: what the supply exceeds the sum of all shares by.
    function rest(Elements memory terms, int256 total) internal pure returns (int256) {
        int256 excess = ElementLib.valueAt(terms, SUPPLY) - total;
        return excess > 0 ? excess : int256(0);
    }
}
