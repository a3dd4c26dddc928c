// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { AuditDesk } from "../../contracts/compute/AuditDesk.sol";
import { JobRegistry } from "../../contracts/compute/JobRegistry.sol";
import { AuditDeskParams } from "../../contracts/interfaces/compute/IAuditDesk.sol";
import {
    Job,
    JobLimits,
    JobParams,
    JobRegistryParams,
    JobStatus,
    Outputs
} from "../../contracts/interfaces/compute/IJobRegistry.sol";
import { IModelRegistry } from "../../contracts/interfaces/models/IModelRegistry.sol";
import { IProgramRegistry } from "../../contracts/interfaces/compute/IProgramRegistry.sol";
import { IOperatorRegistry } from "../../contracts/interfaces/staking/IOperatorRegistry.sol";
import { IServiceRegistry } from "../../contracts/interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../../contracts/interfaces/staking/IStakePool.sol";
import { IFlow } from "../../contracts/interfaces/storage/IFlow.sol";
import { TokenMock } from "../../contracts/mocks/TokenMock.sol";
import { DatasetRegistry } from "../../contracts/models/DatasetRegistry.sol";
import { DisputeGameMock } from "./DisputeGameMock.sol";
import { GameProgram } from "./GameProgram.sol";
import { ProgramsMock } from "./ProgramsMock.sol";
import { StakingMock } from "./StakingMock.sol";
import { StorageMock } from "./StorageMock.sol";
import { deployArtifact } from "./Deploy.sol";
import { vm } from "./Vm.sol";

