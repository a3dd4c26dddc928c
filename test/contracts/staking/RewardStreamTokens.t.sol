// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IRewardStream } from "../../../contracts/interfaces/staking/IRewardStream.sol";
import { IStakePool } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { BrokenTokenMock, FeeTokenMock, ReentrantTokenMock } from "../../support/StakeTokens.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Rewards in tokens that do not behave.
contract RewardStreamTokensTest is StakingFixture {
    ReentrantTokenMock private _hookable;

    function test_RefusesATokenThatKeepsAFee() public {
        _deployStaking(new FeeTokenMock());
        token.mint(address(this), 100);
        token.approve(address(rewards), 100);
        vm.expectRevert(abi.encodeWithSelector(IRewardStream.RewardStreamAmountMismatch.selector, 100, 99));
        rewards.fund(OPERATOR, 100);
        _equal(token.balanceOf(address(this)), 100, "tokens stay");
        _equal(rewards.fundedWei(OPERATOR), 0, "nothing funded");
    }

    function test_KeepsWhatCanNotBePaidNow() public {
        BrokenTokenMock broken = new BrokenTokenMock();
        _deployStaking(broken);
        _deposit(ALICE, OPERATOR, 1);
        _fund(OPERATOR, 100);
        _skip(DRIP_EPOCHS * EPOCH);
        broken.setBroken(true);
        vm.expectRevert(BrokenTokenMock.BrokenTokenMockBroken.selector);
        _claim(ALICE);
        _request(ALICE, OPERATOR, 1);
        broken.setBroken(false);
        _equal(_claim(ALICE), 100, "paid later");
    }

    function test_RefusesToBeEnteredFromTheToken() public {
        _useHookable();
        bytes[3] memory calls = [
            abi.encodeCall(IRewardStream.fund, (OPERATOR, 1)),
            abi.encodeCall(IRewardStream.claim, (OPERATOR, 0, BOB)),
            abi.encodeCall(IRewardStream.claimCommission, (BOB))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            _hookable.setCall(address(rewards), calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            _claim(ALICE);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            rewards.fund(OPERATOR, 1000);
        }
        _hookable.setCall(address(0), "");
        _equal(_claim(ALICE), 50, "paid once");
    }

    /// @dev The token itself is a staker here, so it can act in the middle of a transfer.
    function test_ADepositFromWithinAFundingEarnsFromTheNextEpochOn() public {
        _useHookable();
        _hookable.setCall(address(pool), abi.encodeCall(IStakePool.deposit, (OPERATOR, 100, 0)));
        rewards.fund(OPERATOR, 1000);
        _equal(pool.sharesOf(OPERATOR, address(token)), 200, "deposited");
        _equal(_claimable(address(token)), 50, "nothing of the running epoch");
        _skip(9 * EPOCH);
        uint256 togetherWei = _claimable(address(token)) + _claimable(ALICE);
        require(togetherWei == 1000 + 900 || togetherWei == 1000 + 900 - 1, "all that dripped");
        _equal(_claimable(ALICE), 50 + (1800 / 3), "a third");
    }

    function test_ARequestFromWithinAClaimKeepsWhatWasEarned() public {
        _useHookable();
        _hookable.setCall(address(pool), abi.encodeCall(IStakePool.requestWithdraw, (OPERATOR, 100)));
        _equal(_claim(ALICE), 50, "claimed");
        _equal(pool.sharesOf(OPERATOR, address(token)), 0, "left");
        _equal(_claimable(address(token)), 50, "kept");
        _skip(9 * EPOCH);
        _equal(_claimable(address(token)), 50, "and no more");
        _equal(_claimable(ALICE), 900, "all the rest");
    }

    function test_AClaimFromWithinADepositSeesTheStateBeforeIt() public {
        _useHookable();
        token.mint(BOB, 300);
        vm.startPrank(BOB);
        token.approve(address(pool), 300);
        _hookable.setCall(address(rewards), abi.encodeCall(IRewardStream.claim, (OPERATOR, 0, OBLIGOR)));
        pool.deposit(OPERATOR, 300, 0);
        vm.stopPrank();
        _equal(token.balanceOf(OBLIGOR), 50, "what the token had earned");
        _equal(_claimable(address(token)), 0, "once");
        _skip(EPOCH);
        _equal(_claimable(address(token)), 20, "a fifth");
        _equal(_claimable(BOB), 60, "three fifths");
    }

    function test_AFundingFromWithinADepositDripsFromTheNextEpochOn() public {
        _useHookable();
        token.mint(BOB, 200);
        vm.startPrank(BOB);
        token.approve(address(pool), 200);
        _hookable.setCall(address(rewards), abi.encodeCall(IRewardStream.fund, (OPERATOR, 1000)));
        pool.deposit(OPERATOR, 200, 0);
        vm.stopPrank();
        _equal(_claimable(BOB), 0, "nothing of the running epoch");
        _skip(EPOCH);
        _equal(_claimable(BOB), 100, "half of two parts");
    }

    /// @dev Alice and the token hold 100 shares each, and the first of ten parts of 100 has dripped.
    function _useHookable() private {
        _hookable = new ReentrantTokenMock();
        _deployStaking(_hookable);
        token.mint(address(this), 5000);
        token.approve(address(rewards), 5000);
        token.mint(address(token), 5000);
        vm.startPrank(address(token));
        token.approve(address(pool), 5000);
        token.approve(address(rewards), 5000);
        pool.deposit(OPERATOR, 100, 0);
        vm.stopPrank();
        _deposit(ALICE, OPERATOR, 100);
        rewards.fund(OPERATOR, 1000);
        _skip(EPOCH);
    }

    function _claimable(address user) private view returns (uint256) {
        return rewards.claimableWei(OPERATOR, 0, user);
    }

    function _claim(address user) private returns (uint256) {
        vm.prank(user);
        return rewards.claim(OPERATOR, 0, user);
    }
}
