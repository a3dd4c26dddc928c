// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LeafOpening } from "../../libraries/FileTreeLib.sol";
import { Claim } from "./IClaimDigests.sol";
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

    /// @notice What the signer of a part's claim answers for.
    /// @param startRoot Root of the weights that the part started from
    function executionOfPart(
        IJobRegistry jobs,
        Claim calldata part,
        bytes32 startRoot
    ) external view returns (Execution memory execution, uint256 steps);

    /// @notice The operator that signed a part's claim. Reverts unless it holds coverage of the job.
    /// @param signature By a key that is or was the operator's signer
    /// @return author The operator
    /// @return joinedAt When it joined the job
    function signerOfPart(
        IJobRegistry jobs,
        Claim calldata part,
        bytes calldata signature
    ) external view returns (address author, uint48 joinedAt);

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

    /// @notice Reverts unless the last state of a detail file is the execution's output.
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

    /// @notice The share of an operator's magnitude that is worth its coverage of a job now, rounded up; of an offence that
    /// has been punished, what it was punished with.
    /// @param serviceId The compute service of `jobs`
    function slashWad(
        IJobRegistry jobs,
        uint32 serviceId,
        uint256 jobId,
        address operator,
        bytes32 offenceKey,
        uint48 capturedAt
    ) external view returns (uint64 wad);
}
