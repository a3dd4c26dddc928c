// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice "This program on these inputs gives these outputs, and the trace commits the way", signed by its author.
/// @param kind 0 a job, 1 a part of a job, 2 an answer
/// @param job Id of the job; 0 for an answer
/// @param index 0 for a job; `round * parts + part` for a part
/// @param program File root of the program
/// @param inputsRoot Job: root list of dataset root, seed. Part: root list of the round's weights root, dataset root
/// @param outputsRoot Job: root list of weights, allocation, credits, accounts and rounds root. Part: its end weights root
/// @param traceRoot Job: file root of the trace. Part: 0
struct Claim {
    uint8 kind;
    uint256 job;
    uint256 index;
    bytes32 program;
    bytes32 inputsRoot;
    bytes32 outputsRoot;
    bytes32 traceRoot;
}

/// @notice A part given to a joined operator before the work starts, signed by the holder of the job's lease.
/// @param job Id of the job
/// @param index `round * parts + part`
/// @param operator Who is to do the work and to be credited for it
/// @param inputsRoot Root list of the round's weights root, dataset root
struct Assignment {
    uint256 job;
    uint256 index;
    address operator;
    bytes32 inputsRoot;
}

/// @title EIP-712 digests of off-chain work
/// @notice Domain: name "Glassbox", version "1", the chain's id, the contract that implements this.
interface IClaimDigests {
    /// @notice Digest of
    /// `Claim(uint8 kind,uint256 job,uint256 index,bytes32 program,bytes32 inputsRoot,bytes32 outputsRoot,bytes32 traceRoot)`.
    function claimDigest(Claim calldata claim) external view returns (bytes32);

    /// @notice Digest of `Assignment(uint256 job,uint256 index,address operator,bytes32 inputsRoot)`.
    function assignmentDigest(Assignment calldata assignment) external view returns (bytes32);
}
