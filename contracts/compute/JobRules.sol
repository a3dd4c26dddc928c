// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IJobDisputes } from "../interfaces/compute/IDisputeGame.sol";
import { IJobRegistry, JobLimits, JobParams, JobRegistryParams } from "../interfaces/compute/IJobRegistry.sol";
import { IProgramRegistry } from "../interfaces/compute/IProgramRegistry.sol";
import { Dataset, IDatasetRegistry } from "../interfaces/models/IDatasetRegistry.sol";
import { IFlow, SubmissionInfo } from "../interfaces/storage/IFlow.sol";
import { FileTreeLib } from "../libraries/FileTreeLib.sol";
import { JobShapeLib, JobSize } from "../libraries/JobShapeLib.sol";
import { Extent, ProgramLib, Role, Section, TensorEntry } from "../libraries/ProgramLib.sol";

/// @title What a job may be
/// @notice Bounds of a deployment and of its jobs, and how a job's program and dataset must fit together: every file and tensor
/// of a job that is taken has a size that the chain knows, so all of it can be judged.
abstract contract JobRules is IJobRegistry {
    /// @inheritdoc IJobRegistry
    uint256 public constant MAX_JOINED = 64;
    /// @notice Rounds a job takes.
    uint256 public constant MAX_ROUNDS = 1 << 20;
    /// @notice Shares a version has at most: the greatest number that an allocation is computed from.
    uint256 public constant MAX_SUPPLY = (1 << 50) - 1;

    /// @notice Places of a job's sequence of samples: players count them in numbers that are exact up to here.
    uint256 public constant MAX_PLACES = (1 << 53) - 1;

    /// @dev Of the header's field.
    uint256 private constant MAX_PARTS = 255;
    /// @dev As long as a storage deal can last; beyond, no claim could ever be made.
    uint256 private constant MAX_AVAILABILITY_EPOCHS = 4096;
    uint256 private constant BPS = 10_000;

    /// @inheritdoc IJobRegistry
    IProgramRegistry public immutable programs;
    /// @inheritdoc IJobRegistry
    IDatasetRegistry public immutable datasets;
    /// @inheritdoc IJobRegistry
    IFlow public immutable flow;

    JobLimits internal _limits;

    constructor(JobRegistryParams memory params) {
        require(params.disputeGame.code.length != 0, JobRegistryGameMissing());
        _requireContract("datasets", address(params.datasets));
        _requireContract("flow", address(params.flow));
        _requireLimits(params.limits);
        programs = IJobDisputes(params.disputeGame).programs();
        datasets = params.datasets;
        flow = params.flow;
        _limits = params.limits;
    }

    /// @inheritdoc IJobRegistry
    function limits() external view returns (JobLimits memory) {
        return _limits;
    }

    function _requireParams(JobParams calldata params) internal view {
        JobLimits memory bounds = _limits;
        uint256 sum;
        for (uint256 i = 0; i < params.poolsBps.length; ++i) sum += params.poolsBps[i];
        require(sum == BPS, JobRegistryPoolsSum(sum, BPS));
        _requireRange("rounds", params.rounds, 1, MAX_ROUNDS);
        _requireRange("parts", params.parts, 1, MAX_PARTS);
        _requireRange("shareSupply", params.shareSupply, 1, MAX_SUPPLY);
        _requireRange("feeWei", params.feeWei, 0, type(uint128).max);
        _requireRange("auditFeeWei", params.auditFeeWei, 0, type(uint128).max);
        _requireRange("claimBondWei", params.claimBondWei, bounds.minClaimBondWei, type(uint128).max);
        _requireRange("leaseBondWei", params.leaseBondWei, bounds.minLeaseBondWei, type(uint128).max);
        _requireRange("coverageWei", params.coverageWei, bounds.minCoverageWei, type(uint128).max);
        _requireRange("deadline", params.deadline, block.timestamp + 1, block.timestamp + bounds.maxJobSeconds);
        _requireRange(
            "claimWindowSeconds",
            params.claimWindowSeconds,
            bounds.minClaimWindowSeconds,
            bounds.maxClaimWindowSeconds
        );
        _requireRange("leaseSeconds", params.leaseSeconds, bounds.minLeaseSeconds, bounds.maxJobSeconds);
    }

    /// @dev The stored program is the registered one, and fits job and dataset.
    function _requireProgram(JobParams calldata params) internal view {
        Dataset memory dataset = datasets.dataset(params.datasetId);
        SubmissionInfo memory stored = flow.submission(params.programSubmission);
        require(params.programRoot == stored.root, JobRegistryProgramMismatch(params.programRoot, stored.root));
        (address code, uint256 fileLeaves) = programs.programOf(params.programRoot);
        uint256 expectedBytes = fileLeaves * FileTreeLib.LEAF_BYTES;
        require(stored.byteLength == expectedBytes, JobRegistryProgramLength(stored.byteLength, expectedBytes));

        bytes memory head = ProgramLib.load(code);
        uint256 parts = ProgramLib.parts(head);
        require(params.parts == parts, JobRegistryProgramParts(params.parts, parts));
        uint256 places = params.rounds * parts * ProgramLib.stepsPerPart(head) * ProgramLib.batch(head);
        require(places <= MAX_PLACES, JobRegistryTooManyPlaces(places, MAX_PLACES));
        (, uint256 operations) = ProgramLib.operationsOf(head, Section.Step);
        require(operations != 0, JobRegistryNoStep(params.programRoot));
        (, operations) = ProgramLib.operationsOf(head, Section.Allocate);
        require(operations != 0, JobRegistryNoAllocation(params.programRoot));
        _requireTensors(
            head,
            JobSize(dataset.count, uint256(dataset.accountCount) + 1 + MAX_JOINED, params.rounds * parts)
        );
        _requireDataset(head, Role.Samples, 0, dataset);
        _requireDataset(head, Role.Labels, 1, dataset);
    }

    function _requireContract(bytes32 name, address account) internal view {
        require(account.code.length != 0, JobRegistryContractMissing(name));
    }

    function _requireDataset(bytes memory head, Role role, uint256 file, Dataset memory dataset) private view {
        (bool found, TensorEntry memory entry) = JobShapeLib.tensorOf(head, role);
        if (!found) return;
        uint256 expectedBytes = JobShapeLib.tensorBytes(dataset.count, entry.columns, entry.elementType);
        uint256 actualBytes = flow.submission(dataset.submissions[file]).byteLength;
        require(actualBytes == expectedBytes, JobRegistryDatasetLength(file, actualBytes, expectedBytes));
    }

    /// @dev Bounds were proven for tensors up to these sizes.
    function _requireTensors(bytes memory head, JobSize memory size) private pure {
        uint256 count = ProgramLib.tensorCount(head);
        for (uint256 i = 0; i < count; ++i) {
            TensorEntry memory entry = ProgramLib.tensorAt(head, i);
            _requireExtent(entry.rowExtent, entry.rows, size);
            _requireExtent(entry.columnExtent, entry.columns, size);
        }
    }

    function _requireExtent(Extent extent, uint256 limit, JobSize memory size) private pure {
        uint256 actual = JobShapeLib.resolve(extent, limit, size);
        require(actual <= limit, JobRegistryJobTooLarge(extent, actual, limit));
    }

    /// @dev A bond of at least 2 leaves something to burn and something to give.
    function _requireLimits(JobLimits memory bounds) private pure {
        _requireRange("minClaimBondWei", bounds.minClaimBondWei, 2, type(uint128).max);
        _requireRange("minLeaseBondWei", bounds.minLeaseBondWei, 2, type(uint128).max);
        _requireRange("minCoverageWei", bounds.minCoverageWei, 1, type(uint128).max);
        _requireRange("maxJobSeconds", bounds.maxJobSeconds, 1, type(uint32).max);
        _requireRange("maxClaimWindowSeconds", bounds.maxClaimWindowSeconds, 1, type(uint32).max);
        _requireRange("minClaimWindowSeconds", bounds.minClaimWindowSeconds, 1, bounds.maxClaimWindowSeconds);
        _requireRange("gameSeconds", bounds.gameSeconds, 1, type(uint32).max);
        _requireRange("minLeaseSeconds", bounds.minLeaseSeconds, 1, bounds.maxJobSeconds);
        _requireRange("availabilityEpochs", bounds.availabilityEpochs, 1, MAX_AVAILABILITY_EPOCHS);
    }

    function _requireRange(bytes32 name, uint256 actual, uint256 min, uint256 max) private pure {
        require(actual >= min && actual <= max, JobRegistryParameterOutOfRange(name, actual, min, max));
    }
}
