// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { LeafOpening } from "../../libraries/FileTreeLib.sol";
import { Section } from "../../libraries/ProgramLib.sol";
import { Claim } from "./IClaimDigests.sol";
import { IGameReader } from "./IGameReader.sol";
import { IJobRegistry } from "./IJobRegistry.sol";
import { Execution, IOneStepVerifier, Operand } from "./IOneStepVerifier.sol";
import { IProgramRegistry } from "./IProgramRegistry.sol";
import { ISubjectReader } from "./ISubjectReader.sol";

/// @notice What comes next in a game, and whose turn that is.
/// @dev Challenger: Free (demand, accuse or refute), PickStep, PickOperation, PickLeaves, Prove.
/// Author: Demanded, Detail, OpenSteps, OpenRecord, OpenTensor. Anybody: Won (settle). Nobody: None, Lost, Void, Settled.
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
    Void,
    Settled
}

/// @notice What a game is about.
enum GameSubject {
    JobClaim,
    Part,
    Answer,
    Audit
}

/// @notice Files of a claim whose leaves can be demanded: its outputs, and those of its dataset.
enum ClaimFile {
    Weights,
    Allocation,
    Trace,
    Credits,
    Accounts,
    Rounds,
    Samples,
    Labels,
    Records,
    DatasetAccounts
}

/// @notice What can be shown against a job claim without a game over an execution.
/// @dev Final: the last root of the trace is not the claim's weights. Continuity: with one part, a round does not end in what
/// its part ends with. Unused: an unused slot of the trace, or of its padding, is not 0. Credit: a credit is not that of an
/// operator of the job who signed the part, or one beyond the last part is not 0. Account: an entry of the accounts file is not
/// the account that belongs there. Round: a leaf of the rounds file is not that of the weights that the round starts from, or
/// one of its padding is not 0.
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
/// @param round 0 where the section has none
/// @param part 0 where the section has none
/// @param start Step: the trace's leaf with the round's start
/// @param end Init, step, average: the trace's leaf with the output; empty if it is that of `start`
struct Accusation {
    Section section;
    uint32 round;
    uint32 part;
    LeafOpening start;
    LeafOpening end;
}

/// @notice Proof of `Fault.Final`.
/// @param last The trace's leaf with the last root
struct FinalProof {
    LeafOpening last;
}

/// @notice Proof of `Fault.Continuity`.
/// @param round A round of a job with one part
/// @param end The trace's leaf with the end of the round's part
/// @param next The trace's leaf with the root after it; empty if it is that of `end`
struct ContinuityProof {
    uint32 round;
    LeafOpening end;
    LeafOpening next;
}

/// @notice Proof of `Fault.Unused`.
/// @param slot Which 32 bytes of the trace, from 0
/// @param leaf The trace's leaf with that slot
struct UnusedProof {
    uint64 slot;
    LeafOpening leaf;
}

/// @notice Proof of `Fault.Credit`.
/// @param index `round * parts + part`, or a place behind the last part
/// @param credit The leaf of the credits file with that place
/// @param entry The leaf of the rounds file that backs the credit. This and what follows is left empty if the credit alone is
/// at fault: no place of a joined operator in the accounts, or not 0 behind the last part
/// @param start The trace's leaf with the round's start
/// @param end The trace's leaf with the part's end; empty if it is that of `start`
struct CreditProof {
    uint64 index;
    LeafOpening credit;
    LeafOpening entry;
    LeafOpening start;
    LeafOpening end;
}

/// @notice Proof of `Fault.Account`.
/// @param index Place in the accounts file, also of its padding
/// @param account The accounts file's leaf with that place
/// @param dataset For an account of the dataset: the leaf of the dataset's accounts file with that place; else empty
struct AccountProof {
    uint64 index;
    LeafOpening account;
    LeafOpening dataset;
}

/// @notice Proof of `Fault.Round`.
/// @param leafIndex Leaf of the rounds file, of a round's weights or of the padding
/// @param leaf That leaf
/// @param start The trace's leaf with the round's start; this and what follows is left empty for padding
/// @param weights The leaf that belongs there, of the weights file that the round starts from
struct RoundProof {
    uint64 leafIndex;
    LeafOpening leaf;
    LeafOpening start;
    LeafOpening weights;
}

