// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Game, IDisputeGame, Roots, Stage } from "../../../contracts/interfaces/compute/IDisputeGame.sol";
import { JobStatus } from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { Execution, Operand, Spot } from "../../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { FileTreeLib, LeafOpening } from "../../../contracts/libraries/FileTreeLib.sol";
import { GameFixture } from "../../support/GameFixture.sol";
import { OneStepMock } from "../../support/OneStepMock.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { vm } from "../../support/Vm.sol";

/// @notice The way from an accusation to a verdict, and every move that is not on it.
contract DisputeGamePlayTest is GameFixture {
    uint256 private gameId;

    function setUp() public override {
        super.setUp();
        gameId = challenge();
    }

    function testTheWholeWayToAWonGame() public {
        require(disputes.game(gameId).place == keccak256(abi.encode(execution())), "the accused execution");
        playTo(gameId, Stage.Prove);
        Game memory game_ = disputes.game(gameId);
        require(game_.step == STEP && game_.steps == 100 && game_.operation == OPERATION, "step and operation");
        require(game_.leafIndex == 40 && game_.height == 3, "leaves");
        bytes32 node = nodesOf(tensorHashes(), 3, 5, 1)[0];
        require(game_.place == keccak256(abi.encode(trailOf(game_), node)), "the place of the leaves");

        Spot memory spot = Spot(uint32(STEP), OPERATION, roots.detailRoot, roots.recordRoot, roots.tensorRoot, 45);
        steps.expectCall(execution(), spot, TreeTool.leafOf(TENSOR_SEED, 45));
        steps.setVerdict(7, 8);
        vm.expectEmit(true, true, true, true, address(disputes));
        emit IDisputeGame.GameWon(gameId, stranger, author());
        move(stranger, proof(gameId, 5));
        requireStage(gameId, Stage.Won);
        requireEqual(disputes.openGames(jobId, 1), 1, "open until it is settled");
        require(jobs.job(jobId).status == JobStatus.Claimed, "the claim stands until then");
    }

    function testSettlingRefutesTheClaimAndReturnsTheBond() public {
        win();
        disputes.settle(gameId);
        requireStage(gameId, Stage.Settled);
        require(jobs.job(jobId).status == JobStatus.Open, "reopened");
        requireEqual(jobs.owedWei(stranger), 50, "half of the claim's bond");
        requireEqual(disputes.owedWei(stranger), BOND, "the challenger's own bond");
        requireEqual(disputes.openGames(jobId, 1), 0, "no longer open");
        vm.prank(stranger);
        disputes.withdraw(stranger);
        requireEqual(token.balanceOf(address(disputes)), 0, "nothing left");
        bytes4 selector = IDisputeGame.DisputeGameNotWon.selector;
        refuse(
            stranger,
            abi.encodeCall(disputes.settle, (gameId)),
            abi.encodeWithSelector(selector, gameId, Stage.Settled)
        );
    }

    function testAnEqualElementLosesTheBond() public {
        playTo(gameId, Stage.Prove);
        vm.expectEmit(true, true, true, true, address(disputes));
        emit IDisputeGame.GameLost(gameId, stranger, author());
        move(stranger, proof(gameId, 0));
        requireStage(gameId, Stage.Lost);
        requireEqual(disputes.owedWei(author()), 25, "half to the author");
        requireEqual(disputes.owedWei(disputes.BURN_ADDRESS()), 26, "half, rounded up, to be burnt");
        requireEqual(disputes.openGames(jobId, 1), 0, "closed");
        requireEqual(disputes.burn(), 26, "burnt");
        requireEqual(token.balanceOf(address(disputes)), 25, "the rest is owed");
        setClock(clock + 1 days + 1);
        jobs.accept(jobId);
    }

    function testAMalformedProofDecidesNothing() public {
        playTo(gameId, Stage.Prove);
        steps.setMalformed(true);
        refuse(stranger, proof(gameId, 0), abi.encodeWithSelector(OneStepMock.OneStepMockMalformed.selector));
        steps.setMalformed(false);
        LeafOpening memory opening = leafOpening(0);
        opening.leaf = TreeTool.leafOf(TENSOR_SEED, 41);
        bytes4 selector = IDisputeGame.DisputeGamePlaceMismatch.selector;
        refusePartly(stranger, proofOf(0, opening), selector);
        refusePartly(stranger, proofOf(1, leafOpening(0)), selector);
        selector = IDisputeGame.DisputeGameIndexOutOfRange.selector;
        refuse(stranger, proofOf(8, leafOpening(0)), abi.encodeWithSelector(selector, 8, 8));
        selector = IDisputeGame.DisputeGameLength.selector;
        opening.leaf = new bytes(255);
        refuse(stranger, proofOf(0, opening), abi.encodeWithSelector(selector, 255, 256));
        opening = LeafOpening(leafOpening(0).leaf, new bytes32[](2));
        refuse(stranger, proofOf(0, opening), abi.encodeWithSelector(selector, 2, 3));
    }

    function testOnlyWhoseTurnItIsMoves() public {
        bytes4 selector = IDisputeGame.DisputeGameNotPlayer.selector;
        Stage stage = Stage.Detail;
        while (stage != Stage.Won) {
            (address player, bytes memory data) = honestMove(gameId, stage);
            address other = player == stranger ? author() : stranger;
            refuse(other, data, abi.encodeWithSelector(selector, gameId, other, player));
            refuse(opener, data, abi.encodeWithSelector(selector, gameId, opener, player));
            steps.setVerdict(1, 2);
            move(player, data);
            stage = disputes.game(gameId).stage;
        }
    }

    function testEveryMoveHasItsStage() public {
        Stage[8] memory stages = [
            Stage.Free,
            Stage.Detail,
            Stage.OpenSteps,
            Stage.PickStep,
            Stage.OpenRecord,
            Stage.PickOperation,
            Stage.PickLeaves,
            Stage.Prove
        ];
        bytes4 selector = IDisputeGame.DisputeGameWrongStage.selector;
        Stage at = Stage.Detail;
        while (at != Stage.Won) {
            for (uint256 i = 0; i < stages.length; ++i) {
                bool isPick = at == Stage.PickStep || at == Stage.PickLeaves;
                bool isOpening = at == Stage.OpenSteps || at == Stage.OpenTensor;
                if (stages[i] == at || (isPick && (i == 3 || i == 6)) || (isOpening && i == 2)) continue;
                Stage expected = stages[i] == Stage.PickLeaves ? Stage.PickStep : stages[i];
                bytes memory data = moveFor(stages[i]);
                refuse(
                    at == Stage.Free ? stranger : author(),
                    data,
                    abi.encodeWithSelector(selector, gameId, at, expected)
                );
            }
            steps.setVerdict(1, 2);
            playOn();
            at = disputes.game(gameId).stage;
        }
        for (uint256 i = 0; i < stages.length; ++i) {
            Stage expected = stages[i] == Stage.PickLeaves ? Stage.PickStep : stages[i];
            refuse(stranger, moveFor(stages[i]), abi.encodeWithSelector(selector, gameId, Stage.Won, expected));
        }
    }

    function testNothingStandsBehindTheLastStep() public {
        refusePadding(100, 2, 25);
        refusePadding(111, 3, 13);
        refusePadding(127, 4, 7);
    }

    /// @param level Where the way of the last step passes the padding
    function refusePadding(uint256 leafIndex, uint256 level, uint256 node) private {
        bytes32[] memory hashes = detailHashes();
        hashes[leafIndex] = keccak256("something");
        LeafOpening memory last = LeafOpening(lastRecord(), TreeTool.path(hashes, 99, 1));
        refuse(
            author(),
            abi.encodeCall(disputes.postDetail, (gameId, execution(), TreeTool.root(hashes), last)),
            abi.encodeWithSelector(
                IDisputeGame.DisputeGameNotPadded.selector,
                nodesOf(hashes, level, node, 1)[0],
                FileTreeLib.zeroSubtree(level)
            )
        );
    }

    function testMovesNeedTheAccusedExecution() public {
        Execution memory other = execution();
        other.outputRoot = keccak256("another output");
        bytes4 selector = IDisputeGame.DisputeGamePlaceMismatch.selector;
        refuse(
            author(),
            abi.encodeCall(disputes.postDetail, (gameId, other, roots.detailRoot, lastOpening())),
            abi.encodeWithSelector(selector, keccak256(abi.encode(other)), keccak256(abi.encode(execution())))
        );
        playTo(gameId, Stage.OpenRecord);
        refusePartly(
            author(),
            abi.encodeCall(disputes.openRecord, (gameId, other, roots.detailRoot, record())),
            selector
        );
        playTo(gameId, Stage.PickOperation);
        LeafOpening memory opening = LeafOpening(record(), new bytes32[](0));
        refusePartly(
            stranger,
            abi.encodeCall(disputes.pickOperation, (gameId, other, roots.detailRoot, OPERATION, opening)),
            selector
        );
        playTo(gameId, Stage.Prove);
        refusePartly(stranger, proofWith(other, roots), selector);
    }

    function testMovesNeedTheRootsOfTheWay() public {
        bytes4 selector = IDisputeGame.DisputeGamePlaceMismatch.selector;
        bytes32 wrong = keccak256("another root");
        playTo(gameId, Stage.OpenRecord);
        refusePartly(author(), abi.encodeCall(disputes.openRecord, (gameId, execution(), wrong, record())), selector);
        playTo(gameId, Stage.PickOperation);
        LeafOpening memory opening = LeafOpening(record(), new bytes32[](0));
        refusePartly(
            stranger,
            abi.encodeCall(disputes.pickOperation, (gameId, execution(), wrong, OPERATION, opening)),
            selector
        );
        playTo(gameId, Stage.Prove);
        refusePartly(stranger, proofWith(execution(), Roots(wrong, roots.recordRoot, roots.tensorRoot)), selector);
        refusePartly(stranger, proofWith(execution(), Roots(roots.detailRoot, wrong, roots.tensorRoot)), selector);
        refusePartly(stranger, proofWith(execution(), Roots(roots.detailRoot, roots.recordRoot, wrong)), selector);
        // Nor may one root stand for two.
        refusePartly(
            stranger,
            proofWith(execution(), Roots(roots.recordRoot, roots.detailRoot, roots.tensorRoot)),
            selector
        );
    }

    function testOpeningsAndPicksNeedTheTrail() public {
        Stage stage = Stage.Detail;
        while (stage != Stage.Prove) {
            Game memory game_ = disputes.game(gameId);
            bytes32 trail = trailOf(game_) ^ bytes32(uint256(1));
            bytes memory data;
            if (stage == Stage.OpenSteps || (stage == Stage.OpenTensor && game_.height > 3)) {
                data = abi.encodeCall(disputes.openNodes, (gameId, trail, childrenOf(game_)));
            } else if (stage == Stage.OpenTensor) {
                data = abi.encodeCall(disputes.openLeaves, (gameId, trail, leavesAt(game_.leafIndex)));
            } else if (stage == Stage.PickStep || stage == Stage.PickLeaves) {
                bytes32[] memory children = childrenOf(game_);
                bytes32[] memory path = TreeTool.path(children, 1, 1);
                data = abi.encodeCall(disputes.pickNode, (gameId, trail, 1, children[1], path));
            }
            (address player, ) = honestMove(gameId, stage);
            if (data.length > 0) refusePartly(player, data, IDisputeGame.DisputeGamePlaceMismatch.selector);
            playOn();
            stage = disputes.game(gameId).stage;
        }
    }

    function testTheDetailEndsWithTheOutput() public {
        bytes32[] memory hashes = detailHashes();
        bytes memory wrong = lastRecord();
        wrong[255] ^= 0x01;
        hashes[99] = keccak256(wrong);
        LeafOpening memory opening = LeafOpening(wrong, TreeTool.path(hashes, 99, 1));
        bytes32 state = endRoot(1, 1) ^ bytes32(uint256(1));
        refuse(
            author(),
            abi.encodeCall(disputes.postDetail, (gameId, execution(), TreeTool.root(hashes), opening)),
            abi.encodeWithSelector(IDisputeGame.DisputeGameStateMismatch.selector, state, endRoot(1, 1))
        );
        // The last step of the padding is not the last step.
        hashes = detailHashes();
        hashes[127] = keccak256(lastRecord());
        opening = LeafOpening(lastRecord(), TreeTool.path(hashes, 127, 1));
        refusePartly(
            author(),
            abi.encodeCall(disputes.postDetail, (gameId, execution(), TreeTool.root(hashes), opening)),
            FileTreeLib.FileTreeRootMismatch.selector
        );
    }

    function testOpenedNodesLeadToTheirParent() public {
        playTo(gameId, Stage.OpenSteps);
        bytes32[] memory children = childrenOf(disputes.game(gameId));
        children[15] = keccak256("another");
        refusePartly(
            author(),
            abi.encodeCall(disputes.openNodes, (gameId, trailNow(), children)),
            IDisputeGame.DisputeGamePlaceMismatch.selector
        );
        bytes4 selector = IDisputeGame.DisputeGameLength.selector;
        children = nodesOf(detailHashes(), 4, 0, 8);
        refuse(
            author(),
            abi.encodeCall(disputes.openNodes, (gameId, trailNow(), children)),
            abi.encodeWithSelector(selector, 8, 16)
        );
        children = nodesOf(detailHashes(), 0, 0, 128);
        refuse(
            author(),
            abi.encodeCall(disputes.openNodes, (gameId, trailNow(), children)),
            abi.encodeWithSelector(selector, 128, 16)
        );
    }

    function testAPickLeadsToTheNodeThatWasOpened() public {
        playTo(gameId, Stage.PickStep);
        bytes32[] memory children = childrenOf(disputes.game(gameId));
        bytes32[] memory path = TreeTool.path(children, 5, 1);
        bytes4 selector = IDisputeGame.DisputeGamePlaceMismatch.selector;
        refusePartly(stranger, pickOf(gameId, 5, children[6], path), selector);
        refusePartly(stranger, pickOf(gameId, 4, children[5], path), selector);
        selector = IDisputeGame.DisputeGameIndexOutOfRange.selector;
        refuse(stranger, pickOf(gameId, 16 + 5, children[5], path), abi.encodeWithSelector(selector, 21, 16));
        // A sibling of two levels is no way for one child.
        bytes32[] memory shorter = TreeTool.path(nodesOf(detailHashes(), 4, 0, 8), 2, 1);
        refuse(
            stranger,
            pickOf(gameId, 2, nodesOf(detailHashes(), 4, 2, 1)[0], shorter),
            abi.encodeWithSelector(IDisputeGame.DisputeGameLength.selector, 3, 4)
        );
    }

    function testNoStepBehindTheLastIsPicked() public {
        playTo(gameId, Stage.PickStep);
        bytes4 selector = IDisputeGame.DisputeGameIndexOutOfRange.selector;
        refuse(stranger, pickChild(13), abi.encodeWithSelector(selector, 104, 100));
        move(stranger, pickChild(12));
        playOn();
        refuse(stranger, pickChild(4), abi.encodeWithSelector(selector, 100, 100));
        move(stranger, pickChild(3));
        requireEqual(disputes.game(gameId).step, 99, "the last step");
    }

    function testARecordIsWhole() public {
        playTo(gameId, Stage.OpenRecord);
        bytes4 selector = IDisputeGame.DisputeGameLength.selector;
        bytes memory longer = abi.encodePacked(record(), new bytes(256));
        refuse(
            author(),
            abi.encodeCall(disputes.openRecord, (gameId, execution(), roots.detailRoot, longer)),
            abi.encodeWithSelector(selector, 512, 256)
        );
        bytes memory wrong = record();
        wrong[32] ^= 0x01;
        refusePartly(
            author(),
            abi.encodeCall(disputes.openRecord, (gameId, execution(), roots.detailRoot, wrong)),
            IDisputeGame.DisputeGamePlaceMismatch.selector
        );
    }

    function testNoNodesAreOpenedWhereLeavesAre() public {
        playTo(gameId, Stage.PickLeaves);
        playOn();
        bytes4 selector = IDisputeGame.DisputeGameHeight.selector;
        bytes32[] memory one = nodesOf(tensorHashes(), 3, 5, 1);
        refuse(
            author(),
            abi.encodeCall(disputes.openNodes, (gameId, trailNow(), one)),
            abi.encodeWithSelector(selector, gameId, 3)
        );
        bytes memory leaves = leavesAt(40);
        leaves[300] ^= 0x01;
        refusePartly(
            author(),
            abi.encodeCall(disputes.openLeaves, (gameId, trailNow(), leaves)),
            IDisputeGame.DisputeGamePlaceMismatch.selector
        );
        selector = IDisputeGame.DisputeGameLength.selector;
        refuse(
            author(),
            abi.encodeCall(disputes.openLeaves, (gameId, trailNow(), new bytes(256))),
            abi.encodeWithSelector(selector, 256, 2048)
        );
    }

    function testNoLeavesAreOpenedTooHigh() public {
        playTo(gameId, Stage.OpenTensor);
        refuse(
            author(),
            abi.encodeCall(disputes.openLeaves, (gameId, trailNow(), leavesAt(0))),
            abi.encodeWithSelector(IDisputeGame.DisputeGameHeight.selector, gameId, 9)
        );
    }

    function testOperationsAreThoseOfTheSection() public {
        playTo(gameId, Stage.PickOperation);
        LeafOpening memory opening = LeafOpening(record(), new bytes32[](0));
        refuse(
            stranger,
            abi.encodeCall(disputes.pickOperation, (gameId, execution(), roots.detailRoot, 4, opening)),
            abi.encodeWithSelector(IDisputeGame.DisputeGameIndexOutOfRange.selector, 4, 4)
        );
        opening.leaf = lastRecord();
        refusePartly(
            stranger,
            abi.encodeCall(disputes.pickOperation, (gameId, execution(), roots.detailRoot, OPERATION, opening)),
            IDisputeGame.DisputeGamePlaceMismatch.selector
        );
    }

    function testASmallTensorIsShownAtOnce() public {
        playTo(gameId, Stage.PickOperation);
        LeafOpening memory opening = LeafOpening(record(), new bytes32[](0));
        move(stranger, abi.encodeCall(disputes.pickOperation, (gameId, execution(), roots.detailRoot, 0, opening)));
        Game memory game_ = disputes.game(gameId);
        require(game_.stage == Stage.OpenTensor && game_.height == 0, "one leaf");
        bytes32 root = keccak256("slot 0");
        bytes32 steps_ = keccak256(abi.encode(keccak256(abi.encode(execution())), roots.detailRoot));
        bytes32 below = keccak256(abi.encode(keccak256(abi.encode(steps_, keccak256(record()))), root));
        require(game_.place == keccak256(abi.encode(below, root)), "its root is the node");
    }

    function testMovesCanBeBundled() public {
        playTo(gameId, Stage.Prove);
        steps.setVerdict(1, 2);
        bytes[] memory calls = new bytes[](2);
        calls[0] = proof(gameId, 5);
        calls[1] = abi.encodeCall(disputes.settle, (gameId));
        vm.prank(stranger);
        disputes.multicall(calls);
        requireStage(gameId, Stage.Settled);
    }

    function win() private {
        playTo(gameId, Stage.Prove);
        steps.setVerdict(7, 8);
        move(stranger, proof(gameId, 5));
    }

    function playOn() private {
        (bool ok, ) = moveOf(gameId, disputes.game(gameId).stage);
        require(ok, "honest move");
    }

    function move(address player, bytes memory data) private {
        vm.prank(player);
        (bool ok, bytes memory result) = address(disputes).call(data);
        require(ok, string(result));
    }

    function pickChild(uint256 index) private view returns (bytes memory) {
        bytes32[] memory children = childrenOf(disputes.game(gameId));
        return pickOf(gameId, index, children[index], TreeTool.path(children, index, 1));
    }

    function trailNow() private view returns (bytes32) {
        return trailOf(disputes.game(gameId));
    }

    function proofWith(Execution memory other, Roots memory named) private view returns (bytes memory) {
        return abi.encodeCall(disputes.prove, (gameId, other, named, 5, 3, leafOpening(5), new Operand[](0)));
    }

    function moveFor(Stage stage) private view returns (bytes memory data) {
        if (stage == Stage.OpenSteps) return abi.encodeCall(disputes.openNodes, (gameId, 0, new bytes32[](64)));
        if (stage == Stage.PickStep || stage == Stage.PickLeaves) {
            return abi.encodeCall(disputes.pickNode, (gameId, 0, 0, 0, new bytes32[](0)));
        }
        (, data) = honestMove(gameId, stage);
    }

    function proofOf(uint256 leaf, LeafOpening memory opening) private view returns (bytes memory) {
        return abi.encodeCall(disputes.prove, (gameId, execution(), roots, leaf, 3, opening, new Operand[](0)));
    }

    function refuse(address from, bytes memory data, bytes memory expected) private {
        requireRefusedMove(from, data, expected);
    }

    function refusePartly(address from, bytes memory data, bytes4 selector) private {
        bytes32 before = gamesHash();
        vm.prank(from);
        (bool ok, bytes memory actual) = address(disputes).call(data);
        require(!ok && bytes4(actual) == selector, "refused with this error");
        require(gamesHash() == before, "a refused move changed the state");
    }
}
