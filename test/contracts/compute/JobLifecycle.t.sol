// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { JobRegistry } from "../../../contracts/compute/JobRegistry.sol";
import { AuditDeskParams, IAuditDesk } from "../../../contracts/interfaces/compute/IAuditDesk.sol";
import {
    IJobRegistry,
    JobLimits,
    JobParams,
    JobRegistryParams,
    JobStatus,
    Outputs
} from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { IProgramRegistry } from "../../../contracts/interfaces/compute/IProgramRegistry.sol";
import { IModelShares } from "../../../contracts/interfaces/models/IModelShares.sol";
import { IBlockSeeds } from "../../../contracts/interfaces/storage/IBlockSeeds.sol";
import { Submission, SubmissionNode } from "../../../contracts/interfaces/storage/IFlow.sol";
import { IMarket } from "../../../contracts/interfaces/storage/IMarket.sol";
import { IStorageProofs, StorageParams } from "../../../contracts/interfaces/storage/IStorageProofs.sol";
import { LeafOpening } from "../../../contracts/libraries/FileTreeLib.sol";
import { Extent, Role, Section } from "../../../contracts/libraries/ProgramLib.sol";
import { DatasetRegistry } from "../../../contracts/models/DatasetRegistry.sol";
import { Flow } from "../../../contracts/storage/Flow.sol";
import { Market } from "../../../contracts/storage/Market.sol";
import { StorageProofs } from "../../../contracts/storage/StorageProofs.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { DisputeGameMock } from "../../support/DisputeGameMock.sol";
import { ProgramTool } from "../../support/ProgramTool.sol";
import { ProgramsMock } from "../../support/ProgramsMock.sol";
import { EvidenceVerifierMock } from "../../../contracts/mocks/EvidenceVerifierMock.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Knows a seed for every block.
contract SeedsMock {
    function seedOf(uint256 blockNumber) external pure returns (bytes32) {
        return keccak256(abi.encode(blockNumber));
    }

    function isRecorded(uint256) external pure returns (bool) {
        return true;
    }
}

/// @notice A game that also gives evidence.
contract SlashingGameMock is DisputeGameMock, EvidenceVerifierMock {}

