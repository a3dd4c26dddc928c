// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ClaimDigests } from "./ClaimDigests.sol";
import { JobRules } from "./JobRules.sol";
import { Claim } from "../interfaces/compute/IClaimDigests.sol";
import { JobParams, JobRegistryParams, Outputs } from "../interfaces/compute/IJobRegistry.sol";
import { Dataset } from "../interfaces/models/IDatasetRegistry.sol";
import { SubmissionInfo } from "../interfaces/storage/IFlow.sol";
import { IMarket } from "../interfaces/storage/IMarket.sol";
import { FileTreeLib } from "../libraries/FileTreeLib.sol";
import { JobShapeLib } from "../libraries/JobShapeLib.sol";
import { ProgramLib } from "../libraries/ProgramLib.sol";

/// @title The files of a claim, and what its author signs for them
abstract contract ClaimFiles is JobRules, ClaimDigests {
    IMarket public immutable market;

    constructor(JobRegistryParams memory params) JobRules(params) {
        market = IMarket(params.flow.market());
    }

    /// @dev Outputs are those of their submissions, of the lengths that follow from the job, and everything is held.
    function _requireFiles(
        JobParams storage params,
        Outputs calldata outputs,
        uint64[6] calldata submissions,
        uint256 joinedCount
    ) internal view {
        Dataset memory dataset = datasets.dataset(params.datasetId);
        uint256 least = uint256(dataset.accountCount) + 1;
        uint256 count = outputs.accountCount;
        require(
            count >= least && count <= least + joinedCount,
            JobRegistryAccountCount(count, least, least + joinedCount)
        );
        (address code, ) = programs.programOf(params.programRoot);
        uint256[6] memory lengths = JobShapeLib.outputBytes(ProgramLib.load(code), params.rounds, params.parts, count);
        _requireOutput(0, outputs.weightsRoot, submissions[0], lengths[0]);
        _requireOutput(1, outputs.allocationRoot, submissions[1], lengths[1]);
        _requireOutput(2, outputs.traceRoot, submissions[2], lengths[2]);
        _requireOutput(3, outputs.creditsRoot, submissions[3], lengths[3]);
        _requireOutput(4, outputs.accountsRoot, submissions[4], lengths[4]);
        _requireOutput(5, outputs.roundsRoot, submissions[5], lengths[5]);
        _requireAvailable(submissions, dataset.submissions, params.programSubmission);
    }

    function _jobClaimDigest(
        uint256 jobId,
        JobParams storage params,
        Outputs calldata outputs
    ) internal view returns (bytes32) {
        bytes32[] memory inputs = new bytes32[](2);
        inputs[0] = datasets.rootOf(params.datasetId);
        inputs[1] = params.seed;
        bytes32[] memory results = new bytes32[](5);
        results[0] = outputs.weightsRoot;
        results[1] = outputs.allocationRoot;
        results[2] = outputs.creditsRoot;
        results[3] = outputs.accountsRoot;
        results[4] = outputs.roundsRoot;
        return
            claimDigest(
                Claim({
                    kind: 0,
                    job: jobId,
                    index: 0,
                    program: params.programRoot,
                    inputsRoot: FileTreeLib.rootList(inputs),
                    outputsRoot: FileTreeLib.rootList(results),
                    traceRoot: outputs.traceRoot
                })
            );
    }

    function _requireOutput(uint256 output, bytes32 actual, uint64 submission, uint256 expectedBytes) private view {
        SubmissionInfo memory stored = flow.submission(submission);
        require(actual == stored.root, JobRegistryOutputMismatch(output, actual, stored.root));
        require(stored.byteLength == expectedBytes, JobRegistryOutputLength(output, stored.byteLength, expectedBytes));
    }

    function _requireAvailable(uint64[6] calldata outputs, uint64[5] memory dataset, uint64 program) private view {
        uint32 untilEpoch = market.currentEpoch() + _limits.availabilityEpochs;
        for (uint256 i = 0; i < outputs.length; ++i) _requireFilled(outputs[i], untilEpoch);
        for (uint256 i = 0; i < dataset.length; ++i) _requireFilled(dataset[i], untilEpoch);
        _requireFilled(program, untilEpoch);
    }

    function _requireFilled(uint64 submission, uint32 untilEpoch) private view {
        require(market.isFilled(submission, untilEpoch), JobRegistryNotAvailable(submission, untilEpoch));
    }
}
