// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Multicall } from "@openzeppelin/contracts/utils/Multicall.sol";

import { GameTurns } from "./GameTurns.sol";
import { GameVerdicts } from "./GameVerdicts.sol";
import { OpeningGame } from "./OpeningGame.sol";
import { Claim } from "../interfaces/compute/IClaimDigests.sol";
import {
    Accusation,
    ClaimFile,
    Fault,
    Game,
    GameParams,
    GameSubject,
    IDisputeGame,
    Roots,
    Stage
} from "../interfaces/compute/IDisputeGame.sol";
import { ClaimFacts } from "../interfaces/compute/IJobRegistry.sol";
import { Execution, IOneStepVerifier, Operand, Spot } from "../interfaces/compute/IOneStepVerifier.sol";
import { Revealed } from "../interfaces/compute/ISubjectReader.sol";
import { LeafOpening } from "../libraries/FileTreeLib.sol";

/// @title Challenge by opening
contract DisputeGame is OpeningGame, GameVerdicts, Multicall {
    using SafeCast for uint256;

    /// @inheritdoc IDisputeGame
    IOneStepVerifier public immutable steps;

    constructor(GameParams memory params) GameTurns(params) {
        require(address(params.steps).code.length != 0, DisputeGameContractMissing("steps"));
        address judged = address(params.steps.programs());
        require(judged == address(programs), DisputeGameProgramsMismatch(judged, address(programs)));
        steps = params.steps;
    }

    /// @inheritdoc IDisputeGame
    function open(uint256 jobId, uint32 claimNumber) external nonReentrant returns (uint256 gameId) {
        (gameId, , ) = _open(jobId, claimNumber);
        _collectBond();
    }

    /// @inheritdoc IDisputeGame
    function challenge(
        uint256 jobId,
        uint32 claimNumber,
        Accusation calldata accusation
    ) external nonReentrant returns (uint256 gameId) {
        Game storage game_;
        ClaimFacts memory facts;
        (gameId, game_, facts) = _open(jobId, claimNumber);
        _accuse(gameId, game_, facts, accusation);
        _collectBond();
    }

    /// @inheritdoc IDisputeGame
    function challengePart(
        Claim calldata part,
        bytes calldata signature,
        bytes32 startRoot
    ) external nonReentrant returns (uint256 gameId) {
        (address author, uint48 joinedAt, Execution memory execution, uint256 stepCount) = subjects.signedPart(
            jobs,
            part,
            signature,
            startRoot
        );

        Game storage game_;
        (gameId, game_) = _add(GameSubject.Part, part.job, part.index.toUint32(), author, joinedAt);
        _detail(gameId, game_, execution, stepCount);
        _collectBond();
    }

    /// @inheritdoc IDisputeGame
    function challengeAnswer(
        Claim calldata answer,
        bytes calldata signature,
        bytes32 weightsRoot,
        bytes32 queryRoot
    ) external nonReentrant returns (uint256 gameId) {
        (address author, bytes32 digest, Execution memory execution) = subjects.signedAnswer(
            jobs,
            answer,
            signature,
            weightsRoot,
            queryRoot
        );

        Game storage game_;
        (gameId, game_) = _add(GameSubject.Answer, 0, 0, author, uint48(block.timestamp));
        answerDigestOf[gameId] = digest;
        _detail(gameId, game_, execution, 1);
        _collectBond();
    }

    /// @inheritdoc IDisputeGame
    function challengeAudit(
        uint256 auditId,
        Execution calldata execution
    ) external nonReentrant returns (uint256 gameId) {
        Revealed memory audit = subjects.revealedAudit(jobs, auditId, execution);

        Game storage game_;
        uint48 openedAt = uint48(block.timestamp);
        (gameId, game_) = _add(GameSubject.Audit, audit.jobId, auditId.toUint32(), audit.watcher, openedAt);
        game_.steps = uint24(audit.steps);
        emit Accused(gameId, execution);
        _descend(gameId, game_, keccak256(abi.encode(execution)), audit.detailRoot, audit.height);
        _collectBond();
    }

    /// @inheritdoc IDisputeGame
    function demand(uint256 gameId, ClaimFile file, uint64 leafIndex) external {
        Game storage game_ = _enter(gameId, Stage.Free);
        require(game_.demands < MAX_DEMANDS, DisputeGameNoDemandsLeft(gameId, MAX_DEMANDS));
        reader.checkDemand(jobs, game_.jobId, game_.claimNumber, file, leafIndex);
        ++game_.demands;
        game_.operation = uint8(file);
        game_.leafIndex = uint48(leafIndex);
        game_.stage = Stage.Demanded;
        emit LeafDemanded(gameId, file, leafIndex);
    }

    /// @inheritdoc IDisputeGame
    function showLeaf(uint256 gameId, LeafOpening calldata opening) external {
        Game storage game_ = _enter(gameId, Stage.Demanded);
        (ClaimFile file, uint64 leafIndex) = (ClaimFile(game_.operation), game_.leafIndex);
        reader.checkShown(jobs, game_.jobId, game_.claimNumber, file, leafIndex, opening);
        game_.stage = Stage.Free;
        emit LeafShown(gameId, file, leafIndex, opening);
    }

    /// @inheritdoc IDisputeGame
    function accuse(uint256 gameId, Accusation calldata accusation) external {
        Game storage game_ = _enter(gameId, Stage.Free);
        ClaimFacts memory facts = jobs.claimFacts(game_.jobId, game_.claimNumber);
        _accuse(gameId, game_, facts, accusation);
    }

    /// @inheritdoc IDisputeGame
    function refute(uint256 gameId, Fault fault, bytes calldata proof) external {
        Game storage game_ = _enter(gameId, Stage.Free);
        require(reader.isFault(jobs, game_.jobId, game_.claimNumber, fault, proof), DisputeGameNoFault(fault));
        _win(gameId, game_);
    }

    /// @inheritdoc IDisputeGame
    function prove(
        uint256 gameId,
        Execution calldata execution,
        Roots calldata roots,
        uint256 leaf,
        uint256 element,
        LeafOpening calldata opening,
        Operand[] calldata operands
    ) external {
        Game storage game_ = _enter(gameId, Stage.Prove);
        _requireLeaf(game_, _trail(execution, roots), leaf, opening);
        Spot memory spot = Spot({
            step: game_.step,
            operation: game_.operation,
            detailRoot: roots.detailRoot,
            recordRoot: roots.recordRoot,
            tensorRoot: roots.tensorRoot,
            leafIndex: uint64(game_.leafIndex + leaf)
        });
        (int256 actual, int256 expected) = steps.judge(execution, spot, opening.leaf, element, operands);
        if (actual != expected) _win(gameId, game_);
        else _lose(gameId, game_);
    }

    function _open(
        uint256 jobId,
        uint32 claimNumber
    ) private returns (uint256 gameId, Game storage game_, ClaimFacts memory facts) {
        require(claimNumber != 0, DisputeGameClaimFallen(jobId, 0));
        facts = jobs.claimFacts(jobId, claimNumber);
        require(block.timestamp <= facts.windowEndsAt, DisputeGameWindowClosed(jobId, claimNumber, facts.windowEndsAt));
        (gameId, game_) = _add(GameSubject.JobClaim, jobId, claimNumber, facts.author, facts.claimedAt);
    }

    /// @param number The job's claim, the part or the audit
    function _add(
        GameSubject subject,
        uint256 jobId,
        uint32 number,
        address author,
        uint48 capturedAt
    ) private returns (uint256 gameId, Game storage game_) {
        (gameId, game_) = _newGame();
        game_.challenger = msg.sender;
        game_.capturedAt = capturedAt;
        game_.author = author;
        game_.jobId = jobId.toUint64();
        game_.subject = subject;
        if (subject == GameSubject.JobClaim) game_.claimNumber = number;
        else game_.part = number;
        game_.stage = Stage.Free;
        game_.turnStartedAt = uint48(block.timestamp);
        game_.challengerSeconds = budgetSeconds;
        game_.authorSeconds = budgetSeconds;
        _countIn(game_);
        emit GameOpened(gameId, jobId, game_.claimNumber, msg.sender, author);
    }

    function _accuse(
        uint256 gameId,
        Game storage game_,
        ClaimFacts memory facts,
        Accusation calldata accusation
    ) private {
        (Execution memory execution, uint256 stepCount) = reader.executionOf(jobs, game_.jobId, facts, accusation);
        _detail(gameId, game_, execution, stepCount);
    }

    /// @dev It is the author's turn to post the execution's detail root.
    function _detail(uint256 gameId, Game storage game_, Execution memory execution, uint256 stepCount) private {
        game_.steps = uint24(stepCount);
        game_.stage = Stage.Detail;
        game_.place = keccak256(abi.encode(execution));
        emit Accused(gameId, execution);
    }
}
