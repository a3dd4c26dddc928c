// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { vm } from "../../support/Vm.sol";
import { StakingHandler } from "./StakingHandler.t.sol";
import { StakingInvariants } from "./StakingInvariants.t.sol";

/// @notice Remembers every announcement and what was true at past times.
contract ExposureHandler is StakingHandler {
    /// @dev What was true at a past time and must stay so.
    struct Snapshot {
        address operator;
        uint48 t;
        uint32 generation;
        uint256 index;
        uint256 activeShares;
        uint64[3] magnitudes;
        uint256[5] weights;
        bool[5] isMember;
        address seatHolder;
    }

    struct Announcement {
        uint64 wad;
        uint48 madeAt;
        bool isRise;
    }

    Snapshot[] private _snapshots;
    uint256 private _next;
    mapping(uint32 group => mapping(address operator => Announcement)) private _announced;
    mapping(uint32 group => mapping(address operator => uint64)) private _lastWad;

    constructor() {
        for (uint256 i = 0; i < 2; ++i) {
            for (uint32 group = 1; group <= GROUPS; ++group) _lastWad[group][operatorAt(i)] = 0.3e18;
        }
    }

    /// @dev The past must be what it was, for the oldest of the last 16 snapshots, which the present one replaces.
    function remember(uint256 seed) external {
        address operator = operatorAt(seed);
        if (_snapshots.length == 16) _requirePast(_snapshots[_next % 16]);
        if (_snapshots.length < 16) _snapshots.push();
        Snapshot storage now_ = _snapshots[_next++ % 16];
        now_.operator = operator;
        now_.t = time;
        now_.generation = pool.generationOf(operator);
        now_.index = pool.indexAt(operator, now_.generation, time);
        now_.activeShares = pool.activeSharesAt(operator, now_.generation, time);
        now_.seatHolder = services.seatAt(SEATED, 0, time);
        for (uint32 i = 0; i < GROUPS; ++i) now_.magnitudes[i] = services.magnitudeAt(i + 1, operator, time);
        for (uint32 i = 0; i < SERVICES; ++i) {
            now_.weights[i] = services.weightAt(i + 1, operator, time);
            now_.isMember[i] = services.isMemberAt(i + 1, operator, time);
        }
        _skip(1);
        _observe();
    }

    function _requirePast(Snapshot storage past) private {
        (address operator, uint48 t) = (past.operator, past.t);
        _require(pool.generationAt(operator, t) == past.generation, "I21: generation");
        _require(pool.indexAt(operator, past.generation, t) == past.index, "I21: index");
        _require(pool.activeSharesAt(operator, past.generation, t) == past.activeShares, "I21: shares");
        _require(services.seatAt(SEATED, 0, t) == past.seatHolder, "I21: seat");
        for (uint32 i = 0; i < GROUPS; ++i) {
            _require(services.magnitudeAt(i + 1, operator, t) == past.magnitudes[i], "I21: magnitude");
        }
        for (uint32 i = 0; i < SERVICES; ++i) {
            _require(services.weightAt(i + 1, operator, t) == past.weights[i], "I21: weight");
            _require(services.isMemberAt(i + 1, operator, t) == past.isMember[i], "I21: membership");
        }
    }

    function _announce(address operator, uint32 group, uint64 wad) internal override {
        (, uint48 pendingAt) = services.pendingMagnitude(group, operator);
        uint64 oldWad = services.magnitudeAt(group, operator, time);
        bool isPaused = services.isPaused();
        vm.prank(operator);
        try services.setMagnitude(group, wad) {
            _require(pendingAt == 0, "I18: a second pending change");
            _require(!isPaused || wad < oldWad, "I28: a rise while paused");
            (, uint48 effectAt) = services.pendingMagnitude(group, operator);
            bool isRise = wad > oldWad;
            _require(effectAt >= time + DELAY + (isRise ? EPOCH : 1), "I17, I18: too early");
            _announced[group][operator] = Announcement(wad, time, isRise);
        } catch (bytes memory reason) {
            bool isPending = bytes4(reason) == IServiceRegistry.ServiceRegistryChangePending.selector;
            _require(isPending == (pendingAt != 0), "I18: pending");
            _require(wad >= oldWad || isPending, "I28: a fall was refused");
        }
    }

    /// @dev A join, and the displacement that it may be, changes nobody's membership for a delay and an epoch.
    function _join(address operator, uint32 service) internal override returns (bool success) {
        uint256 before = _membershipsUntil(service, DELAY + EPOCH - 1);
        success = super._join(operator, service);
        _require(before == _membershipsUntil(service, DELAY + EPOCH - 1), "I17, I19: a join too early");
        bool isMember = services.isMemberAt(service, operator, time + DELAY + EPOCH);
        _require(!success || isMember, "I17: a join that never takes effect");
    }

    /// @dev Who leaves is a member for exactly the delay.
    function _quit(address operator, uint32 service) internal override {
        bool wasObligable = services.isObligable(service, operator);
        uint256 before = _membershipsUntil(service, DELAY);
        super._quit(operator, service);
        _require(before == _membershipsUntil(service, DELAY), "I19: an end too early");
        if (!wasObligable) return;
        _require(!services.isMemberAt(service, operator, time + DELAY + 1), "I19: an end too late");
        _require(!services.isObligable(service, operator), "I19: new duties for who leaves");
    }

    /// @dev Who is a member now and in a while, in bits.
    function _membershipsUntil(uint32 service, uint48 wait) private view returns (uint256 bits) {
        for (uint256 i = 0; i < 2; ++i) {
            if (services.isMemberAt(service, operatorAt(i), time)) bits |= 1 << i;
            if (services.isMemberAt(service, operatorAt(i), time + wait)) bits |= 4 << i;
        }
    }

    function _carryOut(uint32 service, bytes memory evidence, bytes memory call) internal override returns (bool) {
        bool success = super._carryOut(service, evidence, call);
        (address operator, , , , ) = _decode();
        uint32 group = services.service(service).groupId;
        uint64 wad = services.magnitudeAt(group, operator, time);
        _require(wad <= _lastWad[group][operator], "I17: a verdict raised a magnitude");
        _lastWad[group][operator] = wad;
        Announcement storage announced = _announced[group][operator];
        if (!announced.isRise && announced.wad > wad) announced.wad = wad;
        return success;
    }

    /// @dev After every action: what rose or fell was announced, and long enough ago.
    function _observe() internal override {
        for (uint256 i = 0; i < 2; ++i) {
            for (uint32 group = 1; group <= GROUPS; ++group) _observeMagnitude(operatorAt(i), group);
        }
    }

    function _observeMagnitude(address operator, uint32 group) private {
        uint64 wad = services.magnitudeAt(group, operator, time);
        uint64 last = _lastWad[group][operator];
        if (wad == last) return;
        Announcement memory announced = _announced[group][operator];
        if (wad > last) {
            _require(announced.isRise && time >= announced.madeAt + DELAY + EPOCH, "I17: a rise too early");
        } else {
            _require(!announced.isRise && time > announced.madeAt + DELAY, "I18: a fall too early");
            _require(wad == announced.wad, "I18: another fall");
        }
        _lastWad[group][operator] = wad;
    }
}