/// @notice One game.
/// @param challenger Who posted the bond
/// @param capturedAt The time that a slash is measured by: of the claim; of a part: when its operator joined the job; else of the
/// game's opening
/// @param part Of a part's game: `round * parts + part`; of an audit's: the audit
/// @param subject What it is about
/// @param author Operator that answers for it
/// @param jobId The job whose claim, part or audit is in dispute; 0 for an answer
/// @param claimNumber Which of the job's claims; 0 for all but a job's claim
/// @param stage What comes next
/// @param turnStartedAt When the turn began; when the game ended
/// @param challengerSeconds The challenger's next turn is so long; if it is its turn, the present one
/// @param authorSeconds The same for the author
/// @param demands Leaves demanded so far
/// @param height Levels from the node that is to be opened down to a step's record, or to a leaf
/// @param steps Steps of the execution
/// @param step Step, or the first one below the node
/// @param operation Operation of the section; of a demand: the file
/// @param leafIndex First leaf of the tensor below the node; of a demand: the leaf
/// @param place keccak256 of the trail and of the node that is to be opened or picked from; before the detail root is posted
/// keccak256(abi.encode(Execution)), and 0 before an accusation
struct Game {
    address challenger;
    uint48 capturedAt;
    uint32 part;
    GameSubject subject;
    address author;
    uint64 jobId;
    uint32 claimNumber;
    Stage stage;
    uint48 turnStartedAt;
    uint32 challengerSeconds;
    uint32 authorSeconds;
    uint8 demands;
    uint8 height;
    uint24 steps;
    uint32 step;
    uint8 operation;
    uint48 leafIndex;
    bytes32 place;
}

/// @notice What the way down has been through.
/// @param detailRoot Root of the author's detail file
/// @param recordRoot Root of the step's record
/// @param tensorRoot Root of the tensor
struct Roots {
    bytes32 detailRoot;
    bytes32 recordRoot;
    bytes32 tensorRoot;
}

/// @notice What a game contract is built on; none of it ever changes.
/// @param token Token of the challengers' bonds
/// @param programs Programs that can be judged
/// @param steps The judge of one element
/// @param bondWei A challenger's bond: covers an author's gas in the longest game, and hurts; at least 2
/// @param budgetSeconds Time of each side for all its moves
/// @param extensionSeconds Every turn has at least this long, however little of the budget is left
/// @param subjects Reads what operators signed, and says what it costs
struct GameParams {
    IERC20 token;
    IProgramRegistry programs;
    IOneStepVerifier steps;
    uint256 bondWei;
    uint32 budgetSeconds;
    uint32 extensionSeconds;
    ISubjectReader subjects;
}

/// @notice What a job registry asks of its game.
interface IJobDisputes {
    /// @notice Binds the game to the calling registry. Called once, by the registry in its constructor.
    /// @param gameSeconds What the registry allows the longest game; refused if a game could take longer
    function bind(uint48 gameSeconds) external;

    /// @notice Programs that the game can judge; the registry takes jobs of these only.
    function programs() external view returns (IProgramRegistry);

    /// @notice Games against one claim that are not settled; a claim is not accepted before this is 0.
    /// @param claimNumber Which of the job's claims, from 1
    function openGames(uint256 jobId, uint32 claimNumber) external view returns (uint256);

    /// @notice Games against parts that an operator signed and that are not settled; its coverage is not released before this is 0.
    function openPartGames(uint256 jobId, address operator) external view returns (uint256);

    /// @notice Games against an audit that are not settled; the audit is not paid before this is 0.
    function openAuditGames(uint256 auditId) external view returns (uint256);
}

