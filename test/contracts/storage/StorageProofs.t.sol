// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IBlockSeeds } from "../../../contracts/interfaces/storage/IBlockSeeds.sol";
import { Draw, IStorageProofs } from "../../../contracts/interfaces/storage/IStorageProofs.sol";
import { FileTreeLib, LeafOpening } from "../../../contracts/libraries/FileTreeLib.sol";
import { StorageFixture } from "../../support/StorageFixture.sol";
import { vm } from "../../support/Vm.sol";

contract StorageProofsTest is StorageFixture {
    address private constant ALICE = address(0xa11ce);
    address private constant BOB = address(0xb0b);
    uint256 private constant BOUNTY = (1_003 * 500) / uint256(10_000);

    function setUp() external {
        deployStorage(defaultParams());
        stake.setOperator(ALICE, true, 1e18);
        stake.setOperator(BOB, true, 1e18);
        submitFile(CLIENT, 1, 22);
    }

    function test_epochsCountBlocks() external {
        require(proofs.currentEpoch() == 0 && proofs.firstBlockOf(3) == GENESIS + 30, "schedule");
        mineTo(GENESIS + 29);
        require(proofs.currentEpoch() == 2, "last block of 2");
        mineTo(GENESIS + 30);
        require(proofs.currentEpoch() == 3 && market.currentEpoch() == 3, "first block of 3");
    }

    function test_seatsCountFromTheNextEpochOn() external {
        takeSeat(ALICE, 0);
        require(proofs.liveLeaves(ALICE, 0) == 0, "frozen");
        require(proofs.liveLeaves(ALICE, 1) == 16 && proofs.liveLeaves(ALICE, 6) == 16, "six epochs");
        require(proofs.liveLeaves(ALICE, 7) == 0, "over");
        enterEpoch(2);
        takeSeat(ALICE, 1);
        require(proofs.liveLeaves(ALICE, 2) == 16 && proofs.liveLeaves(ALICE, 3) == 20, "added");
        require(proofs.liveLeaves(ALICE, 7) == 4 && proofs.liveLeaves(ALICE, 9) == 0, "first gone, then both");
        recordSeed(GENESIS + 20);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNothingHeld.selector, BOB, 2));
        proofs.challenge(BOB, 2);
    }

    function test_answerEarnsTheEpochsPay() external {
        takeSeat(ALICE, 0);
        takeSeat(ALICE, 2);
        enterEpoch(1);
        answerAs(ALICE);
        require(proofs.hasAnswered(ALICE, 1), "noted");
        require(market.owedWei(ALICE) == 18 * 1_003, "pay of 18 leaves");
        checkMoney();
    }

    function test_drawsSpreadOverAllRows() external {
        takeSeat(ALICE, 0);
        takeSeat(ALICE, 1);
        takeSeat(ALICE, 2);
        uint256[3] memory hits;
        for (uint32 epoch = 1; epoch <= 6; ++epoch) {
            enterEpoch(epoch);
            Draw[] memory draws = proofs.challenge(ALICE, epoch);
            require(draws.length == 4, "four draws");
            for (uint256 i = 0; i < 4; ++i) {
                require(draws[i].leafIndex < 1 << draws[i].height, "within the row");
                ++hits[draws[i].rowId];
            }
        }
        require(hits[0] > hits[1] && hits[0] < 24, "by leaves");
    }

    function test_answerOnlyInItsEpochAndOnce() external {
        takeSeat(ALICE, 0);
        enterEpoch(1);
        LeafOpening[] memory openings = answerOpenings(ALICE, 1);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotThisEpoch.selector, 2, 1));
        vm.prank(ALICE);
        proofs.answer(2, openings);
        answerAs(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsAnswered.selector, ALICE, 1));
        vm.prank(ALICE);
        proofs.answer(1, openings);
        enterEpoch(2);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotThisEpoch.selector, 1, 2));
        vm.prank(ALICE);
        proofs.answer(1, openings);
        require(market.owedWei(ALICE) == 16 * 1_003, "paid once");
    }

    function test_answerNeedsTheSeed() external {
        takeSeat(ALICE, 0);
        mineTo(GENESIS + 12);
        vm.expectRevert(abi.encodeWithSelector(IBlockSeeds.BlockSeedsUnknown.selector, GENESIS + 10));
        vm.prank(ALICE);
        proofs.answer(1, new LeafOpening[](4));
    }

    function test_answerRefusesWrongOpenings() external {
        takeSeat(ALICE, 0);
        takeSeat(BOB, 0);
        enterEpoch(1);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsOpeningCount.selector, 3, 4));
        vm.prank(ALICE);
        proofs.answer(1, new LeafOpening[](3));

        LeafOpening[] memory openings = answerOpenings(ALICE, 1);
        openings[3].leaf[0] ^= 0x80;
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        vm.prank(ALICE);
        proofs.answer(1, openings);

        openings = answerOpenings(ALICE, 1);
        openings[0].siblings = new bytes32[](3);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSiblings.selector, 3, 4));
        vm.prank(ALICE);
        proofs.answer(1, openings);

        openings = answerOpenings(BOB, 1);
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        vm.prank(ALICE);
        proofs.answer(1, openings);
        require(market.owedWei(ALICE) == 0 && !proofs.hasAnswered(ALICE, 1), "nothing changed");
    }

    function test_reportMissPaysABounty() external {
        takeSeat(ALICE, 0);
        enterEpoch(1);
        enterEpoch(2);
        proofs.reportMiss(ALICE, 1);
        require(proofs.hasMissed(ALICE, 1), "noted");
        require(market.owedWei(address(this)) == 16 * BOUNTY, "bounty");
        checkMoney();
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsReported.selector, ALICE, 1));
        proofs.reportMiss(ALICE, 1);
    }

    function test_reportMissOnlyForWhatWasMissed() external {
        takeSeat(ALICE, 0);
        enterEpoch(1);
        answerAs(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotReportable.selector, 1, 1, 2));
        proofs.reportMiss(ALICE, 1);
        enterEpoch(2);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsAnswered.selector, ALICE, 1));
        proofs.reportMiss(ALICE, 1);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNothingHeld.selector, BOB, 1));
        proofs.reportMiss(BOB, 1);
        enterEpoch(5);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotReportable.selector, 2, 5, 2));
        proofs.reportMiss(ALICE, 2);
        vm.expectRevert(abi.encodeWithSelector(IBlockSeeds.BlockSeedsUnknown.selector, GENESIS + 30));
        proofs.reportMiss(ALICE, 3);
        require(market.owedWei(address(this)) == 0, "no bounty");
    }

    function test_verifyNeedsMissesBeyondTheTolerance() external {
        takeSeat(ALICE, 0);
        _miss(ALICE, 1);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsWithinTolerance.selector, ALICE, 1));
        proofs.verify(1, abi.encode(ALICE, uint32(1)));
        _miss(ALICE, 2);
        (address operator, bytes32 key, uint48 capturedAt, uint64 wad, address beneficiary) = proofs.verify(
            1,
            abi.encode(ALICE, uint32(2))
        );
        require(operator == ALICE && key == bytes32(uint256(2)) && wad == 1e17 && beneficiary == address(0), "verdict");
        require(capturedAt == 1_000_000 + 20 * 12, "when the challenge was posed");
    }

    function test_anAnswerInBetweenForgives() external {
        takeSeat(ALICE, 0);
        _miss(ALICE, 1);
        enterEpoch(2);
        answerAs(ALICE);
        _miss(ALICE, 3);
        require(!proofs.isBeyondTolerance(ALICE, 3), "not in a row");
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotEvictable.selector, ALICE));
        proofs.evictForMisses(ALICE, 3);
    }

    function test_verifyRefusesForeignOrMalformedEvidence() external {
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsService.selector, 2, 1));
        proofs.verify(2, abi.encode(ALICE, uint32(2)));
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsEvidenceLength.selector, 63, 64));
        proofs.verify(1, new bytes(63));
    }

    function test_evictionEndsAllSeatsAndRefundsTheRest() external {
        takeSeat(ALICE, 0);
        takeSeat(ALICE, 1);
        enterEpoch(1);
        answerAs(ALICE);
        _miss(ALICE, 2);
        _miss(ALICE, 3);
        proofs.evictForMisses(ALICE, 3);
        require(proofs.generationOf(ALICE) == 1 && proofs.liveLeaves(ALICE, 4) == 0, "list gone");
        require(!market.isFilled(0, 5), "not counted any more");

        uint256 seatWei = 16 * (5 * 1_003 - 2 * BOUNTY);
        // The seat nobody took is refunded too: its deadline has passed.
        mineTo(GENESIS + 51);
        require(market.refund(0) == seatWei + 16 * 6 * 1_003, "all but what was earned or paid to reporters");
        require(stake.reservedWei(ALICE) == 40, "only the other row's coverage is left");
        market.refund(1);
        require(stake.reservedWei(ALICE) == 0, "released");
        checkMoney();
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotEvictable.selector, ALICE));
        proofs.evictForMisses(ALICE, 3);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNothingHeld.selector, ALICE, 4));
        proofs.reportMiss(ALICE, 4);
    }

    function test_oldMissesDoNotEvictANewGeneration() external {
        takeSeat(ALICE, 0);
        _miss(ALICE, 1);
        _miss(ALICE, 2);
        proofs.evictForMisses(ALICE, 2);
        takeSeat(ALICE, 1);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotEvictable.selector, ALICE));
        proofs.evictForMisses(ALICE, 2);
        enterEpoch(4);
        answerAs(ALICE);
        require(market.owedWei(ALICE) == 4 * 1_003, "earns again");
        require(proofs.isBeyondTolerance(ALICE, 2), "the evidence stands");
    }

    function test_evictsWhoLeftTheService() external {
        takeSeat(ALICE, 0);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotEvictable.selector, ALICE));
        proofs.evict(ALICE);
        stake.setOperator(ALICE, false, 1e18);
        enterEpoch(1);
        answerAs(ALICE);
        proofs.evict(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotEvictable.selector, ALICE));
        proofs.evict(ALICE);
        require(market.refund(0) == 16 * 5 * 1_003, "the answered epoch stays earned");
        checkMoney();
    }

    function test_evictsWhoseStakeLeft() external {
        takeSeat(ALICE, 0);
        stake.setOperator(ALICE, true, 159);
        require(proofs.isCovered(ALICE), "one percent is left to rounding");
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsNotEvictable.selector, ALICE));
        proofs.evict(ALICE);
        stake.setOperator(ALICE, true, 158);
        require(!proofs.isCovered(ALICE), "less than what her seat reserved");
        proofs.evict(ALICE);
        require(!market.isFilled(0, 1) && proofs.liveLeaves(ALICE, 1) == 0, "no seat without stake");
        market.refund(0);
        require(stake.reservedWei(ALICE) == 0 && market.owedWei(CLIENT) == 16 * 6 * 1_003, "the client has it back");
        checkMoney();
    }

    function test_onlyTheMarketAddsSeats() external {
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsOnlyMarket.selector, address(this)));
        proofs.addSeat(ALICE, 0, 1);
    }

    /// @dev Lets an epoch pass without an answer and reports it.
    function _miss(address holder, uint32 epoch) private {
        enterEpoch(epoch);
        enterEpoch(epoch + 1);
        proofs.reportMiss(holder, epoch);
    }
}
