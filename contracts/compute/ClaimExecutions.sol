// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { DetailChecks } from "./DetailChecks.sol";
import { Claim } from "../interfaces/compute/IClaimDigests.sol";
import { IGameReader } from "../interfaces/compute/IGameReader.sol";
import { Accusation, IDisputeGame } from "../interfaces/compute/IDisputeGame.sol";
import { ClaimFacts, IJobRegistry, Job } from "../interfaces/compute/IJobRegistry.sol";
import { Execution } from "../interfaces/compute/IOneStepVerifier.sol";
import { Dataset } from "../interfaces/models/IDatasetRegistry.sol";
import { DetailLib } from "../libraries/DetailLib.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";
import { JobShapeLib } from "../libraries/JobShapeLib.sol";
import { Section } from "../libraries/ProgramLib.sol";

/// @title From a claim to one of its executions
/// @notice All of an execution follows from the job, the claim's roots and the trace: a challenger only says which one.
abstract contract ClaimExecutions is DetailChecks {
    /// @inheritdoc IGameReader
    function executionOf(
        IJobRegistry jobs,
        uint256 jobId,
        ClaimFacts memory facts,
        Accusation calldata accusation
    ) external view returns (Execution memory execution, uint256 stepCount) {
        Section section = accusation.section;
        (uint256 round, uint256 part) = (accusation.round, accusation.part);
        require(_hasExecution(facts, section, round, part), IDisputeGame.DisputeGameNoExecution(section, round, part));
        uint256 slots = JobShapeLib.traceSlots(facts.parts);
        if (section == Section.Step) {
            bytes32 start = _traceRoot(facts, round * slots, accusation.start);
            uint256 endSlot = round * slots + 1 + part;
            bool isSameLeaf = accusation.end.leaf.length == 0 && _isSameLeaf(round * slots, endSlot);
            bytes32 end =
                isSameLeaf
                    ? DetailLib.rootAt(accusation.start.leaf, endSlot)
                    : _traceRoot(facts, endSlot, accusation.end);
            return _partExecution(facts, round * facts.parts + part, start, end);
        }
        execution.program = facts.programRoot;
        execution.section = section;
        stepCount = 1;
        if (section == Section.Init) {
            execution.seed = facts.seed;
            execution.outputRoot = _traceRoot(facts, 0, accusation.end);
        } else if (section == Section.Average) {
            execution.inputRoot = facts.traceRoot;
            execution.inputSlot = uint64(round * slots + 1);
            execution.inputLeaves = uint64(_traceLeaves(facts));
            execution.outputRoot = _traceRoot(facts, (round + 1) * slots, accusation.end);
        } else {
            _setAllocation(execution, jobs.job(jobId), jobs.datasets().dataset(facts.datasetId));
        }
    }

    /// @dev The claim that backs a credit.
    function _partClaim(
        uint256 jobId,
        ClaimFacts memory facts,
        bytes32 datasetRoot,
        uint256 index,
        bytes32 start,
        bytes32 end
    ) internal pure returns (Claim memory) {
        return Claim(PART_KIND, jobId, index, facts.programRoot, _inputsRoot(start, datasetRoot), end, 0);
    }

    /// @dev The root in a slot of the trace, from its leaf.
    function _traceRoot(
        ClaimFacts memory facts,
        uint256 slot,
        LeafOpening memory opening
    ) internal pure returns (bytes32) {
        uint256 leafIndex = slot / FileTreeLib.ROOTS_PER_LEAF;
        FileTreeLib.checkLeaf(facts.traceRoot, opening.leaf, leafIndex, _traceLeaves(facts), opening.siblings);
        return DetailLib.rootAt(opening.leaf, slot);
    }

    function _traceLeaves(ClaimFacts memory facts) internal pure returns (uint256) {
        uint256 roots = facts.rounds * JobShapeLib.traceSlots(facts.parts) + 1;
        return FileTreeLib.paddedLeafCount(roots * 32);
    }

    function _isSameLeaf(uint256 slot, uint256 other) internal pure returns (bool) {
        return slot / FileTreeLib.ROOTS_PER_LEAF == other / FileTreeLib.ROOTS_PER_LEAF;
    }

    function _setAllocation(Execution memory execution, Job memory job, Dataset memory dataset) private pure {
        execution.samples = dataset.count;
        execution.accounts = job.claim.outputs.accountCount;
        execution.credits = job.params.rounds * job.params.parts;
        execution.inputRoot = job.claim.outputs.creditsRoot;
        execution.dataRoots[0] = dataset.roots[2];
        uint16[4] memory poolsBps = job.params.poolsBps;
        execution.terms[0] = _packI64(job.params.shareSupply, poolsBps[0], poolsBps[1], poolsBps[2]);
        // The opener's account stands behind those of the dataset.
        execution.terms[1] = _packI64(poolsBps[3], dataset.count, execution.credits, dataset.accountCount);
        execution.outputRoot = job.claim.outputs.allocationRoot;
    }

    function _hasExecution(
        ClaimFacts memory facts,
        Section section,
        uint256 round,
        uint256 part
    ) private pure returns (bool) {
        if (section == Section.Step) return round < facts.rounds && part < facts.parts;
        if (section == Section.Average) return round < facts.rounds && part == 0 && facts.parts > 1;
        return section != Section.Infer && round == 0 && part == 0;
    }

    /// @dev Four little-endian i64.
    function _packI64(uint64 a, uint64 b, uint64 c, uint64 d) private pure returns (bytes32) {
        return
            bytes32(
                (uint256(_reversed(a)) << 192) |
                    (uint256(_reversed(b)) << 128) |
                    (uint256(_reversed(c)) << 64) |
                    _reversed(d)
            );
    }

    function _reversed(uint64 value) private pure returns (uint64 result) {
        for (uint256 i = 0; i < 8; ++i) result = (result << 8) | ((value >> uint64(8 * i)) & 0xff);
    }
}
