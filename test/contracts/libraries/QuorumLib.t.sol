// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Bls12381Lib, G1Point } from "../../../contracts/libraries/Bls12381Lib.sol";
import { Certificate, QuorumLib } from "../../../contracts/libraries/QuorumLib.sol";
import { TableLib } from "../../../contracts/libraries/TableLib.sol";
import { BlsTool } from "../../support/BlsTool.sol";
import { vm } from "../../support/Vm.sol";

contract QuorumLibTest {
    using Bls12381Lib for G1Point;
    using TableLib for bytes;

    bytes32 private constant DIGEST = keccak256("digest");
    uint256 private constant ROWS = 6;

    function verify(address table, bytes32 digest, Certificate calldata certificate) external view returns (uint256) {
        return QuorumLib.verify(table, digest, certificate);
    }

    function test_AcceptsWithAndWithoutAbsentees() public {
        address table = _table([uint256(10), 10, 10, 10, 10, 10]);
        require(this.verify(table, DIGEST, _certificate(0)) == 63, "all");
        require(this.verify(table, DIGEST, _certificate(1)) == 62, "without the first");
        require(this.verify(table, DIGEST, _certificate(32)) == 31, "without the last");
    }

    function test_RejectsExactlyTwoThirds() public {
        address table = _table([uint256(10), 10, 10, 10, 10, 10]);
        Certificate memory certificate = _certificate(3);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 40, 60));
        this.verify(table, DIGEST, certificate);

        table = _table([uint256(10), 9, 10, 10, 10, 10]);
        require(this.verify(table, DIGEST, certificate) == 60, "one unit more than two thirds");
    }

    function test_CountsWeightAndNotHeads() public {
        address table = _table([uint256(1), 1, 1, 1, 1, 11]);
        require(this.verify(table, DIGEST, _certificate(31)) == 32, "one of 11");
        Certificate memory certificate = _certificate(32);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 5, 16));
        this.verify(table, DIGEST, certificate);
    }

    function test_RejectsBitsBeyondTheTable() public {
        address table = _table([uint256(10), 10, 10, 10, 10, 10]);
        for (uint256 bit = ROWS; bit < 256; bit += 83) {
            Certificate memory certificate = _certificate(0);
            certificate.absentees = 1 << bit;
            vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumBitsBeyondTable.selector, 1 << bit, ROWS));
            this.verify(table, DIGEST, certificate);
        }
    }

    function test_EveryFlippedBitRejects() public {
        address table = _table([uint256(10), 10, 10, 10, 10, 10]);
        for (uint256 bit = 0; bit < ROWS; ++bit) {
            Certificate memory certificate = _certificate(1);
            certificate.absentees ^= 1 << bit;
            vm.expectPartialRevert(
                bit == 0 ? QuorumLib.QuorumWrongSignature.selector : QuorumLib.QuorumWeightTooSmall.selector
            );
            this.verify(table, DIGEST, certificate);

            // The same with weight to spare, so that only the signature can refuse.
            certificate = _certificate(0);
            certificate.absentees ^= 1 << bit;
            vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, DIGEST));
            this.verify(table, DIGEST, certificate);
        }
    }

    function test_RejectsASignatureOnAnotherDigest() public {
        address table = _table([uint256(10), 10, 10, 10, 10, 10]);
        Certificate memory certificate = _certificate(0);
        bytes32 other = keccak256("other");
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, other));
        this.verify(table, other, certificate);
    }

    function test_RejectsTheIdentityAsSignature() public {
        address table = _table([uint256(10), 10, 10, 10, 10, 10]);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, DIGEST));
        this.verify(table, DIGEST, Certificate(new bytes(256), 0));
    }

    function test_RejectsSignaturesOfOtherLengths() public {
        address table = _table([uint256(10), 10, 10, 10, 10, 10]);
        for (uint256 length = 0; length < 600; length += 96) {
            vm.expectRevert(abi.encodeWithSelector(Bls12381Lib.Bls12381SignatureLength.selector, length, 256));
            this.verify(table, DIGEST, Certificate(new bytes(length), 0));
        }
    }

    function test_RejectsASignatureOffTheSubgroup() public {
        address table = _table([uint256(10), 10, 10, 10, 10, 10]);
        // The curve's point with x = 2, which is not of the prime order.
        Certificate memory certificate = Certificate(
            hex"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000018c6b864ae17dc9da64203ffefb966306425a7bc6aeb7c75247438372716284a4173830420cd476ba1a365b95bfcec3800000000000000000000000000000000172e93db764a8400a7d5071b6b6f5de0da2f0f4a063119abca014006b7c40a2cfe291a1924e65db0d6d0fcfbf3bf3d5c",
            0
        );
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, DIGEST));
        this.verify(table, DIGEST, certificate);
    }

    function test_RejectsANonCanonicalSignature() public {
        address table = _table([uint256(10), 10, 10, 10, 10, 10]);
        Certificate memory certificate = _certificate(0);
        bytes memory signature = certificate.signature;
        // Adds the modulus to the first part of x: the same number, if it were reduced.
        uint256 p0 = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
        uint256 p1 = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;
        assembly ("memory-safe") {
            let low := mload(add(signature, 0x40))
            let sum := add(low, p1)
            mstore(add(signature, 0x40), sum)
            mstore(add(signature, 0x20), add(add(mload(add(signature, 0x20)), p0), lt(sum, low)))
        }
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, DIGEST));
        this.verify(table, DIGEST, certificate);
    }

    function test_RejectsSignersWhoseKeysCancelOut() public {
        bytes memory table = TableLib.allocate(3);
        table.append(_key(5), 40);
        table.append(_key(BlsTool.ORDER - 5), 40);
        table.append(_key(6), 10);
        table.seal(BlsTool.keyOf(6), 90);
        address pointer = table.write();
        vm.expectRevert(QuorumLib.QuorumIdentityKey.selector);
        this.verify(pointer, DIGEST, Certificate(new bytes(256), 4));
    }

    function test_AnEmptyTableCertifiesNothing() public {
        address table = TableLib.allocate(0).write();
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 0, 0));
        this.verify(table, DIGEST, Certificate(new bytes(256), 0));
    }

    function testFuzz_AcceptsExactlyTheQuorums(uint8[6] calldata weights, uint8 absentees) public {
        absentees %= 64;
        uint256[6] memory rowWeights;
        uint256 total = 0;
        uint256 signed = 0;
        for (uint256 i = 0; i < ROWS; ++i) {
            rowWeights[i] = uint256(weights[i]) + 1;
            total += rowWeights[i];
            if ((absentees >> i) & 1 == 0) signed += rowWeights[i];
        }
        address table = _table(rowWeights);
        Certificate memory certificate =
            absentees == 63 ? Certificate(new bytes(256), absentees) : _certificate(absentees);
        try this.verify(table, DIGEST, certificate) returns (uint256 signers) {
            require(3 * signed > 2 * total && signers == 63 - absentees, "accepted");
        } catch {
            require(3 * signed <= 2 * total, "refused");
        }
    }

    function _table(uint256[6] memory weights) private returns (address) {
        bytes memory table = TableLib.allocate(ROWS);
        uint256 sum = 0;
        for (uint256 i = 0; i < ROWS; ++i) {
            table.append(_key(i + 1), weights[i]);
            sum += weights[i];
        }
        table.seal(BlsTool.keyOf(21), sum);
        return table.write();
    }

    function _certificate(uint256 absentees) private view returns (Certificate memory) {
        uint256 key = 0;
        for (uint256 i = 0; i < ROWS; ++i) if ((absentees >> i) & 1 == 0) key += i + 1;
        return Certificate(BlsTool.vote(key, DIGEST), absentees);
    }

    function _key(uint256 secret) private view returns (bytes memory) {
        return BlsTool.keyOf(secret).packG1();
    }
}
