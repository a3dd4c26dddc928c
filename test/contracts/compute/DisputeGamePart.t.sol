// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Claim } from "../../../contracts/interfaces/compute/IClaimDigests.sol";
import { Accusation, Game, IDisputeGame, Stage } from "../../../contracts/interfaces/compute/IDisputeGame.sol";
import { IJobRegistry } from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { Execution } from "../../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { FileTreeLib } from "../../../contracts/libraries/FileTreeLib.sol";
import { Section } from "../../../contracts/libraries/ProgramLib.sol";
import { GameFixture } from "../../support/GameFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Games against parts, and which executions a claim has.
contract DisputeGamePartTest is GameFixture {
    function testAPartsSignerAnswersForIt() public {
        Claim memory part = partClaim(3);
        bytes memory signature = signPart(part, signerKeyAt(2));
        vm.prank(stranger);
        uint256 gameId = disputes.challengePart(part, signature, startRoot(1));
        Game memory game_ = disputes.game(gameId);
        require(game_.stage == Stage.Detail && game_.author == operatorAt(2), "its turn");
        require(game_.claimNumber == 0 && game_.part == 3 && game_.jobId == jobId, "part");
        requireEqual(game_.capturedAt, jobs.coverageOf(jobId, operatorAt(2)).joinedAt, "when it joined");
        require(game_.place == keccak256(abi.encode(execution())), "the same execution as the claim's");
        requireEqual(disputes.openPartGames(jobId, operatorAt(2)), 1, "counted");
        requireEqual(disputes.openGames(jobId, 1), 0, "not against the claim");

        setClock(clock + BUDGET + 1);
        disputes.claimTimeout(gameId);
        disputes.settle(gameId);
        requireEqual(disputes.owedWei(stranger), BOND, "bond back");
        requireEqual(disputes.openPartGames(jobId, operatorAt(2)), 0, "closed");
        require(jobs.isClaimLive(jobId, 1), "the claim stands");
    }

    function testCoverageWaitsForThePartsGame() public {
        setClock(jobs.claimFacts(jobId, 1).windowEndsAt + 1);
        jobs.accept(jobId);
        Claim memory part = partClaim(3);
        bytes memory signature = signPart(part, signerKeyAt(2));
        vm.prank(stranger);
        uint256 gameId = disputes.challengePart(part, signature, startRoot(1));
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.JobRegistryGamesOpen.selector, jobId, 1));
        jobs.releaseCoverage(jobId, operatorAt(2));
        setClock(clock + BUDGET + 1);
        disputes.claimTimeout(gameId);
        disputes.settle(gameId);
        jobs.releaseCoverage(jobId, operatorAt(2));
        bytes4 selector = IDisputeGame.DisputeGameNotCovering.selector;
        refusePart(part, signature, startRoot(1), abi.encodeWithSelector(selector, jobId, operatorAt(2)));
    }

    function testAWrongChallengeOfAPartLosesTheBond() public {
        Claim memory part = partClaim(3);
        bytes memory signature = signPart(part, signerKeyAt(0));
        vm.prank(stranger);
        uint256 gameId = disputes.challengePart(part, signature, startRoot(1));
        playTo(gameId, Stage.Prove);
        vm.prank(stranger);
        (bool ok, ) = address(disputes).call(proof(gameId, 5));
        require(ok, "judged");
        requireStage(gameId, Stage.Lost);
        requireEqual(disputes.owedWei(author()), BOND / 2, "half to the signer");
        requireEqual(disputes.openPartGames(jobId, author()), 0, "closed");
        bytes4 selector = IDisputeGame.DisputeGameOver.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.closeVoid, (gameId)),
            abi.encodeWithSelector(selector, gameId, Stage.Lost)
        );
    }

    function testAPartsGameIsNeverVoid() public {
        Claim memory part = partClaim(3);
        bytes memory signature = signPart(part, signerKeyAt(0));
        vm.prank(stranger);
        uint256 gameId = disputes.challengePart(part, signature, startRoot(1));
        bytes4 selector = IDisputeGame.DisputeGameClaimStands.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.closeVoid, (gameId)),
            abi.encodeWithSelector(selector, jobId, 0)
        );
    }

    function testOnlyWhatAnOperatorOfTheJobSigned() public {
        Claim memory part = partClaim(3);
        bytes4 selector = IDisputeGame.DisputeGameNotOperator.selector;
        refusePart(part, signPart(part, 0xBEEF), startRoot(1), abi.encodeWithSelector(selector, vm.addr(0xBEEF)));
        refusePart(part, "", startRoot(1), abi.encodeWithSelector(selector, address(0)));
        staking.setOperator(address(0x9999), vm.addr(0xBEEF), 1_000);
        selector = IDisputeGame.DisputeGameNotCovering.selector;
        refusePart(
            part,
            signPart(part, 0xBEEF),
            startRoot(1),
            abi.encodeWithSelector(selector, jobId, address(0x9999))
        );
    }

    function testThePartIsOneOfTheJob() public {
        Claim memory part = partClaim(3);
        bytes4 selector = IDisputeGame.DisputeGamePartMismatch.selector;
        part.kind = 2;
        refuseField(part, startRoot(1), abi.encodeWithSelector(selector, bytes32("kind"), uint256(2), uint256(1)));
        part = partClaim(3);
        part.index = 6;
        refuseField(part, startRoot(1), abi.encodeWithSelector(IDisputeGame.DisputeGameIndexOutOfRange.selector, 6, 6));
        part = partClaim(3);
        part.program = keccak256("another");
        refuseField(
            part,
            startRoot(1),
            abi.encodeWithSelector(selector, bytes32("program"), part.program, PROGRAM_ROOT)
        );
        part = partClaim(3);
        part.traceRoot = bytes32(uint256(1));
        refuseField(part, startRoot(1), abi.encodeWithSelector(selector, bytes32("traceRoot"), part.traceRoot, 0));
        part = partClaim(3);
        bytes32 other = partClaim(0).inputsRoot;
        refuseField(
            part,
            startRoot(0),
            abi.encodeWithSelector(selector, bytes32("inputsRoot"), part.inputsRoot, other)
        );
    }

    function testEveryStepIsAccused() public {
        for (uint32 round = 0; round < ROUNDS; ++round) {
            for (uint32 part = 0; part < PARTS; ++part) {
                accused(accusationOf(Section.Step, round, part), stepExecution(round, part), 100);
            }
        }
    }

    function testInitIsAccused() public {
        Execution memory init;
        init.program = PROGRAM_ROOT;
        init.section = Section.Init;
        init.seed = keccak256("seed");
        init.outputRoot = startRoot(0);
        accused(accusationOf(Section.Init, 0, 0), init, 1);
    }

    function testAveragesAreAccused() public {
        for (uint32 round = 0; round < ROUNDS; ++round) {
            Execution memory average;
            average.program = PROGRAM_ROOT;
            average.section = Section.Average;
            average.inputRoot = FileTreeLib.fileRoot(traceFile);
            average.inputSlot = uint64(round * SLOTS + 1);
            average.inputLeaves = 2;
            average.outputRoot = startRoot(round + 1);
            accused(accusationOf(Section.Average, round, 0), average, 1);
        }
    }

    function testTheAllocationIsAccused() public {
        Execution memory allocation;
        allocation.program = PROGRAM_ROOT;
        allocation.section = Section.Allocate;
        allocation.samples = 4;
        allocation.accounts = 7;
        allocation.credits = 6;
        allocation.inputRoot = FileTreeLib.fileRoot(creditsFile);
        allocation.dataRoots[0] = keccak256(abi.encode("dataset", 2));
        // 1,000,000; 4,000; 2,000; 3,000, and 1,000; 4; 6; 3, each in eight bytes, least first.
        allocation.terms[0] = 0x40420f0000000000a00f000000000000d007000000000000b80b000000000000;
        allocation.terms[1] = 0xe803000000000000040000000000000006000000000000000300000000000000;
        allocation.outputRoot = keccak256("allocation");
        accused(accusationOf(Section.Allocate, 0, 0), allocation, 1);
    }

    function testThereIsNothingElseToAccuse() public {
        noExecution(Section.Step, 3, 0);
        noExecution(Section.Step, 0, 2);
        noExecution(Section.Average, 3, 0);
        noExecution(Section.Average, 0, 1);
        noExecution(Section.Init, 1, 0);
        noExecution(Section.Infer, 0, 0);
        noExecution(Section.Allocate, 0, 1);
    }

    function testTheTraceIsOpenedWhereItIsAccused() public {
        Accusation memory wrong = accusation();
        wrong.start = openTrace(12);
        vm.prank(stranger);
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        disputes.challenge(jobId, 1, wrong);
        wrong = accusation();
        wrong.start.leaf[130] ^= 0x01;
        vm.prank(stranger);
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        disputes.challenge(jobId, 1, wrong);
    }

    function accused(Accusation memory accusation_, Execution memory expected, uint256 stepCount) private {
        vm.prank(stranger);
        uint256 gameId = disputes.challenge(jobId, 1, accusation_);
        Game memory game_ = disputes.game(gameId);
        require(game_.place == keccak256(abi.encode(expected)), "execution");
        requireEqual(game_.steps, stepCount, "steps");
        require(game_.stage == Stage.Detail, "the author's turn");
    }

    function noExecution(Section section, uint32 round, uint32 part) private {
        Accusation memory wrong;
        wrong.section = section;
        (wrong.round, wrong.part) = (round, part);
        bytes4 selector = IDisputeGame.DisputeGameNoExecution.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.challenge, (jobId, 1, wrong)),
            abi.encodeWithSelector(selector, section, round, part)
        );
    }

    function refuseField(Claim memory part, bytes32 start, bytes memory expected) private {
        refusePart(part, signPart(part, signerKeyAt(2)), start, expected);
    }

    function refusePart(Claim memory part, bytes memory signature, bytes32 start, bytes memory expected) private {
        requireRefusedMove(stranger, abi.encodeCall(disputes.challengePart, (part, signature, start)), expected);
    }
}
