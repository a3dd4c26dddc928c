// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Jail, JailLib } from "../../../contracts/libraries/JailLib.sol";

contract JailLibTest {
    using JailLib for Jail;

    uint48 private constant _TERM = 1000;

    Jail private _jail;

    function test_NobodyIsInJailAtFirst() public view {
        require(!_jail.isJailedAt(0) && !_jail.isJailedAt(1), "free");
    }

    function test_ATermBeginsAtOnceAndEndsBeforeItsLastSecond() public {
        _jail.extend(5000, 6000);
        require(!_jail.isJailedAt(4999) && _jail.isJailedAt(5000), "begin");
        require(_jail.isJailedAt(5999) && !_jail.isJailedAt(6000), "end");
    }

    function test_AVerdictInTheLastSecondJoinsTheTermsAndOneLaterDoesNot() public {
        _jail.extend(5000, 6000);
        _jail.extend(5999, 6999);
        require(_jail.isJailedAt(5000) && _jail.isJailedAt(6000) && _jail.isJailedAt(6998), "one term");
        _jail.extend(7000, 8000);
        require(_jail.isJailedAt(6998) && !_jail.isJailedAt(6999) && _jail.isJailedAt(7000), "two terms");
    }

    /// @dev Against a list of all terms, for every second of the last term's length.
    function testFuzz_IsRightForOneTermBack(uint16[6] memory gaps) public {
        uint48 now_ = 10_000;
        uint48[6] memory begins;
        for (uint256 i = 0; i < 6; ++i) {
            now_ += gaps[i] % 1500;
            begins[i] = now_;
            _jail.extend(now_, now_ + _TERM);
            uint48 later = now_ + (gaps[5 - i] % 700);
            for (uint48 t = later - _TERM; t <= later; t += 7) {
                require(_jail.isJailedAt(t) == _isJailed(begins, i + 1, t), "term");
            }
        }
    }

    function _isJailed(uint48[6] memory begins, uint256 count, uint48 t) private pure returns (bool) {
        for (uint256 i = 0; i < count; ++i) {
            if (begins[i] <= t && t < begins[i] + _TERM) return true;
        }
        return false;
    }
}
