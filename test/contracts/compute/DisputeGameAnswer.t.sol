// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Claim } from "../../../contracts/interfaces/compute/IClaimDigests.sol";
import { Game, GameSubject, IDisputeGame, Roots, Stage } from "../../../contracts/interfaces/compute/IDisputeGame.sol";
import { Execution, Operand } from "../../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { IProgramRegistry } from "../../../contracts/interfaces/compute/IProgramRegistry.sol";
import { FileTreeLib, LeafOpening } from "../../../contracts/libraries/FileTreeLib.sol";
import { Extent, Role, Section } from "../../../contracts/libraries/ProgramLib.sol";
import { GameFixture } from "../../support/GameFixture.sol";
import { ProgramTool } from "../../support/ProgramTool.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Games against signed answers of a program with one operation, whose output is one leaf.
contract DisputeGameAnswerTest is GameFixture {
    bytes32 private constant ANSWERING = keccak256("answering program");
    bytes32 private constant WEIGHTS = keccak256("weights of the answer");
    bytes32 private constant QUERY = keccak256("query");
    uint256 private constant LEAF_SEED = 99;

    function setUp() public override {
        super.setUp();
        ProgramTool.Tensor[] memory tensors = new ProgramTool.Tensor[](2);
        tensors[0] = ProgramTool.Tensor(ProgramTool.U8, Role.Query, Section.Infer, 0, Extent.Static, 1, 64);
        tensors[1] = ProgramTool.Tensor(ProgramTool.I32, Role.Computed, Section.Infer, 1, Extent.Static, 1, 1);
        ProgramTool.Operation[] memory operations = new ProgramTool.Operation[](1);
        operations[0] = ProgramTool.Operation(11, Section.Infer, 1);
        programs.set(ANSWERING, ProgramTool.head(1, 1, 1, tensors, operations), 3);
    }

    function testALyingAnswerLoses() public {
        uint256 gameId = challengeAnswer();
        Game memory game_ = disputes.game(gameId);
        require(game_.subject == GameSubject.Answer && game_.jobId == 0 && game_.claimNumber == 0, "subject");
        require(game_.author == operatorAt(1) && game_.challenger == stranger, "players");
        require(game_.stage == Stage.Detail && game_.steps == 1 && game_.capturedAt == clock, "from here on");
        require(game_.place == keccak256(abi.encode(inference())), "execution");
        require(disputes.answerDigestOf(gameId) == jobs.claimDigest(answer()), "digest");

        playToProof(gameId);
        steps.setVerdict(7, 8);
        prove(gameId);
        requireStage(gameId, Stage.Won);
        uint32 serviceId = jobs.serviceId();
        (address operator, bytes32 key, uint48 capturedAt, uint64 wad, address beneficiary) = disputes.verify(
            serviceId,
            abi.encode(gameId)
        );
        require(operator == operatorAt(1) && beneficiary == stranger, "who loses, who wins");
        require(key == keccak256(abi.encode("answer", jobs.claimDigest(answer()))), "one offence an answer");
        require(capturedAt == game_.capturedAt, "as of the opening");
        requireEqual(wad, 333e15, "333 of 1,000");
        staking.setOperator(operatorAt(1), vm.addr(signerKeyAt(1)), ANSWER_STAKE);
        (, , , wad, ) = disputes.verify(serviceId, abi.encode(gameId));
        requireEqual(wad, 1e18, "all that there is");
        disputes.settle(gameId);
        requireEqual(disputes.owedWei(stranger), BOND, "bond back");
        require(jobs.isClaimLive(jobId, 1), "no claim is touched");
    }

    function testAnHonestAnswerWins() public {
        uint256 gameId = challengeAnswer();
        playToProof(gameId);
        prove(gameId);
        requireStage(gameId, Stage.Lost);
        requireEqual(disputes.owedWei(operatorAt(1)), BOND / 2, "half of the challenger's bond");
    }

    function testASilentOperatorLoses() public {
        uint256 gameId = challengeAnswer();
        setClock(clock + BUDGET + 1);
        disputes.claimTimeout(gameId);
        requireStage(gameId, Stage.Won);
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.closeVoid, (gameId)),
            abi.encodeWithSelector(IDisputeGame.DisputeGameOver.selector, gameId, Stage.Won)
        );
    }

    function testOnlyWhatAMemberSigned() public {
        Claim memory claim_ = answer();
        bytes4 selector = IDisputeGame.DisputeGameNotOperator.selector;
        refuseAnswer(claim_, signPart(claim_, 0xBEEF), abi.encodeWithSelector(selector, vm.addr(0xBEEF)));
        refuseAnswer(claim_, "", abi.encodeWithSelector(selector, address(0)));
        staking.setMemberSince(operatorAt(1), uint48(clock + 1));
        selector = IDisputeGame.DisputeGameNotMember.selector;
        refuseAnswer(claim_, signPart(claim_, signerKeyAt(1)), abi.encodeWithSelector(selector, operatorAt(1)));
    }

    function testTheClaimIsAnAnswer() public {
        Claim memory claim_ = answer();
        claim_.kind = 1;
        refuseField(claim_, mismatch("kind", bytes32(uint256(1)), bytes32(uint256(2))));
        claim_ = answer();
        claim_.job = jobId;
        refuseField(claim_, mismatch("job", bytes32(jobId), 0));
        claim_ = answer();
        claim_.index = 5;
        refuseField(claim_, mismatch("index", bytes32(uint256(5)), 0));
        claim_ = answer();
        claim_.traceRoot = keccak256("trace");
        refuseField(claim_, mismatch("traceRoot", claim_.traceRoot, 0));
        claim_ = answer();
        claim_.inputsRoot = keccak256("inputs");
        refuseField(claim_, mismatch("inputsRoot", claim_.inputsRoot, answer().inputsRoot));
        claim_ = answer();
        claim_.program = keccak256("nobody registered this");
        refuseField(claim_, abi.encodeWithSelector(IProgramRegistry.ProgramRegistryUnknown.selector, claim_.program));
        claim_.program = PROGRAM_ROOT;
        bytes4 selector = IDisputeGame.DisputeGameNoExecution.selector;
        refuseField(claim_, abi.encodeWithSelector(selector, Section.Infer, 0, 0));
    }

    function answer() private pure returns (Claim memory) {
        bytes32[] memory inputs = new bytes32[](2);
        (inputs[0], inputs[1]) = (WEIGHTS, QUERY);
        return Claim(2, 0, 0, ANSWERING, FileTreeLib.rootList(inputs), keccak256(leaf()), 0);
    }

    function inference() private pure returns (Execution memory accused) {
        accused.program = ANSWERING;
        accused.section = Section.Infer;
        accused.inputRoot = WEIGHTS;
        accused.dataRoots[0] = QUERY;
        accused.outputRoot = keccak256(leaf());
    }

    function leaf() private pure returns (bytes memory) {
        return TreeTool.leafOf(LEAF_SEED, 0);
    }

    /// @notice One record: the output, zeros, the state, which is the output.
    function detail() private pure returns (bytes memory) {
        return abi.encodePacked(keccak256(leaf()), new bytes(192), keccak256(leaf()));
    }

    function challengeAnswer() private returns (uint256) {
        bytes memory signature = signPart(answer(), signerKeyAt(1));
        vm.prank(stranger);
        return disputes.challengeAnswer(answer(), signature, WEIGHTS, QUERY);
    }

    function playToProof(uint256 gameId) private {
        LeafOpening memory opening = LeafOpening(detail(), new bytes32[](0));
        vm.prank(operatorAt(1));
        disputes.postDetail(gameId, inference(), keccak256(detail()), opening);
        vm.prank(operatorAt(1));
        disputes.openRecord(gameId, inference(), keccak256(detail()), detail());
        vm.prank(stranger);
        disputes.pickOperation(gameId, inference(), keccak256(detail()), 0, opening);
        bytes32 trail = keccak256(abi.encode(keccak256(abi.encode(inference())), keccak256(detail())));
        trail = keccak256(abi.encode(keccak256(abi.encode(trail, keccak256(detail()))), keccak256(leaf())));
        vm.prank(operatorAt(1));
        disputes.openLeaves(gameId, trail, leaf());
    }

    function prove(uint256 gameId) private {
        vm.prank(stranger);
        Roots memory roots = Roots(keccak256(detail()), keccak256(detail()), keccak256(leaf()));
        LeafOpening memory opening = LeafOpening(leaf(), new bytes32[](0));
        disputes.prove(gameId, inference(), roots, 0, 0, opening, new Operand[](0));
    }

    function mismatch(bytes32 field, bytes32 actual, bytes32 expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDisputeGame.DisputeGamePartMismatch.selector, field, actual, expected);
    }

    function refuseField(Claim memory claim_, bytes memory expected) private {
        refuseAnswer(claim_, signPart(claim_, signerKeyAt(1)), expected);
    }

    function refuseAnswer(Claim memory claim_, bytes memory signature, bytes memory expected) private {
        bytes memory data = abi.encodeCall(disputes.challengeAnswer, (claim_, signature, WEIGHTS, QUERY));
        requireRefusedMove(stranger, data, expected);
    }
}
