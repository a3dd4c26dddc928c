// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IDatasetRegistry } from "../models/IDatasetRegistry.sol";
import { IModelRegistry } from "../models/IModelRegistry.sol";
import { IOperatorRegistry } from "../staking/IOperatorRegistry.sol";
import { IServiceRegistry } from "../staking/IServiceRegistry.sol";
import { IStakePool } from "../staking/IStakePool.sol";
import { IFlow } from "../storage/IFlow.sol";
import { Extent } from "../../libraries/ProgramLib.sol";
import { IAuditDesk } from "./IAuditDesk.sol";
import { IClaimDigests } from "./IClaimDigests.sol";
import { IDisputeGame } from "./IDisputeGame.sol";
import { IProgramRegistry } from "./IProgramRegistry.sol";

enum JobStatus {
    None,
    Open,
    Claimed,
    Accepted,
    Cancelled
}

/// @notice What a job is to do and what it pays; fixed when it opens.
/// @param modelId Model that gets a new version
/// @param datasetId Dataset to train on
/// @param programSubmission Where `Flow` placed the program's file
/// @param programRoot The program's file root; it must be registered
/// @param seed Seed of initial weights and sample order
/// @param rounds Rounds of training
/// @param parts Parts of each round, as the program has it
/// @param poolsBps Shares of data, labels, compute and initiator in basis points; sum 10,000
/// @param shareSupply Shares of the new version, all pools together
/// @param feeWei Escrowed now, paid to the author of the accepted claim
/// @param auditFeeWei Escrowed now, for audits of the accepted claim; 0 if none are paid
/// @param claimBondWei Bond of a claim; lost when the claim is refuted
/// @param leaseBondWei Bond of the lease; lost by silence
/// @param coverageWei Stake that each joined operator reserves
/// @param deadline Last second in which the job can be claimed
/// @param claimWindowSeconds How long a claim stays open to challenge
/// @param leaseSeconds A lease ends so long after its last heartbeat
struct JobParams {
    uint256 modelId;
    uint256 datasetId;
    uint64 programSubmission;
    bytes32 programRoot;
    bytes32 seed;
    uint32 rounds;
    uint32 parts;
    uint16[4] poolsBps;
    uint64 shareSupply;
    uint256 feeWei;
    uint256 auditFeeWei;
    uint256 claimBondWei;
    uint256 leaseBondWei;
    uint256 coverageWei;
    uint48 deadline;
    uint48 claimWindowSeconds;
    uint48 leaseSeconds;
}

/// @notice File roots that a claim puts forward.
/// @param weightsRoot Final weights
/// @param allocationRoot Shares of each account, an i64 tensor
/// @param traceRoot The trace
/// @param creditsRoot Who is credited for which part
/// @param accountsRoot 32 bytes an account, address left-padded: the dataset's accounts, the opener, then the joined
/// operators in the order they joined
/// @param roundsRoot Weights at the start of each round
/// @param accountCount Entries of the accounts file; operators who joined last may be left out
struct Outputs {
    bytes32 weightsRoot;
    bytes32 allocationRoot;
    bytes32 traceRoot;
    bytes32 creditsRoot;
    bytes32 accountsRoot;
    bytes32 roundsRoot;
    uint32 accountCount;
}

/// @notice The right to coordinate a job and to claim it.
/// @param holder 0 if nobody holds it
/// @param expiresAt The lease is live up to and including this second
struct Lease {
    address holder;
    uint48 expiresAt;
}

/// @notice A claim of a job.
/// @param author Operator that posted it
/// @param number From 1; counts the job's claims, refuted ones included
/// @param claimedAt Block time of the claim
/// @param outputs Its outputs
/// @param submissions Where `Flow` placed weights, allocation, trace, credits, accounts, rounds
struct JobClaim {
    address author;
    uint32 number;
    uint48 claimedAt;
    Outputs outputs;
    uint64[6] submissions;
}

/// @notice What determines every execution of a claim but its allocation.
/// @param author Operator that posted the claim; it and the next three are 0 for the job alone
/// @param claimedAt Block time of the claim
/// @param windowEndsAt The window's last second
/// @param traceRoot The claim's trace
/// @param programRoot The program's file root
/// @param seed The job's seed
/// @param datasetId Dataset to train on
/// @param samplesRoot File root of its samples
/// @param labelsRoot File root of its labels
/// @param samples How many samples it has
/// @param rounds Rounds of training
/// @param parts Parts of each round
struct ClaimFacts {
    address author;
    uint48 claimedAt;
    uint48 windowEndsAt;
    bytes32 traceRoot;
    bytes32 programRoot;
    bytes32 seed;
    uint256 datasetId;
    bytes32 samplesRoot;
    bytes32 labelsRoot;
    uint32 samples;
    uint32 rounds;
    uint32 parts;
}

