// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Blockhash } from "@openzeppelin/contracts/utils/Blockhash.sol";
import { SubmissionNode } from "../../../contracts/interfaces/storage/IFlow.sol";
import { IBlockSeeds } from "../../../contracts/interfaces/storage/IBlockSeeds.sol";
import { IMarket, Row, Seat } from "../../../contracts/interfaces/storage/IMarket.sol";
import { IStorageProofs, StorageParams } from "../../../contracts/interfaces/storage/IStorageProofs.sol";
import { FileTreeLib, LeafOpening } from "../../../contracts/libraries/FileTreeLib.sol";
import { StakeStub } from "../../support/StakeStub.sol";
import { StorageFixture } from "../../support/StorageFixture.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { vm } from "../../support/Vm.sol";

contract MarketTest is StorageFixture {
    address private constant ALICE = address(0xa11ce);
    address private constant BOB = address(0xb0b);
    address private constant CAROL = address(0xca401);

    receive() external payable {}

    function setUp() external {
        deployStorage(defaultParams());
        stake.setOperator(ALICE, true, 1e18);
        stake.setOperator(BOB, true, 1e18);
        stake.setOperator(CAROL, true, 1e18);
    }

    function test_paramsOutOfRange() external {
        StorageParams memory params = defaultParams();
        params.copies = 9;
        vm.expectRevert(abi.encodeWithSelector(IStorageProofs.StorageProofsParam.selector, bytes32("copies"), 9, 1, 8));
        this.deploy(params);
        params = defaultParams();
        params.bountyBps = 5_001;
        vm.expectRevert(
            abi.encodeWithSelector(IStorageProofs.StorageProofsParam.selector, bytes32("bountyBps"), 5_001, 0, 5_000)
        );
        this.deploy(params);
    }

    function deploy(StorageParams calldata params) external {
        deployStorage(params);
    }

    function test_priceCoversAllCopiesAndEpochs() external view {
        require(market.pricePerSector() == 1_003 * 2 * 6, "price");
        require(stake.params().obligor == address(market), "obligor");
        require(stake.params().evidenceVerifier == address(proofs), "verifier");
    }

    function test_onlyFlowOpensDefaultDeals() external {
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketOnlyFlow.selector, address(this)));
        market.openDefaultDeal(0, address(this), new SubmissionNode[](1));
    }

    function test_onlyProofsCredits() external {
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketOnlyProofs.selector, address(this)));
        market.creditAnswer(address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketOnlyProofs.selector, address(this)));
        market.creditBounty(address(this), 1);
    }

    function test_fillTakesASeatAndReservesStake() external {
        uint256 index = submitFile(CLIENT, 1, 22);
        takeSeat(ALICE, 0);
        Seat[] memory seats = market.seats(0);
        require(seats.length == 1 && seats[0].holder == ALICE && seats[0].fillEpoch == 0, "seat");
        require(stake.reservedWei(ALICE) == 16 * 10, "coverage of 16 leaves");
        require(market.row(0).seatCount == 1, "count");
        require(!market.isFilled(index, 6), "other rows wait");
        takeSeat(BOB, 1);
        takeSeat(CAROL, 2);
        require(market.isFilled(index, 6), "every row has a holder");
        require(!market.isFilled(index, 7), "but not for longer than the deal");
        require(!market.isFilled(index + 1, 0), "unknown submission");
        checkMoney();
    }

    function test_announceIsForMembers() external {
        submitFile(CLIENT, 1, 4);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketNotMember.selector, CLIENT));
        vm.prank(CLIENT);
        market.announce(new uint64[](1));
    }

    function test_announceChecksItsInput() external {
        submitFile(CLIENT, 1, 4);
        uint64[] memory rowIds = new uint64[](1);
        rowIds[0] = 1;
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketUnknownRow.selector, 1, 1));
        vm.prank(ALICE);
        market.announce(rowIds);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketRowCount.selector, 65, 64));
        vm.prank(ALICE);
        market.announce(new uint64[](65));
    }

    function test_aDrawCannotBeReplacedUntilItsSeedIsLost() external {
        submitFile(CLIENT, 1, 64);
        announce(ALICE, 0);
        uint256 seedBlock = market.seedBlockOf(ALICE, 0);
        require(seedBlock == block.number + 1, "next block");
        mineTo(block.number + 10);
        announce(ALICE, 0);
        require(market.seedBlockOf(ALICE, 0) == seedBlock, "kept");
        mineTo(seedBlock + 257);
        announce(ALICE, 0);
        require(market.seedBlockOf(ALICE, 0) == block.number + 1, "replaced once lost");
    }

    function test_aDrawIsKeptWhileEip2935KnowsItsBlock() external {
        submitFile(CLIENT, 1, 64);
        announce(ALICE, 0);
        uint256 seedBlock = market.seedBlockOf(ALICE, 0);
        mineTo(seedBlock + 257);
        // Answers every block with the hash 1.
        vm.etch(Blockhash.HISTORY_STORAGE_ADDRESS, hex"60015f5260205ff3");
        announce(ALICE, 0);
        require(market.seedBlockOf(ALICE, 0) == seedBlock, "kept, as its seed can still be recorded");
    }

    function test_rowsOfEvictedHoldersDoNotHideOthers() external {
        uint256 index = submitFile(CLIENT, 1, 4);
        takeSeat(ALICE, 0);
        uint256 price = 4 * market.pricePerSector();
        vm.deal(address(this), 4 * price);
        for (uint64 i = 1; i <= 4; ++i) {
            market.openDeal{ value: price }(index);
            takeSeat(BOB, i);
        }
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketNothingToUnlist.selector, index, 0));
        market.unlist(index, 0);
        stake.setOperator(BOB, false, 1e18);
        proofs.evict(BOB);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketNothingToUnlist.selector, index, 0));
        market.unlist(index, 0);
        mineTo(market.row(4).fillDeadlineBlock + 1);
        require(!market.isFilled(index, 6), "four abandoned rows hide the one that Alice holds");
        require(market.unlist(index, 0) == 4 && market.isFilled(index, 6), "and no longer");
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketNothingToUnlist.selector, index, 0));
        market.unlist(index, 0);
    }

    function test_aRecordedDrawIsForGood() external {
        submitFile(CLIENT, 1, 64);
        announce(ALICE, 0);
        uint256 seedBlock = market.seedBlockOf(ALICE, 0);
        mineTo(seedBlock + 1);
        recordSeed(seedBlock);
        mineTo(seedBlock + 1_000);
        announce(ALICE, 0);
        require(market.seedBlockOf(ALICE, 0) == seedBlock, "kept");
    }

    function test_fillNeedsAnnouncementAndSeed() external {
        submitFile(CLIENT, 1, 64);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketNotAnnounced.selector, ALICE, 0));
        vm.prank(ALICE);
        market.fill(0, new LeafOpening[](3));
        announce(ALICE, 0);
        uint256 seedBlock = market.seedBlockOf(ALICE, 0);
        vm.expectRevert(abi.encodeWithSelector(IBlockSeeds.BlockSeedsUnknown.selector, seedBlock));
        vm.prank(ALICE);
        market.fill(0, new LeafOpening[](3));
    }

    function test_fillRefusesWrongOpenings() external {
        submitFile(CLIENT, 1, 64);
        announce(ALICE, 0);
        mineTo(block.number + 2);
        recordSeed(market.seedBlockOf(ALICE, 0));
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketOpeningCount.selector, 2, 3));
        vm.prank(ALICE);
        market.fill(0, new LeafOpening[](2));

        LeafOpening[] memory openings = fillOpenings(ALICE, 0);
        openings[1].leaf[255] ^= 0x01;
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        vm.prank(ALICE);
        market.fill(0, openings);

        openings = fillOpenings(ALICE, 0);
        openings[2].leaf = abi.encodePacked(openings[2].siblings[0], openings[2].siblings[1]);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafBytes.selector, 64, 256));
        vm.prank(ALICE);
        market.fill(0, openings);
        require(market.seats(0).length == 0 && stake.reservedWei(ALICE) == 0, "nothing changed");
    }

    function test_fillRefusesAnotherHoldersOpenings() external {
        submitFile(CLIENT, 1, 64);
        announce(ALICE, 0);
        announce(BOB, 0);
        mineTo(block.number + 2);
        recordSeed(market.seedBlockOf(ALICE, 0));
        LeafOpening[] memory openings = fillOpenings(BOB, 0);
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        vm.prank(ALICE);
        market.fill(0, openings);
    }

    function test_oneSeatForEachHolderAndNoMoreThanCopies() external {
        submitFile(CLIENT, 1, 4);
        takeSeat(ALICE, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketSeatTaken.selector, ALICE, 0));
        vm.prank(ALICE);
        market.fill(0, new LeafOpening[](3));
        takeSeat(BOB, 0);
        announce(CAROL, 0);
        mineTo(block.number + 2);
        recordSeed(market.seedBlockOf(CAROL, 0));
        LeafOpening[] memory openings = fillOpenings(CAROL, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketRowFull.selector, 0, 2));
        vm.prank(CAROL);
        market.fill(0, openings);
    }

    function test_fillNeedsFreeStake() external {
        submitFile(CLIENT, 1, 4);
        stake.setOperator(ALICE, true, 39);
        announce(ALICE, 0);
        mineTo(block.number + 2);
        recordSeed(market.seedBlockOf(ALICE, 0));
        LeafOpening[] memory openings = fillOpenings(ALICE, 0);
        vm.expectRevert(abi.encodeWithSelector(StakeStub.StakeStubInsufficient.selector, 39, 40));
        vm.prank(ALICE);
        market.fill(0, openings);
        require(proofs.liveLeaves(ALICE, 1) == 0, "nothing held");
    }

    function test_fillClosesAndUnfilledSeatsRefund() external {
        uint256 index = submitFile(CLIENT, 1, 4);
        takeSeat(ALICE, 0);
        announce(BOB, 0);
        uint256 deadline = market.row(0).fillDeadlineBlock;
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketNothingToRefund.selector, 0));
        market.refund(0);
        mineTo(deadline + 1);
        recordSeed(market.seedBlockOf(BOB, 0));
        LeafOpening[] memory openings = fillOpenings(BOB, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketFillClosed.selector, 0, deadline + 1, deadline));
        vm.prank(BOB);
        market.fill(0, openings);

        require(market.refund(0) == 4 * 6 * 1_003, "one of two seats");
        require(market.owedWei(CLIENT) == 4 * 6 * 1_003, "owed to the client");
        checkMoney();
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketNothingToRefund.selector, 0));
        market.refund(0);
        require(market.isFilled(index, 6), "the other seat stands");
    }

    function test_withdrawSendsAllOnce() external {
        submitFile(CLIENT, 1, 4);
        mineTo(market.row(0).fillDeadlineBlock + 1);
        uint256 amount = market.refund(0);
        require(amount == 4 * market.pricePerSector(), "all came back");
        vm.expectRevert(IMarket.MarketZeroAddress.selector);
        vm.prank(CLIENT);
        market.withdraw(address(0));
        vm.prank(CLIENT);
        require(market.withdraw(address(0xbeef)) == amount, "amount");
        require(address(0xbeef).balance == amount && market.totalOwedWei() == 0, "sent");
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketNothingOwed.selector, CLIENT));
        vm.prank(CLIENT);
        market.withdraw(CLIENT);
    }

    function test_openDealRenewsAFile() external {
        uint256 index = submitFile(CLIENT, 1, 22);
        uint256 price = 22 * market.pricePerSector();
        vm.deal(address(this), price + 5);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketUnknownSubmission.selector, index + 1));
        market.openDeal{ value: price }(index + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MarketPayment.selector, price - 1, price));
        market.openDeal{ value: price - 1 }(index);
        require(market.rowCount() == 3, "nothing changed");

        uint64 firstRow = market.openDeal{ value: price + 5 }(index);
        require(firstRow == 3 && market.rowCount() == 6, "three more rows");
        require(address(this).balance == 5, "overpayment back");
        Row memory row = market.row(5);
        require(row.client == address(this) && row.root == market.row(2).root && row.firstLeaf == 20, "same bytes");
        enterEpoch(2);
        takeSeat(ALICE, 3);
        takeSeat(ALICE, 4);
        require(!market.isFilled(index, 8), "one row missing");
        takeSeat(ALICE, 5);
        require(market.isFilled(index, 8), "held by the new deal");
        checkMoney();
    }

    function test_anAnsweredSeatLeavesNothingToRefund() external {
        submitFile(CLIENT, 1, 4);
        takeSeat(ALICE, 0);
        takeSeat(BOB, 0);
        for (uint32 epoch = 1; epoch <= 6; ++epoch) {
            enterEpoch(epoch);
            answerAs(ALICE);
            answerAs(BOB);
        }
        require(market.owedWei(ALICE) == 4 * 6 * 1_003, "all pay earned");
        require(market.escrowedWei() == 0, "escrow empty");
        enterEpoch(8);
        market.refund(0);
        require(stake.reservedWei(ALICE) == 40, "misses could still be reported");
        enterEpoch(9);
        require(market.refund(0) == 0, "closed");
        require(stake.reservedWei(ALICE) == 0 && stake.reservedWei(BOB) == 0, "coverage released");
        checkMoney();
    }

    function testFuzz_everyWeiOfASeatIsEarnedPaidAsBountyOrRefunded(uint8 answers, uint8 reports) external {
        submitFile(CLIENT, 1, 6);
        takeSeat(ALICE, 0);
        takeSeat(BOB, 1);
        uint256 answered = 0;
        uint256 reported = 0;
        for (uint32 epoch = 1; epoch <= 6; ++epoch) {
            enterEpoch(epoch);
            if ((answers >> epoch) & 1 == 1) {
                answerAs(ALICE);
                ++answered;
            } else if ((reports >> epoch) & 1 == 1) {
                enterEpoch(epoch + 1);
                proofs.reportMiss(ALICE, epoch);
                ++reported;
                mineTo(proofs.firstBlockOf(epoch) + 1);
            }
        }
        enterEpoch(9);
        uint256 bounty = (1_003 * 500) / uint256(10_000);
        require(market.refund(0) == 4 * (12 * 1_003 - answered * 1_003 - reported * bounty), "first row");
        market.refund(1);
        require(market.owedWei(ALICE) == 4 * answered * 1_003, "earned");
        require(market.owedWei(address(this)) == 4 * reported * bounty, "bounties");
        require(market.escrowedWei() == 0, "nothing left in escrow");
        checkMoney();
    }

    function testFuzz_smallRowsDrawWithinTheirLeaves(uint256 leaves, uint256 salt) external {
        leaves = 1 + (leaves % 16);
        submitFile(CLIENT, salt % 1e9, leaves);
        (uint64 firstRow, uint256 rows) = market.defaultRows(0);
        for (uint64 i = firstRow; i < firstRow + rows; ++i) takeSeat(ALICE, i);
        enterEpoch(1);
        answerAs(ALICE);
        require(market.owedWei(ALICE) == leaves * 1_003, "pay of all rows");
        require(market.isFilled(0, 6), "filled");
    }

    function test_drawsAreWithinTheRow() external {
        submitFile(CLIENT, 3, 2);
        announce(ALICE, 0);
        mineTo(block.number + 2);
        recordSeed(market.seedBlockOf(ALICE, 0));
        uint64[] memory draws = market.fillDraws(ALICE, 0);
        require(draws.length == 2 && draws[0] < 2 && draws[1] < 2, "no more draws than leaves");
        require(TreeTool.leafOf(3, draws[0]).length == 256, "leaf");
    }
}