/// @title Challenge by opening
/// @notice One-sided games against claims: the challenger opposes nothing of its own, the author opens what it committed to,
/// down to one leaf of one tensor, and one call recomputes one element of it. Any number of games run side by side, each with
/// a bond of its own, and what one decides against its challenger decides nothing for the others.
///
/// The way of a game against a job claim: `open`, `demand` and `showLeaf` as often as needed, `accuse` (or `challenge`, which
/// opens and accuses at once), `postDetail`, then `openNodes` and `pickNode` down to the record of one step, `openRecord`,
/// `pickOperation`, `openNodes` and `pickNode` down to at most eight leaves, `openLeaves`, `prove`. Or `open` and `refute`.
/// A game against a part begins with `challengePart` and goes on with `postDetail`, and so does one against an answer, after
/// `challengeAnswer`. A game against an audit, by `challengeAudit`, begins below the detail root, which its author has revealed.
///
/// Detail file: the layout is that of docs/spec/compute.md. A way down of n levels takes k = ceil(n / 6) openings, each of 2^ceil(n / k)
/// children, with the n and k that are left then. n is the height above the records; in a tensor, the height above the leaves
/// less 3, and at height 3 and below all leaves are shown.
///
/// Place: a game keeps one hash of all that its way down has fixed. The trail begins with keccak256(abi.encode(Execution)), and each root
/// r on the way (detail root, record's root, tensor's root) makes it keccak256(trail, r). With the node n that is to be opened or
/// picked from, the game's place is keccak256(trail, n). A move names its trail, or what the trail is made of, and shows what gives
/// the node; if both don't make the place, it reverts with `DisputeGamePlaceMismatch`. At a record the trail ends with the detail root,
/// because the record's root is the node.
///
/// Time: each side has `budgetSeconds`. A turn has what is left of it, but never less than `extensionSeconds`, and whoever lets it
/// pass has lost as soon as anybody says so by `claimTimeout`. A move in the last second counts, one after it does not. So no
/// game takes longer than `longestSeconds`.
///
/// Money: a lost bond goes half, rounded up, to the burn address and half to the author; a won or void game gives it back. A
/// claim loses its bond in the registry, where half of it goes to the challenger. Slashing is up to the `Slasher`: this contract
/// is the compute service's evidence verifier, and `abi.encode(gameId)` of a won game is the evidence. A slash takes as much
/// of the author's magnitude as is worth the job's coverage at that time, of an answer `ISubjectReader.answerStakeWei`, once for a claim, a
/// part and an answer, however many games were won. A lost audit costs its bond in `AuditDesk`, and no stake.
/// @dev Warning: the token must move exactly the amount asked for. Warning: a won game keeps counting as open until somebody
/// calls `settle`, which reopens the job and pays. Warning: `Accused` is the only place that holds an execution; later moves pass it again.
/// Openings that don't lead to their root revert with errors of `FileTreeLib`.
interface IDisputeGame is IJobDisputes {
    event Bound(address indexed jobs);
    /// @param jobId 0 for an answer
    /// @param claimNumber 0 for all but a job's claim
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
    event GameSettled(uint256 indexed gameId);
    event Withdrawn(address indexed account, address indexed to, uint256 amountWei);
    event Burnt(uint256 amountWei);

