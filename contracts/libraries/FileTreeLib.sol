// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A leaf and the way up from it.
/// @param leaf The leaf's bytes, exactly 256
/// @param siblings Sibling hashes from the bottom up
struct LeafOpening {
    bytes leaf;
    bytes32[] siblings;
}

/// @title The file tree: keccak over 256-byte leaves
/// @notice Pairs from left to right, an odd last node is carried up unchanged. The tree itself separates neither
/// leaves from nodes nor lengths, so every function here takes the leaf count that the caller knows from elsewhere
/// (a submission, a program) and insists on the shape that follows from it.
/// @dev Sizes and vectors are those of 0G Storage. "Height" counts levels above the leaves; a perfect tree of height h
/// is the case leafCount = 2^h.
library FileTreeLib {
    uint256 internal constant LEAF_BYTES = 256;
    /// @dev Roots in one leaf of a root list.
    uint256 internal constant ROOTS_PER_LEAF = 8;
    /// @dev Bounds shifts; far above any file.
    uint256 internal constant MAX_HEIGHT = 63;
    bytes32 internal constant ZERO_LEAF = 0xd397b3b043d87fcd6fad1291ff0bfd16401c274896d8c63a923727f077b8e0b5;

    error FileTreeEmpty();
    error FileTreeLeafBytes(uint256 actual, uint256 expected);
    error FileTreeLeafOutOfRange(uint256 leafIndex, uint256 leafCount);
    error FileTreeSiblings(uint256 actual, uint256 expected);
    error FileTreeHeight(uint256 actual, uint256 max);
    error FileTreeSize(uint256 actual, uint256 max);
    error FileTreeRunNotAligned(uint256 firstLeaf, uint256 runLeaves);
    error FileTreeSubtrees(uint256 roots, uint256 heights);
    error FileTreeRootMismatch(bytes32 actual, bytes32 expected);

    /// @notice Hash of a leaf of exactly 256 bytes.
    function hashLeaf(bytes memory leaf) internal pure returns (bytes32) {
        if (leaf.length != LEAF_BYTES) revert FileTreeLeafBytes(leaf.length, LEAF_BYTES);
        return keccak256(leaf);
    }

    /// @notice Hash of two nodes: a preimage of exactly 64 bytes.
    function hashNode(bytes32 left, bytes32 right) internal pure returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            node := keccak256(0x00, 0x40)
        }
    }

    /// @notice Root of 2^height leaves of zeros.
    function zeroSubtree(uint256 height) internal pure returns (bytes32 node) {
        if (height > MAX_HEIGHT) revert FileTreeHeight(height, MAX_HEIGHT);
        node = ZERO_LEAF;
        for (uint256 i = 0; i < height; ++i) node = hashNode(node, node);
    }

    /// @notice Smallest power of two that is not below `value`; 1 for 0.
    function nextPowerOfTwo(uint256 value) internal pure returns (uint256 power) {
        if (value > 1 << MAX_HEIGHT) revert FileTreeSize(value, 1 << MAX_HEIGHT);
        if (value <= 1) return 1;
        // All bits below the greatest one of value - 1.
        unchecked {
            power = value - 1;
            power |= power >> 1;
            power |= power >> 2;
            power |= power >> 4;
            power |= power >> 8;
            power |= power >> 16;
            power |= power >> 32;
            ++power;
        }
    }

    /// @notice Leaves of a file after the flow's padding: the chunk count rounded up to a multiple of a sixteenth of
    /// the next power of two, so that at most four sub-trees make up the file.
    function paddedLeafCount(uint256 byteLength) internal pure returns (uint256) {
        if (byteLength == 0) revert FileTreeEmpty();
        uint256 chunks = (byteLength - 1) / LEAF_BYTES + 1;
        uint256 unit = nextPowerOfTwo(chunks) / 16;
        return unit < 2 ? chunks : ((chunks - 1) / unit + 1) * unit;
    }

    /// @notice Root of the tree over leaf hashes.
    /// @dev Overwrites `nodes`.
    function rootOfHashes(bytes32[] memory nodes) internal pure returns (bytes32) {
        uint256 count = nodes.length;
        if (count == 0) revert FileTreeEmpty();
        while (count > 1) {
            uint256 pairs = count / 2;
            for (uint256 i = 0; i < pairs; ++i) nodes[i] = hashNode(nodes[2 * i], nodes[2 * i + 1]);
            if (count % 2 == 1) nodes[pairs] = nodes[count - 1];
            count = pairs + (count % 2);
        }
        return nodes[0];
    }

    /// @notice File root of bytes in memory, padding included.
    function fileRoot(bytes memory data) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](paddedLeafCount(data.length));
        uint256 chunks = (data.length - 1) / LEAF_BYTES + 1;
        for (uint256 i = 0; i < chunks; ++i) hashes[i] = hashChunk(data, i);
        for (uint256 i = chunks; i < hashes.length; ++i) hashes[i] = ZERO_LEAF;
        return rootOfHashes(hashes);
    }

    /// @notice File root of a list of roots: the file of their bytes, 32 each. Up to eight roots are one zero-padded leaf.
    function rootList(bytes32[] memory roots) internal pure returns (bytes32) {
        return fileRoot(abi.encodePacked(roots));
    }

    /// @notice File root from the roots of a submission's nodes, largest first.
    function rootFromNodes(bytes32[] memory roots) internal pure returns (bytes32 root) {
        uint256 i = roots.length;
        if (i == 0) revert FileTreeEmpty();
        root = roots[--i];
        while (i > 0) root = hashNode(roots[--i], root);
    }

    /// @notice Root of a tree of `leafCount` leaves that holds sub-trees in the given order, each at the next multiple of
    /// its own size. All leaves between and behind them are zeros.
    /// @param roots Root of each sub-tree
    /// @param heights Height of each; sub-tree i has 2^heights[i] leaves
    /// @param leafCount A padded leaf count that the sub-trees fit into
    function rootOfSubtrees(
        bytes32[] memory roots,
        uint256[] memory heights,
        uint256 leafCount
    ) internal pure returns (bytes32 root) {
        if (roots.length != heights.length) revert FileTreeSubtrees(roots.length, heights.length);
        if (leafCount == 0) revert FileTreeEmpty();
        if (leafCount > 1 << MAX_HEIGHT) revert FileTreeSize(leafCount, 1 << MAX_HEIGHT);
        bytes32[] memory runs = new bytes32[](MAX_HEIGHT + 1);
        uint256 end = 0;
        for (uint256 i = 0; i < roots.length; ++i) {
            uint256 height = heights[i];
            if (height > MAX_HEIGHT) revert FileTreeHeight(height, MAX_HEIGHT);
            uint256 start = ((end + (1 << height) - 1) >> height) << height;
            if (start + (1 << height) > leafCount) {
                revert FileTreeLeafOutOfRange(start + (1 << height) - 1, leafCount);
            }
            _appendZeros(runs, end, start);
            _appendRun(runs, start, height, roots[i]);
            end = start + (1 << height);
        }
        _appendZeros(runs, end, leafCount);
        uint256 lowest = 0;
        while ((leafCount >> lowest) % 2 == 0) ++lowest;
        root = runs[lowest];
        for (uint256 height = lowest + 1; leafCount >> height > 0; ++height) {
            if ((leafCount >> height) % 2 == 1) root = hashNode(runs[height], root);
        }
    }

    /// @notice Root that a node leads to. The node stands for the leaves [index * 2^height, (index + 1) * 2^height) of
    /// a tree of `leafCount` leaves; `siblings` must be exactly as many as that place in that tree has.
    function rootFromNode(
        bytes32 node,
        uint256 height,
        uint256 index,
        uint256 leafCount,
        bytes32[] memory siblings
    ) internal pure returns (bytes32) {
        if (height > MAX_HEIGHT) revert FileTreeHeight(height, MAX_HEIGHT);
        // Written as a division so that no index can overflow a shift.
        uint256 width = leafCount >> height;
        if (index >= width) revert FileTreeLeafOutOfRange(index, width);
        if ((width << height) < leafCount) ++width;

        uint256 used = 0;
        while (width > 1) {
            // The last node of an odd level has no sibling and is carried up.
            if (index % 2 == 1 || index + 1 < width) {
                if (used == siblings.length) revert FileTreeSiblings(used, used + _pathLength(index, width));
                bytes32 sibling = siblings[used++];
                node = index % 2 == 1 ? hashNode(sibling, node) : hashNode(node, sibling);
            }
            index >>= 1;
            width = (width + 1) >> 1;
        }
        if (used != siblings.length) revert FileTreeSiblings(siblings.length, used);
        return node;
    }

    /// @notice Root that a leaf leads to in a tree of `leafCount` leaves.
    function rootFromLeaf(
        bytes memory leaf,
        uint256 leafIndex,
        uint256 leafCount,
        bytes32[] memory siblings
    ) internal pure returns (bytes32) {
        return rootFromNode(hashLeaf(leaf), 0, leafIndex, leafCount, siblings);
    }

    /// @notice Root that a run of 2^k leaves leads to, with one path for the whole run.
    /// @param run Bytes of the run: 256 times a power of two
    /// @param firstLeaf A multiple of the run's leaves
    function rootFromRun(
        bytes memory run,
        uint256 firstLeaf,
        uint256 leafCount,
        bytes32[] memory siblings
    ) internal pure returns (bytes32) {
        uint256 leaves = run.length / LEAF_BYTES;
        if (leaves == 0 || run.length != nextPowerOfTwo(leaves) * LEAF_BYTES) {
            revert FileTreeLeafBytes(run.length, nextPowerOfTwo(leaves) * LEAF_BYTES);
        }
        if (firstLeaf % leaves != 0) revert FileTreeRunNotAligned(firstLeaf, leaves);
        bytes32[] memory hashes = new bytes32[](leaves);
        for (uint256 i = 0; i < leaves; ++i) hashes[i] = hashChunk(run, i);
        uint256 height = 0;
        while (1 << height < leaves) ++height;
        return rootFromNode(rootOfHashes(hashes), height, firstLeaf / leaves, leafCount, siblings);
    }

    /// @notice Reverts unless the leaf stands at `leafIndex` of the tree `root` of `leafCount` leaves.
    function checkLeaf(
        bytes32 root,
        bytes memory leaf,
        uint256 leafIndex,
        uint256 leafCount,
        bytes32[] memory siblings
    ) internal pure {
        _checkRoot(rootFromLeaf(leaf, leafIndex, leafCount, siblings), root);
    }

    /// @notice Reverts unless the run of leaves starts at `firstLeaf` of the tree `root` of `leafCount` leaves.
    function checkRun(
        bytes32 root,
        bytes memory run,
        uint256 firstLeaf,
        uint256 leafCount,
        bytes32[] memory siblings
    ) internal pure {
        _checkRoot(rootFromRun(run, firstLeaf, leafCount, siblings), root);
    }

    /// @notice Reverts unless `subtree` is the root of the leaves [index * 2^height, (index + 1) * 2^height).
    function checkSubtree(
        bytes32 root,
        bytes32 subtree,
        uint256 height,
        uint256 index,
        uint256 leafCount,
        bytes32[] memory siblings
    ) internal pure {
        _checkRoot(rootFromNode(subtree, height, index, leafCount, siblings), root);
    }

    /// @notice Entry of a list of `count` roots, opened by the leaf that holds it.
    function openListEntry(
        bytes32 listRoot,
        uint256 entry,
        uint256 count,
        bytes memory leaf,
        bytes32[] memory siblings
    ) internal pure returns (bytes32 root) {
        if (entry >= count) revert FileTreeLeafOutOfRange(entry, count);
        checkLeaf(listRoot, leaf, entry / ROOTS_PER_LEAF, paddedLeafCount(count * 32), siblings);
        uint256 offset = 0x20 + (entry % ROOTS_PER_LEAF) * 0x20;
        assembly ("memory-safe") {
            root := mload(add(leaf, offset))
        }
    }

    /// @dev Puts a sub-tree behind the first `leaves` leaves, a multiple of its size. Like the digits of a binary number,
    /// `runs[h]` is the run of 2^h leaves that bit h of the leaves' number stands for.
    function _appendRun(bytes32[] memory runs, uint256 leaves, uint256 height, bytes32 node) private pure {
        for (; (leaves >> height) % 2 == 1; ++height) node = hashNode(runs[height], node);
        runs[height] = node;
    }

    /// @dev Puts zero leaves behind the first `from` leaves, up to `to` in all.
    function _appendZeros(bytes32[] memory runs, uint256 from, uint256 to) private pure {
        while (from < to) {
            uint256 height = 0;
            while (from % (2 << height) == 0 && from + (2 << height) <= to) ++height;
            _appendRun(runs, from, height, zeroSubtree(height));
            from += 1 << height;
        }
    }

    /// @dev Siblings on the way up from node `index` of a level of `width` nodes.
    function _pathLength(uint256 index, uint256 width) private pure returns (uint256 length) {
        while (width > 1) {
            if (index % 2 == 1 || index + 1 < width) ++length;
            index >>= 1;
            width = (width + 1) >> 1;
        }
    }

    function _checkRoot(bytes32 actual, bytes32 expected) private pure {
        if (actual != expected) revert FileTreeRootMismatch(actual, expected);
    }

    /// @notice Hash of chunk `i` of `data`, the last one zero-filled.
    function hashChunk(bytes memory data, uint256 i) internal pure returns (bytes32 hash) {
        uint256 start = i * LEAF_BYTES;
        if (start + LEAF_BYTES <= data.length) {
            assembly ("memory-safe") {
                hash := keccak256(add(add(data, 0x20), start), 0x100)
            }
        } else {
            bytes memory chunk = new bytes(LEAF_BYTES);
            for (uint256 j = 0; start + j < data.length; ++j) chunk[j] = data[start + j];
            hash = keccak256(chunk);
        }
    }
}
