// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRegistry } from "../../../contracts/interfaces/compute/IProgramRegistry.sol";
import { HeaderField, IProgramRules, Parameter } from "../../../contracts/interfaces/compute/IProgramRules.sol";
import { CodeLib } from "../../../contracts/libraries/CodeLib.sol";
import { FileTreeLib } from "../../../contracts/libraries/FileTreeLib.sol";
import { Section } from "../../../contracts/libraries/ProgramLib.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { HeadTool } from "../../support/HeadTool.sol";
import { vm } from "../../support/Vm.sol";

/// @dev Every rule has its cases in program-rules.test.ts, which holds them against TypeScript.
contract ProgramRegistryTest {
    bytes32[] private _none = new bytes32[](0);
    IProgramRegistry private _registry = IProgramRegistry(deployArtifact("compute", "ProgramRegistry", ""));

    function test_registers() external {
        bytes memory head = HeadTool.smallest();
        bytes32 root = FileTreeLib.fileRoot(head);
        require(!_registry.isRegistered(root), "nobody did");
        vm.expectEmit(true, false, false, false, address(_registry));
        emit IProgramRegistry.ProgramRegistered(root, address(0), 0);
        require(_registry.register(head, _none) == root, "the file's root");
        (address code, uint256 fileLeaves) = _registry.programOf(root);
        require(_registry.isRegistered(root) && fileLeaves == 3, "three leaves");
        require(keccak256(CodeLib.read(code)) == keccak256(head), "the head as code");
    }

    function test_registersOnce() external {
        bytes memory head = HeadTool.smallest();
        bytes32 root = _registry.register(head, _none);
        vm.expectRevert(abi.encodeWithSelector(IProgramRegistry.ProgramRegistryKnown.selector, root));
        _registry.register(head, _none);
    }

    function test_unknown() external {
        vm.expectRevert(abi.encodeWithSelector(IProgramRegistry.ProgramRegistryUnknown.selector, bytes32(0)));
        _registry.programOf(bytes32(0));
    }

    function test_saysWhatItFoundAndWhatItExpects() external {
        bytes memory head = HeadTool.smallest();
        _expect(abi.encodeWithSelector(IProgramRules.ProgramHeadBytes.selector, 0, 256));
        _registry.register("", _none);
        _expect(abi.encodeWithSelector(IProgramRules.ProgramConstantCount.selector, 1, 0));
        _registry.register(head, new bytes32[](1));
        _expect(abi.encodeWithSelector(IProgramRules.ProgramHeaderRange.selector, HeaderField.Parts, 0, 255));
        _registry.register(_with(head, 14, 0), _none);
        _expect(abi.encodeWithSelector(IProgramRules.ProgramUnusedBytes.selector, 32, 1));
        _registry.register(_with(head, 63, 1), _none);
        _expect(abi.encodeWithSelector(IProgramRules.ProgramCodeUnknown.selector, 256, 6, 5));
        _registry.register(_with(head, 256, 6), _none);
        _expect(abi.encodeWithSelector(IProgramRules.ProgramTensorSize.selector, 0, 0, 8));
        _registry.register(_with(head, 267, 0), _none);
        _expect(abi.encodeWithSelector(IProgramRules.ProgramWeightsSlots.selector, Section.Step, 0, 1));
        _registry.register(_with(head, 256 + 64 + 5, 0), _none);
        _expect(abi.encodeWithSelector(IProgramRules.ProgramOperand.selector, 1, 7));
        _registry.register(_with(head, 512 + 32 + 7, 7), _none);
        _expect(abi.encodeWithSelector(IProgramRules.ProgramArity.selector, 1, 0, 2, 2));
        _registry.register(_withNoOperands(head), _none);
        _expect(abi.encodeWithSelector(IProgramRules.ProgramParameter.selector, 1, Parameter.Shift, 1));
        _registry.register(_with(head, 512 + 32, 6), _none);
    }

    /// @dev Whatever the bytes are, they are refused with a rule's name or registered.
    function testFuzz_anyBytesAreJudged(bytes memory head, bytes32[] memory roots) external {
        _requireJudged(head, roots);
    }

    function testFuzz_anyTablesAreJudged(uint256 seed, uint8 tensors, uint8 operations) external {
        uint256[] memory words = new uint256[](1 + (tensors % 20));
        for (uint256 i = 0; i < words.length; ++i) words[i] = uint256(keccak256(abi.encode(seed, i)));
        uint256[] memory others = new uint256[](1 + (operations % 20));
        for (uint256 i = 0; i < others.length; ++i) others[i] = ~words[i % words.length];
        _requireJudged(HeadTool.head(words, others), _none);
    }

    function testFuzz_anyChangedByteIsJudged(uint256 place, bytes1 value, uint256 again, bytes1 other) external {
        bytes memory head = HeadTool.smallest();
        head[place % head.length] = value;
        head[again % head.length] = other;
        _requireJudged(head, _none);
    }

    function _requireJudged(bytes memory head, bytes32[] memory roots) private {
        try _registry.register(head, roots) returns (bytes32 root) {
            require(_registry.isRegistered(root), "registered");
        } catch (bytes memory reason) {
            // A panic has 36 bytes and this selector; running out of bounds or of gas has no reason at all.
            require(reason.length >= 4 && bytes4(reason) != 0x4e487b71, "a name");
        }
    }

    function _expect(bytes memory reason) private {
        vm.expectRevert(reason);
    }

    function _with(bytes memory head, uint256 place, uint8 value) private pure returns (bytes memory changed) {
        changed = bytes.concat(head);
        changed[place] = bytes1(value);
    }

    function _withNoOperands(bytes memory head) private pure returns (bytes memory changed) {
        changed = bytes.concat(head);
        for (uint256 i = 0; i < 6; ++i) changed[512 + 32 + 4 + i] = 0xff;
    }
}
