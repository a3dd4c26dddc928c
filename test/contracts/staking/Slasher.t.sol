// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { EvidenceVerifierMock } from "../../../contracts/mocks/EvidenceVerifierMock.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

contract SlasherTest is StakingFixture {
    uint32 private _service;
    uint32 private _capped;

    function setUp() public override {
        super.setUp();
        _service = _createService(0, WAD);
        _capped = _createService(0, 0.5e18);
        _deposit(ALICE, OPERATOR, 1000);
        _expose(OPERATOR, _service, 0.4e18);
        _expose(OPERATOR, _capped, 0.6e18);
        _warp(time - (time % EPOCH) + EPOCH);
    }

    function test_RejectsUnknownService() public {
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryUnknownService.selector, 9));
        slasher.submit(9, _evidence(OPERATOR, "a", time, WAD));
    }

    function test_RejectsWhatTheVerifierRejects() public {
        vm.expectRevert(EvidenceVerifierMock.EvidenceVerifierMockEmpty.selector);
        slasher.submit(_service, "");
    }

    function test_RejectsInvalidWad() public {
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherInvalidWad.selector, 0));
        _slash(_service, "a", 0);
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherInvalidWad.selector, WAD + 1));
        _slash(_service, "a", WAD + 1);
        _unchanged();
    }

    function test_RejectsFutureAndExpiredOffences() public {
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherFutureOffence.selector, time + 1, time));
        slasher.submit(_service, _evidence(OPERATOR, "a", time + 1, WAD));
        _skip(DELAY + 1);
        uint48 capturedAt = time - DELAY - 1;
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherExpiredOffence.selector, capturedAt, time));
        slasher.submit(_service, _evidence(OPERATOR, "a", capturedAt, WAD));
        _unchanged();
        slasher.submit(_service, _evidence(OPERATOR, "a", capturedAt + 1, WAD));
    }

    function test_RejectsOffenceBeforeMembership() public {
        uint32 late = _createService(1, WAD);
        vm.prank(OPERATOR);
        services.join(late);
        _skip(DELAY + EPOCH);
        uint48 before = time - 1;
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherNotMember.selector, late, OPERATOR, before));
        slasher.submit(late, _evidence(OPERATOR, "a", before, WAD));
        _unchanged();
        _slash(late, "a", WAD);
    }

    function test_LeavingStaysSlashableForExactlyTheDelay() public {
        vm.prank(OPERATOR);
        services.quit(_service);
        _skip(DELAY);
        _equal(_slash(_service, "a", 0.5e18), 200, "last second");
        _skip(1);
        bytes memory evidence = _evidence(OPERATOR, "b", time - 1, WAD);
        vm.expectRevert(abi.encodeWithSelector(ISlasher.SlasherNotMember.selector, _service, OPERATOR, time));
        slasher.submit(_service, evidence);
    }

    function test_PunishesAnOffenceOnce() public {
        _equal(_slash(_service, "a", 0.5e18), 200, "slashed");
        vm.expectRevert(
            abi.encodeWithSelector(ISlasher.SlasherAlreadyPunished.selector, _service, OPERATOR, bytes32("a"))
        );
        _slash(_service, "a", 0.5e18);
        _equal(pool.stakeOf(OPERATOR), 800, "stake");
    }

    function test_AnotherServiceCountsTheSameKeyApart() public {
        _slash(_service, "a", 0.5e18);
        _equal(_slash(_capped, "a", 0.5e18), 300, "slashed");
    }

    function test_TakesTheGroupsShareAndNoOther() public {
        _equal(_slash(_service, "a", 0.5e18), 200, "slashed");
        _equal(services.magnitudeAt(1, OPERATOR, time), 0.2e18, "group");
        _equal(services.magnitudeAt(2, OPERATOR, time), 0.6e18, "other group");
        _equal(services.totalMagnitude(OPERATOR), 0.8e18, "total");
        _equal(pool.indexAt(OPERATOR, 0, time), 0.8e27, "index");
        vm.prank(OBLIGOR);
        pool.reserve(_capped, OPERATOR, 600);
    }

    function test_CapHoldsForTheEpochAndKeepsTheRestOpen() public {
        _slash(_capped, "small", 0.1e18);
        _equal(_slash(_capped, "large", WAD), 240, "up to the cap");
        _equal(slasher.usedWad(_capped, OPERATOR, time / EPOCH), 0.5e18, "used");
        _equal(slasher.punishedWad(_capped, OPERATOR, "large"), 0.4e18, "charged");

        bytes memory third = _evidence(OPERATOR, "third", time, 0.1e18);
        vm.expectRevert(
            abi.encodeWithSelector(ISlasher.SlasherCapReached.selector, _capped, OPERATOR, time / EPOCH, 0.5e18)
        );
        slasher.submit(_capped, third);
        _equal(slasher.punishedWad(_capped, OPERATOR, "third"), 0, "kept free");

        _skip(EPOCH);
        _equal(_slash(_capped, "third", 0.1e18), 30, "next epoch, of what is left");
    }

    function test_SucceedsWithoutStakeAndWithoutExposure() public {
        _request(ALICE, OPERATOR, 1000);
        _skip(DELAY + 1);
        _equal(_slash(_service, "a", WAD), 0, "empty pool");
        _equal(_slash(_service, "b", WAD), 0, "no magnitude left");
        _equal(slasher.punishedWad(_service, OPERATOR, "b"), WAD, "counted");
    }

    function test_EverythingInOneGroupRetiresTheGeneration() public {
        vm.prank(OPERATOR);
        services.setMagnitude(2, 0);
        _skip(DELAY + 1);
        services.settleMagnitude(2, OPERATOR);
        vm.prank(OPERATOR);
        services.setMagnitude(1, WAD);
        _skip(DELAY + 2 * EPOCH);
        _equal(_slash(_service, "a", WAD), 1000, "slashed");
        _equal(pool.generationOf(OPERATOR), 1, "generation");
        _equal(services.totalMagnitude(OPERATOR), WAD, "total starts anew");
        _equal(services.magnitudeAt(1, OPERATOR, time), 0, "nothing is exposed");
        _deposit(BOB, OPERATOR, 500);
        _equal(_slash(_service, "b", WAD), 0, "the new generation answers for nothing old");
        _equal(pool.stakeOf(OPERATOR), 500, "stake");
    }

    function test_IncreaseCountsFromItsEffectWithinAnEpoch() public {
        uint32 late = _createService(0, WAD);
        vm.prank(OPERATOR);
        services.join(late);
        vm.prank(OPERATOR);
        services.setMagnitude(2, 0.5e18);
        _skip(DELAY + 1);
        services.settleMagnitude(2, OPERATOR);
        _warp(time - (time % EPOCH) + EPOCH / 2);
        vm.prank(OPERATOR);
        services.setMagnitude(3, 0.1e18);
        uint48 effectAt = time + DELAY + EPOCH;
        _warp(effectAt + 1);
        _equal(_slash(late, "a", 0.5e18), 50, "half of the new magnitude");
        _equal(_slash(late, "b", 0.5e18), 50, "the same base for the second verdict");
        slasher.submit(late, _evidence(OPERATOR, "c", effectAt - 1, WAD));
        _equal(pool.stakeOf(OPERATOR), 900, "no exposure before the effect");
    }

    function testFuzz_VerdictsCommute(uint64 first, uint64 second, uint64 third, uint48 gap, bool other) public {
        uint64[3] memory wads = [_bound(first), _bound(second), _bound(third)];
        uint32 service = other ? _service : _capped;
        uint48 capturedAt = time;
        uint48 later = time + (gap % DELAY);
        _slashInOrder(service, capturedAt, later, wads, [uint256(0), 1, 2]);
        uint256 index = pool.indexAt(OPERATOR, 0, later);
        uint256 stake = pool.stakeOf(OPERATOR);
        setUp();
        _slashInOrder(service, capturedAt, later, wads, [uint256(2), 0, 1]);
        uint256 otherIndex = pool.indexAt(OPERATOR, 0, later);
        // Each verdict rounds one unit of magnitude, 1e9 units of the index.
        require(otherIndex + 3e9 >= index && index + 3e9 >= otherIndex, "index");
        require(pool.stakeOf(OPERATOR) + 1 >= stake && stake + 1 >= pool.stakeOf(OPERATOR), "stake");
    }

    function testFuzz_OtherGroupsKeepTheirStake(uint64 wad, uint120 extraWei) public {
        _deposit(BOB, OPERATOR, uint256(extraWei) + 1);
        uint256 beforeWei = pool.availableWei(_capped, OPERATOR);
        _slash(_service, "a", _bound(wad));
        uint256 afterWei = pool.availableWei(_capped, OPERATOR);
        require(afterWei <= beforeWei && afterWei + 2 >= beforeWei, "exposed stake changed");
    }

    /// @dev The first verdict at once, the others later: time passed between offence and verdict changes nothing.
    function _slashInOrder(
        uint32 service,
        uint48 capturedAt,
        uint48 later,
        uint64[3] memory wads,
        uint256[3] memory order
    ) private {
        for (uint256 i = 0; i < 3; ++i) {
            if (i == 1) _warp(later);
            bytes32 key = bytes32(order[i] + 1);
            try slasher.submit(service, _evidence(OPERATOR, key, capturedAt, wads[order[i]])) {} catch (
                bytes memory reason
            ) {
                require(bytes4(reason) == ISlasher.SlasherCapReached.selector, "only the cap may refuse");
            }
        }
    }

    function _bound(uint64 wad) private pure returns (uint64) {
        return (wad % WAD) + 1;
    }

    function _unchanged() private view {
        _equal(pool.stakeOf(OPERATOR), 1000, "stake");
        _equal(services.totalMagnitude(OPERATOR), WAD, "total");
        _equal(slasher.punishedWad(_service, OPERATOR, "a"), 0, "nullifier");
    }
}