/// @notice Stake that a joined operator reserved for a job.
/// @param amountWei How much
/// @param joinedAt When it joined; 0 if it did not
/// @param isHeld Whether the stake is still reserved
struct Coverage {
    uint256 amountWei;
    uint48 joinedAt;
    bool isHeld;
}

/// @notice A job and where it stands.
/// @param opener Who opened it and escrowed the fee
/// @param status Open: can be joined, led and claimed. Claimed: waits out its window. Accepted and Cancelled are final
/// @param coverageUntil Coverage of a final job is released no earlier
/// @param versionId Model version it became; 0 before acceptance
struct Job {
    JobParams params;
    address opener;
    JobStatus status;
    uint48 coverageUntil;
    uint256 versionId;
    Lease lease;
    JobClaim claim;
}

/// @notice Bounds of every job of a deployment, in seconds and wei.
/// @param minClaimBondWei Covers the gas of a challenger and hurts; at least 2
/// @param minLeaseBondWei At least 2
/// @param minCoverageWei At least 1
/// @param maxJobSeconds From opening to deadline
/// @param minClaimWindowSeconds Shortest window
/// @param maxClaimWindowSeconds Longest window
/// @param gameSeconds Longest game; two of them count towards the stake's longest obligation
/// @param minLeaseSeconds Shortest lease
/// @param availabilityEpochs A claim's data must be under filled storage deals for this many epochs after the current one
struct JobLimits {
    uint256 minClaimBondWei;
    uint256 minLeaseBondWei;
    uint256 minCoverageWei;
    uint48 maxJobSeconds;
    uint48 minClaimWindowSeconds;
    uint48 maxClaimWindowSeconds;
    uint48 gameSeconds;
    uint48 minLeaseSeconds;
    uint32 availabilityEpochs;
}

/// @notice What a job registry is built on; none of it ever changes.
/// @param token Token of fees, bonds and revenue
/// @param disputeGame Judges claims; a new one, which is bound to this registry for ever
/// @param auditDesk Pays audits; a new one, which is bound to this registry for ever
struct JobRegistryParams {
    IERC20 token;
    IOperatorRegistry operators;
    IServiceRegistry services;
    IStakePool pool;
    IDatasetRegistry datasets;
    IFlow flow;
    address disputeGame;
    IAuditDesk auditDesk;
    JobLimits limits;
}

/// @title Training jobs
/// @notice A job is opened with an escrowed fee, joined by operators who reserve stake, led by whoever holds its lease,
/// claimed under bond, open to challenge for a window, and then becomes a model version.
/// Bonds, fees and rewards are in the deployment's token and are paid out on `withdraw` only; what is to be burnt, on `burn`.
/// @dev Warning: the token must move exactly the amount asked for; tokens with a fee on transfer are not supported.
interface IJobRegistry is IClaimDigests {
    event JobOpened(uint256 indexed jobId, uint256 indexed modelId, address indexed opener, JobParams params);
    event JobJoined(uint256 indexed jobId, address indexed operator, uint256 position, uint256 coverageWei);
    event LeaseTaken(uint256 indexed jobId, address indexed holder, uint48 expiresAt);
    event LeaseForfeited(uint256 indexed jobId, address indexed holder, address indexed to, uint256 bondWei);
    event LeaseExtended(uint256 indexed jobId, address indexed holder, uint48 expiresAt);
    event JobClaimed(
        uint256 indexed jobId,
        uint32 indexed claimNumber,
        address indexed author,
        Outputs outputs,
        uint64[6] submissions,
        bytes signature
    );
    event JobAccepted(uint256 indexed jobId, uint256 indexed versionId, address indexed author, uint256 feeWei);
    event JobRefuted(uint256 indexed jobId, uint32 indexed claimNumber, address author, address indexed winner);
    event JobCancelled(uint256 indexed jobId, uint256 refundWei);
    event CoverageReleased(uint256 indexed jobId, address indexed operator, uint256 coverageWei);
    event Withdrawn(address indexed account, address indexed to, uint256 amountWei);
    event Burnt(uint256 amountWei);

