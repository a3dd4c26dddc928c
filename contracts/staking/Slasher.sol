// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { IEvidenceVerifier } from "../interfaces/staking/IEvidenceVerifier.sol";
import { IServiceRegistry, ServiceParams } from "../interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../interfaces/staking/ISlasher.sol";
import { IStakePool } from "../interfaces/staking/IStakePool.sol";

/// @title The only door to a slash
/// @dev Created by the stake pool, which is its pool. Every external call but the verifier's goes to contracts of this
/// folder that call nothing themselves; the verifier is asked by static call, before anything is read or written.
contract Slasher is ISlasher {
    struct Verdict {
        address operator;
        bytes32 offenceKey;
        uint48 capturedAt;
        uint64 wad;
        address beneficiary;
    }

    uint64 private constant _WAD = 1e18;

    IServiceRegistry public immutable services;
    IStakePool public immutable pool;

    mapping(uint32 serviceId => mapping(address operator => mapping(bytes32 offenceKey => uint64))) public punishedWad;
    mapping(uint32 serviceId => mapping(address operator => mapping(uint256 epoch => uint64))) public usedWad;

    constructor(IServiceRegistry services_) {
        services = services_;
        pool = IStakePool(msg.sender);
    }

    function submit(uint32 serviceId, bytes calldata evidence) external returns (uint256 slashedWei) {
        ServiceParams memory service = services.service(serviceId);
        Verdict memory verdict = _verify(serviceId, service.evidenceVerifier, evidence);
        _requireInForce(serviceId, verdict);
        uint64 increaseWad = _charge(serviceId, service.slashCapWad, verdict);

        uint64 slashedWad;
        (slashedWad, slashedWei) = _slash(service.groupId, verdict, increaseWad);
        emit OffencePunished(
            serviceId,
            verdict.operator,
            verdict.offenceKey,
            verdict.capturedAt,
            slashedWad,
            slashedWei,
            verdict.beneficiary
        );
    }

    function _verify(
        uint32 serviceId,
        address verifier,
        bytes calldata evidence
    ) private view returns (Verdict memory verdict) {
        (
            verdict.operator,
            verdict.offenceKey,
            verdict.capturedAt,
            verdict.wad,
            verdict.beneficiary
        ) = IEvidenceVerifier(verifier).verify(serviceId, evidence);
    }

    function _requireInForce(uint32 serviceId, Verdict memory verdict) private view {
        uint48 capturedAt = verdict.capturedAt;
        if (verdict.wad == 0 || verdict.wad > _WAD) revert SlasherInvalidWad(verdict.wad);
        if (capturedAt > block.timestamp) revert SlasherFutureOffence(capturedAt, block.timestamp);
        if (uint256(capturedAt) + services.delaySeconds() < block.timestamp) {
            revert SlasherExpiredOffence(capturedAt, block.timestamp);
        }
        _requireMember(serviceId, verdict.operator, capturedAt);
        _requireMember(serviceId, verdict.operator, uint48(block.timestamp));
    }

    function _requireMember(uint32 serviceId, address operator, uint48 t) private view {
        if (!services.isMemberAt(serviceId, operator, t)) revert SlasherNotMember(serviceId, operator, t);
    }

    /// @dev Books what the verdict adds to min(cap, sum of wads) of the epoch, and what it has thus been charged.
    function _charge(uint32 serviceId, uint64 capWad, Verdict memory verdict) private returns (uint64 increaseWad) {
        (address operator, bytes32 key) = (verdict.operator, verdict.offenceKey);
        uint64 chargedWad = punishedWad[serviceId][operator][key];
        if (chargedWad >= verdict.wad) revert SlasherAlreadyPunished(serviceId, operator, key);
        increaseWad = verdict.wad - chargedWad;
        if (capWad != _WAD) increaseWad = _chargeEpoch(serviceId, capWad, verdict, increaseWad);
        punishedWad[serviceId][operator][key] = chargedWad + increaseWad;
    }

    function _chargeEpoch(
        uint32 serviceId,
        uint64 capWad,
        Verdict memory verdict,
        uint64 wad
    ) private returns (uint64 increaseWad) {
        uint256 epoch = verdict.capturedAt / services.epochSeconds();
        uint64 used = usedWad[serviceId][verdict.operator][epoch];
        if (used == capWad) revert SlasherCapReached(serviceId, verdict.operator, epoch, capWad);
        increaseWad = uint64(Math.min(wad, capWad - used));
        usedWad[serviceId][verdict.operator][epoch] = used + increaseWad;
    }

    function _slash(
        uint32 groupId,
        Verdict memory verdict,
        uint64 increaseWad
    ) private returns (uint64 slashedWad, uint256 slashedWei) {
        address operator = verdict.operator;
        uint64 leftWad = services.magnitudeAt(groupId, operator, uint48(block.timestamp));
        uint64 baseWad = services.magnitudeBaseAt(groupId, operator, verdict.capturedAt);
        slashedWad = uint64(Math.min(Math.mulDiv(baseWad, increaseWad, _WAD, Math.Rounding.Ceil), leftWad));
        if (slashedWad == 0) return (0, 0);

        uint64 totalWad = services.totalMagnitude(operator);
        bool retired;
        (slashedWei, retired) = pool.slash(operator, totalWad - slashedWad, totalWad);
        services.slashMagnitude(groupId, operator, slashedWad, retired);
    }
}
