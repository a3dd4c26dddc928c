// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { LeafOpening } from "../../libraries/FileTreeLib.sol";
import { Certificate } from "../../libraries/QuorumLib.sol";
import { IQuorumVerifier } from "./IQuorumVerifier.sol";
import { IRewardStream } from "./IRewardStream.sol";

/// @notice The newest certified earnings of a service.
/// @param number Number of the root, rising from root to root.
/// @param epoch Epoch of the operators that certified it.
/// @param root File root of the entries.
/// @param count Number of entries.
struct EarningsRoot {
    uint64 number;
    uint64 epoch;
    uint32 count;
    bytes32 root;
}

/// @title What operators earned in services on other chains
/// @notice A service's operators certify, with more than two thirds of their weight, a file that lists what each of them has
/// earned since the beginning: one entry of 32 bytes for each operator, `address (20 bytes) ++ cumulative wei (uint96)`,
/// eight to a leaf of the file tree. The vote is one of type 1 whose slot is the number of the root and whose payload is
/// `keccak256(abi.encode(root, count))`. Anyone posts the certified root, and anyone collects an entry: what it
/// grew by since the operator's last collection goes to the operator's reward stream, for its delegators and itself.
///
/// A service pays from its own account only: all that was ever collected for it is at most what it was funded with. An
/// entry that the account does not cover is paid in part; the rest is paid when the account is funded again.
///
/// Warning: what the entries say is the word of two thirds of the service's weight. No evidence contradicts it; the damage of a
/// false root ends at the service's own account.
/// @dev Warning: an operator that appears twice is paid up to the larger entry, not their sum.
interface IServiceEarnings {
    event ServiceFunded(uint32 indexed serviceId, address indexed funder, uint256 amountWei);
    event EarningsRootPosted(uint32 indexed serviceId, uint64 indexed number, uint64 epoch, bytes32 root, uint32 count);
    event EarningsCollected(uint32 indexed serviceId, address indexed operator, uint256 amountWei, uint256 totalWei);

    error ServiceEarningsRegistryMismatch(address expected, address actual);
    error ServiceEarningsZeroAmount();
    error ServiceEarningsAmountMismatch(uint256 expectedWei, uint256 receivedWei);
    error ServiceEarningsNoEntries();
    error ServiceEarningsStaleNumber(uint64 number, uint64 lastNumber);
    error ServiceEarningsStaleEpoch(uint64 epoch, uint64 lastEpoch);
    error ServiceEarningsNoRoot(uint32 serviceId);
    error ServiceEarningsUnknownEntry(uint32 index, uint32 count);
    error ServiceEarningsWrongEntry(uint32 index, bytes32 claimed, bytes32 actual);
    error ServiceEarningsNothingNew(address operator, uint256 cumulativeWei, uint256 collectedWei);
    error ServiceEarningsNotFunded(uint32 serviceId, uint256 dueWei);

    /// @notice Pulls `amountWei` of the token from the caller into a service's account. It never comes back.
    function fund(uint32 serviceId, uint256 amountWei) external;

    /// @notice Replaces a service's entries by newer certified ones, for anyone.
    /// @param number Larger than that of the last root.
    /// @param epoch Epoch of the certifying operators: not before that of the last root, so that nobody overrules his
    /// successors, and not older than the quorum verifier allows.
    function postRoot(
        uint32 serviceId,
        uint64 number,
        uint64 epoch,
        bytes32 root,
        uint32 count,
        Certificate calldata certificate
    ) external;

    /// @notice Pays what an entry of the newest root grew by into the operator's reward stream, for anyone.
    /// @param index Position of the entry in the file.
    /// @param opening Leaf `index / 8` of the file.
    /// @return amountWei What was paid: the growth, or as much of it as the service's account holds.
    function collect(
        uint32 serviceId,
        uint32 index,
        address operator,
        uint96 cumulativeWei,
        LeafOpening calldata opening
    ) external returns (uint256 amountWei);

    /// @return What a service's account holds.
    function balanceWei(uint32 serviceId) external view returns (uint256);

    /// @return What was collected for an operator in a service since the beginning.
    function collectedWei(uint32 serviceId, address operator) external view returns (uint256);

    /// @return The newest root, all zero before the first.
    function rootOf(uint32 serviceId) external view returns (EarningsRoot memory);

    function quorum() external view returns (IQuorumVerifier);

    function rewards() external view returns (IRewardStream);

    function token() external view returns (IERC20);
}