    error DisputeGameContractMissing(bytes32 name);
    /// @dev The judge of elements and the reader of subjects must know the programs that the game knows.
    error DisputeGameProgramsMismatch(address actual, address expected);
    error DisputeGameParameterOutOfRange(bytes32 name, uint256 actual, uint256 min, uint256 max);
    error DisputeGameAlreadyBound(address jobs);
    error DisputeGameTooLong(uint256 longestSeconds, uint256 gameSeconds);
    error DisputeGameUnknown(uint256 gameId);
    error DisputeGameWrongStage(uint256 gameId, Stage actual, Stage expected);
    error DisputeGameOver(uint256 gameId, Stage stage);
    error DisputeGameNotPlayer(uint256 gameId, address caller, address expected);
    /// @param until The turn's last second
    error DisputeGameTurnOver(uint256 gameId, uint256 until);
    /// @param until The turn's last second
    error DisputeGameTurnRunning(uint256 gameId, uint256 until);
    /// @param until The window's last second
    error DisputeGameWindowClosed(uint256 jobId, uint32 claimNumber, uint256 until);
    /// @dev The claim has lost another game: `closeVoid` gives the bond back.
    error DisputeGameClaimFallen(uint256 jobId, uint32 claimNumber);
    error DisputeGameClaimStands(uint256 jobId, uint32 claimNumber);
    error DisputeGameNoDemandsLeft(uint256 gameId, uint256 max);
    error DisputeGameLeafOutOfRange(ClaimFile file, uint256 leafIndex, uint256 leaves);
    /// @dev The job has no such execution, or no such round.
    error DisputeGameNoExecution(Section section, uint256 round, uint256 part);
    error DisputeGameNoFault(Fault fault);
    /// @param field "kind", "job", "index", "program", "inputsRoot" or "traceRoot"
    error DisputeGamePartMismatch(bytes32 field, bytes32 actual, bytes32 expected);
    /// @param signer Who signed; 0 if nobody did
    error DisputeGameNotOperator(address signer);
    error DisputeGameNotCovering(uint256 jobId, address operator);
    /// @dev The move shows or names something else than what the game stands at.
    error DisputeGamePlaceMismatch(bytes32 actual, bytes32 expected);
    /// @dev No member of the compute service now.
    error DisputeGameNotMember(address operator);
    /// @dev The last step's state is not the output, or a record's state not what its tensors make.
    error DisputeGameStateMismatch(bytes32 actual, bytes32 expected);
    error DisputeGameSlotNotZero(uint256 slot);
    /// @dev Something stands behind the record of the last step.
    error DisputeGameNotPadded(bytes32 actual, bytes32 expected);
    /// @param actual Children given; bytes of roots, leaves or evidence given
    error DisputeGameLength(uint256 actual, uint256 expected);
    /// @param actual Child, step, operation or leaf
    error DisputeGameIndexOutOfRange(uint256 actual, uint256 count);
    /// @dev At this height above the leaves a tensor's nodes, or its leaves, are not opened yet.
    error DisputeGameHeight(uint256 gameId, uint256 height);
    error DisputeGameNotWon(uint256 gameId, Stage stage);
    /// @dev A lost audit costs a bond, no stake.
    error DisputeGameNoEvidence(GameSubject subject);
    error DisputeGameWrongService(uint32 actual, uint32 expected);
    error DisputeGameReceiverInvalid(address receiver);
    error DisputeGameNothingOwed(address account);

    // Challenger

    /// @notice Opens a game against a job's claim and posts the bond. Anyone may, within the claim's window.
    /// @return gameId From 1, in order
    function open(uint256 jobId, uint32 claimNumber) external returns (uint256 gameId);

    /// @notice `open` and `accuse`.
    function challenge(
        uint256 jobId,
        uint32 claimNumber,
        Accusation calldata accusation
    ) external returns (uint256 gameId);

    /// @notice Opens a game against a part that an operator signed, while its coverage of the job is held, and posts the bond.
    /// Next is `postDetail`.
    /// @param part The claim of kind 1 that was signed
    /// @param signature By a key that is or was the operator's signer
    /// @param startRoot Root of the weights that the part started from; with the dataset's root it makes `inputsRoot`
    function challengePart(
        Claim calldata part,
        bytes calldata signature,
        bytes32 startRoot
    ) external returns (uint256 gameId);

    /// @notice Opens a game against an answer that a present member of the compute service signed, and posts the bond. Next is `postDetail`.
    /// @param answer The claim of kind 2 that was signed; its program is registered and has an inference
    /// @param signature By a key that is or was the operator's signer
    /// @param weightsRoot File root of the weights; with the query's root it makes `inputsRoot`
    /// @param queryRoot File root of the query
    function challengeAnswer(
        Claim calldata answer,
        bytes calldata signature,
        bytes32 weightsRoot,
        bytes32 queryRoot
    ) external returns (uint256 gameId);

    /// @notice Opens a game against a revealed audit of `AuditDesk`, within its time for challenges, and posts the bond.
    /// Next the watcher opens the detail root that it revealed.
    /// @param execution The execution of the part that was drawn, from `IAuditDesk.AuditRevealed`
    function challengeAudit(uint256 auditId, Execution calldata execution) external returns (uint256 gameId);

    /// @notice Demands that the author shows a leaf of a file. At most `MAX_DEMANDS` in a game, before the accusation.
    function demand(uint256 gameId, ClaimFile file, uint64 leafIndex) external;

    /// @notice Says which execution is wrong, and opens the trace there.
    function accuse(uint256 gameId, Accusation calldata accusation) external;

    /// @notice Shows a fault of the claim. The game is won; a proof that shows none reverts.
    /// @param proof The fault's struct (`FinalProof`, ...), encoded by `abi.encode`
    function refute(uint256 gameId, Fault fault, bytes calldata proof) external;

