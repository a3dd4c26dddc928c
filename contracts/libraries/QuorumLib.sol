// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Bls12381Lib, G1Point } from "./Bls12381Lib.sol";
import { TableLib } from "./TableLib.sol";

/// @notice The word of more than two thirds of a table's weight.
/// @param signature Sum of the signers' BLS signatures, 256 bytes
/// @param absentees Bit i stands for row i: 1 if that validator did not sign
struct Certificate {
    bytes signature;
    uint256 absentees;
}

/// @title Quorum certificates
/// @notice The signers' key is the table's sum less the keys of the absentees, so a certificate costs one pairing check and
/// one addition for each absentee.
library QuorumLib {
    using Bls12381Lib for G1Point;

    error QuorumBitsBeyondTable(uint256 absentees, uint256 rows);
    /// @notice More than two thirds of the weight must have signed.
    error QuorumWeightTooSmall(uint256 signedWeight, uint256 totalWeight);
    error QuorumIdentityKey();
    error QuorumWrongSignature(bytes32 digest);

    /// @notice Reverts unless the certificate proves that `signers` signed the digest and are a quorum of the table.
    /// @param table A contract that holds a well-formed table
    /// @return signers Bit i is 1 if row i signed
    function verify(
        address table,
        bytes32 digest,
        Certificate calldata certificate
    ) internal view returns (uint256 signers) {
        uint256 absentees = certificate.absentees;
        uint256 rows = TableLib.rowCount(table);
        if (absentees >> rows != 0) revert QuorumBitsBeyondTable(absentees, rows);
        signers = absentees ^ ((1 << rows) - 1);

        (G1Point memory key, uint256 totalWeight) = TableLib.sums(table);
        uint256 signedWeight = totalWeight;
        if (absentees != 0) {
            (G1Point memory absentKey, uint256 absentWeight) = TableLib.sumsOf(table, absentees);
            key = key.add(absentKey.negate());
            signedWeight -= absentWeight;
        }
        if (3 * signedWeight <= 2 * totalWeight) revert QuorumWeightTooSmall(signedWeight, totalWeight);
        if (key.isIdentity()) revert QuorumIdentityKey();
        if (!Bls12381Lib.verifyVote(key, digest, certificate.signature)) revert QuorumWrongSignature(digest);
    }
}
