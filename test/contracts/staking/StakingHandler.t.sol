// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { Withdrawal } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { OperatorRegistry } from "../../../contracts/staking/OperatorRegistry.sol";
import { ServiceRegistry } from "../../../contracts/staking/ServiceRegistry.sol";
import { StakePool } from "../../../contracts/staking/StakePool.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Two operators, three users and three services (two of them in one group, one of those capped) that do whatever the
/// fuzzer asks for, and what a correct system must never forget about it.
contract StakingHandler is StakingFixture {
    /// @dev What was true at a past time and must stay so.
    struct Snapshot {
        address operator;
        uint48 t;
        uint32 generation;
        uint256 index;
        uint256 activeShares;
        uint64[2] magnitudes;
        bool[3] member;
    }

    address public constant SECOND = address(0x0A02);
    uint32 public constant GROUPS = 2;
    uint32 public constant SERVICES = 3;

    Snapshot[] private _snapshots;
    mapping(uint256 withdrawalId => uint256) private _maturedWeiPlusOne;
    mapping(address operator => mapping(uint32 generation => uint256)) private _lastIndex;
    uint256 private _offences;

    bool public isSlashRefused;
    bool public isIndexRaised;
    bool public isMaturedTouched;
    uint256 public slashCount;
    uint256 public slashedWei;
    uint256 public bountiesWei;
    uint256 public withdrawCount;
    uint256 public donatedWei;

    constructor() {
        setUp();
        _register(SECOND);
        _createService(0, WAD);
        _createService(0, WAD);
        _createService(2, 0.3e18);
        for (uint256 i = 0; i < 2; ++i) {
            _deposit(user(i), operatorAt(i), 1e18);
            for (uint32 service = 1; service <= SERVICES; ++service) {
                vm.prank(operatorAt(i));
                services.join(service);
            }
            for (uint32 group = 1; group <= GROUPS; ++group) {
                vm.prank(operatorAt(i));
                services.setMagnitude(group, 0.5e18);
            }
        }
        _skip(DELAY + EPOCH);
    }

    function deposit(uint256 seed, uint96 assets) external {
        _deposit(user(seed), operatorAt(seed / 3), uint256(assets) + 1);
        _observe();
    }

    function request(uint256 seed, uint256 portion) external {
        address operator = operatorAt(seed / 3);
        uint32 generation = pool.generationOf(operator);
        if (seed % 5 == 0 && generation > 0) --generation;
        uint256 held = pool.sharesIn(operator, generation, user(seed));
        if (held == 0) return;
        vm.prank(user(seed));
        pool.requestWithdrawFrom(operator, generation, (portion % held) + 1);
        _observe();
    }

    function withdraw(uint256 seed) external {
        uint256 count = pool.withdrawalCount();
        for (uint256 i = 0; i < count; ++i) {
            uint256 id = (((seed % count) + i) % count) + 1;
            Withdrawal memory open = pool.withdrawal(id);
            if (open.owner == address(0) || time <= open.requestedAt + DELAY) continue;
            _withdraw(open.owner, id);
            ++withdrawCount;
            break;
        }
        _observe();
    }

    /// @dev Half of the verdicts are small, every eighth takes everything.
    function slash(uint256 seed, uint64 wad, uint24 age) external {
        if (seed % 2 == 0) wad = wad % 1e16;
        if (seed % 8 == 1) wad = WAD;
        bytes memory evidence = _evidence(
            operatorAt(seed / 8),
            bytes32(seed % 16 == 3 ? _offences : ++_offences),
            time - (age % (DELAY + EPOCH)),
            (wad % WAD) + 1
        );
        try slasher.submit(uint32((seed / 16) % SERVICES) + 1, evidence) returns (uint256 lossWei) {
            ++slashCount;
            slashedWei += lossWei;
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            isSlashRefused =
                isSlashRefused ||
                !(selector == ISlasher.SlasherCapReached.selector ||
                    selector == ISlasher.SlasherAlreadyPunished.selector ||
                    selector == ISlasher.SlasherNotMember.selector ||
                    selector == ISlasher.SlasherExpiredOffence.selector);
        }
        _observe();
    }

    /// @dev Takes all that is exposed, which retires the generation if all was exposed.
    function wipe(uint256 seed) external {
        if (seed % 3 != 0) return;
        for (uint32 service = 1; service <= 2; ++service) {
            if (!services.isMemberAt(service, operatorAt(seed), time)) continue;
            slashedWei += slasher.submit(service, _evidence(operatorAt(seed), bytes32(++_offences), time, WAD));
        }
        _observe();
    }

    function setMagnitude(uint256 seed, uint64 wad) external {
        uint32 group = uint32(seed % GROUPS) + 1;
        services.settleMagnitude(1, operatorAt(seed / 2));
        services.settleMagnitude(2, operatorAt(seed / 2));
        vm.prank(operatorAt(seed / 2));
        try services.setMagnitude(group, wad % 0.7e18) {} catch {}
        _observe();
    }

    function changeMembership(uint256 seed) external {
        uint32 service = uint32(seed % SERVICES) + 1;
        address operator = operatorAt(seed / 3);
        vm.prank(operator);
        try services.join(service) {
            return;
        } catch {}
        if (seed % 4 != 0) return;
        vm.prank(operator);
        try services.quit(service) {} catch {}
    }

    function reserve(uint256 seed, uint256 amount) external {
        uint32 service = uint32(seed % SERVICES) + 1;
        address operator = operatorAt(seed / 3);
        uint256 available = pool.availableWei(service, operator);
        vm.prank(OBLIGOR);
        pool.reserve(service, operator, amount % (available + 1));
    }

    function release(uint256 seed, uint256 amount) external {
        uint32 service = uint32(seed % SERVICES) + 1;
        address operator = operatorAt(seed / 3);
        uint256 reserved = pool.reservedWei(service, operator);
        vm.prank(OBLIGOR);
        pool.release(service, operator, amount % (reserved + 1));
    }

    function sweepAndDonate(uint96 donation) external {
        pool.sweep(address(0));
        token.mint(address(pool), donation % 3 == 0 ? donation : 0);
        donatedWei += donation % 3 == 0 ? donation : 0;
    }

    /// @dev Steps from a second to somewhat over the delay; snapshots what has just become the past.
    function pass(uint24 byHowMuch) external {
        if (_snapshots.length < 24) {
            _snapshot(OPERATOR);
            _snapshot(SECOND);
        }
        _skip((byHowMuch % (DELAY + 2 * EPOCH)) + 1);
        _observe();
    }

    function user(uint256 seed) public pure returns (address) {
        return address(uint160(0xC0DE + (seed % 3)));
    }

    function operatorAt(uint256 seed) public pure returns (address) {
        return seed % 2 == 0 ? OPERATOR : SECOND;
    }

    function parts() external view returns (TokenMock, StakePool, ServiceRegistry, OperatorRegistry, uint48) {
        return (token, pool, services, operators, time);
    }

    function isHistoryIntact() external view returns (bool) {
        for (uint256 i = 0; i < _snapshots.length; ++i) {
            Snapshot storage past = _snapshots[i];
            if (past.t >= time) continue;
            if (pool.indexAt(past.operator, past.generation, past.t) != past.index) return false;
            if (pool.activeSharesAt(past.operator, past.generation, past.t) != past.activeShares) return false;
            for (uint32 group = 1; group <= GROUPS; ++group) {
                if (services.magnitudeAt(group, past.operator, past.t) != past.magnitudes[group - 1]) return false;
            }
            for (uint32 service = 1; service <= SERVICES; ++service) {
                if (services.isMemberAt(service, past.operator, past.t) != past.member[service - 1]) return false;
            }
        }
        return true;
    }

    function _snapshot(address operator) private {
        Snapshot storage now_ = _snapshots.push();
        now_.operator = operator;
        now_.t = time;
        now_.generation = pool.generationOf(operator);
        now_.index = pool.indexAt(operator, now_.generation, time);
        now_.activeShares = pool.activeSharesAt(operator, now_.generation, time);
        for (uint32 group = 1; group <= GROUPS; ++group) {
            now_.magnitudes[group - 1] = services.magnitudeAt(group, operator, time);
        }
        for (uint32 service = 1; service <= SERVICES; ++service) {
            now_.member[service - 1] = services.isMemberAt(service, operator, time);
        }
    }

    function _observe() private {
        for (uint256 i = 0; i < 2; ++i) {
            address operator = operatorAt(i);
            for (uint32 generation = 0; generation <= pool.generationOf(operator); ++generation) {
                uint256 index = pool.indexAt(operator, generation, time);
                uint256 last = _lastIndex[operator][generation];
                isIndexRaised = isIndexRaised || index > (last == 0 ? RAY : last - 1);
                _lastIndex[operator][generation] = index + 1;
            }
        }
        for (uint256 id = 1; id <= pool.withdrawalCount(); ++id) {
            (uint256 worth, uint256 maturesAt) = pool.previewWithdraw(id);
            if (pool.withdrawal(id).owner == address(0) || time < maturesAt) continue;
            uint256 known = _maturedWeiPlusOne[id];
            isMaturedTouched = isMaturedTouched || (known != 0 && known != worth + 1);
            _maturedWeiPlusOne[id] = worth + 1;
        }
    }
}
