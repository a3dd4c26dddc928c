// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ITwinRegistry, Twin, TwinState } from "../interfaces/proofs/ITwinRegistry.sol";
import { IFlow, SubmissionInfo } from "../interfaces/storage/IFlow.sol";
import { IMarket } from "../interfaces/storage/IMarket.sol";
import { FileTreeLib } from "../libraries/FileTreeLib.sol";
import { PoseidonLib } from "../libraries/PoseidonLib.sol";

/// @title TwinRegistry
/// @dev Balance = one bond for each twin that is neither refuted nor paid out.
contract TwinRegistry is ITwinRegistry {
    using SafeERC20 for IERC20;

    /// @notice Where burnt tokens go.
    address public constant BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;

    /// @inheritdoc ITwinRegistry
    uint256 public constant MAX_LEAVES = 8;

    uint256 private constant MIN_BOND_WEI = 2;

    /// @inheritdoc ITwinRegistry
    IFlow public immutable flow;

    /// @inheritdoc ITwinRegistry
    IERC20 public immutable token;

    /// @inheritdoc ITwinRegistry
    uint256 public immutable bondWei;

    /// @inheritdoc ITwinRegistry
    uint48 public immutable windowSeconds;

    /// @inheritdoc ITwinRegistry
    uint32 public immutable availabilityEpochs;

    mapping(bytes32 twinId => TwinState) private _states;

    constructor(IFlow flow_, IERC20 token_, uint256 bondWei_, uint48 windowSeconds_, uint32 availabilityEpochs_) {
        if (bondWei_ < MIN_BOND_WEI) revert TwinRegistryBondTooSmall(bondWei_, MIN_BOND_WEI);
        if (windowSeconds_ == 0) revert TwinRegistryNoWindow();
        flow = flow_;
        token = token_;
        bondWei = bondWei_;
        windowSeconds = windowSeconds_;
        availabilityEpochs = availabilityEpochs_;
    }

    /// @inheritdoc ITwinRegistry
    function register(uint64 submission, uint256 poseidonRoot) external returns (bytes32 twinId) {
        if (poseidonRoot >= PoseidonLib.FIELD_ORDER) revert TwinRegistryRootOutOfField(poseidonRoot);
        SubmissionInfo memory file = flow.submission(submission);
        if (file.leaves > MAX_LEAVES) revert TwinRegistryFileTooLong(file.leaves, MAX_LEAVES);
        twinId = _idOf(Twin({ fileRoot: file.root, leaves: file.leaves, poseidonRoot: poseidonRoot }));
        TwinState storage state = _states[twinId];
        if (state.registrant != address(0)) revert TwinRegistryExists(twinId);
        IMarket market = IMarket(flow.market());
        uint32 untilEpoch = market.currentEpoch() + availabilityEpochs;
        if (!market.isFilled(submission, untilEpoch)) revert TwinRegistryNotAvailable(submission, untilEpoch);

        uint48 finalAt = uint48(block.timestamp) + windowSeconds;
        state.registrant = msg.sender;
        state.finalAt = finalAt;
        emit TwinRegistered(twinId, file.root, poseidonRoot, file.leaves, msg.sender, finalAt);
        token.safeTransferFrom(msg.sender, address(this), bondWei);
    }

    /// @inheritdoc ITwinRegistry
    function refute(Twin calldata twin, bytes calldata file) external {
        (bytes32 twinId, TwinState storage state) = _known(twin);
        if (block.timestamp >= state.finalAt) revert TwinRegistryFinal(twinId, state.finalAt);
        if (state.refuted) revert TwinRegistryRefuted(twinId);
        uint256 byteLength = twin.leaves * FileTreeLib.LEAF_BYTES;
        if (file.length != byteLength) revert TwinRegistryWrongLength(file.length, byteLength);
        bytes32 fileRoot = FileTreeLib.fileRoot(file);
        if (fileRoot != twin.fileRoot) revert TwinRegistryWrongFile(fileRoot, twin.fileRoot);
        uint256 actualRoot = PoseidonLib.twin(file);
        if (actualRoot == twin.poseidonRoot) revert TwinRegistryHolds(twinId);

        state.refuted = true;
        uint256 rewardWei = bondWei / 2;
        emit TwinRefuted(twinId, msg.sender, actualRoot, rewardWei);
        token.safeTransfer(BURN_ADDRESS, bondWei - rewardWei);
        token.safeTransfer(msg.sender, rewardWei);
    }

    /// @inheritdoc ITwinRegistry
    function withdrawBond(Twin calldata twin, address to) external {
        if (to == address(0) || to == address(this)) revert TwinRegistryBadReceiver(to);
        (bytes32 twinId, TwinState storage state) = _known(twin);
        if (msg.sender != state.registrant) revert TwinRegistryNotRegistrant(msg.sender, state.registrant);
        if (state.refuted) revert TwinRegistryRefuted(twinId);
        if (block.timestamp < state.finalAt) revert TwinRegistryNotFinal(twinId, state.finalAt);
        if (state.bondPaidOut) revert TwinRegistryBondPaidOut(twinId);
        state.bondPaidOut = true;
        emit TwinBondWithdrawn(twinId, to, bondWei);
        token.safeTransfer(to, bondWei);
    }

    /// @inheritdoc ITwinRegistry
    function isFinal(Twin calldata twin) external view returns (bool) {
        TwinState storage state = _states[_idOf(twin)];
        return state.registrant != address(0) && !state.refuted && block.timestamp >= state.finalAt;
    }

    /// @inheritdoc ITwinRegistry
    function stateOf(Twin calldata twin) external view returns (TwinState memory state) {
        (, state) = _known(twin);
    }

    /// @inheritdoc ITwinRegistry
    function twinIdOf(Twin calldata twin) external pure returns (bytes32) {
        return _idOf(twin);
    }

    function _known(Twin calldata twin) private view returns (bytes32 twinId, TwinState storage state) {
        twinId = _idOf(twin);
        state = _states[twinId];
        if (state.registrant == address(0)) revert TwinRegistryUnknown(twinId);
    }

    function _idOf(Twin memory twin) private pure returns (bytes32) {
        return keccak256(abi.encode(twin));
    }
}
