// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeLib } from "../../../contracts/libraries/FileTreeLib.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { vm } from "../../support/Vm.sol";

/// @dev Makes the library's reverts visible as calls.
contract FileTreeHarness {
    function rootFromLeaf(
        bytes memory leaf,
        uint256 leafIndex,
        uint256 leafCount,
        bytes32[] memory siblings
    ) external pure returns (bytes32) {
        return FileTreeLib.rootFromLeaf(leaf, leafIndex, leafCount, siblings);
    }

    function rootFromNode(
        bytes32 node,
        uint256 height,
        uint256 index,
        uint256 leafCount,
        bytes32[] memory siblings
    ) external pure returns (bytes32) {
        return FileTreeLib.rootFromNode(node, height, index, leafCount, siblings);
    }

    function rootFromRun(
        bytes memory run,
        uint256 firstLeaf,
        uint256 leafCount,
        bytes32[] memory siblings
    ) external pure returns (bytes32) {
        return FileTreeLib.rootFromRun(run, firstLeaf, leafCount, siblings);
    }

    function checkLeaf(
        bytes32 root,
        bytes memory leaf,
        uint256 leafIndex,
        uint256 leafCount,
        bytes32[] memory siblings
    ) external pure {
        FileTreeLib.checkLeaf(root, leaf, leafIndex, leafCount, siblings);
    }

    function openListEntry(
        bytes32 root,
        uint256 entry,
        uint256 count,
        bytes memory leaf,
        bytes32[] memory siblings
    ) external pure returns (bytes32) {
        return FileTreeLib.openListEntry(root, entry, count, leaf, siblings);
    }

    function fileRoot(bytes memory data) external pure returns (bytes32) {
        return FileTreeLib.fileRoot(data);
    }

    function zeroSubtree(uint256 height) external pure returns (bytes32) {
        return FileTreeLib.zeroSubtree(height);
    }

    function rootOfSubtrees(
        bytes32[] memory roots,
        uint256[] memory heights,
        uint256 leafCount
    ) external pure returns (bytes32) {
        return FileTreeLib.rootOfSubtrees(roots, heights, leafCount);
    }
}

