// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { TensorLib } from "../../../contracts/libraries/TensorLib.sol";
import { vm } from "../../support/Vm.sol";

/// @dev Makes the library's reverts visible as calls.
contract TensorHarness {
    function leafCount(uint256 rows, uint256 columns, uint256 elementBytes) external pure returns (uint256) {
        return TensorLib.leafCount(rows, columns, elementBytes);
    }

    function locate(
        uint256 row,
        uint256 column,
        uint256 rows,
        uint256 columns,
        uint256 elementBytes
    ) external pure returns (uint256, uint256) {
        return TensorLib.locate(row, column, rows, columns, elementBytes);
    }

    function readI32(bytes memory leaf, uint256 offset) external pure returns (int32) {
        return TensorLib.readI32(leaf, offset);
    }
}

contract TensorLibTest {
    TensorHarness private _tensor = new TensorHarness();

    function test_shapes() external pure {
        require(TensorLib.strideBytes(784, 1) == 1024, "an image of 784 bytes takes 1024");
        require(TensorLib.leafCount(16_384, 784, 1) == 65_536, "four leaves an image");
        require(TensorLib.leafCount(10, 32, 2) == 4, "10 rows pad to 16 of 64 bytes");
        require(TensorLib.byteLength(3, 1, 8) == 32, "rows pad to a power of two");
        require(TensorLib.leafCount(3, 1, 8) == 1, "below one leaf");
    }

    function test_locate() external view {
        (uint256 leaf, uint256 offset) = _tensor.locate(2, 300, 10, 784, 1);
        require(leaf == 9 && offset == 44, "row of four leaves");
        (leaf, offset) = _tensor.locate(9, 31, 10, 32, 2);
        require(leaf == 2 && offset == 126, "four rows a leaf");
    }

    function test_badShapes() external {
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorShape.selector, 0, 4, 1));
        _tensor.leafCount(0, 4, 1);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorShape.selector, 1, 0, 1));
        _tensor.leafCount(4, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorShape.selector, 1, 4, 3));
        _tensor.leafCount(4, 4, 3);
    }

    function test_elementOutsideTheTensor() external {
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorOutOfRange.selector, 10, 0, 10, 4));
        _tensor.locate(10, 0, 10, 4, 1);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorOutOfRange.selector, 0, 4, 10, 4));
        _tensor.locate(0, 4, 10, 4, 1);
    }

    function test_badReads() external {
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorLeafBytes.selector, 255, 256));
        _tensor.readI32(new bytes(255), 0);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorOffset.selector, 2, 4));
        _tensor.readI32(new bytes(256), 2);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorOffset.selector, 256, 4));
        _tensor.readI32(new bytes(256), 256);
    }

    function testFuzz_readsWhatWasWritten(int64 value, uint256 slot) external pure {
        uint256 offset = (slot % 32) * 8;
        bytes memory leaf = new bytes(256);
        for (uint256 i = 0; i < 8; ++i) leaf[offset + i] = bytes1(uint8(uint64(value) >> (8 * i)));
        require(TensorLib.readI64(leaf, offset) == value, "i64");
        require(TensorLib.readI32(leaf, offset) == int32(uint32(uint64(value))), "i32");
        require(TensorLib.readI16(leaf, offset) == int16(uint16(uint64(value))), "i16");
        require(TensorLib.readI8(leaf, offset) == int8(uint8(uint64(value))), "i8");
        require(TensorLib.readU8(leaf, offset) == uint8(uint64(value)), "u8");
    }
}
