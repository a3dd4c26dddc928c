// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Game, Stage } from "../../../contracts/interfaces/compute/IDisputeGame.sol";
import { Claim } from "../../../contracts/interfaces/compute/IClaimDigests.sol";
import { JobStatus } from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { GameFixture } from "../../support/GameFixture.sol";
import { InvariantTargets } from "../../support/InvariantTargets.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Plays several games against a job's claims and parts at once, with time passing, honest and dishonest moves, silence, and
/// moves that come too late.
contract GameHandler is GameFixture {
    uint256 private constant MAX_GAMES = 6;

    uint256 public movesAfterTheEnd;
    uint256 public secondVerdicts;
    uint256 public lateMoves;

    mapping(uint256 gameId => uint256) private _openedAt;
    mapping(uint256 gameId => bool) private _isOver;

    function setUp() public override {
        if (address(jobs) == address(0)) super.setUp();
    }

    function start(uint8 who, bool withAccusation) external {
        if (disputes.gameCount() >= MAX_GAMES || jobs.job(jobId).status != JobStatus.Claimed) return;
        if (clock > jobs.claimFacts(jobId, jobs.job(jobId).claim.number).windowEndsAt) return;
        uint256 gameId = withAccusation ? challenge() : openBy(who % 2 == 0 ? stranger : opener);
        _openedAt[gameId] = clock;
    }

    function startPart(uint8 who) external {
        uint256 i = who % OPERATORS;
        if (disputes.gameCount() >= MAX_GAMES || !jobs.isCovering(jobId, operatorAt(i))) return;
        Claim memory part = partClaim(3);
        bytes memory signature = signPart(part, signerKeyAt(i));
        vm.prank(stranger);
        _openedAt[disputes.challengePart(part, signature, startRoot(1))] = clock;
    }

    /// @dev The honest move of whose turn it is, by whoever that is; of a proof, the verdict is drawn.
    function play(uint8 game_, uint32 wait, bool isFalse) external {
        uint256 gameId = choose(game_);
        if (gameId == 0) return;
        Game memory before = disputes.game(gameId);
        setClock(clock + (wait % 1 hours));
        if (before.stage >= Stage.Won) return probe(gameId);
        steps.setVerdict(0, isFalse ? int256(1) : int256(0));
        (address player, bytes memory data) = honestMove(gameId, before.stage);
        if (player == stranger) player = before.challenger;
        else player = before.author;
        bool isLate = clock > turnEndsAt(before);
        vm.prank(player);
        (bool ok, ) = address(disputes).call(data);
        if (ok && isLate) ++lateMoves;
        check(gameId);
    }

    function silence(uint8 game_, uint32 wait) external {
        uint256 gameId = choose(game_);
        setClock(clock + (wait % 8 hours));
        if (gameId == 0) return;
        (bool ok, ) = address(disputes).call(abi.encodeCall(disputes.claimTimeout, (gameId)));
        if (ok && _isOver[gameId]) ++secondVerdicts;
        check(gameId);
    }

    function end(uint8 game_, bool isVoid) external {
        uint256 gameId = choose(game_);
        if (gameId == 0) return;
        bytes memory data =
            isVoid ? abi.encodeCall(disputes.closeVoid, (gameId)) : abi.encodeCall(disputes.settle, (gameId));
        (bool ok, ) = address(disputes).call(data);
        if (ok && isVoid && _isOver[gameId]) ++secondVerdicts;
        check(gameId);
    }

    function claimAgain() external {
        if (jobs.job(jobId).status != JobStatus.Open || clock > jobs.job(jobId).params.deadline) return;
        if (jobs.job(jobId).lease.holder == address(0)) takeLease(jobId, 1);
        else setClock(jobs.job(jobId).lease.expiresAt);
        claimFiles();
    }

    function withdraw(uint8 who) external {
        address account =
            who % 3 == 0
                ? stranger
                : who % 3 == 1
                    ? opener
                    : operatorAt(who % OPERATORS);
        vm.prank(account);
        (bool ok, ) = address(disputes).call(abi.encodeCall(disputes.withdraw, (account)));
        if (!ok) return;
    }

    function burn() external {
        (bool ok, ) = address(disputes).call(abi.encodeCall(disputes.burn, ()));
        if (!ok) return;
    }

    function balanceWei() external view returns (uint256) {
        return token.balanceOf(address(disputes));
    }

    /// @notice Bonds of games that are not over, or won and not settled, and all that is owed.
    function liabilitiesWei() external view returns (uint256 sum) {
        for (uint256 id = 1; id <= disputes.gameCount(); ++id) {
            if (disputes.game(id).stage <= Stage.Won) sum += disputes.bondWei();
        }
        sum += disputes.owedWei(stranger) + disputes.owedWei(opener) + disputes.owedWei(disputes.BURN_ADDRESS());
        for (uint256 i = 0; i < OPERATORS; ++i) sum += disputes.owedWei(operatorAt(i));
    }

    /// @notice Games that count as open, by the contract and by their stages.
    function openGames() external view returns (uint256 counted, uint256 found) {
        for (uint32 number = 1; number <= jobs.job(jobId).claim.number; ++number) {
            counted += disputes.openGames(jobId, number);
        }
        for (uint256 i = 0; i < OPERATORS; ++i) counted += disputes.openPartGames(jobId, operatorAt(i));
        for (uint256 id = 1; id <= disputes.gameCount(); ++id) {
            if (disputes.game(id).stage <= Stage.Won) ++found;
        }
    }

    /// @notice Whether some turn could end later than the longest game does.
    function isOverlong() external view returns (bool) {
        for (uint256 id = 1; id <= disputes.gameCount(); ++id) {
            Game memory game_ = disputes.game(id);
            bool isRunning = game_.stage < Stage.Won;
            if (isRunning && turnEndsAt(game_) > _openedAt[id] + disputes.longestSeconds()) return true;
        }
        return false;
    }

    function stageOf(uint256 gameId) external view returns (Stage) {
        return disputes.game(gameId).stage;
    }

    /// @dev Nobody moves in a game that is over.
    function probe(uint256 gameId) private {
        for (uint256 stage = uint256(Stage.Free); stage < uint256(Stage.Won); ++stage) {
            if (Stage(stage) == Stage.Demanded) continue;
            (address player, bytes memory data) = honestMove(gameId, Stage(stage));
            vm.prank(player);
            (bool ok, ) = address(disputes).call(data);
            if (ok) ++movesAfterTheEnd;
        }
    }

    function check(uint256 gameId) private {
        if (disputes.game(gameId).stage < Stage.Won) return;
        _isOver[gameId] = true;
    }

    function turnEndsAt(Game memory game_) private pure returns (uint256) {
        bool isAuthors =
            game_.stage == Stage.Detail ||
                game_.stage == Stage.OpenSteps ||
                game_.stage == Stage.OpenRecord ||
                game_.stage == Stage.OpenTensor;
        return game_.turnStartedAt + (isAuthors ? game_.authorSeconds : game_.challengerSeconds);
    }

    /// @return 0 while there is no game
    function choose(uint8 game_) private view returns (uint256) {
        uint256 count = disputes.gameCount();
        return count == 0 ? 0 : 1 + (game_ % count);
    }
}

