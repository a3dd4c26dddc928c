// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IOperatorRegistry } from "./IOperatorRegistry.sol";
import { IServiceRegistry } from "./IServiceRegistry.sol";
import { IStakePool } from "./IStakePool.sol";

/// @title What operators and their delegators earn
/// @notice Anyone funds an operator. The commission in force goes to the operator at once; the rest drips in equal parts
/// over the next `dripEpochs` epochs that the operator has stake in. An epoch's part belongs to the shares that were
/// active when the epoch began, in proportion, and can be claimed from then on:
///
///     owedScaled(u) = shares(u) * perShareScaled - debtScaled(u)        (unit: wei / (dripEpochs * 2^120))
///     claimableWei(u) = floor(owedScaled(u) / (dripEpochs * 2^120))
///
/// A deposit comes with a debt of `shares * perShareScaled` as of the end of the running epoch, so it earns nothing of
/// that epoch; shares that ask to leave keep what they earned up to its end, and earn nothing afterwards. When somebody
/// claims, and what others deposit, withdraw or claim afterwards, changes nothing of what was earned before. At all times, for every
/// operator,
///
///     funded = commission + still to drip + claimed + claimable + dust
///
/// where dust is below one wei for each account, plus a remainder (less than active shares / 2^120 / dripEpochs wei) that
/// is divided with the next epoch's part: nothing is ever lost.
///
/// Slashes change no shares, so they change no rewards. While nobody had active shares at the start of an epoch, the
/// stream waits: that epoch counts for no funding. When a generation of the pool retires, the stream stays with it until
/// the first funding or the first deposit into a later generation, and then goes on there from the next epoch.
///
/// Warning: what drips goes to everybody with a share, also to those who join long after the funding. Rewards for the past
/// are not possible.
/// @dev Warning: shares held by a contract earn for that contract; if it can't call `claim`, nobody can.
/// @dev Warning: the token must transfer exactly what it is told, as for the stake pool.
interface IRewardStream {
    event RewardsFunded(address indexed operator, address indexed funder, uint256 amountWei, uint256 commissionWei);
    event RewardsClaimed(
        address indexed operator,
        address indexed user,
        uint32 generation,
        address indexed to,
        uint256 amountWei
    );
    event CommissionClaimed(address indexed operator, address indexed to, uint256 amountWei);

    error RewardStreamZeroEpochs();
    error RewardStreamZeroAmount();
    error RewardStreamNotOperator(address account);
    error RewardStreamTooMuch(uint256 amountWei, uint256 maxWei);
    error RewardStreamAmountMismatch(uint256 expectedWei, uint256 receivedWei);
    error RewardStreamBadReceiver(address receiver);
    error RewardStreamNothingOwed(address operator, address account);
    error RewardStreamNotPool(address caller);

    /// @notice Pulls `amountWei` of the token from the caller for an operator and its delegators.
    /// @param amountWei What an operator ever gets to drip is below 2^112 wei.
    function fund(address operator, uint256 amountWei) external;

    /// @notice Pays what the caller's shares of an operator's generation have earned.
    /// @return amountWei Rounded down; the fraction stays owed.
    function claim(address operator, uint32 generation, address to) external returns (uint256 amountWei);

    /// @notice Pays the calling operator's commission.
    function claimCommission(address to) external returns (uint256 amountWei);

    /// @notice Tells the stream that a user's active shares are about to change. Only the stake pool. Never fails, and
    /// writes nothing while the operator was never funded.
    /// @param totalShares The generation's active shares before the change.
    /// @param change What is added to the user's shares.
    function onSharesChange(
        address operator,
        uint32 generation,
        address user,
        uint256 totalShares,
        int256 change
    ) external;

    /// @return What `claim` would pay to this user now.
    function claimableWei(address operator, uint32 generation, address user) external view returns (uint256);

    /// @return What `claimCommission` would pay to this operator now.
    function commissionOwedWei(address operator) external view returns (uint256);

    /// @return All that an operator was ever funded with, without commission.
    function fundedWei(address operator) external view returns (uint256);

    /// @return What of it has still to drip, rounded down.
    function pendingWei(address operator) external view returns (uint256);

    /// @return What drips in the next epoch that the operator has stake in, rounded down, if nothing more is funded.
    function nextDripWei(address operator) external view returns (uint256);

    /// @notice In how many parts a funding drips.
    function dripEpochs() external view returns (uint16);

    function token() external view returns (IERC20);

    function pool() external view returns (IStakePool);

    function operators() external view returns (IOperatorRegistry);

    function services() external view returns (IServiceRegistry);
}
