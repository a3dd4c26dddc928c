// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Certificate } from "../../libraries/QuorumLib.sol";
import { Vote } from "../../libraries/VoteLib.sol";

/// @title A service's validators on another chain
/// @notice The inbox starts with the table of one epoch of the service and follows from there: the newest set it knows signs the
/// header of a later one. Nobody else has a say: no owner, no oracle, no upgrade.
///
/// Delivered tables must be well-formed: their sums are recomputed, for a fortieth of what storing a table costs. Whether a
/// well-formed table is the home chain's is for its signers to know; a quorum that signs another one is slashed at home.
///
/// A set is believed for `maxAgeSeconds` after its epoch began. Its stake answers for what it signs until the home chain's delay has passed
/// since then, so the delay less `maxAgeSeconds` is the time that is left to bring evidence home. An inbox whose newest set grew too
/// old is dead for ever: its users move to a new one.
///
/// Warning: anyone can create an inbox with any table. Before using one, compare `genesisHash`, the home chain, registry, service,
/// epoch and `maxAgeSeconds` with the home chain.
/// Warning: a vote names no chain but the home chain, so a certificate holds in every inbox of its service: a service on several chains
/// names the chain in its payloads.
interface IServiceInbox {
    event SetAdvanced(uint64 indexed epoch, address table, bytes32 tableHash);

    error ServiceInboxInvalidTimes(uint48 epochSeconds, uint48 maxAgeSeconds);
    error ServiceInboxWrongService(uint32 actual, uint32 expected);
    error ServiceInboxUnknownEpoch(uint64 epoch);
    error ServiceInboxFutureEpoch(uint64 epoch, uint256 now_);
    error ServiceInboxStaleEpoch(uint64 epoch, uint256 now_);
    error ServiceInboxNotLater(uint64 newEpoch, uint64 newestEpoch);

    /// @notice Installs the table of a later epoch that has begun, for anyone. Epochs may be left out.
    /// @param table Header row and rows, as the home table's code holds them after its first byte
    /// @param certificate The newest set's on the header (type 0, slot `newEpoch`, round 0, payload
    /// `keccak256(abi.encode(newEpoch, tableHash))`)
    function advance(uint64 newEpoch, bytes calldata table, Certificate calldata certificate) external;

    /// @notice Reverts unless the certificate proves a vote of this service by the set of its epoch, which must be known here and not
    /// too old. Warning: as `IQuorumVerifier.verify`, it remembers nothing.
    /// @return signers Bit i is 1 if row i of the table signed.
    function verify(Vote calldata vote, Certificate calldata certificate) external view returns (uint256 signers);

    function serviceId() external view returns (uint32);

    function epochSeconds() external view returns (uint48);

    function maxAgeSeconds() external view returns (uint48);

    /// @return The EIP-712 domain of all votes, made from home chain and home registry.
    function domainSeparator() external view returns (bytes32);

    /// @return Code hash of the table that the inbox began with.
    function genesisHash() external view returns (bytes32);

    function newestEpoch() external view returns (uint64);

    /// @return The contract whose code is 0x00 and the epoch's table, or zero.
    function tableOf(uint64 epoch) external view returns (address);
}
