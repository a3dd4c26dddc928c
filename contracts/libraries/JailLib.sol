// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice The last two terms of an operator in one service's jail, each from its first second up to and without `until`.
struct Jail {
    uint48 earlierFrom;
    uint48 earlierUntil;
    uint48 from;
    uint48 until;
}

/// @title Terms in jail over time
/// @notice One slot tells for every time within the last term's length whether it was a time in jail: a term that two later
/// ones pushed out ended before the first of those began, which is longer ago than that.
library JailLib {
    /// @notice Begins a term now, or extends the one that is running.
    /// @param until Later than `until` of any earlier call, and by the same distance from `now_`.
    function extend(Jail storage self, uint48 now_, uint48 until) internal {
        if (now_ >= self.until) {
            (self.earlierFrom, self.earlierUntil) = (self.from, self.until);
            self.from = now_;
        }
        self.until = until;
    }

    /// @param t Not longer ago than one term.
    function isJailedAt(Jail storage self, uint48 t) internal view returns (bool) {
        return (self.from <= t && t < self.until) || (self.earlierFrom <= t && t < self.earlierUntil);
    }
}
