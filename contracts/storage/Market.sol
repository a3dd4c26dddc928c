// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { Blockhash } from "@openzeppelin/contracts/utils/Blockhash.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IServiceRegistry } from "../interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../interfaces/staking/IStakePool.sol";
import { IBlockSeeds } from "../interfaces/storage/IBlockSeeds.sol";
import { SubmissionNode } from "../interfaces/storage/IFlow.sol";
import { IMarket, Row, Seat } from "../interfaces/storage/IMarket.sol";
import { StorageParams } from "../interfaces/storage/IStorageProofs.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";
import { StorageProofs } from "./StorageProofs.sol";

/// @title Rows, seats and the money of deals
contract Market is IMarket {
    using SafeCast for uint256;

    struct RowState {
        bytes32 root;
        address client;
        uint48 submission;
        uint48 firstLeaf;
        uint48 fillDeadlineBlock;
        uint8 height;
        uint8 node;
        uint8 seatCount;
        bool unfilledRefunded;
    }

    /// @param seedBlock Block that draws the leaves of the fill proof
    /// @param seated True once the seat was taken: one for each holder and row
    struct Announcement {
        uint64 seedBlock;
        bool seated;
    }

    struct RowRange {
        uint64 first;
        uint8 count;
    }

    uint256 public constant MAX_ANNOUNCED_ROWS = 64;
    /// @dev Newest rows of a node that `isFilled` looks at.
    uint256 public constant MAX_FILLED_ROWS_READ = 4;
    /// @dev Reach of BLOCKHASH; an older seed that nobody recorded counts as lost unless EIP-2935 still knows its block.
    uint256 private constant BLOCKHASH_BLOCKS = 256;
    uint256 private constant BPS = 10_000;

    address public immutable flow;
    StorageProofs public immutable proofs;
    IBlockSeeds public immutable seeds;
    IStakePool public immutable pool;
    IServiceRegistry public immutable services;

    /// @inheritdoc IMarket
    uint256 public immutable pricePerSector;
    uint256 public immutable pricePerLeafEpochWei;
    uint256 public immutable bountyPerLeafEpochWei;
    uint256 public immutable coveragePerLeafWei;
    uint32 public immutable dealEpochs;
    uint32 public immutable fillBlocks;
    uint8 public immutable copies;
    uint8 public immutable fillLeaves;

    /// @inheritdoc IMarket
    uint256 public escrowedWei;
    /// @inheritdoc IMarket
    uint256 public totalOwedWei;
    /// @inheritdoc IMarket
    mapping(address account => uint256) public owedWei;

    RowState[] private _rows;
    mapping(uint256 submission => RowRange) private _defaultRows;
    mapping(uint256 submission => mapping(uint256 node => uint64[] rowIds)) private _filledRows;
    mapping(uint64 rowId => Seat[]) private _seats;
    mapping(address holder => mapping(uint64 rowId => Announcement)) private _announcements;

    modifier onlyProofs() {
        if (msg.sender != address(proofs)) revert MarketOnlyProofs(msg.sender);
        _;
    }

    constructor(StorageParams memory params, IBlockSeeds seeds_, IStakePool pool_) {
        flow = msg.sender;
        seeds = seeds_;
        pool = pool_;
        services = pool_.services();
        proofs = new StorageProofs(params, seeds_, pool_);
        pricePerLeafEpochWei = params.pricePerLeafEpochWei;
        pricePerSector = uint256(params.pricePerLeafEpochWei) * params.copies * params.dealEpochs;
        bountyPerLeafEpochWei = (uint256(params.pricePerLeafEpochWei) * params.bountyBps) / BPS;
        coveragePerLeafWei = params.coveragePerLeafWei;
        dealEpochs = params.dealEpochs;
        fillBlocks = params.fillBlocks;
        copies = params.copies;
        fillLeaves = params.fillLeaves;
    }

    /// @inheritdoc IMarket
    function openDefaultDeal(uint256 submission, address client, SubmissionNode[] calldata nodes) external payable {
        if (msg.sender != flow) revert MarketOnlyFlow(msg.sender);
        uint64 firstRowId = rowCount();
        uint256 firstLeaf = 0;
        for (uint256 i = 0; i < nodes.length; ++i) {
            _openRow(submission, client, nodes[i].root, firstLeaf, nodes[i].height, i);
            firstLeaf += 1 << nodes[i].height;
        }
        uint256 dueWei = firstLeaf * pricePerSector;
        if (msg.value != dueWei) revert MarketPayment(msg.value, dueWei);
        _defaultRows[submission] = RowRange({ first: firstRowId, count: nodes.length.toUint8() });
        _recordDeal(submission, firstRowId, nodes.length, client, dueWei);
    }

    /// @inheritdoc IMarket
    function openDeal(uint256 submission) external payable returns (uint64 firstRowId) {
        RowRange memory source = _defaultRows[submission];
        if (source.count == 0) revert MarketUnknownSubmission(submission);
        firstRowId = rowCount();
        uint256 leaves = 0;
        for (uint64 i = 0; i < source.count; ++i) {
            RowState memory state = _rows[source.first + i];
            _openRow(submission, msg.sender, state.root, state.firstLeaf, state.height, i);
            leaves += 1 << state.height;
        }
        uint256 dueWei = leaves * pricePerSector;
        if (msg.value < dueWei) revert MarketPayment(msg.value, dueWei);
        _recordDeal(submission, firstRowId, source.count, msg.sender, dueWei);
        if (msg.value > dueWei) Address.sendValue(payable(msg.sender), msg.value - dueWei);
    }

    /// @inheritdoc IMarket
    function announce(uint64[] calldata rowIds) external {
        if (rowIds.length > MAX_ANNOUNCED_ROWS) revert MarketRowCount(rowIds.length, MAX_ANNOUNCED_ROWS);
        if (!services.isObligable(proofs.serviceId(), msg.sender)) revert MarketNotMember(msg.sender);
        for (uint256 i = 0; i < rowIds.length; ++i) {
            _row(rowIds[i]);
            Announcement storage announcement = _announcements[msg.sender][rowIds[i]];
            if (announcement.seedBlock != 0 && !_isLost(announcement.seedBlock)) continue;
            if (announcement.seated) continue;
            announcement.seedBlock = (block.number + 1).toUint64();
            emit RowAnnounced(rowIds[i], msg.sender, block.number + 1);
        }
    }

    /// @inheritdoc IMarket
    function fill(uint64 rowId, LeafOpening[] calldata openings) external {
        RowState storage state = _row(rowId);
        if (block.number > state.fillDeadlineBlock) {
            revert MarketFillClosed(rowId, block.number, state.fillDeadlineBlock);
        }
        if (_announcements[msg.sender][rowId].seated) revert MarketSeatTaken(msg.sender, rowId);
        if (state.seatCount == copies) revert MarketRowFull(rowId, copies);
        uint64[] memory draws = fillDraws(msg.sender, rowId);
        if (openings.length != draws.length) revert MarketOpeningCount(openings.length, draws.length);
        uint256 leaves = 1 << state.height;
        for (uint256 i = 0; i < draws.length; ++i) {
            FileTreeLib.checkLeaf(state.root, openings[i].leaf, draws[i], leaves, openings[i].siblings);
        }
        _takeSeat(rowId, state, leaves);
    }

    /// @inheritdoc IMarket
    function refund(uint64 rowId) external returns (uint256 refundWei) {
        RowState storage state = _row(rowId);
        bool changed = false;
        if (!state.unfilledRefunded && block.number > state.fillDeadlineBlock) {
            state.unfilledRefunded = true;
            changed = true;
            refundWei = _refundUnfilled(rowId, state);
        }
        uint256 leaves = 1 << state.height;
        for (uint256 i = 0; i < state.seatCount; ++i) {
            (bool settled, uint256 seatWei) = _settleSeat(rowId, i, leaves);
            changed = changed || settled;
            refundWei += seatWei;
        }
        if (!changed) revert MarketNothingToRefund(rowId);
        if (refundWei > 0) _credit(state.client, refundWei);
    }

    /// @inheritdoc IMarket
    function unlist(uint256 submission, uint256 node) external returns (uint256 rows) {
        uint64[] storage rowIds = _filledRows[submission][node];
        while (rows < MAX_FILLED_ROWS_READ && rowIds.length > 0) {
            uint64 rowId = rowIds[rowIds.length - 1];
            RowState storage state = _rows[rowId];
            if (block.number <= state.fillDeadlineBlock && state.seatCount < copies) break;
            if (_isRowHeld(rowId, currentEpoch())) break;
            rowIds.pop();
            ++rows;
            emit RowUnlisted(rowId);
        }
        if (rows == 0) revert MarketNothingToUnlist(submission, node);
    }

    /// @inheritdoc IMarket
    function withdraw(address to) external returns (uint256 amountWei) {
        if (to == address(0)) revert MarketZeroAddress();
        amountWei = owedWei[msg.sender];
        if (amountWei == 0) revert MarketNothingOwed(msg.sender);
        owedWei[msg.sender] = 0;
        totalOwedWei -= amountWei;
        emit Withdrawn(msg.sender, to, amountWei);
        Address.sendValue(payable(to), amountWei);
    }

    /// @inheritdoc IMarket
    function creditAnswer(address holder, uint256 leaves) external onlyProofs {
        _credit(holder, leaves * pricePerLeafEpochWei);
    }

    /// @inheritdoc IMarket
    function creditBounty(address reporter, uint256 leaves) external onlyProofs returns (uint256 bountyWei) {
        bountyWei = leaves * bountyPerLeafEpochWei;
        if (bountyWei > 0) _credit(reporter, bountyWei);
    }

    /// @inheritdoc IMarket
    function isFilled(uint256 submission, uint32 untilEpoch) external view returns (bool) {
        uint256 count = _defaultRows[submission].count;
        for (uint256 node = 0; node < count; ++node) {
            if (!_isNodeHeld(submission, node, untilEpoch)) return false;
        }
        return count > 0;
    }

    /// @inheritdoc IMarket
    function seedBlockOf(address holder, uint64 rowId) external view returns (uint256) {
        return _announcements[holder][rowId].seedBlock;
    }

    /// @inheritdoc IMarket
    function row(uint64 rowId) external view returns (Row memory) {
        RowState storage state = _row(rowId);
        return
            Row({
                root: state.root,
                client: state.client,
                submission: state.submission,
                firstLeaf: state.firstLeaf,
                height: state.height,
                node: state.node,
                seatCount: state.seatCount,
                fillDeadlineBlock: state.fillDeadlineBlock,
                unfilledRefunded: state.unfilledRefunded
            });
    }

    /// @inheritdoc IMarket
    function seats(uint64 rowId) external view returns (Seat[] memory) {
        return _seats[rowId];
    }

    /// @inheritdoc IMarket
    function defaultRows(uint256 submission) external view returns (uint64 firstRowId, uint256 count) {
        RowRange memory range = _defaultRows[submission];
        if (range.count == 0) revert MarketUnknownSubmission(submission);
        return (range.first, range.count);
    }

    /// @inheritdoc IMarket
    function currentEpoch() public view returns (uint32) {
        return proofs.currentEpoch();
    }

    /// @inheritdoc IMarket
    function fillDraws(address holder, uint64 rowId) public view returns (uint64[] memory leafIndexes) {
        uint64 seedBlock = _announcements[holder][rowId].seedBlock;
        if (seedBlock == 0) revert MarketNotAnnounced(holder, rowId);
        bytes32 seed = seeds.seedOf(seedBlock);
        uint256 leaves = 1 << _row(rowId).height;
        leafIndexes = new uint64[](leaves < fillLeaves ? leaves : fillLeaves);
        for (uint256 i = 0; i < leafIndexes.length; ++i) {
            leafIndexes[i] = uint64(uint256(keccak256(abi.encode(seed, holder, rowId, i))) % leaves);
        }
    }

    /// @inheritdoc IMarket
    function rowCount() public view returns (uint64) {
        return _rows.length.toUint64();
    }

    function _openRow(
        uint256 submission,
        address client,
        bytes32 root,
        uint256 firstLeaf,
        uint256 height,
        uint256 node
    ) private {
        _rows.push(
            RowState({
                root: root,
                client: client,
                submission: submission.toUint48(),
                firstLeaf: firstLeaf.toUint48(),
                fillDeadlineBlock: (block.number + fillBlocks).toUint48(),
                height: height.toUint8(),
                node: node.toUint8(),
                seatCount: 0,
                unfilledRefunded: false
            })
        );
    }

    function _recordDeal(uint256 submission, uint64 firstRowId, uint256 count, address client, uint256 dueWei) private {
        escrowedWei += dueWei;
        emit DealOpened(submission, firstRowId, count, client, dueWei, block.number + fillBlocks);
    }

    function _takeSeat(uint64 rowId, RowState storage state, uint256 leaves) private {
        _announcements[msg.sender][rowId].seated = true;
        uint256 seat = state.seatCount++;
        if (seat == 0) _filledRows[state.submission][state.node].push(rowId);
        (uint32 generation, uint32 fillEpoch) = proofs.addSeat(msg.sender, rowId, leaves);
        _seats[rowId].push(Seat({ holder: msg.sender, generation: generation, fillEpoch: fillEpoch, settled: false }));
        emit RowFilled(rowId, msg.sender, seat, fillEpoch, fillEpoch + dealEpochs);
        pool.reserve(proofs.serviceId(), msg.sender, leaves * coveragePerLeafWei);
    }

    function _refundUnfilled(uint64 rowId, RowState storage state) private returns (uint256 amountWei) {
        uint256 unfilled = copies - state.seatCount;
        amountWei = (unfilled * (pricePerLeafEpochWei * dealEpochs)) << state.height;
        if (unfilled > 0) emit UnfilledRefunded(rowId, state.client, unfilled, amountWei);
    }

    /// @dev A closed seat's epochs are answered (earned), missed (a bounty was paid) or neither; what is left of its
    /// price is the client's.
    function _settleSeat(uint64 rowId, uint256 index, uint256 leaves) private returns (bool, uint256 refundWei) {
        Seat storage seat = _seats[rowId][index];
        if (seat.settled) return (false, 0);
        (bool closed, uint256 answered, uint256 missed) = proofs.tally(seat.holder, seat.generation, seat.fillEpoch);
        if (!closed) return (false, 0);
        seat.settled = true;
        refundWei = leaves * ((dealEpochs - answered) * pricePerLeafEpochWei - missed * bountyPerLeafEpochWei);
        emit SeatSettled(rowId, index, seat.holder, refundWei);
        pool.release(proofs.serviceId(), seat.holder, leaves * coveragePerLeafWei);
        return (true, refundWei);
    }

    function _credit(address account, uint256 amountWei) private {
        escrowedWei -= amountWei;
        totalOwedWei += amountWei;
        owedWei[account] += amountWei;
        emit Credited(account, amountWei);
    }

    /// @dev Seats last equally long, so the newest rows are bound longest.
    function _isNodeHeld(uint256 submission, uint256 node, uint32 untilEpoch) private view returns (bool) {
        uint64[] storage rowIds = _filledRows[submission][node];
        uint256 length = rowIds.length;
        for (uint256 i = 0; i < length && i < MAX_FILLED_ROWS_READ; ++i) {
            if (_isRowHeld(rowIds[length - 1 - i], untilEpoch)) return true;
        }
        return false;
    }

    function _isRowHeld(uint64 rowId, uint32 untilEpoch) private view returns (bool) {
        Seat[] storage list = _seats[rowId];
        for (uint256 i = list.length; i > 0; --i) {
            Seat memory seat = list[i - 1];
            bool bound = !seat.settled && seat.fillEpoch + dealEpochs >= untilEpoch;
            if (bound && proofs.generationOf(seat.holder) == seat.generation) return true;
        }
        return false;
    }

    function _isLost(uint256 seedBlock) private view returns (bool) {
        if (block.number <= seedBlock + BLOCKHASH_BLOCKS || seeds.isRecorded(seedBlock)) return false;
        // `Blockhash` would take the reason of a refusal for a hash.
        (bool known, bytes memory hash) = Blockhash.HISTORY_STORAGE_ADDRESS.staticcall(abi.encode(seedBlock));
        return !known || hash.length != 32 || bytes32(hash) == 0;
    }

    function _row(uint64 rowId) private view returns (RowState storage) {
        if (rowId >= _rows.length) revert MarketUnknownRow(rowId, rowCount());
        return _rows[rowId];
    }
}