/// @notice A job registry with a model, a stored dataset of 3 accounts, a stored and registered program, and three staked operators.
abstract contract JobFixture {
    bytes32 internal constant PROGRAM_ROOT = keccak256("program");
    uint32 internal constant DATASET_ACCOUNTS = 3;
    uint256 internal constant OPERATORS = 3;
    uint256 internal constant WEALTH = 1_000_000;
    uint256 internal constant AUDIT_BOND = 41;
    uint32 internal constant AUDITS = 3;
    uint32 internal constant REVEAL = 2 days;
    uint32 internal constant CHALLENGE = 12 hours;

    address internal opener = address(0xA11CE);
    address internal stranger = address(0x57A46E);

    TokenMock internal token;
    StorageMock internal files;
    StakingMock internal staking;
    DisputeGameMock internal game;
    ProgramsMock internal programs;
    /// @dev What judges claims: `game`, unless a test brings its own.
    address internal judge;
    AuditDesk internal desk;
    /// @dev Of the jobs that are opened from now on.
    uint256 internal auditFeeWei;
    DatasetRegistry internal datasets;
    JobRegistry internal jobs;
    IModelRegistry internal models;

    /// @dev Block time. The optimiser takes `block.timestamp` for constant within a call, and so misses a warp.
    uint256 internal clock;
    uint256 internal modelId;
    uint256 internal datasetId;
    uint64 internal programSubmission;

    function create(JobRegistryParams memory params) public returns (address) {
        return deployArtifact("compute", "JobRegistry", abi.encode(params));
    }

    function createGame() internal virtual returns (address) {
        game = new DisputeGameMock();
        game.setPrograms(IProgramRegistry(address(programs)));
        return address(game);
    }

    function createDesk() internal returns (AuditDesk) {
        return AuditDesk(deployArtifact("compute", "AuditDesk", abi.encode(deskParams())));
    }

    function deskParams() internal view returns (AuditDeskParams memory) {
        return AuditDeskParams(IERC20(address(token)), AUDIT_BOND, AUDITS, REVEAL, CHALLENGE);
    }

    function datasetRoot(uint256 file) internal virtual returns (bytes32) {
        return keccak256(abi.encode("dataset", file));
    }

    function setUp() public virtual {
        setClock(1_000_000);
        token = new TokenMock();
        files = new StorageMock();
        staking = new StakingMock();
        programs = new ProgramsMock();
        programs.set(PROGRAM_ROOT, GameProgram.head(GameProgram.PARTS), GameProgram.FILE_LEAVES);
        judge = createGame();
        datasets = DatasetRegistry(deployArtifact("models", "DatasetRegistry", abi.encode(files)));
        desk = createDesk();
        jobs = JobRegistry(create(registryParams()));
        models = jobs.models();

        for (uint256 i = 0; i < OPERATORS; ++i) {
            staking.setOperator(operatorAt(i), vm.addr(signerKeyAt(i)), 1_000);
            fund(operatorAt(i));
        }
        fund(opener);
        fund(stranger);

        uint64[5] memory submissions;
        bytes32[5] memory roots;
        uint256[5] memory byteLengths = [uint256(4 * 1024), 256, 4 * 256, DATASET_ACCOUNTS * 32, 900];
        for (uint256 i = 0; i < 5; ++i) {
            roots[i] = datasetRoot(i);
            submissions[i] = addFile(roots[i], byteLengths[i]);
        }
        datasetId = datasets.publish(roots, submissions, 4, DATASET_ACCOUNTS, keccak256("licence"));
        programSubmission = addFile(PROGRAM_ROOT, GameProgram.FILE_LEAVES * 256);
        vm.prank(opener);
        modelId = models.createModel("digits");
    }

    function registryParams() internal view returns (JobRegistryParams memory) {
        return
            JobRegistryParams({
                token: IERC20(address(token)),
                operators: IOperatorRegistry(address(staking)),
                services: IServiceRegistry(address(staking)),
                pool: IStakePool(address(staking)),
                datasets: datasets,
                flow: IFlow(address(files)),
                disputeGame: judge,
                auditDesk: desk,
                limits: JobLimits({
                    minClaimBondWei: 10,
                    minLeaseBondWei: 4,
                    minCoverageWei: 5,
                    maxJobSeconds: 30 days,
                    minClaimWindowSeconds: 1 hours,
                    maxClaimWindowSeconds: 7 days,
                    gameSeconds: 2 days,
                    minLeaseSeconds: 60,
                    availabilityEpochs: 10
                })
            });
    }

    function jobParams() internal view returns (JobParams memory) {
        return
            JobParams({
                modelId: modelId,
                datasetId: datasetId,
                programSubmission: programSubmission,
                programRoot: PROGRAM_ROOT,
                seed: keccak256("seed"),
                rounds: 3,
                parts: 2,
                poolsBps: [uint16(4_000), 2_000, 3_000, 1_000],
                shareSupply: 1_000_000,
                feeWei: 500,
                auditFeeWei: auditFeeWei,
                claimBondWei: 101,
                leaseBondWei: 21,
                coverageWei: 100,
                deadline: uint48(clock + 10 days),
                claimWindowSeconds: 1 days,
                leaseSeconds: 1 hours
            });
    }

    function setClock(uint256 timestamp) internal {
        clock = timestamp;
        vm.warp(timestamp);
    }

    function openJob() internal returns (uint256 jobId) {
        JobParams memory params = jobParams();
        vm.prank(opener);
        return jobs.openJob(params);
    }

    function join(uint256 jobId, uint256 i) internal {
        vm.prank(operatorAt(i));
        jobs.join(jobId);
    }

    function takeLease(uint256 jobId, uint256 i) internal {
        vm.prank(operatorAt(i));
        jobs.takeLease(jobId);
    }

    /// @notice A job joined by all, with its lease held by the first operator.
    function ledJob() internal returns (uint256 jobId) {
        jobId = openJob();
        for (uint256 i = 0; i < OPERATORS; ++i) join(jobId, i);
        takeLease(jobId, 0);
    }

    function claimedJob() internal returns (uint256 jobId) {
        jobId = ledJob();
        claim(jobId, 0);
    }

    function claim(uint256 jobId, uint256 i) internal {
        (Outputs memory outputs, uint64[6] memory submissions) = storedOutputs(
            DATASET_ACCOUNTS + 1 + uint32(jobs.joined(jobId).length)
        );
        bytes memory signature = signOutputs(jobId, outputs, signerKeyAt(i));
        vm.prank(operatorAt(i));
        jobs.claim(jobId, outputs, submissions, signature);
    }

    function storedOutputs(
        uint32 accountCount
    ) internal returns (Outputs memory outputs, uint64[6] memory submissions) {
        outputs = Outputs({
            weightsRoot: keccak256("weights"),
            allocationRoot: keccak256("allocation"),
            traceRoot: keccak256("trace"),
            creditsRoot: keccak256("credits"),
            accountsRoot: keccak256("accounts"),
            roundsRoot: keccak256("rounds"),
            accountCount: accountCount
        });
        submissions = [
            addFile(outputs.weightsRoot, GameProgram.WEIGHTS_BYTES),
            addFile(outputs.allocationRoot, 256),
            addFile(outputs.traceRoot, (3 * 4 + 1) * 32),
            addFile(outputs.creditsRoot, 256),
            addFile(outputs.accountsRoot, accountCount * 32),
            addFile(outputs.roundsRoot, 3 * (GameProgram.WEIGHTS_BYTES + 2 * 256))
        ];
    }

    function signOutputs(uint256 jobId, Outputs memory outputs, uint256 key) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, jobs.jobClaimDigest(jobId, outputs));
        return abi.encodePacked(r, s, v);
    }

    /// @notice Burns what is to be burnt, and says how much was burnt in all.
    function burnAll() internal returns (uint256) {
        if (jobs.owedWei(jobs.BURN_ADDRESS()) != 0) jobs.burn();
        return token.balanceOf(jobs.BURN_ADDRESS());
    }

    /// @notice Adds a file that is held for long enough.
    function addFile(bytes32 root, uint256 byteLength) internal returns (uint64 submission) {
        submission = files.add(root, byteLength, (byteLength + 255) / 256);
        files.setFilled(submission, 1_000);
    }

    function fund(address account) internal {
        token.mint(account, WEALTH);
        vm.prank(account);
        token.approve(address(jobs), type(uint256).max);
    }

    function operatorAt(uint256 i) internal pure returns (address) {
        return address(uint160(0x09000 + i));
    }

    function signerKeyAt(uint256 i) internal pure returns (uint256) {
        return 0x51600 + i;
    }

    /// @notice Fails unless the call reverts with exactly this error and leaves jobs, money and coverage as they were.
    function requireRefused(address from, bytes memory data, bytes memory expected) internal {
        bytes32 before = stateHash();
        vm.prank(from);
        (bool ok, bytes memory actual) = address(jobs).call(data);
        require(!ok, "accepted what it must refuse");
        require(keccak256(actual) == keccak256(expected), string.concat("wrong error: ", hexOf(actual)));
        require(stateHash() == before, "a refused call changed the state");
    }

    function requireStatus(uint256 jobId, JobStatus expected) internal view {
        require(jobs.job(jobId).status == expected, "wrong status");
    }

    function requireEqual(uint256 actual, uint256 expected, string memory what) internal pure {
        require(actual == expected, what);
    }

    function stateHash() internal view returns (bytes32 hash) {
        hash = keccak256(abi.encode(jobs.jobCount(), token.balanceOf(address(jobs)), models.versionCount()));
        for (uint256 id = 1; id <= jobs.jobCount(); ++id) {
            hash = keccak256(abi.encode(hash, jobs.job(id), jobs.joined(id)));
        }
        for (uint256 i = 0; i < OPERATORS; ++i) hash = keccak256(abi.encode(hash, accountHash(operatorAt(i))));
        return keccak256(abi.encode(hash, accountHash(opener), accountHash(stranger)));
    }

    function accountHash(address account) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    jobs.owedWei(account),
                    token.balanceOf(account),
                    staking.reservedWei(jobs.serviceId(), account)
                )
            );
    }

    function hexOf(bytes memory data) private pure returns (string memory) {
        bytes memory digits = "0123456789abcdef";
        bytes memory text = new bytes(data.length * 2);
        for (uint256 i = 0; i < data.length; ++i) {
            text[2 * i] = digits[uint8(data[i]) >> 4];
            text[2 * i + 1] = digits[uint8(data[i]) & 15];
        }
        return string(text);
    }
}
