// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Audit, AuditStatus } from "../../../contracts/interfaces/compute/IAuditDesk.sol";
import { Job, JobStatus } from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { Stage } from "../../../contracts/interfaces/compute/IDisputeGame.sol";
import { Execution } from "../../../contracts/interfaces/compute/IOneStepVerifier.sol";
import { LeafOpening } from "../../../contracts/libraries/FileTreeLib.sol";
import { AuditFixture } from "../../support/AuditFixture.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Watchers, challengers and the opener on one job, in any order, with time passing. Refused calls are fine.
contract AuditHandler is AuditFixture {
    uint256 private constant WATCHERS = 5;

    bool private isSetUp;

    /// @dev The fuzzer may call this too.
    function setUp() public override {
        if (isSetUp) return;
        isSetUp = true;
        super.setUp();
        for (uint256 i = 0; i < WATCHERS; ++i) enlist(watcherAt(i));
        for (uint256 i = 0; i < WATCHERS; ++i) {
            vm.prank(watcherAt(i));
            token.approve(address(disputes), type(uint256).max);
        }
    }

    function drawNow(uint16 waitSeconds) external {
        setClock(clock + waitSeconds);
        attempt(stranger, address(desk), abi.encodeCall(desk.draw, (jobId, claimNumber())));
    }

    function commit(uint8 who) external {
        address watcher = watcherAt(who % WATCHERS);
        if (desk.claimAudits(jobId, claimNumber()).seed == 0) return;
        uint256 part = desk.drawnPart(jobId, claimNumber(), watcher);
        (bytes32[] memory hashes, ) = emptyDetail(part);
        bytes32 commitment = keccak256(abi.encode(watcher, TreeTool.root(hashes)));
        attempt(watcher, address(desk), abi.encodeCall(desk.commit, (jobId, claimNumber(), commitment)));
    }

    function reveal(uint8 which, uint16 waitSeconds) external {
        setClock(clock + waitSeconds);
        uint256 auditId = pickAudit(which);
        if (auditId == 0) return;
        address watcher = desk.audit(auditId).watcher;
        uint256 part = desk.drawnPart(jobId, desk.audit(auditId).claimNumber, watcher);
        (bytes32[] memory hashes, LeafOpening memory last) = emptyDetail(part);
        attempt(watcher, address(desk), revealOf(auditId, watcher, TreeTool.root(hashes), last));
    }

    /// @dev Also brings the job on: a claim falls and comes again now and then.
    function proceed(uint8 what) external {
        if (what % 8 == 0 && jobs.isClaimLive(jobId, claimNumber()) && claimNumber() < 3) {
            reclaim();
        } else if (what % 2 == 0) {
            setClock(clock + 1 days + 1);
            attempt(stranger, address(jobs), abi.encodeCall(jobs.accept, (jobId)));
        }
    }

    function challengeIt(uint8 which, uint8 who) external {
        uint256 auditId = pickAudit(which);
        if (auditId == 0) return;
        Audit memory audit = desk.audit(auditId);
        uint256 part = desk.drawnPart(jobId, audit.claimNumber, audit.watcher);
        Execution memory audited = stepExecution(part / PARTS, part % PARTS);
        bytes memory data = abi.encodeCall(disputes.challengeAudit, (auditId, audited));
        attempt(watcherAt(who % WATCHERS), address(disputes), data);
    }

    /// @dev The watcher is silent, or it answers and the challenger is.
    function decide(uint8 which, bool answers) external {
        uint256 count = disputes.gameCount();
        if (count == 0) return;
        uint256 gameId = 1 + (which % count);
        if (answers && disputes.game(gameId).stage == Stage.OpenSteps) {
            Audit memory audit = desk.audit(disputes.game(gameId).part);
            uint256 part = desk.drawnPart(jobId, audit.claimNumber, audit.watcher);
            (bytes32[] memory hashes, ) = emptyDetail(part);
            bytes32 audited = keccak256(abi.encode(stepExecution(part / PARTS, part % PARTS)));
            bytes32 trail = keccak256(abi.encode(audited, audit.detailRoot));
            bytes32[] memory children = nodesOf(hashes, 3, 0, 16);
            attempt(
                disputes.game(gameId).author,
                address(disputes),
                abi.encodeCall(disputes.openNodes, (gameId, trail, children))
            );
        }
        setClock(clock + BUDGET + 1);
        attempt(stranger, address(disputes), abi.encodeCall(disputes.claimTimeout, (gameId)));
        attempt(stranger, address(disputes), abi.encodeCall(disputes.settle, (gameId)));
    }

    function finish(uint8 which, uint8 how, uint32 waitSeconds) external {
        setClock(clock + (waitSeconds % 3 days));
        uint256 auditId = pickAudit(which);
        if (how % 4 == 0) attempt(stranger, address(desk), abi.encodeCall(desk.collect, (auditId)));
        if (how % 4 == 1) attempt(stranger, address(desk), abi.encodeCall(desk.release, (auditId)));
        if (how % 4 == 2) attempt(stranger, address(desk), abi.encodeCall(desk.expire, (auditId)));
        if (how % 4 == 3) attempt(stranger, address(desk), abi.encodeCall(desk.sweep, (jobId)));
    }

    function withdraw(uint8 who) external {
        address account = who % 6 == 5 ? opener : watcherAt(who % 6);
        attempt(account, address(desk), abi.encodeCall(desk.withdraw, (account)));
        if (who % 16 == 0) attempt(stranger, address(desk), abi.encodeCall(desk.burn, ()));
    }

    function assetsWei() external view returns (uint256) {
        return token.balanceOf(address(desk)) + jobs.owedWei(address(desk));
    }

    /// @notice Bonds of unresolved audits, everything owed, and what is left of the fee of an accepted job.
    function liabilitiesWei() external view returns (uint256 sum) {
        for (uint256 id = 1; id <= desk.auditCount(); ++id) {
            AuditStatus status = desk.audit(id).status;
            if (status == AuditStatus.Committed || status == AuditStatus.Revealed) sum += AUDIT_BOND;
        }
        for (uint256 i = 0; i < WATCHERS; ++i) sum += desk.owedWei(watcherAt(i));
        sum += desk.owedWei(opener) + desk.owedWei(desk.BURN_ADDRESS());
        if (isAccepted()) sum += AUDIT_FEE - desk.spentWei(jobId);
    }

    /// @notice No audit is paid but a revealed one of the accepted claim, and the counts are those of the audits.
    function isConsistent() external view returns (bool) {
        uint256[4] memory unresolved;
        uint256 paid;
        for (uint256 id = 1; id <= desk.auditCount(); ++id) {
            Audit memory audit = desk.audit(id);
            bool isOpen = audit.status == AuditStatus.Committed || audit.status == AuditStatus.Revealed;
            if (isOpen) ++unresolved[audit.claimNumber];
            if (audit.status != AuditStatus.Paid) continue;
            ++paid;
            if (audit.revealedAt == 0 || audit.claimNumber != claimNumber() || !isAccepted()) return false;
        }
        for (uint32 number = 1; number < 4; ++number) {
            if (desk.claimAudits(jobId, number).unresolved != unresolved[number]) return false;
            if (desk.claimAudits(jobId, number).commitments > AUDITS) return false;
        }
        uint256 spentWei = desk.spentWei(jobId);
        return spentWei == AUDIT_FEE || spentWei == paid * PAY;
    }

    function countOf(AuditStatus status) external view returns (uint256 count) {
        for (uint256 id = 1; id <= desk.auditCount(); ++id) if (desk.audit(id).status == status) ++count;
    }

    function watcherAt(uint256 i) private pure returns (address) {
        return address(uint160(0x3A7C4000 + i));
    }

    function isAccepted() private view returns (bool) {
        Job memory job = jobs.job(jobId);
        return job.status == JobStatus.Accepted;
    }

    /// @return 0 while there is no audit
    function pickAudit(uint8 which) private view returns (uint256) {
        uint256 count = desk.auditCount();
        return count == 0 ? 0 : 1 + (which % count);
    }

    function attempt(address from, address to, bytes memory data) private returns (bool ok) {
        vm.prank(from);
        (ok, ) = to.call(data);
    }
}

