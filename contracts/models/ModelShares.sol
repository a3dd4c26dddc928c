// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Strings } from "@openzeppelin/contracts/utils/Strings.sol";
import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import { IModelShares, SharesTerms } from "../interfaces/models/IModelShares.sol";
import { FileTreeLib } from "../libraries/FileTreeLib.sol";
import { TensorLib } from "../libraries/TensorLib.sol";

/// @title ModelShares
/// @dev Lives as a clone: `token` and `registry` come from the implementation's code, everything else from storage.
/// Revenue is bounded by 2^128 and the supply by 2^63, so every product below fits 2^191 and no cast can truncate.
contract ModelShares is IModelShares, ERC20, ReentrancyGuardTransient {
    using BitMaps for BitMaps.BitMap;
    using SafeERC20 for IERC20;

    uint256 private constant AMOUNT_BYTES = 8;
    uint256 private constant MAX_RECEIVED_WEI = type(uint128).max;

    /// @inheritdoc IModelShares
    IERC20 public immutable token;

    /// @inheritdoc IModelShares
    address public immutable registry;

    /// @inheritdoc IModelShares
    uint256 public receivedWei;

    /// @inheritdoc IModelShares
    uint256 public paidWei;

    SharesTerms private _terms;
    BitMaps.BitMap private _claimed;
    mapping(address account => int256 scaled) private _debts;

    /// @dev The name is read from the version instead, as a clone doesn't run this constructor.
    constructor(IERC20 token_) ERC20("", "") {
        token = token_;
        registry = msg.sender;
    }

    /// @inheritdoc IModelShares
    function initialize(SharesTerms calldata newTerms) external {
        if (msg.sender != registry) revert ModelSharesNotRegistry(msg.sender, registry);
        if (_terms.versionId != 0) revert ModelSharesInitialized(_terms.versionId);
        _terms = newTerms;
        _mint(address(this), newTerms.supply);
    }

    /// @inheritdoc IModelShares
    function claim(
        uint32 accountIndex,
        address account,
        uint64 amount,
        bytes calldata accountLeaf,
        bytes32[] calldata accountSiblings,
        bytes calldata allocationLeaf,
        bytes32[] calldata allocationSiblings
    ) external {
        SharesTerms memory t = _terms;
        if (accountIndex >= t.accountCount) revert ModelSharesUnknownAccount(accountIndex, t.accountCount);
        if (_claimed.get(accountIndex)) revert ModelSharesClaimed(accountIndex);

        bytes32 entry = FileTreeLib.openListEntry(
            t.accountsRoot,
            accountIndex,
            t.accountCount,
            accountLeaf,
            accountSiblings
        );
        if (entry != bytes32(uint256(uint160(account)))) revert ModelSharesWrongAccount(accountIndex, account, entry);
        int64 allocated = _openAllocation(t, accountIndex, allocationLeaf, allocationSiblings);
        if (int256(allocated) != int256(uint256(amount))) {
            revert ModelSharesWrongAmount(accountIndex, amount, allocated);
        }
        if (amount == 0) revert ModelSharesNothingAllocated(accountIndex);

        _claimed.set(accountIndex);
        _transfer(address(this), account, amount);
        emit SharesClaimed(accountIndex, account, amount);
    }

    /// @inheritdoc IModelShares
    function distribute(uint256 amountWei) external nonReentrant returns (uint256 receivedNowWei) {
        uint256 beforeWei = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amountWei);
        receivedNowWei = token.balanceOf(address(this)) - beforeWei;
        _credit(receivedNowWei);
    }

    /// @inheritdoc IModelShares
    function sync() external nonReentrant returns (uint256 receivedNowWei) {
        receivedNowWei = token.balanceOf(address(this)) - (receivedWei - paidWei);
        _credit(receivedNowWei);
    }

    /// @inheritdoc IModelShares
    function withdraw(address to) external nonReentrant returns (uint256 amountWei) {
        if (to == address(0) || to == address(this)) revert ModelSharesBadReceiver(to);
        amountWei = claimableWei(msg.sender);
        if (amountWei == 0) revert ModelSharesNothingOwed(msg.sender);
        _debts[msg.sender] += int256(amountWei * totalSupply());
        paidWei += amountWei;
        emit RevenueWithdrawn(msg.sender, to, amountWei);
        token.safeTransfer(to, amountWei);
    }

    /// @inheritdoc IModelShares
    function isClaimed(uint32 accountIndex) external view returns (bool) {
        return _claimed.get(accountIndex);
    }

    /// @inheritdoc IModelShares
    function terms() external view returns (SharesTerms memory) {
        return _terms;
    }

    /// @inheritdoc IModelShares
    function claimableWei(address account) public view returns (uint256) {
        return owedScaled(account) / totalSupply();
    }

    /// @inheritdoc IModelShares
    function owedScaled(address account) public view returns (uint256) {
        return uint256(int256(receivedWei * balanceOf(account)) - _debts[account]);
    }

    /// @notice "Glassbox shares" and the version's number.
    function name() public view override returns (string memory) {
        return string.concat("Glassbox shares ", Strings.toString(_terms.versionId));
    }

    /// @notice "GBS" and the version's number.
    function symbol() public view override returns (string memory) {
        return string.concat("GBS", Strings.toString(_terms.versionId));
    }

    /// @notice Six: a supply of a million shares or more still fits the allocation's i64 elements.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @dev Moves revenue with shares as the interface states. Shares that leave the escrow keep what they earned there,
    /// so no debt moves with them.
    function _update(address from, address to, uint256 value) internal override {
        bool leavesEscrow = from == address(this);
        if (to == address(this) && from != address(0)) revert ModelSharesBadReceiver(to);
        super._update(from, to, value);
        if (from == address(0) || leavesEscrow) return;
        int256 scaled = int256(receivedWei * value);
        _debts[from] -= scaled;
        _debts[to] += scaled;
    }

    /// @dev The implementation has no shares, so nobody would own what it is sent.
    function _credit(uint256 amountWei) private {
        if (_terms.versionId == 0) revert ModelSharesNotInitialized();
        if (amountWei == 0) revert ModelSharesNoRevenue();
        uint256 totalWei = receivedWei + amountWei;
        if (totalWei > MAX_RECEIVED_WEI) revert ModelSharesTooMuchRevenue(totalWei, MAX_RECEIVED_WEI);
        receivedWei = totalWei;
        emit RevenueDistributed(msg.sender, amountWei);
    }

    /// @dev The allocation is one row of i64 elements, one for each account.
    function _openAllocation(
        SharesTerms memory t,
        uint32 accountIndex,
        bytes calldata leaf,
        bytes32[] calldata siblings
    ) private pure returns (int64) {
        uint256 leafCount = TensorLib.leafCount(1, t.accountCount, AMOUNT_BYTES);
        (uint256 leafIndex, uint256 offset) = TensorLib.locate(0, accountIndex, 1, t.accountCount, AMOUNT_BYTES);
        FileTreeLib.checkLeaf(t.allocationRoot, leaf, leafIndex, leafCount, siblings);
        return TensorLib.readI64(leaf, offset);
    }
}