/// @notice How much is at risk, from when, and until when. That no service's obligations outlive the delay (I20) is
/// `test_NoServiceHasObligationsThatOutliveTheDelay`, and that its parameters never change
/// `test_NoParameterOfAServiceOrTheRegistryChanges`.
contract ExposureInvariantsTest is StakingInvariants {
    function setUp() public {
        _use(new ExposureHandler());
    }

    function actions() public pure override returns (bytes4[] memory selectors) {
        bytes4[] memory all = super.actions();
        selectors = new bytes4[](all.length + 1);
        for (uint256 i = 0; i < all.length; ++i) selectors[i] = all[i];
        selectors[all.length] = ExposureHandler.remember.selector;
    }

    /// @notice I16: present and pending magnitudes together fit the total, which is what the index says.
    /// @notice I17: exposure rises no earlier than a delay and an epoch after the announcement.
    /// @notice I18: a decrease stays slashable for the delay; one change may be pending.
    /// @notice I19: who leaves stays a member, slashable, for exactly the delay, and gets no new duties.
    /// @notice I21: what was true at a past time stays so.
    /// @notice I28: a pause stops deposits, joins and rises; falls, verdicts and withdrawals go on.
    function invariant_ExposureIsAnnouncedInTime() external view {
        StakingHandler handler_ = StakingHandler(handler);
        string memory violation = handler_.violation();
        require(bytes(violation).length == 0, violation);
        for (uint256 o = 0; o < 2; ++o) {
            address operator = handler_.operatorAt(o);
            uint256 sum;
            for (uint32 group = 1; group <= 3; ++group) {
                uint64 wad = services.magnitudeAt(group, operator, _now());
                (uint64 pending, ) = services.pendingMagnitude(group, operator);
                sum += wad > pending ? wad : pending;
            }
            uint256 totalWad = services.totalMagnitude(operator);
            require(sum <= services.committedMagnitude(operator), "I16: committed");
            require(services.committedMagnitude(operator) <= totalWad, "I16: total");
            uint256 index = pool.indexAt(operator, pool.generationOf(operator), _now());
            require(index == totalWad * 1e9, "I16: the index is the total magnitude");
        }
    }
}