    error JobRegistryGameMissing();
    error JobRegistryContractMissing(bytes32 name);
    error JobRegistryUnknown(uint256 jobId);
    error JobRegistryNotModelHolder(uint256 modelId, address caller, address holder);
    error JobRegistryProgramMismatch(bytes32 actual, bytes32 expected);
    error JobRegistryProgramLength(uint256 actualBytes, uint256 expectedBytes);
    error JobRegistryProgramParts(uint256 actual, uint256 expected);
    /// @param actual Samples that all parts of all rounds take, one that is taken twice counted twice
    error JobRegistryTooManyPlaces(uint256 actual, uint256 max);
    /// @dev The program only answers: nobody could repeat or judge a training of it.
    error JobRegistryNoStep(bytes32 programRoot);
    error JobRegistryNoAllocation(bytes32 programRoot);
    /// @param file 0 samples, 1 labels
    error JobRegistryDatasetLength(uint256 file, uint256 actualBytes, uint256 expectedBytes);
    /// @param actual Samples, accounts or credits that the job can have, or chunks of them
    /// @param limit What the program is made for
    error JobRegistryJobTooLarge(Extent extent, uint256 actual, uint256 limit);
    error JobRegistryParameterOutOfRange(bytes32 name, uint256 actual, uint256 min, uint256 max);
    error JobRegistryPoolsSum(uint256 actual, uint256 expected);
    error JobRegistryWrongStatus(uint256 jobId, JobStatus actual, JobStatus expected);
    error JobRegistryNotFinal(uint256 jobId, JobStatus actual);
    error JobRegistryDeadlinePassed(uint256 jobId, uint48 deadline);
    error JobRegistryDeadlineAhead(uint256 jobId, uint48 deadline);
    error JobRegistryNotMember(uint32 serviceId, address operator);
    error JobRegistryAlreadyJoined(uint256 jobId, address operator);
    error JobRegistryNotJoined(uint256 jobId, address operator);
    error JobRegistryFull(uint256 jobId, uint256 max);
    error JobRegistryLeaseLive(uint256 jobId, address holder, uint48 expiresAt);
    error JobRegistryLeaseExpired(uint256 jobId, uint48 expiresAt);
    error JobRegistryNotLeaseHolder(uint256 jobId, address caller, address holder);
    /// @param output 0 weights, 1 allocation, 2 trace, 3 credits, 4 accounts, 5 rounds
    error JobRegistryOutputMismatch(uint256 output, bytes32 actual, bytes32 expected);
    error JobRegistryOutputLength(uint256 output, uint256 actualBytes, uint256 expectedBytes);
    error JobRegistryAccountCount(uint256 actual, uint256 min, uint256 max);
    error JobRegistryNotAvailable(uint64 submission, uint32 untilEpoch);
    error JobRegistryWrongSigner(address actual, address expected);
    error JobRegistryWindowOpen(uint256 jobId, uint256 until);
    error JobRegistryGamesOpen(uint256 jobId, uint256 games);
    error JobRegistryNotGame(address caller, address game);
    error JobRegistryWrongClaim(uint256 jobId, uint32 actual, uint32 expected);
    error JobRegistryCoverageHeld(uint256 jobId, uint48 until);
    error JobRegistryWinnerMissing();
    error JobRegistryReceiverInvalid(address receiver);
    error JobRegistryNothingOwed(address account);

    /// @notice Opens a job for a new version of a model and escrows its fees.
    /// @dev Only the holder of the model's token. The deadline, window, lease and bonds must lie within `limits`. The program must be
    /// registered, compute an allocation, take less than 2^53 samples in all, and be made for as many samples, credits and accounts as the job can have; the
    /// dataset's samples and labels must have exactly the bytes of the program's tensors.
    /// @return jobId From 1, in order
    function openJob(JobParams calldata params) external returns (uint256 jobId);

    /// @notice The calling operator joins an open job and reserves the job's coverage in `StakePool`.
    /// @dev Settles the operator's magnitude, so that whoever may have to slash it does not pay for that.
    /// Must be a member of the compute service that has not announced to leave. At most `MAX_JOINED` operators join a job. There is no leaving.
    function join(uint256 jobId) external;

    /// @notice A joined operator takes the lease and posts its bond. Refused while another lease is live.
    /// @dev The bond of an expired lease is lost: half is burnt, the rest owed to the caller.
    function takeLease(uint256 jobId) external;

