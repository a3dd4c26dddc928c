// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IStakePool } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { BrokenTokenMock, FeeTokenMock, RebasingTokenMock, ReentrantTokenMock } from "../../support/StakeTokens.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Pools of tokens that do not behave.
contract StakePoolTokensTest is StakingFixture {
    uint32 private _service;

    function test_RefusesATokenThatKeepsAFee() public {
        _use(new FeeTokenMock());
        token.mint(ALICE, 100);
        vm.startPrank(ALICE);
        token.approve(address(pool), 100);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolAmountMismatch.selector, 100, 99));
        pool.deposit(OPERATOR, 100, 0);
        vm.stopPrank();
        _equal(token.balanceOf(ALICE), 100, "tokens stay");
        _equal(pool.stakeOf(OPERATOR), 0, "stake");
    }

    /// @dev What a rebase does to the pool's balance is out of its hands, see "What is not protected".
    function test_ARebaseMovesNoPriceAndALossyTransferIsRefused() public {
        RebasingTokenMock rebasing = new RebasingTokenMock();
        _use(rebasing);
        _deposit(ALICE, OPERATOR, 1000);
        rebasing.rebase(1.5e18);
        _equal(pool.stakeOf(OPERATOR), 1000, "stake");
        token.mint(BOB, 3000);
        vm.startPrank(BOB);
        token.approve(address(pool), 3000);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolAmountMismatch.selector, 1000, 999));
        pool.deposit(OPERATOR, 1000, 0);
        _equal(pool.deposit(OPERATOR, 1500, 0), 1500, "at the same price, if it arrives in full");
        vm.stopPrank();
        _equal(pool.stakeOf(OPERATOR), 2500, "stake of both");
    }

    function test_SlashesWhileTheTokenRefusesTransfers() public {
        BrokenTokenMock broken = new BrokenTokenMock();
        _use(broken);
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, WAD);
        broken.setBroken(true);
        _equal(_slash(_service, "a", 0.5e18), 500, "slashed");
        vm.expectRevert(BrokenTokenMock.BrokenTokenMockBroken.selector);
        pool.sweep(address(0));
        _equal(pool.owedWei(BURN), 500, "still owed");
        broken.setBroken(false);
        _equal(pool.sweep(address(0)), 500, "swept later");
    }

    function test_RefusesToBeEnteredFromTheToken() public {
        ReentrantTokenMock reentrant = new ReentrantTokenMock();
        _use(reentrant);
        _deposit(ALICE, OPERATOR, 1000);
        uint256 id = _request(ALICE, OPERATOR, 500);
        _skip(DELAY + 1);
        bytes[3] memory calls = [
            abi.encodeCall(IStakePool.deposit, (OPERATOR, 1, 0)),
            abi.encodeCall(IStakePool.withdraw, (id, BOB)),
            abi.encodeCall(IStakePool.sweep, (address(0)))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            reentrant.setCall(address(pool), calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            vm.prank(ALICE);
            pool.withdraw(id, ALICE);
        }
        _equal(pool.withdrawal(id).shares, 500, "the withdrawal stays");
        reentrant.setCall(address(0), "");
        _equal(_withdraw(ALICE, id), 500, "paid once");
    }

    function test_ASlashFromWithinADepositIsPricedIn() public {
        ReentrantTokenMock reentrant = new ReentrantTokenMock();
        _use(reentrant);
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, WAD);
        token.mint(BOB, 1000);
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        vm.startPrank(BOB);
        token.approve(address(pool), 1000);
        reentrant.setCall(address(slasher), abi.encodeCall(ISlasher.submit, (_service, evidence)));
        _equal(pool.deposit(OPERATOR, 1000, 0), 2000, "at the index after the slash");
        vm.stopPrank();
        _equal(pool.stakeOf(OPERATOR), 1500, "stake");
        _equal(token.balanceOf(address(pool)), 1500 + pool.owedWei(BURN), "backed");
    }

    function _use(TokenMock token_) private {
        _deployStaking(token_);
        _service = _createService(0, WAD);
    }
}
