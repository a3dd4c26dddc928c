// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";
import { IRewardStream } from "../interfaces/staking/IRewardStream.sol";
import { IServiceRegistry } from "../interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../interfaces/staking/ISlasher.sol";
import { IStakePool, Withdrawal } from "../interfaces/staking/IStakePool.sol";
import { RewardStream } from "./RewardStream.sol";
import { Slasher } from "./Slasher.sol";

/// @title Stake, shares and withdrawals of all operators in one token
contract StakePool is IStakePool, ReentrancyGuardTransient {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev `lost` holds 1e27 minus the index, so that an empty history is an index of 1e27. `requested` is cumulative.
    struct Generation {
        Checkpoints.Trace208 lost;
        Checkpoints.Trace208 active;
        Checkpoints.Trace208 requested;
        mapping(address user => uint256) shares;
    }

    /// @dev What a sink gets from slashes, and what is set aside from them for bounties. The bound on the pool's balance
    /// bounds both.
    struct Account {
        uint128 owedWei;
        uint128 bountyWei;
    }

    uint256 private constant _RAY = 1e27;
    uint256 private constant _RETIREMENT_INDEX = 1e18;
    uint256 private constant _MAX_BALANCE_WEI = type(uint128).max;
    uint256 private constant _BOUNTY_DIVISOR = 20;
    address private constant _BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;

    IERC20 public immutable token;
    IOperatorRegistry public immutable operators;
    IServiceRegistry public immutable services;
    ISlasher public immutable slasher;
    IRewardStream public immutable rewards;
    uint48 private immutable _delaySeconds;

    uint256 public withdrawalCount;

    mapping(uint32 serviceId => mapping(address operator => uint256)) public reservedWei;
    mapping(uint32 groupId => mapping(address operator => uint256)) public reservedInGroupWei;
    mapping(address operator => Checkpoints.Trace208) private _generationNumbers;
    mapping(address operator => mapping(uint32 generation => Generation)) private _generations;
    mapping(address sink => Account) private _accounts;
    mapping(uint256 withdrawalId => Withdrawal) private _withdrawals;

    constructor(IERC20 token_, IOperatorRegistry operators_, IServiceRegistry services_, uint16 dripEpochs) {
        address expected = address(services_.operators());
        if (address(operators_) != expected) revert StakePoolRegistryMismatch(expected, address(operators_));
        token = token_;
        operators = operators_;
        services = services_;
        _delaySeconds = services_.delaySeconds();
        slasher = new Slasher(services_);
        rewards = new RewardStream(this, services_, operators_, token_, dripEpochs);
        services_.bindSlasher(address(slasher));
    }

    modifier onlySlasher() {
        if (msg.sender != address(slasher)) revert StakePoolNotSlasher(msg.sender);
        _;
    }

    modifier onlyObligor(uint32 serviceId) {
        if (msg.sender != services.service(serviceId).obligor) revert StakePoolNotObligor(serviceId, msg.sender);
        _;
    }

    function deposit(
        address operator,
        uint256 assetsWei,
        uint256 minShares
    ) external nonReentrant returns (uint256 shares) {
        return _deposit(operator, assetsWei, minShares);
    }

    function depositWithPermit(
        address operator,
        uint256 assetsWei,
        uint256 minShares,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant returns (uint256 shares) {
        // A permit seen in the pool of transactions can be spent by anyone first, which leaves the same allowance.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), assetsWei, deadline, v, r, s) {} catch {}
        return _deposit(operator, assetsWei, minShares);
    }

    function requestWithdraw(address operator, uint256 shares) external returns (uint256 withdrawalId) {
        return _requestWithdraw(operator, generationOf(operator), shares);
    }

    function requestWithdrawFrom(
        address operator,
        uint32 generation,
        uint256 shares
    ) external returns (uint256 withdrawalId) {
        return _requestWithdraw(operator, generation, shares);
    }

    function withdraw(uint256 withdrawalId, address receiver) external nonReentrant returns (uint256 assetsWei) {
        if (receiver == address(0)) revert StakePoolZeroReceiver();
        if (_withdrawals[withdrawalId].owner != msg.sender) revert StakePoolNotOwner(withdrawalId, msg.sender);
        uint256 maturesAt;
        (assetsWei, maturesAt) = previewWithdraw(withdrawalId);
        if (block.timestamp < maturesAt) revert StakePoolNotMatured(withdrawalId, maturesAt);
        delete _withdrawals[withdrawalId];
        emit Withdrawn(withdrawalId, receiver, assetsWei);
        if (assetsWei != 0) token.safeTransfer(receiver, assetsWei);
    }

    function slash(
        address operator,
        uint64 keptWad,
        uint64 totalWad,
        address sink
    ) external onlySlasher returns (uint256 lossWei, uint256 bountyWei, bool retired) {
        if (keptWad >= totalWad) revert StakePoolInvalidFraction(keptWad, totalWad);
        uint32 generation = generationOf(operator);
        Generation storage current = _generations[operator][generation];
        uint256 oldIndex = _index(current);
        uint256 newIndex = Math.mulDiv(oldIndex, keptWad, totalWad);
        (lossWei, bountyWei) = _lossOf(current, current.shares[operator], oldIndex, newIndex);
        current.lost.push(_now(), uint208(_RAY - newIndex));
        if (lossWei != 0) _credit(sink, lossWei - bountyWei, bountyWei);
        emit StakeSlashed(operator, generation, newIndex, lossWei, bountyWei);

        retired = newIndex < _RETIREMENT_INDEX;
        if (retired) {
            _generationNumbers[operator].push(_now(), generation + 1);
            emit GenerationRetired(operator, generation);
        }
    }

    function payBounty(address sink, address to, uint256 amountWei) external onlySlasher nonReentrant {
        _accounts[_named(sink)].bountyWei -= amountWei.toUint128();
        token.safeTransfer(to, amountWei);
    }

    function forgoBounty(address sink, uint256 amountWei) external onlySlasher {
        Account storage account = _accounts[_named(sink)];
        account.bountyWei -= amountWei.toUint128();
        account.owedWei += uint128(amountWei);
    }

    function reserve(uint32 serviceId, address operator, uint256 amountWei) external onlyObligor(serviceId) {
        uint256 available = availableWei(serviceId, operator);
        if (amountWei > available) revert StakePoolInsufficientStake(available, amountWei);
        reservedWei[serviceId][operator] += amountWei;
        reservedInGroupWei[services.service(serviceId).groupId][operator] += amountWei;
        emit Reserved(serviceId, operator, amountWei);
    }

    function release(uint32 serviceId, address operator, uint256 amountWei) external onlyObligor(serviceId) {
        uint256 reserved = reservedWei[serviceId][operator];
        if (amountWei > reserved) revert StakePoolReleaseExceedsReserve(reserved, amountWei);
        reservedWei[serviceId][operator] = reserved - amountWei;
        reservedInGroupWei[services.service(serviceId).groupId][operator] -= amountWei;
        emit Released(serviceId, operator, amountWei);
    }

    function sweep(address sink) external nonReentrant returns (uint256 amountWei) {
        address receiver = _named(sink);
        amountWei = _accounts[receiver].owedWei;
        _accounts[receiver].owedWei = 0;
        emit Swept(receiver, amountWei);
        if (amountWei != 0) token.safeTransfer(receiver, amountWei);
    }

    function owedWei(address sink) external view returns (uint256) {
        return _accounts[_named(sink)].owedWei;
    }

    function unpaidBountyWei(address sink) external view returns (uint256) {
        return _accounts[_named(sink)].bountyWei;
    }

    function slashableOf(address operator) external view returns (uint256) {
        Generation storage current = _current(operator);
        return Math.mulDiv(_slashableShares(current), _index(current), _RAY);
    }

    function sharesOf(address operator, address user) external view returns (uint256) {
        return _current(operator).shares[user];
    }

    function sharesIn(address operator, uint32 generation, address user) external view returns (uint256) {
        return _generations[operator][generation].shares[user];
    }

    function activeSharesAt(address operator, uint32 generation, uint48 t) external view returns (uint256) {
        return _generations[operator][generation].active.upperLookup(t);
    }

    function generationAt(address operator, uint48 t) external view returns (uint32) {
        return _generationAt(operator, t);
    }

    function liveSharesAt(address operator, uint48 t) external view returns (uint256) {
        return _generations[operator][_generationAt(operator, t)].active.upperLookup(t);
    }

    function withdrawal(uint256 withdrawalId) external view returns (Withdrawal memory) {
        return _withdrawals[withdrawalId];
    }

    function availableWei(uint32 serviceId, address operator) public view returns (uint256) {
        if (!services.isObligable(serviceId, operator)) return 0;
        uint32 groupId = services.service(serviceId).groupId;
        uint256 exposedWei = Math.mulDiv(
            stakeOf(operator),
            services.magnitudeCovering(groupId, operator),
            services.totalMagnitude(operator)
        );
        return Math.saturatingSub(exposedWei, reservedInGroupWei[groupId][operator]);
    }

    function generationOf(address operator) public view returns (uint32) {
        return uint32(_generationNumbers[operator].latest());
    }

    function stakeOf(address operator) public view returns (uint256) {
        Generation storage current = _current(operator);
        return Math.mulDiv(current.active.latest(), _index(current), _RAY);
    }

    function indexAt(address operator, uint32 generation, uint48 t) public view returns (uint256) {
        return _RAY - _generations[operator][generation].lost.upperLookup(t);
    }

    function previewWithdraw(uint256 withdrawalId) public view returns (uint256 assetsWei, uint256 maturesAt) {
        Withdrawal memory request = _withdrawals[withdrawalId];
        uint48 pricedAt = request.requestedAt + _delaySeconds;
        assetsWei = Math.mulDiv(request.shares, indexAt(request.operator, request.generation, pricedAt), _RAY);
        // A slash of the last second still counts, so the price is known one second later.
        maturesAt = uint256(pricedAt) + 1;
    }

    function _deposit(address operator, uint256 assetsWei, uint256 minShares) private returns (uint256 shares) {
        if (assetsWei == 0) revert StakePoolZeroAmount();
        if (services.isPaused()) revert StakePoolPaused();
        if (!operators.isOperator(operator)) revert StakePoolNotOperator(operator);
        _pull(assetsWei);
        uint32 generation = generationOf(operator);
        Generation storage current = _generations[operator][generation];
        shares = Math.mulDiv(assetsWei, _RAY, _index(current));
        if (shares < minShares) revert StakePoolSlippage(shares, minShares);
        current.shares[msg.sender] += shares;
        uint208 active = current.active.latest();
        current.active.push(_now(), (active + shares).toUint208());
        rewards.onSharesChange(operator, generation, msg.sender, active, int256(shares));
        emit Deposited(operator, msg.sender, generation, assetsWei, shares);
    }

    /// @dev Refuses tokens that keep a fee. Runs before any price is read, so a token that calls back finds the pool
    /// between two complete states.
    function _pull(uint256 amountWei) private {
        uint256 beforeWei = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amountWei);
        uint256 afterWei = token.balanceOf(address(this));
        uint256 receivedWei = Math.saturatingSub(afterWei, beforeWei);
        if (receivedWei != amountWei) revert StakePoolAmountMismatch(amountWei, receivedWei);
        if (afterWei > _MAX_BALANCE_WEI) revert StakePoolBalanceTooLarge(afterWei, _MAX_BALANCE_WEI);
    }

    /// @param ownShares The operator's own.
    function _lossOf(
        Generation storage current,
        uint256 ownShares,
        uint256 oldIndex,
        uint256 newIndex
    ) private view returns (uint256 lossWei, uint256 bountyWei) {
        uint256 shares = _slashableShares(current);
        // What stays is rounded up, so that the pool always keeps enough to pay it.
        lossWei = Math.saturatingSub(
            Math.mulDiv(shares, oldIndex, _RAY),
            Math.mulDiv(shares, newIndex, _RAY, Math.Rounding.Ceil)
        );
        uint256 ownLossWei = Math.mulDiv(ownShares, oldIndex - newIndex, _RAY);
        bountyWei = Math.min(lossWei / _BOUNTY_DIVISOR, ownLossWei);
    }

    /// @dev In one write. The sums stay below the pool's balance, which is bounded.
    function _credit(address sink, uint256 owed, uint256 bounty) private {
        Account storage account = _accounts[_named(sink)];
        Account memory before = account;
        (account.owedWei, account.bountyWei) = (before.owedWei + uint128(owed), before.bountyWei + uint128(bounty));
    }

    function _requestWithdraw(
        address operator,
        uint32 generation,
        uint256 shares
    ) private returns (uint256 withdrawalId) {
        if (shares == 0) revert StakePoolZeroAmount();
        Generation storage from = _generations[operator][generation];
        uint256 held = from.shares[msg.sender];
        if (shares > held) revert StakePoolInsufficientShares(held, shares);
        from.shares[msg.sender] = held - shares;
        uint208 active = from.active.latest();
        from.active.push(_now(), uint208(active - shares));
        rewards.onSharesChange(operator, generation, msg.sender, active, -int256(shares));
        from.requested.push(_now(), (from.requested.latest() + shares).toUint208());
        withdrawalId = ++withdrawalCount;
        _withdrawals[withdrawalId] = Withdrawal(msg.sender, _now(), generation, operator, shares);
        emit WithdrawalRequested(withdrawalId, operator, msg.sender, generation, shares);
    }

    function _current(address operator) private view returns (Generation storage) {
        return _generations[operator][generationOf(operator)];
    }

    function _generationAt(address operator, uint48 t) private view returns (uint32) {
        return uint32(_generationNumbers[operator].upperLookup(t));
    }

    function _index(Generation storage generation) private view returns (uint256) {
        return _RAY - generation.lost.latest();
    }

    /// @dev Active shares and those requested at most one delay ago.
    function _slashableShares(Generation storage generation) private view returns (uint256) {
        uint48 now_ = _now();
        uint256 leftBefore = now_ > _delaySeconds ? generation.requested.upperLookup(now_ - _delaySeconds - 1) : 0;
        return uint256(generation.active.latest()) + generation.requested.latest() - leftBefore;
    }

    function _named(address sink) private pure returns (address) {
        return sink == address(0) ? _BURN_ADDRESS : sink;
    }

    function _now() private view returns (uint48) {
        return uint48(block.timestamp);
    }
}
