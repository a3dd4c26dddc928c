// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IVerifierRegistry } from "../proofs/IVerifierRegistry.sol";
import { IOperatorRegistry } from "../staking/IOperatorRegistry.sol";
import { IModelRegistry } from "./IModelRegistry.sol";

/// @notice A consumer's cumulative promise to pay, signed by EIP-712 (name "Glassbox", version "1", this contract).
/// @param consumer Who signs and whose escrow pays.
/// @param provider The operator that answers.
/// @param versionId The model version that answers.
/// @param priceVersion The provider's price for it that the consumer agrees to.
/// @param units Number of answers of this channel, this one included.
/// @param cumulativeFeeWei Price times units.
/// @param requestsRoot Root list of the input hashes: keccak256 of the hash and 224 zero bytes for a single one.
struct Voucher {
    address consumer;
    address provider;
    uint256 versionId;
    uint32 priceVersion;
    uint64 units;
    uint256 cumulativeFeeWei;
    bytes32 requestsRoot;
}

/// @notice The answer that a voucher pays for, with its proof.
/// @param circuitId The circuit of the version's verifying key.
/// @param inputHash Public input 1: the hash of the input.
/// @param answer Public input 0: the circuit's output.
/// @param proof The Groth16 proof as `IVerifierRegistry.verify` takes it.
struct Answer {
    bytes32 circuitId;
    uint256 inputHash;
    uint256 answer;
    uint256[8] proof;
}

/// @notice A provider's price for one answer of a model version.
/// @param priceWei The fee of an answer.
/// @param effectiveAt When vouchers at this price begin to be settled, in seconds.
struct Price {
    uint128 priceWei;
    uint48 effectiveAt;
}

/// @notice What a consumer has put aside for a provider.
/// @param balanceWei What vouchers can still draw, requested withdrawals included.
/// @param requestedWei What the consumer asked to take back.
/// @param availableAt When the request can be withdrawn, in seconds.
struct Escrow {
    uint256 balanceWei;
    uint256 requestedWei;
    uint48 availableAt;
}

/// @title Settlement of paid inference
/// @notice A consumer escrows tokens for a provider and signs vouchers. A channel is (consumer, provider, version, price
/// version); each of its vouchers pays for exactly one more answer than the last one settled, and is settled together with a
/// proof of that answer, once, by anyone. The fee is split at once: the worker's share is owed to the provider, the rest goes
/// to the shares of the version.
/// @dev Warning: a provider should answer only against `spendableWei`: what a consumer asked to withdraw may be gone after the
/// notice. Until then a voucher can still draw on it.
/// @dev Warning: a contract may stop accepting a signature that it accepted before (ERC-1271). A voucher of a contract is safe
/// only once it is settled; one signed by the account's own key stays good even if the account gets code (EIP-7702).
/// @dev Warning: whoever holds a voucher and a proof can settle; the order of a channel's vouchers is the only order.
/// @dev Warning: the circuit is chosen by who settles, from the keys registered for the version. `IVerifierRegistry` says how far
/// a key can be trusted.
/// @dev Warning: the token may charge a fee on transfers (the amount that arrives counts) but must not change balances by itself.
interface ISettlement {
    /// @notice A provider's price was set.
    event PriceSet(
        address indexed provider,
        uint256 indexed versionId,
        uint32 indexed priceVersion,
        uint256 priceWei,
        uint48 effectiveAt
    );

    /// @notice Tokens were escrowed.
    event EscrowDeposited(address indexed consumer, address indexed provider, uint256 amountWei);

    /// @notice A consumer asked for tokens back; it replaces an earlier request.
    event EscrowRequested(address indexed consumer, address indexed provider, uint256 amountWei, uint48 availableAt);

    /// @notice Tokens went back to their consumer.
    event EscrowWithdrawn(address indexed consumer, address indexed provider, uint256 amountWei);

    /// @notice A proven answer was paid for.
    event AnswerSettled(
        address indexed consumer,
        address indexed provider,
        uint256 indexed versionId,
        uint32 priceVersion,
        uint64 units,
        bytes32 circuitId,
        uint256 inputHash,
        uint256 answer,
        uint256 feeWei,
        uint256 workerWei
    );

    /// @notice A provider took what it was owed.
    event OwedWithdrawn(address indexed account, address indexed to, uint256 amountWei);

    /// @notice Shares are in basis points.
    error SettlementBadBps(uint256 bps, uint256 maximum);

    /// @notice Only operators provide answers.
    error SettlementNotOperator(address account);

