// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";
import { IServiceRegistry, ServiceParams } from "../interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../interfaces/staking/IStakePool.sol";
import { Jail, JailLib } from "../libraries/JailLib.sol";
import { Magnitude, MagnitudeLib } from "../libraries/MagnitudeLib.sol";
import { Roster, SeatLib } from "../libraries/SeatLib.sol";

/// @title Services, their members and the magnitudes at risk
contract ServiceRegistry is IServiceRegistry {
    using JailLib for Jail;
    using MagnitudeLib for Magnitude;
    using SeatLib for Roster;

    struct Exposure {
        uint64 lostWad;
        uint64 committedWad;
    }

    uint64 private constant _WAD = 1e18;
    uint48 private constant _MAX_EPOCH_SECONDS = 365 days;
    uint48 private constant _PAUSE_SECONDS = 7 days;
    uint16 private constant _MAX_SEATS = 200;

    IOperatorRegistry public immutable operators;
    uint48 public immutable delaySeconds;
    uint48 public immutable epochSeconds;
    address public immutable guardian;

    address public slasher;
    uint32 public serviceCount;
    uint32 public groupCount;
    IStakePool public pool;
    uint48 public pausedUntil;

    mapping(uint32 groupId => bool) public isGroupClosed;
    mapping(uint32 serviceId => ServiceParams) private _services;
    mapping(uint32 serviceId => Roster) private _rosters;
    mapping(uint32 serviceId => mapping(address operator => Jail)) private _jails;
    mapping(uint32 groupId => mapping(address operator => Magnitude)) private _magnitudes;
    mapping(address operator => Exposure) private _exposures;

    constructor(IOperatorRegistry operators_, uint48 epochSeconds_, address guardian_) {
        if (epochSeconds_ == 0 || epochSeconds_ > _MAX_EPOCH_SECONDS) {
            revert ServiceRegistryInvalidEpoch(epochSeconds_, _MAX_EPOCH_SECONDS);
        }
        operators = operators_;
        delaySeconds = operators_.delaySeconds();
        epochSeconds = epochSeconds_;
        guardian = guardian_;
    }

    modifier onlyOperator() {
        if (!operators.isOperator(msg.sender)) revert ServiceRegistryNotOperator(msg.sender);
        _;
    }

    modifier whenNotPaused() {
        _requireNotPaused();
        _;
    }

    modifier onlySlasher() {
        if (msg.sender != slasher) revert ServiceRegistryNotSlasher(msg.sender);
        _;
    }

    function createService(ServiceParams calldata params) external returns (uint32 serviceId) {
        uint32 groupId = params.groupId;
        if (groupId > groupCount) revert ServiceRegistryUnknownGroup(groupId);
        if (params.evidenceVerifier == address(0)) revert ServiceRegistryZeroVerifier();
        if (params.slashCapWad == 0 || params.slashCapWad > _WAD) revert ServiceRegistryInvalidCap(params.slashCapWad);
        if (params.maxObligationSeconds > delaySeconds) {
            revert ServiceRegistryObligationTooLong(params.maxObligationSeconds, delaySeconds);
        }
        if (params.seats > _MAX_SEATS) revert ServiceRegistryTooManySeats(params.seats, _MAX_SEATS);
        if (isGroupClosed[groupId]) revert ServiceRegistryGroupClosed(groupId);
        if (params.sink != address(0) && groupId != 0) revert ServiceRegistrySinkInSharedGroup(groupId);
        if (groupId == 0) groupId = ++groupCount;
        if (params.sink != address(0)) isGroupClosed[groupId] = true;
        serviceId = ++serviceCount;
        _services[serviceId] = params;
        _services[serviceId].groupId = groupId;
        emit ServiceCreated(serviceId, groupId, params);
    }

    function join(uint32 serviceId) external onlyOperator whenNotPaused {
        _requireService(serviceId);
        if (_services[serviceId].seats != 0) revert ServiceRegistryHasSeats(serviceId);
        uint48 effectAt = _raisedAt();
        _rosters[serviceId].enter(serviceId, msg.sender, 0, effectAt);
        emit Joined(serviceId, msg.sender, effectAt);
    }

    function joinSeat(uint32 serviceId, uint16 seat) external onlyOperator whenNotPaused {
        _requireService(serviceId);
        uint16 seats = _services[serviceId].seats;
        if (seat >= seats) revert ServiceRegistryInvalidSeat(serviceId, seat, seats);
        Roster storage roster = _rosters[serviceId];
        address holder = roster.holderAtLast(seat);
        if (holder != address(0) && holder != msg.sender) _requireHeavier(serviceId, seat, holder);
        uint48 effectAt = _raisedAt();
        // As long as `_loweredAt` gives whoever leaves by itself: all votes of the seat's last table can be punished.
        roster.enterSeat(serviceId, msg.sender, seat, effectAt, effectAt + delaySeconds + 1);
        emit Joined(serviceId, msg.sender, effectAt);
        emit SeatTaken(serviceId, seat, msg.sender, holder, effectAt);
    }

    function quit(uint32 serviceId) external {
        _requireService(serviceId);
        uint48 effectAt = _loweredAt();
        _rosters[serviceId].quit(serviceId, msg.sender, effectAt, _services[serviceId].seats != 0);
        emit Quit(serviceId, msg.sender, effectAt);
    }

    function setMagnitude(uint32 groupId, uint64 wad) external onlyOperator {
        settleMagnitude(groupId, msg.sender);
        Magnitude storage magnitude = _magnitudes[groupId][msg.sender];
        if (magnitude.pendingAt != 0) revert ServiceRegistryChangePending(magnitude.pendingAt);
        uint64 oldWad = magnitude.valueAt(_now());
        if (wad == oldWad) revert ServiceRegistryMagnitudeUnchanged(wad);
        if (wad > oldWad) {
            _requireNotPaused();
            _commit(msg.sender, wad - oldWad);
        }
        uint48 effectAt = wad > oldWad ? _raisedAt() : _loweredAt();
        magnitude.announce(wad, effectAt, _now());
        emit MagnitudeSet(groupId, msg.sender, oldWad, wad, effectAt);
    }

    function pause() external {
        if (msg.sender != guardian) revert ServiceRegistryNotGuardian(msg.sender);
        uint48 allowedAt = pausedUntil == 0 ? 0 : pausedUntil + _PAUSE_SECONDS;
        if (_now() < allowedAt) revert ServiceRegistryPausedLately(allowedAt);
        pausedUntil = _now() + _PAUSE_SECONDS;
        emit Paused(pausedUntil);
    }

    function bindSlasher(address slasher_) external {
        if (slasher != address(0)) revert ServiceRegistryAlreadyBound(slasher);
        slasher = slasher_;
        pool = IStakePool(msg.sender);
        emit SlasherBound(slasher_);
    }

    function punish(
        uint32 serviceId,
        address operator,
        uint48 capturedAt,
        uint64 wad
    ) external onlySlasher returns (uint64 slashedWad, uint64 totalWad) {
        uint48 until = _loweredAt();
        _jails[serviceId][operator].extend(_now(), until);
        emit Jailed(serviceId, operator, until);

        uint32 groupId = _services[serviceId].groupId;
        settleMagnitude(groupId, operator);
        Magnitude storage magnitude = _magnitudes[groupId][operator];
        uint64 baseWad = magnitude.baseAt(capturedAt, capturedAt - (capturedAt % epochSeconds));
        slashedWad = uint64(Math.min(Math.mulDiv(baseWad, wad, _WAD, Math.Rounding.Ceil), magnitude.valueAt(_now())));
        Exposure memory exposure = _exposures[operator];
        totalWad = _WAD - exposure.lostWad;
        if (slashedWad == 0) return (0, totalWad);
        magnitude.slash(slashedWad, _now());
        exposure.lostWad += slashedWad;
        exposure.committedWad -= slashedWad;
        _exposures[operator] = exposure;
        emit MagnitudeSlashed(groupId, operator, slashedWad, totalWad - slashedWad);
    }

    function renewTotal(address operator) external onlySlasher {
        _exposures[operator].lostWad = 0;
        emit TotalRenewed(operator);
    }

    function service(uint32 serviceId) external view returns (ServiceParams memory) {
        _requireService(serviceId);
        return _services[serviceId];
    }

    function isObligable(uint32 serviceId, address operator) external view returns (bool) {
        return _rosters[serviceId].isSettledMember(operator) && !isJailedAt(serviceId, operator, _now());
    }

    function joinedCount(uint32 serviceId) external view returns (uint256) {
        return _rosters[serviceId].joined.length;
    }

    function members(uint32 serviceId, uint256 offset, uint256 limit) external view returns (address[] memory) {
        return _rosters[serviceId].members(offset, limit);
    }

    function seatAt(uint32 serviceId, uint16 seat, uint48 t) external view returns (address) {
        return _rosters[serviceId].holderAt(seat, t);
    }

    function seatOf(uint32 serviceId, address operator, uint48 t) external view returns (uint16) {
        Roster storage roster = _rosters[serviceId];
        if (!roster.isHolderAt(operator, t)) revert ServiceRegistryNoSeat(serviceId, operator, t);
        return roster.placeAt(operator, t) - 1;
    }

    function weightAt(uint32 serviceId, address operator, uint48 t) external view returns (uint256) {
        if (!isMemberAt(serviceId, operator, t)) return 0;
        uint64 wad = _magnitudes[_services[serviceId].groupId][operator].valueAt(t);
        return Math.mulDiv(pool.liveSharesAt(operator, t), wad, _WAD);
    }

    function votingWeightAt(uint32 serviceId, address operator, uint48 t) external view returns (uint256) {
        if (isJailedAt(serviceId, operator, t)) return 0;
        Roster storage roster = _rosters[serviceId];
        if (!roster.isMemberThroughout(operator, t, t + delaySeconds + 1)) return 0;
        if (_services[serviceId].seats != 0 && !roster.isHolderAt(operator, t)) return 0;
        uint64 wad = _magnitudes[_services[serviceId].groupId][operator].coveringAt(t);
        return Math.mulDiv(pool.liveSharesAt(operator, t), wad, _WAD);
    }

    function magnitudeAt(uint32 groupId, address operator, uint48 t) external view returns (uint64) {
        return _magnitudes[groupId][operator].valueAt(t);
    }

    function magnitudeBaseAt(uint32 groupId, address operator, uint48 t) external view returns (uint64) {
        return _magnitudes[groupId][operator].baseAt(t, t - (t % epochSeconds));
    }

    function magnitudeCovering(uint32 groupId, address operator) external view returns (uint64) {
        Magnitude storage magnitude = _magnitudes[groupId][operator];
        uint64 wad = magnitude.valueAt(_now());
        return magnitude.pendingAt == 0 || magnitude.pendingWad > wad ? wad : magnitude.pendingWad;
    }

    function pendingMagnitude(uint32 groupId, address operator) external view returns (uint64, uint48) {
        Magnitude storage magnitude = _magnitudes[groupId][operator];
        return magnitude.pendingAt > _now() ? (magnitude.pendingWad, magnitude.pendingAt) : (0, uint48(0));
    }

    function totalMagnitude(address operator) external view returns (uint64) {
        return _WAD - _exposures[operator].lostWad;
    }

    function committedMagnitude(address operator) external view returns (uint64) {
        return _exposures[operator].committedWad;
    }

    function isPaused() public view returns (bool) {
        return _now() < pausedUntil;
    }

    function isMemberAt(uint32 serviceId, address operator, uint48 t) public view returns (bool) {
        return _rosters[serviceId].placeAt(operator, t) != 0;
    }

    function isJailedAt(uint32 serviceId, address operator, uint48 t) public view returns (bool) {
        return _jails[serviceId][operator].isJailedAt(t);
    }

    function standingWeight(uint32 serviceId, address operator) public view returns (uint256) {
        uint64 wad = _magnitudes[_services[serviceId].groupId][operator].announced();
        return Math.mulDiv(pool.liveSharesAt(operator, _now()), wad, _WAD);
    }

    function settleMagnitude(uint32 groupId, address operator) public {
        if (groupId == 0 || groupId > groupCount) revert ServiceRegistryUnknownGroup(groupId);
        uint64 freedWad = _magnitudes[groupId][operator].settle(_now());
        if (freedWad != 0) _exposures[operator].committedWad -= freedWad;
    }

    function _commit(address operator, uint64 wad) private {
        Exposure storage exposure = _exposures[operator];
        uint256 sumWad = uint256(exposure.committedWad) + wad;
        uint64 totalWad = _WAD - exposure.lostWad;
        if (sumWad > totalWad) revert ServiceRegistryMagnitudeExceeded(sumWad, totalWad);
        exposure.committedWad = uint64(sumWad);
    }

    function _requireHeavier(uint32 serviceId, uint16 seat, address holder) private view {
        uint256 heldWeight = standingWeight(serviceId, holder);
        uint256 weight = standingWeight(serviceId, msg.sender);
        if (weight <= heldWeight) revert ServiceRegistrySeatHeld(serviceId, seat, holder, heldWeight, weight);
    }

    function _requireNotPaused() private view {
        if (isPaused()) revert ServiceRegistryPaused(pausedUntil);
    }

    function _requireService(uint32 serviceId) private view {
        if (serviceId == 0 || serviceId > serviceCount) revert ServiceRegistryUnknownService(serviceId);
    }

    function _raisedAt() private view returns (uint48) {
        return _now() + delaySeconds + epochSeconds;
    }

    /// @dev One second later than the delay: a withdrawal requested now shares in slashes up to now + delay.
    function _loweredAt() private view returns (uint48) {
        return _now() + delaySeconds + 1;
    }

    function _now() private view returns (uint48) {
        return uint48(block.timestamp);
    }
}
