// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { DetailLib } from "../../../contracts/libraries/DetailLib.sol";

contract DetailLibTest {
    function testOpeningsAreFewAndEven() public pure {
        uint8[10] memory expected = [0, 1, 6, 4, 4, 5, 6, 5, 5, 6];
        uint8[10] memory heights = [0, 1, 6, 7, 8, 9, 12, 13, 14, 18];
        for (uint256 i = 0; i < heights.length; ++i) {
            require(DetailLib.openedLevels(heights[i]) == expected[i], "levels of the next opening");
        }
    }

    function testEveryWayDownEnds() public pure {
        for (uint256 height = 1; height < 64; ++height) {
            uint256 openings = 0;
            for (uint256 left = height; left > 0; ++openings) {
                uint256 levels = DetailLib.openedLevels(left);
                require(levels > 0 && levels <= DetailLib.OPENED_LEVELS && levels <= left, "levels");
                left -= levels;
            }
            require(openings == (height + 5) / 6, "as few as there can be");
        }
    }
}
