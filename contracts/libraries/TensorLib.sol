// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeLib } from "./FileTreeLib.sol";

/// @title Where a tensor's elements lie in its file
/// @notice Row-major; the row stride and the row count are padded to powers of two, so the tree of a tensor is perfect
/// and "row r, element c" is index arithmetic. Integers are little-endian two's complement.
library TensorLib {
    error TensorShape(uint256 rows, uint256 columns, uint256 elementBytes);
    error TensorOutOfRange(uint256 row, uint256 column, uint256 rows, uint256 columns);
    error TensorLeafBytes(uint256 actual, uint256 expected);
    error TensorOffset(uint256 offset, uint256 elementBytes);

    /// @notice Bytes from one row to the next: the row's bytes rounded up to a power of two.
    function strideBytes(uint256 columns, uint256 elementBytes) internal pure returns (uint256) {
        bool knownElement = elementBytes == 1 || elementBytes == 2 || elementBytes == 4 || elementBytes == 8;
        if (columns == 0 || columns > type(uint32).max || !knownElement) revert TensorShape(1, columns, elementBytes);
        return FileTreeLib.nextPowerOfTwo(columns * elementBytes);
    }

    /// @notice Bytes of the tensor's file before it is zero-filled to a whole leaf.
    function byteLength(uint256 rows, uint256 columns, uint256 elementBytes) internal pure returns (uint256) {
        if (rows == 0 || rows > type(uint32).max) revert TensorShape(rows, columns, elementBytes);
        return FileTreeLib.nextPowerOfTwo(rows) * strideBytes(columns, elementBytes);
    }

    /// @notice Leaves of the tensor's tree: a power of two.
    function leafCount(uint256 rows, uint256 columns, uint256 elementBytes) internal pure returns (uint256) {
        return (byteLength(rows, columns, elementBytes) - 1) / FileTreeLib.LEAF_BYTES + 1;
    }

    /// @notice Leaf that holds an element and the element's byte offset in it.
    function locate(
        uint256 row,
        uint256 column,
        uint256 rows,
        uint256 columns,
        uint256 elementBytes
    ) internal pure returns (uint256 leafIndex, uint256 offset) {
        if (row >= rows || column >= columns) revert TensorOutOfRange(row, column, rows, columns);
        uint256 position = row * strideBytes(columns, elementBytes) + column * elementBytes;
        return (position / FileTreeLib.LEAF_BYTES, position % FileTreeLib.LEAF_BYTES);
    }

    /// @notice Unsigned byte at `offset` of a leaf.
    function readU8(bytes memory leaf, uint256 offset) internal pure returns (uint8) {
        return uint8(_read(leaf, offset, 1));
    }

    /// @notice i8 at `offset` of a leaf.
    function readI8(bytes memory leaf, uint256 offset) internal pure returns (int8) {
        return int8(uint8(_read(leaf, offset, 1)));
    }

    /// @notice i16 at `offset` of a leaf.
    function readI16(bytes memory leaf, uint256 offset) internal pure returns (int16) {
        return int16(uint16(_read(leaf, offset, 2)));
    }

    /// @notice i32 at `offset` of a leaf.
    function readI32(bytes memory leaf, uint256 offset) internal pure returns (int32) {
        return int32(uint32(_read(leaf, offset, 4)));
    }

    /// @notice i64 at `offset` of a leaf.
    function readI64(bytes memory leaf, uint256 offset) internal pure returns (int64) {
        return int64(_read(leaf, offset, 8));
    }

    /// @dev Offsets are multiples of the element, so no element crosses a leaf's end.
    function _read(bytes memory leaf, uint256 offset, uint256 size) private pure returns (uint64 value) {
        if (leaf.length != FileTreeLib.LEAF_BYTES) revert TensorLeafBytes(leaf.length, FileTreeLib.LEAF_BYTES);
        if (offset >= FileTreeLib.LEAF_BYTES || offset % size != 0) revert TensorOffset(offset, size);
        for (uint256 i = 0; i < size; ++i) value |= uint64(uint8(leaf[offset + i])) << uint64(8 * i);
    }
}
