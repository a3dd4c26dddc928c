// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Bls12381Lib, G1Point } from "./Bls12381Lib.sol";
import { CodeLib } from "./CodeLib.sol";

/// @title Validator tables in contract code
/// @notice A table is a header row and up to 200 rows of 112 bytes: a 96-byte BLS key (x, y) and a 16-byte big-endian weight. The
/// header row holds the sum of the keys and the sum of the weights. It is stored as the code of a contract of its own, after
/// one byte 0x00 that keeps the code from being run, and named by the hash of that code.
/// @dev Reading code costs 3 gas a word after 2,600 for the account, where storage would cost 2,100 a word.
library TableLib {
    using Bls12381Lib for G1Point;

    uint256 internal constant ROW_BYTES = 112;
    uint256 internal constant MAX_ROWS = 200;
    /// @dev Weights above are counted as this, so that no sum of a table leaves its 16 bytes.
    uint256 internal constant MAX_WEIGHT = type(uint120).max;

    uint256 private constant _KEY_BYTES = 96;
    uint256 private constant _G1_ADD = 0x0b;

    /// @notice A table has a header row and 1 to 200 rows of 112 bytes.
    error TableLength(uint256 actualBytes, uint256 rowBytes, uint256 maxRows);
    error TableZeroWeight(uint256 row);
    error TableWeightTooLarge(uint256 row, uint256 weight);
    error TableIdentityKey(uint256 row);
    error TableWrongWeightSum(uint256 actual, uint256 expected);
    error TableWrongKeySum();
    error TableRowOutOfRange(uint256 row, uint256 rows);

    /// @notice A table without rows, with room for `maxRows`. `append` fills it, `seal` ends it.
    function allocate(uint256 maxRows) internal pure returns (bytes memory table) {
        table = new bytes((maxRows + 1) * ROW_BYTES);
        assembly ("memory-safe") {
            mstore(table, ROW_BYTES)
        }
    }

    /// @notice Appends a row to a table from `allocate` that has room for it.
    function append(bytes memory table, bytes memory key, uint256 weight) internal pure {
        assembly ("memory-safe") {
            let length := mload(table)
            let row := add(add(table, 0x20), length)
            mcopy(row, add(key, 0x20), _KEY_BYTES)
            // 16 bytes: the word's other half lies within the key.
            let tail := add(row, sub(ROW_BYTES, 0x20))
            mstore(tail, or(shl(128, shr(128, mload(tail))), weight))
            mstore(table, add(length, ROW_BYTES))
        }
    }

    /// @notice Appends all rows of `page`, which has a header row of its own, to a table that has room for them.
    function appendAll(bytes memory table, bytes memory page) internal pure {
        assembly ("memory-safe") {
            let length := mload(table)
            let added := sub(mload(page), ROW_BYTES)
            mcopy(add(add(table, 0x20), length), add(add(page, 0x20), ROW_BYTES), added)
            mstore(table, add(length, added))
        }
    }

    /// @notice Writes the header row.
    function seal(bytes memory table, G1Point memory keySum, uint256 weightSum) internal pure {
        bytes memory key = keySum.packG1();
        assembly ("memory-safe") {
            mcopy(add(table, 0x20), add(key, 0x20), _KEY_BYTES)
            let tail := add(table, ROW_BYTES)
            mstore(tail, or(shl(128, shr(128, mload(tail))), weightSum))
        }
    }

    /// @notice Stores a table as code.
    function write(bytes memory table) internal returns (address pointer) {
        return CodeLib.write(table);
    }

    /// @notice Reverts unless the header row is the sum of at least one and at most 200 rows, none of them without
    /// weight or key. Whether keys are in the curve's subgroup is for the pairing to find out.
    function validate(bytes memory table) internal view {
        uint256 length = table.length;
        if (length % ROW_BYTES != 0 || length < 2 * ROW_BYTES || length > (MAX_ROWS + 1) * ROW_BYTES) {
            revert TableLength(length, ROW_BYTES, MAX_ROWS);
        }
        G1Point memory keySum;
        uint256 weightSum;
        uint256 rows = rowsIn(table);
        for (uint256 row = 0; row < rows; ++row) {
            uint256 offset = (row + 1) * ROW_BYTES;
            if (Bls12381Lib.loadG1(table, offset).isIdentity()) revert TableIdentityKey(row);
            uint256 weight = weightIn(table, offset);
            if (weight == 0) revert TableZeroWeight(row);
            if (weight > MAX_WEIGHT) revert TableWeightTooLarge(row, weight);
            keySum.addPacked(table, offset);
            weightSum += weight;
        }
        uint256 claimed = weightIn(table, 0);
        if (claimed != weightSum) revert TableWrongWeightSum(claimed, weightSum);
        bytes memory key = keySum.packG1();
        bool equal;
        assembly ("memory-safe") {
            equal := eq(keccak256(add(key, 0x20), _KEY_BYTES), keccak256(add(table, 0x20), _KEY_BYTES))
        }
        if (!equal) revert TableWrongKeySum();
    }

    /// @notice The table or page that a contract's code holds, with its header row.
    function read(address pointer) internal view returns (bytes memory table) {
        return CodeLib.read(pointer);
    }

    /// @notice Rows of a stored table, without the header row.
    function rowCount(address pointer) internal view returns (uint256) {
        return pointer.code.length / ROW_BYTES - 1;
    }

    /// @notice Hash of a row's key: how the operator registry knows it.
    function keyHashAt(address pointer, uint256 row) internal view returns (bytes32 hash) {
        uint256 rows = rowCount(pointer);
        if (row >= rows) revert TableRowOutOfRange(row, rows);
        uint256 offset = 1 + (row + 1) * ROW_BYTES;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            extcodecopy(pointer, buffer, offset, _KEY_BYTES)
            hash := keccak256(buffer, _KEY_BYTES)
        }
    }

    /// @notice The header row.
    function sums(address pointer) internal view returns (G1Point memory keySum, uint256 weightSum) {
        bytes memory row = new bytes(ROW_BYTES);
        assembly ("memory-safe") {
            extcodecopy(pointer, add(row, 0x20), 1, ROW_BYTES)
        }
        return (Bls12381Lib.loadG1(row, 0), weightIn(row, 0));
    }

    /// @notice The sums over the rows whose bits are set.
    /// @dev Adds in place, as a certificate does this once for each absentee: about 750 gas a row.
    function sumsOf(address pointer, uint256 bits) internal view returns (G1Point memory keySum, uint256 weightSum) {
        bool valid = true;
        assembly ("memory-safe") {
            // The precompile's two operands, the first of them the sum so far, and the row that the second is taken from.
            let input := mload(0x40)
            let row := add(input, 0x100)
            calldatacopy(input, calldatasize(), 0x100)
            for {
                let offset := add(1, ROW_BYTES)
            } bits {
                offset := add(offset, ROW_BYTES)
            } {
                if and(bits, 1) {
                    extcodecopy(pointer, row, offset, ROW_BYTES)
                    mcopy(add(input, 0x90), row, 48)
                    mcopy(add(input, 0xd0), add(row, 48), 48)
                    valid := and(valid, staticcall(gas(), _G1_ADD, input, 0x100, input, 0x80))
                    weightSum := add(weightSum, and(mload(add(row, 80)), 0xffffffffffffffffffffffffffffffff))
                }
                bits := shr(1, bits)
            }
            mcopy(keySum, input, 0x80)
        }
        if (!valid) revert Bls12381Lib.Bls12381InvalidPoint();
    }

    /// @notice What the code hash of a table would be.
    function hashOf(bytes memory table) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0), table));
    }

    function rowsIn(bytes memory table) internal pure returns (uint256) {
        return table.length / ROW_BYTES - 1;
    }

    /// @notice The weight of the row that begins at `offset`.
    function weightIn(bytes memory table, uint256 offset) internal pure returns (uint256 weight) {
        assembly ("memory-safe") {
            weight := and(mload(add(add(table, ROW_BYTES), offset)), 0xffffffffffffffffffffffffffffffff)
        }
    }
}
