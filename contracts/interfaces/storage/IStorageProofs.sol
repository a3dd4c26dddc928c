// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LeafOpening } from "../../libraries/FileTreeLib.sol";
import { IEvidenceVerifier } from "../staking/IEvidenceVerifier.sol";

/// @notice Terms of a storage deployment, fixed for ever.
/// @param pricePerLeafEpochWei Pay for one leaf held through one epoch
/// @param coveragePerLeafWei Stake reserved for each leaf of a seat
/// @param epochBlocks Blocks of an epoch
/// @param dealEpochs Epochs a seat lasts, from the one after it was taken
/// @param reportEpochs Epochs after a missed one in which the miss can be reported
/// @param fillBlocks Blocks after a deal opens in which its seats can be taken
/// @param copies Seats of each row
/// @param fillLeaves Leaves a fill proof opens
/// @param challengeLeaves Leaves an answer opens
/// @param missTolerance Misses in a row without loss of stake
/// @param bountyBps Reporter's part of withheld pay, in basis points
/// @param missWad Slash for a miss beyond the tolerance, as a part of the stake at risk (1e18 = all)
/// @param slashCapWad Most that all misses of one staking epoch can slash
/// @param groupId Group of services whose stake secures storage; 0 makes a group of its own
/// @param maxObligationSeconds Longest time from a challenge to the last slash for its miss. Seats last longer: a holder whose
/// stake leaves meanwhile is evicted
struct StorageParams {
    uint128 pricePerLeafEpochWei;
    uint128 coveragePerLeafWei;
    uint32 epochBlocks;
    uint32 dealEpochs;
    uint32 reportEpochs;
    uint32 fillBlocks;
    uint8 copies;
    uint8 fillLeaves;
    uint8 challengeLeaves;
    uint8 missTolerance;
    uint16 bountyBps;
    uint64 missWad;
    uint64 slashCapWad;
    uint32 groupId;
    uint48 maxObligationSeconds;
}

/// @notice One leaf that a challenge asks for.
/// @param rowId Row that holds it
/// @param submission The row's file
/// @param firstLeaf The row's first leaf in the file
/// @param leafIndex The leaf's index within the row
/// @param height The row has 2^height leaves
/// @param root The row's root
struct Draw {
    uint64 rowId;
    uint64 submission;
    uint64 firstLeaf;
    uint64 leafIndex;
    uint8 height;
    bytes32 root;
}

/// @title Proofs that bytes are still there
/// @notice Each epoch asks every holder for a few leaves, uniform over all it holds, drawn by the seed of the epoch's
/// first block mixed with the holder. One answer an epoch earns the epoch's pay for everything. A miss costs the pay;
/// misses in a row beyond the tolerance cost stake and the seats.
/// @dev Seats taken in epoch f count in epochs f + 1 to f + dealEpochs, so what an epoch asks about is frozen before
/// its seed exists. Warning: recording the seed is everyone's business and so the holder's too: an epoch whose seed
/// was recorded counts even if that was late. Warning: what is proven is possession of the leaves asked for.
interface IStorageProofs is IEvidenceVerifier {
    error StorageProofsParam(bytes32 name, uint256 actual, uint256 min, uint256 max);
    error StorageProofsOnlyMarket(address sender);
    error StorageProofsNotThisEpoch(uint32 epoch, uint32 current);
    error StorageProofsNothingHeld(address holder, uint32 epoch);
    error StorageProofsAnswered(address holder, uint32 epoch);
    error StorageProofsReported(address holder, uint32 epoch);
    error StorageProofsNotReportable(uint32 epoch, uint32 current, uint32 reportEpochs);
    error StorageProofsOpeningCount(uint256 actual, uint256 expected);
    error StorageProofsEvidenceLength(uint256 actual, uint256 expected);
    error StorageProofsService(uint32 actual, uint32 expected);
    error StorageProofsWithinTolerance(address holder, uint32 epoch);
    error StorageProofsNotEvictable(address holder);

    event ChallengeAnswered(address indexed holder, uint32 indexed epoch, uint256 leaves);
    event MissReported(
        address indexed holder,
        uint32 indexed epoch,
        address indexed reporter,
        uint256 leaves,
        uint256 bountyWei
    );
    event Evicted(address indexed holder, uint32 indexed generation, uint32 epoch);

    /// @notice Answers the current epoch's challenge to the caller.
    /// @param openings The leaves that `challenge` lists, each with the path to its row's root
    function answer(uint32 epoch, LeafOpening[] calldata openings) external;

    /// @notice Records that a holder did not answer an epoch that is over; the reporter gets a part of the pay.
    function reportMiss(address holder, uint32 epoch) external;

    /// @notice Ends all seats of a holder that left the service or whose stake no longer covers its seats.
    /// @dev Stake may leave while seats last. What asked to leave stays slashable for the delay, which is the holder's time to
    /// replace it.
    function evict(address holder) external;

    /// @notice Ends all seats of a holder that missed more than the tolerance up to `epoch`.
    function evictForMisses(address holder, uint32 epoch) external;

    /// @notice Adds a row to what a holder holds. Only `Market`.
    /// @return generation The holder's generation
    /// @return fillEpoch The current epoch
    function addSeat(
        address holder,
        uint64 rowId,
        uint256 leaves
    ) external returns (uint32 generation, uint32 fillEpoch);

    /// @notice Leaves the holder must open in an epoch. Reverts while the epoch's seed is unknown.
    function challenge(address holder, uint32 epoch) external view returns (Draw[] memory);

    /// @notice Leaves that the holder is paid for in an epoch.
    function liveLeaves(address holder, uint32 epoch) external view returns (uint256);

    /// @notice How a seat went.
    /// @return closed True once nothing about it can change any more
    /// @return answered Epochs of the seat that its holder answered
    /// @return missed Epochs of the seat whose miss was reported
    function tally(
        address holder,
        uint32 generation,
        uint32 fillEpoch
    ) external view returns (bool closed, uint256 answered, uint256 missed);

    /// @notice True if the holder answered the epoch.
    function hasAnswered(address holder, uint32 epoch) external view returns (bool);

    /// @notice True if a miss of the epoch was reported.
    function hasMissed(address holder, uint32 epoch) external view returns (bool);

    /// @notice The holder's generation; each eviction starts a new one with no seats.
    function generationOf(address holder) external view returns (uint32);

    /// @notice True if the holder has missed more epochs in a row, up to `epoch`, than tolerated.
    function isBeyondTolerance(address holder, uint32 epoch) external view returns (bool);

    /// @notice True if the stake that a slash for storage would fall on is worth what the holder's seats reserved, seats not
    /// yet refunded included; one percent is left to rounding.
    function isCovered(address holder) external view returns (bool);

    /// @notice Epoch of the current block.
    function currentEpoch() external view returns (uint32);

    /// @notice First block of an epoch, whose seed is the epoch's.
    function firstBlockOf(uint32 epoch) external view returns (uint256);

    /// @notice The service that stake secures storage through.
    function serviceId() external view returns (uint32);
}
