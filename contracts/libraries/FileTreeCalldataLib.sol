// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeLib } from "./FileTreeLib.sol";

/// @title Paths of the file tree in calldata
/// @notice `FileTreeLib.rootOfHashes`, `rootFromRun` and `rootFromNode` for calldata, at a third of the gas.
library FileTreeCalldataLib {
    /// @notice Root of the tree over 2^height nodes.
    /// @dev The caller has checked that there are so many.
    function rootOfNodes(bytes32[] calldata nodes, uint256 height) internal pure returns (bytes32 root) {
        assembly ("memory-safe") {
            // Every level is written over the left half of the one below.
            let hashes := mload(0x40)
            let count := shl(height, 1)
            calldatacopy(hashes, nodes.offset, shl(5, count))
            for {
                count := shr(1, count)
            } count {
                count := shr(1, count)
            } {
                for {
                    let i := 0
                } lt(i, count) {
                    i := add(i, 1)
                } {
                    mstore(add(hashes, shl(5, i)), keccak256(add(hashes, shl(6, i)), 0x40))
                }
            }
            root := mload(hashes)
        }
    }

    /// @notice Root of the 2^height leaves that `run` is, which has exactly their bytes.
    function rootOfRun(bytes calldata run, uint256 height) internal pure returns (bytes32 root) {
        uint256 bytesExpected = FileTreeLib.LEAF_BYTES << height;
        if (run.length != bytesExpected) revert FileTreeLib.FileTreeLeafBytes(run.length, bytesExpected);
        assembly ("memory-safe") {
            // Hashes lie in free memory, and behind them the leaf that is being hashed.
            let hashes := mload(0x40)
            let count := shl(height, 1)
            let leaf := add(hashes, shl(5, count))
            for {
                let i := 0
            } lt(i, count) {
                i := add(i, 1)
            } {
                calldatacopy(leaf, add(run.offset, shl(8, i)), 0x100)
                mstore(add(hashes, shl(5, i)), keccak256(leaf, 0x100))
            }
            for {
                count := shr(1, count)
            } count {
                count := shr(1, count)
            } {
                for {
                    let i := 0
                } lt(i, count) {
                    i := add(i, 1)
                } {
                    mstore(add(hashes, shl(5, i)), keccak256(add(hashes, shl(6, i)), 0x40))
                }
            }
            root := mload(hashes)
        }
    }

    /// @notice Root that a node leads to. The node stands for the leaves [index * 2^height, (index + 1) * 2^height) of
    /// a tree of `leafCount` leaves; `siblings` must be exactly as many as that place in that tree has.
    function rootFromNode(
        bytes32 node,
        uint256 height,
        uint256 index,
        uint256 leafCount,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32) {
        if (height > FileTreeLib.MAX_HEIGHT) revert FileTreeLib.FileTreeHeight(height, FileTreeLib.MAX_HEIGHT);
        uint256 width = leafCount >> height;
        if (index >= width) revert FileTreeLib.FileTreeLeafOutOfRange(index, width);
        uint256 used = 0;
        uint256 given = siblings.length;
        unchecked {
            if ((width << height) < leafCount) ++width;
            for (; width > 1; width = (width + 1) >> 1) {
                // The last node of an odd level has no sibling and is carried up.
                if (index | 1 < width) {
                    if (used == given) revert FileTreeLib.FileTreeSiblings(used, used + 1);
                    assembly ("memory-safe") {
                        // The node goes to the left or to the right half of the scratch space, its sibling to the other one.
                        let side := shl(5, and(index, 1))
                        mstore(side, node)
                        mstore(xor(side, 0x20), calldataload(add(siblings.offset, shl(5, used))))
                        node := keccak256(0x00, 0x40)
                    }
                    ++used;
                }
                index >>= 1;
            }
        }
        if (used != given) revert FileTreeLib.FileTreeSiblings(given, used);
        return node;
    }

    /// @notice Reverts unless the run of 2^height leaves starts at `firstLeaf`, a multiple of its leaves, of the tree
    /// `root` of `leafCount` leaves.
    function checkRun(
        bytes32 root,
        bytes calldata run,
        uint256 height,
        uint256 firstLeaf,
        uint256 leafCount,
        bytes32[] calldata siblings
    ) internal pure {
        bytes32 actual = rootFromNode(rootOfRun(run, height), height, firstLeaf >> height, leafCount, siblings);
        if (actual != root) revert FileTreeLib.FileTreeRootMismatch(actual, root);
    }
}
