// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice What a version's shares are bound to for ever.
/// @param versionId The version in the model registry.
/// @param accountsRoot File root of the accounts, 32 bytes each.
/// @param allocationRoot Root of the i64 tensor with the shares of each account.
/// @param accountCount Number of accounts.
/// @param supply Number of shares (base units).
struct SharesTerms {
    uint256 versionId;
    bytes32 accountsRoot;
    bytes32 allocationRoot;
    uint32 accountCount;
    uint64 supply;
}

/// @title Shares of a model version
/// @notice An ERC-20 of fixed supply. All shares start in escrow at the contract itself and are claimed by opening the
/// version's accounts and allocation. Revenue is spread over the supply, escrow included, exactly:
///
///     owedScaled(a) = receivedWei * balance(a) - debt(a)        (unit: wei / supply)
///     claimableWei(a) = floor(owedScaled(a) / supply)
///
/// A transfer of x shares moves `receivedWei * x` of debt with them, so both sides keep the revenue they had earned, and a
/// claim moves shares without debt, so they bring what they earned in escrow. At all times
///
///     receivedWei * supply = paidWei * supply + sum of owedScaled
///
/// so received = paid + claimable + dust, where dust is the sum of all `owedScaled % supply` divided by the supply: less
/// than one wei for each account. It stays owed to the same accounts and becomes claimable with later revenue.
/// Method: exact form of the scaled accumulator used by dividend and staking contracts.
/// @dev Warning: revenue of shares held by a contract belongs to that contract; if it can't call `withdraw`, nobody can.
/// @dev Warning: revenue follows the balance at the moment of `distribute`; who buys shares just before a payment shares in it.
/// @dev Warning: the token may charge a fee on transfers (the amount that arrives counts) but must not change balances by itself.
/// @dev Warning: if an allocation sums to more than the supply, the claims that come last fail. Jobs are refutable for it.
interface IModelShares is IERC20 {
    /// @notice Revenue arrived.
    event RevenueDistributed(address indexed payer, uint256 amountWei);

    /// @notice Revenue was paid out.
    event RevenueWithdrawn(address indexed account, address indexed to, uint256 amountWei);

    /// @notice An account's shares left the escrow.
    event SharesClaimed(uint32 indexed accountIndex, address indexed account, uint64 amount);

    /// @notice Only the model registry that created the implementation initialises clones.
    error ModelSharesNotRegistry(address caller, address registry);

    /// @notice A clone is initialised once.
    error ModelSharesInitialized(uint256 versionId);

    /// @notice Only clones hold shares and revenue.
    error ModelSharesNotInitialized();

    /// @notice There are only `accountCount` accounts.
    error ModelSharesUnknownAccount(uint32 accountIndex, uint32 accountCount);

    /// @notice This account's shares were claimed before.
    error ModelSharesClaimed(uint32 accountIndex);

    /// @notice The accounts file has another account at this index.
    error ModelSharesWrongAccount(uint32 accountIndex, address account, bytes32 expected);

    /// @notice The allocation has another amount at this index.
    error ModelSharesWrongAmount(uint32 accountIndex, uint64 amount, int64 expected);

    /// @notice Nothing is allocated to this account.
    error ModelSharesNothingAllocated(uint32 accountIndex);

    /// @notice Shares don't go back to the escrow, and revenue isn't paid to it or to nobody.
    error ModelSharesBadReceiver(address receiver);

    /// @notice No revenue arrived.
    error ModelSharesNoRevenue();

    /// @notice The revenue of all time is at most `maximum`.
    error ModelSharesTooMuchRevenue(uint256 receivedWei, uint256 maximum);

    /// @notice Nothing is claimable by this account.
    error ModelSharesNothingOwed(address account);

    /// @notice Binds a fresh clone to its version and mints the whole supply into escrow. Model registry only, once.
    function initialize(SharesTerms calldata newTerms) external;

    /// @notice Moves an account's shares out of escrow, with the revenue they earned there. Anyone may call.
    /// @param accountIndex Index of the account in the accounts file and of its element in the allocation.
    /// @param account The address in the accounts file.
    /// @param amount The element of the allocation.
    /// @param accountLeaf The 256-byte leaf `accountIndex / 8` of the accounts file.
    /// @param accountSiblings Its path in the accounts file.
    /// @param allocationLeaf The 256-byte leaf `accountIndex / 32` of the allocation.
    /// @param allocationSiblings Its path in the allocation's tensor tree.
    function claim(
        uint32 accountIndex,
        address account,
        uint64 amount,
        bytes calldata accountLeaf,
        bytes32[] calldata accountSiblings,
        bytes calldata allocationLeaf,
        bytes32[] calldata allocationSiblings
    ) external;

    /// @notice Pulls `amountWei` of the token from the caller and spreads what arrives over all shares.
    /// @return receivedNowWei What arrived: less than `amountWei` only if the token charges a fee.
    function distribute(uint256 amountWei) external returns (uint256 receivedNowWei);

    /// @notice Spreads tokens that were sent to this contract without `distribute`. Anyone may call.
    /// @return receivedNowWei What was found.
    function sync() external returns (uint256 receivedNowWei);

    /// @notice Pays the caller's claimable revenue to `to`.
    /// @return amountWei What was paid, rounded down; the fraction stays owed.
    function withdraw(address to) external returns (uint256 amountWei);

    /// @notice What `withdraw` would pay to this account. For the escrow itself: what unclaimed shares have earned.
    function claimableWei(address account) external view returns (uint256);

    /// @notice What is owed to this account, in wei / supply.
    function owedScaled(address account) external view returns (uint256);

    /// @notice All revenue so far.
    function receivedWei() external view returns (uint256);

    /// @notice All revenue paid out so far.
    function paidWei() external view returns (uint256);

    /// @notice Whether the shares of this account have left the escrow.
    function isClaimed(uint32 accountIndex) external view returns (bool);

    /// @notice What these shares are bound to.
    function terms() external view returns (SharesTerms memory);

    /// @notice The token in which revenue is paid.
    function token() external view returns (IERC20);

    /// @notice The model registry.
    function registry() external view returns (address);
}
