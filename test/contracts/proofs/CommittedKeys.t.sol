// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { PublishParams } from "../../../contracts/interfaces/models/IModelRegistry.sol";
import { Twin } from "../../../contracts/interfaces/proofs/ITwinRegistry.sol";
import { IVerifierRegistry, RegisteredKey } from "../../../contracts/interfaces/proofs/IVerifierRegistry.sol";
import { FileTreeLib } from "../../../contracts/libraries/FileTreeLib.sol";
import { Groth16Lib, VerifyingKey } from "../../../contracts/libraries/Groth16Lib.sol";
import { PoseidonLib } from "../../../contracts/libraries/PoseidonLib.sol";
import { TwinRegistry } from "../../../contracts/proofs/TwinRegistry.sol";
import { VerifierRegistry } from "../../../contracts/proofs/VerifierRegistry.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { Groth16Tool } from "../../support/Groth16Tool.sol";
import { ModelsFixture } from "../../support/ModelsFixture.sol";
import { StorageMock } from "../../support/StorageMock.sol";
import { SmallTrainingProof } from "../../support/vectors/SmallTrainingProof.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Keys of circuits that take a version's weights as committed by their Poseidon twin, and the proof of a training run.
contract CommittedKeysTest is ModelsFixture {
    uint256 private constant BOND_WEI = 1_000;
    uint48 private constant WINDOW = 1 hours;
    bytes32 private constant CIRCUIT = keccak256("SoftmaxTraining(4,3,2,96,11,16)");

    StorageMock private _storage;
    TwinRegistry private _twins;
    VerifierRegistry private _verifiers;
    uint256 private _versionId;
    uint64 private _submission;
    uint256[3] private _signals;

    function setUp() public {
        deployModels();
        _storage = new StorageMock();
        _signals = abi.decode(SmallTrainingProof.INPUTS, (uint256[3]));
        bytes32 weightsRoot = FileTreeLib.fileRoot(SmallTrainingProof.WEIGHTS);
        _submission = _storage.add(weightsRoot, 256, 1);
        _storage.setFilled(_submission, type(uint32).max);
        PublishParams memory params = publishParams(createModel(ALICE), threeOwners(1, 1, 1));
        (params.weightsRoot, params.weightsSubmission) = (weightsRoot, _submission);
        _versionId = models.publishVersion(params);
        _twins = TwinRegistry(
            deployArtifact("proofs", "TwinRegistry", abi.encode(_storage, token, BOND_WEI, WINDOW, 1))
        );
        _verifiers = VerifierRegistry(
            deployArtifact("proofs", "VerifierRegistry", abi.encode(models, _twins, BOND_WEI, 7 days))
        );
        token.mint(ALICE, 10 * BOND_WEI);
        vm.startPrank(ALICE);
        token.approve(address(_verifiers), type(uint256).max);
        token.approve(address(_twins), type(uint256).max);
        vm.stopPrank();
    }

    function test_vector_isTheTwinOfTheWeights() public view {
        require(PoseidonLib.twin(SmallTrainingProof.WEIGHTS) == _signals[2], "the last input is the twin of the file");
    }

    function test_verify_takesAWholeTrainingRun() public {
        _finalTwin(_signals[2]);
        _register(_trainingKey(), _signals[2]);
        uint256[8] memory proof = abi.decode(SmallTrainingProof.PROOF, (uint256[8]));
        uint256[] memory inputs = _inputs(_signals[0], _signals[1]);
        uint256 before = gasleft();
        require(_verifiers.verify(_versionId, CIRCUIT, proof, inputs), "these steps lead to the version's weights");
        require(before - gasleft() < 225_000, "verification costs too much");
        inputs[0] ^= 1;
        require(!_verifiers.verify(_versionId, CIRCUIT, proof, inputs), "not from another start");
        inputs = _inputs(_signals[0], _signals[1] ^ 1);
        require(!_verifiers.verify(_versionId, CIRCUIT, proof, inputs), "not on other data");
    }

    function test_verify_bindsTheProofToTheVersionsWeights() public {
        // Nobody refuted this twin in time, but no proof of other weights holds for it.
        _finalTwin(_signals[2] ^ 1);
        _register(_trainingKey(), _signals[2] ^ 1);
        uint256[8] memory proof = abi.decode(SmallTrainingProof.PROOF, (uint256[8]));
        require(!_verifiers.verify(_versionId, CIRCUIT, proof, _inputs(_signals[0], _signals[1])), "another twin");
    }

    function test_verify_takesOneInputLessThanTheKey() public {
        _finalTwin(_signals[2]);
        _register(_trainingKey(), _signals[2]);
        uint256[8] memory proof = abi.decode(SmallTrainingProof.PROOF, (uint256[8]));
        uint256[] memory all = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) all[i] = _signals[i];
        vm.expectRevert(abi.encodeWithSelector(Groth16Lib.Groth16InputCount.selector, 4, 3));
        _verifiers.verify(_versionId, CIRCUIT, proof, all);
    }

    /// @dev An input and that input plus the field's order are one element: only one of them is taken.
    function test_verify_refusesInputsOutsideTheField() public {
        _finalTwin(_signals[2]);
        _register(_trainingKey(), _signals[2]);
        uint256[8] memory proof = abi.decode(SmallTrainingProof.PROOF, (uint256[8]));
        for (uint256 i = 0; i < 2; ++i) {
            uint256[] memory inputs = _inputs(_signals[0], _signals[1]);
            inputs[i] += Groth16Lib.FIELD_ORDER;
            vm.expectRevert(abi.encodeWithSelector(Groth16Lib.Groth16InputOutOfField.selector, i, inputs[i]));
            _verifiers.verify(_versionId, CIRCUIT, proof, inputs);
        }
    }

    function testFuzz_verify_appendsTheTwin(uint256 first, uint256 second, uint256 twin) public {
        twin %= Groth16Tool.R;
        _finalTwin(twin);
        _register(Groth16Tool.key(3, false), twin);
        uint256[] memory all = new uint256[](3);
        (all[0], all[1], all[2]) = (first % Groth16Tool.R, second % Groth16Tool.R, twin);
        uint256[8] memory proof = Groth16Tool.prove(all, false);
        require(_verifiers.verify(_versionId, CIRCUIT, proof, _inputs(all[0], all[1])), "the proof holds");
        all[2] = addmod(twin, 1, Groth16Tool.R);
        proof = Groth16Tool.prove(all, false);
        require(!_verifiers.verify(_versionId, CIRCUIT, proof, _inputs(all[0], all[1])), "not for other weights");
    }

    function test_registerCommitted_keepsTheTwin() public {
        _finalTwin(_signals[2]);
        vm.expectEmit();
        emit IVerifierRegistry.WeightsCommitted(_versionId, CIRCUIT, _signals[2]);
        _register(Groth16Tool.key(3, false), _signals[2]);
        RegisteredKey memory entry = _verifiers.key(_versionId, CIRCUIT);
        require(entry.committed && entry.weightsTwin == _signals[2], "the twin is kept");
        require(entry.registrant == ALICE && !entry.insecure, "and the rest");
        require(token.balanceOf(address(_verifiers)) == BOND_WEI, "the bond was taken");
    }

    function test_registerCommitted_waitsForTheTwinsWindow() public {
        _expectNoTwin(_signals[2]);
        vm.prank(ALICE);
        _twins.register(_submission, _signals[2]);
        _expectNoTwin(_signals[2]);
        vm.warp(block.timestamp + WINDOW);
        _register(Groth16Tool.key(3, false), _signals[2]);
    }

    function test_registerCommitted_refusesARefutedTwin() public {
        vm.prank(ALICE);
        _twins.register(_submission, 7);
        _twins.refute(Twin(FileTreeLib.fileRoot(SmallTrainingProof.WEIGHTS), 1, 7), SmallTrainingProof.WEIGHTS);
        vm.warp(block.timestamp + WINDOW);
        _expectNoTwin(7);
    }

    function test_registerCommitted_refusesTheTwinOfAnotherFile() public {
        uint64 other = _storage.add(keccak256("other"), 256, 1);
        _storage.setFilled(other, type(uint32).max);
        vm.prank(ALICE);
        _twins.register(other, _signals[2]);
        vm.warp(block.timestamp + WINDOW);
        _expectNoTwin(_signals[2]);
    }

    function test_registerCommitted_onlyByTheHolder() public {
        _finalTwin(_signals[2]);
        VerifyingKey memory made = Groth16Tool.key(3, false);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryNotHolder.selector, BOB, ALICE));
        vm.prank(BOB);
        _verifiers.registerCommitted(_versionId, CIRCUIT, made, _signals[2]);
        _requireUnknown();
    }

    function test_registerCommitted_refusesASecondKey() public {
        _finalTwin(_signals[2]);
        VerifyingKey memory made = Groth16Tool.key(2, false);
        vm.prank(ALICE);
        _verifiers.register(_versionId, CIRCUIT, made);
        made = Groth16Tool.key(3, false);
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryKeyExists.selector, _versionId, CIRCUIT)
        );
        _register(made, _signals[2]);
        require(!_verifiers.key(_versionId, CIRCUIT).committed, "the first stays as it was");
    }

    function _finalTwin(uint256 root) private {
        vm.prank(ALICE);
        _twins.register(_submission, root);
        vm.warp(block.timestamp + WINDOW);
    }

    function _register(VerifyingKey memory made, uint256 twin) private {
        vm.prank(ALICE);
        _verifiers.registerCommitted(_versionId, CIRCUIT, made, twin);
    }

    function _expectNoTwin(uint256 twin) private {
        VerifyingKey memory made = Groth16Tool.key(3, false);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryNoTwin.selector, _versionId, twin));
        _register(made, twin);
        _requireUnknown();
    }

    function _requireUnknown() private {
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryUnknownKey.selector, _versionId, CIRCUIT)
        );
        _verifiers.key(_versionId, CIRCUIT);
    }

    function _inputs(uint256 first, uint256 second) private pure returns (uint256[] memory inputs) {
        inputs = new uint256[](2);
        (inputs[0], inputs[1]) = (first, second);
    }

    function _trainingKey() private pure returns (VerifyingKey memory made) {
        bytes memory words = SmallTrainingProof.KEY;
        uint256[22] memory all = abi.decode(words, (uint256[22]));
        made.ic = new uint256[2][](4);
        for (uint256 i = 0; i < 2; ++i) made.alpha1[i] = all[i];
        for (uint256 i = 0; i < 4; ++i) {
            (made.beta2[i], made.gamma2[i], made.delta2[i]) = (all[2 + i], all[6 + i], all[10 + i]);
            made.ic[i] = [all[14 + 2 * i], all[15 + 2 * i]];
        }
    }
}
