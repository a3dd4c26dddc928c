// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { DisputeGame } from "../../contracts/compute/DisputeGame.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { Claim } from "../../contracts/interfaces/compute/IClaimDigests.sol";
import { Accusation, Game, GameParams, Roots, Stage } from "../../contracts/interfaces/compute/IDisputeGame.sol";
import { Outputs } from "../../contracts/interfaces/compute/IJobRegistry.sol";
import { Execution, IOneStepVerifier, Operand } from "../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { IProgramRegistry } from "../../contracts/interfaces/compute/IProgramRegistry.sol";
import { ISubjectReader } from "../../contracts/interfaces/compute/ISubjectReader.sol";
import { FileTreeLib, LeafOpening } from "../../contracts/libraries/FileTreeLib.sol";
import { Section } from "../../contracts/libraries/ProgramLib.sol";
import { GameProgram } from "./GameProgram.sol";
import { JobFixture } from "./JobFixture.sol";
import { OneStepMock } from "./OneStepMock.sol";
import { TreeTool } from "./TreeTool.sol";
import { deployArtifact } from "./Deploy.sol";
import { vm } from "./Vm.sol";

/// @notice A real game over the job fixture: one job of three rounds of two parts, claimed with files that are what they must be,
/// and the detail file of one of its parts. Elements are judged by a mock.
abstract contract GameFixture is JobFixture {
    uint256 internal constant BOND = 51;
    uint32 internal constant BUDGET = 4 hours;
    uint32 internal constant EXTENSION = 10 minutes;
    uint256 internal constant ANSWER_STAKE = 333;
    uint256 internal constant ROUNDS = 3;
    uint256 internal constant PARTS = 2;
    uint256 internal constant SLOTS = 4;
    uint256 internal constant FIRST_OPERATOR = DATASET_ACCOUNTS + 1;
    /// @dev The step whose record, and the operation whose tensor, the detail file holds in full.
    uint256 internal constant STEP = 70;
    uint16 internal constant OPERATION = 3;
    uint256 internal constant TENSOR_LEAVES = 512;
    uint256 internal constant TENSOR_SEED = 7;

    DisputeGame internal disputes;
    OneStepMock internal steps;
    ISubjectReader internal subjects;
    uint256 internal jobId;
    Outputs internal outputs;
    /// @dev Of the detail, worked out once.
    Roots internal roots;
    bytes internal traceFile;
    bytes internal creditsFile;
    bytes internal accountsFile;
    bytes internal roundsFile;

    function createGame() internal override returns (address) {
        steps = new OneStepMock(IProgramRegistry(address(programs)));
        subjects = ISubjectReader(deployArtifact("compute", "SubjectReader", abi.encode(programs, ANSWER_STAKE)));
        GameParams memory params = gameParams();
        disputes = DisputeGame(deployArtifact("compute", "DisputeGame", abi.encode(params)));
        return address(disputes);
    }

    function datasetRoot(uint256 file) internal override returns (bytes32) {
        return file == 3 ? FileTreeLib.fileRoot(datasetAccounts()) : super.datasetRoot(file);
    }

    function setUp() public virtual override {
        super.setUp();
        jobId = ledJob();
        address[5] memory players = [stranger, opener, operatorAt(0), operatorAt(1), operatorAt(2)];
        for (uint256 i = 0; i < players.length; ++i) {
            vm.prank(players[i]);
            token.approve(address(disputes), type(uint256).max);
        }
        roots = Roots(TreeTool.root(detailHashes()), keccak256(record()), TreeTool.root(tensorHashes()));
        makeFiles();
        claimFiles();
    }

    function gameParams() internal view returns (GameParams memory) {
        return
            GameParams({
                token: IERC20(address(token)),
                programs: IProgramRegistry(address(programs)),
                steps: IOneStepVerifier(address(steps)),
                bondWei: BOND,
                budgetSeconds: BUDGET,
                extensionSeconds: EXTENSION,
                subjects: subjects
            });
    }

    // Files of the claim

    function makeFiles() internal {
        traceFile = "";
        bytes memory starts;
        bytes memory entries;
        for (uint256 r = 0; r < ROUNDS; ++r) {
            traceFile = abi.encodePacked(traceFile, startRoot(r), endRoot(r, 0), endRoot(r, 1), bytes32(0));
            starts = abi.encodePacked(starts, weightsFile(r));
        }
        traceFile = abi.encodePacked(traceFile, startRoot(ROUNDS));
        creditsFile = new bytes(256);
        for (uint256 i = 0; i < ROUNDS * PARTS; ++i) {
            creditsFile[4 * i] = bytes1(uint8(FIRST_OPERATOR + (i % OPERATORS)));
            entries = abi.encodePacked(entries, entryOf(i, i % OPERATORS, i % OPERATORS));
        }
        roundsFile = abi.encodePacked(starts, entries);
        accountsFile = abi.encodePacked(datasetAccounts(), abi.encode(opener));
        for (uint256 i = 0; i < OPERATORS; ++i)
            accountsFile = abi.encodePacked(accountsFile, abi.encode(operatorAt(i)));
    }

    /// @notice Claims the files as they are now; a test may have altered them.
    function claimFiles() internal {
        outputs = Outputs({
            weightsRoot: startRoot(ROUNDS),
            allocationRoot: keccak256("allocation"),
            traceRoot: FileTreeLib.fileRoot(traceFile),
            creditsRoot: FileTreeLib.fileRoot(creditsFile),
            accountsRoot: FileTreeLib.fileRoot(accountsFile),
            roundsRoot: FileTreeLib.fileRoot(roundsFile),
            accountCount: uint32(FIRST_OPERATOR + OPERATORS)
        });
        claimOutputs();
    }

    function claimOutputs() internal {
        uint64[6] memory submissions = [
            addFile(outputs.weightsRoot, GameProgram.WEIGHTS_BYTES),
            addFile(outputs.allocationRoot, 256),
            addFile(outputs.traceRoot, (ROUNDS * SLOTS + 1) * 32),
            addFile(outputs.creditsRoot, 256),
            addFile(outputs.accountsRoot, (FIRST_OPERATOR + OPERATORS) * 32),
            addFile(outputs.roundsRoot, ROUNDS * (GameProgram.WEIGHTS_BYTES + PARTS * 256))
        ];
        address holder = jobs.job(jobId).lease.holder;
        bytes memory signature = signOutputs(jobId, outputs, signerKeyAt(holder == operatorAt(0) ? 0 : 1));
        vm.prank(holder);
        jobs.claim(jobId, outputs, submissions, signature);
    }

    /// @notice Brings down the live claim, and claims the files as they are now under the next number.
    function reclaim() internal {
        uint32 number = jobs.job(jobId).claim.number;
        vm.prank(address(disputes));
        jobs.refute(jobId, number, stranger);
        takeLease(jobId, 1);
        claimFiles();
    }

    function datasetAccounts() internal pure returns (bytes memory) {
        return abi.encode(address(0xDA7A0), address(0xDA7A1), address(0xDA7A2));
    }

    /// @notice The weights that a round starts from; of the round behind the last one, the final ones.
    function weightsFile(uint256 round) internal pure returns (bytes memory file) {
        for (uint256 i = 0; i < 3; ++i) file = abi.encodePacked(file, TreeTool.leafOf(1_000 + round, i));
    }

    function startRoot(uint256 round) internal pure returns (bytes32) {
        return FileTreeLib.fileRoot(weightsFile(round));
    }

    /// @notice The end of the part whose detail is known is what its last step leaves.
    function endRoot(uint256 round, uint256 part) internal pure returns (bytes32) {
        return keccak256(abi.encode("end", round, part));
    }

    function partClaim(uint256 index) internal view returns (Claim memory) {
        bytes32[] memory inputs = new bytes32[](2);
        inputs[0] = startRoot(index / PARTS);
        inputs[1] = datasets.rootOf(datasetId);
        bytes32 end = endRoot(index / PARTS, index % PARTS);
        return Claim(1, jobId, index, PROGRAM_ROOT, FileTreeLib.rootList(inputs), end, 0);
    }

    function signPart(Claim memory part, uint256 key) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, jobs.claimDigest(part));
        return abi.encodePacked(r, s, v);
    }

    /// @notice The leaf that backs a credit.
    /// @param named Which operator it names
    /// @param signing Which operator's signer signed
    function entryOf(uint256 index, uint256 named, uint256 signing) internal view returns (bytes memory) {
        bytes memory signature = signPart(partClaim(index), signerKeyAt(signing));
        return abi.encodePacked(signature, operatorAt(named), new bytes(256 - 85));
    }

    /// @notice A leaf of a file, and the way up.
    function openFile(bytes memory file, uint256 leafIndex) internal pure returns (LeafOpening memory opening) {
        uint256 count = FileTreeLib.paddedLeafCount(file.length);
        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) hashes[i] = keccak256(leafAt(file, i));
        return LeafOpening(leafAt(file, leafIndex), TreeTool.path(hashes, leafIndex, 1));
    }

    function leafAt(bytes memory file, uint256 leafIndex) internal pure returns (bytes memory leaf) {
        leaf = new bytes(256);
        for (uint256 i = 0; i < 256 && leafIndex * 256 + i < file.length; ++i) leaf[i] = file[leafIndex * 256 + i];
    }

    function openTrace(uint256 slot) internal view returns (LeafOpening memory) {
        return openFile(traceFile, slot / 8);
    }

    // The detail of part 1 of round 1

    function accusation() internal view returns (Accusation memory) {
        return accusationOf(Section.Step, 1, 1);
    }

    function accusationOf(
        Section section,
        uint32 round,
        uint32 part
    ) internal view returns (Accusation memory accused) {
        accused.section = section;
        (accused.round, accused.part) = (round, part);
        if (section == Section.Init) accused.end = openTrace(0);
        if (section == Section.Average) accused.end = openTrace((round + 1) * SLOTS);
        if (section == Section.Step) {
            accused.start = openTrace(round * SLOTS);
            if ((round * SLOTS) / 8 != (round * SLOTS + 1 + part) / 8)
                accused.end = openTrace(round * SLOTS + 1 + part);
        }
    }

    function execution() internal view returns (Execution memory) {
        return stepExecution(1, 1);
    }

    function stepExecution(uint256 round, uint256 part) internal view returns (Execution memory accused) {
        accused.program = PROGRAM_ROOT;
        accused.section = Section.Step;
        accused.position = uint64((round * PARTS + part) * GameProgram.STEPS * GameProgram.BATCH);
        accused.samples = 4;
        accused.seed = keccak256("seed");
        accused.inputRoot = startRoot(round);
        accused.dataRoots = [keccak256(abi.encode("dataset", 0)), keccak256(abi.encode("dataset", 1))];
        accused.outputRoot = endRoot(round, part);
    }

    function tensorHashes() internal pure returns (bytes32[] memory) {
        return TreeTool.hashes(TENSOR_SEED, TENSOR_LEAVES);
    }

    /// @notice The record of step `STEP`: four tensors, zeros, the state, which is weights slot 1 and then slot 0.
    function record() internal pure returns (bytes memory) {
        bytes32[4] memory roots = [
            keccak256("slot 0"),
            keccak256("64 leaves"),
            keccak256("slot 1"),
            TreeTool.root(tensorHashes())
        ];
        bytes32 state = keccak256(abi.encodePacked(roots[2], roots[0]));
        return abi.encodePacked(roots, bytes32(0), bytes32(0), bytes32(0), state);
    }

    function lastRecord() internal pure returns (bytes memory) {
        return abi.encodePacked(bytes32(uint256(1)), new bytes(192), endRoot(1, 1));
    }

    /// @notice Leaves of the detail file: 100 records of one leaf, padded to 128.
    function detailHashes() internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](128);
        for (uint256 i = 0; i < 128; ++i)
            hashes[i] = i < 100 ? keccak256(abi.encode("record", i)) : FileTreeLib.ZERO_LEAF;
        hashes[STEP] = keccak256(record());
        hashes[99] = keccak256(lastRecord());
    }

    function lastOpening() internal pure returns (LeafOpening memory) {
        return LeafOpening(lastRecord(), TreeTool.path(detailHashes(), 99, 1));
    }

    /// @notice Nodes of a tree, `below` levels above its leaves, from node `first` on.
    function nodesOf(
        bytes32[] memory hashes,
        uint256 below,
        uint256 first,
        uint256 count
    ) internal pure returns (bytes32[] memory nodes) {
        nodes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            nodes[i] = TreeTool.rootOf(hashes, (first + i) << below, (first + i + 1) << below);
        }
    }

    // Moves

    function challenge() internal returns (uint256) {
        Accusation memory accused = accusation();
        uint32 number = jobs.job(jobId).claim.number;
        vm.prank(stranger);
        return disputes.challenge(jobId, number, accused);
    }

    function open() internal returns (uint256) {
        return openBy(stranger);
    }

    function openBy(address challenger) internal returns (uint256) {
        uint32 number = jobs.job(jobId).claim.number;
        vm.prank(challenger);
        return disputes.open(jobId, number);
    }

    function author() internal view virtual returns (address) {
        return operatorAt(0);
    }

    /// @notice Plays on with honest moves until the game is in this stage.
    function playTo(uint256 gameId, Stage stage) internal {
        Stage current = disputes.game(gameId).stage;
        while (current != stage) {
            (bool ok, bytes memory result) = moveOf(gameId, current);
            require(ok, string(result));
            Stage next = disputes.game(gameId).stage;
            require(next != current, "no progress");
            current = next;
        }
    }

    function moveOf(uint256 gameId, Stage current) internal returns (bool ok, bytes memory result) {
        (address player, bytes memory data) = honestMove(gameId, current);
        vm.prank(player);
        return address(disputes).call(data);
    }

    /// @notice Who moves at a stage, and what an honest player sends there.
    function honestMove(uint256 gameId, Stage current) internal view returns (address player, bytes memory data) {
        player = stranger;
        if (current == Stage.Free) return (player, abi.encodeCall(disputes.accuse, (gameId, accusation())));
        if (current == Stage.PickStep || current == Stage.PickLeaves) return (player, pick(gameId));
        if (current == Stage.PickOperation) {
            LeafOpening memory opening = LeafOpening(record(), new bytes32[](0));
            return (
                player,
                abi.encodeCall(disputes.pickOperation, (gameId, execution(), roots.detailRoot, OPERATION, opening))
            );
        }
        if (current == Stage.Prove) return (player, proof(gameId, 5));
        player = author();
        if (current == Stage.Detail) {
            return (
                player,
                abi.encodeCall(disputes.postDetail, (gameId, execution(), roots.detailRoot, lastOpening()))
            );
        }
        if (current == Stage.OpenRecord) {
            return (player, abi.encodeCall(disputes.openRecord, (gameId, execution(), roots.detailRoot, record())));
        }
        Game memory game_ = disputes.game(gameId);
        if (current == Stage.OpenTensor && game_.height == 3) {
            return (player, abi.encodeCall(disputes.openLeaves, (gameId, trailOf(game_), leavesAt(game_.leafIndex))));
        }
        return (player, abi.encodeCall(disputes.openNodes, (gameId, trailOf(game_), childrenOf(game_))));
    }

    /// @notice What the way down has fixed, in the detail's tree and in the tensor's.
    function trailOf(Game memory game_) internal view returns (bytes32 trail) {
        trail = keccak256(abi.encode(keccak256(abi.encode(execution())), roots.detailRoot));
        if (game_.stage < Stage.OpenTensor) return trail;
        return keccak256(abi.encode(keccak256(abi.encode(trail, roots.recordRoot)), roots.tensorRoot));
    }

    function childrenOf(Game memory game_) internal pure returns (bytes32[] memory) {
        if (game_.stage == Stage.OpenSteps || game_.stage == Stage.PickStep) {
            return game_.height == 7 ? nodesOf(detailHashes(), 3, 0, 16) : nodesOf(detailHashes(), 0, game_.step, 8);
        }
        return nodesOf(tensorHashes(), 3, 0, 64);
    }

    function leavesAt(uint256 first) internal pure returns (bytes memory leaves) {
        for (uint256 i = 0; i < 8; ++i) leaves = abi.encodePacked(leaves, TreeTool.leafOf(TENSOR_SEED, first + i));
    }

    /// @dev In the tensor, the leaves from 40 on.
    function pick(uint256 gameId) internal view returns (bytes memory) {
        Game memory game_ = disputes.game(gameId);
        bytes32[] memory children = childrenOf(game_);
        uint256 index = 5;
        if (game_.stage == Stage.PickStep) index = game_.height == 7 ? STEP / 8 : STEP % 8;
        return pickOf(gameId, index, children[index], TreeTool.path(children, index, 1));
    }

    function pickOf(
        uint256 gameId,
        uint256 index,
        bytes32 node,
        bytes32[] memory path
    ) internal view returns (bytes memory) {
        return abi.encodeCall(disputes.pickNode, (gameId, trailOf(disputes.game(gameId)), index, node, path));
    }

    function proof(uint256 gameId, uint256 leaf) internal view returns (bytes memory) {
        return
            abi.encodeCall(disputes.prove, (gameId, execution(), roots, leaf, 3, leafOpening(leaf), new Operand[](0)));
    }

    function leafOpening(uint256 leaf) internal pure returns (LeafOpening memory) {
        bytes32[] memory hashes = nodesOf(tensorHashes(), 0, 40, 8);
        return LeafOpening(TreeTool.leafOf(TENSOR_SEED, 40 + leaf), TreeTool.path(hashes, leaf, 1));
    }

    // Checks

    function requireStage(uint256 gameId, Stage stage) internal view {
        require(disputes.game(gameId).stage == stage, "wrong stage");
    }

    /// @notice Fails unless the move reverts with exactly this error and leaves games and money as they were.
    function requireRefusedMove(address from, bytes memory data, bytes memory expected) internal {
        bytes32 before = gamesHash();
        vm.prank(from);
        (bool ok, bytes memory actual) = address(disputes).call(data);
        require(!ok, "accepted what it must refuse");
        require(keccak256(actual) == keccak256(expected), string(abi.encodePacked("wrong error", actual)));
        require(gamesHash() == before, "a refused move changed the state");
    }

    function gamesHash() internal view returns (bytes32 hash) {
        hash = keccak256(abi.encode(stateHash(), disputes.gameCount(), token.balanceOf(address(disputes))));
        for (uint256 id = 1; id <= disputes.gameCount(); ++id) hash = keccak256(abi.encode(hash, disputes.game(id)));
        hash = keccak256(abi.encode(hash, disputes.owedWei(stranger), disputes.owedWei(author())));
        return keccak256(abi.encode(hash, disputes.openGames(jobId, 1), disputes.openGames(jobId, 2)));
    }
}
