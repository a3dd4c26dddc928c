// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LeafOpening } from "../../contracts/libraries/FileTreeLib.sol";
import { TreeTool } from "./TreeTool.sol";

/// @notice A file of earnings, built leaf by leaf from its description in the specification.
library EarningsTool {
    struct Entry {
        address operator;
        uint96 cumulativeWei;
    }

    function root(Entry[] memory entries) internal pure returns (bytes32) {
        return TreeTool.root(_hashes(entries));
    }

    function open(Entry[] memory entries, uint256 index) internal pure returns (LeafOpening memory) {
        return LeafOpening(_leaf(entries, index / 8), TreeTool.path(_hashes(entries), index / 8, 1));
    }

    /// @dev As many leaves as a submission of the flow has: a multiple of a sixteenth of the next power of two.
    function _hashes(Entry[] memory entries) private pure returns (bytes32[] memory hashes) {
        uint256 chunks = (entries.length + 7) / 8;
        uint256 unit = 1;
        while (unit * 16 < chunks) unit *= 2;
        hashes = new bytes32[](((chunks + unit - 1) / unit) * unit);
        for (uint256 i = 0; i < hashes.length; ++i) hashes[i] = keccak256(_leaf(entries, i));
    }

    function _leaf(Entry[] memory entries, uint256 leafIndex) private pure returns (bytes memory leaf) {
        for (uint256 i = leafIndex * 8; i < leafIndex * 8 + 8; ++i) {
            Entry memory entry = i < entries.length ? entries[i] : Entry(address(0), 0);
            leaf = abi.encodePacked(leaf, entry.operator, entry.cumulativeWei);
        }
    }
}
