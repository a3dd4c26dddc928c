// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOneStepVerifier, Operand, Spot } from "../../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { IProgramRegistry } from "../../../contracts/interfaces/compute/IProgramRegistry.sol";
import { FileTreeLib } from "../../../contracts/libraries/FileTreeLib.sol";
import { Extent, ProgramLib, Role, Section } from "../../../contracts/libraries/ProgramLib.sol";
import { TensorLib } from "../../../contracts/libraries/TensorLib.sol";
import { OperationCode } from "../../../contracts/libraries/ops/OperationCode.sol";
import { RandomOps } from "../../../contracts/libraries/ops/RandomOps.sol";
import { OneStepFixture } from "../../support/OneStepFixture.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Where operands lie, and every way to show something else.
contract OneStepOperandsTest is OneStepFixture {
    uint256 private constant TRACE_SLOT = 11;

    /// @dev For expected reverts: a call of its own.
    function judgeOut(uint256 row, uint256 column, Operand[] memory operands) external view returns (int256 expected) {
        (, expected) = judge(row, column, operands);
    }

    // Where operands lie

    function test_WeightsOfTheFirstStepLieInTheGivenFile() public {
        _weightsProgram(Role.Weights, 2);
        execution.inputRoot = _weightsRoot();
        expectOpened(_weightsOperand(3));
    }

    function test_WeightsOfLaterStepsAreTheStateOfTheRecordBefore() public {
        _weightsProgram(Role.Weights, 2);
        step = 2;
        bytes[] memory records = new bytes[](STEPS);
        for (uint256 i = 0; i < STEPS; ++i) records[i] = TreeTool.leafOf(7, i);
        records[1] = abi.encodePacked(new bytes(7 * 32), _weightsRoot());
        bytes32[] memory hashes = new bytes32[](STEPS);
        for (uint256 i = 0; i < STEPS; ++i) hashes[i] = keccak256(records[i]);
        detailRoot = TreeTool.root(hashes);
        Operand memory operand_ = _weightsOperand(3);
        (operand_.rootLeaf, operand_.rootSiblings) = (records[1], TreeTool.path(hashes, 1, 1));
        expectOpened(operand_);

        operand_.rootSiblings[0] = bytes32(0);
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        this.judgeOut(0, 1, one(operand_));
        step = 5;
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafOutOfRange.selector, 4, STEPS));
        this.judgeOut(0, 1, one(operand_));
    }

    function test_WeightsForInferenceLieInTheGivenFile() public {
        execution.section = Section.Infer;
        _weightsProgram(Role.Weights, 2);
        execution.inputRoot = _weightsRoot();
        expectOpened(_weightsOperand(3));
    }

    function test_SlotsOfEqualSizeLieInTheirOrder() public {
        for (uint16 slot = 0; slot < 4; ++slot) {
            clear();
            _weightsProgram(Role.Weights, slot);
            execution.inputRoot = _weightsRoot();
            uint256 leaf =
                slot == 1
                    ? 0
                    : slot == 0
                        ? 2
                        : slot + 1;
            if (slot == 1) {
                Operand memory operand_ = _weightsOperand(leaf);
                expectOpened(operand_);
            } else {
                expectOpened(_weightsOperand(leaf));
            }
        }
    }

    function test_WeightsOfPartsLieInTheFilesOfTheTrace() public {
        execution.section = Section.Average;
        _weightsProgram(Role.PartWeights, (5 << 8) | 2);
        bytes memory trace = new bytes(0);
        for (uint256 i = 0; i < 20; ++i) trace = abi.encodePacked(trace, keccak256(abi.encode(i)));
        bytes32 root = _weightsRoot();
        assembly ("memory-safe") {
            mstore(add(add(trace, 0x20), mul(TRACE_SLOT, 0x20)), root)
        }
        trace = toLeaves(trace);
        bytes32[] memory hashes = hashesOf(trace, 3);
        (execution.inputRoot, execution.inputLeaves) = (TreeTool.root(hashes), 3);
        execution.inputSlot = uint64(TRACE_SLOT - 5);
        Operand memory operand_ = _weightsOperand(3);
        (operand_.rootLeaf, operand_.rootSiblings) = (leafOf(trace, 1), TreeTool.path(hashes, 1, 1));
        expectOpened(operand_);

        execution.inputSlot = 24 - 5;
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafOutOfRange.selector, 3, 3));
        this.judgeOut(0, 1, one(operand_));
        execution.inputSlot = type(uint64).max;
        vm.expectPartialRevert(FileTreeLib.FileTreeLeafOutOfRange.selector);
        this.judgeOut(0, 1, one(operand_));
    }

    function test_ConstantsLieInTheProgram() public {
        operand(I8, 1, 2, list(3, 4));
        (entries[0].role, entries[0].index) = (Role.Constant, 97);
        output(OperationCode.Transpose, I8, 2, 1);
        bytes memory program = abi.encodePacked(new bytes(97 * 256), files[0]);
        bytes32[] memory hashes = hashesOf(program, 104);
        execution.program = TreeTool.root(hashes);
        programs.keep(execution.program, head(), PROGRAM_LEAVES);
        Operand memory operand_;
        (operand_.run, operand_.siblings) = (files[0], TreeTool.path(hashes, 97, 1));
        require(this.judgeOut(1, 0, one(operand_)) == 4, "from the program's file");
    }

    function test_SamplesAndLabelsLieInTheDataset() public {
        for (uint256 i = 0; i < 2; ++i) {
            clear();
            operand(U8, 4, 256, sequence(1024, 0, 1));
            entries[0].role = i == 0 ? Role.Samples : Role.Labels;
            (entries[0].rowExtent, entries[0].rows) = (Extent.Samples, 1 << 26);
            execution.samples = 4;
            execution.dataRoots[i] = rootOf(files[0], 4);
            output(OperationCode.Gather, U8, 1, 256);
            uint256 sample = RandomOps.sampleAt(execution.seed, 0, 4);
            expect(0, 200, 200, read(0, sample, 200));
            execution.dataRoots[i] = 0;
        }
    }

    function test_QueriesRecordsAndCreditsLieInTheirFiles() public {
        execution.section = Section.Infer;
        _dataOperand(Role.Query);
        execution.dataRoots[0] = FileTreeLib.fileRoot(files[0]);
        expect(1, 0, 2, read(0, 0, 1));
        execution.section = Section.Allocate;
        _dataOperand(Role.Records);
        expect(1, 0, 2, read(0, 0, 1));
        _dataOperand(Role.Credits);
        execution.inputRoot = execution.dataRoots[0];
        execution.dataRoots[0] = 0;
        expect(1, 0, 2, read(0, 0, 1));
    }

    function test_ExtentsAreThoseOfTheJob() public {
        operand(I8, 9, 1, sequence(9, 1, 1));
        entries[0].rows = 5000;
        Extent[6] memory extents = [
            Extent.Samples,
            Extent.Accounts,
            Extent.Credits,
            Extent.SampleChunks,
            Extent.AccountChunks,
            Extent.CreditChunks
        ];
        output(OperationCode.Requantise, I8, 9, 1);
        (operation.multiplier, operation.shift) = (2, 1);
        entries[1].rows = 5000;
        for (uint256 i = 0; i < 6; ++i) {
            (execution.samples, execution.accounts, execution.credits) = (0, 0, 0);
            uint32 number = i < 3 ? 9 : 8 * 1024 + 1;
            if (i % 3 == 0) execution.samples = number;
            if (i % 3 == 1) execution.accounts = number;
            if (i % 3 == 2) execution.credits = number;
            (entries[0].rowExtent, entries[1].rowExtent) = (extents[i], extents[i]);
            keep();
            expect(8, 0, 9, read(0, 8, 0));
            expect(9, 0, 0);
        }
    }

    function test_RecordsOfManyOperations() public {
        for (uint256 i = 0; i < 9; ++i) operand(I8, 1, 2, list(int256(i), int256(i) + 1));
        operation.operands = [uint16(8), 0xffff, 0xffff];
        outputOf(OperationCode.Transpose, I8, 2, 1);
        // Ten operations and the state: 16 roots, two leaves.
        bytes memory roots = abi.encodePacked(record());
        bytes32[] memory hashes = hashesOf(roots, 2);
        Operand memory operand_ = open(read(8, 0, 1));
        (operand_.rootLeaf, operand_.rootSiblings) = (leafOf(roots, 1), TreeTool.path(hashes, 1, 1));
        require(this.judgeOut(1, 0, one(operand_)) == 9, "second leaf of the record");
    }

    // Other than what is there

    function test_ProgramsAndOperationsThatAreNone() public {
        operand(I8, 1, 2, list(3, 4));
        output(OperationCode.Transpose, I8, 2, 1);
        Operand[] memory operands = one(open(read(0, 0, 1)));
        Spot memory place = spot(0);
        place.operation = 2;
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepOperation.selector, 2, 2));
        steps.judge(execution, place, files[1], 1, operands);
        execution.section = Section.Init;
        place.operation = 0;
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepOperation.selector, 0, 0));
        steps.judge(execution, place, files[1], 1, operands);
        execution.section = Section.Step;
        execution.program = keccak256("other");
        vm.expectRevert(abi.encodeWithSelector(IProgramRegistry.ProgramRegistryUnknown.selector, keccak256("other")));
        steps.judge(execution, place, files[1], 1, operands);
    }

    function test_ElementsAndLeavesThatAreNone() public {
        operand(I16, 1, 2, list(3, 4));
        output(OperationCode.Transpose, I16, 2, 1);
        Operand[] memory operands = one(open(read(0, 0, 1)));
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepElement.selector, 128, 128));
        steps.judge(execution, spot(0), files[1], 128, operands);
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepElement.selector, type(uint256).max, 128));
        steps.judge(execution, spot(0), files[1], type(uint256).max, operands);
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepLeafBytes.selector, 257, 256));
        steps.judge(execution, spot(0), abi.encodePacked(files[1], uint8(0)), 1, operands);
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepLeafBytes.selector, 0, 256));
        steps.judge(execution, spot(0), "", 1, operands);
    }

    function test_OtherNumbersOfOperands() public {
        operand(I16, 1, 2, list(3, 4));
        output(OperationCode.Transpose, I16, 2, 1);
        Operand[] memory two = new Operand[](2);
        (two[0], two[1]) = (open(read(0, 0, 1)), open(read(0, 0, 1)));
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepOperands.selector, 2, 1));
        this.judgeOut(1, 0, two);
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepOperands.selector, 0, 1));
        this.judgeOut(1, 0, noOperands());
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepOperands.selector, 2, 0));
        this.judgeOut(2, 0, two);
    }

    function test_OtherRuns() public {
        operand(I16, 4, 128, sequence(512, 0, 1));
        operand(I16, 4, 128, sequence(512, 0, 1));
        output(OperationCode.Matmul, I32, 4, 4);
        Operand[] memory operands = new Operand[](2);
        (operands[0], operands[1]) = (open(read(0, 1, 0, 128)), open(read(1, 2, 0, 256)));
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepRunBytes.selector, 1, 512, 256));
        this.judgeOut(1, 2, operands);
        operands[1].run = new bytes(255);
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepRunBytes.selector, 1, 255, 256));
        this.judgeOut(1, 2, operands);
        operands[1].run = "";
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepRunBytes.selector, 1, 0, 256));
        this.judgeOut(1, 2, operands);
        // Another row of the same tensor.
        operands[1] = open(read(1, 3, 0, 128));
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        this.judgeOut(1, 2, operands);
        operands[1] = open(read(1, 2, 0, 128));
        operands[1].siblings = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSiblings.selector, 1, 2));
        this.judgeOut(1, 2, operands);
        operands[1].siblings = new bytes32[](3);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSiblings.selector, 3, 2));
        this.judgeOut(1, 2, operands);
    }

    function test_OtherRootLeaves() public {
        operand(I16, 1, 2, list(3, 4));
        output(OperationCode.Transpose, I16, 2, 1);
        Operand[] memory operands = one(open(read(0, 0, 1)));
        bytes memory good = operands[0].rootLeaf;
        operands[0].rootLeaf = "";
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepRootLeaf.selector, 0));
        this.judgeOut(1, 0, operands);
        operands[0].rootLeaf = abi.encodePacked(good, good);
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepRootLeaf.selector, 0));
        this.judgeOut(1, 0, operands);
        operands[0].rootLeaf = files[0];
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        this.judgeOut(1, 0, operands);
        operands[0].rootLeaf = good;
        operands[0].rootSiblings = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSiblings.selector, 1, 0));
        this.judgeOut(1, 0, operands);
    }

    function test_RootLeavesWhereTheRootIsKnown() public {
        _weightsProgram(Role.Weights, 2);
        execution.inputRoot = _weightsRoot();
        Operand memory operand_ = _weightsOperand(3);
        operand_.rootLeaf = new bytes(256);
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepRootLeaf.selector, 0));
        this.judgeOut(0, 1, one(operand_));
        operand_.rootLeaf = "";
        operand_.rootSiblings = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(IOneStepVerifier.OneStepRootLeaf.selector, 0));
        this.judgeOut(0, 1, one(operand_));
    }

    function test_DatasetsThatAreNone() public {
        operand(U8, 4, 1, sequence(4, 0, 1));
        entries[0].role = Role.Samples;
        output(OperationCode.Gather, U8, 4, 1);
        vm.expectRevert(abi.encodeWithSelector(RandomOps.RandomSamples.selector, 0, 1 << 26));
        this.judgeOut(1, 0, noOperands());
        execution.samples = (1 << 26) + 1;
        vm.expectRevert(abi.encodeWithSelector(RandomOps.RandomSamples.selector, (1 << 26) + 1, 1 << 26));
        this.judgeOut(1, 0, noOperands());
    }

    function test_JobsWithoutAccounts() public {
        operand(I8, 4, 1, sequence(4, 0, 1));
        output(OperationCode.Transpose, I8, 1, 4);
        entries[1].columnExtent = Extent.Accounts;
        keep();
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorShape.selector, 1, 0, 1));
        this.judgeOut(0, 0, noOperands());
    }

    function testFuzz_NoChangedByteLeadsToTheRoots(uint256 where, uint8 change, bool inFirst) public {
        vm.assume(change != 0);
        operand(I16, 4, 200, sequence(800, -400, 1));
        operand(I8, 4, 200, sequence(800, 1, 0));
        output(OperationCode.Matmul, I32, 4, 4);
        Operand[] memory operands = new Operand[](2);
        (operands[0], operands[1]) = (open(read(0, 3, 0, 200)), open(read(1, 1, 0, 200)));
        Operand memory changed = operands[inFirst ? 0 : 1];
        uint256 hashes = 32 * changed.siblings.length;
        where %= changed.run.length + 256 + hashes;
        if (where < changed.run.length) {
            changed.run[where] = bytes1(uint8(changed.run[where]) ^ change);
        } else if (where < changed.run.length + 256) {
            where -= changed.run.length;
            changed.rootLeaf[where] = bytes1(uint8(changed.rootLeaf[where]) ^ change);
        } else {
            where -= changed.run.length + 256;
            changed.siblings[where / 32] ^= bytes32(uint256(change) << (8 * (where % 32)));
        }
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        this.judgeOut(3, 1, operands);
    }

    function testFuzz_BytesThatNobodyEncodedAreRefused(bytes calldata tail) public {
        operand(I16, 1, 2, list(3, 4));
        output(OperationCode.Transpose, I16, 2, 1);
        bytes memory input = abi.encodeCall(IOneStepVerifier.judge, (execution, spot(0), files[1], 1, noOperands()));
        // All but the last word, which is the number of operands.
        assembly ("memory-safe") {
            mstore(input, sub(mload(input), 0x20))
        }
        (bool ok, ) = address(steps).staticcall(abi.encodePacked(input, tail));
        require(!ok, "judged nothing");
    }

    function expectOpened(Operand memory operand_) internal view {
        require(this.judgeOut(0, 1, one(operand_)) == 42, "another element");
    }

    /// @dev Four slots of init: 1, 2, 1 and 1 leaves, five in all; the operation takes element (1, 0) of one.
    function _weightsProgram(Role role, uint16 index) private {
        uint256 slot = index & 0xff;
        Section section = execution.section;
        for (uint256 i = 0; i < 4; ++i) {
            operand(I8, 4, i == 1 ? 128 : 1, new int256[](0));
            entries[i].section = Section.Init;
            entries[i].output = uint8(i + 1);
        }
        operand(I8, 4, slot == 1 ? 128 : 1, new int256[](0));
        (entries[4].role, entries[4].index, entries[4].section) = (role, index, section);
        files[4][slot == 1 ? 128 : 1] = bytes1(uint8(42));
        operation.operands = [uint16(4), 0xffff, 0xffff];
        outputOf(OperationCode.Transpose, I8, slot == 1 ? 128 : 1, 4);
    }

    /// @dev In descending size: slots 1, 0, 2, 3.
    function _weightsHashes() private view returns (bytes32[] memory) {
        bytes memory file;
        uint256[4] memory order = [uint256(1), 0, 2, 3];
        for (uint256 i = 0; i < 4; ++i) {
            bool isRead = (entries[4].index & 0xff) == order[i];
            bytes memory other =
                order[i] == 1 ? abi.encodePacked(TreeTool.leafOf(1, 0), TreeTool.leafOf(1, 1)) : TreeTool.leafOf(1, i);
            file = abi.encodePacked(file, isRead ? files[4] : other);
        }
        return hashesOf(file, 5);
    }

    function _weightsRoot() private view returns (bytes32) {
        return TreeTool.root(_weightsHashes());
    }

    function _weightsOperand(uint256 leaf) private view returns (Operand memory operand_) {
        operand_.run = leafOf(files[4], 0);
        operand_.siblings = TreeTool.path(_weightsHashes(), leaf, 1);
    }

    function _dataOperand(Role role) private {
        clear();
        operand(I8, 1, 2, list(1, 2));
        entries[0].role = role;
        output(OperationCode.Transpose, I8, 2, 1);
    }
}
