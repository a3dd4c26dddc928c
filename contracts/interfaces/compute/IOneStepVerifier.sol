// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Section } from "../../libraries/ProgramLib.sol";
import { IProgramRegistry } from "./IProgramRegistry.sol";

/// @notice One run of a section of a program, with everything that determines it. What a section has no use for is 0.
/// @param program File root of a registered program
/// @param position Step: place of step 0's first sample in the job's sequence
/// @param samples Step, allocate: samples of the dataset
/// @param accounts Allocate: accounts of the job
/// @param credits Allocate: parts of all rounds
/// @param seed Init, step: the job's seed
/// @param inputRoot Step, infer: file root of the weights at the start. Average: root of the trace. Allocate: root of the credits
/// @param inputSlot Average: place of part 0's end in the trace
/// @param inputLeaves Average: leaves of the trace's file
/// @param dataRoots Step: file roots of samples and labels. Infer: of the query. Allocate: of the records
/// @param terms Allocate: the first 64 bytes of the tensor `terms`
/// @param outputRoot What its author says it gives: init, step, average the weights file, else the section's output
struct Execution {
    bytes32 program;
    Section section;
    uint64 position;
    uint32 samples;
    uint32 accounts;
    uint32 credits;
    bytes32 seed;
    bytes32 inputRoot;
    uint64 inputSlot;
    uint64 inputLeaves;
    bytes32[2] dataRoots;
    bytes32[2] terms;
    bytes32 outputRoot;
}

/// @notice One leaf of one tensor of an execution, as its author committed to it.
/// @param step Step of the execution
/// @param operation Operation of the section, from 0, whose output it lies in
/// @param detailRoot Root of the author's detail file
/// @param recordRoot Root of this step's record
/// @param tensorRoot Root of the tensor
/// @param leafIndex Which leaf of the tensor
struct Spot {
    uint32 step;
    uint16 operation;
    bytes32 detailRoot;
    bytes32 recordRoot;
    bytes32 tensorRoot;
    uint64 leafIndex;
}

/// @notice What an element reads from one operand, with its way to a root that is known.
/// @param run The least run of leaves, a power of two of them at a multiple of their number, that holds all that is read
/// @param siblings From the run up to the root of the file that it lies in
/// @param rootLeaf The leaf of the root list that holds that root; empty if the root is known from elsewhere
/// @param rootSiblings From that leaf up to the root of the root list
struct Operand {
    bytes run;
    bytes32[] siblings;
    bytes rootLeaf;
    bytes32[] rootSiblings;
}

/// @title The judge of one element
/// @notice Recomputes one element of one tensor from the rows that it reads.
///
/// The operands that must be given, in this order: the operation's own operands, without the table of `softmaxGradient`
/// and without terms (which are known); then, of a chain, the element of the output's chunk before, if there is one.
/// None are given for an element outside the shape, and none that the element does not read (`setColumn` of its column,
/// `unfold` of a place outside of the image, the totals of `remainder` but for the initiator's account). What an element reads
/// follows from its place and the terms, never from what is read; docs/spec/compute.md has the table.
///
/// Where they lie: a computed tensor's root stands in the step's record (`rootLeaf` leads to `recordRoot`); weights lie in
/// the weights file `inputRoot` at step 0 and for inference, later in the file whose root is the last slot of the record
/// before (`rootLeaf` leads to `detailRoot`); weights of a part in the file whose root stands in the trace (`rootLeaf` leads to
/// `inputRoot`); a constant in the program's file; an output's chunk before in the tensor itself; all else in the files of
/// the execution.
///
/// @dev Warning: the execution, the spot's roots and the leaf are believed; only the operands are checked. Elements are computed
/// from what was committed to, whatever bounds that lies in: an operand out of its bounds may give a result that no element of
/// the output's type can have.
interface IOneStepVerifier {
    /// @param actual Operands given
    /// @param expected Operands that the element reads
    error OneStepOperands(uint256 actual, uint256 expected);
    /// @param elements Elements of a leaf
    error OneStepElement(uint256 element, uint256 elements);
    error OneStepLeafBytes(uint256 actual, uint256 expected);
    /// @param operation Operation of the section
    /// @param operations Operations that the section has
    error OneStepOperation(uint256 operation, uint256 operations);
    /// @param operand Place of the operand in the call
    /// @param expected Bytes of the least run that holds what is read
    error OneStepRunBytes(uint256 operand, uint256 actual, uint256 expected);
    /// @notice The leaf of the root list is not a leaf, or is given although the root is known.
    error OneStepRootLeaf(uint256 operand);

    /// @notice Computes one element anew. Reverts unless every operand leads to its root, then with an error of
    /// `FileTreeLib`. A place behind the tensor's rows counts as padding too.
    /// @param leaf The disputed leaf's bytes, which the caller has checked against `spot`
    /// @param element Which element of the leaf, also of its padding
    /// @return actual The element as committed
    /// @return expected The element as it must be; 0 outside the shape
    function judge(
        Execution calldata execution,
        Spot calldata spot,
        bytes calldata leaf,
        uint256 element,
        Operand[] calldata operands
    ) external view returns (int256 actual, int256 expected);

    /// @notice Where programs are registered.
    function programs() external view returns (IProgramRegistry);
}
