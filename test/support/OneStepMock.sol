// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Execution, Operand, Spot } from "../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { IProgramRegistry } from "../../contracts/interfaces/compute/IProgramRegistry.sol";

/// @notice Finds what it is told to find, at the spot that it is told to expect.
contract OneStepMock {
    error OneStepMockSpot(bytes32 actual, bytes32 expected);
    error OneStepMockMalformed();

    IProgramRegistry public immutable programs;
    int256 public actual;
    int256 public expected;
    bool public isMalformed;
    bytes32 public callHash;

    constructor(IProgramRegistry programs_) {
        programs = programs_;
    }

    function setVerdict(int256 actual_, int256 expected_) external {
        (actual, expected) = (actual_, expected_);
    }

    function setMalformed(bool isMalformed_) external {
        isMalformed = isMalformed_;
    }

    function expectCall(Execution calldata execution, Spot calldata spot, bytes calldata leaf) external {
        callHash = keccak256(abi.encode(execution, spot, leaf));
    }

    function judge(
        Execution calldata execution,
        Spot calldata spot,
        bytes calldata leaf,
        uint256,
        Operand[] calldata
    ) external view returns (int256, int256) {
        bytes32 hash = keccak256(abi.encode(execution, spot, leaf));
        require(callHash == 0 || hash == callHash, OneStepMockSpot(hash, callHash));
        require(!isMalformed, OneStepMockMalformed());
        return (actual, expected);
    }
}
