// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";
import { IRewardStream } from "../interfaces/staking/IRewardStream.sol";
import { IServiceRegistry } from "../interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../interfaces/staking/IStakePool.sol";
import { Drip, DripLib } from "../libraries/DripLib.sol";

/// @title What operators and their delegators earn
/// @dev Shares change only through `onSharesChange`, which settles up to the end of the running epoch first. So since the
/// last settlement the total was constant, and the parts of all epochs since then are divided at once. Bounds: what drips
/// is below 2^112 wei, so below 2^128 in units of wei / dripEpochs, and below 2^248 scaled; a remainder is below 2^208 as
/// shares are. No sum overflows.
contract RewardStream is IRewardStream, ReentrancyGuardTransient {
    using DripLib for Drip;
    using SafeERC20 for IERC20;

    /// @dev `clock` counts epochs with stake, `settledEpoch` epochs of the calendar. `dripped` is in wei / dripEpochs.
    struct Stream {
        bool isFunded;
        uint32 generation;
        uint48 settledEpoch;
        uint32 clock;
        uint128 dripped;
    }

    struct Accrual {
        uint256 perShareScaled;
        mapping(address user => uint256) debtScaled;
    }

    uint256 private constant _SCALE = 1 << 120;
    uint256 private constant _BPS = 10_000;

    IERC20 public immutable token;
    IStakePool public immutable pool;
    IOperatorRegistry public immutable operators;
    IServiceRegistry public immutable services;
    uint16 public immutable dripEpochs;
    uint48 private immutable _epochSeconds;

    mapping(address operator => uint256) public commissionOwedWei;
    mapping(address operator => Stream) private _streams;
    mapping(address operator => Drip) private _drips;
    mapping(address operator => uint256) private _remainderScaled;
    mapping(address operator => mapping(uint32 generation => Accrual)) private _accruals;

    constructor(
        IStakePool pool_,
        IServiceRegistry services_,
        IOperatorRegistry operators_,
        IERC20 token_,
        uint16 dripEpochs_
    ) {
        if (dripEpochs_ == 0) revert RewardStreamZeroEpochs();
        pool = pool_;
        services = services_;
        operators = operators_;
        token = token_;
        dripEpochs = dripEpochs_;
        _epochSeconds = services_.epochSeconds();
    }

    modifier onlyReceiver(address to) {
        if (to == address(0) || to == address(this)) revert RewardStreamBadReceiver(to);
        _;
    }

    function fund(address operator, uint256 amountWei) external nonReentrant {
        if (amountWei == 0) revert RewardStreamZeroAmount();
        if (!operators.isOperator(operator)) revert RewardStreamNotOperator(operator);
        uint256 maxWei = DripLib.MAX_TOTAL_WEI - fundedWei(operator);
        if (amountWei > maxWei) revert RewardStreamTooMuch(amountWei, maxWei);
        _pull(amountWei);

        uint256 commissionWei = (amountWei * operators.commissionBpsOf(operator)) / _BPS;
        commissionOwedWei[operator] += commissionWei;
        if (commissionWei != amountWei) _startDrip(operator, amountWei - commissionWei);
        emit RewardsFunded(operator, msg.sender, amountWei, commissionWei);
    }

    function claim(
        address operator,
        uint32 generation,
        address to
    ) external nonReentrant onlyReceiver(to) returns (uint256 amountWei) {
        amountWei = claimableWei(operator, generation, msg.sender);
        if (amountWei == 0) revert RewardStreamNothingOwed(operator, msg.sender);
        unchecked {
            _accruals[operator][generation].debtScaled[msg.sender] += amountWei * _weiScaled();
        }
        emit RewardsClaimed(operator, msg.sender, generation, to, amountWei);
        token.safeTransfer(to, amountWei);
    }

    function claimCommission(address to) external nonReentrant onlyReceiver(to) returns (uint256 amountWei) {
        amountWei = commissionOwedWei[msg.sender];
        if (amountWei == 0) revert RewardStreamNothingOwed(msg.sender, msg.sender);
        commissionOwedWei[msg.sender] = 0;
        emit CommissionClaimed(msg.sender, to, amountWei);
        token.safeTransfer(to, amountWei);
    }

    function onSharesChange(
        address operator,
        uint32 generation,
        address user,
        uint256 totalShares,
        int256 change
    ) external {
        if (msg.sender != address(pool)) revert RewardStreamNotPool(msg.sender);
        Stream memory stream = _streams[operator];
        if (!stream.isFunded) return;
        if (generation == stream.generation) _settle(operator, stream, totalShares);
        else if (generation > stream.generation) _moveOn(operator, stream, generation);
        Accrual storage accrual = _accruals[operator][generation];
        // Debts are kept modulo 2^256: what is owed is a difference that never leaves [0, 2^249).
        unchecked {
            accrual.debtScaled[user] += uint256(change) * accrual.perShareScaled;
        }
    }

    function pendingWei(address operator) external view returns (uint256) {
        return (fundedWei(operator) * dripEpochs - _now(operator).dripped) / dripEpochs;
    }

    function nextDripWei(address operator) external view returns (uint256) {
        Stream memory stream = _now(operator);
        uint256 units = _drips[operator].drippedBy(uint256(stream.clock) + 1, dripEpochs);
        return (units - stream.dripped) / dripEpochs;
    }

    function fundedWei(address operator) public view returns (uint256) {
        return _drips[operator].totalWei();
    }

    function claimableWei(address operator, uint32 generation, address user) public view returns (uint256) {
        Stream memory stream = _streams[operator];
        Accrual storage accrual = _accruals[operator][generation];
        uint256 perShareScaled = accrual.perShareScaled;
        if (generation == stream.generation) {
            (perShareScaled, ) = _advance(operator, stream, _totalShares(operator, generation));
        }
        uint256 owedScaled;
        unchecked {
            owedScaled = pool.sharesIn(operator, generation, user) * perShareScaled - accrual.debtScaled[user];
        }
        return owedScaled / _weiScaled();
    }

    /// @dev Refuses tokens that keep a fee. Runs before anything is settled, so a token that calls back finds the stream and
    /// the pool between two complete states.
    function _pull(uint256 amountWei) private {
        uint256 beforeWei = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amountWei);
        uint256 receivedWei = Math.saturatingSub(token.balanceOf(address(this)), beforeWei);
        if (receivedWei != amountWei) revert RewardStreamAmountMismatch(amountWei, receivedWei);
    }

    function _startDrip(address operator, uint256 amountWei) private {
        Stream memory stream = _streams[operator];
        uint32 generation = pool.generationOf(operator);
        if (!stream.isFunded) _streams[operator] = Stream(true, generation, _epoch(), 0, 0);
        else if (generation == stream.generation) _settle(operator, stream, _totalShares(operator, generation));
        else _moveOn(operator, stream, generation);
        _drips[operator].add(stream.clock, amountWei);
    }

    /// @dev What dripped so far belongs to the generation that the stream leaves.
    function _moveOn(address operator, Stream memory stream, uint32 generation) private {
        _settle(operator, stream, _totalShares(operator, stream.generation));
        stream.generation = generation;
        _streams[operator] = stream;
    }

    function _settle(address operator, Stream memory stream, uint256 totalShares) private {
        if (stream.settledEpoch == _epoch()) return;
        (uint256 perShareScaled, uint256 remainderScaled) = _advance(operator, stream, totalShares);
        _accruals[operator][stream.generation].perShareScaled = perShareScaled;
        _remainderScaled[operator] = remainderScaled;
        _streams[operator] = stream;
    }

    /// @dev Brings `stream` to the end of the running epoch, and what a share of its generation has earned with it.
    function _advance(
        address operator,
        Stream memory stream,
        uint256 totalShares
    ) private view returns (uint256 perShareScaled, uint256 remainderScaled) {
        perShareScaled = _accruals[operator][stream.generation].perShareScaled;
        remainderScaled = _remainderScaled[operator];
        uint256 elapsed = _epoch() - stream.settledEpoch;
        stream.settledEpoch = _epoch();
        if (elapsed == 0 || totalShares == 0) return (perShareScaled, remainderScaled);

        stream.clock = uint32(Math.min(stream.clock + elapsed, type(uint32).max));
        uint256 dripped = _drips[operator].drippedBy(stream.clock, dripEpochs);
        uint256 scaled = (dripped - stream.dripped) * _SCALE + remainderScaled;
        stream.dripped = uint128(dripped);
        perShareScaled += scaled / totalShares;
        remainderScaled = scaled % totalShares;
    }

    /// @dev The stream as of the end of the running epoch.
    function _now(address operator) private view returns (Stream memory stream) {
        stream = _streams[operator];
        _advance(operator, stream, _totalShares(operator, stream.generation));
    }

    function _totalShares(address operator, uint32 generation) private view returns (uint256) {
        return pool.activeSharesAt(operator, generation, uint48(block.timestamp));
    }

    function _weiScaled() private view returns (uint256) {
        return dripEpochs * _SCALE;
    }

    function _epoch() private view returns (uint48) {
        return uint48(block.timestamp) / _epochSeconds;
    }
}
