// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry, ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Services whose members sit in seats, and the weights that seats are contested by.
contract ServiceSeatsTest is StakingFixture {
    address private constant _RIVAL = address(0x0A02);
    address private constant _THIRD = address(0x0A03);
    uint16 private constant _SEATS = 4;

    uint32 private _service;

    function setUp() public override {
        super.setUp();
        ServiceParams memory params = _params(0, WAD);
        params.seats = _SEATS;
        _service = services.createService(params);
        _register(_RIVAL);
        _register(_THIRD);
        _deposit(ALICE, OPERATOR, 1000);
        _setMagnitude(OPERATOR, WAD);
        _setMagnitude(_RIVAL, WAD);
    }

    function test_AFreeSeatIsTakenAfterDelayAndEpoch() public {
        uint48 effectAt = time + DELAY + EPOCH;
        vm.expectEmit();
        emit IServiceRegistry.SeatTaken(_service, 2, OPERATOR, address(0), effectAt);
        _joinSeat(OPERATOR, 2);
        require(services.seatAt(_service, 2, effectAt - 1) == address(0), "not yet");
        require(services.seatAt(_service, 2, effectAt) == OPERATOR, "holder");
        _warp(effectAt);
        require(services.isMemberAt(_service, OPERATOR, time), "member");
        require(services.seatOf(_service, OPERATOR, time) == 2, "seat");
        require(services.isObligable(_service, OPERATOR), "obligable");
        require(services.members(_service, 0, 9)[0] == OPERATOR, "listed");
    }

    function test_RejectsBadSeats() public {
        vm.startPrank(OPERATOR);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidSeat.selector, _service, _SEATS, _SEATS)
        );
        services.joinSeat(_service, _SEATS);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryHasSeats.selector, _service));
        services.join(_service);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryUnknownService.selector, 9));
        services.joinSeat(9, 0);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNotOperator.selector, ALICE));
        vm.prank(ALICE);
        services.joinSeat(_service, 0);

        uint32 open = _createService(0, WAD);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidSeat.selector, open, 0, 0));
        vm.prank(OPERATOR);
        services.joinSeat(open, 0);
        _equal(services.joinedCount(_service), 0, "nobody joined");

        vm.prank(OPERATOR);
        services.join(open);
        _skip(DELAY + EPOCH);
        bytes memory expected = abi.encodeWithSelector(
            IServiceRegistry.ServiceRegistryNoSeat.selector,
            open,
            OPERATOR,
            time
        );
        vm.expectRevert(expected);
        services.seatOf(open, OPERATOR, time);
    }

    function test_OneSeatPerOperator() public {
        _joinSeat(OPERATOR, 0);
        uint48 effectAt = time + DELAY + EPOCH;
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryChangePending.selector, effectAt));
        _joinSeat(OPERATOR, 1);
        _warp(effectAt);
        bytes memory member = abi.encodeWithSelector(
            IServiceRegistry.ServiceRegistryAlreadyMember.selector,
            _service,
            OPERATOR
        );
        vm.expectRevert(member);
        _joinSeat(OPERATOR, 1);
        vm.expectRevert(member);
        _joinSeat(OPERATOR, 0);
        require(services.seatAt(_service, 1, time + DELAY + EPOCH) == address(0), "still free");
    }

    function test_MoreWeightDisplacesWhenItsMembershipBegins() public {
        _seat(OPERATOR, 0);
        _deposit(BOB, _RIVAL, 1001);
        uint48 effectAt = time + DELAY + EPOCH;
        _joinSeat(_RIVAL, 0);
        require(services.seatAt(_service, 0, effectAt - 1) == OPERATOR, "still there");
        require(services.seatAt(_service, 0, effectAt) == _RIVAL, "displaced");
        require(!services.isObligable(_service, OPERATOR), "takes no new obligation");
        _warp(effectAt - 1);
        require(services.isMemberAt(_service, OPERATOR, time), "slashable to the end");
        _warp(effectAt);
        require(services.isMemberAt(_service, _RIVAL, time), "member");
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNoSeat.selector, _service, OPERATOR, time)
        );
        services.seatOf(_service, OPERATOR, time);
        _warp(effectAt + DELAY);
        require(services.isMemberAt(_service, OPERATOR, time), "slashable for its last votes");
        _warp(effectAt + DELAY + 1);
        require(!services.isMemberAt(_service, OPERATOR, time), "no member");
    }

    function test_EqualOrLessWeightDoesNotDisplace() public {
        _seat(OPERATOR, 0);
        _deposit(BOB, _RIVAL, 1000);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistrySeatHeld.selector, _service, 0, OPERATOR, 1000, 1000)
        );
        _joinSeat(_RIVAL, 0);
        require(services.seatAt(_service, 0, time + DELAY + EPOCH) == OPERATOR, "holder");
        require(!services.isMemberAt(_service, _RIVAL, time + DELAY + EPOCH), "no member");
    }

    function test_AnnouncedMagnitudesCountInAContest() public {
        _seat(OPERATOR, 0);
        _deposit(BOB, _RIVAL, 900);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.5e18);
        _equal(services.standingWeight(_service, OPERATOR), 500, "an announced decrease counts");
        _equal(services.weightAt(_service, OPERATOR, time), 1000, "the weight is still the present one");
        _joinSeat(_RIVAL, 0);
        require(services.seatAt(_service, 0, time + DELAY + EPOCH) == _RIVAL, "displaced");
    }

    function test_LeavingFreesTheSeat() public {
        _seat(OPERATOR, 0);
        vm.prank(OPERATOR);
        services.quit(_service);
        uint48 endsAt = time + DELAY + 1;
        _joinSeat(_THIRD, 0);
        require(services.seatAt(_service, 0, endsAt - 1) == OPERATOR, "to the end of the delay");
        require(services.seatAt(_service, 0, endsAt) == address(0), "free");
        require(services.seatAt(_service, 0, time + DELAY + EPOCH) == _THIRD, "taken without any weight");
    }

    function test_SquattersGiveWayToAnyWeight() public {
        for (uint160 i = 0; i < _SEATS; ++i) {
            address squatter = address(0x500 + i);
            _register(squatter);
            vm.prank(squatter);
            services.joinSeat(_service, uint16(i));
        }
        _skip(DELAY + EPOCH);
        _joinSeat(OPERATOR, 3);
        require(services.seatAt(_service, 3, time + DELAY + EPOCH) == OPERATOR, "seated");
    }

    function test_ADisplacedHolderTakesItsSeatBackFromWeightThatLeft() public {
        _seat(OPERATOR, 0);
        _deposit(BOB, _RIVAL, 5000);
        _joinSeat(_RIVAL, 0);
        uint48 firstAt = time + DELAY + EPOCH;
        _request(BOB, _RIVAL, 5000);
        _skip(60);
        _joinSeat(OPERATOR, 0);
        uint48 secondAt = time + DELAY + EPOCH;
        require(services.seatAt(_service, 0, firstAt) == _RIVAL, "for a minute");
        require(services.seatAt(_service, 0, secondAt) == OPERATOR, "back again");
        _warp(secondAt - 1);
        require(services.isMemberAt(_service, _RIVAL, time), "rival");
        require(services.isMemberAt(_service, OPERATOR, time), "a member without a break");
        require(!services.isObligable(_service, OPERATOR), "nor obligable");
        _warp(secondAt);
        require(services.isObligable(_service, OPERATOR), "obligable again");
        _warp(secondAt + DELAY + 1);
        require(!services.isMemberAt(_service, _RIVAL, time), "rival gone");
        require(services.isMemberAt(_service, OPERATOR, time), "the earlier end is dropped");
    }

    function test_AContestOfOneSecondLeavesTheHeavierOne() public {
        _deposit(BOB, _RIVAL, 2000);
        _joinSeat(OPERATOR, 0);
        _joinSeat(_RIVAL, 0);
        _deposit(ALICE, OPERATOR, 2000);
        _joinSeat(OPERATOR, 0);
        uint48 effectAt = time + DELAY + EPOCH;
        require(services.seatAt(_service, 0, effectAt) == OPERATOR, "holder");
        require(!services.isObligable(_service, _RIVAL), "rival");
        require(!services.isMemberAt(_service, _RIVAL, effectAt + DELAY + 1), "gone as if it had been seated");
        _warp(effectAt);
        _equal(services.votingWeightAt(_service, _RIVAL, effectAt), 0, "no vote without the seat");
        _equal(services.joinedCount(_service), 2, "listed once each");
    }

    function test_APendingJoinCannotMoveToAnotherSeatOrQuit() public {
        _joinSeat(OPERATOR, 0);
        bytes memory pending = abi.encodeWithSelector(
            IServiceRegistry.ServiceRegistryChangePending.selector,
            time + DELAY + EPOCH
        );
        vm.expectRevert(pending);
        vm.prank(OPERATOR);
        services.quit(_service);
        vm.expectRevert(pending);
        _joinSeat(OPERATOR, 1);
    }

    function test_RejoiningDoesNotBridgeTheTimeInBetween() public {
        uint32 open = _createService(0, WAD);
        vm.prank(_RIVAL);
        services.join(open);
        _skip(DELAY + EPOCH);
        vm.startPrank(_RIVAL);
        services.quit(open);
        services.join(open);
        vm.stopPrank();
        require(!services.isObligable(open, _RIVAL), "covers nothing that it may not answer for");
        require(!services.isMemberAt(open, _RIVAL, time + DELAY + 1), "no member in between");
        _skip(DELAY + EPOCH);
        require(services.isObligable(open, _RIVAL), "a member again");
    }

    function test_LeavingAndTakingTheSameSeatAgainGivesNoVoteThatCannotBeSlashed() public {
        _seat(OPERATOR, 0);
        vm.prank(OPERATOR);
        services.quit(_service);
        uint48 endsAt = time + DELAY + 1;
        _warp(endsAt - EPOCH);
        _joinSeat(OPERATOR, 0);
        _warp(endsAt - 1);
        _equal(services.weightAt(_service, OPERATOR, time), 1000, "stake at risk in this second");
        _equal(services.votingWeightAt(_service, OPERATOR, time), 0, "not in those in which its votes count");
        _warp(endsAt + DELAY);
        _equal(services.votingWeightAt(_service, OPERATOR, time), 1000, "back again");
    }

    function test_WeightIsStakeAtRiskInTheGroup() public {
        _seat(OPERATOR, 0);
        _skip(1);
        _equal(services.weightAt(_service, OPERATOR, time), 1000, "all");
        _equal(services.weightAt(_service, _RIVAL, time), 0, "no member");
        _slash(_service, "a", 0.5e18);
        _equal(services.weightAt(_service, OPERATOR, time), 500, "after a slash");
        _equal(services.weightAt(_service, OPERATOR, time - 1), 1000, "the past stays");
        _request(ALICE, OPERATOR, 400);
        _equal(services.weightAt(_service, OPERATOR, time), 300, "without what leaves");
    }

    function test_ARetiredGenerationHasNoWeightAndKeepsItsPast() public {
        _seat(OPERATOR, 0);
        _skip(1);
        _slash(_service, "a", WAD);
        _deposit(BOB, OPERATOR, 700);
        _setMagnitude(OPERATOR, 0.5e18);
        _skip(DELAY + EPOCH);
        _equal(services.weightAt(_service, OPERATOR, time), 350, "of the new generation");
        uint48 slashedAt = time - DELAY - EPOCH;
        _equal(services.weightAt(_service, OPERATOR, slashedAt), 0, "at the slash");
        _equal(services.weightAt(_service, OPERATOR, slashedAt - 1), 1000, "before it");
    }

    /// @dev Any sequence of joins and leaves: whoever holds a seat is a member in it, and nobody votes without one.
    function testFuzz_SeatsAndPlacesAgree(uint256 seed) public {
        address[3] memory all = [OPERATOR, _RIVAL, _THIRD];
        uint48 start = time;
        for (uint256 i = 0; i < 24; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            address operator = all[dice % 3];
            if (dice % 5 == 0) _deposit(BOB, operator, ((dice >> 8) % 3000) + 1);
            vm.prank(operator);
            if (dice % 7 < 5) {
                try services.joinSeat(_service, uint16((dice >> 64) % 2)) {} catch {}
            } else {
                try services.quit(_service) {} catch {}
            }
            _skip(uint48((dice >> 96) % (DELAY / 4)));
        }
        for (uint48 t = start; t < time + DELAY + EPOCH; t += DELAY / 9) {
            for (uint256 o = 0; o < 3; ++o) {
                uint256 held;
                for (uint16 seat = 0; seat < _SEATS; ++seat) {
                    if (services.seatAt(_service, seat, t) != all[o]) continue;
                    ++held;
                    require(services.seatOf(_service, all[o], t) == seat, "seat");
                }
                require(held <= 1 && (held == 0 || services.isMemberAt(_service, all[o], t)), "member");
                require(held == 1 || services.votingWeightAt(_service, all[o], t) == 0, "votes without a seat");
            }
        }
    }

    function _setMagnitude(address operator, uint64 wad) private {
        vm.prank(operator);
        services.setMagnitude(1, wad);
    }

    function _joinSeat(address operator, uint16 seat) private {
        vm.prank(operator);
        services.joinSeat(_service, seat);
    }

    function _seat(address operator, uint16 seat) private {
        _joinSeat(operator, seat);
        _skip(DELAY + EPOCH);
    }
}
