// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Claim } from "./IClaimDigests.sol";
import { GameSubject } from "./IDisputeGame.sol";
import { IJobRegistry } from "./IJobRegistry.sol";
import { Execution } from "./IOneStepVerifier.sol";
import { IProgramRegistry } from "./IProgramRegistry.sol";

/// @notice What a won game has shown.
/// @param operator Who answers for it
/// @param capturedAt The time that a slash is measured by
/// @param subject What the game was about
/// @param jobId The job whose claim or part it was; 0 for an answer
/// @param number Which of the job's claims or parts; 0 for an answer
/// @param digest Of the answer's claim; 0 for all but an answer
struct Offence {
    address operator;
    uint48 capturedAt;
    GameSubject subject;
    uint256 jobId;
    uint256 number;
    bytes32 digest;
}

/// @notice What a game against an audit begins with.
/// @param watcher Who answers for it
/// @param jobId The job
/// @param steps Steps of the execution
/// @param height Levels from the detail root down to the records
/// @param detailRoot Root of the watcher's detail file
struct Revealed {
    address watcher;
    uint256 jobId;
    uint256 steps;
    uint256 height;
    bytes32 detailRoot;
}

/// @title What operators sign, and what it costs them if it is wrong
/// @notice Views that a dispute game asks; this contract keeps nothing. Errors are those of `IDisputeGame`.
interface ISubjectReader {
    /// @notice What the signer of a part's claim answers for. Reverts unless it is an operator that covers the job.
    /// @param startRoot Root of the weights that the part started from
    /// @return author The signer's operator
    /// @return joinedAt When it joined the job
    /// @return execution The execution
    /// @return steps Its steps
    function signedPart(
        IJobRegistry jobs,
        Claim calldata part,
        bytes calldata signature,
        bytes32 startRoot
    ) external view returns (address author, uint48 joinedAt, Execution memory execution, uint256 steps);

    /// @notice What the signer of an answer answers for. Reverts unless it is an operator that is a member of the compute service now.
    /// @return author The signer's operator
    /// @return digest Digest of the answer's claim
    /// @return execution The execution, of one step
    function signedAnswer(
        IJobRegistry jobs,
        Claim calldata answer,
        bytes calldata signature,
        bytes32 weightsRoot,
        bytes32 queryRoot
    ) external view returns (address author, bytes32 digest, Execution memory execution);

    /// @notice What a watcher answers for that has revealed an audit. Reverts unless a game can be opened against it now.
    /// @param execution The execution of the part that was drawn for it
    function revealedAudit(
        IJobRegistry jobs,
        uint256 auditId,
        Execution calldata execution
    ) external view returns (Revealed memory audit);

    /// @notice How an offence is punished.
    /// @param serviceId The compute service of `jobs`
    /// @return offenceKey One punishment for a claim, a part or an answer, however many games were won
    /// @return wad The share of the operator's magnitude that is worth its coverage of the job now, or the stake behind an answer,
    /// rounded up; of an offence that has been punished, what it was punished with
    function punishmentOf(
        IJobRegistry jobs,
        uint32 serviceId,
        Offence calldata offence
    ) external view returns (bytes32 offenceKey, uint64 wad);

    /// @notice Programs of the executions.
    function programs() external view returns (IProgramRegistry);

    /// @notice Stake that an operator loses for a false answer.
    function answerStakeWei() external view returns (uint256);
}
