// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { AuditDesk } from "../../../contracts/compute/AuditDesk.sol";
import { Audit, AuditDeskParams, AuditStatus, IAuditDesk } from "../../../contracts/interfaces/compute/IAuditDesk.sol";
import { IDisputeGame } from "../../../contracts/interfaces/compute/IDisputeGame.sol";
import { IJobRegistry, JobStatus } from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { FileTreeLib, LeafOpening } from "../../../contracts/libraries/FileTreeLib.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { AuditFixture } from "../../support/AuditFixture.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Every verb of the desk, and all that it refuses.
contract AuditDeskTest is AuditFixture {
    function createDeskOf(AuditDeskParams memory params) external returns (AuditDesk) {
        return AuditDesk(deployArtifact("compute", "AuditDesk", abi.encode(params)));
    }

    function testBoundsOfParameters() public {
        AuditDeskParams memory params = deskParams();
        params.token = IERC20(address(0x1234));
        vm.expectRevert(abi.encodeWithSelector(IAuditDesk.AuditDeskContractMissing.selector, bytes32("token")));
        this.createDeskOf(params);
        params = deskParams();
        params.bondWei = 1;
        refuseDesk(params, "bondWei", 1, 2, type(uint128).max);
        params.bondWei = 1 << 128;
        refuseDesk(params, "bondWei", 1 << 128, 2, type(uint128).max);
        params = deskParams();
        params.auditsPerClaim = 0;
        refuseDesk(params, "auditsPerClaim", 0, 1, 16);
        params.auditsPerClaim = 17;
        refuseDesk(params, "auditsPerClaim", 17, 1, 16);
        params = deskParams();
        params.revealSeconds = 0;
        refuseDesk(params, "revealSeconds", 0, 1, type(uint32).max);
        params = deskParams();
        params.challengeSeconds = 0;
        refuseDesk(params, "challengeSeconds", 0, 1, type(uint32).max);
    }

    function testIsBoundOnceToARegistryOfItsToken() public {
        require(address(desk.jobs()) == address(jobs), "by the registry's constructor");
        require(address(jobs.auditDesk()) == address(desk), "and the other way round");
        bytes4 selector = IAuditDesk.AuditDeskAlreadyBound.selector;
        requireRefusedAudit(stranger, abi.encodeCall(desk.bind, (token)), abi.encodeWithSelector(selector, jobs));
        AuditDesk fresh = createDesk();
        TokenMock other = new TokenMock();
        vm.expectRevert(abi.encodeWithSelector(IAuditDesk.AuditDeskWrongToken.selector, other, token));
        fresh.bind(other);
        fresh.bind(token);
        require(address(fresh.jobs()) == address(this), "bound");
    }

    function testDrawsOnceInALaterBlock() public {
        bytes memory data = abi.encodeCall(desk.draw, (jobId, 1));
        bytes4 selector = IAuditDesk.AuditDeskTooEarly.selector;
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, 1, clock));
        selector = IAuditDesk.AuditDeskNotDrawn.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, jobId, 1));
        desk.drawnPart(jobId, 1, stranger);

        setClock(clock + 1);
        vm.prevrandao(keccak256("randao"));
        bytes32 seed = keccak256(abi.encode(keccak256("randao"), jobId, uint32(1)));
        vm.expectEmit(true, true, true, true, address(desk));
        emit IAuditDesk.ClaimDrawn(jobId, 1, seed);
        vm.prank(opener);
        desk.draw(jobId, 1);
        require(desk.claimAudits(jobId, 1).seed == seed, "seed");
        requireEqual(desk.drawnPart(jobId, 1, stranger), uint256(keccak256(abi.encode(seed, stranger))) % 6, "part");
        selector = IAuditDesk.AuditDeskAlreadyDrawn.selector;
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, 1));
    }

    function testDrawsOnlyLiveClaimsOfJobsThatPay() public {
        setClock(clock + 1);
        bytes4 selector = IJobRegistry.JobRegistryWrongClaim.selector;
        bytes memory data = abi.encodeCall(desk.draw, (jobId, 2));
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, 2, 1));
        selector = IAuditDesk.AuditDeskWindowClosed.selector;
        data = abi.encodeCall(desk.draw, (jobId, 0));
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, 0, 0));
        auditFeeWei = 0;
        uint256 poorId = claimedJob();
        setClock(clock + 1);
        selector = IAuditDesk.AuditDeskNoFee.selector;
        data = abi.encodeCall(desk.draw, (poorId, 1));
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, poorId));
        uint256 until = jobs.claimFacts(jobId, 1).windowEndsAt;
        setClock(until + 1);
        selector = IAuditDesk.AuditDeskWindowClosed.selector;
        data = abi.encodeCall(desk.draw, (jobId, 1));
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, 1, until));
    }

    function testCommitsUnderBond() public {
        draw();
        address watcher = watcherOf(0, 0);
        bytes32 commitment = keccak256(abi.encode(watcher, keccak256("detail")));
        vm.expectEmit(true, true, true, true, address(desk));
        emit IAuditDesk.AuditCommitted(1, jobId, 1, watcher, commitment);
        uint256 auditId = commitBy(watcher, keccak256("detail"));
        Audit memory audit = desk.audit(auditId);
        require(audit.watcher == watcher && audit.status == AuditStatus.Committed, "watcher");
        require(audit.jobId == jobId && audit.claimNumber == 1 && audit.commitment == commitment, "what");
        requireEqual(token.balanceOf(address(desk)), AUDIT_BOND, "bond");
        requireEqual(desk.auditOf(jobId, 1, watcher), auditId, "found");
        requireEqual(desk.claimAudits(jobId, 1).commitments, 1, "counted");
        bytes4 selector = IAuditDesk.AuditDeskAlreadyCommitted.selector;
        refuseCommit(watcher, abi.encodeWithSelector(selector, auditId));
    }

    function testCommitsOnlyInTime() public {
        address watcher = address(0x3A7C4000);
        enlist(watcher);
        refuseCommit(watcher, abi.encodeWithSelector(IAuditDesk.AuditDeskNotDrawn.selector, jobId, 1));
        draw();
        uint256 until = jobs.claimFacts(jobId, 1).windowEndsAt;
        setClock(until + 1);
        refuseCommit(watcher, abi.encodeWithSelector(IAuditDesk.AuditDeskWindowClosed.selector, jobId, 1, until));
        setClock(until);
        commitBy(watcher, "");
        setClock(until + 1);
        jobs.accept(jobId);
        bytes4 selector = IJobRegistry.JobRegistryWrongStatus.selector;
        refuseCommit(watcher, abi.encodeWithSelector(selector, jobId, JobStatus.Accepted, JobStatus.Claimed));
    }

    function testOnlyMembersFromBeforeTheClaimWhoDidNotJoin() public {
        draw();
        uint256 claimedAt = jobs.job(jobId).claim.claimedAt;
        bytes4 selector = IAuditDesk.AuditDeskNotMember.selector;
        refuseCommit(stranger, abi.encodeWithSelector(selector, stranger, claimedAt));
        address late = address(0x3A7C4000);
        enlist(late);
        staking.setMemberSince(late, uint48(claimedAt + 1));
        refuseCommit(late, abi.encodeWithSelector(selector, late, claimedAt));
        staking.setMemberSince(late, uint48(claimedAt));
        commitBy(late, "");
        selector = IAuditDesk.AuditDeskJoinedJob.selector;
        refuseCommit(author(), abi.encodeWithSelector(selector, jobId, author()));
    }

    function testTheFirstOnesCount() public {
        draw();
        for (uint256 i = 0; i < AUDITS; ++i) commitBy(watcherOf(i, 0), "");
        bytes4 selector = IAuditDesk.AuditDeskFull.selector;
        refuseCommit(watcherOf(4, 0), abi.encodeWithSelector(selector, jobId, 1, AUDITS));
    }

    function testRevealsWhatWasDrawnAndCommitted() public {
        draw();
        address watcher = watcherOf(KNOWN_PART, 0);
        bytes32 root = TreeTool.root(detailHashes());
        uint256 auditId = commitBy(watcher, root);
        bytes memory data = revealOf(auditId, watcher, root, lastOpening());
        bytes4 selector = IAuditDesk.AuditDeskNotAccepted.selector;
        requireRefusedAudit(watcher, data, abi.encodeWithSelector(selector, jobId, 1));
        accept();
        selector = IAuditDesk.AuditDeskNotWatcher.selector;
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, auditId, stranger, watcher));
        selector = IAuditDesk.AuditDeskCommitmentMismatch.selector;
        bytes32 other = keccak256("another root");
        requireRefusedAudit(
            watcher,
            revealOf(auditId, watcher, other, lastOpening()),
            abi.encodeWithSelector(
                selector,
                keccak256(abi.encode(watcher, other)),
                keccak256(abi.encode(watcher, root))
            )
        );
        vm.expectEmit(true, true, true, true, address(desk));
        emit IAuditDesk.AuditRevealed(auditId, root, execution());
        revealBy(auditId, watcher, root, lastOpening());
        Audit memory audit = desk.audit(auditId);
        require(audit.status == AuditStatus.Revealed && audit.revealedAt == clock, "revealed");
        require(audit.detailRoot == root && audit.steps == 100 && audit.height == 7, "detail");
        require(audit.executionHash == keccak256(abi.encode(execution())), "execution");
        selector = IAuditDesk.AuditDeskWrongStatus.selector;
        requireRefusedAudit(
            watcher,
            data,
            abi.encodeWithSelector(selector, auditId, AuditStatus.Revealed, AuditStatus.Committed)
        );
        selector = IAuditDesk.AuditDeskUnknown.selector;
        requireRefusedAudit(stranger, abi.encodeCall(desk.collect, (2)), abi.encodeWithSelector(selector, 2));
    }

    function testTheDetailEndsInTheTrace() public {
        draw();
        address watcher = watcherOf(KNOWN_PART, 0);
        (bytes32[] memory hashes, LeafOpening memory last) = emptyDetail(2);
        uint256 auditId = commitBy(watcher, TreeTool.root(hashes));
        accept();
        bytes4 selector = IDisputeGame.DisputeGameStateMismatch.selector;
        requireRefusedAudit(
            watcher,
            revealOf(auditId, watcher, TreeTool.root(hashes), last),
            abi.encodeWithSelector(selector, endRoot(1, 0), endRoot(1, 1))
        );
        LeafOpening memory wrong = openTrace(12);
        vm.prank(watcher);
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        desk.reveal(auditId, TreeTool.root(hashes), wrong, wrong, last);
    }

    function testUnrevealedAuditsLoseTheirBond() public {
        draw();
        address watcher = watcherOf(KNOWN_PART, 0);
        uint256 auditId = commitBy(watcher, TreeTool.root(detailHashes()));
        bytes memory data = abi.encodeCall(desk.expire, (auditId));
        bytes4 selector = IAuditDesk.AuditDeskNotAccepted.selector;
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, 1));
        accept();
        uint256 until = clock + REVEAL;
        setClock(until);
        selector = IAuditDesk.AuditDeskRevealOpen.selector;
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, until));
        setClock(until + 1);
        selector = IAuditDesk.AuditDeskRevealOver.selector;
        bytes memory late = revealOf(auditId, watcher, TreeTool.root(detailHashes()), lastOpening());
        requireRefusedAudit(watcher, late, abi.encodeWithSelector(selector, auditId, until));
        desk.expire(auditId);
        requireEqual(desk.owedWei(opener), 20, "half to the opener");
        requireEqual(desk.owedWei(desk.BURN_ADDRESS()), 21, "half, rounded up, to be burnt");
        requireEqual(desk.owedWei(watcher), 0, "nothing to the watcher");
        selector = IAuditDesk.AuditDeskWrongStatus.selector;
        requireRefusedAudit(
            stranger,
            data,
            abi.encodeWithSelector(selector, auditId, AuditStatus.Expired, AuditStatus.Committed)
        );
        requireEqual(desk.burn(), 21, "burnt");
        desk.sweep(jobId);
        requireEqual(desk.owedWei(opener), 20 + AUDIT_FEE, "all of the fee back");
    }

    function testAuditsOfARefutedClaimGetTheirBondsBack() public {
        draw();
        address watcher = watcherOf(0, 0);
        uint256 auditId = commitBy(watcher, "");
        bytes memory data = abi.encodeCall(desk.release, (auditId));
        bytes4 selector = IAuditDesk.AuditDeskClaimStands.selector;
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, 1));
        fall();
        uint256 snapshot = vm.snapshotState();
        desk.release(auditId);
        requireEqual(desk.owedWei(watcher), AUDIT_BOND, "bond back");
        require(desk.audit(auditId).status == AuditStatus.Released, "released");
        vm.revertToState(snapshot);

        // The next claim is audited anew; the first audit is not one of it.
        takeLease(jobId, 1);
        claimFiles();
        draw();
        uint256 secondId = commitBy(watcher, "");
        require(secondId != auditId, "another audit");
        accept();
        selector = IAuditDesk.AuditDeskNotAccepted.selector;
        requireRefusedAudit(
            stranger,
            abi.encodeCall(desk.expire, (auditId)),
            abi.encodeWithSelector(selector, jobId, 1)
        );
        desk.release(auditId);
        requireEqual(desk.owedWei(watcher), AUDIT_BOND, "bond back later, too");
        requireRefusedAudit(
            stranger,
            abi.encodeCall(desk.release, (secondId)),
            abi.encodeWithSelector(IAuditDesk.AuditDeskClaimStands.selector, jobId, 2)
        );
    }

    function testPaysWhatNobodyRefuted() public {
        (uint256 auditId, address watcher) = revealedAudit();
        bytes memory data = abi.encodeCall(desk.collect, (auditId));
        uint256 until = clock + CHALLENGE;
        setClock(until);
        bytes4 selector = IAuditDesk.AuditDeskChallengeOpen.selector;
        requireRefusedAudit(watcher, data, abi.encodeWithSelector(selector, auditId, until));
        setClock(until + 1);
        vm.expectEmit(true, true, true, true, address(desk));
        emit IAuditDesk.AuditPaid(auditId, watcher, PAY);
        desk.collect(auditId);
        requireEqual(desk.owedWei(watcher), AUDIT_BOND + PAY, "bond and pay");
        vm.prank(watcher);
        desk.withdraw(watcher);
        requireEqual(token.balanceOf(watcher), WEALTH + PAY, "paid");
        requireEqual(token.balanceOf(address(desk)), AUDIT_FEE - PAY, "the registry paid the fee");
        selector = IAuditDesk.AuditDeskWrongStatus.selector;
        requireRefusedAudit(
            watcher,
            data,
            abi.encodeWithSelector(selector, auditId, AuditStatus.Paid, AuditStatus.Revealed)
        );
    }

    function testTheRestOfTheFeeGoesBackToTheOpener() public {
        bytes memory data = abi.encodeCall(desk.sweep, (jobId));
        bytes4 selector = IAuditDesk.AuditDeskNotAccepted.selector;
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, 1));
        (uint256 auditId, ) = revealedAudit();
        uint256 until = clock + REVEAL;
        selector = IAuditDesk.AuditDeskRevealOpen.selector;
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, until));
        setClock(until + 1);
        selector = IAuditDesk.AuditDeskUnresolved.selector;
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId, 1));
        desk.collect(auditId);
        desk.sweep(jobId);
        requireEqual(desk.owedWei(opener), AUDIT_FEE - PAY, "the rest");
        requireEqual(desk.spentWei(jobId), AUDIT_FEE, "nothing left");
        selector = IAuditDesk.AuditDeskNothingLeft.selector;
        requireRefusedAudit(stranger, data, abi.encodeWithSelector(selector, jobId));
        vm.prank(opener);
        desk.withdraw(opener);
        requireEqual(token.balanceOf(address(desk)), AUDIT_BOND + PAY, "what the watcher is owed");
    }

    function testOnlyTheGameRefutes() public {
        (uint256 auditId, ) = revealedAudit();
        requireRefusedAudit(
            stranger,
            abi.encodeCall(desk.refute, (auditId, stranger)),
            abi.encodeWithSelector(IAuditDesk.AuditDeskNotGame.selector, stranger, disputes)
        );
        requireRefusedAudit(
            address(disputes),
            abi.encodeCall(desk.refute, (9, stranger)),
            abi.encodeWithSelector(IAuditDesk.AuditDeskUnknown.selector, 9)
        );
    }

    function testPaysOnlyWhatIsOwedAndNotToItself() public {
        bytes4 selector = IAuditDesk.AuditDeskNothingOwed.selector;
        requireRefusedAudit(
            stranger,
            abi.encodeCall(desk.withdraw, (stranger)),
            abi.encodeWithSelector(selector, stranger)
        );
        requireRefusedAudit(
            stranger,
            abi.encodeCall(desk.burn, ()),
            abi.encodeWithSelector(selector, desk.BURN_ADDRESS())
        );
        selector = IAuditDesk.AuditDeskReceiverInvalid.selector;
        requireRefusedAudit(
            stranger,
            abi.encodeCall(desk.withdraw, (address(0))),
            abi.encodeWithSelector(selector, address(0))
        );
        requireRefusedAudit(
            stranger,
            abi.encodeCall(desk.withdraw, (address(desk))),
            abi.encodeWithSelector(selector, desk)
        );
    }

    function refuseCommit(address watcher, bytes memory expected) private {
        requireRefusedAudit(watcher, abi.encodeCall(desk.commit, (jobId, 1, keccak256("commitment"))), expected);
    }

    function refuseDesk(AuditDeskParams memory params, bytes32 name, uint256 actual, uint256 min, uint256 max) private {
        bytes4 selector = IAuditDesk.AuditDeskParameterOutOfRange.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, name, actual, min, max));
        this.createDeskOf(params);
    }
}
