// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { IModelRegistry } from "../interfaces/models/IModelRegistry.sol";
import { IModelShares } from "../interfaces/models/IModelShares.sol";
import { Answer, Escrow, ISettlement, Price, Voucher } from "../interfaces/models/ISettlement.sol";
import { IVerifierRegistry } from "../interfaces/proofs/IVerifierRegistry.sol";
import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";

/// @title Settlement
contract Settlement is ISettlement, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    uint16 private constant BPS = 10_000;
    bytes32 private constant VOUCHER_TYPEHASH = keccak256(
        "Voucher(address consumer,address provider,uint256 versionId,uint32 priceVersion,uint64 units,uint256 cumulativeFeeWei,bytes32 requestsRoot)"
    );

    /// @inheritdoc ISettlement
    IERC20 public immutable token;

    /// @inheritdoc ISettlement
    IOperatorRegistry public immutable operators;

    /// @inheritdoc ISettlement
    IModelRegistry public immutable models;

    /// @inheritdoc ISettlement
    IVerifierRegistry public immutable verifiers;

    /// @inheritdoc ISettlement
    uint16 public immutable workerBps;

    /// @inheritdoc ISettlement
    uint48 public immutable noticeSeconds;

    /// @inheritdoc ISettlement
    mapping(address account => uint256) public owedWei;

    mapping(address provider => mapping(uint256 versionId => Price[])) private _prices;
    mapping(address consumer => mapping(address provider => Escrow)) private _escrows;
    mapping(bytes32 channel => uint64 units) private _settledUnits;

    constructor(
        IERC20 token_,
        IOperatorRegistry operators_,
        IModelRegistry models_,
        IVerifierRegistry verifiers_,
        uint16 workerBps_,
        uint48 noticeSeconds_
    ) EIP712("Glassbox", "1") {
        if (workerBps_ > BPS) revert SettlementBadBps(workerBps_, BPS);
        token = token_;
        operators = operators_;
        models = models_;
        verifiers = verifiers_;
        workerBps = workerBps_;
        noticeSeconds = noticeSeconds_;
    }

    /// @inheritdoc ISettlement
    function setPrice(uint256 versionId, uint128 priceWei) external returns (uint32 priceVersion) {
        _requireOperator(msg.sender);
        if (priceWei == 0) revert SettlementZeroPrice();
        // Reverts for a version that doesn't exist.
        models.sharesOf(versionId);
        Price[] storage list = _prices[msg.sender][versionId];
        priceVersion = uint32(list.length);
        uint48 effectiveAt = uint48(block.timestamp);
        if (priceVersion > 0) {
            uint48 lastAt = list[priceVersion - 1].effectiveAt;
            if (lastAt > block.timestamp) revert SettlementPricePending(priceVersion - 1, lastAt);
            effectiveAt += noticeSeconds;
        }
        list.push(Price({ priceWei: priceWei, effectiveAt: effectiveAt }));
        emit PriceSet(msg.sender, versionId, priceVersion, priceWei, effectiveAt);
    }

    /// @inheritdoc ISettlement
    function deposit(address provider, uint256 amountWei) external nonReentrant {
        _requireOperator(provider);
        uint256 beforeWei = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amountWei);
        uint256 receivedWei = token.balanceOf(address(this)) - beforeWei;
        if (receivedWei == 0) revert SettlementZeroAmount();
        _escrows[msg.sender][provider].balanceWei += receivedWei;
        emit EscrowDeposited(msg.sender, provider, receivedWei);
    }

    /// @inheritdoc ISettlement
    function requestWithdraw(address provider, uint256 amountWei) external {
        Escrow storage held = _escrows[msg.sender][provider];
        if (amountWei > held.balanceWei) revert SettlementInsufficientEscrow(amountWei, held.balanceWei);
        uint48 availableAt = uint48(block.timestamp) + noticeSeconds;
        held.requestedWei = amountWei;
        held.availableAt = availableAt;
        emit EscrowRequested(msg.sender, provider, amountWei, availableAt);
    }

    /// @inheritdoc ISettlement
    function withdraw(address provider) external nonReentrant returns (uint256 amountWei) {
        Escrow storage held = _escrows[msg.sender][provider];
        if (held.requestedWei == 0) revert SettlementNothingRequested(msg.sender, provider);
        if (block.timestamp < held.availableAt) revert SettlementNoticeRunning(held.availableAt);
        amountWei = held.requestedWei < held.balanceWei ? held.requestedWei : held.balanceWei;
        held.requestedWei = 0;
        held.balanceWei -= amountWei;
        emit EscrowWithdrawn(msg.sender, provider, amountWei);
        token.safeTransfer(msg.sender, amountWei);
    }

    /// @inheritdoc ISettlement
    function settle(Voucher calldata voucher, bytes calldata signature, Answer calldata answer) external nonReentrant {
        uint256 feeWei = _advance(voucher);
        bytes32 expectedRoot = keccak256(abi.encodePacked(answer.inputHash, new bytes(224)));
        if (voucher.requestsRoot != expectedRoot) revert SettlementWrongRequest(voucher.requestsRoot, expectedRoot);
        bytes32 digest = voucherDigest(voucher);
        if (!_isSigned(voucher.consumer, digest, signature)) revert SettlementBadSignature(voucher.consumer, digest);
        _requireProof(voucher.versionId, answer);

        Escrow storage held = _escrows[voucher.consumer][voucher.provider];
        if (held.balanceWei < feeWei) revert SettlementInsufficientEscrow(feeWei, held.balanceWei);
        held.balanceWei -= feeWei;
        uint256 workerWei = (feeWei * workerBps) / BPS;
        owedWei[voucher.provider] += workerWei;
        emit AnswerSettled(
            voucher.consumer,
            voucher.provider,
            voucher.versionId,
            voucher.priceVersion,
            voucher.units,
            answer.circuitId,
            answer.inputHash,
            answer.answer,
            feeWei,
            workerWei
        );
        if (feeWei > workerWei) _distribute(voucher.versionId, feeWei - workerWei);
    }

    /// @inheritdoc ISettlement
    function withdrawOwed(address to) external nonReentrant returns (uint256 amountWei) {
        if (to == address(0) || to == address(this)) revert SettlementBadReceiver(to);
        amountWei = owedWei[msg.sender];
        if (amountWei == 0) revert SettlementNothingOwed(msg.sender);
        owedWei[msg.sender] = 0;
        emit OwedWithdrawn(msg.sender, to, amountWei);
        token.safeTransfer(to, amountWei);
    }

    /// @inheritdoc ISettlement
    function settledUnits(
        address consumer,
        address provider,
        uint256 versionId,
        uint32 priceVersion
    ) external view returns (uint64) {
        return _settledUnits[_channel(consumer, provider, versionId, priceVersion)];
    }

    /// @inheritdoc ISettlement
    function price(address provider, uint256 versionId, uint32 priceVersion) external view returns (Price memory) {
        return _price(provider, versionId, priceVersion);
    }

    /// @inheritdoc ISettlement
    function currentPrice(
        address provider,
        uint256 versionId
    ) external view returns (uint32 priceVersion, uint256 priceWei) {
        Price[] storage list = _prices[provider][versionId];
        if (list.length == 0) revert SettlementUnknownPrice(0, 0);
        priceVersion = uint32(list.length - 1);
        // Only the last one can be pending.
        if (list[priceVersion].effectiveAt > block.timestamp) --priceVersion;
        priceWei = list[priceVersion].priceWei;
    }

    /// @inheritdoc ISettlement
    function escrow(address consumer, address provider) external view returns (Escrow memory) {
        return _escrows[consumer][provider];
    }

    /// @inheritdoc ISettlement
    function spendableWei(address consumer, address provider) external view returns (uint256) {
        Escrow storage held = _escrows[consumer][provider];
        return held.balanceWei > held.requestedWei ? held.balanceWei - held.requestedWei : 0;
    }

    /// @inheritdoc ISettlement
    function voucherDigest(Voucher calldata voucher) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, voucher)));
    }

    /// @dev Takes the voucher as its channel's next and returns the fee of this one answer.
    function _advance(Voucher calldata voucher) private returns (uint256 priceWei) {
        Price storage agreed = _price(voucher.provider, voucher.versionId, voucher.priceVersion);
        if (agreed.effectiveAt > block.timestamp) {
            revert SettlementPriceNotEffective(voucher.priceVersion, agreed.effectiveAt);
        }
        bytes32 channel = _channel(voucher.consumer, voucher.provider, voucher.versionId, voucher.priceVersion);
        uint256 expectedUnits = uint256(_settledUnits[channel]) + 1;
        if (voucher.units != expectedUnits) revert SettlementWrongUnits(voucher.units, expectedUnits);
        priceWei = agreed.priceWei;
        uint256 expectedFeeWei = priceWei * voucher.units;
        if (voucher.cumulativeFeeWei != expectedFeeWei) {
            revert SettlementWrongFee(voucher.cumulativeFeeWei, expectedFeeWei);
        }
        _settledUnits[channel] = voucher.units;
    }

    function _distribute(uint256 versionId, uint256 amountWei) private {
        address shares = models.sharesOf(versionId);
        token.forceApprove(shares, amountWei);
        IModelShares(shares).distribute(amountWei);
    }

    /// @dev A key's signature counts even if its account has code by now: an account that delegates by EIP-7702 after it got
    /// its answer could take its vouchers back otherwise.
    function _isSigned(address consumer, bytes32 digest, bytes calldata signature) private view returns (bool) {
        (address signer, ECDSA.RecoverError err, ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (err == ECDSA.RecoverError.NoError && signer == consumer) return true;
        return SignatureChecker.isValidERC1271SignatureNowCalldata(consumer, digest, signature);
    }

    function _requireProof(uint256 versionId, Answer calldata answer) private view {
        uint256[] memory inputs = new uint256[](2);
        inputs[0] = answer.answer;
        inputs[1] = answer.inputHash;
        if (!verifiers.verify(versionId, answer.circuitId, answer.proof, inputs)) {
            revert SettlementBadProof(versionId, answer.circuitId);
        }
    }

    function _requireOperator(address account) private view {
        if (!operators.isOperator(account)) revert SettlementNotOperator(account);
    }

    function _price(address provider, uint256 versionId, uint32 priceVersion) private view returns (Price storage) {
        Price[] storage list = _prices[provider][versionId];
        if (priceVersion >= list.length) revert SettlementUnknownPrice(priceVersion, list.length);
        return list[priceVersion];
    }

    function _channel(
        address consumer,
        address provider,
        uint256 versionId,
        uint32 priceVersion
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(consumer, provider, versionId, priceVersion));
    }
}
