// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOperatorRegistry } from "./IOperatorRegistry.sol";
import { IStakePool } from "./IStakePool.sol";

/// @notice What a new service is made of. Nothing of it ever changes.
struct ServiceParams {
    /// An existing group whose stake the service shares, or 0 for a new group of its own.
    uint32 groupId;
    /// The only contract whose verdicts slash in the service's name.
    address evidenceVerifier;
    /// The longest time from the start of an obligation to the last slash for it, at most the registry's delay.
    uint48 maxObligationSeconds;
    /// How many operators the service's validator tables hold, at most 200. 0: it has no tables, and any number of
    /// members.
    uint16 seats;
    /// The only account that reserves stake in the service's name. Zero for a service that reserves none.
    address obligor;
    /// The most that the verdicts of one epoch take from one operator's magnitude; 1e18 is no cap.
    uint64 slashCapWad;
    /// Where slashed stake goes. Zero burns it; anything else needs a new group, which then takes no other service.
    address sink;
}

/// @title What stake secures, who takes part, and how much of it is at risk
/// @notice Services stand in groups. An operator gives each group a *magnitude* out of its total (1e18 at first): of its
/// stake, `magnitude / total` is at risk in that group. A group of one service is unique stake, a group of many is
/// shared stake. What raises a delegator's risk (a join, a larger magnitude) takes effect one delay plus one epoch after
/// its announcement, so that delegators can leave first. What lowers it takes effect for slashing only after the delay.
/// All values are kept as history.
///
/// A service with *seats* has that many members at most. A seat goes to whoever joins it while it is free, or has more weight
/// than its holder; the holder's membership then ends when the joiner's begins. So the set is bounded, and nobody can
/// fill it without stake.
///
/// A verdict *jails* the operator in the service for one delay: it takes no new obligations and stands in no table, but
/// stays a member and slashable. Jail belongs to (service, operator): neither leaving nor joining again ends it.
///
/// Identities, for every operator: the sum over groups of max(magnitude, pending magnitude) never exceeds the total;
/// a slash of `d` lowers the group's magnitude, its pending increase and the total by `d` and nothing else, so that no
/// other group's `stake * magnitude / total` changes.
interface IServiceRegistry {
    event ServiceCreated(uint32 indexed serviceId, uint32 indexed groupId, ServiceParams params);
    event Joined(uint32 indexed serviceId, address indexed operator, uint48 effectAt);
    /// @param displaced Who loses the seat at the same time, and its membership one delay and a second later; or zero.
    event SeatTaken(
        uint32 indexed serviceId,
        uint16 indexed seat,
        address indexed operator,
        address displaced,
        uint48 effectAt
    );
    event Quit(uint32 indexed serviceId, address indexed operator, uint48 effectAt);
    /// @param until The first second after the term.
    event Jailed(uint32 indexed serviceId, address indexed operator, uint48 until);
    /// @param until The first second after the pause.
    event Paused(uint48 until);
    event MagnitudeSet(uint32 indexed groupId, address indexed operator, uint64 oldWad, uint64 newWad, uint48 effectAt);
    event MagnitudeSlashed(uint32 indexed groupId, address indexed operator, uint64 slashedWad, uint64 totalWad);
    event TotalRenewed(address indexed operator);
    event SlasherBound(address indexed slasher);

