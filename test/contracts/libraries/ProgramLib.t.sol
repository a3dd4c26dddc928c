// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    Extent,
    OperationEntry,
    ProgramLib,
    Role,
    Section,
    TensorEntry
} from "../../../contracts/libraries/ProgramLib.sol";
import { HeadTool } from "../../support/HeadTool.sol";
import { vm } from "../../support/Vm.sol";

/// @dev Makes the library's reverts visible as calls.
contract ProgramHarness {
    function tensorAt(bytes memory head, uint256 index) external pure returns (TensorEntry memory) {
        return ProgramLib.tensorAt(head, index);
    }

    function operationAt(bytes memory head, uint256 index) external pure returns (OperationEntry memory) {
        return ProgramLib.operationAt(head, index);
    }

    function writtenWord(bytes memory head, uint256 operation) external pure returns (uint256) {
        return ProgramLib.writtenWord(head, operation);
    }
}

/// @dev The words are vectors of docs/spec/compute.md.
contract ProgramLibTest {
    ProgramHarness private _program = new ProgramHarness();

    function test_readsTheHeader() external pure {
        bytes memory head = abi.encodePacked(
            bytes32(0x474c415353424f580001003b002a030000000040000000400000000000000000),
            new bytes(224)
        );
        require(ProgramLib.tensorCount(head) == 59 && ProgramLib.operationCount(head) == 42, "tables");
        require(ProgramLib.parts(head) == 3, "parts");
        require(ProgramLib.batch(head) == 64 && ProgramLib.stepsPerPart(head) == 64, "steps");
        require(ProgramLib.tableBytes(59) == 2_048 && ProgramLib.tableBytes(42) == 1_536, "whole leaves");
    }

    function test_readsTensors() external pure {
        TensorEntry memory weights = ProgramLib.decodeTensor(
            0x03000000000100000000002000000310ffffffffffffd60b00000000000029f5
        );
        require(weights.elementType == 3 && weights.role == Role.Computed && weights.index == 0, "what");
        require(weights.section == Section.Init && weights.output == 1, "slot 0");
        require(weights.rows == 32 && weights.columns == 784, "shape");
        require(weights.lowest == -10_741 && weights.highest == 10_741, "bounds");
        TensorEntry memory samples = ProgramLib.decodeTensor(
            0x02040000010001000400000000000310000000000000000000000000000000ff
        );
        require(samples.role == Role.Samples && samples.section == Section.Step, "the dataset");
        require(samples.rowExtent == Extent.Samples && samples.columnExtent == Extent.Static, "its size");
    }

    function test_readsOperations() external pure {
        OperationEntry memory init = ProgramLib.decodeOperation(
            0x01000000ffffffffffff0b000000166400000000000000000000000000000000
        );
        require(init.code == 1 && init.section == Section.Init && init.output == 0, "what");
        require(init.operands[0] == ProgramLib.NO_TENSOR && init.operands[2] == ProgramLib.NO_TENSOR, "of nothing");
        require(init.shift == 11 && init.multiplier == 5_732, "parameters");
        OperationEntry memory matmul = ProgramLib.decodeOperation(
            0x0401000a00090005ffff00000000000000000000000000000000000000000000
        );
        require(matmul.code == 4 && matmul.section == Section.Step && matmul.output == 10, "what");
        require(matmul.operands[0] == 9 && matmul.operands[1] == 5, "operands");
    }

    function test_findsSections() external pure {
        bytes memory head = HeadTool.smallest();
        _checkSection(head, Section.Init, 0, 1);
        _checkSection(head, Section.Step, 1, 1);
        _checkSection(head, Section.Average, 2, 0);
        _checkSection(head, Section.Allocate, 2, 0);
    }

    function test_entriesBeyondTheTables() external {
        bytes memory head = HeadTool.smallest();
        require(_program.tensorAt(head, 2).output == 1 && _program.operationAt(head, 1).code == 9, "the last ones");
        vm.expectRevert(abi.encodeWithSelector(ProgramLib.ProgramEntryOutOfRange.selector, 3, 3));
        _program.tensorAt(head, 3);
        vm.expectRevert(abi.encodeWithSelector(ProgramLib.ProgramEntryOutOfRange.selector, 2, 2));
        _program.operationAt(head, 2);
        vm.expectRevert(abi.encodeWithSelector(ProgramLib.ProgramEntryOutOfRange.selector, 2, 2));
        _program.writtenWord(head, 2);
    }

    function test_findsWhatOperationsWrite() external pure {
        bytes memory head = HeadTool.smallest();
        for (uint256 i = 0; i < 2; ++i) {
            uint256 word = ProgramLib.writtenWord(head, i);
            uint256 tensor = ProgramLib.operationAt(head, i).output;
            require(word == ProgramLib.wordAt(head, 256 + 32 * tensor), "its word");
            require(ProgramLib.outputOf(word) == ProgramLib.tensorAt(head, tensor).output, "its slot");
        }
    }

    function test_typeRanges() external pure {
        _checkRange(1, type(int8).min, type(int8).max);
        _checkRange(2, 0, 255);
        _checkRange(3, type(int16).min, type(int16).max);
        _checkRange(4, type(int32).min, type(int32).max);
        _checkRange(5, type(int64).min, type(int64).max);
    }

    function _checkSection(bytes memory head, Section section, uint256 first, uint256 count) private pure {
        (uint256 actualFirst, uint256 actualCount) = ProgramLib.operationsOf(head, section);
        require(actualFirst == first && actualCount == count, "operations of a section");
    }

    function _checkRange(uint8 elementType, int64 lowest, int64 highest) private pure {
        (int64 actualLowest, int64 actualHighest) = ProgramLib.typeRange(elementType);
        require(actualLowest == lowest && actualHighest == highest, "range");
    }
}
