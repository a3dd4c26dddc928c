// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import { JobRegistry } from "../../../contracts/compute/JobRegistry.sol";
import {
    IJobRegistry,
    Job,
    JobLimits,
    JobParams,
    JobRegistryParams,
    JobStatus
} from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { IProgramRegistry } from "../../../contracts/interfaces/compute/IProgramRegistry.sol";
import { IDatasetRegistry } from "../../../contracts/interfaces/models/IDatasetRegistry.sol";
import { ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { IFlow } from "../../../contracts/interfaces/storage/IFlow.sol";
import { Extent, Section } from "../../../contracts/libraries/ProgramLib.sol";
import { GameProgram } from "../../support/GameProgram.sol";
import { JobFixture } from "../../support/JobFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Construction, opening and joining.
contract JobRegistryOpenTest is JobFixture {
    function testConstructorCreatesServiceAndModels() public view {
        ServiceParams memory service = staking.service(jobs.serviceId());
        require(service.groupId == 0, "a group of its own");
        require(service.evidenceVerifier == address(game), "the game judges");
        require(service.obligor == address(jobs), "obligor");
        requireEqual(service.maxObligationSeconds, 30 days + 7 days + 2 * 2 days, "obligation");
        requireEqual(service.slashCapWad, 1e18, "no cap");
        require(address(jobs.models().jobs()) == address(jobs), "models know their jobs");
        require(address(jobs.models().token()) == address(token), "models know the token");
        require(address(jobs.market()) == address(files), "market");
    }

    function testNeedsAGameAndBindsIt() public {
        require(game.jobs() == address(jobs), "bound");
        require(address(jobs.programs()) == address(programs), "the game's programs");
        JobRegistryParams memory params = registryParams();
        params.disputeGame = address(0);
        vm.expectRevert(IJobRegistry.JobRegistryGameMissing.selector);
        this.create(params);
        params.disputeGame = stranger;
        vm.expectRevert(IJobRegistry.JobRegistryGameMissing.selector);
        this.create(params);
    }

    function testConstructorNamesMissingContracts() public {
        JobRegistryParams memory params = registryParams();
        params.flow = IFlow(address(0xBEEF));
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.JobRegistryContractMissing.selector, bytes32("flow")));
        this.create(params);
        params = registryParams();
        params.pool = IStakePool(address(0));
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.JobRegistryContractMissing.selector, bytes32("pool")));
        this.create(params);
    }

    function testConstructorRefusesLimits() public {
        JobRegistryParams memory params = registryParams();
        params.limits.minClaimBondWei = 1;
        refuseLimits(params, outOfRange("minClaimBondWei", 1, 2, type(uint128).max));
        params = registryParams();
        params.limits.minLeaseBondWei = 1;
        refuseLimits(params, outOfRange("minLeaseBondWei", 1, 2, type(uint128).max));
        params = registryParams();
        params.limits.minCoverageWei = 0;
        refuseLimits(params, outOfRange("minCoverageWei", 0, 1, type(uint128).max));
        params = registryParams();
        params.limits.minClaimWindowSeconds = 7 days + 1;
        refuseLimits(params, outOfRange("minClaimWindowSeconds", 7 days + 1, 1, 7 days));
        params = registryParams();
        params.limits.minLeaseSeconds = 30 days + 1;
        refuseLimits(params, outOfRange("minLeaseSeconds", 30 days + 1, 1, 30 days));
        params = registryParams();
        params.limits.availabilityEpochs = 0;
        refuseLimits(params, outOfRange("availabilityEpochs", 0, 1, 4096));
        params = registryParams();
        params.limits.availabilityEpochs = 4097;
        refuseLimits(params, outOfRange("availabilityEpochs", 4097, 1, 4096));
    }

    function testOpensAndEscrowsTheFee() public {
        JobParams memory params = jobParams();
        uint256 jobId = openJob();
        requireEqual(jobId, 1, "first id is 1");
        Job memory job = jobs.job(jobId);
        require(keccak256(abi.encode(job.params)) == keccak256(abi.encode(params)), "parameters");
        require(job.opener == opener && job.status == JobStatus.Open, "opener and status");
        require(job.lease.holder == address(0) && job.claim.number == 0 && job.versionId == 0, "nothing else yet");
        requireEqual(token.balanceOf(address(jobs)), params.feeWei, "escrow");
        requireEqual(token.balanceOf(opener), WEALTH - params.feeWei, "paid by the opener");
    }

    function testEscrowsTheAuditFeeToo() public {
        auditFeeWei = 77;
        JobParams memory params = jobParams();
        vm.prank(opener);
        jobs.openJob(params);
        requireEqual(token.balanceOf(address(jobs)), 577, "both fees");
    }

    function testOpensWithoutFee() public {
        JobParams memory params = jobParams();
        params.feeWei = 0;
        vm.prank(opener);
        jobs.openJob(params);
        requireEqual(token.balanceOf(address(jobs)), 0, "no escrow");
    }

    function testFuzzPoolsSumToAll(uint16 a, uint16 b, uint16 c, uint16 d) public {
        JobParams memory params = jobParams();
        params.poolsBps = [a, b, c, d];
        uint256 sum = uint256(a) + b + c + d;
        vm.assume(sum != 10_000);
        refuseOpen(params, abi.encodeWithSelector(IJobRegistry.JobRegistryPoolsSum.selector, sum, 10_000));
    }

    function testFuzzDeadlineInRange(uint48 deadline) public {
        JobParams memory params = jobParams();
        params.deadline = deadline;
        if (deadline > clock && deadline <= clock + 30 days) {
            vm.prank(opener);
            jobs.openJob(params);
        } else {
            refuseOpen(params, outOfRange("deadline", deadline, clock + 1, clock + 30 days));
        }
    }

    function testRefusesParametersOutOfRange() public {
        JobParams memory params = jobParams();
        params.rounds = 0;
        refuseOpen(params, outOfRange("rounds", 0, 1, 1 << 20));
        params.rounds = (1 << 20) + 1;
        refuseOpen(params, outOfRange("rounds", params.rounds, 1, 1 << 20));
        params = jobParams();
        params.parts = 0;
        refuseOpen(params, outOfRange("parts", 0, 1, 255));
        params.parts = 256;
        refuseOpen(params, outOfRange("parts", 256, 1, 255));
        params = jobParams();
        params.shareSupply = 0;
        refuseOpen(params, outOfRange("shareSupply", 0, 1, (1 << 50) - 1));
        params.shareSupply = 1 << 50;
        refuseOpen(params, outOfRange("shareSupply", 1 << 50, 1, (1 << 50) - 1));
        params = jobParams();
        params.feeWei = 1 << 128;
        refuseOpen(params, outOfRange("feeWei", 1 << 128, 0, type(uint128).max));
        params = jobParams();
        params.auditFeeWei = 1 << 128;
        refuseOpen(params, outOfRange("auditFeeWei", 1 << 128, 0, type(uint128).max));
        params = jobParams();
        params.claimBondWei = 9;
        refuseOpen(params, outOfRange("claimBondWei", 9, 10, type(uint128).max));
        params = jobParams();
        params.leaseBondWei = 3;
        refuseOpen(params, outOfRange("leaseBondWei", 3, 4, type(uint128).max));
        params = jobParams();
        params.coverageWei = 4;
        refuseOpen(params, outOfRange("coverageWei", 4, 5, type(uint128).max));
        params = jobParams();
        params.claimWindowSeconds = 1 hours - 1;
        refuseOpen(params, outOfRange("claimWindowSeconds", 1 hours - 1, 1 hours, 7 days));
        params.claimWindowSeconds = 7 days + 1;
        refuseOpen(params, outOfRange("claimWindowSeconds", 7 days + 1, 1 hours, 7 days));
        params = jobParams();
        params.leaseSeconds = 59;
        refuseOpen(params, outOfRange("leaseSeconds", 59, 60, 30 days));
        params.leaseSeconds = 30 days + 1;
        refuseOpen(params, outOfRange("leaseSeconds", 30 days + 1, 60, 30 days));
    }

    function testOnlyTheModelsHolderOpens() public {
        bytes4 selector = IJobRegistry.JobRegistryNotModelHolder.selector;
        requireRefused(
            stranger,
            abi.encodeCall(jobs.openJob, (jobParams())),
            abi.encodeWithSelector(selector, modelId, stranger, opener)
        );
        vm.prank(opener);
        models.transferFrom(opener, stranger, modelId);
        refuseOpen(jobParams(), abi.encodeWithSelector(selector, modelId, opener, stranger));
    }

    function testRefusesUnknownModelDatasetAndProgram() public {
        JobParams memory params = jobParams();
        params.modelId = 7;
        refuseOpen(params, abi.encodeWithSignature("ERC721NonexistentToken(uint256)", 7));
        params = jobParams();
        params.datasetId = 7;
        refuseOpen(params, abi.encodeWithSelector(IDatasetRegistry.DatasetRegistryUnknown.selector, 7));
        params = jobParams();
        params.programSubmission = 99;
        refuseOpen(params, abi.encodeWithSelector(IFlow.FlowUnknownSubmission.selector, 99, 6));
        params = jobParams();
        params.programRoot = keccak256("another");
        refuseOpen(
            params,
            abi.encodeWithSelector(
                IJobRegistry.JobRegistryProgramMismatch.selector,
                params.programRoot,
                keccak256("program")
            )
        );
    }

    function testTakesRegisteredProgramsOnly() public {
        JobParams memory params = jobParams();
        params.programRoot = keccak256("unregistered");
        params.programSubmission = addFile(params.programRoot, 9 * 256);
        refuseOpen(
            params,
            abi.encodeWithSelector(IProgramRegistry.ProgramRegistryUnknown.selector, params.programRoot)
        );
    }

    function testTheStoredProgramHasTheRegisteredOnesLength() public {
        JobParams memory params = jobParams();
        params.programSubmission = addFile(PROGRAM_ROOT, 9 * 256 - 1);
        bytes4 selector = IJobRegistry.JobRegistryProgramLength.selector;
        refuseOpen(params, abi.encodeWithSelector(selector, 9 * 256 - 1, 9 * 256));
    }

    function testPartsAreTheProgramsParts() public {
        JobParams memory params = jobParams();
        params.parts = 3;
        refuseOpen(params, abi.encodeWithSelector(IJobRegistry.JobRegistryProgramParts.selector, 3, 2));
    }

    function testTheJobsPlacesAreCountedExactly() public {
        JobParams memory params = jobParams();
        uint256 parts = uint256(params.rounds) * params.parts;
        bytes memory head = GameProgram.head(GameProgram.PARTS);
        uint256 max = (1 << 53) - 1;
        uint32 batch = 1 << 31;
        uint32 most = uint32(max / (parts * batch));
        setCounts(head, batch, most + 1);
        bytes4 selector = IJobRegistry.JobRegistryTooManyPlaces.selector;
        refuseOpen(params, abi.encodeWithSelector(selector, parts * batch * (uint256(most) + 1), max));
        setCounts(head, type(uint32).max, type(uint32).max);
        uint256 all = parts * uint256(type(uint32).max) * type(uint32).max;
        refuseOpen(params, abi.encodeWithSelector(selector, all, max));
        setCounts(head, batch, most);
        openJob();
    }

    function testTheProgramHasAStep() public {
        bytes memory head = GameProgram.head(GameProgram.PARTS);
        // The step's four operations follow those of `init`, which get them all.
        for (uint256 i = 2; i < 6; ++i) head[768 + 32 * i + 1] = bytes1(uint8(Section.Init));
        programs.set(PROGRAM_ROOT, head, GameProgram.FILE_LEAVES);
        bytes4 selector = IJobRegistry.JobRegistryNoStep.selector;
        refuseOpen(jobParams(), abi.encodeWithSelector(selector, PROGRAM_ROOT));
    }

    function testTheProgramComputesAnAllocation() public {
        bytes memory head = GameProgram.head(GameProgram.PARTS);
        // The last two of ten operations are those of the allocation.
        head[13] = bytes1(uint8(8));
        programs.set(PROGRAM_ROOT, head, GameProgram.FILE_LEAVES);
        bytes4 selector = IJobRegistry.JobRegistryNoAllocation.selector;
        refuseOpen(jobParams(), abi.encodeWithSelector(selector, PROGRAM_ROOT));
    }

    function testTheJobIsNotTooLargeForTheProgram() public {
        bytes4 selector = IJobRegistry.JobRegistryJobTooLarge.selector;
        setSizes(3, 64, 128);
        refuseOpen(jobParams(), abi.encodeWithSelector(selector, Extent.Samples, 4, 3));
        setSizes(4, 5, 128);
        refuseOpen(jobParams(), abi.encodeWithSelector(selector, Extent.Credits, 6, 5));
        uint256 accounts = DATASET_ACCOUNTS + 1 + jobs.MAX_JOINED();
        setSizes(4, 6, uint32(accounts - 1));
        refuseOpen(jobParams(), abi.encodeWithSelector(selector, Extent.Accounts, accounts, accounts - 1));
        setSizes(4, 6, uint32(accounts));
        openJob();
    }

    function testSamplesAndLabelsHaveTheProgramsLengths() public {
        JobParams memory params = jobParams();
        bytes4 selector = IJobRegistry.JobRegistryDatasetLength.selector;
        params.datasetId = publish(4 * 1024 + 1, 256);
        refuseOpen(params, abi.encodeWithSelector(selector, 0, 4 * 1024 + 1, 4 * 1024));
        params.datasetId = publish(4 * 1024, 4);
        refuseOpen(params, abi.encodeWithSelector(selector, 1, 4, 256));
    }

    function testRefusesAnOpenerWhoCannotPay() public {
        JobParams memory params = jobParams();
        params.feeWei = WEALTH + 1;
        bytes4 selector = IERC20Errors.ERC20InsufficientBalance.selector;
        refuseOpen(params, abi.encodeWithSelector(selector, opener, WEALTH, WEALTH + 1));
    }

    function testJoinReservesCoverageInOrder() public {
        uint256 jobId = openJob();
        join(jobId, 1);
        join(jobId, 0);
        address[] memory joined = jobs.joined(jobId);
        require(joined.length == 2 && joined[0] == operatorAt(1) && joined[1] == operatorAt(0), "order");
        requireEqual(staking.reservedWei(jobs.serviceId(), operatorAt(0)), 100, "coverage");
        requireEqual(staking.settlements(operatorAt(0)), 1, "its magnitude is up to date");
        require(jobs.isCovering(jobId, operatorAt(0)) && !jobs.isCovering(jobId, operatorAt(2)), "covering");
    }

    function testJoinRefusals() public {
        uint256 jobId = openJob();
        bytes memory data = abi.encodeCall(jobs.join, (jobId));
        bytes4 selector = IJobRegistry.JobRegistryNotMember.selector;
        requireRefused(stranger, data, abi.encodeWithSelector(selector, jobs.serviceId(), stranger));
        join(jobId, 0);
        selector = IJobRegistry.JobRegistryAlreadyJoined.selector;
        requireRefused(operatorAt(0), data, abi.encodeWithSelector(selector, jobId, operatorAt(0)));
        staking.setOperator(operatorAt(1), vm.addr(signerKeyAt(1)), 99);
        selector = IStakePool.StakePoolInsufficientStake.selector;
        requireRefused(operatorAt(1), data, abi.encodeWithSelector(selector, 99, 100));
        selector = IJobRegistry.JobRegistryUnknown.selector;
        requireRefused(operatorAt(1), abi.encodeCall(jobs.join, (9)), abi.encodeWithSelector(selector, 9));
        setClock(jobs.job(jobId).params.deadline + 1);
        selector = IJobRegistry.JobRegistryDeadlinePassed.selector;
        uint48 deadline = jobs.job(jobId).params.deadline;
        requireRefused(operatorAt(2), data, abi.encodeWithSelector(selector, jobId, deadline));
    }

    function testJoinUntilTheLastSecond() public {
        uint256 jobId = openJob();
        setClock(jobs.job(jobId).params.deadline);
        join(jobId, 0);
    }

    function testJoinedListIsBounded() public {
        uint256 jobId = openJob();
        uint256 max = jobs.MAX_JOINED();
        for (uint256 i = 0; i <= max; ++i) {
            staking.setOperator(operatorAt(i), vm.addr(signerKeyAt(i)), 1_000);
            if (i < max) join(jobId, i);
        }
        bytes memory expected = abi.encodeWithSelector(IJobRegistry.JobRegistryFull.selector, jobId, max);
        requireRefused(operatorAt(max), abi.encodeCall(jobs.join, (jobId)), expected);
    }

    function setSizes(uint32 samples, uint32 credits, uint32 accounts) private {
        bytes memory head = GameProgram.sized(GameProgram.PARTS, 1, samples, credits, accounts);
        programs.set(PROGRAM_ROOT, head, GameProgram.FILE_LEAVES);
    }

    /// @dev Bytes 16 to 23 of a header are the samples of a step and the steps of a part.
    function setCounts(bytes memory head, uint32 batch, uint32 steps) private {
        bytes8 counts = bytes8((uint64(batch) << 32) | steps);
        for (uint256 i = 0; i < 8; ++i) head[16 + i] = counts[i];
        programs.set(PROGRAM_ROOT, head, GameProgram.FILE_LEAVES);
    }

    function publish(uint256 samplesBytes, uint256 labelsBytes) private returns (uint256) {
        bytes32[5] memory roots;
        uint64[5] memory submissions;
        uint256[5] memory byteLengths = [samplesBytes, labelsBytes, 4 * 256, DATASET_ACCOUNTS * 32, 900];
        for (uint256 i = 0; i < 5; ++i) submissions[i] = addFile(roots[i], byteLengths[i]);
        return datasets.publish(roots, submissions, 4, DATASET_ACCOUNTS, 0);
    }

    function refuseOpen(JobParams memory params, bytes memory expected) private {
        requireRefused(opener, abi.encodeCall(jobs.openJob, (params)), expected);
    }

    function refuseLimits(JobRegistryParams memory params, bytes memory expected) private {
        vm.expectRevert(expected);
        this.create(params);
    }

    function outOfRange(bytes32 name, uint256 actual, uint256 min, uint256 max) private pure returns (bytes memory) {
        bytes4 selector = IJobRegistry.JobRegistryParameterOutOfRange.selector;
        return abi.encodeWithSelector(selector, name, actual, min, max);
    }
}
