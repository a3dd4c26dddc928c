// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { LeafOpening } from "../../libraries/FileTreeLib.sol";
import { IJobRegistry } from "./IJobRegistry.sol";
import { Execution } from "./IOneStepVerifier.sol";

/// @notice Where an audit stands. Committed and Revealed: its bond is held. All others are final.
/// @dev Paid: bond and pay are the watcher's. Lost: refuted in a game. Expired: not revealed in time. Released: its claim
/// was refuted.
enum AuditStatus {
    None,
    Committed,
    Revealed,
    Paid,
    Lost,
    Expired,
    Released
}

/// @notice A watcher's word that it has recomputed the part of a claim that was drawn for it.
/// @param watcher Who posted the bond
/// @param revealedAt Block time of the reveal; 0 before
/// @param status Where it stands
/// @param jobId The claim's job
/// @param claimNumber Which of the job's claims
/// @param steps Steps of the part's execution; this and what follows but the commitment is 0 before the reveal
/// @param height Levels from the detail root down to the records
/// @param commitment keccak256(abi.encode(watcher, detailRoot))
/// @param detailRoot Root of the part's detail file
/// @param executionHash keccak256(abi.encode(Execution)) of the part
struct Audit {
    address watcher;
    uint48 revealedAt;
    AuditStatus status;
    uint64 jobId;
    uint32 claimNumber;
    uint24 steps;
    uint8 height;
    bytes32 commitment;
    bytes32 detailRoot;
    bytes32 executionHash;
}

/// @notice Audits of one claim.
/// @param seed Draws each watcher's part; 0 before `draw`
/// @param commitments How many audits there are
/// @param unresolved How many of them are not final
struct ClaimAudits {
    bytes32 seed;
    uint32 commitments;
    uint32 unresolved;
}

/// @notice What a desk is built on; none of it ever changes.
/// @param token Token of bonds and pay; that of the job registry
/// @param bondWei A watcher's bond; should exceed the pay of an audit, at least 2
/// @param auditsPerClaim How many audits a claim takes, 1 to 16
/// @param revealSeconds From a claim's acceptance, for reveals
/// @param challengeSeconds From a reveal, for opening games against it
struct AuditDeskParams {
    IERC20 token;
    uint256 bondWei;
    uint32 auditsPerClaim;
    uint32 revealSeconds;
    uint32 challengeSeconds;
}

/// @title Bonded audits of job claims, paid from the job's audit fee
/// @notice Watching has to pay also when nothing is wrong, and only those who computed. While a claim's window is open, a
/// watcher commits, under bond, to the detail root of the part that was drawn for it. That root stands nowhere, so nobody can
/// copy it. After the acceptance of the claim it reveals the root, which is then open to the same game as any claim:
/// `IDisputeGame.challengeAudit`. An audit that no game refutes is paid `auditFeeWei / auditsPerClaim` of its job.
///
/// The way of an audit: `draw` (once a claim), `commit`, `reveal`, `collect`. Of an audit that ends otherwise: `release` if the claim is
/// refuted, `expire` if it is not revealed in time, a lost game. What nobody earned goes back to the job's opener by `sweep`.
///
/// Who: operators that were members of the compute service when the claim was posted, and have not joined the job. So the
/// accounts among which the seed draws are fixed before the seed.
///
/// Money: lost and expired bonds go half, rounded up, to the burn address; the rest to the winner of the game, or to the job's
/// opener. Balance, plus what the job registry owes to the desk, = bonds of unresolved audits + everything owed here + what is
/// left of the audit fees of accepted jobs.
/// @dev Warning: the token must move exactly the amount asked for. Warning: whoever loses a game on purpose makes the claim's author
/// publish the detail root of one part. So a challenger's bond should exceed the pay of an audit. Warning: the account that draws chooses
/// among the blocks that nobody drew in before, and so does the proposer of a block.
interface IAuditDesk {
    event Bound(address indexed jobs);
    event ClaimDrawn(uint256 indexed jobId, uint32 indexed claimNumber, bytes32 seed);
    event AuditCommitted(
        uint256 indexed auditId,
        uint256 indexed jobId,
        uint32 claimNumber,
        address indexed watcher,
        bytes32 commitment
    );
    event AuditRevealed(uint256 indexed auditId, bytes32 detailRoot, Execution execution);
    event AuditPaid(uint256 indexed auditId, address indexed watcher, uint256 payWei);
    event AuditLost(uint256 indexed auditId, address indexed winner);
    event AuditExpired(uint256 indexed auditId);
    event AuditReleased(uint256 indexed auditId);
    event FeeSwept(uint256 indexed jobId, address indexed opener, uint256 amountWei);
    event Withdrawn(address indexed account, address indexed to, uint256 amountWei);
    event Burnt(uint256 amountWei);

