// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry } from "./IServiceRegistry.sol";
import { IStakePool } from "./IStakePool.sol";

/// @notice What an offence has set aside for whoever reported it.
struct Bounty {
    uint128 amountWei;
    /// Up to and without this time an earlier commitment still wins. 0 while nothing is set aside.
    uint48 closesAt;
    /// Whose it is so far, or zero.
    address receiver;
    /// The time of his commitment, 0 for a beneficiary whom a verdict named.
    uint48 committedAt;
}

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
/// is no older than the delay. Every verdict that adds something also jails him in the service. What is slashed goes to the
/// service's sink, or is burnt.
///
/// The stake pool sets a part of each slash aside as a bounty: a twentieth, but no more than the operator's own active
/// shares lost, so that nobody gains by slashing himself. It belongs to the beneficiary whom the verdict names; otherwise to
/// the reporter with the earliest commitment. Whoever finds evidence first commits to it (`commit`), and shows it in a later
/// second (`report`). Who copies it from there, or submits it before, has no commitment as old. The bounty is paid one epoch
/// after the verdict; without a reporter it goes where the slash went.
///
/// Warning: a commitment from before the offence counts for nothing, since only the offender, or a guess, could have made it.
/// Evidence whose verifier dates the offence later than the evidence came to be must be committed to after that date.
/// Warning: an offender may be the first to report himself; he loses a little less then, never nothing.
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
        uint256 bountyWei,
        address beneficiary
    );
    event Committed(bytes32 indexed commitment, address indexed account);
    /// @param receiver Whose the bounty is from now on, unless someone with an older commitment reports in time.
    event BountyClaimed(
        address indexed operator,
        bytes32 indexed offenceKey,
        address indexed receiver,
        uint48 committedAt
    );
    /// @param receiver Who was paid, or zero if the bounty went where the slash went.
    event BountySettled(
        uint32 indexed serviceId,
        address indexed operator,
        bytes32 indexed offenceKey,
        address receiver,
        uint256 amountWei
    );

    error SlasherInvalidWad(uint64 wad);
    error SlasherFutureOffence(uint48 capturedAt, uint256 now_);
    error SlasherExpiredOffence(uint48 capturedAt, uint256 now_);
    error SlasherNotMember(uint32 serviceId, address operator, uint48 t);
    error SlasherAlreadyPunished(uint32 serviceId, address operator, bytes32 offenceKey);
    error SlasherCapReached(uint32 serviceId, address operator, uint256 epoch, uint64 slashCapWad);

    error SlasherCommitmentNotInForce(uint48 committedAt, uint48 capturedAt, uint256 now_);
    error SlasherNoBounty(uint32 serviceId, address operator, bytes32 offenceKey);
    error SlasherWindowOpen(uint48 closesAt);

    /// @notice Commits the caller to evidence without showing it. Repeating a commitment changes nothing.
    /// @param commitment `keccak256(abi.encode(serviceId, keccak256(evidence), reporter, salt))`, the reporter being the
    /// account that will show the evidence, the salt 32 secret random bytes.
    function commit(bytes32 commitment) external;

    /// @notice Submits evidence. Succeeds for every state of the operator's stake, even an empty one.
    /// @param serviceId The service whose verifier judges.
    /// @param evidence In that verifier's encoding.
    function submit(uint32 serviceId, bytes calldata evidence) external returns (uint256 slashedWei);

    /// @notice Submits evidence that the caller committed to, if it still adds something, and claims the bounty. Reverts if it
    /// does neither.
    /// @param salt The commitment's. The commitment must be older than this second and no older than the offence.
    function report(uint32 serviceId, bytes calldata evidence, bytes32 salt) external returns (uint256 slashedWei);

    /// @notice Pays an offence's bounty, for anyone, once its window has closed.
    function claimBounty(uint32 serviceId, address operator, bytes32 offenceKey) external returns (uint256 amountWei);

    function services() external view returns (IServiceRegistry);

    function pool() external view returns (IStakePool);

    /// @return How much of its verdict an offence has been charged.
    function punishedWad(uint32 serviceId, address operator, bytes32 offenceKey) external view returns (uint64);

    /// @return How much of the service's cap is used up for offences of an epoch. Not kept for a service without a cap.
    function usedWad(uint32 serviceId, address operator, uint256 epoch) external view returns (uint64);

    /// @return The bounty of an offence that is not paid yet, all zero if there is none.
    function bounty(uint32 serviceId, address operator, bytes32 offenceKey) external view returns (Bounty memory);

    /// @return When a commitment was made, 0 if it never was.
    function committedAt(bytes32 commitment) external view returns (uint48);
}
