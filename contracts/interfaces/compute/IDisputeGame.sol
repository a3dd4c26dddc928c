// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LeafOpening } from "../../libraries/FileTreeLib.sol";
import { Section } from "../../libraries/ProgramLib.sol";
import { Claim } from "./IClaimDigests.sol";
import { Execution, Operand } from "./IOneStepVerifier.sol";

/// @notice What comes next in a game, and whose turn that is.
/// @dev Challenger: Free (demand, accuse or refute), PickStep, PickOperation, PickLeaves, Prove.
/// Author: Demanded, Detail, OpenSteps, OpenRecord, OpenTensor. Nobody: None, Won, Lost, Void.
enum Stage {
    None,
    Free,
    Demanded,
    Detail,
    OpenSteps,
    PickStep,
    OpenRecord,
    PickOperation,
    OpenTensor,
    PickLeaves,
    Prove,
    Won,
    Lost,
    Void
}

/// @notice Files of a claim whose leaves can be demanded.
enum ClaimFile {
    Weights,
    Allocation,
    Trace,
    Credits,
    Accounts,
    Rounds,
    Samples,
    Labels,
    Records
}

/// @notice What can be shown against a job claim without a game over an execution.
/// @dev Final: the last root of the trace is not the claim's weights. Continuity: with one part, a round does not start from
/// the end of the one before. Unused: an unused slot of the trace is not 0. Credit: a credit is not that of an operator of
/// the job who signed the part. Account: an entry of the accounts file is not the account that belongs there. Round: a leaf
/// of the rounds file is not that of the weights that the round starts from.
enum Fault {
    Final,
    Continuity,
    Unused,
    Credit,
    Account,
    Round
}

/// @notice An execution of a job claim that the challenger got another output from.
/// @param section Init; step, of `part` of `round`; average, of `round`; allocate
/// @param start Step: the trace's leaf with the round's start
/// @param end Init, step, average: the trace's leaf with the output; empty if it is that of `start`
struct Accusation {
    Section section;
    uint32 round;
    uint32 part;
    LeafOpening start;
    LeafOpening end;
}

/// @notice One game.
/// @dev `clock` fields: a side's seconds left when its turn begins; the turn ends at `turnStartedAt` + that.
/// @param jobId The job whose claim or part is in dispute
/// @param claimNumber Which of the job's claims; 0 for a part
/// @param challenger Who posted the bond
/// @param author Operator that answers for the claim
/// @param stage What comes next
/// @param turnStartedAt When the turn began
/// @param challengerSeconds Seconds left to the challenger
/// @param authorSeconds Seconds left to the author
/// @param demands Leaves demanded so far
/// @param height Levels from `node` down to a step's record, or to a leaf
/// @param step Step, or the first one below `node`
/// @param operation Operation of the section
/// @param leafIndex First leaf of the tensor below `node`
/// @param executionHash keccak256(abi.encode(Execution)); 0 before an accusation
/// @param detailRoot Root of the author's detail file
/// @param recordRoot Root of the step's record
/// @param tensorRoot Root of the tensor
/// @param node The node that is to be opened, or that was opened and is to be picked from; of a demand: the file and leaf
struct Game {
    uint256 jobId;
    uint32 claimNumber;
    address challenger;
    address author;
    Stage stage;
    uint48 turnStartedAt;
    uint32 challengerSeconds;
    uint32 authorSeconds;
    uint16 demands;
    uint8 height;
    uint32 step;
    uint16 operation;
    uint64 leafIndex;
    bytes32 executionHash;
    bytes32 detailRoot;
    bytes32 recordRoot;
    bytes32 tensorRoot;
    bytes32 node;
}

/// @notice What a job registry asks of its game.
interface IJobDisputes {
    /// @notice Called once, by the registry in its constructor.
    function bind() external;

    /// @notice Games against one claim that have no verdict yet; a claim is not accepted before this is 0.
    /// @param claimNumber Which of the job's claims, from 1
    function openGames(uint256 jobId, uint32 claimNumber) external view returns (uint256);

    /// @notice Games against parts that an operator signed; its coverage is not released before this is 0.
    function openPartGames(uint256 jobId, address operator) external view returns (uint256);
}

/// @title Challenge by opening
/// @notice One-sided games against claims: the challenger opposes nothing of its own, the author opens what it committed to.
interface IDisputeGame is IJobDisputes {
    event GameOpened(
        uint256 indexed gameId,
        uint256 indexed jobId,
        uint32 claimNumber,
        address indexed challenger,
        address author
    );
    event Accused(uint256 indexed gameId, Execution execution);
    event LeafDemanded(uint256 indexed gameId, ClaimFile file, uint64 leafIndex);
    event LeafShown(uint256 indexed gameId, ClaimFile file, uint64 leafIndex, LeafOpening opening);
    event DetailPosted(uint256 indexed gameId, bytes32 detailRoot);
    event NodesOpened(uint256 indexed gameId, bytes32 indexed node, bytes32[] children);
    event NodePicked(uint256 indexed gameId, uint256 index, bytes32 node);
    event RecordOpened(uint256 indexed gameId, bytes roots);
    event OperationPicked(uint256 indexed gameId, uint16 operation, bytes32 tensorRoot);
    event LeavesOpened(uint256 indexed gameId, bytes leaves);
    event GameWon(uint256 indexed gameId, address indexed challenger, address indexed author);
    event GameLost(uint256 indexed gameId, address indexed challenger, address indexed author);
    event GameVoided(uint256 indexed gameId);

    // Challenger
    function open(uint256 jobId, uint32 claimNumber) external returns (uint256 gameId);
    function challenge(
        uint256 jobId,
        uint32 claimNumber,
        Accusation calldata accusation
    ) external returns (uint256 gameId);
    function challengePart(
        Claim calldata part,
        bytes calldata signature,
        bytes32 startRoot
    ) external returns (uint256 gameId);
    function demand(uint256 gameId, ClaimFile file, uint64 leafIndex) external;
    function accuse(uint256 gameId, Accusation calldata accusation) external;
    function refute(uint256 gameId, Fault fault, bytes calldata proof) external;
    function pickNode(uint256 gameId, uint256 index, bytes32 node, bytes32[] calldata siblings) external;
    function pickOperation(
        uint256 gameId,
        Execution calldata execution,
        uint16 operation,
        LeafOpening calldata opening
    ) external;
    function prove(
        uint256 gameId,
        Execution calldata execution,
        uint256 leaf,
        uint256 element,
        LeafOpening calldata opening,
        Operand[] calldata operands
    ) external;

    // Author
    function showLeaf(uint256 gameId, LeafOpening calldata opening) external;
    function postDetail(
        uint256 gameId,
        Execution calldata execution,
        bytes32 detailRoot,
        LeafOpening calldata last
    ) external;
    function openNodes(uint256 gameId, bytes32[] calldata children) external;
    function openRecord(uint256 gameId, Execution calldata execution, bytes calldata roots) external;
    function openLeaves(uint256 gameId, bytes calldata leaves) external;

    // Anyone
    function claimTimeout(uint256 gameId) external;
    function closeVoid(uint256 gameId) external;
    function withdraw(address to) external returns (uint256 amountWei);

    function game(uint256 gameId) external view returns (Game memory);
    function gameCount() external view returns (uint256);
    function owedWei(address account) external view returns (uint256);
    function bondWei() external view returns (uint256);
}
