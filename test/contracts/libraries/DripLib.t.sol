// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Drip, DripLib } from "../../../contracts/libraries/DripLib.sol";

/// @notice What drips, against a loop over epochs and fundings.
contract DripLibTest {
    using DripLib for Drip;

    Drip private _drip;

    function testFuzz_DripsWhatALoopDoes(uint112[12] calldata amounts, uint8[12] calldata gaps, uint8 parts) external {
        uint256 n = uint256(parts % 40) + 1;
        uint32[12] memory epochs;
        uint256 total;
        uint32 epoch;
        for (uint256 i = 0; i < 12; ++i) {
            epoch += gaps[i] % 20;
            epochs[i] = epoch;
            total += amounts[i] / 12;
            _drip.add(epoch, amounts[i] / 12);
        }
        require(_drip.totalWei() == total, "total");
        for (uint256 at = epoch; at < epoch + n + 3; ++at) {
            uint256 units;
            for (uint256 i = 0; i < 12; ++i) {
                for (uint256 e = epochs[i] + 1; e <= at && e <= epochs[i] + n; ++e) units += amounts[i] / 12;
            }
            require(_drip.drippedBy(at, n) == units, "dripped");
        }
    }

    function test_HoldsTheLargestAmountAtTheLastEpoch() external {
        uint256 most = DripLib.MAX_TOTAL_WEI;
        uint32 last = type(uint32).max;
        _drip.add(last - 1, most - 1);
        _drip.add(last, 1);
        require(_drip.totalWei() == most, "total");
        require(_drip.drippedBy(last, type(uint16).max) == most - 1, "one part");
        require(_drip.drippedBy(uint256(last) + 1, type(uint16).max) == 2 * (most - 1) + 1, "both");
        require(_drip.drippedBy(uint256(last) + 70_000, type(uint16).max) == most * type(uint16).max, "all");
    }
}
