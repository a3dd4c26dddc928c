// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeLib } from "./FileTreeLib.sol";
// Used in assembly, where the linter does not look.
/* solhint-disable no-unused-import */
import {
    POSEIDON_M00,
    POSEIDON_M01,
    POSEIDON_M02,
    POSEIDON_M10,
    POSEIDON_M11,
    POSEIDON_M12,
    POSEIDON_M20,
    POSEIDON_M21,
    POSEIDON_M22,
    PoseidonConstants
} from "./PoseidonConstants.sol";
/* solhint-enable no-unused-import */

/// @title Poseidon over BN254's scalar field, and the Poseidon twin of a file
/// @notice The hash of two elements that circuits know as circomlib's `Poseidon(2)`. Source: L. Grassi and others, Poseidon: A New Hash
/// Function for Zero-Knowledge Proof Systems, USENIX Security 2021; x^5, 8 full and 57 partial rounds.
/// @dev A hash takes some 22,000 gas. The twin of a file is the root of a tree of the file tree's shape in which a leaf is
/// itself a perfect tree over 16 elements of 16 bytes, little-endian (docs/spec/proofs.md, "Twins").
library PoseidonLib {
    uint256 internal constant FIELD_ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    uint256 private constant _LEAF_ELEMENTS = 16;

    /// @notice Poseidon of two elements, each below the field's order.
    function hash(uint256 left, uint256 right) internal pure returns (uint256) {
        return _hash(PoseidonConstants.WORDS, left, right);
    }

    /// @notice The twin of a file, given as its leaves.
    /// @dev Grows by 340,000 gas a leaf: the caller bounds the length.
    function twin(bytes memory leaves) internal pure returns (uint256) {
        uint256 rest = leaves.length % FileTreeLib.LEAF_BYTES;
        if (leaves.length == 0) revert FileTreeLib.FileTreeEmpty();
        if (rest != 0) revert FileTreeLib.FileTreeLeafBytes(rest, FileTreeLib.LEAF_BYTES);
        bytes memory words = PoseidonConstants.WORDS;
        uint256 count = leaves.length / FileTreeLib.LEAF_BYTES;
        uint256[] memory nodes = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) nodes[i] = _leaf(words, leaves, i * _LEAF_ELEMENTS);
        while (count > 1) {
            uint256 pairs = count / 2;
            for (uint256 i = 0; i < pairs; ++i) nodes[i] = _hash(words, nodes[2 * i], nodes[2 * i + 1]);
            if (count % 2 == 1) nodes[pairs] = nodes[count - 1];
            count = pairs + (count % 2);
        }
        return nodes[0];
    }

    /// @dev The root over the 16 elements from `first` on.
    function _leaf(bytes memory words, bytes memory leaves, uint256 first) private pure returns (uint256) {
        uint256[_LEAF_ELEMENTS] memory nodes;
        for (uint256 i = 0; i < _LEAF_ELEMENTS; ++i) nodes[i] = _element(leaves, first + i);
        for (uint256 width = _LEAF_ELEMENTS / 2; width > 0; width /= 2) {
            for (uint256 i = 0; i < width; ++i) nodes[i] = _hash(words, nodes[2 * i], nodes[2 * i + 1]);
        }
        return nodes[0];
    }

    /// @dev The 16 bytes at 16 `index` as a little-endian number: their order is reversed by halves.
    function _element(bytes memory leaves, uint256 index) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(128, mload(add(add(leaves, 0x20), shl(4, index))))
        }
        value =
            ((value >> 8) & 0x00ff00ff00ff00ff00ff00ff00ff00ff) | ((value & 0x00ff00ff00ff00ff00ff00ff00ff00ff) << 8);
        value =
            ((value >> 16) & 0x0000ffff0000ffff0000ffff0000ffff) | ((value & 0x0000ffff0000ffff0000ffff0000ffff) << 16);
        value =
            ((value >> 32) & 0x00000000ffffffff00000000ffffffff) | ((value & 0x00000000ffffffff00000000ffffffff) << 32);
        value = (value >> 64) | ((value & type(uint64).max) << 64);
    }

    /// @dev Four full rounds, 57 partial ones, four full ones. Sums of up to three products and a constant stay below
    /// 4 FIELD_ORDER < 2^256 and are reduced by the next product.
    function _hash(bytes memory words, uint256 left, uint256 right) private pure returns (uint256 first) {
        assembly ("memory-safe") {
            let at := add(words, 0x20)
            let second := left
            let third := right
            for {
                let isLast := 0
            } 1 {
                isLast := 1
            } {
                for {
                    let end := add(at, 0x180)
                } lt(at, end) {
                    at := add(at, 0x60)
                } {
                    first := add(first, mload(at))
                    let square := mulmod(first, first, FIELD_ORDER)
                    first := mulmod(mulmod(square, square, FIELD_ORDER), first, FIELD_ORDER)
                    second := add(second, mload(add(at, 0x20)))
                    square := mulmod(second, second, FIELD_ORDER)
                    second := mulmod(mulmod(square, square, FIELD_ORDER), second, FIELD_ORDER)
                    third := add(third, mload(add(at, 0x40)))
                    square := mulmod(third, third, FIELD_ORDER)
                    third := mulmod(mulmod(square, square, FIELD_ORDER), third, FIELD_ORDER)
                    let a := first
                    let b := second
                    first := add(
                        mulmod(POSEIDON_M02, third, FIELD_ORDER),
                        add(mulmod(POSEIDON_M01, b, FIELD_ORDER), mulmod(POSEIDON_M00, a, FIELD_ORDER))
                    )
                    second := add(
                        mulmod(POSEIDON_M12, third, FIELD_ORDER),
                        add(mulmod(POSEIDON_M11, b, FIELD_ORDER), mulmod(POSEIDON_M10, a, FIELD_ORDER))
                    )
                    third := add(
                        mulmod(POSEIDON_M22, third, FIELD_ORDER),
                        add(mulmod(POSEIDON_M21, b, FIELD_ORDER), mulmod(POSEIDON_M20, a, FIELD_ORDER))
                    )
                }
                if isLast {
                    break
                }
                for {
                    let end := add(at, 0x720)
                } lt(at, end) {
                    at := add(at, 0x20)
                } {
                    first := add(first, mload(at))
                    let square := mulmod(first, first, FIELD_ORDER)
                    let a := mulmod(mulmod(square, square, FIELD_ORDER), first, FIELD_ORDER)
                    let b := second
                    first := add(
                        mulmod(POSEIDON_M02, third, FIELD_ORDER),
                        add(mulmod(POSEIDON_M01, b, FIELD_ORDER), mulmod(POSEIDON_M00, a, FIELD_ORDER))
                    )
                    second := add(
                        mulmod(POSEIDON_M12, third, FIELD_ORDER),
                        add(mulmod(POSEIDON_M11, b, FIELD_ORDER), mulmod(POSEIDON_M10, a, FIELD_ORDER))
                    )
                    third := add(
                        mulmod(POSEIDON_M22, third, FIELD_ORDER),
                        add(mulmod(POSEIDON_M21, b, FIELD_ORDER), mulmod(POSEIDON_M20, a, FIELD_ORDER))
                    )
                }
            }
            first := mod(first, FIELD_ORDER)
        }
    }
}