    /// @notice Picks one of the children that were opened: the first that differs.
    /// @param trail Of the game's place
    /// @param index Which of them
    /// @param node The child
    /// @param siblings From the child up to the node that was opened
    function pickNode(uint256 gameId, bytes32 trail, uint256 index, bytes32 node, bytes32[] calldata siblings) external;

    /// @notice Picks the first operation whose tensor differs.
    /// @param operation Operation of the section, from 0
    /// @param opening The record's leaf with the tensor's root
    function pickOperation(
        uint256 gameId,
        Execution calldata execution,
        bytes32 detailRoot,
        uint16 operation,
        LeafOpening calldata opening
    ) external;

    /// @notice Has one element recomputed. If it is not what the author committed to, the game is won, else it is lost.
    /// A proof that leads to no verdict reverts.
    /// @param roots What the trail is made of, after the execution
    /// @param leaf Which of the opened leaves
    /// @param element Which element of the leaf
    /// @param opening That leaf, with its way up to the node that was opened
    /// @param operands What the element reads, see `IOneStepVerifier`
    function prove(
        uint256 gameId,
        Execution calldata execution,
        Roots calldata roots,
        uint256 leaf,
        uint256 element,
        LeafOpening calldata opening,
        Operand[] calldata operands
    ) external;

    // Author

    /// @notice Shows the leaf that was demanded.
    function showLeaf(uint256 gameId, LeafOpening calldata opening) external;

    /// @notice Posts the root of the execution's detail file.
    /// @param last Its leaf that ends with the last step's state, which must be the execution's output
    function postDetail(
        uint256 gameId,
        Execution calldata execution,
        bytes32 detailRoot,
        LeafOpening calldata last
    ) external;

    /// @notice Opens the node that was picked.
    /// @param trail Of the game's place
    /// @param children The nodes that many levels below it, from left to right
    function openNodes(uint256 gameId, bytes32 trail, bytes32[] calldata children) external;

    /// @notice Opens the record of the step that was picked.
    /// @param roots All its roots, 32 bytes each
    function openRecord(
        uint256 gameId,
        Execution calldata execution,
        bytes32 detailRoot,
        bytes calldata roots
    ) external;

    /// @notice Opens the last eight leaves at most.
    /// @param trail Of the game's place
    function openLeaves(uint256 gameId, bytes32 trail, bytes calldata leaves) external;

    // Anyone

    /// @notice Ends a game whose turn has passed: lost for whose turn it was.
    function claimTimeout(uint256 gameId) external;

    /// @notice Ends a game whose claim has lost another one, and gives the bond back.
    function closeVoid(uint256 gameId) external;

    /// @notice Carries a won game out: the claim is refuted in the registry, unless another game was faster, and the bond is
    /// given back.
    function settle(uint256 gameId) external;

    /// @notice Pays out all that is owed to the caller.
    function withdraw(address to) external returns (uint256 amountWei);

    /// @notice Sends what is to be burnt to the burn address.
    function burn() external returns (uint256 amountWei);

    /// @notice The game; reverts if there is none of this id.
    function game(uint256 gameId) external view returns (Game memory);

    /// @notice How many games were opened; ids run from 1 to this.
    function gameCount() external view returns (uint256);

    /// @notice What `withdraw` would pay to the account.
    function owedWei(address account) external view returns (uint256);

    /// @notice The registry whose claims are judged; 0 before it is bound.
    function jobs() external view returns (IJobRegistry);

    function token() external view returns (IERC20);

    function steps() external view returns (IOneStepVerifier);

    /// @notice Reads claims and details for this game.
    function reader() external view returns (IGameReader);

    /// @notice Reads what operators signed, for this game.
    function subjects() external view returns (ISubjectReader);

    function bondWei() external view returns (uint256);

    function budgetSeconds() external view returns (uint32);

    function extensionSeconds() external view returns (uint32);

    /// @notice Digest of the answer that a game is about; 0 if it is about something else.
    function answerDigestOf(uint256 gameId) external view returns (bytes32);

    /// @notice No game takes longer, from its opening to the end of its last turn.
    function longestSeconds() external view returns (uint256);

    /// @notice Leaves that can be demanded in one game.
    function MAX_DEMANDS() external view returns (uint256);
}
