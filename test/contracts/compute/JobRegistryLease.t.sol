// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IJobRegistry, JobParams, JobStatus } from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { JobFixture } from "../../support/JobFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Taking, keeping and losing the lease.
contract JobRegistryLeaseTest is JobFixture {
    function testTakesALeaseUnderBond() public {
        uint256 jobId = ledJob();
        require(jobs.job(jobId).lease.holder == operatorAt(0), "holder");
        requireEqual(jobs.job(jobId).lease.expiresAt, clock + 1 hours, "expiry");
        requireEqual(token.balanceOf(operatorAt(0)), WEALTH - 21, "bond");
    }

    function testHeartbeatKeepsTheLease() public {
        uint256 jobId = ledJob();
        uint256 start = clock;
        setClock(start + 1 hours);
        vm.prank(operatorAt(0));
        jobs.heartbeat(jobId);
        requireEqual(jobs.job(jobId).lease.expiresAt, start + 2 hours, "extended");
        setClock(start + 2 hours);
        refuseLease(jobId, 1, leaseLive(jobId));
    }

    function testAnExpiredLeaseIsTakenOver() public {
        uint256 jobId = ledJob();
        setClock(clock + 1 hours + 1);
        takeLease(jobId, 1);
        require(jobs.job(jobId).lease.holder == operatorAt(1), "new holder");
        requireEqual(burnAll(), 11, "half burnt, rounded up");
        requireEqual(jobs.owedWei(operatorAt(1)), 10, "the rest to who took over");
        requireEqual(jobs.owedWei(operatorAt(0)), 0, "nothing to the silent one");
        requireEqual(token.balanceOf(address(jobs)), 500 + 21 + 10, "fee, new bond, reward");
    }

    function testTheSilentHolderPaysToReturn() public {
        uint256 jobId = ledJob();
        setClock(clock + 1 hours + 1);
        bytes4 selector = IJobRegistry.JobRegistryLeaseExpired.selector;
        bytes memory expected = abi.encodeWithSelector(selector, jobId, jobs.job(jobId).lease.expiresAt);
        requireRefused(operatorAt(0), abi.encodeCall(jobs.heartbeat, (jobId)), expected);
        takeLease(jobId, 0);
        requireEqual(jobs.owedWei(operatorAt(0)), 10, "half of what it lost");
        requireEqual(burnAll(), 11, "burnt");
    }

    function testFuzzOnlyExpiredLeasesAreTakenOver(uint32 silence) public {
        uint256 jobId = ledJob();
        silence = silence % 10 days;
        setClock(clock + silence);
        if (silence <= 1 hours) refuseLease(jobId, 1, leaseLive(jobId));
        else takeLease(jobId, 1);
        require(jobs.job(jobId).lease.holder == operatorAt(silence <= 1 hours ? 0 : 1), "holder");
    }

    function testFuzzABondIsLostWhole(uint256 bondWei, uint8 handovers) public {
        bondWei = 4 + (bondWei % 10_000);
        handovers = handovers % 8;
        JobParams memory params = jobParams();
        params.leaseBondWei = bondWei;
        vm.prank(opener);
        uint256 jobId = jobs.openJob(params);
        join(jobId, 0);
        join(jobId, 1);
        takeLease(jobId, 0);
        for (uint256 i = 1; i <= handovers; ++i) {
            setClock(clock + 1 hours + 1);
            takeLease(jobId, i % 2);
        }
        uint256 burntWei = burnAll();
        uint256 owedWei = jobs.owedWei(operatorAt(0)) + jobs.owedWei(operatorAt(1));
        requireEqual(burntWei + owedWei, bondWei * handovers, "nothing kept");
        require(burntWei >= owedWei, "at least half burnt");
        requireEqual(token.balanceOf(address(jobs)), 500 + bondWei + owedWei, "solvent");
    }

    function testLeaseRefusals() public {
        uint256 jobId = openJob();
        bytes4 selector = IJobRegistry.JobRegistryNotJoined.selector;
        refuseLease(jobId, 0, abi.encodeWithSelector(selector, jobId, operatorAt(0)));
        join(jobId, 0);
        join(jobId, 1);
        takeLease(jobId, 0);
        refuseLease(jobId, 0, leaseLive(jobId));
        refuseLease(jobId, 1, leaseLive(jobId));
        selector = IJobRegistry.JobRegistryNotLeaseHolder.selector;
        bytes memory expected = abi.encodeWithSelector(selector, jobId, operatorAt(1), operatorAt(0));
        requireRefused(operatorAt(1), abi.encodeCall(jobs.heartbeat, (jobId)), expected);
        uint48 deadline = jobs.job(jobId).params.deadline;
        setClock(deadline + 1);
        selector = IJobRegistry.JobRegistryDeadlinePassed.selector;
        refuseLease(jobId, 1, abi.encodeWithSelector(selector, jobId, deadline));
    }

    function testNoLeaseWhileClaimed() public {
        uint256 jobId = claimedJob();
        setClock(clock + 2 hours);
        bytes4 selector = IJobRegistry.JobRegistryWrongStatus.selector;
        bytes memory expected = abi.encodeWithSelector(selector, jobId, JobStatus.Claimed, JobStatus.Open);
        refuseLease(jobId, 1, expected);
        requireRefused(operatorAt(0), abi.encodeCall(jobs.heartbeat, (jobId)), expected);
        requireRefused(operatorAt(0), abi.encodeCall(jobs.join, (jobId)), expected);
    }

    function refuseLease(uint256 jobId, uint256 i, bytes memory expected) private {
        requireRefused(operatorAt(i), abi.encodeCall(jobs.takeLease, (jobId)), expected);
    }

    function leaseLive(uint256 jobId) private view returns (bytes memory) {
        uint48 expiresAt = jobs.job(jobId).lease.expiresAt;
        bytes4 selector = IJobRegistry.JobRegistryLeaseLive.selector;
        return abi.encodeWithSelector(selector, jobId, jobs.job(jobId).lease.holder, expiresAt);
    }
}