contract AuditInvariantTest {
    AuditHandler private handler;

    function setUp() public {
        handler = new AuditHandler();
        handler.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function testTheHandlerReachesEveryEnd() public {
        handler.drawNow(60);
        handler.commit(0);
        handler.proceed(8);
        handler.finish(0, 1, 0);
        handler.drawNow(60);
        for (uint8 i = 0; i < 3; ++i) handler.commit(i);
        handler.proceed(2);
        handler.reveal(1, 60);
        handler.reveal(2, 60);
        handler.challengeIt(1, 4);
        handler.decide(0, false);
        handler.challengeIt(2, 4);
        handler.decide(1, true);
        handler.finish(2, 0, 1 days);
        handler.finish(3, 2, 2 days);
        handler.finish(0, 3, 0);
        require(handler.countOf(AuditStatus.Released) == 1, "released");
        require(handler.countOf(AuditStatus.Lost) == 1, "lost");
        require(handler.countOf(AuditStatus.Paid) == 1, "paid");
        require(handler.countOf(AuditStatus.Expired) == 1, "expired");
        handler.withdraw(5);
        handler.withdraw(16);
        invariant_auditsMoneyAddsUp();
    }

    /// hardhat-config: invariant.runs = 64
    function invariant_auditsMoneyAddsUp() public view {
        require(handler.assetsWei() == handler.liabilitiesWei(), "balance + fees to come = bonds + owed + unpaid fees");
        require(handler.isConsistent(), "audits, counts and pay agree");
    }
}
