// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOperatorRegistry } from "../../../contracts/interfaces/staking/IOperatorRegistry.sol";
import { Bls12381Lib, G1Point } from "../../../contracts/libraries/Bls12381Lib.sol";
import { BlsTool } from "../../support/BlsTool.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { vm } from "../../support/Vm.sol";

contract OperatorBlsKeyTest {
    using Bls12381Lib for G1Point;

    address private constant _ALICE = address(0xA11CE);
    address private constant _BOB = address(0xB0B);
    uint48 private constant _START = 1_800_000_000;

    IOperatorRegistry private _operators;

    function setUp() public {
        vm.warp(_START);
        _operators = _deploy();
    }

    function test_SetsAKey() public {
        bytes memory packed = _packed(1);
        vm.expectEmit();
        emit IOperatorRegistry.BlsKeyChanged(_ALICE, keccak256(packed), packed);
        _set(_ALICE, 1);
        _isKeyAt(_ALICE, _START - 1, "");
        _isKeyAt(_ALICE, _START, packed);
        _isKeyAt(_ALICE, type(uint48).max, packed);
        _isKeyAt(_BOB, _START, "");
        _isInfo(1, _ALICE, 0);
        _isInfo(2, address(0), 0);
    }

    function test_KeepsTheHistoryOfKeys() public {
        for (uint48 i = 0; i < 20; ++i) {
            vm.warp(_START + 10 * i);
            _set(_ALICE, 1 + i);
        }
        for (uint48 i = 0; i < 20; ++i) {
            _isKeyAt(_ALICE, _START + 10 * i, _packed(1 + i));
            _isKeyAt(_ALICE, _START + 10 * i + 9, _packed(1 + i));
            _isInfo(1 + i, _ALICE, i == 19 ? 0 : _START + 10 * i + 10);
        }
        _isKeyAt(_ALICE, _START - 1, "");
    }

    function test_TheLastKeyOfASecondCounts() public {
        _set(_ALICE, 1);
        _set(_ALICE, 2);
        _isKeyAt(_ALICE, _START, _packed(2));
        _isInfo(1, _ALICE, _START);
        _isInfo(2, _ALICE, 0);
    }

    function test_RejectsATakenKeyForEver() public {
        _set(_ALICE, 1);
        _rejectTaken(_BOB, 1, _ALICE);
        _rejectTaken(_ALICE, 1, _ALICE);
        vm.warp(_START + 365 days);
        _set(_ALICE, 2);
        _rejectTaken(_BOB, 1, _ALICE);
        _rejectTaken(_ALICE, 1, _ALICE);
        _isKeyAt(_ALICE, _START + 365 days, _packed(2));
        _isKeyAt(_BOB, _START + 365 days, "");
        _isInfo(1, _ALICE, _START + 365 days);
    }

    function test_RejectsAProofForAnotherOperator() public {
        bytes memory proof = _proof(_operators, _ALICE, 1);
        _rejectUnproven(_BOB, abi.encode(BlsTool.keyOf(1)), proof);
        _isInfo(1, address(0), 0);
        _set(_ALICE, 1);
    }

    function test_RejectsAProofForAnotherChain() public {
        bytes memory proof = _proof(_operators, _ALICE, 1);
        vm.chainId(block.chainid + 1);
        _rejectUnproven(_ALICE, abi.encode(BlsTool.keyOf(1)), proof);
        _isInfo(1, address(0), 0);
    }

    function test_RejectsAProofForAnotherRegistry() public {
        bytes memory proof = _proof(_deploy(), _ALICE, 1);
        _rejectUnproven(_ALICE, abi.encode(BlsTool.keyOf(1)), proof);
    }

    function test_RejectsAProofOfAnotherKey() public {
        _rejectUnproven(_ALICE, abi.encode(BlsTool.keyOf(1)), _proof(_operators, _ALICE, 2));
        _rejectUnproven(_ALICE, abi.encode(BlsTool.keyOf(1)), new bytes(256));
    }

    /// @dev What the key signs as a voter never counts as a proof.
    function test_RejectsAVoteAsProof() public {
        bytes memory vote = BlsTool.vote(1, _digest(_operators, _ALICE, _packed(1)));
        _rejectUnproven(_ALICE, abi.encode(BlsTool.keyOf(1)), vote);
    }

    /// @dev The rogue key attack: a key that cancels Alice's in every sum, so that its maker would sign for both.
    function test_RejectsAKeyMadeFromAnother() public {
        _set(_ALICE, 1);
        G1Point memory rogue = BlsTool.keyOf(7).add(BlsTool.keyOf(1).negate());
        bytes32 digest = _digest(_operators, _BOB, rogue.packG1());
        _rejectUnproven(_BOB, abi.encode(rogue), BlsTool.possession(7, digest));
    }

    function test_RejectsTheIdentity() public {
        bytes memory proof = new bytes(256);
        vm.prank(_ALICE);
        vm.expectRevert(IOperatorRegistry.OperatorRegistryBlsKeyIsIdentity.selector);
        _operators.setBlsKey(new bytes(128), proof);
        _isKeyAt(_ALICE, _START, "");
    }

    /// @dev Key and proof fit each other in the pairing equation: only the check of the subgroup tells.
    function test_RejectsAKeyOffTheSubgroup() public {
        string memory json = vm.readFile("test/support/vectors/bls.json");
        bytes memory packed = abi.decode(vm.parseJson(json, ".offSubgroup.key"), (bytes));
        bytes32[] memory secrets = abi.decode(vm.parseJson(json, ".secrets"), (bytes32[]));
        bytes memory proof = BlsTool.possession(uint256(secrets[0]), _digest(_operators, _ALICE, packed));
        _rejectUnproven(_ALICE, abi.encode(Bls12381Lib.loadG1(packed, 0)), proof);
    }

    function test_RejectsAKeyOffTheCurve() public {
        G1Point memory key = BlsTool.keyOf(1);
        key.y1 = bytes32(uint256(key.y1) ^ 1);
        bytes memory proof = BlsTool.possession(1, _digest(_operators, _ALICE, key.packG1()));
        _rejectUnproven(_ALICE, abi.encode(key), proof);
    }

    function test_RejectsOtherEncodingsOfAKey() public {
        G1Point memory key = BlsTool.keyOf(1);
        bytes memory proof = _proof(_operators, _ALICE, 1);
        // Something in the bytes that the packed form leaves out: the same hash, so the proof is right.
        key.x0 |= bytes32(uint256(1) << 128);
        _rejectUnproven(_ALICE, abi.encode(key), proof);
        // x + p instead of x.
        key = BlsTool.keyOf(1);
        uint256 low = uint256(key.x1);
        unchecked {
            key.x1 = bytes32(low + 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab);
        }
        uint256 carry = uint256(key.x1) < low ? 1 : 0;
        key.x0 = bytes32(uint256(key.x0) + 0x1a0111ea397fe69a4b1ba7b6434bacd7 + carry);
        proof = BlsTool.possession(1, _digest(_operators, _ALICE, key.packG1()));
        _rejectUnproven(_ALICE, abi.encode(key), proof);
    }

    function test_RejectsWrongLengths() public {
        bytes memory key = abi.encode(BlsTool.keyOf(1));
        bytes memory proof = _proof(_operators, _ALICE, 1);
        bytes[3] memory keys = [_packed(1), bytes.concat(key, hex"00"), bytes("")];
        for (uint256 i = 0; i < keys.length; ++i) {
            vm.prank(_ALICE);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IOperatorRegistry.OperatorRegistryBlsKeyLength.selector,
                    keys[i].length,
                    uint256(128)
                )
            );
            _operators.setBlsKey(keys[i], proof);
        }
        bytes[3] memory proofs = [key, bytes.concat(proof, hex"00"), bytes("")];
        for (uint256 i = 0; i < proofs.length; ++i) {
            vm.prank(_ALICE);
            vm.expectRevert(
                abi.encodeWithSelector(Bls12381Lib.Bls12381SignatureLength.selector, proofs[i].length, uint256(256))
            );
            _operators.setBlsKey(key, proofs[i]);
        }
        _isKeyAt(_ALICE, _START, "");
        _isInfo(1, address(0), 0);
    }

    /// @dev Keys of two operators in any order: nobody ever holds the other's, and the history never changes.
    function testFuzz_KeysAndTheirHistory(uint8[6] calldata picks, uint16[6] calldata waits) public {
        uint48 time = _START;
        address[6] memory owners;
        uint48[6] memory setAt;
        bool[6] memory valid;
        for (uint256 i = 0; i < picks.length; ++i) {
            time += uint48(waits[i]) + 1;
            vm.warp(time);
            (owners[i], setAt[i]) = (picks[i] % 2 == 0 ? _ALICE : _BOB, time);
            uint256 secret = 1 + ((picks[i] / 2) % 4);
            (address holder, ) = _operators.blsKeyInfo(keccak256(_packed(secret)));
            valid[i] = holder == address(0);
            if (valid[i]) _set(owners[i], secret);
            else _rejectTaken(owners[i], secret, holder);
        }
        bytes memory alice;
        bytes memory bob;
        for (uint256 i = 0; i < picks.length; ++i) {
            bytes memory packed = _packed(1 + ((picks[i] / 2) % 4));
            _isKeyAt(_ALICE, setAt[i] - 1, alice);
            _isKeyAt(_BOB, setAt[i] - 1, bob);
            if (valid[i]) (alice, bob) = owners[i] == _ALICE ? (packed, bob) : (alice, packed);
            _isKeyAt(_ALICE, setAt[i], alice);
            _isKeyAt(_BOB, setAt[i], bob);
        }
    }

    function _deploy() private returns (IOperatorRegistry operators) {
        operators = IOperatorRegistry(deployArtifact("staking", "OperatorRegistry", abi.encode(uint48(7 days))));
        vm.prank(_ALICE);
        operators.register(address(0x51), "");
        vm.prank(_BOB);
        operators.register(address(0x52), "");
    }

    function _set(address operator, uint256 secret) private {
        bytes memory key = abi.encode(BlsTool.keyOf(secret));
        bytes memory proof = _proof(_operators, operator, secret);
        vm.prank(operator);
        _operators.setBlsKey(key, proof);
    }

    function _rejectTaken(address operator, uint256 secret, address holder) private {
        bytes memory key = abi.encode(BlsTool.keyOf(secret));
        bytes memory proof = _proof(_operators, operator, secret);
        bytes32 keyHash = keccak256(_packed(secret));
        vm.prank(operator);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistry.OperatorRegistryBlsKeyTaken.selector, keyHash, holder)
        );
        _operators.setBlsKey(key, proof);
    }

    function _rejectUnproven(address operator, bytes memory key, bytes memory proof) private {
        bytes32 keyHash = keccak256(abi.decode(key, (G1Point)).packG1());
        vm.prank(operator);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistry.OperatorRegistryPossessionNotProven.selector, operator, keyHash)
        );
        _operators.setBlsKey{ gas: 1_000_000 }(key, proof);
        (address holder, ) = _operators.blsKeyInfo(keyHash);
        require(holder == address(0), "nothing changed");
        _isKeyAt(operator, _START, "");
    }

    function _packed(uint256 secret) private view returns (bytes memory) {
        return BlsTool.keyOf(secret).packG1();
    }

    function _proof(IOperatorRegistry operators, address operator, uint256 secret) private view returns (bytes memory) {
        return BlsTool.possession(secret, _digest(operators, operator, _packed(secret)));
    }

    function _digest(
        IOperatorRegistry operators,
        address operator,
        bytes memory packed
    ) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Glassbox"),
                keccak256("1"),
                block.chainid,
                operators
            )
        );
        bytes32 typeHash = keccak256("PossessionProof(address operator,bytes key)");
        return
            keccak256(
                abi.encodePacked(hex"1901", domain, keccak256(abi.encode(typeHash, operator, keccak256(packed))))
            );
    }

    function _isKeyAt(address operator, uint48 t, bytes memory expected) private view {
        require(keccak256(_operators.blsKeyAt(operator, t)) == keccak256(expected), "key");
    }

    function _isInfo(uint256 secret, address operator, uint48 endedAt) private view {
        (address actualOperator, uint48 actualEndedAt) = _operators.blsKeyInfo(keccak256(_packed(secret)));
        require(actualOperator == operator && actualEndedAt == endedAt, "key's info");
    }
}