    /// @notice A price is more than nothing.
    error SettlementZeroPrice();

    /// @notice The last price isn't effective yet.
    error SettlementPricePending(uint32 priceVersion, uint48 effectiveAt);

    /// @notice The provider has no such price.
    error SettlementUnknownPrice(uint32 priceVersion, uint256 priceCount);

    /// @notice The price isn't effective yet.
    error SettlementPriceNotEffective(uint32 priceVersion, uint48 effectiveAt);

    /// @notice An amount is more than nothing.
    error SettlementZeroAmount();

    /// @notice The escrow has less.
    error SettlementInsufficientEscrow(uint256 neededWei, uint256 balanceWei);

    /// @notice Nothing was requested.
    error SettlementNothingRequested(address consumer, address provider);

    /// @notice The notice isn't over.
    error SettlementNoticeRunning(uint48 availableAt);

    /// @notice The voucher isn't the next of its channel: it was settled before, or others come first.
    error SettlementWrongUnits(uint64 units, uint256 expected);

    /// @notice The fee isn't price times units.
    error SettlementWrongFee(uint256 cumulativeFeeWei, uint256 expected);

    /// @notice The voucher pays for another input.
    error SettlementWrongRequest(bytes32 requestsRoot, bytes32 expected);

    /// @notice The consumer didn't sign this voucher for this contract on this chain.
    error SettlementBadSignature(address consumer, bytes32 digest);

    /// @notice The proof doesn't hold.
    error SettlementBadProof(uint256 versionId, bytes32 circuitId);

    /// @notice Earnings aren't paid to nobody or to this contract.
    error SettlementBadReceiver(address receiver);

    /// @notice Nothing is owed to this account.
    error SettlementNothingOwed(address account);

    /// @notice Sets the caller's price for answers of a version. The first is effective at once, later ones after the notice;
    /// one at a time. Vouchers at earlier prices stay good.
    /// @return priceVersion Number of the price, from 0.
    function setPrice(uint256 versionId, uint128 priceWei) external returns (uint32 priceVersion);

    /// @notice Escrows tokens of the caller for answers of a provider.
    function deposit(address provider, uint256 amountWei) external;

    /// @notice Asks for escrowed tokens back; replaces an earlier request and starts its notice anew. 0 takes it back.
    function requestWithdraw(address provider, uint256 amountWei) external;

    /// @notice Pays a request to the caller after the notice, as far as vouchers have left it.
    /// @return amountWei What was paid.
    function withdraw(address provider) external returns (uint256 amountWei);

    /// @notice Pays for a proven answer. Anyone may call.
    /// @param signature Of the consumer: ECDSA by its own key, or what its contract accepts by ERC-1271.
    function settle(Voucher calldata voucher, bytes calldata signature, Answer calldata answer) external;

    /// @notice Pays the caller what its answers have earned.
    /// @return amountWei What was paid.
    function withdrawOwed(address to) external returns (uint256 amountWei);

    /// @notice What the consumer signs.
    function voucherDigest(Voucher calldata voucher) external view returns (bytes32);

    /// @notice The answers settled of a channel.
    function settledUnits(
        address consumer,
        address provider,
        uint256 versionId,
        uint32 priceVersion
    ) external view returns (uint64);

    /// @notice A provider's price; reverts if there is none of this number.
    function price(address provider, uint256 versionId, uint32 priceVersion) external view returns (Price memory);

    /// @notice The price in effect now; reverts if there is none.
    function currentPrice(
        address provider,
        uint256 versionId
    ) external view returns (uint32 priceVersion, uint256 priceWei);

    /// @notice What a consumer has put aside for a provider.
    function escrow(address consumer, address provider) external view returns (Escrow memory);

    /// @notice What a provider can rely on: the escrow without what the consumer asked to withdraw.
    function spendableWei(address consumer, address provider) external view returns (uint256);

    /// @notice What an account can take by `withdrawOwed`.
    function owedWei(address account) external view returns (uint256);

    /// @notice The token of fees and revenue.
    function token() external view returns (IERC20);

    /// @notice Who may provide.
    function operators() external view returns (IOperatorRegistry);

    /// @notice The model registry.
    function models() external view returns (IModelRegistry);

    /// @notice The verifying keys.
    function verifiers() external view returns (IVerifierRegistry);

    /// @notice The provider's part of a fee, rounded down; the rest is revenue of the version.
    function workerBps() external view returns (uint16);

    /// @notice The notice of price changes and withdrawals.
    function noticeSeconds() external view returns (uint48);
}
