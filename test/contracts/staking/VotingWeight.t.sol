// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Nobody votes with what can't be slashed for the vote any more when evidence of it still counts.
contract VotingWeightTest is StakingFixture {
    address private constant RIVAL = address(0x0A02);

    uint32 private _service;

    function setUp() public override {
        super.setUp();
        _register(RIVAL);
        ServiceParams memory params = _params(0, WAD);
        params.seats = 2;
        _service = services.createService(params);
        _deposit(ALICE, OPERATOR, 1000);
        vm.startPrank(OPERATOR);
        services.setMagnitude(1, 0.8e18);
        services.joinSeat(_service, 0);
        vm.stopPrank();
        _skip(DELAY + EPOCH);
    }

    function test_IsTheWeightOfASettledMember() public {
        _equal(_voting(time), 800, "now");
        _equal(_voting(time - 1), 0, "before it joined");
        _request(ALICE, OPERATOR, 100);
        _equal(_voting(time), 720, "without what leaves");
        _equal(services.votingWeightAt(_service, RIVAL, time), 0, "no member");
    }

    function test_AnAnnouncedDecreaseCountsAtOnce() public {
        _skip(10);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.3e18);
        _equal(services.weightAt(_service, OPERATOR, time), 800, "still slashable");
        _equal(_voting(time), 300, "from the announcement on");
        _equal(_voting(time - 1), 800, "not before");
        _skip(DELAY + 1);
        _equal(_voting(time), 300, "in effect");
        services.settleMagnitude(1, OPERATOR);
        _equal(_voting(time), 300, "settled");
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.5e18);
        _equal(_voting(time), 300, "an increase waits");
        _skip(DELAY + EPOCH);
        _equal(_voting(time), 500, "for its effect");
    }

    /// @dev Else an operator would vote with all of it just before a decrease, and lose nothing for it.
    function test_WhatIsLeftAfterADecreaseIsEnoughForEveryVote() public {
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0);
        _equal(_voting(time), 0, "votes with nothing");
        _skip(DELAY);
        _equal(_voting(time), 0, "to the last second");
    }

    function test_ASlashDoesNotChangeThePast() public {
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.5e18);
        _skip(5);
        uint48 t = time;
        _skip(5);
        _equal(_voting(t), 500, "before the slash");
        _slash(_service, "a", 0.9e18);
        _equal(_voting(t), 500, "after it");
        _skip(DELAY - 10);
        services.settleMagnitude(1, OPERATOR);
        _equal(_voting(t), 500, "settled");
    }

    function test_WhoAnnouncesToLeaveVotesNoMore() public {
        _skip(10);
        vm.prank(OPERATOR);
        services.quit(_service);
        _equal(services.weightAt(_service, OPERATOR, time), 800, "still slashable");
        _equal(_voting(time), 0, "from the announcement on");
        _equal(_voting(time - 1), 800, "a vote of before can be punished for the whole delay");
        require(services.isMemberAt(_service, OPERATOR, time - 1 + 1 + DELAY), "in its last second");
    }

    /// @dev Else an operator would vote in the time in which it is no member and can't be punished.
    function test_JoiningAgainDoesNotHideTheBreak() public {
        vm.startPrank(OPERATOR);
        services.quit(_service);
        services.joinSeat(_service, 0);
        vm.stopPrank();
        for (uint48 i = 0; i < 4; ++i) {
            _equal(_voting(time), 0, "until it is a member again");
            _skip((DELAY + EPOCH) / 4 - 1);
        }
        _skip(4);
        _equal(_voting(time), 800, "again");
    }

    function test_WhoIsDisplacedVotesUntilItsSeatIsTaken() public {
        uint48 effectAt = _rivalContestsTheSeat();
        _warp(effectAt - 1);
        _equal(_voting(time), 800, "to the end");
        _equal(services.votingWeightAt(_service, RIVAL, time), 0, "one votes in a seat");
        _warp(effectAt);
        _equal(_voting(time), 0, "no seat");
        _equal(services.votingWeightAt(_service, RIVAL, time), 1600, "the new holder");
        slasher.submit(_service, _evidence(OPERATOR, "last vote", effectAt - 1, 0.5e18));
        _equal(services.magnitudeAt(1, OPERATOR, time), 0.4e18, "and answers for its last vote");
    }

    /// @dev Stake that is shown and withdrawn again empties no seat, and leaves no small rest of a table to a forger.
    function test_ADisplacementByStakeThatLeavesCostsOneMinuteOfVotes() public {
        uint48 takenAt = _rivalContestsTheSeat();
        _request(BOB, RIVAL, 2000);
        _skip(60);
        vm.prank(OPERATOR);
        services.joinSeat(_service, 0);
        for (uint256 i = 0; i < 8; ++i) {
            _equal(_voting(time), 800, "votes");
            _warp(time + (takenAt - 1 - time) / 2);
        }
        _warp(takenAt + 59);
        _equal(_voting(takenAt - 1), 800, "to the last second");
        _equal(_voting(takenAt), 0, "not in the rival's minute");
        _equal(_voting(time), 0, "to its end");
        _skip(1);
        _equal(_voting(time), 800, "and from then on");
        _equal(_voting(takenAt), 0, "the past stays");
    }

    /// @dev A displaced holder moves to another seat, and what was said of the past holds.
    function test_JoiningAgainChangesNoPastVotingWeight() public {
        uint48 takenAt = _rivalContestsTheSeat();
        _warp(takenAt + 10);
        _equal(_voting(takenAt - 1), 800, "while it had the seat");
        _equal(_voting(takenAt + 5), 0, "when it had none");
        vm.prank(OPERATOR);
        services.joinSeat(_service, 1);
        _equal(_voting(takenAt - 1), 800, "as before");
        _equal(_voting(takenAt + 5), 0, "as before");
        _warp(takenAt + DELAY);
        require(services.isMemberAt(_service, OPERATOR, time), "the first membership");
        _warp(takenAt + 10 + DELAY + EPOCH);
        require(services.isMemberAt(_service, OPERATOR, time), "the second");
        _equal(_voting(time), 800, "votes in the other seat");
    }

    function test_NobodyVotesInJail() public {
        _slash(_service, "a", 0.1e18);
        _equal(_voting(time), 0, "jailed");
        _equal(services.weightAt(_service, OPERATOR, time), 720, "not counted in weight");
        _skip(DELAY + 1);
        _equal(_voting(time), 720, "free again");
    }

    /// @dev Whatever is done later, the answer for a past second within the delay stays, so tables do.
    function testFuzz_ThePastIsFinal(uint8[8] calldata actions, uint32[8] calldata waits) public {
        for (uint256 i = 0; i < 4; ++i) _act(actions[i], waits[i], i);
        _skip(1);
        uint48 t = time - 1;
        uint256 weight = _voting(t);
        for (uint256 i = 4; i < 8; ++i) {
            _act(actions[i], uint32(waits[i] % (DELAY / 4)), i);
            _equal(_voting(t), weight, "the same");
        }
    }

    function _act(uint8 action, uint32 wait, uint256 salt) private {
        _skip(wait % DELAY);
        uint256 kind = action % 8;
        if (kind == 0) _deposit(BOB, OPERATOR, 1e6);
        if (kind == 6) {
            _deposit(BOB, RIVAL, 3e6);
            vm.startPrank(RIVAL);
            try services.setMagnitude(1, 0.9e18) {} catch {}
            try services.joinSeat(_service, action & 1) {} catch {}
            vm.stopPrank();
        }
        if (kind == 7 && pool.sharesOf(RIVAL, BOB) != 0) _request(BOB, RIVAL, pool.sharesOf(RIVAL, BOB));
        if (kind == 1) {
            try slasher.submit(_service, _evidence(OPERATOR, bytes32(salt), time, 0.3e18)) {} catch {}
        }
        vm.startPrank(OPERATOR);
        if (kind == 2) try services.setMagnitude(1, uint64(action) * 1e15) {} catch {}
        if (kind == 3) try services.quit(_service) {} catch {}
        if (kind == 4) try services.joinSeat(_service, action & 1) {} catch {}
        if (kind == 5) try services.setMagnitude(1, 0.9e18) {} catch {}
        vm.stopPrank();
    }

    /// @return takenAt When the seat changes hands.
    function _rivalContestsTheSeat() private returns (uint48 takenAt) {
        _deposit(BOB, RIVAL, 2000);
        vm.startPrank(RIVAL);
        services.setMagnitude(1, 0.8e18);
        services.joinSeat(_service, 0);
        vm.stopPrank();
        return time + DELAY + EPOCH;
    }

    function _voting(uint48 t) private view returns (uint256) {
        return services.votingWeightAt(_service, OPERATOR, t);
    }
}