/// @notice One job over the real staking, storage and model contracts, with files of one leaf each: a cheating
/// coordinator is refuted and slashed, a silent one replaced, the third one's claim becomes shares.
contract JobLifecycleTest is StakingFixture {
    uint256 private constant KEYS = 0x5160;
    address private constant OPENER = ALICE;
    address private constant CONTRIBUTOR = address(0xDA7A);
    address private constant LABELLER = address(0x1ABE1);

    Flow private flow;
    IMarket private market;
    DatasetRegistry private datasets;
    SlashingGameMock private game;
    ProgramsMock private programs;
    JobRegistry private jobs;
    uint256 private jobId;

    function setUp() public override {
        super.setUp();
        vm.roll(1_000);
        flow = Flow(deployArtifact("storage", "Flow", abi.encode(storageParams(), new SeedsMock(), pool)));
        market = IMarket(flow.market());
        datasets = DatasetRegistry(deployArtifact("models", "DatasetRegistry", abi.encode(flow)));
        game = new SlashingGameMock();
        programs = new ProgramsMock();
        game.setPrograms(IProgramRegistry(address(programs)));
        JobLimits memory limits = JobLimits(10, 4, 5, 2 days, 1 hours, 1 days, 1 days, 60, 2);
        AuditDeskParams memory audits = AuditDeskParams(token, 41, 3, 2 days, 12 hours);
        IAuditDesk desk = IAuditDesk(deployArtifact("compute", "AuditDesk", abi.encode(audits)));
        jobs = JobRegistry(
            deployArtifact(
                "compute",
                "JobRegistry",
                abi.encode(
                    JobRegistryParams(token, operators, services, pool, datasets, flow, address(game), desk, limits)
                )
            )
        );
        for (uint256 i = 0; i < 3; ++i) enlist(i);
        _skip(DELAY + EPOCH);
        fund(OPENER);
        open();
    }

    function testFromOpeningToShares() public {
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(worker(i));
            jobs.join(jobId);
        }
        uint32 serviceId = jobs.serviceId();
        require(pool.reservedWei(serviceId, worker(1)) == 300, "coverage reserved");

        // The first coordinator cheats: refuted, its bond lost, its stake slashed.
        lead(0);
        vm.prank(worker(0));
        jobs.heartbeat(jobId);
        uint48 claimedAt = claim(0, "cheat", [uint64(0), 0, 0, 0, 0]);
        game.setOpenGames(jobId, 1, 1);
        _skip(1 days + 1);
        vm.prank(worker(1));
        (bool early, ) = address(jobs).call(abi.encodeCall(jobs.accept, (jobId)));
        require(!early, "a game is open");
        game.setOpenGames(jobId, 1, 0);
        game.refute(jobs, jobId, 1, worker(1));
        uint256 stakeBefore = pool.stakeOf(worker(0));
        require(slasher.submit(serviceId, _evidence(worker(0), "cheat", claimedAt, 5e17)) > 0, "slashed");
        require(pool.stakeOf(worker(0)) < stakeBefore, "stake lost");

        // The second falls silent, the third takes over and finishes.
        lead(1);
        _skip(1 hours + 1);
        lead(2);
        claim(2, "weights", [uint64(400), 200, 100, 100, 200]);
        _skip(1 days + 1);
        uint256 versionId = jobs.accept(jobId);
        requireShares(IModelShares(jobs.models().sharesOf(versionId)));
        requirePaidOut();

        _skip(1 days);
        for (uint256 i = 0; i < 3; ++i) {
            jobs.releaseCoverage(jobId, worker(i));
            require(pool.reservedWei(serviceId, worker(i)) == 0, "coverage released");
        }
    }

    function testUnclaimedJobIsCancelled() public {
        vm.prank(worker(0));
        jobs.join(jobId);
        _skip(2 days + 1);
        jobs.cancel(jobId);
        vm.prank(OPENER);
        jobs.withdraw(OPENER);
        require(token.balanceOf(OPENER) == 10_000, "fee back");
        jobs.releaseCoverage(jobId, worker(0));
        require(pool.reservedWei(jobs.serviceId(), worker(0)) == 0, "coverage released");
    }

    function testSeatsEndWithTheStakeBehindThem() public {
        StorageProofs proofs = Market(address(market)).proofs();
        uint64 submission = store("kept", 256);
        uint256 shares = pool.sharesOf(worker(1), BOB);
        vm.prank(BOB);
        pool.requestWithdraw(worker(1), shares);
        _skip(DELAY);
        require(pool.stakeOf(worker(1)) == 0 && proofs.isCovered(worker(1)), "still slashable");
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotEvictable.selector, worker(1)));
        proofs.evict(worker(1));

        _skip(1);
        require(market.isFilled(submission, 1) && !proofs.isCovered(worker(1)), "seats without stake");
        proofs.evict(worker(1));
        require(!market.isFilled(submission, 1), "count no longer");
    }

    function testSeatsEndWithTheMagnitudeBehindThem() public {
        StorageProofs proofs = Market(address(market)).proofs();
        store("kept", 256);
        uint32 groupId = services.service(proofs.serviceId()).groupId;
        vm.prank(worker(1));
        services.setMagnitude(groupId, 0);
        _skip(DELAY);
        require(proofs.isCovered(worker(1)), "still slashable");
        _skip(1);
        require(!proofs.isCovered(worker(1)), "nothing at risk");
        proofs.evict(worker(1));
    }

    function testAFileNobodyHoldsIsNotClaimed() public {
        vm.prank(worker(0));
        jobs.join(jobId);
        lead(0);
        (Outputs memory outputs, uint64[6] memory submissions) = outputsOf("weights", [uint64(1), 2, 3, 4, 5], 4);
        submissions[5] = submit("held by nobody", 512);
        outputs.roundsRoot = flow.rootOf(submissions[5]);
        bytes memory signature = sign(0, outputs);
        uint32 untilEpoch = market.currentEpoch() + 2;
        bytes4 selector = IJobRegistry.JobRegistryNotAvailable.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, submissions[5], untilEpoch));
        vm.prank(worker(0));
        jobs.claim(jobId, outputs, submissions, signature);
        require(jobs.job(jobId).status == JobStatus.Open, "still open");
    }

    function requireShares(IModelShares shares) private {
        (bytes memory accounts, bytes memory allocation) = ownership([uint64(400), 200, 100, 100, 200], 6);
        bytes32[] memory none = new bytes32[](0);
        shares.claim(0, CONTRIBUTOR, 400, accounts, none, allocation, none);
        shares.claim(2, OPENER, 100, accounts, none, allocation, none);
        shares.claim(5, worker(2), 200, accounts, none, allocation, none);
        require(shares.balanceOf(CONTRIBUTOR) == 400 && shares.balanceOf(worker(2)) == 200, "shares");
        require(shares.totalSupply() == 1_000, "supply");
    }

    function requirePaidOut() private {
        jobs.burn();
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(worker(i));
            jobs.withdraw(worker(i));
        }
        // Bonds 100 and 20, fee 500: the cheat lost its claim's bond, the silent one its lease's.
        require(token.balanceOf(worker(0)) == 10_000 - 100, "cheat");
        require(token.balanceOf(worker(1)) == 10_000 - 20 + 50, "silent, but challenger");
        require(token.balanceOf(worker(2)) == 10_000 + 500 + 10, "author");
        require(token.balanceOf(BURN) == 50 + 10, "burnt");
        require(token.balanceOf(address(jobs)) == 0, "nothing left");
    }

    function open() private {
        uint64[5] memory files;
        bytes32[5] memory roots;
        uint256[5] memory byteLengths = [uint256(256), 256, 256, 64, 200];
        for (uint256 i = 0; i < 5; ++i) {
            files[i] = store(abi.encode("dataset", i), byteLengths[i]);
            roots[i] = flow.rootOf(files[i]);
        }
        uint256 datasetId = datasets.publish(roots, files, 1, 2, keccak256("licence"));
        uint64 program = store("program", 256);
        bytes32 programRoot = flow.rootOf(program);
        programs.set(programRoot, head(), 1);
        vm.startPrank(OPENER);
        uint256 modelId = jobs.models().createModel("digits");
        jobId = jobs.openJob(
            JobParams({
                modelId: modelId,
                datasetId: datasetId,
                programSubmission: program,
                programRoot: programRoot,
                seed: keccak256("seed"),
                rounds: 1,
                parts: 1,
                poolsBps: [uint16(4_000), 2_000, 3_000, 1_000],
                shareSupply: 1_000,
                feeWei: 500,
                auditFeeWei: 0,
                claimBondWei: 100,
                leaseBondWei: 20,
                coverageWei: 300,
                deadline: time + 2 days,
                claimWindowSeconds: 1 days,
                leaseSeconds: 1 hours
            })
        );
        vm.stopPrank();
    }

    function lead(uint256 i) private {
        vm.prank(worker(i));
        jobs.takeLease(jobId);
    }

    function claim(uint256 i, string memory weights, uint64[5] memory amounts) private returns (uint48) {
        (Outputs memory outputs, uint64[6] memory submissions) = outputsOf(weights, amounts, 6);
        bytes memory signature = sign(i, outputs);
        vm.prank(worker(i));
        jobs.claim(jobId, outputs, submissions, signature);
        return time;
    }

    function outputsOf(
        string memory weights,
        uint64[5] memory amounts,
        uint32 accountCount
    ) private returns (Outputs memory outputs, uint64[6] memory submissions) {
        (bytes memory accounts, bytes memory allocation) = ownership(amounts, accountCount);
        submissions[0] = store(bytes(weights), 256);
        submissions[1] = store(allocation, 256);
        submissions[2] = store("trace", 96);
        submissions[3] = store("credits", 256);
        submissions[4] = store(accounts, 32 * accountCount);
        submissions[5] = store("rounds", 512);
        bytes32[6] memory roots;
        for (uint256 i = 0; i < 6; ++i) roots[i] = flow.rootOf(submissions[i]);
        outputs = Outputs(roots[0], roots[1], roots[2], roots[3], roots[4], roots[5], accountCount);
    }

    /// @notice The leaves of accounts and allocation: contributor, labeller, opener, then workers in joining order. The
    /// first worker gets nothing.
    function ownership(
        uint64[5] memory amounts,
        uint32 accountCount
    ) private pure returns (bytes memory accounts, bytes memory allocation) {
        address[6] memory owners = [CONTRIBUTOR, LABELLER, OPENER, worker(0), worker(1), worker(2)];
        uint64[6] memory shares = [amounts[0], amounts[1], amounts[2], 0, amounts[3], amounts[4]];
        for (uint256 i = 0; i < accountCount; ++i) {
            accounts = abi.encodePacked(accounts, uint256(uint160(owners[i])));
            for (uint256 b = 0; b < 8; ++b) allocation = abi.encodePacked(allocation, uint8(shares[i] >> (8 * b)));
        }
        (accounts, allocation) = (leafOf(accounts), leafOf(allocation));
    }

    /// @notice A program of one leaf of weights, for a dataset of one sample.
    function head() private pure returns (bytes memory) {
        ProgramTool.Tensor[] memory tensors = new ProgramTool.Tensor[](2);
        tensors[0] = ProgramTool.Tensor(ProgramTool.I16, Role.Computed, Section.Init, 1, Extent.Static, 2, 64);
        tensors[1] = ProgramTool.Tensor(ProgramTool.I64, Role.Computed, Section.Allocate, 1, Extent.Accounts, 100, 1);
        ProgramTool.Operation[] memory operations = new ProgramTool.Operation[](3);
        operations[0] = ProgramTool.Operation(1, Section.Init, 0);
        operations[1] = ProgramTool.Operation(9, Section.Step, 0);
        operations[2] = ProgramTool.Operation(16, Section.Allocate, 1);
        return ProgramTool.head(1, 1, 1, tensors, operations);
    }

    /// @notice Submits a file of one leaf, or of two that are alike, and has the second worker hold it.
    function store(bytes memory content, uint256 byteLength) private returns (uint64 submission) {
        submission = submit(content, byteLength);
        (uint64 rowId, ) = market.defaultRows(submission);
        uint64[] memory rowIds = new uint64[](1);
        rowIds[0] = rowId;
        vm.prank(worker(1));
        market.announce(rowIds);
        vm.roll(market.seedBlockOf(worker(1), rowId) + 1);
        LeafOpening[] memory openings = new LeafOpening[](market.fillDraws(worker(1), rowId).length);
        for (uint256 i = 0; i < openings.length; ++i) {
            openings[i].leaf = leafOf(content);
            openings[i].siblings = new bytes32[](byteLength > 256 ? 1 : 0);
            if (byteLength > 256) openings[i].siblings[0] = keccak256(leafOf(content));
        }
        vm.prank(worker(1));
        market.fill(rowId, openings);
    }

    function submit(bytes memory content, uint256 byteLength) private returns (uint64) {
        SubmissionNode[] memory nodes = new SubmissionNode[](1);
        bytes32 leaf = keccak256(leafOf(content));
        nodes[0] =
            byteLength > 256 ? SubmissionNode(keccak256(abi.encodePacked(leaf, leaf)), 1) : SubmissionNode(leaf, 0);
        Submission memory submission;
        submission.data.length = byteLength;
        submission.data.nodes = nodes;
        submission.submitter = CONTRIBUTOR;
        uint256 feeWei = market.pricePerSector() << nodes[0].height;
        vm.deal(CONTRIBUTOR, feeWei);
        vm.prank(CONTRIBUTOR);
        (uint256 index, , , ) = flow.submit{ value: feeWei }(submission);
        return uint64(index);
    }

    function enlist(uint256 i) private {
        address operator = worker(i);
        vm.prank(operator);
        operators.register(vm.addr(KEYS + i), "");
        _deposit(BOB, operator, 10_000);
        fund(operator);
        join(operator, jobs.serviceId());
        join(operator, Market(address(market)).proofs().serviceId());
    }

    function join(address operator, uint32 serviceId) private {
        uint32 groupId = services.service(serviceId).groupId;
        vm.startPrank(operator);
        services.join(serviceId);
        services.setMagnitude(groupId, 0.5e18);
        vm.stopPrank();
    }

    function fund(address account) private {
        token.mint(account, 10_000);
        vm.prank(account);
        token.approve(address(jobs), type(uint256).max);
    }

    function sign(uint256 i, Outputs memory outputs) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEYS + i, jobs.jobClaimDigest(jobId, outputs));
        return abi.encodePacked(r, s, v);
    }

    function worker(uint256 i) private pure returns (address) {
        return address(uint160(0x9900 + i));
    }

    function leafOf(bytes memory content) private pure returns (bytes memory leaf) {
        leaf = new bytes(256);
        for (uint256 i = 0; i < content.length; ++i) leaf[i] = content[i];
    }

    function storageParams() private pure returns (StorageParams memory) {
        return
            StorageParams({
                pricePerLeafEpochWei: 10,
                coveragePerLeafWei: 1,
                epochBlocks: 1_000,
                dealEpochs: 6,
                reportEpochs: 2,
                fillBlocks: 40,
                copies: 2,
                fillLeaves: 3,
                challengeLeaves: 4,
                missTolerance: 1,
                bountyBps: 500,
                missWad: 1e17,
                slashCapWad: 5e17,
                groupId: 0,
                maxObligationSeconds: 1 days
            });
    }
}