    /// @notice The lease's holder shows it is alive; the lease runs `leaseSeconds` from now. Too late after expiry.
    function heartbeat(uint256 jobId) external;

    /// @notice The lease's holder puts forward the job's outputs under bond.
    /// @dev Every root must be that of its submission, which has exactly the bytes that follow from job and program; outputs,
    /// dataset and program must be under filled storage deals.
    /// @param submissions Where `Flow` placed weights, allocation, trace, credits, accounts, rounds
    /// @param signature By the operator's signer over `claimDigest` of the job's claim
    function claim(
        uint256 jobId,
        Outputs calldata outputs,
        uint64[6] calldata submissions,
        bytes calldata signature
    ) external;

    /// @notice Accepts an unrefuted claim after its window: publishes the model version, and owes fee and bonds to the author, and the
    /// audit fee to the audit desk.
    /// Anyone may call.
    /// @return versionId The new version
    function accept(uint256 jobId) external returns (uint256 versionId);

    /// @notice The dispute game's verdict against a claim. Half of the bond is to be burnt, the rest owed to the winner; the job
    /// reopens with its escrow, and its lease ends with the lease's bond owed to the author.
    /// @param claimNumber The claim that lost; it must be the live one
    function refute(uint256 jobId, uint32 claimNumber, address winner) external;

    /// @notice Ends a job that was not claimed by its deadline: its fees are owed to the opener. Anyone may call.
    /// @dev A lease that was live at the deadline gets its bond back; of one that had expired half is burnt, the rest owed
    /// to the opener.
    function cancel(uint256 jobId) external;

    /// @notice Releases an operator's coverage of a final job, unless a part that it signed is in dispute. Anyone may call,
    /// once per operator.
    function releaseCoverage(uint256 jobId, address operator) external;

    /// @notice Pays out all that is owed to the caller.
    function withdraw(address to) external returns (uint256 amountWei);

    /// @notice Sends what is to be burnt to the burn address.
    function burn() external returns (uint256 amountWei);

    /// @notice What `withdraw` would pay to the account.
    function owedWei(address account) external view returns (uint256);

    /// @notice The job; reverts if there is none of this id.
    function job(uint256 jobId) external view returns (Job memory);

    /// @notice Stake that every operator of the job reserves; 0 if there is none of this id.
    function coverageWeiOf(uint256 jobId) external view returns (uint256);

    /// @notice How many jobs were opened; ids run from 1 to this.
    function jobCount() external view returns (uint256);

    /// @notice Operators that joined, in order.
    function joined(uint256 jobId) external view returns (address[] memory);

    /// @notice Whether the operator's coverage of this job is still reserved.
    function isCovering(uint256 jobId, address operator) external view returns (bool);

    /// @notice What the operator reserved for this job, also when it was released.
    function coverageOf(uint256 jobId, address operator) external view returns (Coverage memory);

    /// @notice What a game against a claim asks for. Reverts unless the claim is the live one.
    /// @param claimNumber Which of the job's claims; 0 for the job alone, whatever its status
    function claimFacts(uint256 jobId, uint32 claimNumber) external view returns (ClaimFacts memory);

    /// @notice Whether this claim waits to be accepted or refuted.
    function isClaimLive(uint256 jobId, uint32 claimNumber) external view returns (bool);

    /// @notice What the claim's author signs for these outputs.
    function jobClaimDigest(uint256 jobId, Outputs calldata outputs) external view returns (bytes32);

    /// @notice Operators a job takes at most.
    function MAX_JOINED() external view returns (uint256);

    /// @notice Bounds of every job here.
    function limits() external view returns (JobLimits memory);

    /// @notice The game that judges claims.
    function disputeGame() external view returns (IDisputeGame);

    /// @notice The desk that pays audits of claims.
    function auditDesk() external view returns (IAuditDesk);

    /// @notice Models whose versions the jobs become.
    function models() external view returns (IModelRegistry);

    /// @notice The compute service in `ServiceRegistry`.
    function serviceId() external view returns (uint32);

    /// @notice The service's group, of whose magnitudes a slash takes a share.
    function groupId() external view returns (uint32);

    /// @notice Programs of jobs: those that the dispute game can judge.
    function programs() external view returns (IProgramRegistry);

    function operators() external view returns (IOperatorRegistry);

    function services() external view returns (IServiceRegistry);

    function pool() external view returns (IStakePool);

    function datasets() external view returns (IDatasetRegistry);

    function flow() external view returns (IFlow);
}
