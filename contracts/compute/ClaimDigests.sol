// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import { Assignment, Claim, IClaimDigests } from "../interfaces/compute/IClaimDigests.sol";

/// @title EIP-712 digests of off-chain work
abstract contract ClaimDigests is IClaimDigests, EIP712 {
    bytes32 internal constant CLAIM_TYPEHASH = keccak256(
        "Claim(uint8 kind,uint256 job,uint256 index,bytes32 program,bytes32 inputsRoot,bytes32 outputsRoot,bytes32 traceRoot)"
    );
    bytes32 internal constant ASSIGNMENT_TYPEHASH = keccak256(
        "Assignment(uint256 job,uint256 index,address operator,bytes32 inputsRoot)"
    );

    constructor() EIP712("Glassbox", "1") {}

    /// @inheritdoc IClaimDigests
    function claimDigest(Claim memory claim_) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CLAIM_TYPEHASH, claim_)));
    }

    /// @inheritdoc IClaimDigests
    function assignmentDigest(Assignment calldata assignment) external view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ASSIGNMENT_TYPEHASH, assignment)));
    }
}
