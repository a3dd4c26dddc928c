// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Groth16Lib } from "../../../contracts/libraries/Groth16Lib.sol";
import { SmallMlpProof } from "../../support/vectors/SmallMlpProof.sol";

/// @notice The contract's verifier against a proof that snarkjs made of the project's own circuit.
contract SnarkjsProofTest {
    /// @dev A verification transaction has 240k gas; 21k of base cost and some 10k of calldata and storage come on top.
    uint256 private constant MAX_GAS = 205_000;

    uint256[8] private _proof;
    uint256[] private _inputs;

    function setUp() public {
        _proof = abi.decode(SmallMlpProof.PROOF, (uint256[8]));
        uint256[2] memory inputs = abi.decode(SmallMlpProof.INPUTS, (uint256[2]));
        _inputs.push(inputs[0]);
        _inputs.push(inputs[1]);
    }

    function test_verify_acceptsTheProof() public view {
        require(this.verify(SmallMlpProof.KEY, _proof, _inputs), "the proof holds");
    }

    function test_verify_staysWithinItsGas() public view {
        uint256[8] memory proof = _proof;
        uint256[] memory inputs = _inputs;
        uint256 before = gasleft();
        this.verify(SmallMlpProof.KEY, proof, inputs);
        require(before - gasleft() <= MAX_GAS, "verification costs too much");
    }

    function test_verify_refusesAnotherAnswer() public {
        _inputs[0] = (_inputs[0] + 1) % 4;
        require(!this.verify(SmallMlpProof.KEY, _proof, _inputs), "another answer is not proven");
    }

    function testFuzz_verify_refusesAnotherInput(uint256 other) public {
        other %= Groth16Lib.FIELD_ORDER;
        if (other == _inputs[1]) return;
        _inputs[1] = other;
        require(!this.verify(SmallMlpProof.KEY, _proof, _inputs), "another input is not proven");
    }

    function testFuzz_verify_refusesAnyChangedWord(uint256 word, uint256 change) public {
        if (change == 0) return;
        _proof[word % 8] ^= change;
        // A point off its group makes a precompile burn what it is given.
        require(!this.verify{ gas: 1_000_000 }(SmallMlpProof.KEY, _proof, _inputs), "a changed proof does not hold");
    }

    function verify(
        bytes memory key,
        uint256[8] calldata proof,
        uint256[] calldata inputs
    ) external view returns (bool) {
        return Groth16Lib.verify(key, proof, inputs);
    }
}
