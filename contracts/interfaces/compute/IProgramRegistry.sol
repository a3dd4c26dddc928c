// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRules } from "./IProgramRules.sol";

/// @title Programs that can be judged
/// @notice A program is validated once, by the rules of docs/spec/compute.md: after that every element of every tensor
/// is defined, free of overflow and small enough to be judged alone. Its name is the root of its file.
interface IProgramRegistry is IProgramRules {
    event ProgramRegistered(bytes32 indexed programRoot, address code, uint256 fileLeaves);

    error ProgramRegistryUnknown(bytes32 programRoot);
    error ProgramRegistryKnown(bytes32 programRoot);

    /// @notice Validates a program and keeps its head as code. Anyone may; a registered program is not registered again.
    /// @param head Header leaf, tensor table and operation table, as they stand in the program's file
    /// @param constantRoots The root of each constant's tensor file, in table order
    /// @return programRoot The root of the program's file
    function register(bytes calldata head, bytes32[] calldata constantRoots) external returns (bytes32 programRoot);

    /// @notice Where a program's head is kept (`ProgramLib.load`), and how many leaves its file has, without its
    /// tree's padding; reverts for a program that is not registered.
    function programOf(bytes32 programRoot) external view returns (address code, uint256 fileLeaves);

    function isRegistered(bytes32 programRoot) external view returns (bool);
}
