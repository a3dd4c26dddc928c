// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry } from "./IServiceRegistry.sol";
import { IStakePool } from "./IStakePool.sol";

/// @title The only door to a slash
/// @notice Nobody has a right to slash. Anyone submits evidence, and the service's verifier judges it.
///
/// A verdict of `wad` takes `d = ceil(m * increase / 1e18)` from the operator's magnitude in the service's group and
/// from its total M, never more than is left, and multiplies the stake's index by `(M - d) / M`. Here m is the magnitude
/// as of the epoch of the offence (`IServiceRegistry.magnitudeBaseAt`), and the increase is what the verdict adds to
/// `min(cap, sum of the wads of that epoch)`, so the result of several verdicts does not depend on their order. An
/// offence never costs more than its verdict; what a cap withheld stays open, so a small offence does not use up the
/// punishment of a large one. A cap of 1e18 is none: its verdicts add up until nothing is left.
///
/// An offence counts if the operator was a member when it happened and still is one (leaving takes the delay), and if it
/// is no older than the delay. Everything slashed is burnt.
interface ISlasher {
    /// @param slashedWad What was taken from the operator's magnitude.
    /// @param slashedWei What that took from its stake.
    event OffencePunished(
        uint32 indexed serviceId,
        address indexed operator,
        bytes32 indexed offenceKey,
        uint48 capturedAt,
        uint64 slashedWad,
        uint256 slashedWei,
        address beneficiary
    );

    error SlasherInvalidWad(uint64 wad);
    error SlasherFutureOffence(uint48 capturedAt, uint256 now_);
    error SlasherExpiredOffence(uint48 capturedAt, uint256 now_);
    error SlasherNotMember(uint32 serviceId, address operator, uint48 t);
    error SlasherAlreadyPunished(uint32 serviceId, address operator, bytes32 offenceKey);
    error SlasherCapReached(uint32 serviceId, address operator, uint256 epoch, uint64 slashCapWad);

    /// @notice Submits evidence. Succeeds for every state of the operator's stake, even an empty one.
    /// @param serviceId The service whose verifier judges.
    /// @param evidence In that verifier's encoding.
    function submit(uint32 serviceId, bytes calldata evidence) external returns (uint256 slashedWei);

    function services() external view returns (IServiceRegistry);

    function pool() external view returns (IStakePool);

    /// @return How much of its verdict an offence has been charged.
    function punishedWad(uint32 serviceId, address operator, bytes32 offenceKey) external view returns (uint64);

    /// @return How much of the service's cap is used up for offences of an epoch. Not kept for a service without a cap.
    function usedWad(uint32 serviceId, address operator, uint256 epoch) external view returns (uint64);
}
