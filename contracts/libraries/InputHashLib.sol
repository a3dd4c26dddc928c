// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The hash of an input, as the circuits of inference compute it
/// @notice A chain of Poseidon with 17 elements, 8 full and 68 partial rounds, over blocks of 15 elements of 31 bytes (docs/spec/proofs.md, "Input hash").
/// @dev Some 1M gas a block of 465 bytes. The numbers are handed in as `WidePoseidonConstants` has them: they are too many for the code of whoever
/// calls, and copying them from code costs little.
library InputHashLib {
    uint256 internal constant FIELD_ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    uint256 private constant _BLOCK_ELEMENTS = 15;
    uint256 private constant _ELEMENT_BYTES = 31;
    uint256 private constant _BLOCK_BYTES = _BLOCK_ELEMENTS * _ELEMENT_BYTES;
    uint256 private constant _ROUNDS = 76;

    /// @notice The hash of at least one byte.
    /// @param words `WidePoseidonConstants.WORDS`
    function hash(bytes memory words, bytes memory input) internal pure returns (uint256 result) {
        result = input.length;
        uint256[17] memory state;
        for (uint256 start = 0; start < input.length; start += _BLOCK_BYTES) {
            state[0] = 0;
            state[1] = result;
            for (uint256 i = 0; i < _BLOCK_ELEMENTS; ++i) state[2 + i] = _element(input, start + i * _ELEMENT_BYTES);
            _permute(words, state);
            result = state[0];
        }
    }

    /// @dev Up to 31 bytes from `start` on as a little-endian number; bytes behind the end are 0.
    function _element(bytes memory input, uint256 start) private pure returns (uint256 value) {
        uint256 end = start + _ELEMENT_BYTES;
        for (uint256 i = end < input.length ? end : input.length; i > start; --i) {
            value = (value << 8) | uint8(input[i - 1]);
        }
    }

    /// @dev Elements need not be reduced before a round: the S-box and the products reduce what they take. A sum of four products below
    /// FIELD_ORDER is below 2^256.
    function _permute(bytes memory words, uint256[17] memory state) private pure {
        uint256[17] memory scratch;
        assembly ("memory-safe") {
            function four(entries, elements) -> part {
                part := add(
                    add(
                        mulmod(mload(entries), mload(elements), FIELD_ORDER),
                        mulmod(mload(add(entries, 0x20)), mload(add(elements, 0x20)), FIELD_ORDER)
                    ),
                    add(
                        mulmod(mload(add(entries, 0x40)), mload(add(elements, 0x40)), FIELD_ORDER),
                        mulmod(mload(add(entries, 0x60)), mload(add(elements, 0x60)), FIELD_ORDER)
                    )
                )
            }
            let added := add(words, 0x20)
            let matrix := add(added, 0x1980)
            let from := state
            let to := scratch
            for {
                let round := 0
            } lt(round, _ROUNDS) {
                round := add(round, 1)
            } {
                // Rounds 4 to 71 are partial: only the first element goes through the S-box.
                let end := add(from, 0x220)
                if lt(sub(round, 4), 68) {
                    end := add(from, 0x20)
                }
                for {
                    let place := from
                } lt(place, end) {
                    place := add(place, 0x20)
                } {
                    let value := addmod(mload(place), mload(added), FIELD_ORDER)
                    let square := mulmod(value, value, FIELD_ORDER)
                    mstore(place, mulmod(mulmod(square, square, FIELD_ORDER), value, FIELD_ORDER))
                    added := add(added, 0x20)
                }
                let entry := matrix
                end := add(to, 0x220)
                for {
                    let place := to
                } lt(place, end) {
                    place := add(place, 0x20)
                } {
                    let sum := addmod(
                        mulmod(mload(entry), mload(from), FIELD_ORDER),
                        four(add(entry, 0x20), add(from, 0x20)),
                        FIELD_ORDER
                    )
                    sum := addmod(sum, four(add(entry, 0xa0), add(from, 0xa0)), FIELD_ORDER)
                    sum := addmod(sum, four(add(entry, 0x120), add(from, 0x120)), FIELD_ORDER)
                    mstore(place, addmod(sum, four(add(entry, 0x1a0), add(from, 0x1a0)), FIELD_ORDER))
                    entry := add(entry, 0x220)
                }
                let other := from
                from := to
                to := other
            }
        }
    }
}
