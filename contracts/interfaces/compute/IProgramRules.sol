// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Extent, Role, Section } from "../../libraries/ProgramLib.sol";

/// @notice Fields of a program's header that have a range.
enum HeaderField {
    Tensors,
    Operations,
    Parts,
    Batch,
    StepsPerPart
}

/// @notice Fields of an operation word that some operations use.
enum Parameter {
    Shift,
    Multiplier,
    First,
    Second
}

/// @title The rules that a program must keep
/// @notice Every error is a rule of docs/spec/compute.md, "Validation". `tensor` and `operation` are places in the tables,
/// `offset` counts the head's bytes. A dimension is given as 2^32 times its extent plus its number or limit.
interface IProgramRules {
    /// @notice The head does not start with GLASSBOX and the version.
    error ProgramFormat(bytes10 actual, bytes10 expected);
    /// @notice The head is not the header leaf and the two tables, or has no whole header.
    error ProgramHeadBytes(uint256 actual, uint256 expected);
    /// @notice Header and tables take more leaves than fit into a contract's code.
    error ProgramHeadTooLong(uint256 leaves, uint256 maxLeaves);
    /// @notice A header field is 0 or too large.
    error ProgramHeaderRange(HeaderField field, uint256 actual, uint256 max);
    /// @notice Bytes without meaning are not 0. `bits` is the word at `offset`, without what has a meaning.
    error ProgramUnusedBytes(uint256 offset, uint256 bits);
    /// @notice There is no such element type, role, section, extent or operation.
    error ProgramCodeUnknown(uint256 offset, uint256 code, uint256 max);
    /// @notice An operand follows "none".
    error ProgramOperandGap(uint256 operation);
    /// @notice An argument has more than 53 bits.
    error ProgramArgumentRange(uint256 operation, int64 actual);
    /// @notice Tensors or operations do not stand section by section.
    error ProgramSectionOrder(uint256 offset, Section actual, Section before);
    /// @notice More operations than a record of their outputs has places for.
    error ProgramSectionTooLong(Section section, uint256 operations, uint256 max);

    /// @notice A dimension is 0 or above 2^26, or the tensor has more than 2^36 elements.
    error ProgramTensorSize(uint256 tensor, uint256 rows, uint256 columns);
    /// @notice Static tensors have too many elements together.
    error ProgramElements(uint256 actual, uint256 max);
    /// @notice Bounds are upside down or outside of the element type.
    error ProgramTypeRange(uint256 tensor, int64 lowest, int64 highest);
    /// @notice A dimension depends on a number of the job that is not known there.
    error ProgramExtent(uint256 tensor, Extent rows, Extent columns);
    /// @notice A tensor has not the section, type, shape, bounds or index of its role, or its role stands twice.
    error ProgramRole(uint256 tensor, Role role);
    /// @notice What a section gives out must be computed, and the only tensor for its slot.
    error ProgramOutputSlot(uint256 tensor, uint256 slot);
    error ProgramConstantCount(uint256 actual, uint256 expected);
    /// @notice A constant says it starts at another leaf than it does.
    error ProgramConstantPlace(uint256 tensor, uint256 actual, uint256 expected);
    /// @notice The constants do not fit into a program file.
    error ProgramFileTooLong(uint256 leaves, uint256 maxLeaves);
    /// @notice A constant must declare its type's range, the exponential table 0 to 65,536.
    error ProgramConstantBounds(uint256 tensor, int64 lowest, int64 highest);
    error ProgramUnwritten(uint256 tensor);

    /// @notice A section does not give exactly the slots that it must. Bit s stands for slot s.
    error ProgramWeightsSlots(Section section, uint256 actual, uint256 expected);
    /// @notice A tensor of the model has another type, shape or bounds than `init` gives, or a slot or part that does not exist.
    error ProgramWeights(uint256 tensor, uint256 slot);
    /// @notice Without a step there is 1 part of 1 step of 1 sample.
    error ProgramUntrained(uint256 parts, uint256 batch, uint256 stepsPerPart);
    /// @notice With one part there is nothing to average.
    error ProgramAverage(uint256 tensor);
    /// @notice `infer` gives one column of i32, `allocate` one of i64 with a row for each account.
    error ProgramResult(Section section);

    error ProgramArity(uint256 operation, uint256 actual, uint256 min, uint256 max);
    /// @notice An operation must write a computed tensor of its section that nothing before it writes.
    error ProgramOutput(uint256 operation, uint256 tensor);
    /// @notice An operation reads what does not stand in its section, is not written yet, or is the dataset's.
    error ProgramOperand(uint256 operation, uint256 tensor);
    /// @notice A parameter is out of its range, or not 0 though the operation has no use for it.
    error ProgramParameter(uint256 operation, Parameter parameter, int256 actual);
    error ProgramOperationSection(uint256 operation, Section actual, Section expected);
    error ProgramOperandRole(uint256 operation, uint256 tensor, Role actual, Role expected);
    error ProgramOperandExtent(uint256 operation, uint256 tensor, Extent actual, Extent expected);
    /// @notice The bits of `allowed` stand for the element types' codes.
    error ProgramType(uint256 operation, uint256 tensor, uint256 actual, uint256 allowed);
    error ProgramShape(
        uint256 operation,
        uint256 tensor,
        uint256 rows,
        uint256 columns,
        uint256 expectedRows,
        uint256 expectedColumns
    );
    /// @notice Rows that are chunks already cannot be cut into chunks.
    error ProgramChunks(uint256 operation, uint256 dimension);
    /// @notice An operand has not the elements that the operation's parameters divide it into.
    error ProgramElementCount(uint256 operation, uint256 actual, uint256 expected);
    /// @notice A share or a count could be negative.
    error ProgramLowest(uint256 operation, uint256 tensor, int64 actual);
    /// @notice A result that does not saturate could leave its tensor's bounds.
    error ProgramBounds(uint256 operation, int256 lowest, int256 highest);
    /// @notice A sum or product could exceed its accumulator.
    error ProgramOverflow(uint256 operation, int256 reach, int256 max);
    /// @notice An element would read too many elements.
    error ProgramRowTooLong(uint256 operation, uint256 actual, uint256 max);
    /// @notice `softmaxGradient` takes one table.
    error ProgramTable(uint256 operation, bytes32 actual, bytes32 expected);
}
