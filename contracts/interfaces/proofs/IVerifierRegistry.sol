// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { VerifyingKey } from "../../libraries/Groth16Lib.sol";
import { IModelRegistry } from "../models/IModelRegistry.sol";
import { IAnswerJudge } from "./IAnswerJudge.sol";
import { ITwinRegistry } from "./ITwinRegistry.sol";

/// @notice What is known of a registered key.
/// @param data The contract whose code, after one byte, is the encoded key.
/// @param retiresAt When the key stops verifying, in seconds; 0 while it isn't retired.
/// @param insecure Whether anyone can make proofs under it, as with a development set-up.
/// @param bondPaidOut Whether the bond went back.
/// @param committed Whether the circuit takes the weights as committed: its last public input is then `weightsTwin`.
/// @param refuted Whether it was shown to prove a wrong answer: then it is retired, and its bond gone.
/// @param registrant Who registered it and paid the bond.
/// @param keyHash keccak256 of the encoded key.
/// @param weightsTwin Poseidon root of the version's weights file, of a committed key; else 0.
struct RegisteredKey {
    address data;
    uint48 retiresAt;
    bool insecure;
    bool bondPaidOut;
    bool committed;
    bool refuted;
    address registrant;
    bytes32 keyHash;
    uint256 weightsTwin;
}

/// @notice A proof that holds under a key and says something else than the version's model does.
/// @param proof A (x, y), B (x imaginary, x real, y imaginary, y real), C (x, y)
/// @param answer What it says
/// @param input The input that it says this of, a byte for each of the network's inputs
/// @param weights All leaves of the version's weights file, 256 bytes each
struct WrongAnswer {
    uint256[8] proof;
    uint256 answer;
    bytes input;
    bytes weights;
}

/// @title Verifying keys of model versions
/// @notice The holder of a model registers, under bond, Groth16 keys for one version. A key is either of a circuit into which the weights
/// are baked, or of one that takes them as committed: then its last public input is the Poseidon twin of the version's weights
/// file, which is set here from a twin that counts, and all models of an architecture share the key. A key never changes. Anyone
/// recompiles the circuit and compares `keyHash`.
/// A key with two public inputs, or committed with three, says "this is the model's answer to the input of this hash", whatever `circuitId` is. Who has
/// a proof of a wrong answer retires the key at once and gets half of the bond; the other half is burnt.
/// @dev Warning: a key proves what its circuit says. That it is the key of the circuit `circuitId` is checked by recompiling, not here.
/// @dev Warning: until it is refuted, a key under which wrong answers can be proven settles them. Keys of models that `judge` does not take can't be refuted.
/// @dev Warning: whoever copies a refutation from the mempool and is mined first gets the reward; the key falls all the same.
/// @dev Warning: anyone can refute an insecure key, since anyone can make proofs under it.
/// @dev Warning: a key under which anyone can make proofs because two of beta, gamma and delta coincide up to sign (development
/// keys have gamma = delta) is refused on every chain but 31337. A trapdoor that is hidden otherwise can't be seen in a key: the
/// set-up's transcript has to be checked.
/// @dev Warning: the token of the bond must not charge fees on transfers.
interface IVerifierRegistry {
    /// @notice A key was registered. `insecure`: anyone can make proofs under it, as with a development set-up.
    event KeyRegistered(
        uint256 indexed versionId,
        bytes32 indexed circuitId,
        address indexed registrant,
        bytes32 keyHash,
        bool insecure
    );

    /// @notice The key takes weights as committed by this Poseidon root.
    event WeightsCommitted(uint256 indexed versionId, bytes32 indexed circuitId, uint256 weightsTwin);

    /// @notice A key will stop verifying.
    event KeyRetired(uint256 indexed versionId, bytes32 indexed circuitId, uint48 retiresAt);

    /// @notice A key was shown to prove `wrongAnswer` where the model says `answer`: it is retired, half of the bond was burnt, `rewardWei` paid to
    /// `refuter`.
    event KeyRefuted(
        uint256 indexed versionId,
        bytes32 indexed circuitId,
        address indexed refuter,
        uint256 inputHash,
        uint256 wrongAnswer,
        uint256 answer,
        uint256 rewardWei
    );

    /// @notice The bond of a retired key went back.
    event KeyBondWithdrawn(uint256 indexed versionId, bytes32 indexed circuitId, address to, uint256 amountWei);

    /// @notice Only the holder of the version's model registers keys.
    error VerifierRegistryNotHolder(address caller, address holder);

    /// @notice Only who registered a key retires it and gets the bond.
    error VerifierRegistryNotRegistrant(address caller, address registrant);

