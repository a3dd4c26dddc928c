// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import { IServiceRegistry } from "../interfaces/staking/IServiceRegistry.sol";

/// @notice Who takes part in one service, over time. `places` holds seat + 1 (bits 0..15) and the time that the unbroken
/// membership began (16..63), or 0 for no member; in a service without seats every member's place is 1 and `holders` is empty. Entries
/// later than now are announced changes.
struct Roster {
    address[] joined;
    mapping(address operator => Checkpoints.Trace208) places;
    mapping(uint256 seat => Checkpoints.Trace208) holders;
}

/// @title Members and seats
/// @notice Beginnings and ends of membership, and the displacement of a seat's holder. Who may displace whom, and when a
/// change takes effect, is up to the caller: beginnings later than ends, and each kind in the order of announcement.
/// @dev Identities: whoever holds a seat has it as its place, and an operator's last entry is a seat exactly if that seat's
/// last entry is the operator. Only after a displacement a place outlasts the holding, by the time that the caller names.
library SeatLib {
    using Checkpoints for Checkpoints.Trace208;

    /// @notice Begins a membership at `effectAt`. An end that was announced for earlier stays; one for then or later is dropped,
    /// so that the membership goes on without a break.
    function enter(Roster storage self, uint32 serviceId, address operator, uint16 seat, uint48 effectAt) internal {
        Checkpoints.Trace208 storage places = self.places[operator];
        (bool known, uint48 lastAt, uint208 place) = places.latestCheckpoint();
        if (place != 0) {
            if (lastAt > block.timestamp) revert IServiceRegistry.ServiceRegistryChangePending(lastAt);
            revert IServiceRegistry.ServiceRegistryAlreadyMember(serviceId, operator);
        }
        if (!known) self.joined.push(operator);
        uint48 since = effectAt;
        if (lastAt >= effectAt) {
            // The end is still to come, so this changes no past.
            places._checkpoints.pop();
            since = _since(places.latest());
        }
        places.push(effectAt, (uint208(since) << 16) | (uint208(seat) + 1));
    }

    /// @notice Begins a membership in a seat, which the seat's last announced holder loses then.
    /// @param leavesAt When the membership of that holder ends, later than `effectAt`: until then it answers for its votes.
    function enterSeat(
        Roster storage self,
        uint32 serviceId,
        address operator,
        uint16 seat,
        uint48 effectAt,
        uint48 leavesAt
    ) internal {
        address holder = holderAtLast(self, seat);
        enter(self, serviceId, operator, seat, effectAt);
        self.holders[seat].push(effectAt, uint160(operator));
        if (holder != address(0)) self.places[holder].push(leavesAt, 0);
    }

    /// @notice Ends a membership at `effectAt`.
    function quit(Roster storage self, uint32 serviceId, address operator, uint48 effectAt, bool isSeated) internal {
        Checkpoints.Trace208 storage places = self.places[operator];
        (, uint48 lastAt, uint208 place) = places.latestCheckpoint();
        if (lastAt > block.timestamp) revert IServiceRegistry.ServiceRegistryChangePending(lastAt);
        if (place == 0) revert IServiceRegistry.ServiceRegistryNotMember(serviceId, operator);
        places.push(effectAt, 0);
        if (isSeated) self.holders[uint16(place) - 1].push(effectAt, 0);
    }

    /// @return Whether the operator is a member now, and no change is announced.
    function isSettledMember(Roster storage self, address operator) internal view returns (bool) {
        (, uint48 lastAt, uint208 place) = self.places[operator].latestCheckpoint();
        return place != 0 && lastAt <= block.timestamp;
    }

    /// @return 0 for no member at `t`, otherwise its seat + 1.
    function placeAt(Roster storage self, address operator, uint48 t) internal view returns (uint16) {
        return uint16(self.places[operator].upperLookup(t));
    }

    /// @return Whether one membership lasts from `t` to `until`, both included, by all that is announced.
    function isMemberThroughout(
        Roster storage self,
        address operator,
        uint48 t,
        uint48 until
    ) internal view returns (bool) {
        uint208 place = self.places[operator].upperLookup(t);
        return place != 0 && _since(self.places[operator].upperLookup(until)) == _since(place);
    }

    /// @return Whether the operator holds the seat that is its place at `t`.
    function isHolderAt(Roster storage self, address operator, uint48 t) internal view returns (bool) {
        uint16 place = placeAt(self, operator, t);
        return place != 0 && holderAt(self, place - 1, t) == operator;
    }

    function holderAt(Roster storage self, uint16 seat, uint48 t) internal view returns (address) {
        return address(uint160(self.holders[seat].upperLookup(t)));
    }

    /// @return Who holds the seat after all announced changes.
    function holderAtLast(Roster storage self, uint16 seat) internal view returns (address) {
        return address(uint160(self.holders[seat].latest()));
    }

    /// @return page The present members among `limit` entries of `joined` from position `offset`.
    function members(Roster storage self, uint256 offset, uint256 limit) internal view returns (address[] memory page) {
        uint256 end = Math.min(self.joined.length, Math.saturatingAdd(offset, limit));
        page = new address[](Math.saturatingSub(end, offset));
        uint256 count;
        for (uint256 i = offset; i < end; ++i) {
            address operator = self.joined[i];
            if (placeAt(self, operator, uint48(block.timestamp)) != 0) page[count++] = operator;
        }
        assembly ("memory-safe") {
            mstore(page, count)
        }
    }

    function _since(uint208 place) private pure returns (uint48) {
        return uint48(place >> 16);
    }
}
