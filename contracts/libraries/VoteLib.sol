// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @notice What an operator signs in a service's name. All but the payload is the vote's *position*: an operator
/// that signs two payloads for one position is guilty of equivocation.
/// @param serviceId The service, as the home registry numbers it
/// @param epoch The epoch whose validators vote
/// @param slot What is voted on: a height, a sequence number; for a header the new epoch, for earnings the root's number
/// @param round Attempt at the slot; always 0 for headers and earnings
/// @param voteType 0 header, 1 earnings root, from 2 on the service's own
/// @param payload What is voted for
struct Vote {
    uint32 serviceId;
    uint64 epoch;
    uint64 slot;
    uint32 round;
    uint8 voteType;
    bytes32 payload;
}

/// @title Votes and their digests
/// @notice A digest is EIP-712 in the domain (Glassbox, 1, home chain id, home ServiceRegistry), whichever chain the vote is
/// used on, so a vote for one service, epoch, home chain or registry is none for another.
library VoteLib {
    /// @dev A vote of the signers' epoch for the table of a later one.
    uint8 internal constant HEADER = 0;
    /// @dev A vote for a root of cumulative earnings.
    uint8 internal constant EARNINGS = 1;

    bytes32 private constant _VOTE_TYPEHASH = keccak256(
        "Vote(uint32 serviceId,uint64 epoch,uint64 slot,uint32 round,uint8 voteType,bytes32 payload)"
    );
    bytes32 private constant _DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    /// @notice The domain of all votes of one home.
    function domainSeparator(uint256 homeChainId, address homeRegistry) internal pure returns (bytes32) {
        return
            keccak256(abi.encode(_DOMAIN_TYPEHASH, keccak256("Glassbox"), keccak256("1"), homeChainId, homeRegistry));
    }

    /// @notice The 32 bytes that are signed.
    function digest(Vote memory vote, bytes32 domain) internal pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(_VOTE_TYPEHASH, vote)));
    }

    /// @notice Names a position. Evidence of an offence at it has this key, whatever its form.
    function positionHash(Vote memory vote) internal pure returns (bytes32) {
        return keccak256(abi.encode(vote.serviceId, vote.epoch, vote.slot, vote.round, vote.voteType));
    }

    /// @notice The vote of epoch `signersEpoch` for the table of `newEpoch`.
    function header(
        uint32 serviceId,
        uint64 signersEpoch,
        uint64 newEpoch,
        bytes32 tableHash
    ) internal pure returns (Vote memory) {
        return Vote(serviceId, signersEpoch, newEpoch, 0, HEADER, keccak256(abi.encode(newEpoch, tableHash)));
    }
}
