// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IMarket, Row, Seat } from "../../../contracts/interfaces/storage/IMarket.sol";
import { StorageFixture } from "../../support/StorageFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Drives storage with three holders through everything that moves money; calls that the contracts refuse are
/// part of the game.
contract StorageHandler is StorageFixture {
    uint256 public paidInWei;
    uint256 public paidOutWei;
    uint256 public fills;
    uint256 public answers;
    uint256 public misses;
    uint256 private _block = GENESIS;

    /// @dev The runner need not keep the block between calls.
    modifier atBlock() {
        mineTo(_block);
        _;
    }

    constructor() {
        deployStorage(defaultParams());
        for (uint256 i = 0; i < 3; ++i) stake.setOperator(holder(i), true, 1e9);
        submit(3);
    }

    receive() external payable {}

    function holder(uint256 i) public pure returns (address) {
        return address(uint160(0xa11ce + (i % 3)));
    }

    function marketAddress() external view returns (address) {
        return address(market);
    }

    function submit(uint256 leaves) public atBlock {
        if (market.rowCount() > 12) return;
        leaves = 1 + (leaves % 16);
        paidInWei += leaves * market.pricePerSector();
        submitFile(CLIENT, leaves, leaves);
    }

    function pass(uint256 blocks) external atBlock {
        _to(_block + 1 + (blocks % 12));
    }

    function fill(uint256 who, uint256 rowId) external atBlock {
        uint64 id = uint64(rowId % market.rowCount());
        Row memory row = market.row(id);
        if (_block + 1 > row.fillDeadlineBlock || row.seatCount == 2) return;
        Seat[] memory seats = market.seats(id);
        if (seats.length == 1 && seats[0].holder == holder(who)) return;
        announce(holder(who), id);
        uint256 seedBlock = market.seedBlockOf(holder(who), id);
        if (seedBlock + 1 > row.fillDeadlineBlock) return;
        if (seedBlock + 1 > _block) _to(seedBlock + 1);
        recordSeed(seedBlock);
        takeAnnouncedSeat(holder(who), id);
        ++fills;
    }

    function answer(uint256 who) external atBlock {
        uint32 epoch = proofs.currentEpoch();
        if (proofs.liveLeaves(holder(who), epoch) == 0 || proofs.hasAnswered(holder(who), epoch)) return;
        if (_block == proofs.firstBlockOf(epoch)) _to(_block + 1);
        recordSeed(proofs.firstBlockOf(epoch));
        answerAs(holder(who));
        ++answers;
    }

    function miss(uint256 who) external atBlock {
        uint32 epoch = proofs.currentEpoch();
        address account = holder(who);
        if (epoch == 0 || proofs.liveLeaves(account, epoch - 1) == 0) return;
        if (proofs.hasAnswered(account, epoch - 1) || proofs.hasMissed(account, epoch - 1)) return;
        recordSeed(proofs.firstBlockOf(epoch - 1));
        proofs.reportMiss(account, epoch - 1);
        ++misses;
    }

    function evict(uint256 who) external atBlock {
        uint32 epoch = proofs.currentEpoch();
        if (epoch == 0) return;
        try proofs.evictForMisses(holder(who), epoch - 1) {} catch {}
    }

    function refund(uint256 rowId) external atBlock {
        try market.refund(uint64(rowId % market.rowCount())) {} catch {}
    }

    function withdraw(uint256 who) external atBlock {
        address account =
            who % 5 == 4
                ? CLIENT
                : who % 5 == 3
                    ? address(this)
                    : holder(who);
        if (market.owedWei(account) == 0) return;
        vm.prank(account);
        paidOutWei += market.withdraw(address(0xfee));
    }

    /// @notice What accounts are owed, one by one.
    function owedSum() external view returns (uint256 sum) {
        sum = market.owedWei(CLIENT) + market.owedWei(address(this));
        for (uint256 i = 0; i < 3; ++i) sum += market.owedWei(holder(i));
    }

    /// @notice Coverage that seats not yet settled must hold, less what is reserved; 0 when the books agree.
    function coverageGap() external view returns (uint256 gap) {
        for (uint256 i = 0; i < 3; ++i) gap += stake.reservedWei(holder(i));
        for (uint64 id = 0; id < market.rowCount(); ++id) {
            Seat[] memory seats = market.seats(id);
            for (uint256 i = 0; i < seats.length; ++i) {
                if (!seats[i].settled) gap -= 10 << market.row(id).height;
            }
        }
    }

    /// @notice Lets every deal end and refunds every row.
    function unwind() external atBlock {
        _to(_block + 1_000);
        for (uint64 id = 0; id < market.rowCount(); ++id) {
            try market.refund(id) {} catch {}
        }
    }

    function _to(uint256 blockNumber) private {
        _block = blockNumber;
        mineTo(blockNumber);
    }
}

contract StorageInvariants {
    StorageHandler private _handler;

    function setUp() external {
        _handler = new StorageHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev Every wei paid in is owed, in escrow or withdrawn.
    /// hardhat-config: invariant.runs = 64
    function invariant_balanceIsOwedPlusEscrow() external view {
        IMarket market = IMarket(_handler.marketAddress());
        require(address(market).balance == market.totalOwedWei() + market.escrowedWei(), "balance");
        require(_handler.paidInWei() == address(market).balance + _handler.paidOutWei(), "in = held + out");
        require(_handler.owedSum() == market.totalOwedWei(), "owed, one by one");
    }

    /// hardhat-config: invariant.runs = 64
    function invariant_coverageIsThatOfUnsettledSeats() external view {
        require(_handler.coverageGap() == 0, "coverage");
    }

    function test_everythingComesBackInTheEnd() external {
        for (uint256 i = 0; i < 6; ++i) {
            _handler.submit(i * 5);
            _handler.fill(i, i);
            _handler.pass(9);
            _handler.answer(i);
            _handler.pass(9);
            _handler.miss(i + 1);
            _handler.evict(i + 1);
        }
        require(_handler.fills() > 2 && _handler.answers() > 0 && _handler.misses() > 0, "the script does something");
        _handler.unwind();
        IMarket market = IMarket(_handler.marketAddress());
        require(market.escrowedWei() == 0, "escrow empty");
        require(_handler.owedSum() == address(market).balance, "all owed");
        require(_handler.coverageGap() == 0, "coverage");
    }
}
