// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    AccountProof,
    ClaimFile,
    ContinuityProof,
    CreditProof,
    Fault,
    FinalProof,
    IDisputeGame,
    RoundProof,
    Stage,
    UnusedProof
} from "../../../contracts/interfaces/compute/IDisputeGame.sol";
import { JobStatus } from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { FileTreeLib, LeafOpening } from "../../../contracts/libraries/FileTreeLib.sol";
import { GameFixture } from "../../support/GameFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice What a claim is refuted by without a game over an execution, and leaves that are demanded.
contract DisputeGameFaultTest is GameFixture {
    function testATrueClaimHasNoFault() public {
        uint256 gameId = open();
        LeafOpening memory none;
        noFault(gameId, Fault.Final, abi.encode(FinalProof(openTrace(12))));
        noFault(gameId, Fault.Continuity, abi.encode(ContinuityProof(0, openTrace(1), none)));
        for (uint64 slot = 0; slot < 16; ++slot) {
            noFault(gameId, Fault.Unused, abi.encode(UnusedProof(slot, openTrace(slot))));
        }
        for (uint64 i = 0; i < 64; ++i) {
            if (i < 6) noFault(gameId, Fault.Credit, creditProof(i));
            else noFault(gameId, Fault.Credit, abi.encode(CreditProof(i, openFile(creditsFile, 0), none, none, none)));
        }
        for (uint64 i = 0; i < 8; ++i) noFault(gameId, Fault.Account, accountProof(i));
        for (uint64 i = 0; i < 15; ++i) noFault(gameId, Fault.Round, roundProof(i));
    }

    function testFinalWeightsAreTheTracesLast() public {
        set(traceFile, 12 * 32, 1);
        refuted(Fault.Final, abi.encode(FinalProof(openTrace(12))));
    }

    function testUnusedSlotsAreZero() public {
        traceFile[7 * 32 + 31] = 0x01;
        refuted(Fault.Unused, abi.encode(UnusedProof(7, openTrace(7))));
    }

    function testWhatIsBehindTheTraceIsZero() public {
        // The file's root can hold more than its bytes.
        bytes memory longer = abi.encodePacked(traceFile, new bytes(96));
        longer[511] = 0x01;
        traceFile = longer;
        refuted(Fault.Unused, abi.encode(UnusedProof(15, openTrace(15))));
    }

    function testACreditIsAnOperatorsPlace() public {
        LeafOpening memory none;
        bytes1[3] memory wrong = [bytes1(uint8(FIRST_OPERATOR - 1)), bytes1(uint8(FIRST_OPERATOR + OPERATORS)), 0xff];
        for (uint256 i = 0; i < wrong.length; ++i) {
            creditsFile[4] = wrong[i];
            refuted(Fault.Credit, abi.encode(CreditProof(1, openFile(creditsFile, 0), none, none, none)));
        }
        // Below zero.
        creditsFile[4] = bytes1(uint8(FIRST_OPERATOR));
        creditsFile[7] = 0x80;
        refuted(Fault.Credit, abi.encode(CreditProof(1, openFile(creditsFile, 0), none, none, none)));
    }

    function testCreditsBehindTheLastPartAreZero() public {
        LeafOpening memory none;
        creditsFile[4 * 6] = 0x01;
        refuted(Fault.Credit, abi.encode(CreditProof(6, openFile(creditsFile, 0), none, none, none)));
        creditsFile[4 * 6] = 0x00;
        creditsFile[255] = 0x01;
        refuted(Fault.Credit, abi.encode(CreditProof(63, openFile(creditsFile, 0), none, none, none)));
    }

    function testACreditIsThatOfWhoSigned() public {
        // Credited to another than the entry names.
        creditsFile[4 * 2] = bytes1(uint8(FIRST_OPERATOR));
        refuted(Fault.Credit, creditProof(2));
        makeFiles();
        // The entry names who did not sign.
        setEntry(2, entryOf(2, 2, 0));
        refuted(Fault.Credit, creditProof(2));
        makeFiles();
        // Signed for another part.
        setEntry(2, entryOf(5, 2, 2));
        refuted(Fault.Credit, creditProof(2));
        makeFiles();
        // No signature at all.
        bytes memory entry = entryOf(2, 2, 2);
        entry[64] = 0x00;
        setEntry(2, entry);
        refuted(Fault.Credit, creditProof(2));
        makeFiles();
        // Bytes behind the address.
        entry = entryOf(2, 2, 2);
        entry[255] = 0x01;
        setEntry(2, entry);
        refuted(Fault.Credit, creditProof(2));
    }

    function testAKeyThatWasReplacedStillSpeaks() public {
        staking.setOperator(operatorAt(2), vm.addr(0xBEEF), 1_000);
        uint256 gameId = open();
        noFault(gameId, Fault.Credit, creditProof(2));
    }

    function testAccountsAreThoseOfDatasetOpenerAndOperators() public {
        uint256[4] memory places = [uint256(1), 3, 4, 6];
        for (uint256 i = 0; i < places.length; ++i) {
            makeFiles();
            accountsFile[places[i] * 32 + 31] ^= 0x01;
            refuted(Fault.Account, accountProof(uint64(places[i])));
        }
        makeFiles();
        accountsFile = abi.encodePacked(accountsFile, bytes32(uint256(1)));
        refuted(Fault.Account, accountProof(7));
    }

    function testRoundsHoldTheWeightsThatTheyStartFrom() public {
        uint256[3] memory leaves = [uint256(0), 4, 8];
        for (uint256 i = 0; i < leaves.length; ++i) {
            makeFiles();
            roundsFile[leaves[i] * 256 + 77] ^= 0x01;
            refuted(Fault.Round, roundProof(uint64(leaves[i])));
        }
    }

    function testProofsLeadToTheClaimsRoots() public {
        uint256 gameId = open();
        LeafOpening memory none;
        LeafOpening memory forged = openTrace(12);
        forged.leaf[4 * 32] ^= 0x01;
        malformed(gameId, Fault.Final, abi.encode(FinalProof(forged)));
        forged = openTrace(7);
        forged.leaf[255] ^= 0x01;
        malformed(gameId, Fault.Unused, abi.encode(UnusedProof(7, forged)));
        forged = openFile(creditsFile, 0);
        forged.leaf[4] ^= 0x01;
        malformed(gameId, Fault.Credit, abi.encode(CreditProof(1, forged, none, none, none)));
        AccountProof memory account = AccountProof(1, openFile(accountsFile, 0), openFile(datasetAccounts(), 0));
        account.account.leaf[63] ^= 0x01;
        malformed(gameId, Fault.Account, abi.encode(account));
        account = AccountProof(1, openFile(accountsFile, 0), openFile(datasetAccounts(), 0));
        account.dataset.leaf[63] ^= 0x01;
        malformed(gameId, Fault.Account, abi.encode(account));
        RoundProof memory round = RoundProof(1, openFile(roundsFile, 1), openTrace(0), openFile(weightsFile(0), 1));
        round.leaf.leaf[0] ^= 0x01;
        malformed(gameId, Fault.Round, abi.encode(round));
        round = RoundProof(1, openFile(roundsFile, 1), openTrace(0), openFile(weightsFile(0), 0));
        malformed(gameId, Fault.Round, abi.encode(round));
        vm.prank(stranger);
        (bool ok, ) = address(disputes).call(abi.encodeCall(disputes.refute, (gameId, Fault.Final, "")));
        require(!ok, "no proof");
    }

    function testDemandedLeavesAreShown() public {
        uint256 gameId = open();
        demand(gameId, ClaimFile.Rounds, 14);
        requireStage(gameId, Stage.Demanded);
        LeafOpening memory opening = openFile(roundsFile, 14);
        vm.prank(author());
        vm.expectEmit(true, true, true, true, address(disputes));
        emit IDisputeGame.LeafShown(gameId, ClaimFile.Rounds, 14, opening);
        disputes.showLeaf(gameId, opening);
        requireStage(gameId, Stage.Free);
        demand(gameId, ClaimFile.DatasetAccounts, 0);
        opening = openFile(datasetAccounts(), 0);
        vm.prank(author());
        disputes.showLeaf(gameId, opening);
        requireEqual(disputes.game(gameId).demands, 2, "counted");
        playTo(gameId, Stage.Prove);
        requireEqual(disputes.game(gameId).leafIndex, 40, "nothing of the demand is left");
    }

    function testAnotherLeafIsNotTheOneDemanded() public {
        uint256 gameId = open();
        demand(gameId, ClaimFile.Rounds, 3);
        LeafOpening memory opening = openFile(roundsFile, 4);
        vm.prank(author());
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        disputes.showLeaf(gameId, opening);
        setClock(clock + BUDGET + 1);
        disputes.claimTimeout(gameId);
        requireStage(gameId, Stage.Won);
    }

    function testDemandsAreBounded() public {
        uint256 gameId = open();
        bytes4 selector = IDisputeGame.DisputeGameLeafOutOfRange.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.demand, (gameId, ClaimFile.Trace, 2)),
            abi.encodeWithSelector(selector, ClaimFile.Trace, 2, 2)
        );
        LeafOpening memory opening = openFile(traceFile, 1);
        uint256 max = disputes.MAX_DEMANDS();
        for (uint256 i = 0; i < max; ++i) {
            demand(gameId, ClaimFile.Trace, 1);
            vm.prank(author());
            disputes.showLeaf(gameId, opening);
        }
        selector = IDisputeGame.DisputeGameNoDemandsLeft.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.demand, (gameId, ClaimFile.Trace, 1)),
            abi.encodeWithSelector(selector, gameId, max)
        );
    }

    function testNothingIsDemandedOfAFallenClaim() public {
        uint256 gameId = open();
        vm.prank(address(disputes));
        jobs.refute(jobId, 1, stranger);
        takeLease(jobId, 1);
        claimFiles();
        bytes4 selector = IDisputeGame.DisputeGameClaimFallen.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.demand, (gameId, ClaimFile.Trace, 1)),
            abi.encodeWithSelector(selector, jobId, 1)
        );
        disputes.closeVoid(gameId);
    }

    function demand(uint256 gameId, ClaimFile file, uint64 leafIndex) private {
        vm.prank(stranger);
        disputes.demand(gameId, file, leafIndex);
    }

    /// @dev Claims the files as they are, and has the fault shown.
    function refuted(Fault fault, bytes memory proof) private {
        reclaim();
        uint256 gameId = open();
        vm.prank(stranger);
        disputes.refute(gameId, fault, proof);
        requireStage(gameId, Stage.Won);
        disputes.settle(gameId);
        require(jobs.job(jobId).status == JobStatus.Open, "refuted");
        // For the next claim of the same test.
        takeLease(jobId, 1);
        claimFiles();
    }

    function noFault(uint256 gameId, Fault fault, bytes memory proof) private {
        bytes4 selector = IDisputeGame.DisputeGameNoFault.selector;
        requireRefusedMove(
            stranger,
            abi.encodeCall(disputes.refute, (gameId, fault, proof)),
            abi.encodeWithSelector(selector, fault)
        );
    }

    function malformed(uint256 gameId, Fault fault, bytes memory proof) private {
        vm.prank(stranger);
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        disputes.refute(gameId, fault, proof);
        requireStage(gameId, Stage.Free);
    }

    function creditProof(uint64 i) private view returns (bytes memory) {
        LeafOpening memory none;
        uint256 startSlot = (i / PARTS) * SLOTS;
        uint256 endSlot = startSlot + 1 + (i % PARTS);
        return
            abi.encode(
                CreditProof(
                    i,
                    openFile(creditsFile, 0),
                    openFile(roundsFile, 9 + i),
                    openTrace(startSlot),
                    i % 2 == 0 ? none : openTrace(endSlot)
                )
            );
    }

    function accountProof(uint64 i) private view returns (bytes memory) {
        LeafOpening memory none;
        return
            abi.encode(
                AccountProof(i, openFile(accountsFile, 0), i < DATASET_ACCOUNTS ? openFile(datasetAccounts(), 0) : none)
            );
    }

    function roundProof(uint64 leafIndex) private view returns (bytes memory) {
        LeafOpening memory none;
        LeafOpening memory leaf = openFile(roundsFile, leafIndex);
        if (leafIndex >= 9) return abi.encode(RoundProof(leafIndex, leaf, none, none));
        uint256 round = leafIndex / 3;
        return
            abi.encode(
                RoundProof(leafIndex, leaf, openTrace(round * SLOTS), openFile(weightsFile(round), leafIndex % 3))
            );
    }

    function setEntry(uint256 i, bytes memory entry) private {
        for (uint256 k = 0; k < 256; ++k) roundsFile[(9 + i) * 256 + k] = entry[k];
    }

    function set(bytes storage file, uint256 place, uint8 value) private {
        file[place] = bytes1(uint8(file[place]) ^ value);
    }
}
