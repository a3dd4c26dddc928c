// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperationCode } from "../../../contracts/libraries/ops/OperationCode.sol";
import { OneStepFixture } from "../../support/OneStepFixture.sol";

/// @notice Every operation of networks by cases made by hand; `OneStepLedger.t.sol` has those of allocations.
contract OneStepVerifierTest is OneStepFixture {
    function test_InitTakesFourBytesOfAHash() public {
        execution.seed = keccak256("seed");
        operation.first = 5;
        (operation.multiplier, operation.shift) = (1000, 3);
        output(OperationCode.Init, I16, 3, 7);
        // Element (2, 1) is the 15th, the last one of the second hash.
        uint256 hash = uint256(keccak256(abi.encode(execution.seed, uint256(5), uint256(1))));
        int256 sum = -510;
        for (uint256 i = 0; i < 4; ++i) sum += int256((hash >> (8 * i)) & 255);
        expect(2, 1, (sum * 1000 + 4) >> 3);
        entries[0].lowest = -2;
        entries[0].highest = -1;
        keep();
        expect(2, 1, sum < 0 ? -2 : -1);
    }

    function test_GatherFollowsTheShuffleFromEpochToEpoch() public {
        // Of the specification: epoch 0 of 16,384 samples has factor 5287 and offset 1752.
        for (uint256 i = 0; i < 32; ++i) execution.seed |= bytes32(i << (8 * (31 - i)));
        execution.samples = 16_384;
        batch = 6;
        step = 1;
        execution.position = 16_384 - 9;
        operand(U8, 16_384, 1, sequence(16_384, 0, 1));
        output(OperationCode.Gather, U8, 6, 1);
        uint256 sample = (5287 * (16_384 - 3 + 2) + 1752) % 16_384;
        expect(2, 0, int256(sample % 256), read(0, sample, 0));
        // The fourth row is the first one of epoch 1.
        sample = uint64(uint256(keccak256(abi.encode(execution.seed, 1))) >> 128) % 16_384;
        expect(3, 0, int256(sample % 256), read(0, sample, 0));
        execution.samples = 1;
        expect(0, 0, 0, read(0, 0, 0));
    }

    function test_SetColumnReadsNothingOfItsColumn() public {
        operand(I8, 2, 3, sequence(6, -3, 1));
        (operation.first, operation.second) = (1, -128);
        output(OperationCode.SetColumn, I8, 2, 3);
        expect(1, 1, -128);
        expect(1, 2, 2, read(0, 1, 2));
    }

    function test_Matmul() public {
        operand(I8, 2, 3, six(1, -2, 3, 127, -128, 0));
        operand(I16, 2, 3, six(-1, 5, 7, 32767, -32768, 9));
        output(OperationCode.Matmul, I32, 2, 2);
        expect(0, 0, -1 - 10 + 21, read(0, 0, 0, 3), read(1, 0, 0, 3));
        expect(1, 1, int256(127) * 32767 + int256(128) * 32768, read(0, 1, 0, 3), read(1, 1, 0, 3));
        expect(1, 0, -127 - 640, read(0, 1, 0, 3), read(1, 0, 0, 3));
    }

    function test_MatmulOfItselfShowsItsOperandTwice() public {
        operand(U8, 1, 17, sequence(17, 239, 1));
        operation.operands[1] = 0;
        output(OperationCode.Matmul, I32, 1, 1);
        operation.operands = [uint16(0), 0, 0xffff];
        keep();
        int256 sum = 0;
        for (int256 i = 239; i < 256; ++i) sum += i * i;
        expect(0, 0, sum, read(0, 0, 0, 17), read(0, 0, 0, 17));
    }

    function test_MatmulOfTheLongestRowsAtTheExtremes() public {
        operand(I16, 1, 1024, sequence(1024, -32768, 0));
        operand(I16, 1, 1024, sequence(1024, -32768, 0));
        output(OperationCode.Matmul, I32, 1, 1);
        expect(0, 0, 1 << 40, read(0, 0, 0, 1024), read(1, 0, 0, 1024));
        clear();
        operand(U8, 1, 1024, sequence(1024, 255, 0));
        operand(I8, 1, 1024, sequence(1024, -128, 0));
        output(OperationCode.Matmul, I32, 1, 1);
        expect(0, 0, -128 * 255 * 1024, read(0, 0, 0, 1024), read(1, 0, 0, 1024));
    }

    function test_MatmulReadsNoPadding() public {
        operand(U8, 1, 15, sequence(15, 1, 0));
        operand(I16, 1, 15, sequence(15, -1, 0));
        output(OperationCode.Matmul, I32, 1, 1);
        files[0][15] = 0xff;
        files[1][31] = 0xff;
        expect(0, 0, -15, read(0, 0, 0, 15), read(1, 0, 0, 15));
    }

    function test_RequantiseRoundsTiesUpAndSaturates() public {
        operand(I32, 1, 4, list(-6, -2, 2, 6));
        (operation.multiplier, operation.shift) = (1, 2);
        output(OperationCode.Requantise, I8, 1, 4);
        // -1.5, -0.5, 0.5, 1.5
        expect(0, 0, -1, read(0, 0, 0));
        expect(0, 1, 0, read(0, 0, 1));
        expect(0, 2, 1, read(0, 0, 2));
        expect(0, 3, 2, read(0, 0, 3));
        clear();
        operand(I32, 1, 2, list(type(int32).min, type(int32).max));
        (operation.multiplier, operation.shift) = (type(uint32).max >> 1, 30);
        output(OperationCode.Requantise, U8, 1, 2);
        expect(0, 0, 0, read(0, 0, 0));
        expect(0, 1, 255, read(0, 0, 1));
        entries[1].highest = 127;
        keep();
        expect(0, 1, 127, read(0, 0, 1));
    }

    function test_GateIsOpenAboveZero() public {
        operand(I16, 1, 3, list(-5, 6, 7));
        operand(I8, 1, 3, list(1, 0, -1));
        output(OperationCode.Gate, I16, 1, 3);
        expect(0, 0, -5, read(0, 0, 0), read(1, 0, 0));
        expect(0, 1, 0, read(0, 0, 1), read(1, 0, 1));
        expect(0, 2, 0, read(0, 0, 2), read(1, 0, 2));
    }

    function test_SoftmaxGradient() public {
        operand(I16, 1, 3, list(64, 0, -32768));
        operand(U8, 1, 1, list(1));
        operand(I32, 1, 768, new int256[](768));
        output(OperationCode.SoftmaxGradient, I16, 1, 3);
        // e^0, e^-1 and, as far apart as the table goes, nothing.
        int256 total = 65_536 + 24_109;
        expect(0, 0, ((65_536 << 14) + total / 2) / total, read(0, 0, 0, 3), read(1, 0, 0));
        expect(0, 1, ((24_109 << 14) + total / 2) / total - 16_384, read(0, 0, 0, 3), read(1, 0, 0));
        expect(0, 2, 0, read(0, 0, 0, 3), read(1, 0, 0));
    }

    function test_SoftmaxGradientOfOneClassAndOfALabelThatIsNone() public {
        operand(I8, 2, 1, list(-128, 127));
        operand(U8, 2, 1, list(0, 1));
        operand(I32, 1, 768, new int256[](768));
        output(OperationCode.SoftmaxGradient, I32, 2, 1);
        expect(0, 0, 0, read(0, 0, 0), read(1, 0, 0));
        expect(1, 0, 16_384, read(0, 1, 0), read(1, 1, 0));
    }

    function test_Transpose() public {
        operand(I16, 2, 3, sequence(6, 10, 1));
        output(OperationCode.Transpose, I16, 3, 2);
        expect(2, 1, 15, read(0, 1, 2));
        expect(0, 1, 13, read(0, 1, 0));
    }

    function test_UpdateRoundsTheGradientAndSaturates() public {
        operand(I8, 1, 4, list(-128, 127, 5, 5));
        operand(I32, 1, 4, list(type(int32).max, type(int32).min, -3, 3));
        operation.shift = 1;
        output(OperationCode.Update, I8, 1, 4);
        expect(0, 0, -128, read(0, 0, 0), read(1, 0, 0));
        expect(0, 1, 127, read(0, 0, 1), read(1, 0, 1));
        // -1.5 is rounded to -1, 1.5 to 2.
        expect(0, 2, 6, read(0, 0, 2), read(1, 0, 2));
        expect(0, 3, 3, read(0, 0, 3), read(1, 0, 3));
    }

    function test_AddOfTwoAndOfThree() public {
        operand(I8, 1, 1, list(-128));
        operand(U8, 1, 1, list(255));
        output(OperationCode.Add, I32, 1, 1);
        expect(0, 0, 127, read(0, 0, 0), read(1, 0, 0));
        clear();
        operand(I64, 1, 1, list(-(1 << 61)));
        operand(I64, 1, 1, list(-(1 << 61)));
        operand(I64, 1, 1, list(-1));
        output(OperationCode.Add, I64, 1, 1);
        Reading[] memory readings = new Reading[](3);
        for (uint256 i = 0; i < 3; ++i) readings[i] = read(i, 0, 0);
        expect(0, 0, -(1 << 62) - 1, readings);
    }

    function test_ArgmaxTakesTheLeastOfTheGreatest() public {
        operand(I32, 2, 4, new int256[](8));
        files[0][4 + 3] = 0x80;
        output(OperationCode.Argmax, I32, 2, 1);
        // 0, -2^31, 0, 0
        expect(0, 0, 0, read(0, 0, 0, 4));
        files[0][16] = 0xff;
        files[0][24] = 0xff;
        files[0][25] = 0x7f;
        files[0][28] = 0xff;
        files[0][29] = 0x7f;
        // 255, 0, 32767, 32767
        expect(1, 0, 2, read(0, 1, 0, 4));
    }

    function test_AddRow() public {
        operand(I16, 2, 2, list(1, 2, -32768, 4));
        operand(I32, 1, 2, list(type(int32).min, 9));
        output(OperationCode.AddRow, I32, 2, 2);
        expect(1, 0, int256(type(int32).min) - 32768, read(0, 1, 0), read(1, 0, 0));
        expect(1, 1, 13, read(0, 1, 1), read(1, 0, 1));
    }

    function test_UnfoldOfPlacesInsideAndOutside() public {
        // Two images of 3 x 4 with two channels; windows of 3 by 2 with a border of 1: 2 x 2 of them.
        operand(I8, 24, 2, sequence(48, -20, 1));
        operation.first = (3 << 16) | 4;
        operation.second = (3 << 16) | (2 << 8) | 1;
        output(OperationCode.Unfold, I8, 8, 18);
        // The first window's first line and column lie outside, its fifth place is the first pixel.
        expect(0, 5, 0);
        expect(0, 6, 0);
        expect(0, 9, -19, read(0, 0, 1));
        // The last window of the second image: lines 1 to 3 of which 3 is outside, columns 1 to 3.
        expect(7, 0, -20 + 2 * (12 + 5), read(0, 12 + 5, 0));
        expect(7, 11, -20 + 2 * (12 + 8 + 3) + 1, read(0, 12 + 8 + 3, 1));
        expect(7, 12, 0);
        expect(7, 17, 0);
    }

    function test_FoldPutsWindowsBack() public {
        // Two images of 4 x 2 with three channels, from windows of 2.
        operand(U8, 4, 12, sequence(48, 0, 1));
        operation.first = (4 << 16) | 2;
        operation.second = (2 << 16) | (2 << 8);
        output(OperationCode.Fold, U8, 16, 3);
        // Line 3, column 1 of the second image is the last place of its second window.
        expect(8 + 7, 2, 47, read(0, 3, 11));
        expect(8 + 4, 0, 36, read(0, 3, 0));
        expect(1, 1, 4, read(0, 0, 4));
    }

    function test_RotateTurnsKernels() public {
        // Two kernels of area 4 over three inputs.
        operand(I16, 2, 12, sequence(24, 0, 1));
        operation.first = 4;
        output(OperationCode.Rotate, I16, 3, 8);
        // Place 0 of the output is place 3 of the kernels.
        expect(2, 1, 12 + 3 * 3 + 2, read(0, 1, 11));
        expect(0, 6, 0, read(0, 0, 0));
    }

    function test_Reshape() public {
        operand(I32, 2, 6, sequence(12, 0, 1));
        output(OperationCode.Reshape, I32, 3, 4);
        expect(1, 2, 6, read(0, 1, 0));
        expect(2, 3, 11, read(0, 1, 5));
    }

    function test_MaxPoolReadsFromTheFirstGroupToTheLast() public {
        operand(I8, 1, 6, six(-5, 100, -9, -128, -5, 127));
        operation.first = 3;
        output(OperationCode.MaxPool, I8, 1, 2);
        expect(0, 0, -5, read(0, 0, 0, 5));
        expect(0, 1, 127, read(0, 0, 1, 5));
    }

    function test_PoolGradientGoesToTheFirstOfTheGreatest() public {
        operand(I32, 1, 2, list(-7, 8));
        operand(I8, 1, 6, six(-5, 100, -9, 127, -5, 127));
        operation.first = 3;
        output(OperationCode.PoolGradient, I32, 1, 6);
        expect(0, 0, -7, read(0, 0, 0), read(1, 0, 0, 5));
        expect(0, 4, 0, read(0, 0, 0), read(1, 0, 0, 5));
        expect(0, 1, 0, read(0, 0, 1), read(1, 0, 1, 5));
        expect(0, 3, 8, read(0, 0, 1), read(1, 0, 1, 5));
        expect(0, 5, 0, read(0, 0, 1), read(1, 0, 1, 5));
    }

    function test_AccumulateChunkByChunk() public {
        operand(I8, 2, 2050, sequence(4100, 3, 0));
        operand(I16, 1, 2050, sequence(2050, -1, 0));
        operation.shift = 1;
        output(OperationCode.Accumulate, I32, 6, 1, six(11, 12, 13, 14, 15, 16));
        // The first block has nothing before it, the last one only two elements: -6 / 2.
        expect(1, 0, -1536, read(0, 1, 0, 1024), read(1, 0, 0, 1024));
        Reading[] memory readings = new Reading[](3);
        (readings[0], readings[1]) = (read(0, 1, 1024, 1024), read(1, 0, 1024, 1024));
        readings[2] = read(BEFORE, 1, 0);
        expect(3, 0, 12 - 1536, readings);
        (readings[0], readings[1]) = (read(0, 0, 2048, 2), read(1, 0, 2048, 2));
        readings[2] = read(BEFORE, 2, 0);
        expect(4, 0, 13 - 3, readings);
    }

    function test_TailTakesTheLastRows() public {
        operand(I16, 5, 2, sequence(10, 0, 1));
        output(OperationCode.Tail, I16, 2, 2);
        expect(0, 1, 7, read(0, 3, 1));
        expect(1, 0, 8, read(0, 4, 0));
    }

    function test_PaddingIsZeroForEveryOperation() public {
        for (uint8 code = uint8(OperationCode.Init); code <= uint8(type(OperationCode).max); ++code) {
            clear();
            operand(I8, 3, 3, sequence(9, 1, 0));
            operand(I8, 3, 3, sequence(9, 1, 0));
            output(OperationCode(code), I8, 3, 3, sequence(9, 1, 0));
            // A column behind the last, a row behind the last, one behind the padded rows, and a leaf that is none.
            expect(0, 3, 0);
            expect(3, 0, 0);
            expect(63, 3, 0);
            (, int256 expected) = steps.judge(execution, spot(1 << 40), files[2], 255, noOperands());
            require(expected == 0, "far outside");
        }
    }

    function test_TheCommittedElementIsReadFromTheLeaf() public {
        operand(I32, 1, 2, list(0, 0));
        output(OperationCode.Transpose, I32, 2, 1, list(-1, type(int32).min));
        (int256 actual, int256 expected) = judge(1, 0, one(open(read(0, 0, 1))));
        require(actual == type(int32).min && expected == 0, "as committed, as it must be");
        files[1][8] = 0x80;
        (actual, expected) = judge(2, 0, noOperands());
        require(actual == 128 && expected == 0, "in the padding");
    }
}
