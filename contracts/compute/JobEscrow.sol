// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IJobRegistry } from "../interfaces/compute/IJobRegistry.sol";

/// @title Fees and bonds of jobs
/// @notice Tokens come in by `_collect`, are owed to somebody by `_owe` or `_forfeit`, and leave by `withdraw` or `burn`.
/// @dev Balance = fees of jobs that are not final + live bonds + everything owed.
abstract contract JobEscrow is IJobRegistry, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Where burnt tokens go.
    address public constant BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;

    /// @notice Token of every fee and bond.
    IERC20 public immutable token;

    mapping(address account => uint256) private _owedWei;

    constructor(IERC20 token_) {
        require(address(token_).code.length != 0, JobRegistryContractMissing("token"));
        token = token_;
    }

    /// @inheritdoc IJobRegistry
    function withdraw(address to) external nonReentrant returns (uint256 amountWei) {
        require(to != address(0) && to != address(this), JobRegistryReceiverInvalid(to));
        amountWei = _owedWei[msg.sender];
        require(amountWei != 0, JobRegistryNothingOwed(msg.sender));
        _owedWei[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amountWei);
        token.safeTransfer(to, amountWei);
    }

    /// @inheritdoc IJobRegistry
    function burn() external nonReentrant returns (uint256 amountWei) {
        amountWei = _owedWei[BURN_ADDRESS];
        require(amountWei != 0, JobRegistryNothingOwed(BURN_ADDRESS));
        _owedWei[BURN_ADDRESS] = 0;
        emit Burnt(amountWei);
        token.safeTransfer(BURN_ADDRESS, amountWei);
    }

    /// @inheritdoc IJobRegistry
    function owedWei(address account) external view returns (uint256) {
        return _owedWei[account];
    }

    function _collect(uint256 amountWei) internal {
        if (amountWei != 0) token.safeTransferFrom(msg.sender, address(this), amountWei);
    }

    function _owe(address account, uint256 amountWei) internal {
        _owedWei[account] += amountWei;
    }

    /// @dev Half of a lost bond, rounded up, is to be burnt; the rest is owed. No token moves, so none can stop a verdict.
    function _forfeit(uint256 bondWei, address to) internal {
        uint256 rewardWei = bondWei / 2;
        _owe(to, rewardWei);
        _owe(BURN_ADDRESS, bondWei - rewardWei);
    }
}
