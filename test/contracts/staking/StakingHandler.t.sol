// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { Withdrawal } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { OperatorRegistry } from "../../../contracts/staking/OperatorRegistry.sol";
import { ServiceRegistry } from "../../../contracts/staking/ServiceRegistry.sol";
import { StakePool } from "../../../contracts/staking/StakePool.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Two operators, three users and five services that do whatever the fuzzer asks for: two share a group, one of those
/// is capped; one has a sink, one has a single seat. What a theme must never forget, it notes in `_observe` and by
/// overriding the actions. Whatever must not happen is noted in `violation`, which invariants show.
contract StakingHandler is StakingFixture {
    address public constant SECOND = address(0x0A02);
    address public constant SINK = address(0x51);
    address public constant REPORTER = address(0x4E);
    uint32 public constant GROUPS = 3;
    uint32 public constant SERVICES = 5;
    uint32 internal constant SEATED = 5;

    uint256 internal offences;
    bytes internal lastEvidence;
    uint32 internal lastService;

    string public violation;
    uint256 public slashedWei;
    uint256 public donatedWei;
    uint256 public bountiesWei;
    uint256 public slashCount;

    constructor() {
        setUp();
        _register(SECOND);
        _createService(0, WAD);
        _createService(0, WAD);
        _createService(2, 0.3e18);
        ServiceParams memory params = _params(0, 0.5e18);
        params.sink = SINK;
        services.createService(params);
        params = _params(1, WAD);
        params.seats = 1;
        services.createService(params);
        for (uint256 i = 0; i < 2; ++i) {
            _deposit(user(i), operatorAt(i), 1e18);
            _deposit(operatorAt(i), operatorAt(i), 1e17);
            vm.startPrank(operatorAt(i));
            for (uint32 service = 1; service < SEATED; ++service) services.join(service);
            for (uint32 group = 1; group <= GROUPS; ++group) services.setMagnitude(group, 0.3e18);
            if (i == 0) services.joinSeat(SEATED, 0);
            vm.stopPrank();
        }
        _skip(DELAY + EPOCH);
    }

    function deposit(uint256 seed, uint96 assets) external {
        bool isPaused = services.isPaused();
        token.mint(user(seed), uint256(assets) + 1);
        vm.prank(user(seed));
        token.approve(address(pool), uint256(assets) + 1);
        vm.prank(user(seed));
        try pool.deposit(operatorAt(seed / 4), uint256(assets) + 1, 0) {
            _require(!isPaused, "I28: a deposit while paused");
        } catch {
            _require(isPaused, "I28: a deposit was refused");
        }
        _observe();
    }

    function request(uint256 seed, uint256 portion) external {
        address operator = operatorAt(seed / 4);
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
            _pay(id, open);
            return;
        }
    }

    /// @dev Half of the verdicts are small, every eighth takes everything.
    function slash(uint256 seed, uint64 wad, uint24 age) external {
        if (seed % 2 == 0) wad = wad % 1e16;
        if (seed % 8 == 1) wad = WAD - 1;
        lastService = uint32((seed / 16) % SERVICES) + 1;
        lastEvidence = _evidence(
            operatorAt(seed / 8),
            bytes32(seed % 16 == 3 ? offences : ++offences),
            time - (age % (DELAY + EPOCH)),
            (wad % WAD) + 1
        );
        _submit(lastService, lastEvidence);
        _observe();
    }

    /// @dev Takes all that is exposed of most groups, which retires the generation if all was exposed.
    function wipe(uint256 seed) external {
        if (seed % 4 != 0) return;
        for (uint32 service = 1; service <= 4; ++service) {
            for (uint256 i = 0; i < (service == 4 ? 2 : 1); ++i) {
                lastService = service;
                lastEvidence = _evidence(operatorAt(seed / 4), bytes32(++offences), time - uint48(i) * EPOCH, WAD);
                _submit(service, lastEvidence);
            }
        }
        _observe();
    }

    /// @dev Commits to the last evidence and reports it a second later.
    function report(uint256 seed) external {
        if (lastEvidence.length == 0) return;
        if (seed % 3 == 0) {
            lastService = uint32((seed / 16) % SERVICES) + 1;
            lastEvidence = _evidence(operatorAt(seed), bytes32(++offences), time, uint64(seed % WAD) + 1);
        }
        bytes32 salt = bytes32(seed);
        vm.prank(REPORTER);
        slasher.commit(keccak256(abi.encode(lastService, keccak256(lastEvidence), REPORTER, salt)));
        _skip(1);
        _carryOut(lastService, lastEvidence, abi.encodeCall(slasher.report, (lastService, lastEvidence, salt)));
        _observe();
    }

    function claimBounty(uint256 seed) external {
        (address operator, bytes32 key, , , ) = _decode();
        if (seed % 2 == 0 && offences > 1) key = bytes32(seed % offences);
        for (uint32 service = 1; service <= SERVICES; ++service) {
            if (slasher.bounty(service, operator, key).closesAt == 0) continue;
            if (slasher.bounty(service, operator, key).closesAt > time) return;
            address receiver = slasher.bounty(service, operator, key).receiver;
            uint256 amountWei = slasher.claimBounty(service, operator, key);
            if (receiver != address(0)) bountiesWei += amountWei;
        }
    }

    function setMagnitude(uint256 seed, uint64 wad) external {
        uint32 group = uint32(seed % GROUPS) + 1;
        for (uint32 g = 1; g <= GROUPS; ++g) services.settleMagnitude(g, operatorAt(seed / 4));
        if (seed % 3 == 0) {
            address operator = operatorAt(seed / 4);
            wad = services.totalMagnitude(operator) - services.committedMagnitude(operator);
            wad += services.magnitudeAt(group, operator, time);
        }
        _announce(operatorAt(seed / 4), group, wad % (WAD + 1));
        _observe();
    }

    /// @dev Joins if it can, and otherwise sometimes leaves.
    function changeMembership(uint256 seed) external {
        uint32 service = uint32(seed % SERVICES) + 1;
        if (!_join(operatorAt(seed / 5), service) && seed % 4 == 0) _quit(operatorAt(seed / 5), service);
        _observe();
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
        pool.sweep(donation % 2 == 0 ? address(0) : SINK);
        if (donation % 3 != 0) return;
        token.mint(address(pool), donation);
        donatedWei += donation;
    }

    function pause(uint256 seed) external {
        if (seed % 4 != 0) return;
        vm.prank(GUARDIAN);
        try services.pause() {} catch {}
    }

    /// @dev From a second to somewhat over the delay. Every other time to the last second in which the newest request that is
    /// not matured still shares in slashes, or the first in which it does not.
    function pass(uint24 byHowMuch) external {
        uint48 to = time + (byHowMuch % (DELAY + 2 * EPOCH)) + 1;
        if (byHowMuch % 2 == 0 && pool.withdrawalCount() != 0) {
            uint48 end = pool
                .withdrawal(pool.withdrawalCount() - ((byHowMuch / 4) % pool.withdrawalCount()))
                .requestedAt;
            end += DELAY + ((byHowMuch / 2) % 2);
            if (end > time) to = end;
        }
        _warp(to);
        _observe();
    }

    function user(uint256 seed) public pure returns (address) {
        if (seed % 4 == 3) return OPERATOR;
        return address(uint160(0xC0DE + (seed % 4)));
    }

    function operatorAt(uint256 seed) public pure returns (address) {
        return seed % 2 == 0 ? OPERATOR : SECOND;
    }

    function parts() external view returns (TokenMock, StakePool, ServiceRegistry, OperatorRegistry, ISlasher, uint48) {
        return (token, pool, services, operators, slasher, time);
    }

    function _pay(uint256 id, Withdrawal memory open) internal virtual {
        _withdraw(open.owner, id);
    }

    function _submit(uint32 service, bytes memory evidence) private {
        _carryOut(service, evidence, abi.encodeCall(slasher.submit, (service, evidence)));
    }

    /// @param call What to call the slasher with.
    /// @return success Whether the verdict was carried out.
    function _carryOut(uint32, bytes memory, bytes memory call) internal virtual returns (bool success) {
        bytes memory result;
        vm.prank(REPORTER);
        (success, result) = address(slasher).call(call);
        if (success) {
            slashedWei += abi.decode(result, (uint256));
            ++slashCount;
            return true;
        }
        bytes4 selector = bytes4(result);
        bool isExpected =
            selector == ISlasher.SlasherCapReached.selector ||
                selector == ISlasher.SlasherAlreadyPunished.selector ||
                selector == ISlasher.SlasherNotMember.selector ||
                selector == ISlasher.SlasherExpiredOffence.selector;
        _require(isExpected, "I13: a verdict in force was refused");
    }

    function _announce(address operator, uint32 group, uint64 wad) internal virtual {
        vm.prank(operator);
        try services.setMagnitude(group, wad) {} catch {}
    }

    function _join(address operator, uint32 service) internal virtual returns (bool) {
        bool isPaused = services.isPaused();
        vm.prank(operator);
        (bool success, ) = address(services).call(
            service == SEATED
                ? abi.encodeCall(services.joinSeat, (service, 0))
                : abi.encodeCall(services.join, (service))
        );
        _require(!success || !isPaused, "I28: a join while paused");
        return success;
    }

    function _quit(address operator, uint32 service) internal virtual {
        vm.prank(operator);
        try services.quit(service) {} catch {}
    }

    function _observe() internal virtual {}

    function _require(bool isTrue, string memory what) internal {
        if (!isTrue) violation = what;
    }

    function _decode() internal view returns (address operator, bytes32 key, uint48 capturedAt, uint64 wad, address) {
        if (lastEvidence.length == 0) return (OPERATOR, 0, 0, 0, address(0));
        return abi.decode(lastEvidence, (address, bytes32, uint48, uint64, address));
    }
}
