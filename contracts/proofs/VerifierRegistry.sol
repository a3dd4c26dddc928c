// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { IJobRegistry } from "../interfaces/compute/IJobRegistry.sol";
import { IModelRegistry, ModelVersion } from "../interfaces/models/IModelRegistry.sol";
import { IAnswerJudge, JudgedModel } from "../interfaces/proofs/IAnswerJudge.sol";
import { ITwinRegistry, Twin } from "../interfaces/proofs/ITwinRegistry.sol";
import { IVerifierRegistry, RegisteredKey, WrongAnswer } from "../interfaces/proofs/IVerifierRegistry.sol";
import { Groth16Lib, VerifyingKey } from "../libraries/Groth16Lib.sol";
import { AnswerJudge } from "./AnswerJudge.sol";
import { VerifyingKeyData } from "./VerifyingKeyData.sol";

/// @title VerifierRegistry
/// @dev Bonds are a fixed amount. Each leaves once, to its registrant or by a refutation, so the balance always covers them.
contract VerifierRegistry is IVerifierRegistry {
    using SafeERC20 for IERC20;

    /// @notice Where burnt tokens go.
    address public constant BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;

    uint256 private constant DEVELOPMENT_CHAIN_ID = 31337;
    uint256 private constant MAX_POINTS = 129;

    /// @inheritdoc IVerifierRegistry
    IModelRegistry public immutable models;

    /// @inheritdoc IVerifierRegistry
    ITwinRegistry public immutable twins;

    /// @inheritdoc IVerifierRegistry
    IAnswerJudge public immutable judge;

    /// @inheritdoc IVerifierRegistry
    IERC20 public immutable token;

    /// @inheritdoc IVerifierRegistry
    uint256 public immutable bondWei;

    /// @inheritdoc IVerifierRegistry
    uint48 public immutable retirementNoticeSeconds;

    mapping(uint256 versionId => mapping(bytes32 circuitId => RegisteredKey)) private _keys;

    constructor(IModelRegistry models_, ITwinRegistry twins_, uint256 bondWei_, uint48 retirementNoticeSeconds_) {
        models = models_;
        twins = twins_;
        judge = new AnswerJudge();
        token = models_.token();
        bondWei = bondWei_;
        retirementNoticeSeconds = retirementNoticeSeconds_;
    }

    /// @inheritdoc IVerifierRegistry
    function register(uint256 versionId, bytes32 circuitId, VerifyingKey calldata newKey) external {
        _register(versionId, models.version(versionId).modelId, circuitId, newKey);
    }

    /// @inheritdoc IVerifierRegistry
    function registerCommitted(
        uint256 versionId,
        bytes32 circuitId,
        VerifyingKey calldata newKey,
        uint256 weightsTwin
    ) external {
        ModelVersion memory version = models.version(versionId);
        uint64 leaves = twins.flow().submission(version.weightsSubmission).leaves;
        Twin memory twin = Twin({ fileRoot: version.weightsRoot, leaves: leaves, poseidonRoot: weightsTwin });
        if (!twins.isFinal(twin)) revert VerifierRegistryNoTwin(versionId, weightsTwin);
        RegisteredKey storage entry = _keys[versionId][circuitId];
        entry.committed = true;
        entry.weightsTwin = weightsTwin;
        emit WeightsCommitted(versionId, circuitId, weightsTwin);
        _register(versionId, version.modelId, circuitId, newKey);
    }

    /// @inheritdoc IVerifierRegistry
    function retire(uint256 versionId, bytes32 circuitId) external {
        RegisteredKey storage entry = _ownKey(versionId, circuitId);
        if (entry.retiresAt != 0) revert VerifierRegistryRetired(versionId, circuitId, entry.retiresAt);
        uint48 retiresAt = uint48(block.timestamp) + retirementNoticeSeconds;
        entry.retiresAt = retiresAt;
        emit KeyRetired(versionId, circuitId, retiresAt);
    }

    /// @inheritdoc IVerifierRegistry
    function refute(uint256 versionId, bytes32 circuitId, WrongAnswer calldata wrong) external {
        RegisteredKey storage entry = _existing(versionId, circuitId);
        if (entry.refuted) revert VerifierRegistryRefuted(versionId, circuitId);
        if (entry.bondPaidOut) revert VerifierRegistryBondPaidOut(versionId, circuitId);
        (uint256 answer, uint256 inputHash) = judge.judge(_modelOf(versionId), wrong.weights, wrong.input);
        if (answer == wrong.answer) revert VerifierRegistryAnswerHolds(versionId, circuitId, answer, inputHash);
        uint256[] memory inputs = new uint256[](2);
        (inputs[0], inputs[1]) = (wrong.answer, inputHash);
        if (!_holds(entry, wrong.proof, inputs)) {
            revert VerifierRegistryUnproven(versionId, circuitId, wrong.answer, inputHash);
        }

        entry.refuted = true;
        if (!_isRetired(entry)) entry.retiresAt = uint48(block.timestamp);
        uint256 rewardWei = bondWei / 2;
        emit KeyRefuted(versionId, circuitId, msg.sender, inputHash, wrong.answer, answer, rewardWei);
        token.safeTransfer(BURN_ADDRESS, bondWei - rewardWei);
        token.safeTransfer(msg.sender, rewardWei);
    }

    /// @inheritdoc IVerifierRegistry
    function withdrawBond(uint256 versionId, bytes32 circuitId, address to) external {
        if (to == address(0) || to == address(this)) revert VerifierRegistryBadReceiver(to);
        RegisteredKey storage entry = _ownKey(versionId, circuitId);
        if (entry.refuted) revert VerifierRegistryRefuted(versionId, circuitId);
        if (!_isRetired(entry)) revert VerifierRegistryBondHeld(versionId, circuitId, entry.retiresAt);
        if (entry.bondPaidOut) revert VerifierRegistryBondPaidOut(versionId, circuitId);
        entry.bondPaidOut = true;
        emit KeyBondWithdrawn(versionId, circuitId, to, bondWei);
        token.safeTransfer(to, bondWei);
    }

    /// @inheritdoc IVerifierRegistry
    function verify(
        uint256 versionId,
        bytes32 circuitId,
        uint256[8] calldata proof,
        uint256[] calldata inputs
    ) external view returns (bool) {
        RegisteredKey storage entry = _existing(versionId, circuitId);
        if (_isRetired(entry)) revert VerifierRegistryRetired(versionId, circuitId, entry.retiresAt);
        return _holds(entry, proof, inputs);
    }

    /// @inheritdoc IVerifierRegistry
    function key(uint256 versionId, bytes32 circuitId) external view returns (RegisteredKey memory) {
        return _existing(versionId, circuitId);
    }

    /// @inheritdoc IVerifierRegistry
    function encodedKey(uint256 versionId, bytes32 circuitId) external view returns (bytes memory) {
        return _read(_existing(versionId, circuitId).data);
    }

    function _register(uint256 versionId, uint256 modelId, bytes32 circuitId, VerifyingKey calldata newKey) private {
        address holder = models.ownerOf(modelId);
        if (msg.sender != holder) revert VerifierRegistryNotHolder(msg.sender, holder);
        RegisteredKey storage entry = _keys[versionId][circuitId];
        if (entry.data != address(0)) revert VerifierRegistryKeyExists(versionId, circuitId);
        if (newKey.ic.length > MAX_POINTS) revert VerifierRegistryTooManyPoints(newKey.ic.length, MAX_POINTS);
        bool insecure = Groth16Lib.isInsecure(newKey);
        if (insecure && block.chainid != DEVELOPMENT_CHAIN_ID) revert VerifierRegistryInsecureKey(block.chainid);
        Groth16Lib.checkKey(newKey);

        bytes memory encoded = Groth16Lib.encode(newKey);
        bytes32 keyHash = keccak256(encoded);
        entry.data = address(new VerifyingKeyData(encoded));
        entry.insecure = insecure;
        entry.registrant = msg.sender;
        entry.keyHash = keyHash;
        emit KeyRegistered(versionId, circuitId, msg.sender, keyHash, insecure);
        token.safeTransferFrom(msg.sender, address(this), bondWei);
    }

    function _existing(uint256 versionId, bytes32 circuitId) private view returns (RegisteredKey storage entry) {
        entry = _keys[versionId][circuitId];
        if (entry.data == address(0)) revert VerifierRegistryUnknownKey(versionId, circuitId);
    }

    function _ownKey(uint256 versionId, bytes32 circuitId) private view returns (RegisteredKey storage entry) {
        entry = _existing(versionId, circuitId);
        if (msg.sender != entry.registrant) revert VerifierRegistryNotRegistrant(msg.sender, entry.registrant);
    }

    function _isRetired(RegisteredKey storage entry) private view returns (bool) {
        return entry.retiresAt != 0 && block.timestamp >= entry.retiresAt;
    }

    function _modelOf(uint256 versionId) private view returns (JudgedModel memory) {
        ModelVersion memory version = models.version(versionId);
        return
            JudgedModel({
                programs: IJobRegistry(models.jobs()).programs(),
                programRoot: version.programRoot,
                weightsRoot: version.weightsRoot
            });
    }

    function _holds(
        RegisteredKey storage entry,
        uint256[8] calldata proof,
        uint256[] memory inputs
    ) private view returns (bool) {
        uint256[] memory all = entry.committed ? _append(inputs, entry.weightsTwin) : inputs;
        return Groth16Lib.verify(_read(entry.data), proof, all);
    }

    function _append(uint256[] memory inputs, uint256 last) private pure returns (uint256[] memory all) {
        all = new uint256[](inputs.length + 1);
        for (uint256 i = 0; i < inputs.length; ++i) all[i] = inputs[i];
        all[inputs.length] = last;
    }

    /// @dev The code after its first byte.
    function _read(address data) private view returns (bytes memory encoded) {
        uint256 length = data.code.length - 1;
        encoded = new bytes(length);
        assembly ("memory-safe") {
            extcodecopy(data, add(encoded, 0x20), 1, length)
        }
    }
}
