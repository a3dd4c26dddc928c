// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice An affine point of G1 as the precompiles take it: two coordinates of 64 bytes, big-endian, each after 16 zero bytes. All zero is
/// the identity.
struct G1Point {
    bytes32 x0;
    bytes32 x1;
    bytes32 y0;
    bytes32 y1;
}

/// @title BLS signatures over BLS12-381
/// @notice The scheme of draft-irtf-cfrg-bls-signature with keys in G1 and signatures in G2, in its proof-of-possession form, by the precompiles of
/// EIP-2537. Keys are stored in 96 bytes, the coordinates without their zeros; signatures have 256 bytes, the precompiles' form of G2.
/// @dev The pairing precompile refuses coordinates at or above the modulus and points outside the curve or its subgroup; as with every
/// failing precompile the gas forwarded to it is lost. A call that runs out of gas inside of a precompile looks the same, so a caller must not
/// do anything on "false" that it would not let anyone do.
library Bls12381Lib {
    /// @dev Domain tags of RFC 9380, as Ethereum's consensus layer uses them.
    bytes internal constant VOTE_TAG = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
    bytes internal constant POSSESSION_TAG = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

    uint256 internal constant KEY_BYTES = 96;
    uint256 internal constant SIGNATURE_BYTES = 256;

    /// @dev Modulus of the coordinates.
    uint256 private constant _P0 = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 private constant _P1 = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;

    /// @dev The generator of G1 with y negated.
    uint256 private constant _MINUS_G1_X0 = 0x17f1d3a73197d7942695638c4fa9ac0f;
    uint256 private constant _MINUS_G1_X1 = 0xc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb;
    uint256 private constant _MINUS_G1_Y0 = 0x114d1d6855d545a8aa7d76c8cf2e21f2;
    uint256 private constant _MINUS_G1_Y1 = 0x67816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca;

    uint256 private constant _SHA256 = 0x02;
    uint256 private constant _MODEXP = 0x05;
    uint256 private constant _G1_ADD = 0x0b;
    uint256 private constant _G2_ADD = 0x0d;
    uint256 private constant _PAIRING = 0x0f;
    uint256 private constant _MAP_TO_G2 = 0x11;

    /// @notice A key does not lie within the bytes.
    error Bls12381KeyOutOfBounds(uint256 offset, uint256 length);

    /// @notice A signature has 256 bytes.
    error Bls12381SignatureLength(uint256 actual, uint256 expected);

    /// @notice A point to add is not on the curve, or a coordinate is not below the modulus.
    error Bls12381InvalidPoint();

    /// @notice RFC 9380 has another rule for longer tags; here they are refused.
    error Bls12381TagTooLong(uint256 actual, uint256 max);

    /// @notice The chain lacks the precompiles of EIP-2537, or the call ran out of gas.
    error Bls12381HashFailed();

    /// @notice The key in the 96 bytes from `offset` on. Neither curve nor subgroup is checked.
    function loadG1(bytes memory data, uint256 offset) internal pure returns (G1Point memory point) {
        _requireKey(data, offset);
        assembly ("memory-safe") {
            let from := add(add(data, 0x20), offset)
            let first := mload(from)
            let middle := mload(add(from, 0x20))
            mstore(point, shr(128, first))
            mstore(add(point, 0x20), or(shl(128, first), shr(128, middle)))
            mstore(add(point, 0x40), shr(128, shl(128, middle)))
            mstore(add(point, 0x60), mload(add(from, 0x40)))
        }
    }

    /// @notice The 96 bytes of a key. That the bytes left out are zero is not checked.
    function packG1(G1Point memory point) internal pure returns (bytes memory) {
        return abi.encodePacked(uint128(uint256(point.x0)), point.x1, uint128(uint256(point.y0)), point.y1);
    }

    function isIdentity(G1Point memory point) internal pure returns (bool) {
        return (point.x0 | point.x1 | point.y0 | point.y1) == 0;
    }

    /// @notice The inverse: -y instead of y. The identity is its own.
    function negate(G1Point memory point) internal pure returns (G1Point memory) {
        (uint256 y0, uint256 y1) = (uint256(point.y0), uint256(point.y1));
        if (y0 > _P0 || (y0 == _P0 && y1 >= _P1)) revert Bls12381InvalidPoint();
        // The curve has no point of order two: y = 0 only at the identity.
        if (y0 | y1 == 0) return G1Point(point.x0, point.x1, 0, 0);
        unchecked {
            uint256 borrow = y1 > _P1 ? 1 : 0;
            return G1Point(point.x0, point.x1, bytes32(_P0 - y0 - borrow), bytes32(_P1 - y1));
        }
    }

    /// @notice The sum, also of equal points, of opposite ones and with the identity.
    function add(G1Point memory a, G1Point memory b) internal view returns (G1Point memory sum) {
        bool valid;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mcopy(input, a, 0x80)
            mcopy(add(input, 0x80), b, 0x80)
            valid := staticcall(gas(), _G1_ADD, input, 0x100, sum, 0x80)
            valid := and(valid, eq(returndatasize(), 0x80))
        }
        if (!valid) revert Bls12381InvalidPoint();
    }

    /// @notice Adds the key in the 96 bytes from `offset` on to `sum`, in place: summing the rows of a table allocates nothing.
    function addPacked(G1Point memory sum, bytes memory data, uint256 offset) internal view {
        _requireKey(data, offset);
        bool valid;
        assembly ("memory-safe") {
            let input := mload(0x40)
            let from := add(add(data, 0x20), offset)
            let first := mload(from)
            let middle := mload(add(from, 0x20))
            mcopy(input, sum, 0x80)
            mstore(add(input, 0x80), shr(128, first))
            mstore(add(input, 0xa0), or(shl(128, first), shr(128, middle)))
            mstore(add(input, 0xc0), shr(128, shl(128, middle)))
            mstore(add(input, 0xe0), mload(add(from, 0x40)))
            valid := staticcall(gas(), _G1_ADD, input, 0x100, sum, 0x80)
            valid := and(valid, eq(returndatasize(), 0x80))
        }
        if (!valid) revert Bls12381InvalidPoint();
    }

    /// @notice `hash_to_curve` of RFC 9380, suite BLS12381G2_XMD:SHA-256_SSWU_RO_, of a digest.
    function hashToG2(bytes32 message, bytes memory dst) internal view returns (bytes memory) {
        return hashToG2(abi.encodePacked(message), dst);
    }

    /// @notice `hash_to_curve` of RFC 9380, suite BLS12381G2_XMD:SHA-256_SSWU_RO_.
    /// @dev The mapping precompile also clears the cofactor, which may be done before the sum.
    function hashToG2(bytes memory message, bytes memory dst) internal view returns (bytes memory point) {
        bytes memory uniform = _expand(message, dst);
        point = new bytes(SIGNATURE_BYTES);
        bool valid = true;
        assembly ("memory-safe") {
            // uniform[i] ^ 1 mod p: the lengths 64, 1, 64 and the operands.
            let power := mload(0x40)
            let fields := add(power, 0x100)
            let points := add(fields, 0x100)
            mstore(power, 0x40)
            mstore(add(power, 0x20), 1)
            mstore(add(power, 0x40), 0x40)
            mstore8(add(power, 0xa0), 1)
            mstore(add(power, 0xa1), _P0)
            mstore(add(power, 0xc1), _P1)
            for {
                let i := 0
            } lt(i, 0x100) {
                i := add(i, 0x40)
            } {
                mcopy(add(power, 0x60), add(add(uniform, 0x20), i), 0x40)
                valid := and(valid, staticcall(gas(), _MODEXP, power, 0xe1, add(fields, i), 0x40))
            }
            valid := and(valid, staticcall(gas(), _MAP_TO_G2, fields, 0x80, points, 0x100))
            valid := and(valid, staticcall(gas(), _MAP_TO_G2, add(fields, 0x80), 0x80, add(points, 0x100), 0x100))
            valid := and(valid, staticcall(gas(), _G2_ADD, points, 0x200, add(point, 0x20), 0x100))
            valid := and(valid, eq(returndatasize(), 0x100))
        }
        if (!valid) revert Bls12381HashFailed();
    }

    /// @notice Whether `signature` is the key's, or that of the keys summed up in `key`, on a vote.
    /// Warning: sums prove that all keys signed only if the possession of each was proven before.
    function verifyVote(G1Point memory key, bytes32 digest, bytes memory signature) internal view returns (bool) {
        return _verify(key, hashToG2(digest, VOTE_TAG), signature);
    }

    /// @notice Whether `aggregate` is the sum of one key's signatures on two different votes.
    function verifyVotePair(
        G1Point memory key,
        bytes32 digestA,
        bytes32 digestB,
        bytes memory aggregate
    ) internal view returns (bool) {
        if (digestA == digestB) return false;
        bytes memory points = bytes.concat(hashToG2(digestA, VOTE_TAG), hashToG2(digestB, VOTE_TAG));
        (bool success, bytes memory sum) = address(uint160(_G2_ADD)).staticcall(points);
        if (!success || sum.length != SIGNATURE_BYTES) revert Bls12381HashFailed();
        return _verify(key, sum, aggregate);
    }

    /// @notice Whether `signature` proves that its maker holds the secret of `key`. What the digest says is up to the caller.
    function verifyPossession(G1Point memory key, bytes32 digest, bytes memory signature) internal view returns (bool) {
        return _verify(key, hashToG2(digest, POSSESSION_TAG), signature);
    }

    /// @dev e(-G1, signature) e(key, point) = 1. The identity would be a key that "signs" everything; with any other key the identity is no
    /// signature of any point but the identity, which nobody finds a digest for.
    function _verify(G1Point memory key, bytes memory point, bytes memory signature) private view returns (bool valid) {
        if (signature.length != SIGNATURE_BYTES) revert Bls12381SignatureLength(signature.length, SIGNATURE_BYTES);
        if (isIdentity(key)) return false;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, _MINUS_G1_X0)
            mstore(add(input, 0x20), _MINUS_G1_X1)
            mstore(add(input, 0x40), _MINUS_G1_Y0)
            mstore(add(input, 0x60), _MINUS_G1_Y1)
            mcopy(add(input, 0x80), add(signature, 0x20), 0x100)
            mcopy(add(input, 0x180), key, 0x80)
            mcopy(add(input, 0x200), add(point, 0x20), 0x100)
            valid := staticcall(gas(), _PAIRING, input, 0x300, 0x00, 0x20)
            valid := and(valid, and(eq(returndatasize(), 0x20), eq(mload(0x00), 1)))
        }
    }

    /// @dev `expand_message_xmd` of RFC 9380 with SHA-256, to 256 bytes: four numbers of 64.
    function _expand(bytes memory message, bytes memory dst) private view returns (bytes memory uniform) {
        if (dst.length > type(uint8).max) revert Bls12381TagTooLong(dst.length, type(uint8).max);
        uniform = new bytes(256);
        assembly ("memory-safe") {
            let length := mload(message)
            let tagLength := mload(dst)

            // b0 = H(64 zeros, message, 256 in two bytes, 0, tag, its length)
            let input := mload(0x40)
            mstore(input, 0)
            mstore(add(input, 0x20), 0)
            mcopy(add(input, 0x40), add(message, 0x20), length)
            let end := add(add(input, 0x40), length)
            mstore(end, shl(232, 0x010000))
            mcopy(add(end, 3), add(dst, 0x20), tagLength)
            end := add(add(end, 3), tagLength)
            mstore8(end, tagLength)
            // Fails only out of gas, and then so do the precompiles that work on the result.
            pop(staticcall(gas(), _SHA256, input, sub(add(end, 1), input), 0x00, 0x20))
            let first := mload(0x00)

            // b[i] = H(b0 xor b[i - 1], i, tag, its length), without the xor for b[1]
            mcopy(add(input, 0x21), add(dst, 0x20), tagLength)
            mstore8(add(add(input, 0x21), tagLength), tagLength)
            let previous := 0
            for {
                let i := 1
            } lt(i, 9) {
                i := add(i, 1)
            } {
                let to := add(uniform, shl(5, i))
                mstore(input, xor(first, previous))
                mstore8(add(input, 0x20), i)
                pop(staticcall(gas(), _SHA256, input, add(tagLength, 0x22), to, 0x20))
                previous := mload(to)
            }
        }
    }

    function _requireKey(bytes memory data, uint256 offset) private pure {
        if (data.length < KEY_BYTES || offset > data.length - KEY_BYTES) {
            revert Bls12381KeyOutOfBounds(offset, data.length);
        }
    }
}
