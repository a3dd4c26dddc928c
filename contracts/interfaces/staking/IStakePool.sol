// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IOperatorRegistry } from "./IOperatorRegistry.sol";
import { IRewardStream } from "./IRewardStream.sol";
import { IServiceRegistry } from "./IServiceRegistry.sol";
import { ISlasher } from "./ISlasher.sol";

/// @notice Shares on their way out.
struct Withdrawal {
    address owner;
    uint48 requestedAt;
    uint32 generation;
    address operator;
    uint256 shares;
}

/// @title The stake of all operators and their delegators, in one token
/// @notice Delegating is depositing to an operator. A deposit buys shares at the operator's *index*, which starts at 1e27
/// and only ever falls, by slashes: `shares = floor(assets * 1e27 / index)`, `value = floor(shares * index / 1e27)`. A
/// withdrawal is requested in shares, stays slashable for the delay, and is then paid at the index of
/// `requestedAt + delay`, whenever it is claimed. When the index falls below 1e18, the *generation* retires: its
/// index is frozen, what is left of it can be withdrawn as always, and deposits go to the next generation at 1e27.
///
/// Identities: the pool's balance is at least the value of all shares and withdrawals plus `owedWei` and `unpaidBountyWei`
/// of all sinks; what was slashed in all is what was swept, paid as bounties, is owed and is set aside; pricing never reads
/// a token balance, so tokens sent without `deposit` change nothing and are lost to the sender; rounding is always in
/// favour of the pool and costs a depositor at most one base unit.
///
/// Warning: the token must transfer exactly what it is told. A deposit of which another amount arrives is refused; a
/// token that changes balances by itself breaks the pool's solvency.
interface IStakePool {
    event Deposited(
        address indexed operator,
        address indexed owner,
        uint32 generation,
        uint256 assetsWei,
        uint256 shares
    );
    event WithdrawalRequested(
        uint256 indexed withdrawalId,
        address indexed operator,
        address indexed owner,
        uint32 generation,
        uint256 shares
    );
    event Withdrawn(uint256 indexed withdrawalId, address indexed receiver, uint256 assetsWei);
    /// @param bountyWei Part of `slashedWei` that is set aside as a bounty.
    event StakeSlashed(
        address indexed operator,
        uint32 generation,
        uint256 index,
        uint256 slashedWei,
        uint256 bountyWei
    );
    event GenerationRetired(address indexed operator, uint32 generation);
    event Reserved(uint32 indexed serviceId, address indexed operator, uint256 amountWei);
    event Released(uint32 indexed serviceId, address indexed operator, uint256 amountWei);
    event Swept(address indexed sink, uint256 amountWei);

    error StakePoolRegistryMismatch(address expected, address actual);
    error StakePoolPaused();
    error StakePoolBalanceTooLarge(uint256 balanceWei, uint256 maxWei);
    error StakePoolZeroAmount();
    error StakePoolZeroReceiver();
    error StakePoolNotOperator(address account);
    error StakePoolAmountMismatch(uint256 expectedWei, uint256 receivedWei);
    error StakePoolSlippage(uint256 shares, uint256 minShares);
    error StakePoolInsufficientShares(uint256 shares, uint256 requestedShares);
    error StakePoolNotOwner(uint256 withdrawalId, address caller);
    error StakePoolNotMatured(uint256 withdrawalId, uint256 maturesAt);
    error StakePoolNotSlasher(address caller);
    error StakePoolInvalidFraction(uint64 keptWad, uint64 totalWad);
    error StakePoolNotObligor(uint32 serviceId, address caller);
    error StakePoolInsufficientStake(uint256 availableWei, uint256 amountWei);
    error StakePoolReleaseExceedsReserve(uint256 reservedWei, uint256 amountWei);

    /// @notice Stakes the caller's tokens with an operator. Refused while the service registry is paused, and if the pool
    /// would hold more than 2^128 - 1 base units.
    /// @param minShares Reverts if fewer shares were minted; `assetsWei` is always enough to expect.
    function deposit(address operator, uint256 assetsWei, uint256 minShares) external returns (uint256 shares);

    /// @notice `deposit` after an ERC-2612 permit. A permit that was already spent is no obstacle if it left the allowance.
    function depositWithPermit(
        address operator,
        uint256 assetsWei,
        uint256 minShares,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 shares);

    /// @notice Asks for shares of the operator's present generation to be paid out. They cover no new obligation from now
    /// on, but share in every slash up to and including now + delay.
    function requestWithdraw(address operator, uint256 shares) external returns (uint256 withdrawalId);

