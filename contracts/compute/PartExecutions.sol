// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ClaimFacts } from "../interfaces/compute/IJobRegistry.sol";
import { Execution } from "../interfaces/compute/IOneStepVerifier.sol";
import { IProgramRegistry } from "../interfaces/compute/IProgramRegistry.sol";
import { FileTreeLib } from "../libraries/FileTreeLib.sol";
import { ProgramLib, Section } from "../libraries/ProgramLib.sol";

/// @title The execution of one part
abstract contract PartExecutions {
    uint8 internal constant PART_KIND = 1;

    IProgramRegistry internal immutable _programs;

    constructor(IProgramRegistry programs) {
        _programs = programs;
    }

    /// @param index `round * parts + part`
    function _partExecution(
        ClaimFacts memory facts,
        uint256 index,
        bytes32 start,
        bytes32 end
    ) internal view returns (Execution memory execution, uint256 stepCount) {
        bytes memory head = _head(facts.programRoot);
        stepCount = ProgramLib.stepsPerPart(head);
        execution.program = facts.programRoot;
        execution.section = Section.Step;
        // Below 2^28 parts of at most 2^20 steps of at most 2^16 samples.
        execution.position = uint64(index * stepCount * ProgramLib.batch(head));
        execution.samples = facts.samples;
        execution.seed = facts.seed;
        execution.inputRoot = start;
        execution.dataRoots = [facts.samplesRoot, facts.labelsRoot];
        execution.outputRoot = end;
    }

    /// @dev The head of a registered program.
    function _head(bytes32 programRoot) internal view returns (bytes memory) {
        (address code, ) = _programs.programOf(programRoot);
        return ProgramLib.load(code);
    }

    function _inputsRoot(bytes32 start, bytes32 dataRoot) internal pure returns (bytes32) {
        bytes32[] memory inputs = new bytes32[](2);
        (inputs[0], inputs[1]) = (start, dataRoot);
        return FileTreeLib.rootList(inputs);
    }
}
