// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IRewardStream } from "../../../contracts/interfaces/staking/IRewardStream.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { vm } from "../../support/Vm.sol";

contract RewardStreamTest is StakingFixture {
    address private constant CAROL = address(0xCA401);
    uint256 private constant MAX_WEI = type(uint112).max;

    uint32 private _service;

    function test_AFundingDripsInEqualPartsFromTheNextEpochOn() public {
        _deposit(ALICE, OPERATOR, 4);
        _fund(OPERATOR, 1000);
        _equal(rewards.pendingWei(OPERATOR), 1000, "all pending");
        _equal(rewards.nextDripWei(OPERATOR), 100, "a tenth");
        _skip(EPOCH - 1);
        _equal(_claimable(ALICE), 0, "nothing in the epoch of the funding");
        for (uint256 i = 1; i <= DRIP_EPOCHS; ++i) {
            _skip(i == 1 ? 1 : EPOCH);
            _equal(_claimable(ALICE), 100 * i, "a part an epoch");
            _equal(rewards.pendingWei(OPERATOR), 1000 - 100 * i, "the rest is pending");
        }
        _equal(rewards.nextDripWei(OPERATOR), 0, "ended");
        _skip(EPOCH);
        _equal(_claimable(ALICE), 1000, "no more than that");
        _equal(_claim(ALICE, 0), 1000, "claimed");
        _equal(token.balanceOf(ALICE), 1000, "paid");
        _equal(token.balanceOf(address(rewards)), 0, "nothing stays");
    }

    function test_FundingsOverlapAtAnyTimeInAnEpoch() public {
        _deposit(ALICE, OPERATOR, 1);
        _skip(EPOCH - 1);
        _fund(OPERATOR, 1000);
        _skip(1);
        _fund(OPERATOR, 500);
        _fund(OPERATOR, 500);
        _equal(_claimable(ALICE), 100, "first part of the first");
        _equal(rewards.nextDripWei(OPERATOR), 200, "both");
        _skip(9 * EPOCH);
        _equal(_claimable(ALICE), 1000 + 900, "the first has ended");
        _equal(rewards.nextDripWei(OPERATOR), 100, "the second has not");
        _skip(1000 * EPOCH);
        _equal(_claimable(ALICE), 2000, "everything");
        _fund(OPERATOR, 10);
        _skip(EPOCH);
        _equal(_claimable(ALICE), 2001, "begins anew");
    }

    function test_OneWeiIsPaidInTheEnd() public {
        _deposit(ALICE, OPERATOR, 2 ** 60);
        _fund(OPERATOR, 1);
        _skip(9 * EPOCH);
        _equal(_claimable(ALICE), 0, "nine tenths of a wei");
        _skip(EPOCH);
        _equal(_claim(ALICE, 0), 1, "a wei");
    }

    function test_ADepositJustBeforeTheEndOfAnEpochEarnsNothingForIt() public {
        _deposit(ALICE, OPERATOR, 100);
        _fund(OPERATOR, 1000);
        _skip(2 * EPOCH - 1);
        _deposit(BOB, OPERATOR, 100);
        _equal(_claimable(BOB), 0, "nothing");
        _equal(_claimable(ALICE), 100, "the whole part");
        _skip(1);
        _equal(_claimable(BOB), 50, "half of the next");
        _equal(_claimable(ALICE), 150, "the other half");
    }

    function test_ADepositAndARequestInOneEpochEarnNothing() public {
        _deposit(ALICE, OPERATOR, 100);
        _fund(OPERATOR, 1000);
        _skip(EPOCH);
        _deposit(BOB, OPERATOR, 1e9);
        _request(BOB, OPERATOR, 1e9);
        _skip(9 * EPOCH);
        _equal(_claimable(BOB), 0, "nothing");
        _equal(_claimable(ALICE), 1000, "all");
    }

    function test_SharesThatLeaveEarnToTheEndOfTheRunningEpoch() public {
        _deposit(ALICE, OPERATOR, 100);
        _deposit(BOB, OPERATOR, 100);
        _fund(OPERATOR, 1000);
        _skip(2 * EPOCH);
        _request(BOB, OPERATOR, 100);
        _equal(_claimable(BOB), 100, "two halves");
        _skip(8 * EPOCH);
        _equal(_claimable(BOB), 100, "no more");
        _equal(_claimable(ALICE), 900, "the rest");
        _equal(_claim(BOB, 0), 100, "claimed without shares");
    }

    function test_SharesOfSomeLeaveAndOthersStay() public {
        _deposit(ALICE, OPERATOR, 100);
        _fund(OPERATOR, 1000);
        _skip(EPOCH);
        _request(ALICE, OPERATOR, 50);
        _deposit(BOB, OPERATOR, 150);
        _skip(EPOCH);
        _equal(_claimable(ALICE), 100 + 25, "a quarter now");
        _equal(_claimable(BOB), 75, "three quarters");
    }

    function test_TheStreamWaitsWithoutShares() public {
        _fund(OPERATOR, 1000);
        _skip(100 * EPOCH);
        _equal(rewards.pendingWei(OPERATOR), 1000, "waits");
        _deposit(ALICE, OPERATOR, 1);
        _equal(_claimable(ALICE), 0, "the first depositor does not take what waited");
        _skip(3 * EPOCH);
        _equal(_claimable(ALICE), 300, "drips");
        _request(ALICE, OPERATOR, 1);
        _skip(50 * EPOCH);
        _fund(OPERATOR, 1000);
        _skip(50 * EPOCH);
        _deposit(BOB, OPERATOR, 1);
        _equal(rewards.nextDripWei(OPERATOR), 200, "both");
        _skip(7 * EPOCH);
        _equal(_claimable(BOB), 1400, "the rest of the first");
        _skip(3 * EPOCH);
        _equal(_claimable(BOB), 1700, "and all of the second");
        _equal(_claimable(ALICE), 300, "unchanged");
    }

    function test_SlashesChangeNoRewards() public {
        _exposed();
        _deposit(BOB, OPERATOR, 100);
        _fund(OPERATOR, 1000);
        _skip(EPOCH);
        _slash(_service, "a", 0.5e18);
        _skip(EPOCH);
        _equal(_claimable(ALICE), 100, "half of two parts");
        _equal(_claimable(BOB), 100, "half of two parts");
        _deposit(CAROL, OPERATOR, 100);
        _skip(EPOCH);
        _equal(_claimable(CAROL), 50, "twice the shares for the same money");
    }

    function test_ARetiredGenerationEarnsUntilTheFirstDepositIntoTheNext() public {
        _exposed();
        _fund(OPERATOR, 1000);
        _skip(EPOCH);
        _slash(_service, "a", WAD);
        _equal(pool.generationOf(OPERATOR), 1, "retired");
        _skip(2 * EPOCH);
        _equal(_claimable(ALICE), 300, "goes on");
        _deposit(BOB, OPERATOR, 100);
        _skip(4 * EPOCH);
        _equal(_claimable(ALICE), 300, "ended");
        _equal(rewards.claimableWei(OPERATOR, 1, BOB), 400, "the new generation's");
        vm.prank(ALICE);
        pool.requestWithdrawFrom(OPERATOR, 0, 100);
        _skip(3 * EPOCH);
        _equal(_claim(ALICE, 0), 300, "kept after leaving");
        _equal(_claim(BOB, 1), 700, "all the rest");
    }

    function test_AFundingAfterARetirementIsForTheNextGeneration() public {
        _exposed();
        _fund(OPERATOR, 1000);
        _slash(_service, "a", WAD);
        _skip(EPOCH);
        _fund(OPERATOR, 1000);
        _skip(5 * EPOCH);
        _equal(_claimable(ALICE), 100, "what dripped before the funding");
        _deposit(BOB, OPERATOR, 1);
        _skip(10 * EPOCH);
        _equal(rewards.claimableWei(OPERATOR, 1, BOB), 1900, "waited for the deposit");
    }

    function test_AGenerationThatRetiredBeforeTheFirstFundingEarnsNothing() public {
        _exposed();
        _slash(_service, "a", WAD);
        _fund(OPERATOR, 1000);
        _skip(5 * EPOCH);
        vm.prank(ALICE);
        pool.requestWithdrawFrom(OPERATOR, 0, 100);
        _deposit(BOB, OPERATOR, 1);
        _skip(10 * EPOCH);
        _equal(_claimable(ALICE), 0, "nothing");
        _equal(rewards.claimableWei(OPERATOR, 1, BOB), 1000, "all");
    }

    function test_CommissionIsCreditedAtFundingAtTheRateInForce() public {
        _deposit(ALICE, OPERATOR, 1);
        _fund(OPERATOR, 1000);
        _setCommission(1000);
        _equal(rewards.commissionOwedWei(OPERATOR), 0, "not for earlier fundings");
        _fund(OPERATOR, 1009);
        _equal(rewards.commissionOwedWei(OPERATOR), 100, "ten percent, rounded down");
        _equal(rewards.fundedWei(OPERATOR), 1909, "the rest drips");
        _skip(DELAY);
        _equal(_claimable(ALICE), 1909, "to the shares");
        vm.prank(OPERATOR);
        _equal(rewards.claimCommission(BOB), 100, "claimed");
        _equal(token.balanceOf(BOB), 100, "paid");
        vm.expectRevert(abi.encodeWithSelector(IRewardStream.RewardStreamNothingOwed.selector, OPERATOR, OPERATOR));
        vm.prank(OPERATOR);
        rewards.claimCommission(BOB);
    }

    function test_ACommissionOfAllLeavesNothingToDrip() public {
        _setCommission(10_000);
        _deposit(ALICE, OPERATOR, 1);
        _fund(OPERATOR, 1000);
        _skip(DRIP_EPOCHS * EPOCH);
        _equal(_claimable(ALICE), 0, "nothing");
        _equal(rewards.commissionOwedWei(OPERATOR), 1000, "all");
        require(_isHookStatic(), "no stream began");
    }

    function test_WritesNothingWhileTheOperatorWasNeverFunded() public {
        require(_isHookStatic(), "never funded");
        _fund(OPERATOR, 1);
        _skip(EPOCH);
        require(!_isHookStatic(), "funded");
    }

    function test_EmitsWhatHappened() public {
        _setCommission(2500);
        token.mint(ALICE, 100);
        vm.startPrank(ALICE);
        token.approve(address(rewards), 100);
        vm.expectEmit(true, true, true, true, address(rewards));
        emit IRewardStream.RewardsFunded(OPERATOR, ALICE, 100, 25);
        rewards.fund(OPERATOR, 100);
        vm.stopPrank();
        _deposit(ALICE, OPERATOR, 1);
        _skip(DRIP_EPOCHS * EPOCH);
        vm.expectEmit(true, true, true, true, address(rewards));
        emit IRewardStream.RewardsClaimed(OPERATOR, ALICE, 0, BOB, 75);
        vm.prank(ALICE);
        rewards.claim(OPERATOR, 0, BOB);
        vm.expectEmit(true, true, true, true, address(rewards));
        emit IRewardStream.CommissionClaimed(OPERATOR, CAROL, 25);
        vm.prank(OPERATOR);
        rewards.claimCommission(CAROL);
    }

    function test_BoundsWhatAnOperatorGetsToDrip() public {
        token.mint(address(this), MAX_WEI + 1);
        token.approve(address(rewards), MAX_WEI + 1);
        vm.expectRevert(abi.encodeWithSelector(IRewardStream.RewardStreamTooMuch.selector, MAX_WEI + 1, MAX_WEI));
        rewards.fund(OPERATOR, MAX_WEI + 1);
        rewards.fund(OPERATOR, MAX_WEI - 1);
        vm.expectRevert(abi.encodeWithSelector(IRewardStream.RewardStreamTooMuch.selector, 2, 1));
        rewards.fund(OPERATOR, 2);
        _equal(rewards.fundedWei(OPERATOR), MAX_WEI - 1, "unchanged");
        _equal(token.balanceOf(address(this)), 2, "nothing taken");
    }

    /// @dev Everything dripped on a single share, then met by as much stake as the pool can hold.
    function test_LargestAmountsFailNoDepositAndNoRequest() public {
        uint256 most = type(uint128).max - 1;
        _deposit(ALICE, OPERATOR, 1);
        _fund(OPERATOR, MAX_WEI - 2 ** 100);
        _skip(DRIP_EPOCHS * EPOCH);
        _deposit(BOB, OPERATOR, most);
        _fund(OPERATOR, 2 ** 100);
        _skip(DRIP_EPOCHS * EPOCH);
        _request(BOB, OPERATOR, most);
        _equal(_claimable(BOB), 2 ** 100 - 1, "all but a fraction");
        _equal(_claimable(ALICE), MAX_WEI - 2 ** 100, "all of the first");
        _request(ALICE, OPERATOR, 1);
        _equal(_claim(ALICE, 0) + _claim(BOB, 0), MAX_WEI - 1, "paid");
        _equal(token.balanceOf(address(rewards)), 1, "dust");
    }

    function test_OutlastsItsClock() public {
        _deposit(ALICE, OPERATOR, 1);
        _fund(OPERATOR, 1000);
        _skip((uint48(type(uint32).max) + 5) * EPOCH);
        _deposit(BOB, OPERATOR, 1);
        _equal(_claimable(ALICE), 1000, "paid out long ago");
        _skip(EPOCH);
        _request(ALICE, OPERATOR, 1);
        _equal(_claimable(ALICE), 1000, "stays");
    }

    function test_RefusesToFundNothingOrNobody() public {
        vm.expectRevert(IRewardStream.RewardStreamZeroAmount.selector);
        rewards.fund(OPERATOR, 0);
        token.mint(address(this), 1);
        token.approve(address(rewards), 1);
        vm.expectRevert(abi.encodeWithSelector(IRewardStream.RewardStreamNotOperator.selector, ALICE));
        rewards.fund(ALICE, 1);
        _equal(token.balanceOf(address(this)), 1, "nothing taken");
        _equal(rewards.fundedWei(ALICE), 0, "nothing funded");
    }

    function test_RefusesReceiversThatCanNotReceive() public {
        _deposit(ALICE, OPERATOR, 1);
        _setCommission(5000);
        _fund(OPERATOR, 100);
        _skip(DRIP_EPOCHS * EPOCH);
        address[2] memory receivers = [address(0), address(rewards)];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory refusal = abi.encodeWithSelector(IRewardStream.RewardStreamBadReceiver.selector, receivers[i]);
            vm.expectRevert(refusal);
            vm.prank(ALICE);
            rewards.claim(OPERATOR, 0, receivers[i]);
            vm.expectRevert(refusal);
            vm.prank(OPERATOR);
            rewards.claimCommission(receivers[i]);
        }
        _equal(_claimable(ALICE), 50, "unchanged");
        _equal(rewards.commissionOwedWei(OPERATOR), 50, "unchanged");
    }

    function test_RefusesToPayWhatIsNotOwed() public {
        _deposit(ALICE, OPERATOR, 1);
        _fund(OPERATOR, 100);
        _skip(DRIP_EPOCHS * EPOCH);
        vm.expectRevert(abi.encodeWithSelector(IRewardStream.RewardStreamNothingOwed.selector, OPERATOR, BOB));
        vm.prank(BOB);
        rewards.claim(OPERATOR, 0, BOB);
        vm.expectRevert(abi.encodeWithSelector(IRewardStream.RewardStreamNothingOwed.selector, OPERATOR, ALICE));
        vm.prank(ALICE);
        rewards.claim(OPERATOR, 1, ALICE);
        _claim(ALICE, 0);
        vm.expectRevert(abi.encodeWithSelector(IRewardStream.RewardStreamNothingOwed.selector, OPERATOR, ALICE));
        vm.prank(ALICE);
        rewards.claim(OPERATOR, 0, ALICE);
        _equal(token.balanceOf(ALICE), 100, "paid once");
    }

    function test_OnlyThePoolReportsShares() public {
        _fund(OPERATOR, 100);
        vm.expectRevert(abi.encodeWithSelector(IRewardStream.RewardStreamNotPool.selector, address(this)));
        rewards.onSharesChange(OPERATOR, 0, ALICE, 0, 1);
        _skip(DRIP_EPOCHS * EPOCH);
        _equal(_claimable(ALICE), 0, "unchanged");
    }

    function test_RefusesToDripOverNoEpochs() public {
        vm.expectRevert(IRewardStream.RewardStreamZeroEpochs.selector);
        this.createStream(0);
    }

    function createStream(uint16 epochs) external {
        deployArtifact("staking", "RewardStream", abi.encode(pool, services, operators, token, epochs));
    }

    /// @dev Alice claims whenever the fuzzer wants and touches the stream so, Bob in the end; both hold the same.
    function testFuzz_ClaimTimingChangesNothing(uint8[20] calldata gaps, uint96[20] calldata amounts) public {
        _deposit(ALICE, OPERATOR, 777);
        _deposit(BOB, OPERATOR, 777);
        uint256 early;
        for (uint256 i = 0; i < 20; ++i) {
            if (amounts[i] % 3 == 0) _fund(OPERATOR, uint256(amounts[i]) + 1);
            _skip(uint48(gaps[i]) * 600);
            if (_claimable(ALICE) != 0) early += _claim(ALICE, 0);
            _equal(early, _claimable(BOB), "the same");
        }
        _skip(DRIP_EPOCHS * EPOCH);
        _equal(early + _claimable(ALICE), _claimable(BOB), "the same in the end");
        require(rewards.fundedWei(OPERATOR) - 2 * _claimable(BOB) <= 2, "all but dust");
    }

    /// @dev Epochs settled one by one by a user that comes and goes are worth the same as all at once.
    function testFuzz_EpochsAddUp(uint96 amountWei, uint96 shares, uint8 touches) public {
        _deposit(ALICE, OPERATOR, uint256(shares) + 1);
        _fund(OPERATOR, uint256(amountWei) + 1);
        uint256 snapshot = vm.snapshotState();
        _skip(DRIP_EPOCHS * EPOCH);
        uint256 atOnce = _claimable(ALICE);
        vm.revertToState(snapshot);
        _warp(uint48(1_800_000_000));
        for (uint256 i = 0; i < DRIP_EPOCHS; ++i) {
            _skip(EPOCH);
            if (touches & (1 << (i % 8)) == 0) continue;
            _deposit(BOB, OPERATOR, 10);
            _request(BOB, OPERATOR, 10);
        }
        _equal(_claimable(ALICE), atOnce, "the same");
        _equal(_claimable(BOB), 0, "came and went");
        require(uint256(amountWei) + 1 - atOnce <= 1, "all but dust");
    }

    function _exposed() private {
        _service = _createService(0, WAD);
        _deposit(ALICE, OPERATOR, 100);
        _expose(OPERATOR, _service, WAD);
    }

    function _setCommission(uint16 bps) private {
        vm.prank(OPERATOR);
        operators.setCommission(bps);
        _skip(DELAY + EPOCH);
    }

    function _claimable(address user) private view returns (uint256) {
        return rewards.claimableWei(OPERATOR, 0, user);
    }

    function _claim(address user, uint32 generation) private returns (uint256) {
        vm.prank(user);
        return rewards.claim(OPERATOR, generation, user);
    }

    /// @dev Whether a change of shares is told without a write.
    function _isHookStatic() private returns (bool isStatic) {
        bytes memory call = abi.encodeCall(IRewardStream.onSharesChange, (OPERATOR, 0, ALICE, 1, 1));
        vm.prank(address(pool));
        (isStatic, ) = address(rewards).staticcall(call);
    }
}
