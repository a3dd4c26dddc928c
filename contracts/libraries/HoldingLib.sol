// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice A row in a holder's list.
/// @param endLeaves Leaves of the list up to and including this row
/// @param rowId The row
/// @param fillEpoch Epoch in which it was added
struct Holding {
    uint64 endLeaves;
    uint64 rowId;
    uint32 fillEpoch;
}

/// @notice The part of a list that counts in one epoch: entries [fromEntry, toEntry), leaves [fromLeaf, toLeaf).
struct LiveRange {
    uint256 fromEntry;
    uint256 toEntry;
    uint256 fromLeaf;
    uint256 toLeaf;
}

/// @title A holder's rows as a list of running sums
/// @notice Rows are appended in order of time and all last equally long, so those that count in an epoch are one range,
/// and a uniform leaf of the range is found by its running sum. Everything costs the logarithm of the list.
library HoldingLib {
    using SafeCast for uint256;

    function push(Holding[] storage self, uint64 rowId, uint256 leaves, uint32 epoch) internal {
        uint256 endLeaves = _endLeaves(self, self.length) + leaves;
        self.push(Holding({ endLeaves: endLeaves.toUint64(), rowId: rowId, fillEpoch: epoch }));
    }

    /// @notice Entries added before `epoch`, at most `lifeEpochs` before.
    function live(
        Holding[] storage self,
        uint32 epoch,
        uint32 lifeEpochs
    ) internal view returns (LiveRange memory range) {
        range.fromEntry = epoch > lifeEpochs ? _firstFilledFrom(self, epoch - lifeEpochs) : 0;
        range.toEntry = _firstFilledFrom(self, epoch);
        range.fromLeaf = _endLeaves(self, range.fromEntry);
        range.toLeaf = _endLeaves(self, range.toEntry);
    }

    /// @notice Row, and index in it, of the leaf at `position` of the running sums; `position` must be in the range.
    function leafAt(
        Holding[] storage self,
        LiveRange memory range,
        uint256 position
    ) internal view returns (uint64 rowId, uint64 leafIndex) {
        uint256 low = range.fromEntry;
        uint256 high = range.toEntry - 1;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (self[middle].endLeaves > position) high = middle;
            else low = middle + 1;
        }
        return (self[low].rowId, (position - _endLeaves(self, low)).toUint64());
    }

    /// @dev First entry with `fillEpoch >= epoch`.
    function _firstFilledFrom(Holding[] storage self, uint32 epoch) private view returns (uint256 low) {
        uint256 high = self.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (self[middle].fillEpoch >= epoch) high = middle;
            else low = middle + 1;
        }
    }

    /// @dev Leaves before entry `entry`.
    function _endLeaves(Holding[] storage self, uint256 entry) private view returns (uint256) {
        return entry == 0 ? 0 : self[entry - 1].endLeaves;
    }
}