    error ServiceRegistryInvalidEpoch(uint48 epochSeconds, uint48 maxSeconds);
    error ServiceRegistryUnknownService(uint32 serviceId);
    error ServiceRegistryUnknownGroup(uint32 groupId);
    error ServiceRegistryZeroVerifier();
    error ServiceRegistryInvalidCap(uint64 slashCapWad);
    error ServiceRegistryObligationTooLong(uint48 maxObligationSeconds, uint48 delaySeconds);
    error ServiceRegistryTooManySeats(uint16 seats, uint16 maxSeats);
    error ServiceRegistryGroupClosed(uint32 groupId);
    error ServiceRegistrySinkInSharedGroup(uint32 groupId);
    error ServiceRegistryNotOperator(address account);
    error ServiceRegistryAlreadyMember(uint32 serviceId, address operator);
    error ServiceRegistryNotMember(uint32 serviceId, address operator);
    error ServiceRegistryChangePending(uint48 effectAt);
    error ServiceRegistryHasSeats(uint32 serviceId);
    error ServiceRegistryInvalidSeat(uint32 serviceId, uint16 seat, uint16 seats);
    error ServiceRegistrySeatHeld(
        uint32 serviceId,
        uint16 seat,
        address holder,
        uint256 heldWeight,
        uint256 joiningWeight
    );
    error ServiceRegistryNoSeat(uint32 serviceId, address operator, uint48 t);
    error ServiceRegistryNotGuardian(address caller);
    error ServiceRegistryPausedLately(uint48 allowedAt);
    error ServiceRegistryPaused(uint48 until);
    error ServiceRegistryMagnitudeUnchanged(uint64 wad);
    error ServiceRegistryMagnitudeExceeded(uint256 sumWad, uint256 totalWad);
    error ServiceRegistryAlreadyBound(address slasher);
    error ServiceRegistryNotSlasher(address caller);

    /// @notice Creates a service, for anyone. It exposes nobody's stake until operators join it.
    function createService(ServiceParams calldata params) external returns (uint32 serviceId);

    /// @notice The calling operator joins a service without seats. Takes effect at now + delay + epoch. A member that has
    /// announced to leave may join again; the time in between it is none.
    function join(uint32 serviceId) external;

    /// @notice The calling operator joins a service in a seat, at now + delay + epoch. The seat must be free by then by all
    /// that is announced, or its holder must have a lower `standingWeight`. Announce the magnitude first, so that it counts.
    /// The holder votes until then, and stays a member, without a seat, until a delay and a second later: it answers for its votes.
    /// Who was displaced may join again at once, and if that begins before its membership has ended, it goes on without a break.
    /// @param seat Less than the service's `seats`.
    function joinSeat(uint32 serviceId, uint16 seat) external;

    /// @notice The calling operator leaves, and its seat becomes free. It stays a member, slashable, up to and including now
    /// + delay, but its stake covers no new obligation of the service from now on.
    function quit(uint32 serviceId) external;

    /// @notice Announces the caller's magnitude in a group. An increase takes effect at now + delay + epoch, a decrease
    /// stays slashable up to and including now + delay. One change per (operator, group) may be pending.
    /// @param wad New magnitude on the scale of 1e18. The caller's magnitudes together can't exceed its total.
    function setMagnitude(uint32 groupId, uint64 wad) external;

    /// @notice Books a change that has taken effect, for anyone: what a decrease freed becomes free to give to another
    /// group. Views do not need it.
    function settleMagnitude(uint32 groupId, address operator) external;

    /// @notice Stops new deposits, joins and increases of magnitudes for exactly 7 days, and nothing else. Only the
    /// guardian, and no sooner than 7 days after the last pause ended.
    function pause() external;

    /// @notice Names the contract that lowers magnitudes. The stake pool does this in its constructor, which fails if
    /// another came first, so a registry serves exactly one pool: the caller.
    function bindSlasher(address slasher_) external;

    /// @notice Carries out a verdict: takes `d = ceil(m * wad / 1e18)` from the operator's magnitude in the service's group and
    /// from its total, never more than is left, m being `magnitudeBaseAt(group, operator, capturedAt)`, and jails the operator
    /// in the service up to and including now + delay. Only the Slasher.
    /// @return slashedWad d
    /// @return totalWad The total before.
    function punish(
        uint32 serviceId,
        address operator,
        uint48 capturedAt,
        uint64 wad
    ) external returns (uint64 slashedWad, uint64 totalWad);

    /// @notice Starts an operator's total anew at 1e18, as the stake pool has retired its generation. What is left of its
    /// magnitudes does not grow. Only the Slasher.
    function renewTotal(address operator) external;

    function operators() external view returns (IOperatorRegistry);

    function slasher() external view returns (address);

    function pool() external view returns (IStakePool);

    /// @notice The delay of `operators`.
    function delaySeconds() external view returns (uint48);

    function epochSeconds() external view returns (uint48);

    /// @return Who may pause, or zero.
    function guardian() external view returns (address);

    function isPaused() external view returns (bool);

