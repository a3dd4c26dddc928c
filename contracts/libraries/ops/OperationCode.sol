// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice Operations of programs by their code in the file, as docs/spec/compute.md numbers them.
enum OperationCode {
    None,
    Init,
    Gather,
    SetColumn,
    Matmul,
    Requantise,
    Gate,
    SoftmaxGradient,
    Transpose,
    Update,
    Add,
    Argmax,
    Column,
    Count,
    Proportion,
    Sum,
    Remainder,
    AddRow,
    Unfold,
    Fold,
    Rotate,
    Reshape,
    MaxPool,
    PoolGradient,
    Accumulate,
    Tail
}
