// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Certificate } from "../../libraries/QuorumLib.sol";
import { Vote } from "../../libraries/VoteLib.sol";
import { IOperatorRegistry } from "./IOperatorRegistry.sol";
import { IServiceRegistry } from "./IServiceRegistry.sol";

/// @title The validator tables of all services, and certificates by them
/// @notice An epoch is `timestamp / epochSeconds`. The table of epoch e is the set of validators at its *capture*, the
/// second before the epoch begins: one row for each seat, in the order of seats, whose holder has a BLS key and a
/// `votingWeightAt` the capture. So whoever is in a table answers with that weight for what it signs until evidence about its epoch
/// expires. A weight above 2^120 - 1 counts as that.
///
/// All of that is history, so a table is a function of service and epoch: whoever builds it, when and in how many pages.
/// Nobody has to be trusted, and nobody has to build it: without a table there are no certificates.
///
/// A certificate is the word of strictly more than two thirds of a table's weight for one vote.
interface IQuorumVerifier {
    /// @param seats How many seats of the epoch have been gone through so far.
    event TablePageBuilt(uint32 indexed serviceId, uint64 indexed epoch, uint256 seats);
    /// @param tableHash Code hash of `table`, the hash that headers name.
    event TableBuilt(
        uint32 indexed serviceId,
        uint64 indexed epoch,
        address table,
        bytes32 tableHash,
        uint256 rows,
        uint256 totalWeight
    );

    error QuorumVerifierNoSeats(uint32 serviceId);
    error QuorumVerifierZeroSeatCount();
    error QuorumVerifierFutureEpoch(uint64 epoch, uint256 now_);
    error QuorumVerifierStaleEpoch(uint64 epoch, uint256 now_);
    error QuorumVerifierTableExists(uint32 serviceId, uint64 epoch);
    error QuorumVerifierNoTable(uint32 serviceId, uint64 epoch);

    /// @notice Builds the table of an epoch that has begun and whose capture is not older than the delay, or a page of it.
    /// Pages wait as code; the call that goes through the last seat joins them.
    /// @param seatCount How many further seats to go through, at least 1. A whole table of 100 takes about 6.5 million gas, one of
    /// 200 about 13 million; long histories of stake add to that.
    /// @return table The table, or zero while pages are missing.
    function buildTable(uint32 serviceId, uint64 epoch, uint16 seatCount) external returns (address table);

    /// @notice Reverts unless the certificate proves the vote by the table of its service and epoch. An epoch that began longer than
    /// the delay ago proves nothing: its signers may have left.
    /// Warning: the vote's slot, round and type are the caller's to check, and a proven vote stays proven: whoever acts on one must
    /// remember that he did.
    /// @return signers Bit i is 1 if row i of the table signed.
    function verify(Vote calldata vote, Certificate calldata certificate) external view returns (uint256 signers);

    function services() external view returns (IServiceRegistry);

    function operators() external view returns (IOperatorRegistry);

    /// @return The EIP-712 domain of all votes.
    function domainSeparator() external view returns (bytes32);

    /// @return What validators sign for a vote.
    function voteDigest(Vote calldata vote) external view returns (bytes32);

    /// @return The contract whose code is 0x00 and the table, or zero. The table of an epoch without validators is a header row
    /// of zeros, which certifies nothing.
    function tableOf(uint32 serviceId, uint64 epoch) external view returns (address);

    /// @return How many seats an unfinished table has gone through.
    function builtSeats(uint32 serviceId, uint64 epoch) external view returns (uint256);
}
