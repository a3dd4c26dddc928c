// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Certificate } from "../../libraries/QuorumLib.sol";
import { Vote } from "../../libraries/VoteLib.sol";
import { IEvidenceVerifier } from "./IEvidenceVerifier.sol";
import { IOperatorRegistry } from "./IOperatorRegistry.sol";
import { IQuorumVerifier } from "./IQuorumVerifier.sol";
import { IServiceRegistry } from "./IServiceRegistry.sol";

/// @title The judge of contradicting votes, for any service
/// @notice An operator that signs two different payloads for one position (service, epoch, slot, round, type) is guilty of
/// equivocation; so is everyone in the intersection of two certificates that do. Signers of a certified header whose
/// table is not the home registry's are guilty too. Votes of two rounds, slots, epochs or types never contradict each other.
///
/// Evidence is `abi.encode(uint8 form, bytes body)`:
///
/// - form 0, two secp256k1 votes: `abi.encode(Vote vote, bytes32 otherPayload, bytes signature, bytes otherSignature)`,
///   signatures of 65 bytes with s in the lower half, by one signer or two signers of one operator;
/// - form 1, two BLS votes by one key: `abi.encode(Vote vote, bytes32 otherPayload, bytes key, bytes signature)`, key of
///   96 bytes, signature the sum of both votes' signatures;
/// - form 2, a row that `recordConflict` or `recordFalseHeader` found guilty:
///   `abi.encode(uint64 epoch, uint64 slot, uint32 round, uint8 voteType, uint256 row)`.
///
/// The offence's key is the hash of the position in every form, so one position is one offence. Its time is the start of the
/// vote's epoch. A key that ended longer than the delay ago proves nothing any more.
///
/// Warning: a key speaks for its operator in every epoch, whether or not it was in use then: an operator keeps old keys safe until the
/// delay has passed since they ended.
interface IEquivocationVerifier is IEvidenceVerifier {
    /// @param rows Bit i: row i of the epoch's table is guilty, by this record or an earlier one.
    event OffenceRecorded(uint32 indexed serviceId, uint64 indexed epoch, bytes32 indexed positionHash, uint256 rows);

    error EquivocationVerifierInvalidWad(uint64 wad);
    error EquivocationVerifierUnknownForm(uint8 form);
    error EquivocationVerifierWrongService(uint32 actual, uint32 expected);
    error EquivocationVerifierFutureEpoch(uint64 epoch, uint256 now_);
    error EquivocationVerifierSamePayload(bytes32 payload);
    error EquivocationVerifierInvalidSignature(bytes32 digest);
    error EquivocationVerifierUnknownSigner(address signer);
    error EquivocationVerifierSignersDiffer(address operator, address otherOperator);
    error EquivocationVerifierUnknownKey(bytes32 keyHash);
    error EquivocationVerifierEndedKey(uint48 endedAt, uint256 now_);
    error EquivocationVerifierRowNotGuilty(bytes32 positionHash, uint256 row);
    error EquivocationVerifierNothingNew(bytes32 positionHash, uint256 rows);
    error EquivocationVerifierNotAHeader(Vote vote);
    error EquivocationVerifierNoTable(uint32 serviceId, uint64 epoch);
    error EquivocationVerifierTrueHeader(uint64 newEpoch, bytes32 tableHash);

    /// @notice Finds everyone guilty whose signature is in both certificates, by the home table of the vote's epoch. Each of
    /// them is then slashed by evidence of form 2.
    /// @return rows The rows that are guilty now and were not before; never none.
    function recordConflict(
        Vote calldata vote,
        bytes32 otherPayload,
        Certificate calldata certificate,
        Certificate calldata otherCertificate
    ) external returns (uint256 rows);

    /// @notice Finds the signers of a certified header guilty if the home table of `newEpoch`, which must have been built, has another
    /// hash.
    /// @param vote The header: of type 0, with `newEpoch` as its slot, round 0 and payload
    /// `keccak256(abi.encode(newEpoch, tableHash))`
    function recordFalseHeader(
        Vote calldata vote,
        uint64 newEpoch,
        bytes32 tableHash,
        Certificate calldata certificate
    ) external returns (uint256 rows);

    function services() external view returns (IServiceRegistry);

    function operators() external view returns (IOperatorRegistry);

    function quorum() external view returns (IQuorumVerifier);

    /// @return What every verdict takes of an operator's magnitude.
    function wad() external view returns (uint64);

    /// @return Bit i: row i of the table of the position's service and epoch is guilty of an offence at it.
    function guiltyRows(bytes32 positionHash) external view returns (uint256);
}
