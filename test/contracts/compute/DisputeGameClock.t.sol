// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { DisputeGame } from "../../../contracts/compute/DisputeGame.sol";
import { Game, GameParams, IDisputeGame, Stage } from "../../../contracts/interfaces/compute/IDisputeGame.sol";
import { IProgramRegistry } from "../../../contracts/interfaces/compute/IProgramRegistry.sol";
import { ISubjectReader } from "../../../contracts/interfaces/compute/ISubjectReader.sol";
import { IJobRegistry, JobStatus } from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { IOneStepVerifier } from "../../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { IProgramRegistry } from "../../../contracts/interfaces/compute/IProgramRegistry.sol";
import { GameFixture } from "../../support/GameFixture.sol";
import { OneStepMock } from "../../support/OneStepMock.sol";
import { ProgramsMock } from "../../support/ProgramsMock.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Opening, time, and games side by side.
contract DisputeGameClockTest is GameFixture {
    function createReader(IProgramRegistry judged, uint256 stakeWei) external returns (ISubjectReader) {
        return ISubjectReader(deployArtifact("compute", "SubjectReader", abi.encode(judged, stakeWei)));
    }

    function create(GameParams memory params) external returns (DisputeGame) {
        return DisputeGame(deployArtifact("compute", "DisputeGame", abi.encode(params)));
    }

    function testOpensUnderBond() public {
        uint256 gameId = open();
        Game memory game_ = disputes.game(gameId);
        require(gameId == 1 && game_.stage == Stage.Free, "first game");
        require(game_.challenger == stranger && game_.author == author(), "players");
        require(game_.jobId == jobId && game_.claimNumber == 1, "claim");
        requireEqual(game_.capturedAt, jobs.job(jobId).claim.claimedAt, "time of the claim");
        requireEqual(token.balanceOf(address(disputes)), BOND, "bond");
        requireEqual(disputes.openGames(jobId, 1), 1, "counted");
        bytes4 selector = IDisputeGame.DisputeGameUnknown.selector;
        requireRefusedMove(stranger, abi.encodeCall(disputes.settle, (2)), abi.encodeWithSelector(selector, 2));
    }

    function testOnlyLiveClaimsAreChallenged() public {
        bytes4 selector = IJobRegistry.JobRegistryWrongClaim.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.open, (jobId, 2)),
            abi.encodeWithSelector(selector, jobId, 2, 1)
        );
        selector = IDisputeGame.DisputeGameClaimFallen.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.open, (jobId, 0)),
            abi.encodeWithSelector(selector, jobId, 0)
        );
        selector = IJobRegistry.JobRegistryUnknown.selector;
        requireRefusedMove(stranger, abi.encodeCall(disputes.open, (9, 1)), abi.encodeWithSelector(selector, 9));
    }

    function testOnlyWithinTheWindow() public {
        uint256 until = jobs.claimFacts(jobId, 1).windowEndsAt;
        setClock(until + 1);
        bytes4 selector = IDisputeGame.DisputeGameWindowClosed.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.open, (jobId, 1)),
            abi.encodeWithSelector(selector, jobId, 1, until)
        );
        setClock(until);
        open();
        setClock(until + 1);
        selector = IJobRegistry.JobRegistryGamesOpen.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, jobId, 1));
        jobs.accept(jobId);
    }

    function testASilentAuthorLoses() public {
        uint256 gameId = challenge();
        setClock(clock + BUDGET);
        bytes memory data = abi.encodeCall(disputes.claimTimeout, (gameId));
        bytes4 selector = IDisputeGame.DisputeGameTurnRunning.selector;
        requireRefusedMove(opener, data, abi.encodeWithSelector(selector, gameId, clock));
        setClock(clock + 1);
        (, bytes memory late) = honestMove(gameId, Stage.Detail);
        selector = IDisputeGame.DisputeGameTurnOver.selector;
        requireRefusedMove(author(), late, abi.encodeWithSelector(selector, gameId, clock - 1));
        vm.prank(opener);
        disputes.claimTimeout(gameId);
        requireStage(gameId, Stage.Won);
        disputes.settle(gameId);
        require(jobs.job(jobId).status == JobStatus.Open, "refuted");
        selector = IDisputeGame.DisputeGameOver.selector;
        requireRefusedMove(opener, data, abi.encodeWithSelector(selector, gameId, Stage.Settled));
    }

    function testASilentChallengerLosesItsBond() public {
        uint256 gameId = open();
        setClock(clock + BUDGET + 1);
        disputes.claimTimeout(gameId);
        requireStage(gameId, Stage.Lost);
        requireEqual(disputes.owedWei(author()), BOND / 2, "half to the author");
        require(jobs.job(jobId).status == JobStatus.Claimed, "the claim stands");
    }

    function testTimeIsSpentAndEveryTurnHasItsExtension() public {
        uint256 gameId = challenge();
        setClock(clock + BUDGET);
        playTo(gameId, Stage.OpenSteps);
        requireEqual(disputes.game(gameId).authorSeconds, EXTENSION, "nothing left but the extension");
        requireEqual(disputes.game(gameId).challengerSeconds, BUDGET, "the other's time does not run");
        setClock(clock + EXTENSION);
        playTo(gameId, Stage.PickStep);
        setClock(clock + 100);
        playTo(gameId, Stage.OpenSteps);
        requireEqual(disputes.game(gameId).challengerSeconds, BUDGET - 100, "spent");
        requireEqual(disputes.game(gameId).authorSeconds, EXTENSION, "again");
        setClock(clock + EXTENSION + 1);
        disputes.claimTimeout(gameId);
        requireStage(gameId, Stage.Won);
    }

    function testFuzzNoGameOutlastsItsMaximum(uint32[32] memory waits) public {
        uint256 gameId = challenge();
        uint256 start = clock;
        for (uint256 i = 0; i < waits.length; ++i) {
            Game memory game_ = disputes.game(gameId);
            if (game_.stage == Stage.Prove) break;
            bool isAuthors =
                game_.stage == Stage.Detail ||
                    game_.stage == Stage.OpenSteps ||
                    game_.stage == Stage.OpenRecord ||
                    game_.stage == Stage.OpenTensor;
            uint256 available = isAuthors ? game_.authorSeconds : game_.challengerSeconds;
            setClock(clock + (i % 2 == 0 ? available : waits[i] % (available + 1)));
            (bool ok, ) = moveOf(gameId, game_.stage);
            require(ok, "in time");
        }
        setClock(clock + disputes.game(gameId).challengerSeconds + 1);
        disputes.claimTimeout(gameId);
        require(clock - start <= disputes.longestSeconds() + 1, "within the longest game");
    }

    function testOthersOfAFallenClaimGetTheirBondsBack() public {
        uint256 won = challenge();
        uint256 other = openBy(opener);
        bytes memory data = abi.encodeCall(disputes.closeVoid, (other));
        bytes4 selector = IDisputeGame.DisputeGameClaimStands.selector;
        requireRefusedMove(opener, data, abi.encodeWithSelector(selector, jobId, 1));
        setClock(clock + BUDGET + 1);
        disputes.claimTimeout(won);
        disputes.settle(won);

        selector = IDisputeGame.DisputeGameClaimFallen.selector;
        requireRefusedMove(
            author(),
            abi.encodeCall(disputes.claimTimeout, (other)),
            abi.encodeWithSelector(selector, jobId, 1)
        );
        disputes.closeVoid(other);
        requireStage(other, Stage.Void);
        requireEqual(disputes.owedWei(opener), BOND, "bond back");
        requireEqual(disputes.openGames(jobId, 1), 0, "none left");
        selector = IDisputeGame.DisputeGameOver.selector;
        requireRefusedMove(opener, data, abi.encodeWithSelector(selector, other, Stage.Void));
    }

    function testAGameOnAFallenClaimTouchesNoLaterClaim() public {
        uint256 first = challenge();
        playTo(first, Stage.Prove);
        uint256 second = challenge();
        playTo(second, Stage.Prove);
        steps.setVerdict(1, 2);
        for (uint256 gameId = first; gameId <= second; ++gameId) {
            vm.prank(stranger);
            (bool ok, ) = address(disputes).call(proof(gameId, 5));
            require(ok, "won");
        }
        disputes.settle(first);
        takeLease(jobId, 1);
        claimFiles();
        disputes.settle(second);
        require(jobs.job(jobId).status == JobStatus.Claimed, "the second claim stands");
        requireEqual(jobs.owedWei(stranger), 50, "one claim's bond");
        requireEqual(disputes.owedWei(stranger), 2 * BOND, "both own bonds");
        requireEqual(disputes.openGames(jobId, 1) + disputes.openGames(jobId, 2), 0, "none open");
    }

    function testAHundredFalseChallengesCostTheirBonds() public {
        for (uint256 i = 0; i < 100; ++i) open();
        requireEqual(disputes.openGames(jobId, 1), 100, "all open");
        setClock(clock + BUDGET + 1);
        for (uint256 gameId = 1; gameId <= 100; ++gameId) disputes.claimTimeout(gameId);
        requireEqual(disputes.openGames(jobId, 1), 0, "all closed");
        requireEqual(disputes.owedWei(author()), 100 * (BOND / 2), "the author is paid");
        requireEqual(disputes.burn(), 100 * (BOND - BOND / 2), "the rest is burnt");
        requireEqual(token.balanceOf(address(disputes)), disputes.owedWei(author()), "identity");
        setClock(jobs.claimFacts(jobId, 1).windowEndsAt + 1);
        jobs.accept(jobId);
    }

    function testASelfChallengeLosesMoney() public {
        vm.prank(author());
        token.approve(address(disputes), type(uint256).max);
        uint256 before = token.balanceOf(author()) + 101;
        uint256 gameId = openBy(author());
        setClock(clock + BUDGET + 1);
        disputes.claimTimeout(gameId);
        vm.prank(author());
        disputes.withdraw(author());
        requireEqual(token.balanceOf(author()) + 101, before - (BOND - BOND / 2), "half of the bond is gone");
    }

    function testNoTokenStopsAVerdict() public {
        uint256 won = challenge();
        uint256 lost = open();
        setClock(clock + BUDGET + 1);
        bytes memory code = address(token).code;
        // PUSH0 PUSH0 REVERT
        vm.etch(address(token), hex"5f5ffd");
        disputes.claimTimeout(lost);
        disputes.claimTimeout(won);
        disputes.settle(won);
        requireStage(won, Stage.Settled);
        requireStage(lost, Stage.Lost);
        require(jobs.job(jobId).status == JobStatus.Open, "refuted");
        vm.prank(stranger);
        (bool ok, ) = address(disputes).call(abi.encodeCall(disputes.withdraw, (stranger)));
        require(!ok, "only payment waits");
        vm.etch(address(token), code);
        vm.prank(stranger);
        requireEqual(disputes.withdraw(stranger), BOND, "and is made later");
    }

    function testParametersAreChecked() public {
        GameParams memory params = gameParams();
        params.bondWei = 1;
        vm.expectRevert(outOfRange("bondWei", 1, 2, type(uint128).max));
        this.create(params);
        params = gameParams();
        params.extensionSeconds = BUDGET + 1;
        vm.expectRevert(outOfRange("extensionSeconds", BUDGET + 1, 1, BUDGET));
        this.create(params);
        params.extensionSeconds = 0;
        vm.expectRevert(outOfRange("extensionSeconds", 0, 1, BUDGET));
        this.create(params);
        vm.expectRevert(outOfRange("answerStakeWei", 0, 1, type(uint128).max));
        this.createReader(params.programs, 0);
        vm.expectRevert(outOfRange("answerStakeWei", 1 << 128, 1, type(uint128).max));
        this.createReader(params.programs, 1 << 128);
        params = gameParams();
        params.subjects = ISubjectReader(address(0x1234));
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGameContractMissing.selector, bytes32("subjects")));
        this.create(params);
        params.subjects = this.createReader(IProgramRegistry(address(this)), 1);
        bytes4 selector = IDisputeGame.DisputeGameProgramsMismatch.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(this), address(programs)));
        this.create(params);
    }

    function testBindsOnceAndOnlyIfGamesFit() public {
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGameAlreadyBound.selector, address(jobs)));
        disputes.bind(2 days);
        DisputeGame fresh = this.create(gameParams());
        uint256 longest = fresh.longestSeconds();
        requireEqual(longest, 2 * BUDGET + 94 * EXTENSION, "longest game");
        bytes4 selector = IDisputeGame.DisputeGameTooLong.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, longest, longest - 1));
        fresh.bind(uint48(longest - 1));
        fresh.bind(uint48(longest));
        require(address(fresh.jobs()) == address(this), "bound to the caller");
    }

    function testGameAndJudgeKnowTheSamePrograms() public {
        GameParams memory params = gameParams();
        address other = address(new ProgramsMock());
        params.steps = IOneStepVerifier(address(new OneStepMock(IProgramRegistry(other))));
        bytes4 selector = IDisputeGame.DisputeGameProgramsMismatch.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, other, address(programs)));
        this.create(params);
    }

    function testNothingIsPaidTwiceOrNowhere() public {
        bytes4 selector = IDisputeGame.DisputeGameNothingOwed.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.withdraw, (stranger)),
            abi.encodeWithSelector(selector, stranger)
        );
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.burn, ()),
            abi.encodeWithSelector(selector, disputes.BURN_ADDRESS())
        );
        selector = IDisputeGame.DisputeGameReceiverInvalid.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.withdraw, (address(0))),
            abi.encodeWithSelector(selector, address(0))
        );
    }

    function outOfRange(bytes32 name, uint256 actual, uint256 min, uint256 max) private pure returns (bytes memory) {
        bytes4 selector = IDisputeGame.DisputeGameParameterOutOfRange.selector;
        return abi.encodeWithSelector(selector, name, actual, min, max);
    }
}
