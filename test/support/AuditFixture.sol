// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeLib, LeafOpening } from "../../contracts/libraries/FileTreeLib.sol";
import { GameFixture } from "./GameFixture.sol";
import { GameProgram } from "./GameProgram.sol";
import { TreeTool } from "./TreeTool.sol";
import { vm } from "./Vm.sol";

/// @notice The game fixture's claim, of a job that pays for audits, drawn, and watchers for whom a part of it is drawn.
abstract contract AuditFixture is GameFixture {
    /// @dev Leaves a remainder of 2 when it is divided among the audits.
    uint256 internal constant AUDIT_FEE = 95;
    uint256 internal constant PAY = 31;
    /// @dev The part whose detail the game fixture knows: part 1 of round 1.
    uint256 internal constant KNOWN_PART = 3;

    function setUp() public virtual override {
        auditFeeWei = AUDIT_FEE;
        super.setUp();
        vm.prank(stranger);
        token.approve(address(desk), type(uint256).max);
    }

    function draw() internal {
        setClock(clock + 12);
        vm.prevrandao(keccak256("randao"));
        desk.draw(jobId, claimNumber());
    }

    function claimNumber() internal view returns (uint32) {
        return jobs.job(jobId).claim.number;
    }

    /// @notice The n-th operator outside of the job for whom this part is drawn, with money.
    function watcherOf(uint256 part, uint256 n) internal returns (address watcher) {
        uint160 candidate = 0x3A7C4000;
        for (uint256 found = 0; found <= n; ++candidate) {
            watcher = address(candidate);
            if (desk.drawnPart(jobId, claimNumber(), watcher) == part) ++found;
        }
        enlist(watcher);
    }

    function enlist(address watcher) internal {
        if (staking.signerOf(watcher) != address(0)) return;
        staking.setOperator(watcher, watcher, 1_000);
        token.mint(watcher, WEALTH);
        vm.prank(watcher);
        token.approve(address(desk), type(uint256).max);
    }

    function commitBy(address watcher, bytes32 detailRoot) internal returns (uint256) {
        uint32 number = claimNumber();
        vm.prank(watcher);
        return desk.commit(jobId, number, keccak256(abi.encode(watcher, detailRoot)));
    }

    function accept() internal {
        setClock(jobs.claimFacts(jobId, claimNumber()).windowEndsAt + 1);
        jobs.accept(jobId);
    }

    /// @notice Brings down the live claim; the lease is free.
    function fall() internal {
        uint32 number = claimNumber();
        vm.prank(address(disputes));
        jobs.refute(jobId, number, stranger);
    }

    /// @notice An audit of the known part with its true detail, revealed.
    function revealedAudit() internal returns (uint256 auditId, address watcher) {
        draw();
        watcher = watcherOf(KNOWN_PART, 0);
        auditId = commitBy(watcher, TreeTool.root(detailHashes()));
        accept();
        revealBy(auditId, watcher, TreeTool.root(detailHashes()), lastOpening());
    }

    function revealBy(uint256 auditId, address watcher, bytes32 detailRoot, LeafOpening memory last) internal {
        bytes memory data = revealOf(auditId, watcher, detailRoot, last);
        vm.prank(watcher);
        (bool ok, bytes memory result) = address(desk).call(data);
        require(ok, string(result));
    }

    function revealOf(
        uint256 auditId,
        address watcher,
        bytes32 detailRoot,
        LeafOpening memory last
    ) internal view returns (bytes memory) {
        uint256 part = desk.drawnPart(jobId, desk.audit(auditId).claimNumber, watcher);
        LeafOpening memory start = openTrace((part / PARTS) * SLOTS);
        uint256 endSlot = (part / PARTS) * SLOTS + 1 + (part % PARTS);
        LeafOpening memory end;
        if (((part / PARTS) * SLOTS) / 8 != endSlot / 8) end = openTrace(endSlot);
        return abi.encodeCall(desk.reveal, (auditId, detailRoot, start, end, last));
    }

    /// @notice Leaves of a detail file that nobody computed: only its last state is right.
    function emptyDetail(uint256 part) internal pure returns (bytes32[] memory hashes, LeafOpening memory last) {
        hashes = new bytes32[](128);
        for (uint256 i = 0; i < 128; ++i) hashes[i] = FileTreeLib.ZERO_LEAF;
        bytes memory leaf = abi.encodePacked(new bytes(224), endRoot(part / PARTS, part % PARTS));
        hashes[GameProgram.STEPS - 1] = keccak256(leaf);
        last = LeafOpening(leaf, TreeTool.path(hashes, GameProgram.STEPS - 1, 1));
    }

    /// @notice Fails unless the call of the desk reverts with exactly this error and leaves audits and money as they were.
    function requireRefusedAudit(address from, bytes memory data, bytes memory expected) internal {
        bytes32 before = auditsHash();
        vm.prank(from);
        (bool ok, bytes memory actual) = address(desk).call(data);
        require(!ok, "accepted what it must refuse");
        require(keccak256(actual) == keccak256(expected), string(abi.encodePacked("wrong error", actual)));
        require(auditsHash() == before, "a refused call changed the state");
    }

    function auditsHash() internal view returns (bytes32 hash) {
        hash = keccak256(abi.encode(gamesHash(), desk.auditCount(), token.balanceOf(address(desk))));
        for (uint256 id = 1; id <= desk.auditCount(); ++id) {
            hash = keccak256(abi.encode(hash, desk.audit(id), desk.owedWei(desk.audit(id).watcher)));
        }
        hash = keccak256(abi.encode(hash, desk.claimAudits(jobId, 1), desk.claimAudits(jobId, 2)));
        return keccak256(abi.encode(hash, desk.spentWei(jobId), desk.owedWei(opener), desk.owedWei(stranger)));
    }
}
