// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LeafOpening } from "../../contracts/libraries/FileTreeLib.sol";

/// @notice The file tree written a second time, by recursion on the definition of RFC 6962: the left part is the
/// largest power of two below the count. Shares no code with FileTreeLib.
library TreeTool {
    /// @notice Byte i of the vectors' files is (i * 31 + 7) & 255.
    function patternLeaf(uint256 bytesInLeaf) internal pure returns (bytes memory leaf) {
        leaf = new bytes(256);
        for (uint256 i = 0; i < bytesInLeaf; ++i) leaf[i] = bytes1(uint8((i * 31 + 7) & 255));
    }

    /// @notice A leaf that differs for every (seed, index).
    function leafOf(uint256 seed, uint256 index) internal pure returns (bytes memory leaf) {
        leaf = new bytes(256);
        bytes32 word = keccak256(abi.encode(seed, index));
        for (uint256 i = 0; i < 8; ++i) {
            assembly ("memory-safe") {
                mstore(add(leaf, add(0x20, mul(i, 0x20))), add(word, i))
            }
        }
    }

    function hashes(uint256 seed, uint256 count) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) list[i] = keccak256(leafOf(seed, i));
    }

    function root(bytes32[] memory list) internal pure returns (bytes32) {
        return rootOf(list, 0, list.length);
    }

    function rootOf(bytes32[] memory list, uint256 from, uint256 to) internal pure returns (bytes32) {
        if (to - from == 1) return list[from];
        uint256 middle = from + _left(to - from);
        return keccak256(abi.encodePacked(rootOf(list, from, middle), rootOf(list, middle, to)));
    }

    /// @notice Siblings, bottom up, of the sub-tree that holds [first, first + size).
    function path(bytes32[] memory list, uint256 first, uint256 size) internal pure returns (bytes32[] memory) {
        return _path(list, 0, list.length, first, size);
    }

    /// @notice Opens a leaf of the tree over leaves `leafOf(seed, from)` to `leafOf(seed, from + count - 1)`.
    function open(
        uint256 seed,
        uint256 from,
        uint256 count,
        uint256 index
    ) internal pure returns (LeafOpening memory opening) {
        bytes32[] memory list = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) list[i] = keccak256(leafOf(seed, from + i));
        opening.leaf = leafOf(seed, from + index);
        opening.siblings = path(list, index, 1);
    }

    function _path(
        bytes32[] memory list,
        uint256 from,
        uint256 to,
        uint256 first,
        uint256 size
    ) private pure returns (bytes32[] memory) {
        if (from == first && to - from == size) return new bytes32[](0);
        uint256 middle = from + _left(to - from);
        bool inLeft = first < middle;
        bytes32[] memory below = inLeft ? _path(list, from, middle, first, size) : _path(list, middle, to, first, size);
        bytes32[] memory all = new bytes32[](below.length + 1);
        for (uint256 i = 0; i < below.length; ++i) all[i] = below[i];
        all[below.length] = inLeft ? rootOf(list, middle, to) : rootOf(list, from, middle);
        return all;
    }

    function _left(uint256 count) private pure returns (uint256 left) {
        left = 1;
        while (left * 2 < count) left *= 2;
    }
}
