// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LeafOpening } from "../../libraries/FileTreeLib.sol";
import { Accusation, ClaimFile, Fault } from "./IDisputeGame.sol";
import { ClaimFacts, IJobRegistry } from "./IJobRegistry.sol";
import { Execution } from "./IOneStepVerifier.sol";

/// @title What a claim says, and what a detail file must be
/// @notice Views that a dispute game asks; this contract keeps nothing. Errors are those of `IDisputeGame`, and of `FileTreeLib`
/// for openings that don't lead to their root.
interface IGameReader {
    /// @notice One execution of a job's live claim: all of it follows from the job, the claim's roots and the trace.
    /// @param facts Of the claim, from `IJobRegistry.claimFacts`
    /// @return execution The execution
    /// @return steps Its steps
    function executionOf(
        IJobRegistry jobs,
        uint256 jobId,
        ClaimFacts memory facts,
        Accusation calldata accusation
    ) external view returns (Execution memory execution, uint256 steps);

    /// @notice Whether the proof shows the fault in a job's live claim.
    /// @param proof The fault's struct, encoded
    function isFault(
        IJobRegistry jobs,
        uint256 jobId,
        uint32 claimNumber,
        Fault fault,
        bytes calldata proof
    ) external view returns (bool);

    /// @notice Reverts unless a file of a job's live claim has this leaf.
    function checkDemand(
        IJobRegistry jobs,
        uint256 jobId,
        uint32 claimNumber,
        ClaimFile file,
        uint256 leafIndex
    ) external view;

    /// @notice Reverts unless the opening shows this leaf of a file of a job's live claim.
    function checkShown(
        IJobRegistry jobs,
        uint256 jobId,
        uint32 claimNumber,
        ClaimFile file,
        uint256 leafIndex,
        LeafOpening calldata opening
    ) external view;

    /// @notice Reverts unless the last state of a detail file is the execution's output, and all records behind it are 0.
    /// @param steps Steps of the execution
    /// @param last The leaf that ends with the last step's state
    /// @return height Levels from the root down to the records
    function checkDetail(
        Execution calldata execution,
        uint256 steps,
        bytes32 detailRoot,
        LeafOpening calldata last
    ) external view returns (uint256 height);

    /// @notice Reverts unless the roots can be a record: nothing in unused slots, and the state that the tensors make.
    /// @return recordRoot Root of the record
    function checkRecord(Execution calldata execution, bytes calldata roots) external view returns (bytes32 recordRoot);

    /// @notice The tensor that an operation of the section wrote.
    /// @param opening The record's leaf with the tensor's root
    /// @return recordRoot Root of the record that the opening leads to
    /// @return tensorRoot Root of the tensor
    /// @return height The tensor has 2^height leaves
    function tensorOf(
        Execution calldata execution,
        uint256 operation,
        LeafOpening calldata opening
    ) external view returns (bytes32 recordRoot, bytes32 tensorRoot, uint256 height);
}
