// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IStakePool } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { BrokenTokenMock, ReentrantTokenMock } from "../../support/StakeTokens.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice What the pool keeps for sinks and bounties, and its history of generations.
contract StakePoolSlashTest is StakingFixture {
    uint32 private _service;

    function setUp() public override {
        super.setUp();
        _service = _createService(0, WAD);
    }

    function test_OnlyTheSlasherTouchesBounties() public {
        _slashWithBounty();
        bytes memory expected = abi.encodeWithSelector(IStakePool.StakePoolNotSlasher.selector, address(this));
        vm.expectRevert(expected);
        pool.payBounty(BURN, address(this), 1);
        vm.expectRevert(expected);
        pool.forgoBounty(BURN, 1);
        vm.startPrank(address(slasher));
        vm.expectRevert();
        pool.payBounty(BURN, ALICE, 51);
        vm.expectRevert();
        pool.forgoBounty(BURN, 51);
        vm.expectRevert();
        pool.forgoBounty(ALICE, 1);
        vm.stopPrank();
        _equal(pool.unpaidBountyWei(BURN), 50, "set aside");
        _equal(pool.owedWei(BURN), 950, "owed");
    }

    function test_RefusesMoreThanItsBooksHold() public {
        uint256 most = type(uint128).max;
        _deposit(ALICE, OPERATOR, most);
        token.mint(BOB, 1);
        vm.startPrank(BOB);
        token.approve(address(pool), 1);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolBalanceTooLarge.selector, most + 1, most));
        pool.deposit(OPERATOR, 1, 0);
        vm.stopPrank();
        _expose(OPERATOR, _service, WAD);
        _equal(_slash(_service, "a", WAD), most, "and books all of it");
        _equal(pool.sweep(BURN), most, "swept");
    }

    function test_GenerationsAreRemembered() public {
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, WAD);
        uint48 before = time - 1;
        _slash(_service, "a", WAD);
        _equal(pool.generationAt(OPERATOR, before), 0, "before");
        _equal(pool.generationAt(OPERATOR, time), 1, "in the second of the retirement");
        _equal(pool.liveSharesAt(OPERATOR, before), 1000, "old shares");
        _equal(pool.liveSharesAt(OPERATOR, time), 0, "no shares");
        _deposit(BOB, OPERATOR, 7);
        _equal(pool.liveSharesAt(OPERATOR, time), 7, "new shares");
        _equal(pool.generationAt(OPERATOR, 0), 0, "long ago");
    }

    function test_ABountyThatCannotBePaidStays() public {
        BrokenTokenMock broken = new BrokenTokenMock();
        _use(broken);
        _slashWithBounty();
        _skip(EPOCH);
        broken.setBroken(true);
        vm.expectRevert(BrokenTokenMock.BrokenTokenMockBroken.selector);
        slasher.claimBounty(_service, OPERATOR, "a");
        require(slasher.bounty(_service, OPERATOR, "a").amountWei == 50, "still set aside");
        broken.setBroken(false);
        slasher.claimBounty(_service, OPERATOR, "a");
        _equal(token.balanceOf(BOB), 50, "paid later");
    }

    function test_ABountyIsNotPaidAgainFromWithinItsTransfer() public {
        ReentrantTokenMock reentrant = new ReentrantTokenMock();
        _use(reentrant);
        _slashWithBounty();
        _skip(EPOCH);
        reentrant.setCall(address(slasher), abi.encodeCall(ISlasher.claimBounty, (_service, OPERATOR, "a")));
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherNoBounty.selector, _service, OPERATOR, bytes32("a")));
        slasher.claimBounty(_service, OPERATOR, "a");
        reentrant.setCall(address(pool), abi.encodeCall(IStakePool.sweep, (BURN)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        slasher.claimBounty(_service, OPERATOR, "a");
        reentrant.setCall(address(0), "");
        slasher.claimBounty(_service, OPERATOR, "a");
        _equal(token.balanceOf(BOB), 50, "once");
    }

    function test_ASlashOfARetiredPausedAndEmptyOperatorSucceeds() public {
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, WAD);
        _slash(_service, "a", WAD);
        vm.prank(GUARDIAN);
        services.pause();
        _skip(1);
        _equal(_slash(_service, "b", WAD), 0, "nothing left");
        require(services.isJailedAt(_service, OPERATOR, time), "jailed");
        _equal(slasher.punishedWad(_service, OPERATOR, "b"), WAD, "counted");
    }

    /// @dev 1000 slashed, of which 50 are a bounty for BOB.
    function _slashWithBounty() private {
        _deposit(ALICE, OPERATOR, 900);
        _deposit(OPERATOR, OPERATOR, 100);
        _expose(OPERATOR, _service, WAD);
        slasher.submit(_service, abi.encode(OPERATOR, bytes32("a"), time, WAD, BOB));
    }

    function _use(TokenMock token_) private {
        _deployStaking(token_);
        _service = _createService(0, WAD);
    }
}