    /// @notice The same for shares of any generation, so that what a retired one still holds can leave.
    function requestWithdrawFrom(
        address operator,
        uint32 generation,
        uint256 shares
    ) external returns (uint256 withdrawalId);

    /// @notice Pays a withdrawal of the caller, later than `requestedAt + delay`, even if it is worth nothing any more.
    function withdraw(uint256 withdrawalId, address receiver) external returns (uint256 assetsWei);

    /// @notice Multiplies the operator's index by `keptWad / totalWad`, rounded down. Only the Slasher.
    /// @param sink Whom the slash is owed to, less the bounty. Zero burns it.
    /// @return lossWei What stake and slashable withdrawals lost, rounded down.
    /// @return bountyWei Part of the loss that is set aside: a twentieth, but no more than the operator's own active shares
    /// lost, so that no bounty pays an operator for slashing itself.
    /// @return retired Whether the generation retired.
    function slash(
        address operator,
        uint64 keptWad,
        uint64 totalWad,
        address sink
    ) external returns (uint256 lossWei, uint256 bountyWei, bool retired);

    /// @notice Pays a bounty that was set aside from slashes for `sink`. Only the Slasher.
    function payBounty(address sink, address to, uint256 amountWei) external;

    /// @notice Gives a bounty that nobody earned to the sink that it was set aside from. Only the Slasher.
    function forgoBounty(address sink, uint256 amountWei) external;

    /// @notice Sets stake aside for an obligation. Only the service's obligor.
    /// @param amountWei At most `availableWei(serviceId, operator)`.
    function reserve(uint32 serviceId, address operator, uint256 amountWei) external;

    /// @notice Ends what `reserve` began. Only the service's obligor.
    function release(uint32 serviceId, address operator, uint256 amountWei) external;

    /// @notice Sends a sink what it is owed. For anyone.
    /// @param sink Zero for what is to be burnt, which goes to 0x…dEaD.
    function sweep(address sink) external returns (uint256 amountWei);

    function token() external view returns (IERC20);

    function operators() external view returns (IOperatorRegistry);

    function services() external view returns (IServiceRegistry);

    function slasher() external view returns (ISlasher);

    /// @notice What stake earns. It is told of every change of active shares.
    function rewards() external view returns (IRewardStream);

    /// @return What may be reserved for a new obligation of the service: the operator's stake, without what asked to
    /// leave, times the magnitude of the service's group, less all that is reserved in that group. Zero unless the
    /// operator is a member and stays one.
    function availableWei(uint32 serviceId, address operator) external view returns (uint256);

    /// @return What the service's obligor has reserved.
    function reservedWei(uint32 serviceId, address operator) external view returns (uint256);

    /// @return What all services of a group have reserved.
    function reservedInGroupWei(uint32 groupId, address operator) external view returns (uint256);

    /// @return The value of the operator's stake, without what asked to leave.
    function stakeOf(address operator) external view returns (uint256);

    /// @return The value that the next slash falls on: `stakeOf` and withdrawals that are still slashable.
    function slashableOf(address operator) external view returns (uint256);

    /// @return The user's shares in the operator's present generation.
    function sharesOf(address operator, address user) external view returns (uint256);

    /// @return The user's shares in one generation.
    function sharesIn(address operator, uint32 generation, address user) external view returns (uint256);

    /// @return The operator's present generation, counted from 0.
    function generationOf(address operator) external view returns (uint32);

    /// @return The operator's generation at the end of second `t`. Final for a past `t`.
    function generationAt(address operator, uint48 t) external view returns (uint32);

    /// @return The operator's index at the end of second `t`, 1e27 before its first slash. Final for a past `t`.
    function indexAt(address operator, uint32 generation, uint48 t) external view returns (uint256);

    /// @return All shares that had not asked to leave at the end of second `t`. Final for a past `t`.
    function activeSharesAt(address operator, uint32 generation, uint48 t) external view returns (uint256);

    /// @return `activeSharesAt` of the generation of that time.
    function liveSharesAt(address operator, uint48 t) external view returns (uint256);

    /// @return The withdrawal, all zero if it was paid or never existed.
    function withdrawal(uint256 withdrawalId) external view returns (Withdrawal memory);

    /// @return What a withdrawal is worth by the slashes so far, and the first second at which it can be paid.
    function previewWithdraw(uint256 withdrawalId) external view returns (uint256, uint256);

    function withdrawalCount() external view returns (uint256);

    /// @return What slashes owe to a sink, zero for the burn address.
    function owedWei(address sink) external view returns (uint256);

    /// @return What is set aside for bounties from slashes for a sink, zero for the burn address.
    function unpaidBountyWei(address sink) external view returns (uint256);
}
