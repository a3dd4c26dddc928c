// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry, ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { ServiceRegistry } from "../../../contracts/staking/ServiceRegistry.sol";
import { StakePool } from "../../../contracts/staking/StakePool.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

contract ServiceRegistryTest is StakingFixture {
    function test_RejectsEpochsWithoutSense() public {
        uint48[2] memory epochs = [uint48(0), 365 days + 1];
        for (uint256 i = 0; i < epochs.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IServiceRegistry.ServiceRegistryInvalidEpoch.selector,
                    epochs[i],
                    uint48(365 days)
                )
            );
            new ServiceRegistry(operators, epochs[i], GUARDIAN);
        }
    }

    function test_CreatesServicesInNewAndSharedGroups() public {
        uint32 first = _createService(0, WAD);
        uint32 second = _createService(1, WAD);
        uint32 third = _createService(0, WAD);
        require(first == 1 && second == 2 && third == 3, "numbered from 1");
        require(services.service(second).groupId == 1 && services.service(third).groupId == 2, "groups");
        require(services.serviceCount() == 3 && services.groupCount() == 2, "counts");
    }

    function test_RejectsBadServices() public {
        ServiceParams memory params = _params(1, WAD);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryUnknownGroup.selector, 1));
        services.createService(params);

        params = _params(0, 0);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidCap.selector, 0));
        services.createService(params);

        params = _params(0, WAD + 1);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidCap.selector, WAD + 1));
        services.createService(params);

        params = _params(0, WAD);
        params.evidenceVerifier = address(0);
        vm.expectRevert(IServiceRegistry.ServiceRegistryZeroVerifier.selector);
        services.createService(params);

        params = _params(0, WAD);
        params.maxObligationSeconds = DELAY + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryObligationTooLong.selector, DELAY + 1, DELAY)
        );
        services.createService(params);

        params = _params(0, WAD);
        params.seats = 201;
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryTooManySeats.selector, 201, 200));
        services.createService(params);
        require(services.serviceCount() == 0 && services.groupCount() == 0, "nothing changed");
    }

    function test_SlashesGoElsewhereOnlyFromAGroupOfOne() public {
        _createService(0, WAD);
        ServiceParams memory params = _params(1, WAD);
        params.sink = ALICE;
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistrySinkInSharedGroup.selector, 1));
        services.createService(params);
        require(!services.isGroupClosed(1), "the shared group stays open");

        params.groupId = 0;
        require(services.service(services.createService(params)).groupId == 2, "a group of its own");
        require(services.isGroupClosed(2), "closed");
        params = _params(2, WAD);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryGroupClosed.selector, 2));
        services.createService(params);
        require(services.serviceCount() == 2 && services.groupCount() == 2, "nothing changed");
    }

    function test_JoinTakesEffectAfterDelayAndEpoch() public {
        uint32 service = _createService(0, WAD);
        vm.prank(OPERATOR);
        services.join(service);
        uint48 effectAt = time + DELAY + EPOCH;
        _warp(effectAt - 1);
        require(!services.isMemberAt(service, OPERATOR, time), "not yet");
        require(services.members(service, 0, 10).length == 0, "not listed yet");
        _warp(effectAt);
        require(services.isMemberAt(service, OPERATOR, time), "member");
        require(!services.isMemberAt(service, OPERATOR, time - 1), "not in the past");
        require(services.isObligable(service, OPERATOR), "obligable");
        require(services.members(service, 0, 10)[0] == OPERATOR, "listed");
    }

    function test_QuitKeepsTheMemberForTheDelayWithoutNewObligations() public {
        uint32 service = _createService(0, WAD);
        _expose(OPERATOR, service, WAD);
        vm.prank(OPERATOR);
        services.quit(service);
        require(!services.isObligable(service, OPERATOR), "no new obligation");
        _skip(DELAY);
        require(services.isMemberAt(service, OPERATOR, time), "slashable for the delay");
        _skip(1);
        require(!services.isMemberAt(service, OPERATOR, time), "gone");
        require(services.isMemberAt(service, OPERATOR, time - 1), "the past stays");
        require(services.members(service, 0, 10).length == 0, "not listed");

        vm.prank(OPERATOR);
        services.join(service);
        require(services.joinedCount(service) == 1, "listed once");
    }

    function test_RejectsBadJoinsAndQuits() public {
        uint32 service = _createService(0, WAD);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNotOperator.selector, ALICE));
        vm.prank(ALICE);
        services.join(service);

        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryUnknownService.selector, 2));
        services.join(2);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryUnknownService.selector, 0));
        services.quit(0);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNotMember.selector, service, OPERATOR));
        services.quit(service);

        services.join(service);
        uint48 effectAt = time + DELAY + EPOCH;
        bytes memory pending = abi.encodeWithSelector(IServiceRegistry.ServiceRegistryChangePending.selector, effectAt);
        vm.expectRevert(pending);
        services.join(service);
        vm.expectRevert(pending);
        services.quit(service);

        _warp(effectAt);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryAlreadyMember.selector, service, OPERATOR)
        );
        services.join(service);
        vm.stopPrank();
        require(services.joinedCount(service) == 1, "joined once");
    }

    function test_ListsMembersInPages() public {
        uint32 service = _createService(0, WAD);
        for (uint160 i = 1; i <= 5; ++i) {
            address operator = address(0x100 + i);
            _register(operator);
            vm.prank(operator);
            services.join(service);
        }
        _skip(DELAY + EPOCH);
        address[] memory page = services.members(service, 3, 10);
        require(page.length == 2 && page[0] == address(0x104) && page[1] == address(0x105), "last page");
        require(services.members(service, 5, 10).length == 0, "beyond the end");
        require(services.members(service, type(uint256).max, type(uint256).max).length == 0, "far beyond the end");
    }

    function test_MagnitudesRiseLateAndFallLate() public {
        _createService(0, WAD);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.7e18);
        uint48 effectAt = time + DELAY + EPOCH;
        (uint64 wad, uint48 at) = services.pendingMagnitude(1, OPERATOR);
        require(wad == 0.7e18 && at == effectAt, "pending");
        _equal(services.magnitudeAt(1, OPERATOR, effectAt - 1), 0, "before");
        _equal(services.magnitudeAt(1, OPERATOR, effectAt), 0.7e18, "after");
        _equal(services.magnitudeCovering(1, OPERATOR), 0, "covers nothing yet");
        _warp(effectAt);
        _equal(services.magnitudeCovering(1, OPERATOR), 0.7e18, "covers");

        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.2e18);
        _equal(services.magnitudeCovering(1, OPERATOR), 0.2e18, "covers less at once");
        _equal(services.magnitudeAt(1, OPERATOR, time + DELAY), 0.7e18, "slashable for the delay");
        _equal(services.magnitudeAt(1, OPERATOR, time + DELAY + 1), 0.2e18, "then lower");
        _equal(services.committedMagnitude(OPERATOR), 0.7e18, "still committed");
        _skip(DELAY + 1);
        services.settleMagnitude(1, OPERATOR);
        _equal(services.committedMagnitude(OPERATOR), 0.2e18, "free again");
        _equal(services.magnitudeAt(1, OPERATOR, effectAt), 0.7e18, "the past stays");
        _equal(services.magnitudeAt(1, OPERATOR, effectAt - 1), 0, "the far past stays");
    }

    function test_RejectsBadMagnitudes() public {
        _createService(0, WAD);
        _createService(0, WAD);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNotOperator.selector, ALICE));
        vm.prank(ALICE);
        services.setMagnitude(1, 1);

        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryUnknownGroup.selector, 0));
        services.setMagnitude(0, 1);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryUnknownGroup.selector, 3));
        services.setMagnitude(3, 1);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryMagnitudeUnchanged.selector, 0));
        services.setMagnitude(1, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryMagnitudeExceeded.selector, type(uint64).max, WAD)
        );
        services.setMagnitude(1, type(uint64).max);

        services.setMagnitude(1, 0.6e18);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryChangePending.selector, time + DELAY + EPOCH)
        );
        services.setMagnitude(1, 0.5e18);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryMagnitudeExceeded.selector, 1.1e18, WAD)
        );
        services.setMagnitude(2, 0.5e18);
        vm.stopPrank();
        _equal(services.committedMagnitude(OPERATOR), 0.6e18, "committed");
    }

    function test_SlashReachesPendingChanges() public {
        uint32 service = _createService(0, WAD);
        _expose(OPERATOR, service, 0.4e18);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.6e18);
        _slash(service, "a", 0.25e18);
        (uint64 increased, ) = services.pendingMagnitude(1, OPERATOR);
        _equal(increased, 0.5e18, "an increase keeps its size");
        _equal(services.committedMagnitude(OPERATOR), 0.5e18, "committed falls with it");
        _skip(DELAY + EPOCH);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0.4e18);
        _skip(EPOCH);
        _slash(service, "b", 0.1e18);
        (uint64 target, ) = services.pendingMagnitude(1, OPERATOR);
        _equal(target, 0.4e18, "a decrease keeps its target");
        _slash(service, "c", 0.4e18);
        (target, ) = services.pendingMagnitude(1, OPERATOR);
        _equal(target, 0.25e18, "unless less is left");
    }

    function test_BindsOneSlasher() public {
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryAlreadyBound.selector, address(slasher))
        );
        services.bindSlasher(address(this));
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryAlreadyBound.selector, address(slasher))
        );
        new StakePool(token, operators, services, DRIP_EPOCHS);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNotSlasher.selector, address(this)));
        services.punish(1, OPERATOR, time, 1);
    }
}
