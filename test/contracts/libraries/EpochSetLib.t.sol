// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { EpochSet, EpochSetLib } from "../../../contracts/libraries/EpochSetLib.sol";

contract EpochSetLibTest {
    using EpochSetLib for EpochSet;

    EpochSet private _set;

    function test_countsAFullWord() external {
        _set.words[1] = type(uint256).max;
        require(_set.count(256, 511) == 256, "all of the word");
        require(_set.count(0, 1_000) == 256, "within more");
        require(_set.count(257, 510) == 254, "without its ends");
        require(_set.count(300, 299) == 0, "empty range");
        require(_set.count(511, 511) == 1 && _set.count(512, 512) == 0, "one epoch");
    }

    function test_addsTheLastEpochOfTheType() external {
        _set.add(type(uint32).max);
        require(_set.contains(type(uint32).max) && !_set.contains(type(uint32).max - 1), "last");
        require(_set.count(type(uint32).max - 300, type(uint32).max) == 1, "counted");
    }

    function testFuzz_countsLikeOneByOne(uint256[4] calldata words, uint32 first, uint32 last) external {
        first %= 1_024;
        last %= 1_024;
        for (uint32 i = 0; i < 4; ++i) _set.words[i] = words[i];
        uint256 expected = 0;
        for (uint32 epoch = first; epoch <= last; ++epoch) {
            if (_set.contains(epoch)) ++expected;
        }
        require(_set.count(first, last) == expected, "count");
    }

    function testFuzz_addsOneEpochOnly(uint32 epoch, uint32 other) external {
        _set.add(epoch);
        require(_set.contains(epoch), "added");
        require(_set.contains(other) == (other == epoch), "nothing else");
    }
}