    error AuditDeskContractMissing(bytes32 name);
    error AuditDeskParameterOutOfRange(bytes32 name, uint256 actual, uint256 min, uint256 max);
    error AuditDeskAlreadyBound(address jobs);
    error AuditDeskWrongToken(address actual, address expected);
    error AuditDeskUnknown(uint256 auditId);
    error AuditDeskWrongStatus(uint256 auditId, AuditStatus actual, AuditStatus expected);
    /// @dev The job pays nothing for audits.
    error AuditDeskNoFee(uint256 jobId);
    /// @param claimedAt Block time of the claim; the draw needs a later block
    error AuditDeskTooEarly(uint256 jobId, uint32 claimNumber, uint256 claimedAt);
    error AuditDeskAlreadyDrawn(uint256 jobId, uint32 claimNumber);
    error AuditDeskNotDrawn(uint256 jobId, uint32 claimNumber);
    /// @param until The window's last second
    error AuditDeskWindowClosed(uint256 jobId, uint32 claimNumber, uint256 until);
    /// @dev No member of the compute service when the claim was posted.
    error AuditDeskNotMember(address watcher, uint256 claimedAt);
    /// @dev Who joined a job does not audit it.
    error AuditDeskJoinedJob(uint256 jobId, address watcher);
    error AuditDeskAlreadyCommitted(uint256 auditId);
    error AuditDeskFull(uint256 jobId, uint32 claimNumber, uint256 max);
    error AuditDeskNotWatcher(uint256 auditId, address caller, address watcher);
    error AuditDeskNotAccepted(uint256 jobId, uint32 claimNumber);
    error AuditDeskClaimStands(uint256 jobId, uint32 claimNumber);
    error AuditDeskCommitmentMismatch(bytes32 actual, bytes32 expected);
    /// @param until The last second for reveals
    error AuditDeskRevealOver(uint256 auditId, uint256 until);
    /// @param until The last second for reveals
    error AuditDeskRevealOpen(uint256 jobId, uint256 until);
    /// @param until The last second for opening games
    error AuditDeskChallengeOver(uint256 auditId, uint256 until);
    /// @param until The last second for opening games
    error AuditDeskChallengeOpen(uint256 auditId, uint256 until);
    error AuditDeskGamesOpen(uint256 auditId, uint256 games);
    error AuditDeskNotGame(address caller, address game);
    error AuditDeskUnresolved(uint256 jobId, uint256 audits);
    error AuditDeskNothingLeft(uint256 jobId);
    error AuditDeskReceiverInvalid(address receiver);
    error AuditDeskNothingOwed(address account);

    /// @notice Binds the desk to the calling registry. Called once, by the registry in its constructor.
    /// @param token_ The registry's token; refused unless it is the desk's
    function bind(IERC20 token_) external;

    /// @notice Fixes the seed of a live claim whose job pays for audits, from `prevrandao`. Anyone may, once, in a later block than the claim's.
    function draw(uint256 jobId, uint32 claimNumber) external;

    /// @notice The calling operator commits to the detail root of the part that is drawn for it, and posts the bond. Within
    /// the claim's window, once a watcher; the first `auditsPerClaim` are taken.
    /// @param commitment keccak256(abi.encode(watcher, detailRoot))
    /// @return auditId From 1, in order
    function commit(uint256 jobId, uint32 claimNumber, bytes32 commitment) external returns (uint256 auditId);

    /// @notice The watcher reveals its detail root, up to `revealSeconds` after the acceptance of the claim. The file's last state must be
    /// the part's end in the trace.
    /// @param start The trace's leaf with the round's start
    /// @param end The trace's leaf with the part's end; empty if it is that of `start`
    /// @param last The detail file's leaf that ends with the last step's state
    function reveal(
        uint256 auditId,
        bytes32 detailRoot,
        LeafOpening calldata start,
        LeafOpening calldata end,
        LeafOpening calldata last
    ) external;

    /// @notice Owes bond and pay to the watcher of a revealed audit that can't be challenged any more and is in no game. Anyone may call.
    function collect(uint256 auditId) external;

    /// @notice Gives the bond of an audit back whose claim was refuted. Anyone may call.
    function release(uint256 auditId) external;

    /// @notice Ends an audit that was not revealed in time: its bond is lost. Anyone may call.
    function expire(uint256 auditId) external;

    /// @notice Owes what is left of an accepted job's audit fee to the job's opener, once reveals are over and every audit is final. Anyone may call.
    function sweep(uint256 jobId) external;

    /// @notice The dispute game's verdict against an audit: half of the bond is to be burnt, the rest owed to the winner. An audit that is
    /// lost already stays as it is.
    function refute(uint256 auditId, address winner) external;

    /// @notice Pays out all that is owed to the caller.
    function withdraw(address to) external returns (uint256 amountWei);

    /// @notice Sends what is to be burnt to the burn address.
    function burn() external returns (uint256 amountWei);

    /// @notice The audit; reverts if there is none of this id.
    function audit(uint256 auditId) external view returns (Audit memory);

    /// @notice The audit, if a game can be opened against it now; else reverts.
    function challengeable(uint256 auditId) external view returns (Audit memory);

    /// @notice How many audits there are; ids run from 1 to this.
    function auditCount() external view returns (uint256);

    /// @notice The audits of a claim, by number.
    function claimAudits(uint256 jobId, uint32 claimNumber) external view returns (ClaimAudits memory);

    /// @notice A watcher's audit of a claim; 0 if it has none.
    function auditOf(uint256 jobId, uint32 claimNumber, address watcher) external view returns (uint256 auditId);

    /// @notice The part that is drawn for a watcher: `round * parts + part`. Reverts before `draw`.
    function drawnPart(uint256 jobId, uint32 claimNumber, address watcher) external view returns (uint256);

    /// @notice What audits of this job were paid, and what was swept.
    function spentWei(uint256 jobId) external view returns (uint256);

    /// @notice What `withdraw` would pay to the account.
    function owedWei(address account) external view returns (uint256);

    /// @notice The registry whose claims are audited; 0 before it is bound.
    function jobs() external view returns (IJobRegistry);

    function token() external view returns (IERC20);

    function bondWei() external view returns (uint256);

    function auditsPerClaim() external view returns (uint32);

    function revealSeconds() external view returns (uint32);

    function challengeSeconds() external view returns (uint32);
}