    /// @notice The version has a key of this circuit, perhaps a retired one.
    error VerifierRegistryKeyExists(uint256 versionId, bytes32 circuitId);

    /// @notice The version has no key of this circuit.
    error VerifierRegistryUnknownKey(uint256 versionId, bytes32 circuitId);

    /// @notice No twin of the version's weights file and this root counts.
    error VerifierRegistryNoTwin(uint256 versionId, uint256 weightsTwin);

    /// @notice A key has at most `maximum` points: one, and one for each public input.
    error VerifierRegistryTooManyPoints(uint256 points, uint256 maximum);

    /// @notice Anyone can make proofs under the key, as with a development set-up.
    error VerifierRegistryInsecureKey(uint256 chainId);

    /// @notice The key was retired, or is about to be.
    error VerifierRegistryRetired(uint256 versionId, bytes32 circuitId, uint48 retiresAt);

    /// @notice The key is still in use, so the bond stays. `retiresAt` is 0 if nobody retired it.
    error VerifierRegistryBondHeld(uint256 versionId, bytes32 circuitId, uint48 retiresAt);

    /// @notice The bond isn't paid to nobody or to this contract.
    error VerifierRegistryBadReceiver(address receiver);

    /// @notice The bond went back before.
    error VerifierRegistryBondPaidOut(uint256 versionId, bytes32 circuitId);

    /// @notice The key was shown to prove a wrong answer, and its bond is gone.
    error VerifierRegistryRefuted(uint256 versionId, bytes32 circuitId);

    /// @notice The proof doesn't hold under the key for this answer to this input.
    error VerifierRegistryUnproven(uint256 versionId, bytes32 circuitId, uint256 answer, uint256 inputHash);

    /// @notice The answer is right.
    error VerifierRegistryAnswerHolds(uint256 versionId, bytes32 circuitId, uint256 answer, uint256 inputHash);

    /// @notice Registers the key of a circuit for a version and takes the bond from the caller.
    /// @param circuitId Hash that names the circuit.
    /// @param newKey At most 128 public inputs; every point in its group and none at infinity.
    function register(uint256 versionId, bytes32 circuitId, VerifyingKey calldata newKey) external;

    /// @notice Registers the key of a circuit that takes weights as committed, and takes the bond from the caller.
    /// @param weightsTwin Poseidon root of the version's weights file: a twin of the two counts in `twins`.
    function registerCommitted(
        uint256 versionId,
        bytes32 circuitId,
        VerifyingKey calldata newKey,
        uint256 weightsTwin
    ) external;

    /// @notice Retires a key after `retirementNoticeSeconds`, in which answers proven under it can still be settled.
    function retire(uint256 versionId, bytes32 circuitId) external;

    /// @notice Refutes a key by a proof that holds under it for an answer that the version's model doesn't give. The key is retired at once; half
    /// of the bond (rounded up) is burnt, the caller gets the rest. Anyone may, until the bond has gone back.
    /// @dev Reverts with the errors of `judge` for models that it does not take, and for weights or inputs that aren't the version's. Some 6M gas.
    function refute(uint256 versionId, bytes32 circuitId, WrongAnswer calldata wrong) external;

    /// @notice Pays the bond of a retired key to `to`. Registrant only.
    function withdrawBond(uint256 versionId, bytes32 circuitId, address to) external;

    /// @notice Whether the proof holds for the inputs. Reverts if there is no such key, it is retired, the number of inputs
    /// differs, or an input isn't below the field's order. The last input of a committed key is not given: it is the key's
    /// `weightsTwin`.
    /// @param proof A (x, y), B (x imaginary, x real, y imaginary, y real), C (x, y).
    function verify(
        uint256 versionId,
        bytes32 circuitId,
        uint256[8] calldata proof,
        uint256[] calldata inputs
    ) external view returns (bool);

    /// @notice What is known of a key; reverts if there is none.
    function key(uint256 versionId, bytes32 circuitId) external view returns (RegisteredKey memory);

    /// @notice The encoded key: the words of alpha, beta, gamma, delta and every ic. Reverts if there is none.
    function encodedKey(uint256 versionId, bytes32 circuitId) external view returns (bytes memory);

    /// @notice The model registry.
    function models() external view returns (IModelRegistry);

    /// @notice Where twins are claimed.
    function twins() external view returns (ITwinRegistry);

    /// @notice Who knows what a version's model answers.
    function judge() external view returns (IAnswerJudge);

    /// @notice The token of the bond.
    function token() external view returns (IERC20);

    /// @notice The bond for each key.
    function bondWei() external view returns (uint256);

    /// @notice The time between a key's retirement and its end.
    function retirementNoticeSeconds() external view returns (uint48);
}
