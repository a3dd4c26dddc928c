// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRegistry } from "../compute/IProgramRegistry.sol";

/// @notice A model as a version names it.
/// @param programs Where the program is registered
struct JudgedModel {
    IProgramRegistry programs;
    bytes32 programRoot;
    bytes32 weightsRoot;
}

/// @title What a small model answers
/// @notice Repeats the inference of a model of two layers in one call, from nothing but the roots of its program and weights, and hashes the input as
/// the circuits do: so it judges what a proof says.
/// @dev Some 6M gas for a network of 784, 32 and 10.
interface IAnswerJudge {
    /// @notice The program's inference isn't the network of two layers that has a circuit (docs/spec/proofs.md, "Baked weights").
    error AnswerJudgeNoNetwork(bytes32 programRoot);

    /// @notice The weights are too many for one transaction.
    error AnswerJudgeTooLarge(uint256 leaves, uint256 maximum);

    /// @notice The weights are shown as the leaves of their file, 256 bytes each, without the tree's padding.
    error AnswerJudgeWrongLength(uint256 actual, uint256 expected);

    /// @notice These aren't the model's weights.
    error AnswerJudgeWrongWeights(bytes32 actual, bytes32 expected);

    /// @notice An input has a byte for each of the network's inputs.
    error AnswerJudgeWrongInput(uint256 actual, uint256 expected);

    /// @notice What the model answers to an input, and the input's hash.
    /// @param weights All leaves of the weights file, 256 bytes each
    function judge(
        JudgedModel calldata model,
        bytes calldata weights,
        bytes calldata input
    ) external view returns (uint256 answer, uint256 inputHash);

    /// @notice Leaves of the largest weights file: with it a transaction stays below the 128 KiB that public mempools take.
    function MAX_LEAVES() external view returns (uint256);
}
