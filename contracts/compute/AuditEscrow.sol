// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { AuditDeskParams, IAuditDesk } from "../interfaces/compute/IAuditDesk.sol";
import { IJobRegistry } from "../interfaces/compute/IJobRegistry.sol";

/// @title Bonds and pay of watchers
/// @notice Tokens come in as bonds and from the job registry, and leave by `withdraw` or `burn`.
abstract contract AuditEscrow is IAuditDesk, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Where burnt tokens go.
    address public constant BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;

    uint256 private constant MAX_AUDITS_PER_CLAIM = 16;

    /// @inheritdoc IAuditDesk
    IERC20 public immutable token;
    /// @inheritdoc IAuditDesk
    uint256 public immutable bondWei;
    /// @inheritdoc IAuditDesk
    uint32 public immutable auditsPerClaim;
    /// @inheritdoc IAuditDesk
    uint32 public immutable revealSeconds;
    /// @inheritdoc IAuditDesk
    uint32 public immutable challengeSeconds;

    /// @inheritdoc IAuditDesk
    IJobRegistry public jobs;

    mapping(address account => uint256) private _owedWei;

    constructor(AuditDeskParams memory params) {
        require(address(params.token).code.length != 0, AuditDeskContractMissing("token"));
        // A bond of at least 2 leaves something to burn and something to give.
        _requireRange("bondWei", params.bondWei, 2, type(uint128).max);
        _requireRange("auditsPerClaim", params.auditsPerClaim, 1, MAX_AUDITS_PER_CLAIM);
        _requireRange("revealSeconds", params.revealSeconds, 1, type(uint32).max);
        _requireRange("challengeSeconds", params.challengeSeconds, 1, type(uint32).max);
        token = params.token;
        bondWei = params.bondWei;
        auditsPerClaim = params.auditsPerClaim;
        revealSeconds = params.revealSeconds;
        challengeSeconds = params.challengeSeconds;
    }

    /// @inheritdoc IAuditDesk
    function bind(IERC20 token_) external {
        require(address(jobs) == address(0), AuditDeskAlreadyBound(address(jobs)));
        require(address(token_) == address(token), AuditDeskWrongToken(address(token_), address(token)));
        jobs = IJobRegistry(msg.sender);
        emit Bound(msg.sender);
    }

    /// @inheritdoc IAuditDesk
    function withdraw(address to) external nonReentrant returns (uint256 amountWei) {
        require(to != address(0) && to != address(this), AuditDeskReceiverInvalid(to));
        amountWei = _take(msg.sender);
        emit Withdrawn(msg.sender, to, amountWei);
        _pay(to, amountWei);
    }

    /// @inheritdoc IAuditDesk
    function burn() external nonReentrant returns (uint256 amountWei) {
        amountWei = _take(BURN_ADDRESS);
        emit Burnt(amountWei);
        _pay(BURN_ADDRESS, amountWei);
    }

    /// @inheritdoc IAuditDesk
    function owedWei(address account) external view returns (uint256) {
        return _owedWei[account];
    }

    /// @dev Call it last: it moves tokens.
    function _collectBond() internal {
        token.safeTransferFrom(msg.sender, address(this), bondWei);
    }

    function _owe(address account, uint256 amountWei) internal {
        _owedWei[account] += amountWei;
    }

    /// @dev Half of the bond, rounded up, is to be burnt.
    function _forfeitBond(address to) internal {
        uint256 rewardWei = bondWei / 2;
        _owe(to, rewardWei);
        _owe(BURN_ADDRESS, bondWei - rewardWei);
    }

    function _take(address account) private returns (uint256 amountWei) {
        amountWei = _owedWei[account];
        require(amountWei != 0, AuditDeskNothingOwed(account));
        _owedWei[account] = 0;
    }

    /// @dev Fees of accepted jobs stay in the registry until somebody is paid.
    function _pay(address to, uint256 amountWei) private {
        if (jobs.owedWei(address(this)) != 0) jobs.withdraw(address(this));
        token.safeTransfer(to, amountWei);
    }

    function _requireRange(bytes32 name, uint256 actual, uint256 min, uint256 max) private pure {
        require(actual >= min && actual <= max, AuditDeskParameterOutOfRange(name, actual, min, max));
    }
}
