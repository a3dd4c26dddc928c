// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IModelRegistry } from "../../../contracts/interfaces/models/IModelRegistry.sol";
import { IVerifierRegistry, RegisteredKey } from "../../../contracts/interfaces/proofs/IVerifierRegistry.sol";
import { Groth16Lib, VerifyingKey } from "../../../contracts/libraries/Groth16Lib.sol";
import { VerifierRegistry } from "../../../contracts/proofs/VerifierRegistry.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { Groth16Tool } from "../../support/Groth16Tool.sol";
import { ModelsFixture } from "../../support/ModelsFixture.sol";
import { vm } from "../../support/Vm.sol";

contract VerifierRegistryTest is ModelsFixture {
    uint256 private constant BOND_WEI = 1_000;
    bytes32 private constant CIRCUIT = keccak256("circuit");

    VerifierRegistry private _verifiers;
    uint256 private _versionId;

    function setUp() public {
        deployModels();
        (_versionId, ) = publish(createModel(ALICE), threeOwners(1, 1, 1));
        _verifiers = VerifierRegistry(
            deployArtifact("proofs", "VerifierRegistry", abi.encode(models, address(0), BOND_WEI, 7 days))
        );
        token.mint(ALICE, BOND_WEI);
        vm.prank(ALICE);
        token.approve(address(_verifiers), BOND_WEI);
    }

    function test_register_keepsTheKeyAndTakesTheBond() public {
        VerifyingKey memory made = Groth16Tool.key(2, false);
        bytes memory encoded = abi.encodePacked(
            made.alpha1,
            made.beta2,
            made.gamma2,
            made.delta2,
            made.ic[0],
            made.ic[1],
            made.ic[2]
        );
        vm.expectEmit();
        emit IVerifierRegistry.KeyRegistered(_versionId, CIRCUIT, ALICE, keccak256(encoded), false);
        _register(made);

        RegisteredKey memory entry = _verifiers.key(_versionId, CIRCUIT);
        require(entry.registrant == ALICE && !entry.insecure && entry.retiresAt == 0, "the entry is kept");
        require(entry.keyHash == keccak256(encoded), "the hash is that of the words");
        require(keccak256(_verifiers.encodedKey(_versionId, CIRCUIT)) == keccak256(encoded), "the key reads back");
        require(entry.data.code.length == encoded.length + 1 && entry.data.code[0] == 0, "its code stops at once");
        require(token.balanceOf(address(_verifiers)) == BOND_WEI, "the bond was taken");
    }

    function test_register_onlyByTheHolder() public {
        VerifyingKey memory made = Groth16Tool.key(2, false);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryNotHolder.selector, BOB, ALICE));
        vm.prank(BOB);
        _verifiers.register(_versionId, CIRCUIT, made);
        _expectUnknown();
    }

    function test_register_refusesUnknownVersions() public {
        VerifyingKey memory made = Groth16Tool.key(2, false);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnknownVersion.selector, 2, 1));
        vm.prank(ALICE);
        _verifiers.register(2, CIRCUIT, made);
    }

    function test_register_refusesASecondKey() public {
        _register(Groth16Tool.key(2, false));
        bytes32 keyHash = _verifiers.key(_versionId, CIRCUIT).keyHash;
        VerifyingKey memory other = Groth16Tool.key(3, false);
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryKeyExists.selector, _versionId, CIRCUIT)
        );
        _register(other);
        require(_verifiers.key(_versionId, CIRCUIT).keyHash == keyHash, "the first stays");
    }

    function test_register_refusesWithoutTheBond() public {
        vm.prank(ALICE);
        token.transfer(BOB, 1);
        VerifyingKey memory made = Groth16Tool.key(2, false);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, ALICE, BOND_WEI - 1, BOND_WEI)
        );
        _register(made);
        _expectUnknown();
    }

    function test_register_marksDevelopmentKeys() public {
        VerifyingKey memory made = Groth16Tool.key(2, true);
        _register(made);
        require(_verifiers.key(_versionId, CIRCUIT).insecure, "gamma = delta is marked");
    }

    function test_register_refusesDevelopmentKeysElsewhere() public {
        VerifyingKey memory made = Groth16Tool.key(2, true);
        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryInsecureKey.selector, 1));
        _register(made);
        _expectUnknown();
        require(token.balanceOf(ALICE) == BOND_WEI, "no bond was taken");
        _register(Groth16Tool.key(2, false));
        require(!_verifiers.key(_versionId, CIRCUIT).insecure, "a real key is taken there");
    }

    function test_register_refusesKeysThatAnyoneCanProveUnder() public {
        VerifyingKey memory made = Groth16Tool.key(2, false);
        made.delta2 = Groth16Tool.minusG2();
        _expectInsecure(made);
        made = Groth16Tool.key(2, false);
        made.beta2 = made.gamma2;
        _expectInsecure(made);
        made = Groth16Tool.key(2, false);
        made.beta2 = made.delta2;
        _expectInsecure(made);
    }

    function test_register_marksAKeyWithOppositePoints() public {
        VerifyingKey memory made = Groth16Tool.key(0, false);
        made.delta2 = Groth16Tool.minusG2();
        _register(made);
        // gamma = -delta: (alpha, beta, sum) proves everything, with no trapdoor known.
        uint256[8] memory forged;
        (forged[0], forged[1]) = (made.alpha1[0], made.alpha1[1]);
        for (uint256 i = 0; i < 4; ++i) forged[2 + i] = made.beta2[i];
        (forged[6], forged[7]) = (made.ic[0][0], made.ic[0][1]);
        require(_verifiers.verify(_versionId, CIRCUIT, forged, new uint256[](0)), "forged from the key alone");
        require(_verifiers.key(_versionId, CIRCUIT).insecure, "and marked");
    }

    function test_register_boundsTheInputs() public {
        VerifyingKey memory made = Groth16Tool.key(129, false);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryTooManyPoints.selector, 130, 129));
        _register(made);
        _register(Groth16Tool.key(128, false));
        require(_verifiers.encodedKey(_versionId, CIRCUIT).length == 448 + 129 * 64, "128 inputs are taken");
    }

    function test_register_refusesNoPoints() public {
        VerifyingKey memory made = Groth16Tool.key(0, false);
        made.ic = new uint256[2][](0);
        vm.expectRevert(Groth16Lib.Groth16NoConstant.selector);
        _register(made);
    }

    function test_register_refusesG1PointsOffTheCurve() public {
        VerifyingKey memory made = Groth16Tool.key(2, false);
        made.alpha1[1] ^= 1;
        _expectBadG1(made, 0);
        made = Groth16Tool.key(2, false);
        made.ic[2][0] ^= 1;
        _expectBadG1(made, 3);
        made = Groth16Tool.key(2, false);
        made.ic[0][0] += Groth16Tool.P;
        _expectBadG1(made, 1);
    }

    function test_register_refusesG1PointsAtInfinity() public {
        VerifyingKey memory made = Groth16Tool.key(2, false);
        made.alpha1 = [uint256(0), 0];
        _expectBadG1(made, 0);
        made = Groth16Tool.key(2, false);
        made.ic[1] = [uint256(0), 0];
        _expectBadG1(made, 2);
    }

    function test_register_refusesG2PointsOffTheCurve() public {
        VerifyingKey memory made = Groth16Tool.key(2, false);
        made.beta2[0] ^= 1;
        _expectBadG2(made, 0);
        made = Groth16Tool.key(2, false);
        made.gamma2[3] ^= 1;
        _expectBadG2(made, 1);
    }

    function test_register_refusesG2PointsAtInfinity() public {
        VerifyingKey memory made = Groth16Tool.key(2, false);
        made.gamma2 = [uint256(0), 0, 0, 0];
        _expectBadG2(made, 1);
        made = Groth16Tool.key(2, false);
        made.delta2 = [uint256(0), 0, 0, 0];
        _expectBadG2(made, 2);
    }

    /// @dev A point of the twisted curve outside the subgroup of order r: the first real x from 1 that lies on it is 1.
    function test_register_refusesG2PointsOutsideTheSubgroup() public {
        VerifyingKey memory made = Groth16Tool.key(2, false);
        made.beta2 = [
            uint256(0),
            1,
            0x0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4,
            0x2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb
        ];
        _expectBadG2(made, 0);
    }

    function testFuzz_verify_acceptsProofsOfTheInputs(uint256 first, uint256 second, bool development) public {
        _register(Groth16Tool.key(2, development));
        uint256[] memory inputs = _inputs(first % Groth16Tool.R, second % Groth16Tool.R);
        uint256[8] memory proof = Groth16Tool.prove(inputs, development);
        require(_verifiers.verify(_versionId, CIRCUIT, proof, inputs), "the proof holds");

        inputs[1] = addmod(inputs[1], 1, Groth16Tool.R);
        require(!_verifiers.verify(_versionId, CIRCUIT, proof, inputs), "not for other inputs");
    }

    function testFuzz_verify_refusesTamperedProofs(uint8 word, uint256 change) public {
        _register(Groth16Tool.key(2, false));
        uint256[] memory inputs = _inputs(1, 2);
        uint256[8] memory proof = Groth16Tool.prove(inputs, false);
        proof[word % 8] ^= change == 0 ? 1 : change;
        require(!_verifiers.verify{ gas: 1_000_000 }(_versionId, CIRCUIT, proof, inputs), "one word differs");
    }

    function test_verify_refusesProofsOfPointsThatAreNone() public {
        _register(Groth16Tool.key(2, false));
        uint256[] memory inputs = _inputs(1, 2);
        uint256[8] memory nothing;
        require(!_verifiers.verify(_versionId, CIRCUIT, nothing, inputs), "all points at infinity");
        uint256[8] memory proof = Groth16Tool.prove(inputs, false);
        proof[1] += Groth16Tool.P;
        require(!_verifiers.verify{ gas: 1_000_000 }(_versionId, CIRCUIT, proof, inputs), "a coordinate too large");
    }

    function test_verify_withoutInputs() public {
        _register(Groth16Tool.key(0, false));
        uint256[] memory none = new uint256[](0);
        require(_verifiers.verify(_versionId, CIRCUIT, Groth16Tool.prove(none, false), none), "the proof holds");
    }

    function test_verify_refusesAnotherNumberOfInputs() public {
        _register(Groth16Tool.key(2, false));
        uint256[8] memory proof = Groth16Tool.prove(_inputs(1, 2), false);
        vm.expectRevert(abi.encodeWithSelector(Groth16Lib.Groth16InputCount.selector, 1, 2));
        _verifiers.verify(_versionId, CIRCUIT, proof, new uint256[](1));
        vm.expectRevert(abi.encodeWithSelector(Groth16Lib.Groth16InputCount.selector, 3, 2));
        _verifiers.verify(_versionId, CIRCUIT, proof, new uint256[](3));
    }

    /// @dev Input + r is the same element of the field, so without this check one proof would stand for several statements.
    function test_verify_refusesInputsOutsideTheField() public {
        _register(Groth16Tool.key(2, false));
        uint256[] memory inputs = _inputs(1, 2);
        uint256[8] memory proof = Groth16Tool.prove(inputs, false);
        inputs[1] += Groth16Tool.R;
        vm.expectRevert(abi.encodeWithSelector(Groth16Lib.Groth16InputOutOfField.selector, 1, inputs[1]));
        _verifiers.verify(_versionId, CIRCUIT, proof, inputs);
        inputs[1] = Groth16Tool.R;
        vm.expectRevert(abi.encodeWithSelector(Groth16Lib.Groth16InputOutOfField.selector, 1, Groth16Tool.R));
        _verifiers.verify(_versionId, CIRCUIT, proof, inputs);
        inputs[1] = Groth16Tool.R - 1;
        require(!_verifiers.verify(_versionId, CIRCUIT, proof, inputs), "the largest element is an input");
    }

    function test_verify_refusesUnknownKeys() public {
        uint256[8] memory proof;
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryUnknownKey.selector, _versionId, CIRCUIT)
        );
        _verifiers.verify(_versionId, CIRCUIT, proof, new uint256[](2));
    }

    function test_verify_staysInItsGasBudget() public {
        _register(Groth16Tool.key(2, false));
        uint256[] memory inputs = _inputs(1, Groth16Tool.R - 1);
        uint256[8] memory proof = Groth16Tool.prove(inputs, false);
        uint256 before = gasleft();
        _verifiers.verify(_versionId, CIRCUIT, proof, inputs);
        uint256 used = before - gasleft();
        require(used < 210_000, "with 21,000 and the calldata, a transaction stays under 240,000 gas");
    }

    function test_retire_endsTheKeyAfterTheNotice() public {
        _register(Groth16Tool.key(2, false));
        uint256[] memory inputs = _inputs(1, 2);
        uint256[8] memory proof = Groth16Tool.prove(inputs, false);
        uint48 retiresAt = uint48(YEAR_2026 + 7 days);
        vm.expectEmit();
        emit IVerifierRegistry.KeyRetired(_versionId, CIRCUIT, retiresAt);
        vm.prank(ALICE);
        _verifiers.retire(_versionId, CIRCUIT);

        vm.warp(retiresAt - 1);
        require(_verifiers.verify(_versionId, CIRCUIT, proof, inputs), "it verifies during the notice");
        vm.warp(retiresAt);
        bytes memory retired = abi.encodeWithSelector(
            IVerifierRegistry.VerifierRegistryRetired.selector,
            _versionId,
            CIRCUIT,
            retiresAt
        );
        vm.expectRevert(retired);
        _verifiers.verify(_versionId, CIRCUIT, proof, inputs);
        vm.expectRevert(retired);
        vm.prank(ALICE);
        _verifiers.retire(_versionId, CIRCUIT);
    }

    function test_retire_onlyByTheRegistrant() public {
        _register(Groth16Tool.key(2, false));
        vm.prank(ALICE);
        models.transferFrom(ALICE, BOB, 1);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryNotRegistrant.selector, BOB, ALICE));
        vm.prank(BOB);
        _verifiers.retire(_versionId, CIRCUIT);
        require(_verifiers.key(_versionId, CIRCUIT).retiresAt == 0, "nothing changed");
    }

    function test_withdrawBond_onceAfterTheNotice() public {
        _register(Groth16Tool.key(2, false));
        _expectBondHeld(0);
        vm.prank(ALICE);
        _verifiers.retire(_versionId, CIRCUIT);
        _expectBondHeld(uint48(YEAR_2026 + 7 days));

        vm.warp(YEAR_2026 + 7 days);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryNotRegistrant.selector, BOB, ALICE));
        vm.prank(BOB);
        _verifiers.withdrawBond(_versionId, CIRCUIT, BOB);

        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryBadReceiver.selector, address(_verifiers))
        );
        vm.prank(ALICE);
        _verifiers.withdrawBond(_versionId, CIRCUIT, address(_verifiers));

        vm.prank(ALICE);
        _verifiers.withdrawBond(_versionId, CIRCUIT, CAROL);
        require(token.balanceOf(CAROL) == BOND_WEI, "the bond went where the registrant said");
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryBondPaidOut.selector, _versionId, CIRCUIT)
        );
        vm.prank(ALICE);
        _verifiers.withdrawBond(_versionId, CIRCUIT, CAROL);
    }

    function _register(VerifyingKey memory made) private {
        vm.prank(ALICE);
        _verifiers.register(_versionId, CIRCUIT, made);
    }

    function _inputs(uint256 first, uint256 second) private pure returns (uint256[] memory inputs) {
        inputs = new uint256[](2);
        (inputs[0], inputs[1]) = (first, second);
    }

    function _expectUnknown() private {
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryUnknownKey.selector, _versionId, CIRCUIT)
        );
        _verifiers.key(_versionId, CIRCUIT);
    }

    /// @dev A failing precompile burns the gas it is given, so these calls get a fixed amount.
    function _expectInsecure(VerifyingKey memory made) private {
        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryInsecureKey.selector, 1));
        _register(made);
        _expectUnknown();
    }

    function _expectBadG1(VerifyingKey memory made, uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(Groth16Lib.Groth16BadG1.selector, index));
        vm.prank(ALICE);
        _verifiers.register{ gas: 5_000_000 }(_versionId, CIRCUIT, made);
    }

    function _expectBadG2(VerifyingKey memory made, uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(Groth16Lib.Groth16BadG2.selector, index));
        vm.prank(ALICE);
        _verifiers.register{ gas: 5_000_000 }(_versionId, CIRCUIT, made);
    }

    function _expectBondHeld(uint48 retiresAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryBondHeld.selector, _versionId, CIRCUIT, retiresAt)
        );
        vm.prank(ALICE);
        _verifiers.withdrawBond(_versionId, CIRCUIT, ALICE);
    }
}
