// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ITwinRegistry, Twin, TwinState } from "../../../contracts/interfaces/proofs/ITwinRegistry.sol";
import { FileTreeLib } from "../../../contracts/libraries/FileTreeLib.sol";
import { PoseidonLib } from "../../../contracts/libraries/PoseidonLib.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { TwinRegistry } from "../../../contracts/proofs/TwinRegistry.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { StorageMock } from "../../support/StorageMock.sol";
import { vm } from "../../support/Vm.sol";

contract TwinRegistryTest {
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);
    address private constant CAROL = address(0xCA401);
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;
    uint256 private constant BOND_WEI = 1_001;
    uint48 private constant WINDOW = 1 hours;
    uint48 private constant NOW = 1_767_225_600;
    uint32 private constant EPOCHS = 10;
    /// @dev The storage mock stands at epoch 5.
    uint32 private constant FILLED_UNTIL = 15;

    TokenMock private _token;
    StorageMock private _storage;
    TwinRegistry private _twins;
    bytes private _file;
    uint64 private _submission;
    uint256 private _right;

    function setUp() public {
        vm.warp(NOW);
        _token = new TokenMock();
        _storage = new StorageMock();
        _twins = TwinRegistry(_deploy(BOND_WEI, WINDOW));
        _file = _counting(512);
        _right = PoseidonLib.twin(_file);
        _submission = _store(_file, 2);
        _token.mint(ALICE, 10 * BOND_WEI);
        vm.prank(ALICE);
        _token.approve(address(_twins), type(uint256).max);
    }

    function test_constructor_refusesABondThatLeavesNothing() public {
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryBondTooSmall.selector, 1, 2));
        _deploy(1, WINDOW);
        vm.expectRevert(ITwinRegistry.TwinRegistryNoWindow.selector);
        _deploy(2, 0);
    }

    function test_register_takesTheBondAndOpensTheWindow() public {
        Twin memory twin = _twin(_right);
        bytes32 twinId = keccak256(abi.encode(twin));
        vm.expectEmit();
        emit ITwinRegistry.TwinRegistered(twinId, twin.fileRoot, _right, 2, ALICE, NOW + WINDOW);
        require(_register(_right) == twinId && _twins.twinIdOf(twin) == twinId, "its id is its hash");
        TwinState memory state = _twins.stateOf(twin);
        require(state.registrant == ALICE && state.finalAt == NOW + WINDOW && !state.refuted, "the state is kept");
        require(_token.balanceOf(address(_twins)) == BOND_WEI, "the bond was taken");
        require(!_twins.isFinal(twin), "it doesn't count yet");
        vm.warp(NOW + WINDOW - 1);
        require(!_twins.isFinal(twin), "nor in the window's last second");
        vm.warp(NOW + WINDOW);
        require(_twins.isFinal(twin), "then it does");
        require(!_twins.isFinal(_twin(_right ^ 1)), "and no other");
    }

    function test_register_refusesRootsOutsideTheField() public {
        uint256 outside = PoseidonLib.FIELD_ORDER;
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryRootOutOfField.selector, outside));
        _register(outside);
        _requireNothingHeld();
        _register(outside - 1);
    }

    function test_register_refusesLargeFiles() public {
        uint64 large = _store(_counting(9 * 256), 9);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryFileTooLong.selector, 9, 8));
        vm.prank(ALICE);
        _twins.register(large, 1);
        _requireNothingHeld();
    }

    function test_register_refusesFilesThatNobodyHolds() public {
        _storage.setFilled(_submission, FILLED_UNTIL - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ITwinRegistry.TwinRegistryNotAvailable.selector, _submission, FILLED_UNTIL)
        );
        _register(_right);
        _requireNothingHeld();
    }

    function test_register_refusesATwinTwice() public {
        bytes32 twinId = _register(_right);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryExists.selector, twinId));
        _register(_right);
        // Of the same file again, logged a second time.
        _submission = _store(_file, 2);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryExists.selector, twinId));
        _register(_right);
        require(_token.balanceOf(address(_twins)) == BOND_WEI, "one bond is held");
    }

    function test_register_refusesWithoutTheBond() public {
        vm.prank(ALICE);
        _token.transfer(CAROL, 10 * BOND_WEI - 1);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, ALICE, 1, BOND_WEI));
        _register(_right);
        _requireUnknown(_twin(_right));
    }

    function test_refute_burnsHalfAndPaysTheRest() public {
        _register(_right ^ 1);
        Twin memory twin = _twin(_right ^ 1);
        vm.expectEmit();
        emit ITwinRegistry.TwinRefuted(_twins.twinIdOf(twin), BOB, _right, 500);
        vm.prank(BOB);
        _twins.refute(twin, _file);
        require(_token.balanceOf(BURN) == 501 && _token.balanceOf(BOB) == 500, "half each, rounded to the burnt");
        _requireNothingHeld();
        vm.warp(NOW + WINDOW);
        require(!_twins.isFinal(twin) && _twins.stateOf(twin).refuted, "it never counts");
        bytes32 twinId = _twins.twinIdOf(twin);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryExists.selector, twinId));
        _register(_right ^ 1);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryRefuted.selector, twinId));
        vm.prank(ALICE);
        _twins.withdrawBond(twin, ALICE);
    }

    function test_refute_onlyOnce() public {
        _register(_right ^ 1);
        Twin memory twin = _twin(_right ^ 1);
        _twins.refute(twin, _file);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryRefuted.selector, _twins.twinIdOf(twin)));
        _twins.refute(twin, _file);
    }

    function test_refute_refusesWhatIsRight() public {
        bytes32 twinId = _register(_right);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryHolds.selector, twinId));
        _twins.refute(_twin(_right), _file);
        require(_token.balanceOf(address(_twins)) == BOND_WEI, "the bond stays");
    }

    function test_refute_refusesOtherBytes() public {
        _register(_right ^ 1);
        Twin memory twin = _twin(_right ^ 1);
        bytes memory other = _counting(512);
        other[511] = bytes1(uint8(other[511]) ^ 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITwinRegistry.TwinRegistryWrongFile.selector,
                FileTreeLib.fileRoot(other),
                twin.fileRoot
            )
        );
        _twins.refute(twin, other);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryWrongLength.selector, 511, 512));
        _twins.refute(twin, _counting(511));
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryWrongLength.selector, 768, 512));
        _twins.refute(twin, _counting(768));
        require(!_twins.stateOf(twin).refuted, "it stands");
    }

    function test_refute_refusesAfterTheWindow() public {
        bytes32 twinId = _register(_right ^ 1);
        vm.warp(NOW + WINDOW);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryFinal.selector, twinId, NOW + WINDOW));
        _twins.refute(_twin(_right ^ 1), _file);
    }

    function test_refute_refusesWhatNobodyClaimed() public {
        Twin memory twin = _twin(_right ^ 1);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryUnknown.selector, _twins.twinIdOf(twin)));
        _twins.refute(twin, _file);
        _requireUnknown(twin);
    }

    function test_refute_worksForTheLargestFile() public {
        _file = _counting(8 * 256);
        _submission = _store(_file, 8);
        _register(7);
        Twin memory twin = _twin(7);
        bytes memory file = _file;
        uint256 before = gasleft();
        _twins.refute(twin, file);
        require(before - gasleft() < 2_800_000, "a refutation costs too much");
    }

    /// @dev The file ends in the middle of its last leaf: the length says nothing about the bytes behind its end.
    function test_refute_takesTheWholeLastLeaf() public {
        _submission = _storage.add(FileTreeLib.fileRoot(_file), 300, 2);
        _storage.setFilled(_submission, FILLED_UNTIL);
        _register(_right ^ 1);
        _twins.refute(_twin(_right ^ 1), _file);
        require(_twins.stateOf(_twin(_right ^ 1)).refuted, "no length hides a false twin");
    }

    function testFuzz_refute_fallsExactlyForFalseRoots(uint256 seed, uint256 leaves, uint256 change) public {
        leaves = 1 + (leaves % 3);
        _file = new bytes(leaves * 256);
        for (uint256 i = 0; i < _file.length; i += 37) _file[i] = bytes1(uint8(seed >> (i % 31)));
        _submission = _store(_file, leaves);
        uint256 root = addmod(PoseidonLib.twin(_file), change, PoseidonLib.FIELD_ORDER);
        bytes32 twinId = _register(root);
        Twin memory twin = Twin(FileTreeLib.fileRoot(_file), uint64(leaves), root);
        if (change % PoseidonLib.FIELD_ORDER == 0) {
            vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryHolds.selector, twinId));
        }
        _twins.refute(twin, _file);
        require(_twins.stateOf(twin).refuted == (change % PoseidonLib.FIELD_ORDER != 0), "false ones alone fall");
    }

    function test_withdrawBond_paysOnceAfterTheWindow() public {
        bytes32 twinId = _register(_right);
        Twin memory twin = _twin(_right);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryNotFinal.selector, twinId, NOW + WINDOW));
        vm.prank(ALICE);
        _twins.withdrawBond(twin, CAROL);
        vm.warp(NOW + WINDOW);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryNotRegistrant.selector, BOB, ALICE));
        vm.prank(BOB);
        _twins.withdrawBond(twin, BOB);
        vm.prank(ALICE);
        _twins.withdrawBond(twin, CAROL);
        require(_token.balanceOf(CAROL) == BOND_WEI, "the bond went where the registrant said");
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryBondPaidOut.selector, twinId));
        vm.prank(ALICE);
        _twins.withdrawBond(twin, CAROL);
        require(_twins.isFinal(twin), "it counts all the same");
    }

    function test_withdrawBond_refusesBadReceivers() public {
        _register(_right);
        vm.warp(NOW + WINDOW);
        Twin memory twin = _twin(_right);
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryBadReceiver.selector, address(0)));
        vm.prank(ALICE);
        _twins.withdrawBond(twin, address(0));
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryBadReceiver.selector, address(_twins)));
        vm.prank(ALICE);
        _twins.withdrawBond(twin, address(_twins));
    }

    function _deploy(uint256 bondWei, uint48 window) private returns (address) {
        return deployArtifact("proofs", "TwinRegistry", abi.encode(_storage, _token, bondWei, window, EPOCHS));
    }

    function _store(bytes memory file, uint256 leaves) private returns (uint64 submission) {
        submission = _storage.add(FileTreeLib.fileRoot(file), file.length, leaves);
        _storage.setFilled(submission, FILLED_UNTIL);
    }

    function _register(uint256 poseidonRoot) private returns (bytes32) {
        vm.prank(ALICE);
        return _twins.register(_submission, poseidonRoot);
    }

    function _twin(uint256 poseidonRoot) private view returns (Twin memory) {
        return Twin(FileTreeLib.fileRoot(_file), uint64(_file.length / 256), poseidonRoot);
    }

    function _requireNothingHeld() private view {
        require(_token.balanceOf(address(_twins)) == 0, "no bond is held");
    }

    function _requireUnknown(Twin memory twin) private {
        vm.expectRevert(abi.encodeWithSelector(ITwinRegistry.TwinRegistryUnknown.selector, _twins.twinIdOf(twin)));
        _twins.stateOf(twin);
    }

    function _counting(uint256 length) private pure returns (bytes memory file) {
        file = new bytes(length);
        for (uint256 i = 0; i < length; ++i) file[i] = bytes1(uint8(i * 7 + 3));
    }
}
