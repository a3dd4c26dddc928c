// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

/// @notice All fundings of one stream.
/// @dev One checkpoint an epoch with a funding: the sum of amounts (bits 144..255) and the sum of amount * epoch (bits 0..143).
struct Drip {
    Checkpoints.Trace256 sums;
}

/// @title Amounts that drip in equal parts over a fixed number of epochs
/// @notice An amount a added in epoch f drips a / n in each of the epochs f + 1 .. f + n. What all of them have dripped by
/// the end of epoch e is, in units of wei / n and therefore without any rounding,
///
///     D(e) = sum of a_i * min(max(e - f_i, 0), n) = Q(e) - Q(e - n),   Q(e) = e * sum of a_i - sum of a_i * f_i
///
/// with both sums over f_i <= e, which the checkpoints hold: one binary search, whatever the number of epochs.
library DripLib {
    using Checkpoints for Checkpoints.Trace256;

    uint256 internal constant MAX_TOTAL_WEI = type(uint112).max;
    uint256 private constant _WEIGHTED_BITS = 144;

    /// @notice Adds an amount. The caller keeps the total below MAX_TOTAL_WEI, and epochs never fall.
    function add(Drip storage self, uint32 epoch, uint256 amountWei) internal {
        uint256 sums = self.sums.latest();
        self.sums.push(epoch, sums + ((amountWei << _WEIGHTED_BITS) | (amountWei * epoch)));
    }

    /// @notice All that was ever added.
    function totalWei(Drip storage self) internal view returns (uint256) {
        return self.sums.latest() >> _WEIGHTED_BITS;
    }

    /// @notice D(epoch), in units of wei / n, for an epoch that is not before the last `add`.
    function drippedBy(Drip storage self, uint256 epoch, uint256 n) internal view returns (uint256 units) {
        units = _ramp(self.sums.latest(), epoch);
        if (epoch > n) units -= _ramp(self.sums.upperLookupRecent(epoch - n), epoch - n);
    }

    function _ramp(uint256 sums, uint256 epoch) private pure returns (uint256) {
        return (sums >> _WEIGHTED_BITS) * epoch - (sums & ((1 << _WEIGHTED_BITS) - 1));
    }
}
