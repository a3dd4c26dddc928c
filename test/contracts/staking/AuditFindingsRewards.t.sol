// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice What audits found in the rewards of EigenLayer and Symbiotic, and our own reading in 0G's, tried on us. One test
/// for each finding.
contract AuditFindingsRewardsTest is StakingFixture {
    function setUp() public override {
        super.setUp();
        _warp(time - (time % EPOCH));
    }

    /// @notice EigenLayer EG4-03: rounding leaves tokens to nobody.
    function testFuzz_EverythingIsPaidButAUnitForEachAccount(uint96 amount, uint96[3] calldata stakes) public {
        uint256 amountWei = uint256(amount) + 1;
        for (uint160 i = 0; i < 3; ++i) _deposit(address(0xC0DE + i), OPERATOR, uint256(stakes[i]) + 1);
        _fund(OPERATOR, amountWei);
        uint256 paidWei;
        for (uint256 epoch = 0; epoch < DRIP_EPOCHS; ++epoch) {
            _skip(EPOCH);
            paidWei += _claimAll(address(0xC0DE));
        }
        for (uint160 i = 0; i < 3; ++i) paidWei += _claimAll(address(0xC0DE + i));
        require(paidWei <= amountWei && paidWei + 3 >= amountWei, "all but dust");
    }

    /// @notice EigenLayer Rewards v2 ELSC2-07: an operator raises its split just before rewards arrive.
    function test_ACommissionDoesNotRiseAheadOfAFunding() public {
        _deposit(ALICE, OPERATOR, 1000);
        vm.prank(OPERATOR);
        operators.setCommission(10_000);
        _fund(OPERATOR, 1000);
        _equal(rewards.commissionOwedWei(OPERATOR), 0, "not yet");
        _skip(DELAY - 1);
        _fund(OPERATOR, 1000);
        _equal(rewards.commissionOwedWei(OPERATOR), 0, "to the last second");
        _skip(1);
        _fund(OPERATOR, 1000);
        _equal(rewards.commissionOwedWei(OPERATOR), 1000, "after the delay");
    }

    /// @notice Symbiotic CoreV2 Issue_44: a deposit just in time captures rewards.
    function test_ADepositJustInTimeCapturesNothing() public {
        _deposit(ALICE, OPERATOR, 1);
        _fund(OPERATOR, 1000);
        _skip(EPOCH - 1);
        _deposit(BOB, OPERATOR, 1e24);
        _request(BOB, OPERATOR, 1e24);
        _skip(EPOCH + 1);
        _equal(rewards.claimableWei(OPERATOR, 0, BOB), 0, "in and out within an epoch");
        _equal(rewards.claimableWei(OPERATOR, 0, ALICE), 200, "all to who was there");
    }

    /// @notice 0G restaking: `reward * 1e18 / supply` is nothing for a large supply, and lost.
    function test_SmallRewardsOfALargeStakeAreNotLost() public {
        _deposit(ALICE, OPERATOR, 1e36);
        for (uint256 i = 0; i < 40; ++i) {
            _fund(OPERATOR, 1);
            _skip(EPOCH);
        }
        _skip(DRIP_EPOCHS * EPOCH);
        require(_claimAll(ALICE) >= 39, "all but dust of one wei");
    }

    /// @notice 0G restaking: rewards of a time without power wait, and go to whoever stakes first.
    function test_TheFirstStakerGetsNoMoreThanTheNextParts() public {
        _fund(OPERATOR, 1000);
        _skip(5 * DRIP_EPOCHS * EPOCH);
        _deposit(ALICE, OPERATOR, 1);
        _equal(rewards.claimableWei(OPERATOR, 0, ALICE), 0, "nothing for the past");
        _skip(EPOCH);
        _equal(rewards.claimableWei(OPERATOR, 0, ALICE), 1000 / DRIP_EPOCHS, "one part an epoch");
    }

    /// @notice 0G restaking: the balances that rewards are divided by come by another path than the stake, and diverge.
    function testFuzz_RewardsAreDividedByTheStakeItself(uint64 first, uint64 second, uint64 left) public {
        uint256 a = uint256(first) + 1;
        uint256 b = uint256(second) + 1;
        _deposit(ALICE, OPERATOR, a);
        _fund(OPERATOR, DRIP_EPOCHS * 1e18);
        _deposit(BOB, OPERATOR, b);
        uint256 gone = left % a;
        if (gone != 0) _request(ALICE, OPERATOR, gone);
        _skip(EPOCH);
        uint256 total = pool.activeSharesAt(OPERATOR, 0, time);
        require(total == a + b - gone, "shares of the pool");
        uint256 expected = (1e18 * (a - gone)) / total;
        uint256 actual = rewards.claimableWei(OPERATOR, 0, ALICE);
        require(actual <= expected && actual + 1 >= expected, "ALICE's part");
    }

    function _claimAll(address user) private returns (uint256) {
        if (rewards.claimableWei(OPERATOR, 0, user) == 0) return 0;
        vm.prank(user);
        return rewards.claim(OPERATOR, 0, user);
    }
}
