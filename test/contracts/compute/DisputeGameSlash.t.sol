// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { DisputeGame } from "../../../contracts/compute/DisputeGame.sol";
import { JobRegistry } from "../../../contracts/compute/JobRegistry.sol";
import { AuditDeskParams, IAuditDesk } from "../../../contracts/interfaces/compute/IAuditDesk.sol";
import { Claim } from "../../../contracts/interfaces/compute/IClaimDigests.sol";
import {
    ClaimFile,
    Fault,
    FinalProof,
    GameParams,
    IDisputeGame,
    Stage
} from "../../../contracts/interfaces/compute/IDisputeGame.sol";
import {
    JobLimits,
    JobParams,
    JobRegistryParams,
    Outputs
} from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { IOneStepVerifier } from "../../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { IProgramRegistry } from "../../../contracts/interfaces/compute/IProgramRegistry.sol";
import { ISubjectReader } from "../../../contracts/interfaces/compute/ISubjectReader.sol";
import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { IFlow } from "../../../contracts/interfaces/storage/IFlow.sol";
import { FileTreeLib, LeafOpening } from "../../../contracts/libraries/FileTreeLib.sol";
import { DatasetRegistry } from "../../../contracts/models/DatasetRegistry.sol";
import { GameProgram } from "../../support/GameProgram.sol";
import { OneStepMock } from "../../support/OneStepMock.sol";
import { ProgramsMock } from "../../support/ProgramsMock.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { StorageMock } from "../../support/StorageMock.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { vm } from "../../support/Vm.sol";

