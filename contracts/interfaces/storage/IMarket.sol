// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LeafOpening } from "../../libraries/FileTreeLib.sol";
import { SubmissionNode } from "./IFlow.sol";

/// @notice A row of a deal: one sub-tree of a submission, to be held by several holders.
/// @param root The sub-tree's root
/// @param client Who paid; gets back what is not earned
/// @param submission The file
/// @param firstLeaf The sub-tree's first leaf in the file
/// @param height It has 2^height leaves
/// @param node Which node of the submission it is
/// @param seatCount Seats taken so far
/// @param fillDeadlineBlock Last block in which a seat can be taken
/// @param unfilledRefunded True once the seats nobody took were refunded
struct Row {
    bytes32 root;
    address client;
    uint64 submission;
    uint64 firstLeaf;
    uint8 height;
    uint8 node;
    uint8 seatCount;
    uint48 fillDeadlineBlock;
    bool unfilledRefunded;
}

/// @notice One holder's place in a row. It earns in the epochs after `fillEpoch`, as many as a deal lasts.
/// @param holder The operator that holds the bytes
/// @param generation The holder's generation when it took the seat; an eviction starts a new one
/// @param fillEpoch Epoch in which it was taken
/// @param settled True once what it did not earn was refunded and its coverage released
struct Seat {
    address holder;
    uint32 generation;
    uint32 fillEpoch;
    bool settled;
}

/// @title Deals for stored bytes
/// @notice A deal pays for every row of a submission, with `copies` seats a row and a fixed number of epochs a seat. A
/// deal binds a holder only after the holder took a seat with a fill proof: it opens leaves of the row drawn by the
/// seed of the block after its announcement. Every wei a client paid is earned by a holder, paid as a bounty for
/// reporting a miss, or refunded to the client: `balance = totalOwedWei + escrowedWei`, no remainder.
/// @dev Payments are pulled. Warning: seats prove that each holder could open the leaves asked for, not that copies
/// are physically distinct, nor that a holder serves downloads.
interface IMarket {
    error MarketOnlyFlow(address sender);
    error MarketOnlyProofs(address sender);
    error MarketNotMember(address holder);
    error MarketUnknownRow(uint64 rowId, uint64 count);
    error MarketUnknownSubmission(uint256 submission);
    error MarketRowCount(uint256 actual, uint256 max);
    error MarketPayment(uint256 actual, uint256 expected);
    error MarketNotAnnounced(address holder, uint64 rowId);
    error MarketSeatTaken(address holder, uint64 rowId);
    error MarketRowFull(uint64 rowId, uint256 copies);
    error MarketFillClosed(uint64 rowId, uint256 blockNumber, uint256 deadlineBlock);
    error MarketOpeningCount(uint256 actual, uint256 expected);
    error MarketNothingToRefund(uint64 rowId);
    error MarketNothingToUnlist(uint256 submission, uint256 node);
    error MarketNothingOwed(address account);
    error MarketZeroAddress();

    event DealOpened(
        uint256 indexed submission,
        uint64 indexed firstRowId,
        uint256 rows,
        address indexed client,
        uint256 paidWei,
        uint256 fillDeadlineBlock
    );
    event RowAnnounced(uint64 indexed rowId, address indexed holder, uint256 seedBlock);
    event RowFilled(uint64 indexed rowId, address indexed holder, uint256 seat, uint32 fillEpoch, uint32 lastEpoch);
    event UnfilledRefunded(uint64 indexed rowId, address indexed client, uint256 seats, uint256 amountWei);
    event SeatSettled(uint64 indexed rowId, uint256 indexed seat, address indexed holder, uint256 refundWei);
    event RowUnlisted(uint64 indexed rowId);
    event Credited(address indexed account, uint256 amountWei);
    event Withdrawn(address indexed account, address indexed to, uint256 amountWei);

    /// @notice Price of one sector for a whole deal, all copies and epochs.
    function pricePerSector() external view returns (uint256);

    /// @notice Opens the default deal of a new submission. Only `Flow`, which sends the exact price.
    function openDefaultDeal(uint256 submission, address client, SubmissionNode[] calldata nodes) external payable;

    /// @notice Opens a further deal of the same terms for a submission, paid by the value sent; what is too much goes
    /// back. Anyone may keep any file alive.
    /// @return firstRowId Rows get consecutive ids from here
    function openDeal(uint256 submission) external payable returns (uint64 firstRowId);

    /// @notice Announces that the caller has the bytes of up to 64 rows and will take a seat in each. The seed of the
    /// next block then draws the leaves to open. Rows already announced keep their draw, unless its seed was lost.
    /// @dev The caller must be a member of the storage service and not about to leave it.
    function announce(uint64[] calldata rowIds) external;

    /// @notice Takes a seat in a row. Reserves the caller's stake as coverage until the seat is settled.
    /// @param openings The leaves `fillDraws` asks for, each with the path to the row's root
    function fill(uint64 rowId, LeafOpening[] calldata openings) external;

    /// @notice Credits the client with everything in the row that can no longer be earned: seats nobody took in time,
    /// and the unearned epochs of seats that ended or whose holder was evicted. Anyone may call.
    /// @return refundWei What the client was credited with
    function refund(uint64 rowId) external returns (uint256 refundWei);

    /// @notice Takes the newest rows of a submission's node off the list that `isFilled` reads, up to four, if nobody holds
    /// them any more and nobody can: rows of evicted holders would hide older ones that are held. Anyone may call.
    /// @return rows How many were taken off
    function unlist(uint256 submission, uint256 node) external returns (uint256 rows);

    /// @notice Sends all that is owed to the caller.
    /// @return amountWei What was sent
    function withdraw(address to) external returns (uint256 amountWei);

    /// @notice Moves an epoch's pay for so many leaves from escrow to the holder. Only `StorageProofs`.
    function creditAnswer(address holder, uint256 leaves) external;

    /// @notice Moves the bounty for a missed epoch of so many leaves from escrow to the reporter. Only `StorageProofs`.
    function creditBounty(address reporter, uint256 leaves) external returns (uint256 bountyWei);

    /// @notice True if every row of the submission has a holder that is bound until `untilEpoch` at least.
    /// @dev Reads the four newest rows of each node; `unlist` makes room when those were all abandoned.
    function isFilled(uint256 submission, uint32 untilEpoch) external view returns (bool);

    /// @notice Indexes, within the row, of the leaves that `fill` must open; some may repeat. Reverts while the seed
    /// is unknown.
    function fillDraws(address holder, uint64 rowId) external view returns (uint64[] memory leafIndexes);

    /// @notice Block whose seed draws the leaves of an announced row; 0 if not announced.
    function seedBlockOf(address holder, uint64 rowId) external view returns (uint256);

    /// @notice A row; reverts with `MarketUnknownRow` for ids not given out.
    function row(uint64 rowId) external view returns (Row memory);

    /// @notice Seats of a row, in the order they were taken.
    function seats(uint64 rowId) external view returns (Seat[] memory);

    /// @notice Number of rows; ids are 0 to `rowCount() - 1`.
    function rowCount() external view returns (uint64);

    /// @notice Rows of a submission's default deal.
    function defaultRows(uint256 submission) external view returns (uint64 firstRowId, uint256 count);

    /// @notice Epoch of the current block.
    function currentEpoch() external view returns (uint32);

    /// @notice What an account can withdraw.
    function owedWei(address account) external view returns (uint256);

    /// @notice Sum of what is owed to all accounts.
    function totalOwedWei() external view returns (uint256);

    /// @notice What clients paid and nobody has earned or got back yet.
    function escrowedWei() external view returns (uint256);
}
