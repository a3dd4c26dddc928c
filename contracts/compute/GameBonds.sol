// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IDisputeGame } from "../interfaces/compute/IDisputeGame.sol";

/// @title Bonds of challengers
/// @notice Tokens come in by `_collectBond`, and leave by `withdraw` or `burn`: no token moves at the end of a game, so none can
/// stop a verdict.
/// @dev Balance = bonds of games that are not over, or won and not settled, + everything owed.
abstract contract GameBonds is IDisputeGame, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Where burnt tokens go.
    address public constant BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;

    /// @inheritdoc IDisputeGame
    IERC20 public immutable token;
    /// @inheritdoc IDisputeGame
    uint256 public immutable bondWei;

    mapping(address account => uint256) private _owedWei;

    constructor(IERC20 token_, uint256 bondWei_) {
        require(address(token_).code.length != 0, DisputeGameContractMissing("token"));
        // A bond of at least 2 leaves something to burn and something to give.
        require(
            bondWei_ >= 2 && bondWei_ <= type(uint128).max,
            DisputeGameParameterOutOfRange("bondWei", bondWei_, 2, type(uint128).max)
        );
        token = token_;
        bondWei = bondWei_;
    }

    /// @inheritdoc IDisputeGame
    function withdraw(address to) external nonReentrant returns (uint256 amountWei) {
        require(to != address(0) && to != address(this), DisputeGameReceiverInvalid(to));
        amountWei = _take(msg.sender);
        emit Withdrawn(msg.sender, to, amountWei);
        token.safeTransfer(to, amountWei);
    }

    /// @inheritdoc IDisputeGame
    function burn() external nonReentrant returns (uint256 amountWei) {
        amountWei = _take(BURN_ADDRESS);
        emit Burnt(amountWei);
        token.safeTransfer(BURN_ADDRESS, amountWei);
    }

    /// @inheritdoc IDisputeGame
    function owedWei(address account) external view returns (uint256) {
        return _owedWei[account];
    }

    /// @dev Call it last: it moves tokens.
    function _collectBond() internal {
        token.safeTransferFrom(msg.sender, address(this), bondWei);
    }

    function _returnBond(address challenger) internal {
        _owedWei[challenger] += bondWei;
    }

    /// @dev Half of the bond, rounded up, is to be burnt.
    function _forfeitBond(address author) internal {
        uint256 rewardWei = bondWei / 2;
        _owedWei[author] += rewardWei;
        _owedWei[BURN_ADDRESS] += bondWei - rewardWei;
    }

    function _take(address account) private returns (uint256 amountWei) {
        amountWei = _owedWei[account];
        require(amountWei != 0, DisputeGameNothingOwed(account));
        _owedWei[account] = 0;
    }
}