/// @notice A won game as evidence for the real slasher: what it takes, from whom, and how often.
contract DisputeGameSlashTest is StakingFixture {
    uint256 private constant KEYS = 0x5160;
    uint256 private constant STAKE = 10_000e18;
    uint256 private constant COVERAGE = 300e18;
    bytes32 private constant PROGRAM_ROOT = keccak256("program");

    StorageMock private files;
    DatasetRegistry private datasets;
    DisputeGame private game;
    JobRegistry private jobs;
    uint32 private serviceId;
    uint256 private datasetId;
    uint256 private jobId;

    function setUp() public override {
        super.setUp();
        files = new StorageMock();
        datasets = DatasetRegistry(deployArtifact("models", "DatasetRegistry", abi.encode(files)));
        ProgramsMock programs = new ProgramsMock();
        programs.set(PROGRAM_ROOT, GameProgram.head(GameProgram.PARTS), GameProgram.FILE_LEAVES);
        GameParams memory params = GameParams({
            token: IERC20(address(token)),
            programs: IProgramRegistry(address(programs)),
            steps: IOneStepVerifier(address(new OneStepMock(IProgramRegistry(address(programs))))),
            bondWei: 1e18,
            budgetSeconds: 1 hours,
            extensionSeconds: 10 minutes,
            subjects: ISubjectReader(deployArtifact("compute", "SubjectReader", abi.encode(programs, 1e18)))
        });
        game = DisputeGame(deployArtifact("compute", "DisputeGame", abi.encode(params)));
        AuditDeskParams memory audits = AuditDeskParams(token, 41, 3, 2 days, 12 hours);
        IAuditDesk desk = IAuditDesk(deployArtifact("compute", "AuditDesk", abi.encode(audits)));
        JobLimits memory limits = JobLimits(10, 4, 5, 2 days, 1 hours, 1 days, 1 days, 60, 2);
        jobs = JobRegistry(
            deployArtifact(
                "compute",
                "JobRegistry",
                abi.encode(
                    JobRegistryParams(
                        token,
                        operators,
                        services,
                        pool,
                        datasets,
                        IFlow(address(files)),
                        address(game),
                        desk,
                        limits
                    )
                )
            )
        );
        serviceId = jobs.serviceId();
        uint32 groupId = services.service(serviceId).groupId;
        for (uint256 i = 0; i < 2; ++i) {
            vm.startPrank(worker(i));
            operators.register(vm.addr(KEYS + i), "");
            services.join(serviceId);
            services.setMagnitude(groupId, 0.5e18);
            vm.stopPrank();
            _deposit(worker(i), worker(i), STAKE);
        }
        _skip(DELAY + EPOCH);
        address[4] memory payers = [ALICE, BOB, worker(0), worker(1)];
        for (uint256 i = 0; i < payers.length; ++i) fund(payers[i]);
        openJob();
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(worker(i));
            jobs.join(jobId);
        }
        claim();
    }

    function testALostClaimCostsTheCoverage() public {
        uint256 gameId = wonGame();
        uint256 before = pool.stakeOf(worker(0));
        uint256 slashedWei = slasher.submit(serviceId, abi.encode(gameId));
        requireCoverage(slashedWei);
        _equal(pool.stakeOf(worker(0)), before - slashedWei, "from the author");
        _equal(pool.stakeOf(worker(1)), STAKE, "from nobody else");
        require(
            slasher.bounty(serviceId, worker(0), keccak256(abi.encode(jobId, uint32(1)))).receiver == BOB,
            "the bounty is the challenger's"
        );
        bytes4 selector = ISlasher.SlasherAlreadyPunished.selector;
        vm.expectPartialRevert(selector);
        slasher.submit(serviceId, abi.encode(gameId));
        game.settle(gameId);
        vm.expectPartialRevert(selector);
        slasher.submit(serviceId, abi.encode(gameId));
    }

    function testAClaimIsPunishedOnceForAllItsGames() public {
        uint256 first = wonGame();
        uint256 second = wonGame();
        requireCoverage(slasher.submit(serviceId, abi.encode(second)));
        vm.expectPartialRevert(ISlasher.SlasherAlreadyPunished.selector);
        slasher.submit(serviceId, abi.encode(first));
        game.settle(first);
        game.settle(second);
        _equal(jobs.owedWei(BOB), 50e18, "one bond");
        _equal(game.owedWei(BOB), 2e18, "own bonds back");
    }

    function testALostGameIsNoEvidence() public {
        uint256 gameId = openGame();
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGameNotWon.selector, gameId, Stage.Free));
        game.verify(serviceId, abi.encode(gameId));
        _skip(1 hours + 1);
        game.claimTimeout(gameId);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGameNotWon.selector, gameId, Stage.Lost));
        game.verify(serviceId, abi.encode(gameId));
    }

    function testAPartIsPunishedOnceHoweverManyGamesAreWon() public {
        uint256 first = partGame();
        uint256 second = partGame();
        _skip(1 hours + 1);
        game.claimTimeout(first);
        game.claimTimeout(second);
        uint256 slashedWei = slasher.submit(serviceId, abi.encode(first));
        requireCoverage(slashedWei);
        vm.expectPartialRevert(ISlasher.SlasherAlreadyPunished.selector);
        slasher.submit(serviceId, abi.encode(second));
        _equal(pool.stakeOf(worker(1)), STAKE - slashedWei, "once");
        _equal(pool.stakeOf(worker(0)), STAKE, "only the signer");
        game.settle(first);
        game.settle(second);
        require(jobs.isClaimLive(jobId, 1), "the claim is another matter");
    }

    function testClaimAndPartAreTwoOffences() public {
        uint256 part = partGameOf(0);
        uint256 whole = demandedGame();
        _skip(1 hours + 1);
        game.claimTimeout(part);
        game.claimTimeout(whole);
        uint256 partWei = slasher.submit(serviceId, abi.encode(part));
        uint256 wholeWei = slasher.submit(serviceId, abi.encode(whole));
        requireCoverage(partWei);
        requireCoverage(wholeWei);
    }

    function testTheShareFollowsTheStakeOfTheTime() public {
        uint256 gameId = wonGame();
        // Delegators come and go between the offence and its punishment.
        _deposit(ALICE, worker(0), 5 * STAKE);
        _request(worker(0), worker(0), pool.sharesOf(worker(0), worker(0)) / 2);
        requireCoverage(slasher.submit(serviceId, abi.encode(gameId)));
    }

    function testNeverMoreThanTheMagnitude() public {
        uint256 gameId = wonGame();
        vm.prank(worker(0));
        uint256 withdrawal = pool.requestWithdraw(worker(0), (STAKE * 98) / 100);
        require(withdrawal != 0, "leaving");
        _skip(DELAY - 1 hours - 2);
        (, , , uint64 wad, ) = game.verify(serviceId, abi.encode(gameId));
        require(wad < WAD, "withdrawals are slashable for as long as the delay");
    }

    function testEvidenceIsBoundToItsService() public {
        uint256 gameId = wonGame();
        uint32 other = _createService(0, WAD);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGameWrongService.selector, other, serviceId));
        game.verify(other, abi.encode(gameId));
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGameLength.selector, 33, 32));
        game.verify(serviceId, abi.encodePacked(gameId, uint8(0)));
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGameUnknown.selector, 9));
        game.verify(serviceId, abi.encode(uint256(9)));
    }

    function testASelfChallengeLosesMoreThanItGets() public {
        uint256 wealthBefore = wealthOf(worker(0));
        vm.prank(worker(0));
        uint256 gameId = game.open(jobId, 1);
        vm.prank(worker(0));
        game.refute(gameId, finalFault(), finalProof());
        game.settle(gameId);
        slasher.submit(serviceId, abi.encode(gameId));
        _skip(EPOCH + 1);
        slasher.claimBounty(serviceId, worker(0), keccak256(abi.encode(jobId, uint32(1))));
        vm.startPrank(worker(0));
        game.withdraw(worker(0));
        jobs.withdraw(worker(0));
        vm.stopPrank();
        require(wealthOf(worker(0)) + (COVERAGE * 9) / 10 < wealthBefore, "self-challenge loses money");
    }

    function wealthOf(address account) private view returns (uint256) {
        return token.balanceOf(account) + pool.stakeOf(account) + bondsOf(account);
    }

    /// @dev Bonds of claim and lease, while they are posted.
    function bondsOf(address account) private view returns (uint256) {
        return account == worker(0) && jobs.isClaimLive(jobId, 1) ? 120e18 : 0;
    }

    function requireCoverage(uint256 slashedWei) private pure {
        require(slashedWei >= COVERAGE, "no less than the coverage");
        require(slashedWei <= COVERAGE + 1e6, "and no more");
    }

    /// @dev The claim's trace does not end with its weights.
    function wonGame() private returns (uint256 gameId) {
        gameId = openGame();
        vm.prank(BOB);
        game.refute(gameId, finalFault(), finalProof());
    }

    function openGame() private returns (uint256) {
        vm.prank(BOB);
        return game.open(jobId, 1);
    }

    function demandedGame() private returns (uint256 gameId) {
        gameId = openGame();
        vm.prank(BOB);
        game.demand(gameId, ClaimFile.Trace, 0);
    }

    function partGame() private returns (uint256) {
        return partGameOf(1);
    }

    function partGameOf(uint256 i) private returns (uint256) {
        bytes32[] memory inputs = new bytes32[](2);
        (inputs[0], inputs[1]) = (keccak256("start"), datasets.rootOf(datasetId));
        Claim memory part = Claim(1, jobId, 0, PROGRAM_ROOT, FileTreeLib.rootList(inputs), keccak256("end"), 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEYS + i, jobs.claimDigest(part));
        vm.prank(BOB);
        return game.challengePart(part, abi.encodePacked(r, s, v), keccak256("start"));
    }

    function finalFault() private pure returns (Fault) {
        return Fault.Final;
    }

    function finalProof() private pure returns (bytes memory) {
        return abi.encode(FinalProof(LeafOpening(new bytes(256), new bytes32[](0))));
    }

    function openJob() private {
        bytes32[5] memory roots;
        uint64[5] memory submissions;
        uint256[5] memory byteLengths = [uint256(1024), 256, 256, 32, 100];
        for (uint256 i = 0; i < 5; ++i) submissions[i] = add(roots[i], byteLengths[i]);
        datasetId = datasets.publish(roots, submissions, 1, 1, 0);
        uint64 program = add(PROGRAM_ROOT, GameProgram.FILE_LEAVES * 256);
        vm.startPrank(ALICE);
        jobId = jobs.openJob(
            JobParams({
                modelId: jobs.models().createModel("digits"),
                datasetId: datasetId,
                programSubmission: program,
                programRoot: PROGRAM_ROOT,
                seed: 0,
                rounds: 1,
                parts: GameProgram.PARTS,
                poolsBps: [uint16(4_000), 2_000, 3_000, 1_000],
                shareSupply: 1_000,
                feeWei: 0,
                auditFeeWei: 0,
                claimBondWei: 100e18,
                leaseBondWei: 20e18,
                coverageWei: COVERAGE,
                deadline: time + 2 days,
                claimWindowSeconds: 1 days,
                leaseSeconds: 1 hours
            })
        );
        vm.stopPrank();
    }

    /// @dev The trace is zeros, in one leaf.
    function claim() private {
        vm.prank(worker(0));
        jobs.takeLease(jobId);
        Outputs memory outputs = Outputs(
            keccak256("weights"),
            keccak256("allocation"),
            keccak256(new bytes(256)),
            keccak256("credits"),
            keccak256("accounts"),
            keccak256("rounds"),
            2
        );
        uint64[6] memory submissions = [
            add(outputs.weightsRoot, GameProgram.WEIGHTS_BYTES),
            add(outputs.allocationRoot, 256),
            add(outputs.traceRoot, 5 * 32),
            add(outputs.creditsRoot, 256),
            add(outputs.accountsRoot, 64),
            add(outputs.roundsRoot, GameProgram.WEIGHTS_BYTES + 2 * 256)
        ];
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEYS, jobs.jobClaimDigest(jobId, outputs));
        vm.prank(worker(0));
        jobs.claim(jobId, outputs, submissions, abi.encodePacked(r, s, v));
    }

    function add(bytes32 root, uint256 byteLength) private returns (uint64 submission) {
        submission = files.add(root, byteLength, (byteLength + 255) / 256);
        files.setFilled(submission, 1_000);
    }

    function fund(address account) private {
        token.mint(account, 10_000e18);
        vm.startPrank(account);
        token.approve(address(jobs), type(uint256).max);
        token.approve(address(game), type(uint256).max);
        vm.stopPrank();
    }

    function worker(uint256 i) private pure returns (address) {
        return address(uint160(0x9900 + i));
    }
}
