// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import { IEquivocationVerifier } from "../interfaces/staking/IEquivocationVerifier.sol";
import { IEvidenceVerifier } from "../interfaces/staking/IEvidenceVerifier.sol";
import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";
import { IQuorumVerifier } from "../interfaces/staking/IQuorumVerifier.sol";
import { IServiceRegistry } from "../interfaces/staking/IServiceRegistry.sol";
import { Bls12381Lib } from "../libraries/Bls12381Lib.sol";
import { Certificate } from "../libraries/QuorumLib.sol";
import { TableLib } from "../libraries/TableLib.sol";
import { Vote, VoteLib } from "../libraries/VoteLib.sol";

/// @title Evidence of contradicting votes
contract EquivocationVerifier is IEquivocationVerifier {
    using VoteLib for Vote;

    uint8 private constant _SIGNER_VOTES = 0;
    uint8 private constant _KEY_VOTES = 1;
    uint8 private constant _GUILTY_ROW = 2;
    uint64 private constant _WAD = 1e18;

    /// @inheritdoc IEquivocationVerifier
    IServiceRegistry public immutable services;

    /// @inheritdoc IEquivocationVerifier
    IOperatorRegistry public immutable operators;

    /// @inheritdoc IEquivocationVerifier
    IQuorumVerifier public immutable quorum;

    /// @inheritdoc IEquivocationVerifier
    uint64 public immutable wad;

    bytes32 private immutable _domain;
    uint256 private immutable _delaySeconds;
    uint256 private immutable _epochSeconds;

    /// @inheritdoc IEquivocationVerifier
    mapping(bytes32 positionHash => uint256 rows) public guiltyRows;

    constructor(IQuorumVerifier quorum_, uint64 wad_) {
        if (wad_ == 0 || wad_ > _WAD) revert EquivocationVerifierInvalidWad(wad_);
        quorum = quorum_;
        services = quorum_.services();
        operators = quorum_.operators();
        wad = wad_;
        _domain = quorum_.domainSeparator();
        _delaySeconds = services.delaySeconds();
        _epochSeconds = services.epochSeconds();
    }

    /// @inheritdoc IEquivocationVerifier
    function recordConflict(
        Vote calldata vote,
        bytes32 otherPayload,
        Certificate calldata certificate,
        Certificate calldata otherCertificate
    ) external returns (uint256 rows) {
        _requireConflict(vote.payload, otherPayload);
        Vote memory other = vote;
        other.payload = otherPayload;
        rows = quorum.verify(vote, certificate) & quorum.verify(other, otherCertificate);
        return _record(vote, rows);
    }

    /// @inheritdoc IEquivocationVerifier
    function recordFalseHeader(
        Vote calldata vote,
        uint64 newEpoch,
        bytes32 tableHash,
        Certificate calldata certificate
    ) external returns (uint256 rows) {
        Vote memory expected = VoteLib.header(vote.serviceId, vote.epoch, newEpoch, tableHash);
        if (keccak256(abi.encode(vote)) != keccak256(abi.encode(expected))) revert EquivocationVerifierNotAHeader(vote);
        address table = quorum.tableOf(vote.serviceId, newEpoch);
        if (table == address(0)) revert EquivocationVerifierNoTable(vote.serviceId, newEpoch);
        if (table.codehash == tableHash) revert EquivocationVerifierTrueHeader(newEpoch, tableHash);
        rows = quorum.verify(vote, certificate);
        return _record(vote, rows);
    }

    /// @inheritdoc IEvidenceVerifier
    function verify(
        uint32 serviceId,
        bytes calldata evidence
    ) external view returns (address operator, bytes32 offenceKey, uint48 capturedAt, uint64 wad_, address) {
        (uint8 form, bytes memory body) = abi.decode(evidence, (uint8, bytes));
        Vote memory vote;
        if (form == _SIGNER_VOTES) (operator, vote) = _signerVotes(body);
        else if (form == _KEY_VOTES) (operator, vote) = _keyVotes(body);
        else if (form == _GUILTY_ROW) (operator, vote) = _guiltyRow(serviceId, body);
        else revert EquivocationVerifierUnknownForm(form);

        if (vote.serviceId != serviceId) revert EquivocationVerifierWrongService(vote.serviceId, serviceId);
        uint256 start = vote.epoch * _epochSeconds;
        if (start > block.timestamp) revert EquivocationVerifierFutureEpoch(vote.epoch, block.timestamp);
        return (operator, vote.positionHash(), uint48(start), wad, address(0));
    }

    function _record(Vote calldata vote, uint256 rows) private returns (uint256 newRows) {
        bytes32 position = VoteLib.positionHash(vote);
        uint256 known = guiltyRows[position];
        newRows = rows & ~known;
        if (newRows == 0) revert EquivocationVerifierNothingNew(position, rows);
        guiltyRows[position] = known | rows;
        emit OffenceRecorded(vote.serviceId, vote.epoch, position, known | rows);
    }

    function _signerVotes(bytes memory body) private view returns (address operator, Vote memory vote) {
        bytes32 otherPayload;
        bytes memory signature;
        bytes memory otherSignature;
        (vote, otherPayload, signature, otherSignature) = abi.decode(body, (Vote, bytes32, bytes, bytes));
        (bytes32 digest, bytes32 otherDigest) = _digests(vote, otherPayload);
        address signer = _recover(digest, signature);
        address otherSigner = _recover(otherDigest, otherSignature);
        operator = _operatorOfSigner(signer);
        if (otherSigner == signer) return (operator, vote);
        address otherOperator = _operatorOfSigner(otherSigner);
        if (otherOperator != operator) revert EquivocationVerifierSignersDiffer(operator, otherOperator);
    }

    function _keyVotes(bytes memory body) private view returns (address operator, Vote memory vote) {
        bytes32 otherPayload;
        bytes memory key;
        bytes memory signature;
        (vote, otherPayload, key, signature) = abi.decode(body, (Vote, bytes32, bytes, bytes));
        (bytes32 digest, bytes32 otherDigest) = _digests(vote, otherPayload);
        // Keys of the registry have proven possession: they are in the subgroup, and none is a combination of others.
        operator = _operatorOfKey(keccak256(key));
        if (!Bls12381Lib.verifyVotePair(Bls12381Lib.loadG1(key, 0), digest, otherDigest, signature)) {
            revert EquivocationVerifierInvalidSignature(digest);
        }
    }

    function _guiltyRow(uint32 serviceId, bytes memory body) private view returns (address operator, Vote memory vote) {
        uint256 row;
        vote.serviceId = serviceId;
        (vote.epoch, vote.slot, vote.round, vote.voteType, row) = abi.decode(
            body,
            (uint64, uint64, uint32, uint8, uint256)
        );
        bytes32 position = vote.positionHash();
        if (row > 255 || (guiltyRows[position] >> row) & 1 == 0) revert EquivocationVerifierRowNotGuilty(position, row);
        operator = _operatorOfKey(TableLib.keyHashAt(quorum.tableOf(serviceId, vote.epoch), row));
    }

    function _digests(Vote memory vote, bytes32 otherPayload) private view returns (bytes32 digest, bytes32 other) {
        bytes32 payload = vote.payload;
        _requireConflict(payload, otherPayload);
        digest = vote.digest(_domain);
        vote.payload = otherPayload;
        other = vote.digest(_domain);
        vote.payload = payload;
    }

    function _operatorOfSigner(address signer) private view returns (address operator) {
        uint48 endedAt;
        (operator, endedAt) = operators.signerInfo(signer);
        if (operator == address(0)) revert EquivocationVerifierUnknownSigner(signer);
        _requireAlive(endedAt);
    }

    function _operatorOfKey(bytes32 keyHash) private view returns (address operator) {
        uint48 endedAt;
        (operator, endedAt) = operators.blsKeyInfo(keyHash);
        if (operator == address(0)) revert EquivocationVerifierUnknownKey(keyHash);
        _requireAlive(endedAt);
    }

    function _requireAlive(uint48 endedAt) private view {
        if (endedAt != 0 && endedAt + _delaySeconds < block.timestamp) {
            revert EquivocationVerifierEndedKey(endedAt, block.timestamp);
        }
    }

    function _requireConflict(bytes32 payload, bytes32 otherPayload) private pure {
        if (payload == otherPayload) revert EquivocationVerifierSamePayload(payload);
    }

    function _recover(bytes32 digest, bytes memory signature) private pure returns (address signer) {
        ECDSA.RecoverError error_;
        (signer, error_, ) = ECDSA.tryRecover(digest, signature);
        if (error_ != ECDSA.RecoverError.NoError) revert EquivocationVerifierInvalidSignature(digest);
    }
}
