// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeCalldataLib } from "../../../contracts/libraries/FileTreeCalldataLib.sol";
import { FileTreeLib } from "../../../contracts/libraries/FileTreeLib.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { vm } from "../../support/Vm.sol";

/// @dev Gives the library calldata.
contract FileTreeCalldataHarness {
    function rootOfRun(bytes calldata run, uint256 height) external pure returns (bytes32) {
        return FileTreeCalldataLib.rootOfRun(run, height);
    }

    function rootOfNodes(bytes32[] calldata nodes, uint256 height) external pure returns (bytes32) {
        return FileTreeCalldataLib.rootOfNodes(nodes, height);
    }

    function rootFromNode(
        bytes32 node,
        uint256 height,
        uint256 index,
        uint256 leafCount,
        bytes32[] calldata siblings
    ) external pure returns (bytes32) {
        return FileTreeCalldataLib.rootFromNode(node, height, index, leafCount, siblings);
    }

    function checkRun(
        bytes32 root,
        bytes calldata run,
        uint256 height,
        uint256 firstLeaf,
        uint256 leafCount,
        bytes32[] calldata siblings
    ) external pure {
        FileTreeCalldataLib.checkRun(root, run, height, firstLeaf, leafCount, siblings);
    }
}

contract FileTreeCalldataLibTest {
    FileTreeCalldataHarness private _tree = new FileTreeCalldataHarness();

    function testFuzz_RunsLeadToTheRootOfEveryTree(uint256 seed, uint8 count, uint8 height, uint8 index) public view {
        uint256 leafCount = 1 + (uint256(count) % 70);
        uint256 runHeight = uint256(height) % 4;
        if (leafCount >> runHeight == 0) runHeight = 0;
        uint256 place = index % (leafCount >> runHeight);
        bytes32[] memory hashes = TreeTool.hashes(seed, leafCount);
        uint256 leaves = 1 << runHeight;
        bytes memory run;
        for (uint256 i = 0; i < leaves; ++i) run = abi.encodePacked(run, TreeTool.leafOf(seed, place * leaves + i));
        bytes32[] memory siblings = TreeTool.path(hashes, place * leaves, leaves);
        _tree.checkRun(TreeTool.root(hashes), run, runHeight, place * leaves, leafCount, siblings);
    }

    function testFuzz_NodesHaveTheRootOfTheirTree(uint256 seed, uint8 height) public view {
        uint256 levels = height % 7;
        bytes32[] memory nodes = TreeTool.hashes(seed, 1 << levels);
        require(_tree.rootOfNodes(nodes, levels) == TreeTool.root(nodes), "root");
    }

    function testFuzz_NodesLeadWhereFileTreeLibSays(
        bytes32 node,
        uint8 height,
        uint256 index,
        uint256 leafCount,
        bytes32[8] calldata nodes,
        uint8 given
    ) public view {
        bytes32[] memory siblings = new bytes32[](given % 9);
        for (uint256 i = 0; i < siblings.length; ++i) siblings[i] = nodes[i];
        leafCount %= 600;
        index %= 600;
        bytes memory arguments = abi.encode(node, height % 5, index, leafCount, siblings);
        (bool isDone, bytes memory actual) = address(_tree).staticcall(
            abi.encodePacked(FileTreeCalldataHarness.rootFromNode.selector, arguments)
        );
        (bool isExpected, bytes memory expected) = address(this).staticcall(
            abi.encodePacked(this.fromNode.selector, arguments)
        );
        require(isDone == isExpected, "one of them reverts");
        require(!isDone || keccak256(actual) == keccak256(expected), "another root");
        require(isDone || bytes4(actual) == bytes4(expected), "another error");
    }

    function fromNode(
        bytes32 node,
        uint256 height,
        uint256 index,
        uint256 leafCount,
        bytes32[] memory siblings
    ) external pure returns (bytes32) {
        return FileTreeLib.rootFromNode(node, height, index, leafCount, siblings);
    }

    function test_OtherShapes() public {
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafBytes.selector, 511, 512));
        _tree.rootOfRun(new bytes(511), 1);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafBytes.selector, 0, 256));
        _tree.rootOfRun("", 0);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeHeight.selector, 64, 63));
        _tree.rootFromNode(0, 64, 0, 1, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafOutOfRange.selector, type(uint256).max, 3));
        _tree.rootFromNode(0, 0, type(uint256).max, 3, new bytes32[](2));
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSiblings.selector, 1, 2));
        _tree.rootFromNode(0, 0, 0, 3, new bytes32[](1));
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSiblings.selector, 2, 1));
        _tree.rootFromNode(0, 0, 2, 3, new bytes32[](2));
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        _tree.checkRun(0, new bytes(256), 0, 0, 1, new bytes32[](0));
    }
}
