// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";
import { IServiceRegistry, ServiceParams } from "../interfaces/staking/IServiceRegistry.sol";
import { Magnitude, MagnitudeLib } from "../libraries/MagnitudeLib.sol";

/// @title Services, their members and the magnitudes at risk
contract ServiceRegistry is IServiceRegistry {
    using Checkpoints for Checkpoints.Trace208;
    using MagnitudeLib for Magnitude;

    struct Exposure {
        uint64 lostWad;
        uint64 committedWad;
    }

    uint64 private constant _WAD = 1e18;
    uint48 private constant _MAX_EPOCH_SECONDS = 365 days;
    uint16 private constant _MAX_SEATS = 200;

    IOperatorRegistry public immutable operators;
    uint48 public immutable delaySeconds;
    uint48 public immutable epochSeconds;
    address public immutable guardian;

    address public slasher;
    uint32 public serviceCount;
    uint32 public groupCount;

    mapping(uint32 groupId => bool) public isGroupClosed;
    mapping(uint32 serviceId => ServiceParams) private _services;
    mapping(uint32 serviceId => address[]) private _joined;
    mapping(uint32 serviceId => mapping(address operator => Checkpoints.Trace208)) private _memberships;
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

    function join(uint32 serviceId) external onlyOperator {
        _requireService(serviceId);
        Checkpoints.Trace208 storage membership = _memberships[serviceId][msg.sender];
        (bool known, uint48 lastAt, uint208 member) = membership.latestCheckpoint();
        if (lastAt > _now()) revert ServiceRegistryChangePending(lastAt);
        if (member != 0) revert ServiceRegistryAlreadyMember(serviceId, msg.sender);
        if (!known) _joined[serviceId].push(msg.sender);
        uint48 effectAt = _raisedAt();
        membership.push(effectAt, 1);
        emit Joined(serviceId, msg.sender, effectAt);
    }

    function quit(uint32 serviceId) external {
        _requireService(serviceId);
        Checkpoints.Trace208 storage membership = _memberships[serviceId][msg.sender];
        (, uint48 lastAt, uint208 member) = membership.latestCheckpoint();
        if (lastAt > _now()) revert ServiceRegistryChangePending(lastAt);
        if (member == 0) revert ServiceRegistryNotMember(serviceId, msg.sender);
        uint48 effectAt = _loweredAt();
        membership.push(effectAt, 0);
        emit Quit(serviceId, msg.sender, effectAt);
    }

    function setMagnitude(uint32 groupId, uint64 wad) external onlyOperator {
        settleMagnitude(groupId, msg.sender);
        Magnitude storage magnitude = _magnitudes[groupId][msg.sender];
        if (magnitude.pendingAt != 0) revert ServiceRegistryChangePending(magnitude.pendingAt);
        uint64 oldWad = magnitude.valueAt(_now());
        if (wad == oldWad) revert ServiceRegistryMagnitudeUnchanged(wad);
        if (wad > oldWad) _commit(msg.sender, wad - oldWad);
        uint48 effectAt = wad > oldWad ? _raisedAt() : _loweredAt();
        magnitude.announce(wad, effectAt);
        emit MagnitudeSet(groupId, msg.sender, oldWad, wad, effectAt);
    }

    function bindSlasher(address slasher_) external {
        if (slasher != address(0)) revert ServiceRegistryAlreadyBound(slasher);
        slasher = slasher_;
        emit SlasherBound(slasher_);
    }

    function slashMagnitude(uint32 groupId, address operator, uint64 wad, bool retires) external onlySlasher {
        settleMagnitude(groupId, operator);
        _magnitudes[groupId][operator].slash(wad, _now());
        Exposure storage exposure = _exposures[operator];
        exposure.committedWad -= wad;
        exposure.lostWad = retires ? 0 : exposure.lostWad + wad;
        emit MagnitudeSlashed(groupId, operator, wad, _WAD - exposure.lostWad);
    }

    function service(uint32 serviceId) external view returns (ServiceParams memory) {
        _requireService(serviceId);
        return _services[serviceId];
    }

    function isMemberAt(uint32 serviceId, address operator, uint48 t) external view returns (bool) {
        return _memberships[serviceId][operator].upperLookup(t) != 0;
    }

    function isObligable(uint32 serviceId, address operator) external view returns (bool) {
        Checkpoints.Trace208 storage membership = _memberships[serviceId][operator];
        return membership.upperLookup(_now()) != 0 && membership.latest() != 0;
    }

    function joinedCount(uint32 serviceId) external view returns (uint256) {
        return _joined[serviceId].length;
    }

    function members(uint32 serviceId, uint256 offset, uint256 limit) external view returns (address[] memory page) {
        address[] storage joined = _joined[serviceId];
        uint256 end = Math.min(joined.length, Math.saturatingAdd(offset, limit));
        page = new address[](Math.saturatingSub(end, offset));
        uint256 count;
        for (uint256 i = offset; i < end; ++i) {
            address operator = joined[i];
            if (_memberships[serviceId][operator].upperLookup(_now()) != 0) page[count++] = operator;
        }
        assembly ("memory-safe") {
            mstore(page, count)
        }
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

    function settleMagnitude(uint32 groupId, address operator) public {
        if (groupId == 0 || groupId > groupCount) revert ServiceRegistryUnknownGroup(groupId);
        _exposures[operator].committedWad -= _magnitudes[groupId][operator].settle(_now());
    }

    function _commit(address operator, uint64 wad) private {
        Exposure storage exposure = _exposures[operator];
        uint256 sumWad = uint256(exposure.committedWad) + wad;
        uint64 totalWad = _WAD - exposure.lostWad;
        if (sumWad > totalWad) revert ServiceRegistryMagnitudeExceeded(sumWad, totalWad);
        exposure.committedWad = uint64(sumWad);
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
