// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

/// @notice An operator's magnitude in one group: its history and at most one announced change.
/// @dev A checkpoint packs three values: the magnitude (bits 0..63), the magnitude at the operator's own last change (64..127) and the time of
/// that change (128..175). Slashes move the first and keep the others, so a lookup can tell what slashes alone have done.
/// The pending change is always later than the last checkpoint. `falls` holds announced decreases by the time of their announcement: the
/// target (bits 0..63) and when it takes effect (64..111).
struct Magnitude {
    Checkpoints.Trace208 history;
    Checkpoints.Trace208 falls;
    uint64 pendingWad;
    uint48 pendingAt;
    /// Whether `falls` has entries, in a slot that is read anyway.
    bool hasFallen;
}

/// @title Magnitudes over time
/// @notice The rules of one magnitude. Who may change it, and how magnitudes share a total, is up to the caller.
library MagnitudeLib {
    using Checkpoints for Checkpoints.Trace208;

    /// @notice The magnitude at `t`, counting an announced change that has taken effect by then.
    function valueAt(Magnitude storage self, uint48 t) internal view returns (uint64) {
        return _isPendingBy(self, t) ? self.pendingWad : uint64(self.history.upperLookup(t));
    }

    /// @notice The magnitude after an announced change, or the present one.
    function announced(Magnitude storage self) internal view returns (uint64) {
        return self.pendingAt == 0 ? uint64(self.history.latest()) : self.pendingWad;
    }

    /// @notice The magnitude at `t`, or what a decrease that had been announced by then leaves of it.
    function coveringAt(Magnitude storage self, uint48 t) internal view returns (uint64 wad) {
        wad = valueAt(self, t);
        if (!self.hasFallen) return wad;
        uint208 fall = self.falls.upperLookup(t);
        if (uint48(fall >> 64) > t && uint64(fall) < wad) wad = uint64(fall);
    }

    /// @notice The magnitude at `t` without the slashes since `start`: as it was just before `start`, or at the
    /// operator's last change in [start, t].
    function baseAt(Magnitude storage self, uint48 t, uint48 start) internal view returns (uint64) {
        if (_isPendingBy(self, t)) return self.pendingWad;
        uint208 checkpoint = self.history.upperLookup(t);
        if (uint48(checkpoint >> 128) >= start) return uint64(checkpoint >> 64);
        return start == 0 ? 0 : uint64(self.history.upperLookup(start - 1));
    }

    /// @notice Announces a change. The caller has settled, and nothing is pending.
    function announce(Magnitude storage self, uint64 wad, uint48 effectAt, uint48 now_) internal {
        if (wad < uint64(self.history.latest())) {
            self.hasFallen = true;
            self.falls.push(now_, (uint208(effectAt) << 64) | wad);
        }
        self.pendingWad = wad;
        self.pendingAt = effectAt;
    }

    /// @notice Writes a change that has taken effect into the history.
    /// @return freedWad By how much the magnitude fell.
    function settle(Magnitude storage self, uint48 now_) internal returns (uint64 freedWad) {
        if (!_isPendingBy(self, now_)) return 0;
        (uint64 wad, uint48 changedAt) = (self.pendingWad, self.pendingAt);
        uint64 oldWad = uint64(self.history.latest());
        self.history.push(changedAt, (uint208(changedAt) << 128) | (uint208(wad) << 64) | wad);
        (self.pendingWad, self.pendingAt) = (0, 0);
        return oldWad > wad ? oldWad - wad : 0;
    }

    /// @notice Takes `wad` away. The caller has settled, and `wad` is at most the present magnitude.
    /// @dev An announced increase keeps its size; an announced decrease keeps its target unless less is left.
    function slash(Magnitude storage self, uint64 wad, uint48 now_) internal {
        uint208 checkpoint = self.history.latest();
        uint64 oldWad = uint64(checkpoint);
        uint64 newWad = oldWad - wad;
        self.history.push(now_, ((checkpoint >> 64) << 64) | newWad);
        if (self.pendingAt == 0) return;
        uint64 pendingWad = self.pendingWad;
        if (pendingWad > oldWad) self.pendingWad = pendingWad - wad;
        else if (pendingWad > newWad) self.pendingWad = newWad;
    }

    function _isPendingBy(Magnitude storage self, uint48 t) private view returns (bool) {
        return self.pendingAt != 0 && self.pendingAt <= t;
    }
}
