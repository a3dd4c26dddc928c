// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { Bounty, ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Who gets what for reporting an offence.
contract SlasherBountyTest is StakingFixture {
    address private constant _THIEF = address(0xBAD);
    address private constant _SINK = address(0x5111);

    uint32 private _service;

    function setUp() public override {
        super.setUp();
        _service = _createService(0, WAD);
        _deposit(ALICE, OPERATOR, 8000);
        _deposit(OPERATOR, OPERATOR, 2000);
        _expose(OPERATOR, _service, WAD);
    }

    function test_TheReporterIsPaidATwentiethAfterTheWindow() public {
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        _commit(BOB, evidence);
        _skip(1);
        _equal(_report(BOB, evidence), 5000, "slashed");
        Bounty memory bounty = slasher.bounty(_service, OPERATOR, "a");
        require(bounty.amountWei == 250 && bounty.receiver == BOB, "bounty");
        require(bounty.closesAt == time + EPOCH && bounty.committedAt == time - 1, "times");
        _equal(pool.owedWei(BURN), 4750, "the rest is burnt");
        _equal(pool.unpaidBountyWei(BURN), 250, "set aside");

        _skip(EPOCH - 1);
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherWindowOpen.selector, time + 1));
        slasher.claimBounty(_service, OPERATOR, "a");
        _skip(1);
        _equal(slasher.claimBounty(_service, OPERATOR, "a"), 250, "claimed by anyone");
        _equal(token.balanceOf(BOB), 250, "paid");
        _equal(pool.unpaidBountyWei(BURN), 0, "settled");
    }

    function test_ABountyIsPaidOnce() public {
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        _commit(BOB, evidence);
        _skip(1);
        _report(BOB, evidence);
        _skip(EPOCH);
        slasher.claimBounty(_service, OPERATOR, "a");
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherNoBounty.selector, _service, OPERATOR, bytes32("a")));
        slasher.claimBounty(_service, OPERATOR, "a");
        vm.expectRevert(
            abi.encodeWithSelector(ISlasher.SlasherAlreadyPunished.selector, _service, OPERATOR, bytes32("a"))
        );
        _report(BOB, evidence);
        _equal(token.balanceOf(BOB), 250, "once");
        require(slasher.bounty(_service, OPERATOR, "a").closesAt == 0, "nothing set aside");
    }

    function test_FrontRunningAReportTakesNothing() public {
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        _commit(BOB, evidence);
        _skip(1);
        // The thief sees the report: it commits, submits first, and reports as soon as its own commitment is old enough.
        _commit(_THIEF, evidence);
        vm.prank(_THIEF);
        slasher.submit(_service, evidence);
        _skip(1);
        _report(_THIEF, evidence);
        require(slasher.bounty(_service, OPERATOR, "a").receiver == _THIEF, "first");
        _equal(_report(BOB, evidence), 0, "nothing more to slash");
        require(slasher.bounty(_service, OPERATOR, "a").receiver == BOB, "the older commitment wins");
        vm.expectRevert(
            abi.encodeWithSelector(ISlasher.SlasherAlreadyPunished.selector, _service, OPERATOR, bytes32("a"))
        );
        _report(_THIEF, evidence);
        _skip(EPOCH);
        slasher.claimBounty(_service, OPERATOR, "a");
        _equal(token.balanceOf(BOB), 250, "reporter");
        _equal(token.balanceOf(_THIEF), 0, "thief");
    }

    function test_RepeatingACommitmentNeitherRenewsNorStealsIt() public {
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        _commit(BOB, evidence);
        bytes32 commitment = _commitment(BOB, evidence);
        uint48 since = time;
        _skip(5);
        vm.prank(_THIEF);
        slasher.commit(commitment);
        _equal(slasher.committedAt(commitment), since, "as old as before");
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherCommitmentNotInForce.selector, 0, time - 5, time));
        _report(_THIEF, evidence);
        _equal(pool.stakeOf(OPERATOR), 10_000, "nothing happened");
        _report(BOB, evidence);
    }

    function test_ACommitmentMustBeOlderThanTheReportAndNoOlderThanTheOffence() public {
        bytes memory later = _evidence(OPERATOR, "b", time + 10, 0.1e18);
        _commit(BOB, later);
        _skip(10);
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherCommitmentNotInForce.selector, time - 10, time, time));
        _report(BOB, later);

        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        _commit(BOB, evidence);
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherCommitmentNotInForce.selector, time, time, time));
        _report(BOB, evidence);
        _equal(pool.stakeOf(OPERATOR), 10_000, "nothing happened");
        _skip(1);
        _report(BOB, evidence);
    }

    function test_WithoutAReporterTheBountyGoesWhereTheSlashWent() public {
        _slash(_service, "a", 0.5e18);
        _skip(EPOCH);
        slasher.claimBounty(_service, OPERATOR, "a");
        _equal(pool.owedWei(BURN), 5000, "burnt");
        _equal(pool.unpaidBountyWei(BURN), 0, "nothing set aside");
        _equal(pool.sweep(address(0)), 5000, "swept");
    }

    function test_ALateReportFindsTheWindowClosed() public {
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        _commit(BOB, evidence);
        slasher.submit(_service, evidence);
        _skip(EPOCH);
        vm.expectRevert(
            abi.encodeWithSelector(ISlasher.SlasherAlreadyPunished.selector, _service, OPERATOR, bytes32("a"))
        );
        _report(BOB, evidence);
        require(slasher.bounty(_service, OPERATOR, "a").receiver == address(0), "nobody's");
    }

    function test_ABeneficiaryComesBeforeEveryCommitment() public {
        bytes memory evidence = abi.encode(OPERATOR, bytes32("a"), time, uint64(0.5e18), ALICE);
        _commit(BOB, evidence);
        _skip(1);
        _report(BOB, evidence);
        Bounty memory bounty = slasher.bounty(_service, OPERATOR, "a");
        require(bounty.receiver == ALICE && bounty.committedAt == 0, "beneficiary");
        _skip(EPOCH);
        slasher.claimBounty(_service, OPERATOR, "a");
        _equal(token.balanceOf(ALICE), 250, "beneficiary");
        _equal(token.balanceOf(BOB), 0, "reporter");
    }

    function test_ASecondChargeAddsToTheSameBounty() public {
        bytes memory small = _evidence(OPERATOR, "a", time, 0.1e18);
        bytes memory large = _evidence(OPERATOR, "a", time, 0.5e18);
        _commit(BOB, small);
        _skip(1);
        _report(BOB, small);
        uint48 closesAt = slasher.bounty(_service, OPERATOR, "a").closesAt;
        _skip(10);
        slasher.submit(_service, large);
        Bounty memory bounty = slasher.bounty(_service, OPERATOR, "a");
        require(bounty.amountWei == 250 && bounty.closesAt == closesAt && bounty.receiver == BOB, "bounty");
    }

    function test_ReportingOneselfNeverPays() public {
        uint256 beforeWei = _worth(OPERATOR);
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        _commit(OPERATOR, evidence);
        _skip(1);
        _report(OPERATOR, evidence);
        _skip(EPOCH);
        slasher.claimBounty(_service, OPERATOR, "a");
        require(_worth(OPERATOR) < beforeWei, "loss");
        _equal(_worth(OPERATOR), 1000 + 250, "half of the own stake, less the bounty");
    }

    function test_WithoutOwnStakeThereIsNoBounty() public {
        _request(OPERATOR, OPERATOR, 2000);
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        _commit(OPERATOR, evidence);
        _skip(1);
        _equal(_report(OPERATOR, evidence), 5000, "slashed");
        require(slasher.bounty(_service, OPERATOR, "a").closesAt == 0, "no bounty");
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherNoBounty.selector, _service, OPERATOR, bytes32("a")));
        slasher.claimBounty(_service, OPERATOR, "a");
    }

    function testFuzz_SelfSlashingNeverPays(uint96 own, uint96 delegated, uint64 wad, uint64 magnitude) public {
        address cheat = address(0x0A02);
        _register(cheat);
        _deposit(cheat, cheat, uint256(own) + 1);
        _deposit(ALICE, cheat, uint256(delegated) + 1);
        _expose(cheat, _service, (magnitude % WAD) + 1);
        uint256 beforeWei = _worth(cheat);
        bytes memory evidence = _evidence(cheat, "a", time, (wad % WAD) + 1);
        _commit(cheat, evidence);
        _skip(1);
        uint256 slashed = _report(cheat, evidence);
        uint256 bountyWei = slasher.bounty(_service, cheat, "a").amountWei;
        require(bountyWei <= slashed / 20, "a twentieth");
        _skip(EPOCH);
        if (bountyWei != 0) slasher.claimBounty(_service, cheat, "a");
        require(_worth(cheat) <= beforeWei, "profit");
        require(pool.unpaidBountyWei(BURN) == 0, "settled");
        _equal(_slashedWei() + bountyWei, slashed, "books");
    }

    function test_ASinkGetsTheRestAndNobodyElseDoes() public {
        ServiceParams memory params = _params(0, WAD);
        params.sink = _SINK;
        uint32 own = services.createService(params);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.5e18);
        _skip(DELAY + 1);
        services.settleMagnitude(1, OPERATOR);
        _expose(OPERATOR, own, 0.5e18);
        bytes memory evidence = _evidence(OPERATOR, "a", time, WAD);
        slasher.submit(own, evidence);
        _equal(pool.owedWei(_SINK), 4750, "owed");
        _equal(pool.owedWei(BURN), 0, "nothing is burnt");
        _equal(pool.sweep(BURN), 0, "of the burn address");
        vm.prank(_THIEF);
        _equal(pool.sweep(_SINK), 4750, "swept by anyone");
        _equal(token.balanceOf(_SINK), 4750, "to the sink");
        _skip(EPOCH);
        slasher.claimBounty(own, OPERATOR, "a");
        _equal(pool.owedWei(_SINK), 250, "an unclaimed bounty too");
        _equal(pool.owedWei(BURN), 0, "and nowhere else");
    }

    function test_DelegatorsLeaveBeforeASinkOfTheOperatorCanTakeTheirStake() public {
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0);
        _skip(DELAY + 1);
        services.settleMagnitude(1, OPERATOR);
        ServiceParams memory params = _params(0, WAD);
        params.sink = OPERATOR;
        uint32 trap = services.createService(params);
        uint256 id = _request(ALICE, OPERATOR, 8000);
        _expose(OPERATOR, trap, WAD);
        slasher.submit(trap, _evidence(OPERATOR, "a", time, WAD));
        _equal(_withdraw(ALICE, id), 8000, "left in time");
        require(pool.owedWei(OPERATOR) <= 2000, "its own stake at most");
    }

    function test_ASmallOffenceDoesNotUseUpThePunishmentOfALargeOne() public {
        uint32 capped = _createService(1, 0.5e18);
        vm.prank(OPERATOR);
        services.join(capped);
        _skip(DELAY + EPOCH);
        _warp(time - (time % EPOCH) + EPOCH);
        _slash(capped, "small", 0.01e18);
        _equal(_slash(capped, "large", 0.5e18), 4900, "all that the epoch's cap leaves");
        _equal(pool.stakeOf(OPERATOR), 5000, "together the cap, in any order");
        _skip(EPOCH);
        _equal(_slash(capped, "next", 0.5e18), 2500, "and the next epoch has its own");
    }

    function _worth(address user) private view returns (uint256) {
        uint256 shares = pool.sharesOf(user, user);
        uint256 index = pool.indexAt(user, pool.generationOf(user), time);
        return (shares * index) / RAY + token.balanceOf(user);
    }

    function _commitment(address reporter, bytes memory evidence) private view returns (bytes32) {
        return keccak256(abi.encode(_service, keccak256(evidence), reporter, bytes32("salt")));
    }

    function _commit(address reporter, bytes memory evidence) private {
        vm.prank(reporter);
        slasher.commit(_commitment(reporter, evidence));
    }

    function _report(address reporter, bytes memory evidence) private returns (uint256) {
        vm.prank(reporter);
        return slasher.report(_service, evidence, "salt");
    }
}
