// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IFlow } from "../storage/IFlow.sol";

/// @notice A claim that a file and a Poseidon root stand for the same bytes.
/// @param fileRoot Root of the file in the file tree
/// @param leaves Leaves of the file, the last one filled with zeros: the root binds their bytes, but not where the file ends in the last
/// @param poseidonRoot Root of the same bytes in the Poseidon tree
struct Twin {
    bytes32 fileRoot;
    uint64 leaves;
    uint256 poseidonRoot;
}

/// @notice What is known of a twin.
/// @param registrant Who claimed it and paid the bond
/// @param finalAt From when on it counts, in seconds
/// @param refuted Whether it was shown to be false
/// @param bondPaidOut Whether the bond went back
struct TwinState {
    address registrant;
    uint48 finalAt;
    bool refuted;
    bool bondPaidOut;
}

/// @title Poseidon twins of files
/// @notice Circuits open a file by its Poseidon root, contracts and storage by its keccak root. That both are of the same bytes is
/// claimed here under bond, and counts after a window in which anyone who has the file can refute it: the contract
/// recomputes both roots. Files are small (`MAX_LEAVES`), so one transaction does.
/// @dev Warning: a false twin falls only if somebody who has the file looks at it within the window. Registering takes a file that is
/// held under a filled storage deal, so that anybody can have it.
/// @dev Warning: whoever copies a refutation from the mempool and is mined first gets the reward; the twin falls all the same.
/// @dev Warning: the token of the bond must not charge fees on transfers.
interface ITwinRegistry {
    /// @notice A twin was claimed.
    event TwinRegistered(
        bytes32 indexed twinId,
        bytes32 indexed fileRoot,
        uint256 indexed poseidonRoot,
        uint64 leaves,
        address registrant,
        uint48 finalAt
    );

    /// @notice A twin was shown to be false: half of the bond was burnt, `rewardWei` paid to `refuter`.
    event TwinRefuted(bytes32 indexed twinId, address indexed refuter, uint256 actualRoot, uint256 rewardWei);

    /// @notice The bond of a twin that counts went back.
    event TwinBondWithdrawn(bytes32 indexed twinId, address to, uint256 amountWei);

    /// @notice A bond of at least `minimum` leaves something to burn and something to give.
    error TwinRegistryBondTooSmall(uint256 bondWei, uint256 minimum);

    /// @notice There is time to refute.
    error TwinRegistryNoWindow();

    /// @notice A Poseidon root is below the field's order.
    error TwinRegistryRootOutOfField(uint256 poseidonRoot);

    /// @notice The file is too large to be recomputed in one transaction.
    error TwinRegistryFileTooLong(uint256 leaves, uint256 maximum);

    /// @notice The file isn't under a filled storage deal for long enough.
    error TwinRegistryNotAvailable(uint64 submission, uint32 untilEpoch);

    /// @notice The twin was claimed before, perhaps refuted.
    error TwinRegistryExists(bytes32 twinId);

    /// @notice Nobody claimed the twin.
    error TwinRegistryUnknown(bytes32 twinId);

    /// @notice The window is over.
    error TwinRegistryFinal(bytes32 twinId, uint48 finalAt);

    /// @notice The window isn't over.
    error TwinRegistryNotFinal(bytes32 twinId, uint48 finalAt);

    /// @notice The twin was refuted, and its bond is gone.
    error TwinRegistryRefuted(bytes32 twinId);

    /// @notice A file is shown as its leaves, 256 bytes each.
    error TwinRegistryWrongLength(uint256 actual, uint256 expected);

    /// @notice These aren't the bytes that the twin is of.
    error TwinRegistryWrongFile(bytes32 actual, bytes32 expected);

    /// @notice The twin is right.
    error TwinRegistryHolds(bytes32 twinId);

    /// @notice Only who claimed the twin gets the bond.
    error TwinRegistryNotRegistrant(address caller, address registrant);

    /// @notice The bond went back before.
    error TwinRegistryBondPaidOut(bytes32 twinId);

    /// @notice Bonds aren't paid to nobody or to this contract.
    error TwinRegistryBadReceiver(address receiver);

    /// @notice Claims the twin of a file of the flow and takes the bond from the caller.
    /// @param submission Where `Flow` has the file: its root and leaves are taken from there
    function register(uint64 submission, uint256 poseidonRoot) external returns (bytes32 twinId);

    /// @notice Refutes a false twin within its window by the file's leaves. Half of the bond (rounded up) is burnt, the caller gets the rest.
    /// @dev Up to 2.8M gas, for the largest file.
    /// @param file All leaves of the file, 256 bytes each
    function refute(Twin calldata twin, bytes calldata file) external;

    /// @notice Pays the bond of a twin that counts to `to`. Registrant only.
    function withdrawBond(Twin calldata twin, address to) external;

    /// @notice Whether the twin counts: it was claimed, its window is over, and nobody refuted it.
    function isFinal(Twin calldata twin) external view returns (bool);

    /// @notice What is known of a twin; reverts if nobody claimed it.
    function stateOf(Twin calldata twin) external view returns (TwinState memory);

    /// @notice keccak256 of the encoded twin.
    function twinIdOf(Twin calldata twin) external pure returns (bytes32);

    /// @notice Leaves of the largest file that has a twin.
    function MAX_LEAVES() external view returns (uint256);

    /// @notice Where files are logged.
    function flow() external view returns (IFlow);

    /// @notice The token of the bond.
    function token() external view returns (IERC20);

    /// @notice The bond for each twin.
    function bondWei() external view returns (uint256);

    /// @notice The time in which a twin can be refuted.
    function windowSeconds() external view returns (uint48);

    /// @notice A file must be under a filled deal for this many epochs after the current one.
    function availabilityEpochs() external view returns (uint32);
}