contract FileTreeLibTest {
    FileTreeHarness private _tree = new FileTreeHarness();

    function test_rootsOfTheReferenceFiles() external pure {
        _checkVector(1, 1, 0x71bfab3b73c19ec6548f3e1dcc56d9a8c7c66b51b71e4dbbfb1fc0e0bf2826ba);
        _checkVector(255, 1, 0x126dccd8c3dcc7375b96fb4604a9b61ae72b2b869b6da58a868e59adda22a3be);
        _checkVector(256, 1, 0xedf1c56924fa652f2b5d33af272bc44a20c49c0b25cb7628363bf8a4cdafee8c);
        _checkVector(257, 2, 0x7ea7520214ca45edb7f0f74f219e68b1c07ccebd02bf44e83503e264733021c6);
        _checkVector(512, 2, 0x51054511f30e0b270565fdc9c73a1c7308e923b228528ffb040fec5c237749c2);
        _checkVector(513, 3, 0xb0984440293d286397ad8ac7ba5b2a567ef208c7889072133a67ce4a505dbb95);
        _checkVector(1024, 4, 0xe9e37958facbca0d0f1c795362480a3cf4db550e7d9de8aac97472fbbcda7377);
        _checkVector(4097, 18, 0xb187870fd7c9056de1b1e168560a3e9fe9bc3116cc6ce5c60398042b0ab281e2);
        _checkVector(65537, 288, 0xc093bb8d39900fd3dcd6f58b3f032324d6280a72c9b11bc73856c320b0a31446);
        _checkVector(262143, 1024, 0x34400c1f1800b15f03470317db3b3f0117abd4fada95c7f518591762f28b7990);
        _checkVector(262144, 1024, 0xd91d4fbe931dad9d248e122f5110690dc8b062081085fa8c25ffbd5a121af8ba);
        _checkVector(262145, 1152, 0xb236481c8daf801365d17e798661a7b3a47de5d494a93400ad2cad0d0b322202);
        _checkVector(524288, 2048, 0xf5237ce69c3db595c16740a5b436f2460199206560d5d394ee6be77a26ebfe14);
        _checkVector(786432, 3072, 0xc38931942ce518dd3caf1fe1f5edf1c94b219dc3178791908c4d343f2e48ba24);
        _checkVector(1048576, 4096, 0x07d6d2f56e47dbac4f6b7c87aa5b6027cb79d051d581660b64ff17342e36659c);
        _checkVector(1048579, 4608, 0x936f73e672df51c78997ac39b7474ba925742d55da715c523fdc2b8710f41eef);
        _checkVector(5255225, 22528, 0x55634986ddc48ece8979ee7f53d94e5ff2b13123f108567c010713b34a75affb);
    }

    function test_fileRootOfBytesInMemory() external view {
        uint256[6] memory lengths = [uint256(1), 255, 257, 513, 4097, 65537];
        for (uint256 i = 0; i < lengths.length; ++i) {
            bytes memory data = new bytes(lengths[i]);
            for (uint256 j = 0; j < data.length; ++j) data[j] = bytes1(uint8((j * 31 + 7) & 255));
            require(_tree.fileRoot(data) == _vectorRoot(lengths[i]), "root of bytes");
        }
    }

    function test_paddedLeafCounts() external pure {
        uint256[11] memory chunks = [uint256(1), 16, 17, 31, 33, 100, 257, 1000, 1100, 2049, 4097];
        uint256[11] memory padded = [uint256(1), 16, 18, 32, 36, 104, 288, 1024, 1152, 2304, 4608];
        for (uint256 i = 0; i < chunks.length; ++i) {
            require(FileTreeLib.paddedLeafCount(chunks[i] * 256) == padded[i], "padded from full chunks");
            require(FileTreeLib.paddedLeafCount(chunks[i] * 256 - 255) == padded[i], "padded from a short chunk");
        }
    }

    function test_zeroSubtrees() external pure {
        require(keccak256(new bytes(256)) == FileTreeLib.ZERO_LEAF, "zero leaf");
        require(
            FileTreeLib.zeroSubtree(0) == 0xd397b3b043d87fcd6fad1291ff0bfd16401c274896d8c63a923727f077b8e0b5,
            "height 0"
        );
        require(
            FileTreeLib.zeroSubtree(1) == 0xf73e6947d7d1628b9976a6e40d7b278a8a16405e96324a68df45b12a51b7cfde,
            "height 1"
        );
        require(
            FileTreeLib.zeroSubtree(10) == 0xe68d02859bb6211cec64f52368b77d422de3b8eac34bf615942b814b643301b5,
            "height 10"
        );
    }

    function test_zeroSubtreeTooHigh() external {
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeHeight.selector, 64, 63));
        _tree.zeroSubtree(64);
    }

    function test_rootFromNodes() external pure {
        bytes32[] memory list = TreeTool.hashes(1, 22);
        bytes32[] memory nodes = new bytes32[](3);
        nodes[0] = TreeTool.rootOf(list, 0, 16);
        nodes[1] = TreeTool.rootOf(list, 16, 20);
        nodes[2] = TreeTool.rootOf(list, 20, 22);
        require(FileTreeLib.rootFromNodes(nodes) == TreeTool.root(list), "fold");
    }

    /// @dev The vector of 65,537 bytes: a sub-tree of 256 leaves, one leaf more, 31 leaves of padding.
    function test_subtreesOfAReferenceFile() external view {
        bytes32[] memory leaves = new bytes32[](256);
        for (uint256 i = 0; i < 256; ++i) leaves[i] = keccak256(TreeTool.patternLeaf(256));
        bytes32[] memory roots = new bytes32[](2);
        uint256[] memory heights = new uint256[](2);
        (roots[0], heights[0]) = (TreeTool.root(leaves), 8);
        roots[1] = keccak256(TreeTool.patternLeaf(1));
        require(
            _tree.rootOfSubtrees(roots, heights, 288) ==
                0xc093bb8d39900fd3dcd6f58b3f032324d6280a72c9b11bc73856c320b0a31446,
            "65,537 bytes"
        );
    }

    function testFuzz_subtreesWithGaps(uint256 seed, uint256 count) external view {
        count = 1 + (count % 24);
        bytes32[] memory roots = new bytes32[](count);
        uint256[] memory heights = new uint256[](count);
        bytes32[] memory leaves = new bytes32[](2_048);
        uint256 end = 0;
        for (uint256 i = 0; i < count; ++i) {
            heights[i] = uint256(keccak256(abi.encode(seed, i))) % 6;
            bytes32[] memory own = TreeTool.hashes(i, 1 << heights[i]);
            roots[i] = TreeTool.root(own);
            while (end % own.length != 0) leaves[end++] = FileTreeLib.ZERO_LEAF;
            for (uint256 j = 0; j < own.length; ++j) leaves[end++] = own[j];
        }
        uint256 leafCount = FileTreeLib.paddedLeafCount(end * 256);
        while (end < leafCount) leaves[end++] = FileTreeLib.ZERO_LEAF;
        require(
            _tree.rootOfSubtrees(roots, heights, leafCount) == TreeTool.rootOf(leaves, 0, leafCount),
            "same as leaf by leaf"
        );
    }

    function test_noSubtreesAreZeros() external view {
        bytes32 zeros = _tree.rootOfSubtrees(new bytes32[](0), new uint256[](0), 1 << 63);
        require(zeros == _tree.zeroSubtree(63), "the greatest tree of zeros");
        bytes32 three = _tree.rootOfSubtrees(new bytes32[](0), new uint256[](0), 3);
        require(three == FileTreeLib.hashNode(_tree.zeroSubtree(1), _tree.zeroSubtree(0)), "three zeros");
    }

    function test_subtreesThatDoNotFit() external {
        bytes32[] memory roots = new bytes32[](2);
        uint256[] memory heights = new uint256[](2);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSubtrees.selector, 2, 1));
        _tree.rootOfSubtrees(roots, new uint256[](1), 2);
        vm.expectRevert(FileTreeLib.FileTreeEmpty.selector);
        _tree.rootOfSubtrees(roots, heights, 0);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSize.selector, (1 << 63) + 1, 1 << 63));
        _tree.rootOfSubtrees(roots, heights, (1 << 63) + 1);
        heights[1] = 64;
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeHeight.selector, 64, 63));
        _tree.rootOfSubtrees(roots, heights, 2);
        // One leaf, a gap of three, four leaves.
        heights[1] = 2;
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafOutOfRange.selector, 7, 7));
        _tree.rootOfSubtrees(roots, heights, 7);
        heights[1] = 63;
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafOutOfRange.selector, (1 << 64) - 1, 1 << 63));
        _tree.rootOfSubtrees(roots, heights, 1 << 63);
    }

    function test_emptyFile() external {
        vm.expectRevert(FileTreeLib.FileTreeEmpty.selector);
        _tree.fileRoot("");
    }

    function test_leafOfWrongLength() external {
        for (uint256 length = 0; length < 3; ++length) {
            uint256 actual =
                length == 0
                    ? 0
                    : length == 1
                        ? 64
                        : 257;
            vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafBytes.selector, actual, 256));
            _tree.rootFromLeaf(new bytes(actual), 0, 1, new bytes32[](0));
        }
    }

    function test_everyLeafOfSmallTrees() external view {
        for (uint256 count = 1; count <= 21; ++count) {
            bytes32[] memory list = TreeTool.hashes(count, count);
            bytes32 root = TreeTool.root(list);
            for (uint256 i = 0; i < count; ++i) {
                bytes32[] memory siblings = TreeTool.path(list, i, 1);
                _tree.checkLeaf(root, TreeTool.leafOf(count, i), i, count, siblings);
            }
        }
    }

    function test_everyRunOfSmallTrees() external view {
        for (uint256 count = 1; count <= 19; ++count) {
            bytes32[] memory list = TreeTool.hashes(count, count);
            for (uint256 size = 1; size <= count; size *= 2) {
                for (uint256 first = 0; first + size <= count; first += size) _checkRun(count, list, first, size);
            }
        }
    }

    function test_wrongPlaceOrWrongLeafIsAnotherRoot() external {
        bytes32[] memory list = TreeTool.hashes(7, 8);
        bytes32 root = TreeTool.root(list);
        bytes32[] memory siblings = TreeTool.path(list, 3, 1);
        for (uint256 i = 0; i < 8; ++i) {
            if (i == 3) continue;
            bytes32 actual = _tree.rootFromLeaf(TreeTool.leafOf(7, 3), i, 8, siblings);
            require(actual != root, "a leaf stands in one place");
            vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeRootMismatch.selector, actual, root));
            _tree.checkLeaf(root, TreeTool.leafOf(7, 3), i, 8, siblings);
        }
    }

    function test_tooFewSiblings() external {
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSiblings.selector, 2, 3));
        _tree.rootFromLeaf(new bytes(256), 1, 8, new bytes32[](2));
    }

    function test_tooManySiblings() external {
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSiblings.selector, 4, 3));
        _tree.rootFromLeaf(new bytes(256), 1, 8, new bytes32[](4));
    }

    function test_indexOutsideTheTree() external {
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafOutOfRange.selector, 8, 8));
        _tree.rootFromLeaf(new bytes(256), 8, 8, new bytes32[](3));
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafOutOfRange.selector, type(uint256).max, 8));
        _tree.rootFromLeaf(new bytes(256), type(uint256).max, 8, new bytes32[](3));
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafOutOfRange.selector, 0, 0));
        _tree.rootFromLeaf(new bytes(256), 0, 0, new bytes32[](0));
    }

    function test_runThatIsNoSubtree() external {
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeRunNotAligned.selector, 1, 2));
        _tree.rootFromRun(new bytes(512), 1, 8, new bytes32[](2));
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafBytes.selector, 768, 1024));
        _tree.rootFromRun(new bytes(768), 0, 8, new bytes32[](1));
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafBytes.selector, 0, 256));
        _tree.rootFromRun("", 0, 8, new bytes32[](3));
        // The last, shorter node of a level is not a run of full height.
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafOutOfRange.selector, 1, 1));
        _tree.rootFromNode(bytes32(0), 2, 1, 7, new bytes32[](1));
    }

    function test_rootListOfUpToEightIsOneLeaf() external view {
        bytes32[] memory roots = new bytes32[](5);
        bytes memory leaf = new bytes(256);
        for (uint256 i = 0; i < 5; ++i) {
            roots[i] = keccak256(abi.encode(i));
            for (uint256 j = 0; j < 32; ++j) leaf[i * 32 + j] = roots[i][j];
        }
        bytes32 root = FileTreeLib.rootList(roots);
        require(root == keccak256(leaf), "one zero-padded leaf");
        require(_tree.openListEntry(root, 4, 5, leaf, new bytes32[](0)) == roots[4], "entry");
    }

    function test_entryBeyondTheList() external {
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafOutOfRange.selector, 5, 5));
        _tree.openListEntry(bytes32(0), 5, 5, new bytes(256), new bytes32[](0));
    }

    function testFuzz_entriesOfLongLists(uint256 count, uint256 entry) external view {
        count = 9 + (count % 200);
        entry %= count;
        bytes32[] memory roots = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) roots[i] = keccak256(abi.encode(count, i));
        bytes32[] memory hashes = new bytes32[](FileTreeLib.paddedLeafCount(count * 32));
        for (uint256 i = 0; i < hashes.length; ++i) hashes[i] = keccak256(_listLeaf(roots, i));
        bytes32 root = TreeTool.root(hashes);
        require(FileTreeLib.rootList(roots) == root, "root of a long list");
        bytes32[] memory siblings = TreeTool.path(hashes, entry / 8, 1);
        require(
            _tree.openListEntry(root, entry, count, _listLeaf(roots, entry / 8), siblings) == roots[entry],
            "entry of a long list"
        );
    }

    function testFuzz_opensEveryLeafOfItsTree(uint256 count, uint256 index) external view {
        count = 1 + (count % 300);
        index %= count;
        bytes32[] memory list = TreeTool.hashes(count, count);
        bytes32[] memory siblings = TreeTool.path(list, index, 1);
        _tree.checkLeaf(TreeTool.root(list), TreeTool.leafOf(count, index), index, count, siblings);
        require(FileTreeLib.rootOfHashes(list) == TreeTool.root(TreeTool.hashes(count, count)), "level by level");
    }

    function testFuzz_anyAlteredSiblingIsAnotherRoot(uint256 count, uint256 index, uint256 which) external view {
        count = 2 + (count % 100);
        index %= count;
        bytes32[] memory list = TreeTool.hashes(count, count);
        bytes32[] memory siblings = TreeTool.path(list, index, 1);
        siblings[which % siblings.length] ^= bytes32(uint256(1) << (which % 256));
        bytes32 actual = _tree.rootFromLeaf(TreeTool.leafOf(count, index), index, count, siblings);
        require(actual != TreeTool.root(list), "altered sibling accepted");
    }

    function _checkVector(uint256 byteLength, uint256 padded, bytes32 root) private pure {
        require(FileTreeLib.paddedLeafCount(byteLength) == padded, "padded leaves");
        require(_vectorRoot(byteLength) == root, "root");
    }

    /// @dev The pattern repeats every 256 bytes, so all full leaves are the same.
    function _vectorRoot(uint256 byteLength) private pure returns (bytes32) {
        bytes32[] memory list = new bytes32[](FileTreeLib.paddedLeafCount(byteLength));
        bytes32 full = FileTreeLib.hashLeaf(TreeTool.patternLeaf(256));
        uint256 chunks = (byteLength + 255) / 256;
        for (uint256 i = 0; i < list.length; ++i) list[i] = i < chunks ? full : FileTreeLib.ZERO_LEAF;
        if (byteLength % 256 != 0) list[chunks - 1] = FileTreeLib.hashLeaf(TreeTool.patternLeaf(byteLength % 256));
        return FileTreeLib.rootOfHashes(list);
    }

    function _checkRun(uint256 count, bytes32[] memory list, uint256 first, uint256 size) private view {
        bytes memory run;
        for (uint256 i = 0; i < size; ++i) run = bytes.concat(run, TreeTool.leafOf(count, first + i));
        bytes32[] memory siblings = TreeTool.path(list, first, size);
        require(_tree.rootFromRun(run, first, count, siblings) == TreeTool.root(list), "run");
    }

    function _listLeaf(bytes32[] memory roots, uint256 index) private pure returns (bytes memory leaf) {
        for (uint256 i = index * 8; i < index * 8 + 8; ++i) {
            leaf = bytes.concat(leaf, i < roots.length ? roots[i] : bytes32(0));
        }
    }
}
