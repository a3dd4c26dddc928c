// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { AuditStatus, IAuditDesk } from "../../../contracts/interfaces/compute/IAuditDesk.sol";
import { Game, GameSubject, IDisputeGame, Stage } from "../../../contracts/interfaces/compute/IDisputeGame.sol";
import { Execution } from "../../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { AuditFixture } from "../../support/AuditFixture.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Games against audits, whose author is the watcher.
contract AuditGameTest is AuditFixture {
    uint256 private auditId;
    address private watcher;

    function setUp() public override {
        super.setUp();
        (auditId, watcher) = revealedAudit();
    }

    /// @dev The way down is the one of the game fixture, whose author is whoever answers for the audit.
    function author() internal view override returns (address) {
        return watcher == address(0) ? super.author() : watcher;
    }

    function testAFalseAuditLosesItsGame() public {
        uint256 gameId = challengeAudit(stranger);
        Game memory game_ = disputes.game(gameId);
        require(game_.subject == GameSubject.Audit && game_.part == auditId, "subject");
        require(game_.author == watcher && game_.jobId == jobId && game_.claimNumber == 0, "players");
        require(game_.stage == Stage.OpenSteps && game_.height == 7, "the watcher opens what it revealed");
        bytes32 root = TreeTool.root(detailHashes());
        bytes32 trail = keccak256(abi.encode(keccak256(abi.encode(execution())), root));
        require(game_.place == keccak256(abi.encode(trail, root)), "at the detail root of the execution");
        requireEqual(disputes.openAuditGames(auditId), 1, "counted");

        steps.setVerdict(7, 8);
        playTo(gameId, Stage.Prove);
        (bool ok, ) = moveOf(gameId, Stage.Prove);
        require(ok, "judged");
        requireStage(gameId, Stage.Won);
        setClock(clock + CHALLENGE + 1);
        bytes memory data = abi.encodeCall(desk.collect, (auditId));
        bytes4 selector = IAuditDesk.AuditDeskGamesOpen.selector;
        requireRefusedAudit(watcher, data, abi.encodeWithSelector(selector, auditId, 1));

        vm.expectEmit(true, true, true, true, address(desk));
        emit IAuditDesk.AuditLost(auditId, stranger);
        disputes.settle(gameId);
        require(desk.audit(auditId).status == AuditStatus.Lost, "lost");
        requireEqual(disputes.owedWei(stranger), BOND, "the challenger's bond back");
        requireEqual(desk.owedWei(stranger), 20, "half of the watcher's bond");
        requireEqual(desk.owedWei(desk.BURN_ADDRESS()), 21, "half, rounded up, to be burnt");
        requireEqual(disputes.openAuditGames(auditId), 0, "closed");
        selector = IAuditDesk.AuditDeskWrongStatus.selector;
        requireRefusedAudit(
            watcher,
            data,
            abi.encodeWithSelector(selector, auditId, AuditStatus.Lost, AuditStatus.Revealed)
        );
        setClock(clock + REVEAL);
        desk.sweep(jobId);
        requireEqual(desk.owedWei(opener), AUDIT_FEE, "nobody earned anything");
    }

    function testATrueAuditWinsItsGameAndIsPaid() public {
        uint256 gameId = challengeAudit(stranger);
        playTo(gameId, Stage.Prove);
        (bool ok, ) = moveOf(gameId, Stage.Prove);
        require(ok, "judged");
        requireStage(gameId, Stage.Lost);
        requireEqual(disputes.owedWei(watcher), BOND / 2, "half of the challenger's bond");
        setClock(clock + CHALLENGE + 1);
        desk.collect(auditId);
        requireEqual(desk.owedWei(watcher), AUDIT_BOND + PAY, "bond and pay");
    }

    function testASilentWatcherLosesToEverybodyButPaysOnce() public {
        uint256 first = challengeAudit(stranger);
        uint256 second = challengeAudit(opener);
        setClock(clock + BUDGET + 1);
        disputes.claimTimeout(first);
        disputes.claimTimeout(second);
        disputes.settle(second);
        requireEqual(desk.owedWei(opener), 20, "the first who settles");
        disputes.settle(first);
        requireEqual(desk.owedWei(stranger), 0, "nothing more");
        requireEqual(desk.owedWei(desk.BURN_ADDRESS()), 21, "burnt once");
        requireEqual(disputes.owedWei(stranger), BOND, "its own bond back");
        bytes4 selector = IAuditDesk.AuditDeskWrongStatus.selector;
        refuseChallenge(auditId, abi.encodeWithSelector(selector, auditId, AuditStatus.Lost, AuditStatus.Revealed));
    }

    function testOnlyRevealedAuditsInTime() public {
        refuseChallenge(9, abi.encodeWithSelector(IAuditDesk.AuditDeskUnknown.selector, 9));
        uint256 until = clock + CHALLENGE;
        setClock(until + 1);
        bytes4 selector = IAuditDesk.AuditDeskChallengeOver.selector;
        refuseChallenge(auditId, abi.encodeWithSelector(selector, auditId, until));
        setClock(until);
        uint256 gameId = challengeAudit(stranger);
        setClock(until + 1);
        selector = IAuditDesk.AuditDeskGamesOpen.selector;
        requireRefusedAudit(
            watcher,
            abi.encodeCall(desk.collect, (auditId)),
            abi.encodeWithSelector(selector, auditId, 1)
        );
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.closeVoid, (gameId)),
            abi.encodeWithSelector(IDisputeGame.DisputeGameClaimStands.selector, jobId, 0)
        );
    }

    function testALostAuditIsNoEvidence() public {
        uint256 gameId = challengeAudit(stranger);
        setClock(clock + BUDGET + 1);
        disputes.claimTimeout(gameId);
        uint32 serviceId = jobs.serviceId();
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGameNoEvidence.selector, GameSubject.Audit));
        disputes.verify(serviceId, abi.encode(gameId));
    }

    function testTheExecutionIsTheAudits() public {
        Execution memory other = stepExecution(1, 0);
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.challengeAudit, (auditId, other)),
            abi.encodeWithSelector(
                IDisputeGame.DisputeGamePlaceMismatch.selector,
                keccak256(abi.encode(other)),
                keccak256(abi.encode(execution()))
            )
        );
    }

    function challengeAudit(address challenger) private returns (uint256) {
        Execution memory audited = execution();
        vm.prank(challenger);
        return disputes.challengeAudit(auditId, audited);
    }

    function refuseChallenge(uint256 id, bytes memory expected) private {
        requireRefusedMove(stranger, abi.encodeCall(disputes.challengeAudit, (id, execution())), expected);
    }
}
