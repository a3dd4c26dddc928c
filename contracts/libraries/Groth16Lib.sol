// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A Groth16 verifying key over BN254. Points are affine; a G2 coordinate is (imaginary, real), the order of the
/// precompiles and of snarkjs' Solidity output.
/// @param ic One point for the constant 1, then one for each public input.
struct VerifyingKey {
    uint256[2] alpha1;
    uint256[4] beta2;
    uint256[4] gamma2;
    uint256[4] delta2;
    uint256[2][] ic;
}

/// @title Groth16 over BN254
/// @notice Checks e(A, B) = e(alpha, beta) e(ic0 + sum inputs[i] ic[i + 1], gamma) e(C, delta) with the precompiles of
/// EIP-196 and EIP-197. Source: J. Groth, On the Size of Pairing-based Non-interactive Arguments, EUROCRYPT 2016.
/// @dev A key is encoded as its words in order: alpha, beta, gamma, delta, ic; 448 bytes and 64 for each ic.
library Groth16Lib {
    /// @dev Order of the groups: public inputs are below it, or one statement would have several encodings.
    uint256 internal constant FIELD_ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    /// @dev Modulus of the coordinates.
    uint256 internal constant BASE_MODULUS = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;

    /// @notice Bytes of an encoded key before its `ic` points.
    uint256 internal constant KEY_HEAD_BYTES = 448;

    uint256 private constant _EC_ADD = 6;
    uint256 private constant _EC_MUL = 7;
    uint256 private constant _PAIRING = 8;

    /// @notice A key has as many inputs as `ic` points after the first.
    error Groth16InputCount(uint256 actual, uint256 expected);

    /// @notice A public input is not below the field's order.
    error Groth16InputOutOfField(uint256 index, uint256 value);

    /// @notice A key's G1 point is not on the curve, or is the point at infinity. 0 is alpha, i is ic[i - 1].
    error Groth16BadG1(uint256 index);

    /// @notice A key's G2 point is not in the group, or is the point at infinity. 0 is beta, 1 gamma, 2 delta.
    error Groth16BadG2(uint256 index);

    /// @notice A key has at least the first `ic` point.
    error Groth16NoConstant();

    /// @notice Reverts unless every point of the key is in its group and none is the point at infinity.
    /// @dev A point at infinity for gamma or an ic would leave inputs unbound, elsewhere it would allow forgery.
    function checkKey(VerifyingKey calldata key) internal view {
        if (key.ic.length == 0) revert Groth16NoConstant();
        _checkG1(key.alpha1, 0);
        for (uint256 i = 0; i < key.ic.length; ++i) _checkG1(key.ic[i], i + 1);
        _checkG2(key.beta2, 0);
        _checkG2(key.gamma2, 1);
        _checkG2(key.delta2, 2);
    }

    /// @notice Whether anyone can make proofs under the key without knowing a trapdoor: two of beta, gamma and delta are the
    /// same point or each other's negative. Development set-ups are marked by gamma = delta.
    /// @dev Example: with gamma = delta, (alpha, beta, -sum) proves everything; with beta = gamma, (alpha + sum, beta, 0).
    function isInsecure(VerifyingKey calldata key) internal pure returns (bool) {
        return _isSameX(key.gamma2, key.delta2) || _isSameX(key.beta2, key.gamma2) || _isSameX(key.beta2, key.delta2);
    }

    /// @notice The key as the words that `verify` takes.
    function encode(VerifyingKey calldata key) internal pure returns (bytes memory) {
        return abi.encodePacked(key.alpha1, key.beta2, key.gamma2, key.delta2, _flatten(key.ic));
    }

    /// @notice Whether the proof holds for these inputs under an encoded key.
    /// @dev Expects a key that passed `checkKey`. A proof with a point outside its group is false, not an error; as with
    /// every failing precompile it burns the gas forwarded to it.
    /// @param proof A (x, y), B (x imaginary, x real, y imaginary, y real), C (x, y).
    function verify(
        bytes memory key,
        uint256[8] calldata proof,
        uint256[] memory inputs
    ) internal view returns (bool valid) {
        uint256 expected = (key.length - KEY_HEAD_BYTES) / 64 - 1;
        if (inputs.length != expected) revert Groth16InputCount(inputs.length, expected);
        for (uint256 i = 0; i < inputs.length; ++i) {
            if (inputs[i] >= FIELD_ORDER) revert Groth16InputOutOfField(i, inputs[i]);
        }
        // -A instead of A, so that the product of the four pairings is one. Infinity is its own negative.
        uint256 ay = proof[1];
        if (ay >= BASE_MODULUS) return false;
        uint256 minusAy = ay == 0 ? 0 : BASE_MODULUS - ay;

        assembly ("memory-safe") {
            let free := mload(0x40)
            let words := add(key, 0x20)

            // sum := ic[0] + inputs[i] * ic[i + 1], at free; scratch for the precompiles behind it.
            let scratch := add(free, 0x40)
            let point := add(words, KEY_HEAD_BYTES)
            mcopy(free, point, 0x40)
            valid := 1
            for {
                let i := 0
            } lt(i, mload(inputs)) {
                i := add(i, 1)
            } {
                point := add(point, 0x40)
                mcopy(scratch, point, 0x40)
                mstore(add(scratch, 0x40), mload(add(add(inputs, 0x20), shl(5, i))))
                valid := and(valid, staticcall(gas(), _EC_MUL, scratch, 0x60, scratch, 0x40))
                mcopy(add(scratch, 0x40), free, 0x40)
                valid := and(valid, staticcall(gas(), _EC_ADD, scratch, 0x80, free, 0x40))
            }
            let sumX := mload(free)
            let sumY := mload(add(free, 0x20))

            // (-A, B)
            mstore(free, calldataload(proof))
            mstore(add(free, 0x20), minusAy)
            calldatacopy(add(free, 0x40), add(proof, 0x40), 0x80)
            // (alpha, beta)
            mcopy(add(free, 0xc0), words, 0xc0)
            // (sum, gamma)
            mstore(add(free, 0x180), sumX)
            mstore(add(free, 0x1a0), sumY)
            mcopy(add(free, 0x1c0), add(words, 0xc0), 0x80)
            // (C, delta)
            calldatacopy(add(free, 0x240), add(proof, 0xc0), 0x40)
            mcopy(add(free, 0x280), add(words, 0x140), 0x80)

            valid := and(valid, staticcall(gas(), _PAIRING, free, 0x300, free, 0x20))
            valid := and(valid, eq(mload(free), 1))
        }
    }

    /// @dev Points on the curve with one x are equal or each other's negative.
    function _isSameX(uint256[4] calldata first, uint256[4] calldata second) private pure returns (bool) {
        return first[0] == second[0] && first[1] == second[1];
    }

    function _checkG1(uint256[2] calldata point, uint256 index) private view {
        bool infinite = point[0] == 0 && point[1] == 0;
        (bool onCurve, ) = address(uint160(_EC_ADD)).staticcall(abi.encode(point, uint256(0), uint256(0)));
        if (infinite || !onCurve) revert Groth16BadG1(index);
    }

    /// @dev Pairing with the generator of G1 makes the precompile check curve and subgroup.
    function _checkG2(uint256[4] calldata point, uint256 index) private view {
        bool infinite = point[0] == 0 && point[1] == 0 && point[2] == 0 && point[3] == 0;
        (bool inGroup, ) = address(uint160(_PAIRING)).staticcall(abi.encode(uint256(1), uint256(2), point));
        if (infinite || !inGroup) revert Groth16BadG2(index);
    }

    function _flatten(uint256[2][] calldata points) private pure returns (uint256[] memory words) {
        words = new uint256[](points.length * 2);
        for (uint256 i = 0; i < points.length; ++i) {
            words[2 * i] = points[i][0];
            words[2 * i + 1] = points[i][1];
        }
    }
}
