// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What a job registry asks of its dispute game
/// @notice The game judges claims by opening them. It opens games only within a claim's window, ends every one of them,
/// calls `IJobRegistry.refute` when a claim has lost, and is the evidence verifier of the compute service.
interface IDisputeGame {
    /// @notice Games against one claim that have no verdict yet; a claim is not accepted before this is 0.
    /// @param claimNumber Which of the job's claims, from 1
    function openGames(uint256 jobId, uint32 claimNumber) external view returns (uint256);
}