    /// @return The first second after the last pause, or 0.
    function pausedUntil() external view returns (uint48);

    /// @return The parameters with the group that the service stands in, never 0.
    function service(uint32 serviceId) external view returns (ServiceParams memory);

    /// @notice Services and groups are numbered from 1.
    function serviceCount() external view returns (uint32);

    function groupCount() external view returns (uint32);

    /// @return Whether a group belongs to one service with a sink, for ever.
    function isGroupClosed(uint32 groupId) external view returns (bool);

    /// @notice Whether an offence at time `t` falls on a member. For a future `t` the answer may still change.
    function isMemberAt(uint32 serviceId, address operator, uint48 t) external view returns (bool);

    /// @notice Whether time `t` is one that the operator spends in the service's jail. Right for any `t` from now - delay on;
    /// longer ago a term may be forgotten. Final for a past `t`.
    function isJailedAt(uint32 serviceId, address operator, uint48 t) external view returns (bool);

    /// @notice Whether new obligations may be laid on the operator: a member now, not in jail, that has neither announced to
    /// leave nor been displaced.
    function isObligable(uint32 serviceId, address operator) external view returns (bool);

    /// @notice How many operators have ever joined the service.
    function joinedCount(uint32 serviceId) external view returns (uint256);

    /// @notice The present members among the `limit` operators from position `offset` of all that ever joined. A page
    /// may be shorter than `limit`; the last page is the one that reaches `joinedCount`.
    function members(uint32 serviceId, uint256 offset, uint256 limit) external view returns (address[] memory);

    /// @return Who holds the seat at time `t`, or zero. For a future `t` the answer may still change.
    function seatAt(uint32 serviceId, uint16 seat, uint48 t) external view returns (address);

    /// @return The operator's seat at time `t`. Reverts if it holds none, as a displaced member does.
    function seatOf(uint32 serviceId, address operator, uint48 t) external view returns (uint16);

    /// @return The operator's weight in the service at the end of second `t`, 0 for no member: active stake at risk in the
    /// service's group, in base units of the token: shares * index * magnitude / total, rounded down. As the index of a live
    /// generation is its total magnitude, that is shares * magnitude / 1e18. Jail is not counted. Final for a past `t`.
    function weightAt(uint32 serviceId, address operator, uint48 t) external view returns (uint256);

    /// @return The weight that the operator votes with in an epoch that begins the second after `t`: what can be slashed for
    /// its votes as long as evidence of them counts, which is until t + 1 + delay. So it is `weightAt` with a magnitude that was
    /// announced to fall counted as what will be left, and 0 in jail, without a seat, or if the membership will have ended by
    /// then. Final for a past `t` within the delay.
    function votingWeightAt(uint32 serviceId, address operator, uint48 t) external view returns (uint256);

    /// @return What contests for seats are decided by: the operator's active shares now, times its announced magnitude.
    function standingWeight(uint32 serviceId, address operator) external view returns (uint256);

    /// @notice The magnitude at risk at time `t`. For a future `t` the answer may still change.
    function magnitudeAt(uint32 groupId, address operator, uint48 t) external view returns (uint64 wad);

    /// @notice The magnitude that verdicts on offences at time `t` are measured by: as it was at the start of the epoch
    /// of `t`, or at the operator's last change between that start and `t`. Slashes of the same epoch do not lower it,
    /// so verdicts commute.
    function magnitudeBaseAt(uint32 groupId, address operator, uint48 t) external view returns (uint64 wad);

    /// @notice The magnitude that covers new obligations: the present one, or a smaller pending one.
    function magnitudeCovering(uint32 groupId, address operator) external view returns (uint64 wad);

    /// @return wad The announced magnitude and `effectAt` its time, or zeros if no change is pending.
    function pendingMagnitude(uint32 groupId, address operator) external view returns (uint64 wad, uint48 effectAt);

    /// @return What all magnitudes of an operator are measured against: 1e18 less all that was slashed since its stake
    /// pool's generation began.
    function totalMagnitude(address operator) external view returns (uint64);

    /// @return The sum over groups of the larger of present and pending magnitude, less decreases already settled.
    function committedMagnitude(address operator) external view returns (uint64);
}