contract DisputeGameInvariantTest is InvariantTargets {
    GameHandler private games;

    function setUp() public {
        games = new GameHandler();
        games.setUp();
        handler = address(games);
    }

    function actions() public pure override returns (bytes4[] memory list) {
        list = new bytes4[](8);
        list[0] = GameHandler.start.selector;
        list[1] = GameHandler.startPart.selector;
        list[2] = GameHandler.play.selector;
        list[3] = GameHandler.silence.selector;
        list[4] = GameHandler.end.selector;
        list[5] = GameHandler.claimAgain.selector;
        list[6] = GameHandler.withdraw.selector;
        list[7] = GameHandler.burn.selector;
    }

    function testTheHandlerReachesEveryEnd() public {
        games.start(0, true);
        games.start(1, true);
        games.start(0, false);
        games.startPart(0);
        for (uint256 i = 0; i < 11; ++i) games.play(0, 60, true);
        require(games.stageOf(1) == Stage.Won, "won");
        for (uint256 i = 0; i < 11; ++i) games.play(1, 60, false);
        require(games.stageOf(2) == Stage.Lost, "lost");
        games.end(0, false);
        require(games.stageOf(1) == Stage.Settled, "settled");
        games.end(2, true);
        require(games.stageOf(3) == Stage.Void, "void");
        games.silence(3, 5 hours);
        require(games.stageOf(4) == Stage.Won, "silent author of a part");
        games.play(0, 0, true);
        games.claimAgain();
        invariant_bondsAndVerdictsAddUp();
    }

    /// @dev One function: every run of an invariant plays its own sequence of calls.
    /// hardhat-config: invariant.runs = 64
    function invariant_bondsAndVerdictsAddUp() public view {
        require(games.balanceWei() == games.liabilitiesWei(), "balance = live bonds + owed");
        (uint256 counted, uint256 found) = games.openGames();
        require(counted == found, "open games are counted");
        require(games.movesAfterTheEnd() == 0, "no move after the end");
        require(games.lateMoves() == 0, "no move after its turn");
        require(games.secondVerdicts() == 0, "one verdict a game");
        require(!games.isOverlong(), "no game outlasts its maximum");
    }
}
