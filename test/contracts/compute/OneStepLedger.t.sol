// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Operand } from "../../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { ElementLib } from "../../../contracts/libraries/ElementLib.sol";
import { Extent, Role, Section } from "../../../contracts/libraries/ProgramLib.sol";
import { OperationCode } from "../../../contracts/libraries/ops/OperationCode.sol";
import { OneStepFixture } from "../../support/OneStepFixture.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { vm } from "../../support/Vm.sol";

/// @notice The operations of allocations by cases made by hand.
contract OneStepLedgerTest is OneStepFixture {
    function setUp() public override {
        super.setUp();
        execution.section = Section.Allocate;
    }

    function test_ColumnReadsAFieldOfRecords() public {
        operand(U8, 3, 256, new int256[](0));
        entries[0].role = Role.Records;
        entries[0].rowExtent = Extent.Samples;
        execution.samples = 3;
        operation.first = 197;
        for (uint256 i = 0; i < 3; ++i) files[0][512 + 197 + i] = bytes1(uint8(i + 1));
        files[0][512 + 200] = 0x80;
        // The file ends with the last record: a tree of three leaves.
        bytes32[] memory hashes = hashesOf(files[0], 3);
        execution.dataRoots[0] = TreeTool.root(hashes);
        output(OperationCode.Column, I32, 3, 1);
        Operand memory operand_ = open(read(0, 2, 197, 4));
        operand_.siblings = TreeTool.path(hashes, 2, 1);
        (, int256 expected) = judge(2, 0, one(operand_));
        require(expected == int256(type(int32).min) + 0x030201, "the field of the last record");
    }

    function test_CountAddsAChunkToTheRowBefore() public {
        int256[] memory values = sequence(1030, 7, 0);
        (values[0], values[1], values[1023], values[1024], values[1029]) = (2, -1, 2, 2, 2);
        operand(I32, 1030, 1, values);
        output(OperationCode.Count, I32, 2, 4, list(0, 0, 40, 0));
        expect(0, 2, 2, read(0, 0, 0, 1024));
        expect(0, 0, 0, read(0, 0, 0, 1024));
        expect(1, 2, 42, read(0, 1024, 0, 6), read(BEFORE, 0, 2));
        // Zeros behind the last index are nobody's.
        expect(1, 0, 0, read(0, 1024, 0, 6), read(BEFORE, 0, 0));
    }

    function test_CountOfAFullChunk() public {
        operand(I32, 1024, 1, sequence(1024, 1, 0));
        output(OperationCode.Count, I32, 1, 2);
        expect(0, 1, 1024, read(0, 0, 0, 1024));
        expect(0, 0, 0, read(0, 0, 0, 1024));
    }

    function test_SumAtTheExtremes() public {
        operand(I64, 1024, 1, sequence(1024, -(1 << 53), 0));
        output(OperationCode.Sum, I64, 1, 1);
        expect(0, 0, -(1 << 63), read(0, 0, 0, 1024));
        clear();
        operand(I64, 1024, 1, sequence(1024, type(int64).max, 0));
        output(OperationCode.Sum, I64, 1, 1);
        // Out of all bounds, but still exact before it saturates.
        expect(0, 0, type(int64).max, read(0, 0, 0, 1024));
        clear();
        operand(I64, 3, 1, list(-1, 256, -3));
        output(OperationCode.Sum, I64, 1, 1);
        expect(0, 0, 252, read(0, 0, 0, 3));
    }

    function test_SumSaturatesChunkByChunk() public {
        operand(I64, 1025, 1, sequence(1025, 5, 0));
        output(OperationCode.Sum, I64, 2, 1, list(95, 0));
        entries[1].highest = 98;
        keep();
        expect(0, 0, 98, read(0, 0, 0, 1024));
        expect(1, 0, 98, read(0, 1024, 0), read(BEFORE, 0, 0));
        entries[1].highest = 101;
        entries[1].lowest = 101;
        keep();
        expect(1, 0, 101, read(0, 1024, 0), read(BEFORE, 0, 0));
    }

    function test_ProportionRoundsDownTwice() public {
        _terms(list(1001, 0, 3333, 0), list(0, 7, 0, 0));
        operand(I32, 2, 2, list(9, 9, 5, type(int32).max));
        _termsOperand();
        (operation.first, operation.second) = (2, 5);
        output(OperationCode.Proportion, I64, 2, 1);
        // floor(1001 * 3333 / 10000) = 333; 333 * 5 / 7 = 237.8
        expect(0, 0, 237, read(0, 1, 0));
        expect(1, 0, (int256(333) * type(int32).max) / 7, read(0, 1, 1));
        entries[2].highest = 236;
        keep();
        expect(0, 0, 236, read(0, 1, 0));
        operation.second = 6;
        keep();
        expect(0, 0, 0, read(0, 1, 0));
    }

    function test_ProportionIsExactBeyond64Bits() public {
        int256 most = (1 << 50) - 1;
        _terms(list(most, most, 0, 0), list(0, most, 0, 0));
        operand(I32, 1, 1, list(10_000));
        _termsOperand();
        (operation.first, operation.second) = (1, 5);
        output(OperationCode.Proportion, I64, 1, 1);
        expect(0, 0, (((most * most) / 10_000) * 10_000) / most, read(0, 0, 0));
    }

    function test_ProportionOfLessThanNothingIsTheLeastShare() public {
        _terms(list(1000, 10_000, 0, 0), list(0, 3, 0, 0));
        operand(I32, 1, 1, list(-1));
        _termsOperand();
        (operation.first, operation.second) = (1, 5);
        output(OperationCode.Proportion, I64, 1, 1);
        expect(0, 0, 0, read(0, 0, 0));
    }

    function test_RemainderGoesToTheInitiator() public {
        _terms(list(1000, 0, 0, 0), list(0, 0, 0, 1));
        operand(I64, 3, 1, list(10, 20, 30));
        operand(I64, 1, 1, list(60));
        _termsOperand();
        output(OperationCode.Remainder, I64, 3, 1);
        expect(0, 0, 10, read(0, 0, 0));
        expect(1, 0, 960, read(0, 1, 0), read(1, 0, 0));
        expect(2, 0, 30, read(0, 2, 0));
        _terms(list(59, 0, 0, 0), list(0, 0, 0, 1));
        expect(1, 0, 20, read(0, 1, 0), read(1, 0, 0));
    }

    function test_TermsAreAnOperandThatNobodyShows() public {
        _terms(list(11, 12, 13, 14), list(15, 16, 17, 18));
        operand(I64, 1, 8, sequence(8, 100, 1));
        _termsOperand();
        output(OperationCode.Add, I64, 1, 8);
        expect(0, 2, 115, read(0, 0, 2));
        expect(0, 7, 125, read(0, 0, 7));
        entries[1].rows = 2;
        entries[2].rows = 2;
        keep();
        Reading memory second = read(0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(ElementLib.ElementOutOfRange.selector, 9, 8));
        this.judgeSecondRow(second);
    }

    function judgeSecondRow(Reading memory reading) external view {
        judge(1, 0, one(open(reading)));
    }

    function _termsOperand() private {
        operand(I64, 1, 8, new int256[](0));
        entries[entries.length - 1].role = Role.Terms;
    }

    function _terms(int256[] memory first, int256[] memory second) private {
        for (uint256 i = 0; i < 2; ++i) {
            int256[] memory values = i == 0 ? first : second;
            uint256 word = 0;
            for (uint256 j = 0; j < 32; ++j) word = (word << 8) | (uint256(values[j / 8] >> (8 * (j % 8))) & 0xff);
            execution.terms[i] = bytes32(word);
        }
    }
}
