// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IStakePool, Withdrawal } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { OperatorRegistry } from "../../../contracts/staking/OperatorRegistry.sol";
import { StakePool } from "../../../contracts/staking/StakePool.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

contract StakePoolTest is StakingFixture {
    uint32 private _service;

    function setUp() public override {
        super.setUp();
        _service = _createService(0, WAD);
    }

    function test_RejectsARegistryOfOtherOperators() public {
        OperatorRegistry others = new OperatorRegistry(DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(IStakePool.StakePoolRegistryMismatch.selector, address(operators), address(others))
        );
        new StakePool(token, others, services, DRIP_EPOCHS);
    }

    function test_DepositMintsSharesAtTheIndex() public {
        _equal(_deposit(ALICE, OPERATOR, 1000), 1000, "shares at 1e27");
        _expose(OPERATOR, _service, WAD);
        _slash(_service, "a", 0.5e18);
        _equal(_deposit(BOB, OPERATOR, 1000), 2000, "shares at half the index");
        _equal(pool.sharesOf(OPERATOR, BOB), 2000, "held");
        _equal(pool.stakeOf(OPERATOR), 1500, "stake");
        _equal(pool.activeSharesAt(OPERATOR, 0, time), 3000, "active");
        _equal(pool.activeSharesAt(OPERATOR, 0, time - 1), 1000, "active before");
    }

    function test_RejectsBadDeposits() public {
        token.mint(ALICE, 10);
        vm.startPrank(ALICE);
        token.approve(address(pool), 10);
        vm.expectRevert(IStakePool.StakePoolZeroAmount.selector);
        pool.deposit(OPERATOR, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolNotOperator.selector, BOB));
        pool.deposit(BOB, 10, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolSlippage.selector, 10, 11));
        pool.deposit(OPERATOR, 10, 11);
        vm.expectRevert();
        pool.deposit(OPERATOR, 11, 0);
        vm.stopPrank();
        _equal(token.balanceOf(ALICE), 10, "tokens stay");
        _equal(pool.stakeOf(OPERATOR), 0, "stake");
    }

    function test_DepositWithPermitSurvivesASpentPermit() public {
        uint256 key = 0xA11CE5;
        address user = vm.addr(key);
        token.mint(user, 30);
        (uint8 v, bytes32 r, bytes32 s) = _permit(key, 10);
        vm.prank(user);
        pool.depositWithPermit(OPERATOR, 10, 0, time, v, r, s);

        (v, r, s) = _permit(key, 20);
        token.permit(user, address(pool), 20, time, v, r, s);
        vm.prank(user);
        pool.depositWithPermit(OPERATOR, 20, 0, time, v, r, s);
        _equal(pool.sharesOf(OPERATOR, user), 30, "shares");

        token.mint(user, 1);
        vm.expectRevert();
        vm.prank(user);
        pool.depositWithPermit(OPERATOR, 1, 0, time, v, r, s);
        _equal(pool.sharesOf(OPERATOR, user), 30, "shares without a valid permit");
    }

    function test_WithdrawsAfterTheDelay() public {
        _deposit(ALICE, OPERATOR, 1000);
        uint256 id = _request(ALICE, OPERATOR, 400);
        Withdrawal memory request = pool.withdrawal(id);
        require(request.owner == ALICE && request.operator == OPERATOR && request.shares == 400, "request");
        _equal(pool.stakeOf(OPERATOR), 600, "covers no more");
        _equal(pool.slashableOf(OPERATOR), 1000, "still slashable");
        _skip(DELAY);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolNotMatured.selector, id, time + 1));
        vm.prank(ALICE);
        pool.withdraw(id, ALICE);
        _skip(1);
        _equal(pool.slashableOf(OPERATOR), 600, "slashable no more");
        vm.prank(ALICE);
        _equal(pool.withdraw(id, BOB), 400, "paid");
        _equal(token.balanceOf(BOB), 400, "receiver");
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolNotOwner.selector, id, ALICE));
        vm.prank(ALICE);
        pool.withdraw(id, BOB);
    }

    function test_RejectsBadWithdrawals() public {
        _deposit(ALICE, OPERATOR, 1000);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolInsufficientShares.selector, 1000, 1001));
        vm.prank(ALICE);
        pool.requestWithdraw(OPERATOR, 1001);
        vm.expectRevert(IStakePool.StakePoolZeroAmount.selector);
        vm.prank(ALICE);
        pool.requestWithdraw(OPERATOR, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolInsufficientShares.selector, 0, 1));
        vm.prank(BOB);
        pool.requestWithdraw(OPERATOR, 1);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolInsufficientShares.selector, 0, 1));
        vm.prank(ALICE);
        pool.requestWithdrawFrom(OPERATOR, 1, 1);
        _equal(pool.withdrawalCount(), 0, "no request");

        uint256 id = _request(ALICE, OPERATOR, 1);
        _skip(DELAY + 1);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolNotOwner.selector, id, BOB));
        vm.prank(BOB);
        pool.withdraw(id, BOB);
        vm.expectRevert(IStakePool.StakePoolZeroReceiver.selector);
        vm.prank(ALICE);
        pool.withdraw(id, address(0));
        _equal(token.balanceOf(address(pool)), 1000, "nothing paid");
    }

    function test_ARequestSharesInSlashesOfExactlyTheDelay() public {
        _deposit(ALICE, OPERATOR, 1000);
        _deposit(BOB, OPERATOR, 1000);
        _expose(OPERATOR, _service, WAD);
        uint256 early = _request(ALICE, OPERATOR, 500);
        _skip(1);
        uint256 late = _request(ALICE, OPERATOR, 500);
        _skip(DELAY);
        _equal(_slash(_service, "a", 0.5e18), 750, "late request and BOB");
        _skip(EPOCH);
        _slash(_service, "b", 0.5e18);
        _equal(_withdraw(ALICE, early), 500, "matured before");
        _equal(_withdraw(ALICE, late), 250, "in its last second, and claimed after another slash");
    }

    function test_ZeroValueWithdrawalsSucceedAfterAFullSlash() public {
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, WAD);
        uint256 id = _request(ALICE, OPERATOR, 500);
        _slash(_service, "a", WAD);
        _skip(DELAY + 1);
        _equal(_withdraw(ALICE, id), 0, "request");
        _equal(pool.sharesOf(OPERATOR, ALICE), 0, "none in the new generation");
        _equal(pool.sharesIn(OPERATOR, 0, ALICE), 500, "the retired generation keeps its shares");
        vm.prank(ALICE);
        id = pool.requestWithdrawFrom(OPERATOR, 0, 500);
        _skip(DELAY + 1);
        _equal(_withdraw(ALICE, id), 0, "retired shares");
    }

    function test_ARetiredGenerationPaysWhatIsLeft() public {
        uint256 assets = 1e24;
        _deposit(ALICE, OPERATOR, assets);
        _expose(OPERATOR, _service, WAD);
        _slash(_service, "a", WAD - 1e9 + 1);
        _equal(pool.generationOf(OPERATOR), 1, "retired");
        _equal(_deposit(BOB, OPERATOR, 7), 7, "new generation starts at 1e27");
        vm.prank(ALICE);
        uint256 id = pool.requestWithdrawFrom(OPERATOR, 0, assets);
        _skip(DELAY + 1);
        _equal(_withdraw(ALICE, id), assets - _slashedWei(), "the rest");
    }

    function test_SweepBurnsWhatWasSlashed() public {
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, WAD);
        _slash(_service, "a", 0.3e18);
        _equal(pool.owedWei(BURN), 300, "owed");
        _equal(pool.sweep(address(0)), 300, "swept");
        _equal(pool.sweep(address(0)), 0, "once");
        _equal(token.balanceOf(BURN), 300, "burnt");
        _equal(_slashedWei(), 300, "in all");
    }

    function test_OnlyTheSlasherSlashes() public {
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolNotSlasher.selector, address(this)));
        pool.slash(OPERATOR, 0, WAD, address(0));
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolInvalidFraction.selector, WAD, WAD));
        vm.prank(address(slasher));
        pool.slash(OPERATOR, WAD, WAD, address(0));
    }

    function test_ReservesWhatIsExposedAndStays() public {
        _deposit(ALICE, OPERATOR, 1000);
        _equal(pool.availableWei(_service, OPERATOR), 0, "no member");
        _expose(OPERATOR, _service, 0.5e18);
        _equal(pool.availableWei(_service, OPERATOR), 500, "the group's part");
        _request(ALICE, OPERATOR, 200);
        _equal(pool.availableWei(_service, OPERATOR), 400, "less what leaves");

        uint32 sharing = _createService(1, WAD);
        vm.prank(OPERATOR);
        services.join(sharing);
        _skip(DELAY + EPOCH);
        vm.startPrank(OBLIGOR);
        pool.reserve(_service, OPERATOR, 300);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolInsufficientStake.selector, 100, 101));
        pool.reserve(sharing, OPERATOR, 101);
        pool.reserve(sharing, OPERATOR, 100);
        _equal(pool.availableWei(_service, OPERATOR), 0, "reserved once, across the group");
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolReleaseExceedsReserve.selector, 100, 101));
        pool.release(sharing, OPERATOR, 101);
        pool.release(_service, OPERATOR, 300);
        vm.stopPrank();
        _equal(pool.availableWei(_service, OPERATOR), 300, "released");
        _equal(pool.reservedWei(sharing, OPERATOR), 100, "the other's stays");
    }

    function test_StakeOfALeavingOperatorIsNotAvailable() public {
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, WAD);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.1e18);
        _equal(pool.availableWei(_service, OPERATOR), 100, "a pending decrease counts at once");
        vm.prank(OPERATOR);
        services.quit(_service);
        _equal(pool.availableWei(_service, OPERATOR), 0, "a pending exit too");
    }

    function test_OnlyTheObligorReserves() public {
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, WAD);
        bytes memory expected = abi.encodeWithSelector(
            IStakePool.StakePoolNotObligor.selector,
            _service,
            address(this)
        );
        vm.expectRevert(expected);
        pool.reserve(_service, OPERATOR, 1);
        vm.expectRevert(expected);
        pool.release(_service, OPERATOR, 0);
        _equal(pool.reservedWei(_service, OPERATOR), 0, "nothing reserved");
    }

    function testFuzz_DepositAndExitCostAtMostOneUnit(uint120 assets, uint64 wad, uint120 other) public {
        _deposit(BOB, OPERATOR, uint256(other) + 1);
        _expose(OPERATOR, _service, WAD);
        if (wad != 0) _slash(_service, "a", (wad % (WAD - 1e9)) + 1);
        uint256 amount = uint256(assets) + 1;
        uint256 id = _request(ALICE, OPERATOR, _deposit(ALICE, OPERATOR, amount));
        _skip(DELAY + 1);
        uint256 paid = _withdraw(ALICE, id);
        require(paid <= amount && paid + 1 >= amount, "exit");
    }

    function testFuzz_ASlashIsExactToOneUnit(uint120 assets, uint64 wad, uint64 magnitude) public {
        uint256 amount = uint256(assets) + 1;
        uint64 m = (magnitude % WAD) + 1;
        uint64 w = (wad % WAD) + 1;
        _deposit(ALICE, OPERATOR, amount);
        _expose(OPERATOR, _service, m);
        uint256 slashed = _slash(_service, "a", w);
        uint256 lostWad = (uint256(m) * w + WAD - 1) / WAD;
        uint256 expected = (amount * lostWad) / WAD;
        require(slashed <= expected && slashed + 1 >= expected, "slashed");
        require(pool.indexAt(OPERATOR, 0, time) == (WAD - lostWad) * 1e9, "index is the total magnitude");
        uint256 keptWei = amount - slashed;
        require(keptWei * RAY >= amount * pool.indexAt(OPERATOR, 0, time), "what stays covers all shares");
        require(_slashedWei() == slashed && pool.owedWei(BURN) == slashed, "books");
    }

    function testFuzz_ADonationChangesNothing(uint120 donation) public {
        _deposit(ALICE, OPERATOR, 1000);
        token.mint(address(pool), donation);
        _equal(pool.stakeOf(OPERATOR), 1000, "stake");
        _equal(_deposit(BOB, OPERATOR, 77), 77, "price");
        _equal(pool.owedWei(BURN), 0, "nothing to burn");
    }

    function _permit(uint256 key, uint256 amountWei) private view returns (uint8 v, bytes32 r, bytes32 s) {
        address owner = vm.addr(key);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                owner,
                address(pool),
                amountWei,
                token.nonces(owner),
                time
            )
        );
        return vm.sign(key, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash)));
    }
}
