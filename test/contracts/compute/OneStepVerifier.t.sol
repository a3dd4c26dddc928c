// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperationCode } from "../../../contracts/libraries/ops/OperationCode.sol";
import { OneStepFixture } from "../../support/OneStepFixture.sol";

/// @notice Every operation by cases made by hand.
contract OneStepVerifierTest is OneStepFixture {
    function test_Matmul() public {
        operand(I8, 2, 3, _six(1, -2, 3, 127, -128, 0));
        operand(I16, 2, 3, _six(-1, 5, 7, 32767, -32768, 9));
        output(OperationCode.Matmul, I32, 2, 2);
        expect(0, 0, -1 - 10 + 21, read(0, 0, 0, 3), read(1, 0, 0, 3));
        expect(1, 1, int256(127) * 32767 + int256(128) * 32768, read(0, 1, 0, 3), read(1, 1, 0, 3));
        expect(1, 0, -127 - 640, read(0, 1, 0, 3), read(1, 0, 0, 3));
    }

    function _six(
        int256 a,
        int256 b,
        int256 c,
        int256 d,
        int256 e,
        int256 f
    ) private pure returns (int256[] memory values) {
        values = new int256[](6);
        (values[0], values[1], values[2]) = (a, b, c);
        (values[3], values[4], values[5]) = (d, e, f);
    }
}
