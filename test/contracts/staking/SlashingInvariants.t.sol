// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { Withdrawal } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { StakingHandler } from "./StakingHandler.t.sol";
import { StakingInvariants } from "./StakingInvariants.t.sol";

/// @notice Looks at the stake before and after every verdict.
contract SlashingHandler is StakingHandler {
    struct Before {
        uint32 generation;
        uint256 index;
        uint64 totalWad;
        uint64 magnitudeWad;
        uint256 slashableWei;
        uint256[5] weights;
        uint64 charged;
        uint256 maturedId;
        uint256 maturedWei;
    }

    struct IndexPoint {
        uint48 t;
        uint256 index;
    }

    uint256 private constant _GAS_LIMIT = 400_000;

    mapping(address operator => mapping(uint32 generation => IndexPoint[])) private _indices;
    mapping(uint32 service => mapping(address operator => mapping(uint256 epoch => uint256))) private _takenWad;
    uint256 private _turn;

    function _carryOut(uint32 service, bytes memory evidence, bytes memory call) internal override returns (bool) {
        (address operator, bytes32 key, uint48 capturedAt, uint64 wad, ) = _decode();
        ServiceParams memory params = services.service(service);
        Before memory before = _look(operator, params.groupId, service, key);
        uint256 gasBefore = gasleft();
        if (!super._carryOut(service, evidence, call)) return false;
        _require(gasBefore - gasleft() < _GAS_LIMIT, "I14: a slash costs too much");

        uint64 charged = slasher.punishedWad(service, operator, key);
        mapping(uint256 epoch => uint256) storage taken = _takenWad[service][operator];
        taken[capturedAt / EPOCH] += charged - before.charged;
        bool isCapped = params.slashCapWad != WAD;
        _require(!isCapped || taken[capturedAt / EPOCH] <= params.slashCapWad, "I12: beyond the cap");
        _compare(before, operator, params.groupId);
        _requireOnce(service, evidence, charged >= wad);
        return true;
    }

    function _pay(uint256 id, Withdrawal memory open) internal override {
        IndexPoint[] storage points = _indices[open.operator][open.generation];
        uint256 index = RAY;
        for (uint256 i = points.length; i > 0; --i) {
            if (points[i - 1].t > open.requestedAt + DELAY) continue;
            index = points[i - 1].index;
            break;
        }
        _require(_withdraw(open.owner, id) == (open.shares * index) / RAY, "I9: paid at another index");
    }

    function _look(address operator, uint32 group, uint32 service, bytes32 key) private returns (Before memory before) {
        before.generation = pool.generationOf(operator);
        before.index = pool.indexAt(operator, before.generation, time);
        before.totalWad = services.totalMagnitude(operator);
        before.magnitudeWad = services.magnitudeAt(group, operator, time);
        before.slashableWei = pool.slashableOf(operator);
        before.charged = slasher.punishedWad(service, operator, key);
        for (uint32 s = 1; s < SEATED; ++s) before.weights[s] = services.weightAt(s, operator, time);
        (before.maturedId, before.maturedWei) = _nextMatured();
    }

    /// @dev One matured, unpaid request at each verdict.
    function _nextMatured() private returns (uint256 id, uint256 worthWei) {
        uint256 count = pool.withdrawalCount();
        if (count == 0) return (0, 0);
        id = (_turn++ % count) + 1;
        uint256 maturesAt;
        (worthWei, maturesAt) = pool.previewWithdraw(id);
        if (time < maturesAt) id = 0;
    }

    function _compare(Before memory before, address operator, uint32 group) private {
        uint256 index = pool.indexAt(operator, before.generation, time);
        uint64 lostWad = before.magnitudeWad - services.magnitudeAt(group, operator, time);
        _require(index == (before.index * (before.totalWad - lostWad)) / before.totalWad, "I6: another index");
        _require(lostWad == 0 || index < before.index, "I6: a slash without effect");
        _require(lostWad != 0 || index == before.index, "I6: an effect without a slash");
        if (lostWad != 0) _indices[operator][before.generation].push(IndexPoint(time, index));
        bool isRetired = pool.generationOf(operator) != before.generation;
        if (!isRetired) {
            uint256 leftWei = pool.slashableOf(operator);
            uint256 lostWei = (before.slashableWei * lostWad) / before.totalWad;
            _require(leftWei <= before.slashableWei, "I6: value rose");
            _require(before.slashableWei - leftWei <= lostWei + 1, "I6: more than the magnitude's share");
            _require(before.slashableWei - leftWei + 1 >= lostWei, "I6: less than the magnitude's share");
            for (uint32 s = 1; s < SEATED; ++s) {
                if (services.service(s).groupId == group) continue;
                _require(services.weightAt(s, operator, time) == before.weights[s], "I8: another group's weight");
            }
        }
        if (before.maturedId == 0) return;
        (uint256 worthWei, ) = pool.previewWithdraw(before.maturedId);
        _require(worthWei == before.maturedWei, "I10: a matured request");
    }

    /// @dev The same evidence again is refused: as punished, or for the cap if that withheld something.
    function _requireOnce(uint32 service, bytes memory evidence, bool isFull) private {
        try slasher.submit(service, evidence) {
            _require(false, "I11: punished twice");
        } catch (bytes memory reason) {
            bytes4 expected = isFull ? ISlasher.SlasherAlreadyPunished.selector : ISlasher.SlasherCapReached.selector;
            _require(bytes4(reason) == expected, "I11: refused for another reason");
        }
    }
}

/// @notice Verdicts take what they should, from whom they should, once. Their order: `testFuzz_VerdictsCommute` (I7).
contract SlashingInvariantsTest is StakingInvariants {
    function setUp() public {
        _use(new SlashingHandler());
    }

    /// @notice I6: a verdict lowers the value by the magnitude's share, and is never without effect while there is some.
    /// @notice I8: it does not change another group's weight.
    /// @notice I9: a request of time r is paid at the index of r + delay, whenever it is claimed.
    /// @notice I10: a matured request is never touched.
    /// @notice I11: the same evidence is punished once.
    /// @notice I12: the verdicts of one epoch take at most the service's cap.
    /// @notice I13: no state of the operator, and no pause, refuses a verdict in force.
    /// @notice I14: its cost is bounded.
    function invariant_VerdictsTakeWhatTheyShould() external view {
        string memory violation = StakingHandler(handler).violation();
        require(bytes(violation).length == 0, violation);
    }
}
