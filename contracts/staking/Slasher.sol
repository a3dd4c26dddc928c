// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IEvidenceVerifier } from "../interfaces/staking/IEvidenceVerifier.sol";
import { IServiceRegistry, ServiceParams } from "../interfaces/staking/IServiceRegistry.sol";
import { Bounty, ISlasher } from "../interfaces/staking/ISlasher.sol";
import { IStakePool } from "../interfaces/staking/IStakePool.sol";

/// @title The only door to a slash
/// @dev Created by the stake pool, which is its pool. Every external call but the verifier's goes to contracts of this
/// folder that call nothing themselves; the verifier is asked by static call, before anything is written.
contract Slasher is ISlasher {
    using SafeCast for uint256;

    struct Verdict {
        address operator;
        bytes32 offenceKey;
        uint48 capturedAt;
        uint64 wad;
        address beneficiary;
    }

    struct Case {
        uint32 serviceId;
        ServiceParams service;
        Verdict verdict;
        bytes32 offenceId;
    }

    /// @dev `closesAt` is 0 while no bounty is set aside.
    struct Offence {
        uint64 chargedWad;
        uint48 closesAt;
        uint128 bountyWei;
    }

    /// @dev Who gets the bounty. A beneficiary has the time 0, which no commitment precedes.
    struct Claim {
        address account;
        uint48 committedAt;
    }

    uint64 private constant _WAD = 1e18;

    IServiceRegistry public immutable services;
    IStakePool public immutable pool;
    uint48 private immutable _delaySeconds;
    uint48 private immutable _epochSeconds;

    mapping(uint32 serviceId => mapping(address operator => mapping(uint256 epoch => uint64))) public usedWad;
    mapping(bytes32 commitment => uint48) public committedAt;
    mapping(bytes32 offenceId => Offence) private _offences;
    mapping(bytes32 offenceId => Claim) private _claims;

    constructor(IServiceRegistry services_) {
        services = services_;
        _delaySeconds = services_.delaySeconds();
        _epochSeconds = services_.epochSeconds();
        pool = IStakePool(msg.sender);
    }

    function commit(bytes32 commitment) external {
        if (committedAt[commitment] != 0) return;
        committedAt[commitment] = _now();
        emit Committed(commitment, msg.sender);
    }

    function submit(uint32 serviceId, bytes calldata evidence) external returns (uint256 slashedWei) {
        Case memory case_ = _judge(serviceId, evidence);
        uint64 increaseWad = _increase(case_);
        if (increaseWad == 0) _refuse(case_);
        return _punish(case_, increaseWad);
    }

    function report(uint32 serviceId, bytes calldata evidence, bytes32 salt) external returns (uint256 slashedWei) {
        Case memory case_ = _judge(serviceId, evidence);
        uint48 capturedAt = case_.verdict.capturedAt;
        uint48 since = committedAt[keccak256(abi.encode(serviceId, keccak256(evidence), msg.sender, salt))];
        if (since < capturedAt || since >= block.timestamp) {
            revert SlasherCommitmentNotInForce(since, capturedAt, block.timestamp);
        }
        uint64 increaseWad = _increase(case_);
        if (increaseWad != 0) slashedWei = _punish(case_, increaseWad);
        bool isInTime = block.timestamp < _offences[case_.offenceId].closesAt;
        bool isFirst = isInTime && _claim(case_, msg.sender, since);
        if (increaseWad == 0 && !isFirst) _refuse(case_);
    }

    function claimBounty(uint32 serviceId, address operator, bytes32 offenceKey) external returns (uint256 amountWei) {
        bytes32 offenceId = _offenceId(serviceId, operator, offenceKey);
        Offence storage offence = _offences[offenceId];
        (uint48 closesAt, address receiver) = (offence.closesAt, _claims[offenceId].account);
        if (closesAt == 0) revert SlasherNoBounty(serviceId, operator, offenceKey);
        if (block.timestamp < closesAt) revert SlasherWindowOpen(closesAt);
        amountWei = offence.bountyWei;
        (offence.closesAt, offence.bountyWei) = (0, 0);
        delete _claims[offenceId];
        emit BountySettled(serviceId, operator, offenceKey, receiver, amountWei);
        address sink = services.service(serviceId).sink;
        if (receiver == address(0)) pool.forgoBounty(sink, amountWei);
        else pool.payBounty(sink, receiver, amountWei);
    }

    function punishedWad(uint32 serviceId, address operator, bytes32 offenceKey) external view returns (uint64) {
        return _offences[_offenceId(serviceId, operator, offenceKey)].chargedWad;
    }

    function bounty(uint32 serviceId, address operator, bytes32 offenceKey) external view returns (Bounty memory) {
        bytes32 offenceId = _offenceId(serviceId, operator, offenceKey);
        Offence storage offence = _offences[offenceId];
        Claim storage claim = _claims[offenceId];
        return Bounty(offence.bountyWei, offence.closesAt, claim.account, claim.committedAt);
    }

    function _judge(uint32 serviceId, bytes calldata evidence) private view returns (Case memory case_) {
        case_.serviceId = serviceId;
        case_.service = services.service(serviceId);
        Verdict memory verdict = case_.verdict;
        (
            verdict.operator,
            verdict.offenceKey,
            verdict.capturedAt,
            verdict.wad,
            verdict.beneficiary
        ) = IEvidenceVerifier(case_.service.evidenceVerifier).verify(serviceId, evidence);
        _requireInForce(serviceId, verdict);
        case_.offenceId = _offenceId(serviceId, verdict.operator, verdict.offenceKey);
    }

    function _requireInForce(uint32 serviceId, Verdict memory verdict) private view {
        uint48 capturedAt = verdict.capturedAt;
        if (verdict.wad == 0 || verdict.wad > _WAD) revert SlasherInvalidWad(verdict.wad);
        if (capturedAt > block.timestamp) revert SlasherFutureOffence(capturedAt, block.timestamp);
        if (uint256(capturedAt) + _delaySeconds < block.timestamp) {
            revert SlasherExpiredOffence(capturedAt, block.timestamp);
        }
        _requireMember(serviceId, verdict.operator, capturedAt);
        _requireMember(serviceId, verdict.operator, _now());
    }

    function _requireMember(uint32 serviceId, address operator, uint48 t) private view {
        if (!services.isMemberAt(serviceId, operator, t)) revert SlasherNotMember(serviceId, operator, t);
    }

    /// @return What the verdict adds to min(cap, sum of wads) of its epoch.
    function _increase(Case memory case_) private view returns (uint64) {
        Verdict memory verdict = case_.verdict;
        uint64 capWad = case_.service.slashCapWad;
        uint256 openWad = Math.saturatingSub(verdict.wad, _offences[case_.offenceId].chargedWad);
        if (capWad == _WAD) return uint64(openWad);
        return uint64(Math.min(openWad, capWad - usedWad[case_.serviceId][verdict.operator][_epochOf(verdict)]));
    }

    /// @dev Says why a verdict adds nothing.
    function _refuse(Case memory case_) private view {
        Verdict memory verdict = case_.verdict;
        if (_offences[case_.offenceId].chargedWad >= verdict.wad) {
            revert SlasherAlreadyPunished(case_.serviceId, verdict.operator, verdict.offenceKey);
        }
        revert SlasherCapReached(case_.serviceId, verdict.operator, _epochOf(verdict), case_.service.slashCapWad);
    }

    function _punish(Case memory case_, uint64 increaseWad) private returns (uint256 slashedWei) {
        Verdict memory verdict = case_.verdict;
        if (case_.service.slashCapWad != _WAD) {
            usedWad[case_.serviceId][verdict.operator][_epochOf(verdict)] += increaseWad;
        }
        uint64 slashedWad;
        uint256 bountyWei;
        (slashedWad, slashedWei, bountyWei) = _slash(case_, increaseWad);
        _record(case_.offenceId, increaseWad, bountyWei);
        if (bountyWei != 0 && verdict.beneficiary != address(0)) _claim(case_, verdict.beneficiary, 0);
        emit OffencePunished(
            case_.serviceId,
            verdict.operator,
            verdict.offenceKey,
            verdict.capturedAt,
            slashedWad,
            slashedWei,
            bountyWei,
            verdict.beneficiary
        );
    }

    function _slash(
        Case memory case_,
        uint64 increaseWad
    ) private returns (uint64 slashedWad, uint256 slashedWei, uint256 bountyWei) {
        address operator = case_.verdict.operator;
        uint64 totalWad;
        (slashedWad, totalWad) = services.punish(case_.serviceId, operator, case_.verdict.capturedAt, increaseWad);
        if (slashedWad == 0) return (0, 0, 0);
        bool retired;
        (slashedWei, bountyWei, retired) = pool.slash(operator, totalWad - slashedWad, totalWad, case_.service.sink);
        if (retired) services.renewTotal(operator);
    }

    /// @dev In one write. The window of a bounty that is not paid yet stays as it is.
    function _record(bytes32 offenceId, uint64 increaseWad, uint256 bountyWei) private {
        Offence memory offence = _offences[offenceId];
        offence.chargedWad += increaseWad;
        if (bountyWei != 0) {
            offence.bountyWei = (offence.bountyWei + bountyWei).toUint128();
            if (offence.closesAt == 0) offence.closesAt = _now() + _epochSeconds;
        }
        _offences[offenceId] = offence;
    }

    /// @return Whether the bounty is now the account's.
    function _claim(Case memory case_, address account, uint48 since) private returns (bool) {
        Claim storage claim = _claims[case_.offenceId];
        if (claim.account != address(0) && claim.committedAt <= since) return false;
        (claim.account, claim.committedAt) = (account, since);
        emit BountyClaimed(case_.verdict.operator, case_.verdict.offenceKey, account, since);
        return true;
    }

    function _epochOf(Verdict memory verdict) private view returns (uint256) {
        return verdict.capturedAt / _epochSeconds;
    }

    function _offenceId(uint32 serviceId, address operator, bytes32 offenceKey) private pure returns (bytes32) {
        return keccak256(abi.encode(serviceId, operator, offenceKey));
    }

    function _now() private view returns (uint48) {
        return uint48(block.timestamp);
    }
}
