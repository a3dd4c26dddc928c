// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A set of epochs, 256 to a word.
struct EpochSet {
    mapping(uint32 word => uint256 bits) words;
}

/// @title Sets of epochs that count ranges
/// @notice Adding is one storage write, mostly into a word already in use; counting reads one word for 256 epochs.
library EpochSetLib {
    function add(EpochSet storage self, uint32 epoch) internal {
        self.words[epoch >> 8] |= 1 << (epoch & 0xff);
    }

    function contains(EpochSet storage self, uint32 epoch) internal view returns (bool) {
        return (self.words[epoch >> 8] >> (epoch & 0xff)) & 1 == 1;
    }

    /// @notice How many epochs from `first` to `last`, both included, are in the set; 0 if `last < first`.
    function count(EpochSet storage self, uint32 first, uint32 last) internal view returns (uint256 total) {
        if (last < first) return 0;
        uint32 lastWord = last >> 8;
        for (uint32 word = first >> 8; word <= lastWord; ++word) {
            uint256 bits = self.words[word];
            if (word == first >> 8) bits &= type(uint256).max << (first & 0xff);
            if (word == lastWord) bits &= type(uint256).max >> (255 - (last & 0xff));
            total += _bitCount(bits);
        }
    }

    /// @dev Sums neighbouring fields of 1, 2, 4, ... bits; after the bytes are summed, the product gathers them in the
    /// top byte, which overflows only for all 256 bits set.
    function _bitCount(uint256 bits) private pure returns (uint256) {
        if (bits == type(uint256).max) return 256;
        unchecked {
            bits -= (bits >> 1) & (type(uint256).max / 3);
            bits = (bits & (type(uint256).max / 5)) + ((bits >> 2) & (type(uint256).max / 5));
            bits = (bits + (bits >> 4)) & (type(uint256).max / 17);
            return (bits * (type(uint256).max / 255)) >> 248;
        }
    }
}
