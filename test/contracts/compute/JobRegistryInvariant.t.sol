// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Job, JobParams, JobStatus } from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { JobFixture } from "../../support/JobFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Plays all roles on a few jobs in any order, with time passing. Refused calls change nothing and are fine.
contract JobHandler is JobFixture {
    uint256 public forfeitedWei;

    /// @dev The fuzzer may call this too.
    function setUp() public override {
        if (address(jobs) == address(0)) super.setUp();
    }

    modifier timed(uint32 waitSeconds) {
        setClock(clock + (waitSeconds % 8 hours));
        _;
    }

    function open(uint32 waitSeconds, uint32 feeWei, uint16 bondWei, uint32 runSeconds) external timed(waitSeconds) {
        if (jobs.jobCount() == 4) return;
        JobParams memory params = jobParams();
        params.feeWei = feeWei % 1_000;
        params.auditFeeWei = feeWei % 13;
        params.claimBondWei = 10 + (bondWei % 100);
        params.leaseBondWei = 4 + (bondWei % 37);
        params.claimWindowSeconds = 1 hours;
        params.deadline = uint48(clock + 1 + (runSeconds % 10 days));
        vm.prank(opener);
        jobs.openJob(params);
    }

    function join(uint32 waitSeconds, uint8 jobId, uint8 who) external timed(waitSeconds) {
        attempt(operatorAt(who % OPERATORS), abi.encodeCall(jobs.join, (pick(jobId))));
    }

    function lead(uint32 waitSeconds, uint8 jobId, uint8 who) external timed(waitSeconds) {
        uint256 id = pick(jobId);
        if (id != 0) takeOver(id, operatorAt(who % OPERATORS));
    }

    function beat(uint32 waitSeconds, uint8 jobId) external timed(waitSeconds % 1 hours) {
        uint256 id = pick(jobId);
        if (id != 0) attempt(jobs.job(id).lease.holder, abi.encodeCall(jobs.heartbeat, (id)));
    }

    /// @dev Joins and leads on the way, or claims would be rare.
    function train(uint32 waitSeconds, uint8 jobId, uint8 who) external timed(waitSeconds % 1 hours) {
        uint256 id = pick(jobId);
        if (id == 0) return;
        uint256 i = who % OPERATORS;
        attempt(operatorAt(i), abi.encodeCall(jobs.join, (id)));
        takeOver(id, operatorAt(i));
        Job memory job = jobs.job(id);
        bool leads = job.lease.holder == operatorAt(i) && clock <= job.lease.expiresAt;
        if (job.status == JobStatus.Open && clock <= job.params.deadline && leads) claim(id, i);
    }

    function accept(uint32 waitSeconds, uint8 jobId) external timed(waitSeconds) {
        attempt(stranger, abi.encodeCall(jobs.accept, (pick(jobId))));
    }

    function refute(uint32 waitSeconds, uint8 jobId, uint8 who) external timed(waitSeconds) {
        uint256 id = pick(jobId);
        if (id == 0) return;
        Job memory job = jobs.job(id);
        address winner = operatorAt(who % OPERATORS);
        if (attempt(address(game), abi.encodeCall(jobs.refute, (id, job.claim.number, winner)))) {
            forfeitedWei += job.params.claimBondWei;
        }
    }

    function cancel(uint32 waitSeconds, uint8 jobId) external timed(waitSeconds) {
        uint256 id = pick(jobId);
        if (id == 0) return;
        Job memory job = jobs.job(id);
        if (!attempt(stranger, abi.encodeCall(jobs.cancel, (id)))) return;
        if (job.lease.holder != address(0) && job.lease.expiresAt < job.params.deadline) {
            forfeitedWei += job.params.leaseBondWei;
        }
    }

    function release(uint32 waitSeconds, uint8 jobId, uint8 who) external timed(waitSeconds) {
        bytes memory data = abi.encodeCall(jobs.releaseCoverage, (pick(jobId), operatorAt(who % OPERATORS)));
        attempt(stranger, data);
    }

    function withdraw(uint8 who) external {
        address account = who % 4 == 3 ? opener : operatorAt(who % 4);
        attempt(account, abi.encodeCall(jobs.withdraw, (account)));
    }

    function burn() external {
        burnAll();
    }

    /// @notice Sum of the fees and bonds of jobs that are not final, and of what is owed.
    function liabilitiesWei() external view returns (uint256 sum) {
        for (uint256 id = 1; id <= jobs.jobCount(); ++id) {
            Job memory job = jobs.job(id);
            bool claimed = job.status == JobStatus.Claimed;
            if (claimed || job.status == JobStatus.Open) sum += job.params.feeWei + job.params.auditFeeWei;
            if (claimed) sum += job.params.claimBondWei;
            if (job.lease.holder != address(0)) sum += job.params.leaseBondWei;
        }
        for (uint256 i = 0; i < OPERATORS; ++i) sum += jobs.owedWei(operatorAt(i));
        sum += jobs.owedWei(opener) + jobs.owedWei(stranger) + jobs.owedWei(jobs.BURN_ADDRESS());
        sum += jobs.owedWei(address(desk));
    }

    function balanceWei() external view returns (uint256) {
        return token.balanceOf(address(jobs));
    }

    function burntWei() external view returns (uint256) {
        return token.balanceOf(jobs.BURN_ADDRESS()) + jobs.owedWei(jobs.BURN_ADDRESS());
    }

    function circulatingWei() external view returns (uint256 sum) {
        sum = token.balanceOf(address(jobs)) + token.balanceOf(jobs.BURN_ADDRESS());
        for (uint256 i = 0; i < OPERATORS; ++i) sum += token.balanceOf(operatorAt(i));
        sum += token.balanceOf(opener) + token.balanceOf(stranger);
    }

    /// @notice Reserved stake beyond what the operator's joined and unreleased jobs account for.
    function unexplainedCoverageWei() external view returns (int256 sum) {
        for (uint256 i = 0; i < OPERATORS; ++i) {
            address operator = operatorAt(i);
            sum += int256(staking.reservedWei(jobs.serviceId(), operator));
            for (uint256 id = 1; id <= jobs.jobCount(); ++id) {
                if (jobs.isCovering(id, operator)) sum -= int256(jobs.job(id).params.coverageWei);
            }
        }
    }

    function acceptedWithoutVersion() external view returns (bool) {
        uint256 accepted;
        for (uint256 id = 1; id <= jobs.jobCount(); ++id) {
            Job memory job = jobs.job(id);
            if ((job.status == JobStatus.Accepted) != (job.versionId != 0)) return true;
            if (job.versionId != 0) ++accepted;
        }
        return accepted != models.versionCount();
    }

    function statusOf(uint256 jobId) external view returns (JobStatus) {
        return jobs.job(jobId).status;
    }

    function supplyWei() external view returns (uint256) {
        return token.totalSupply();
    }

    /// @return 0 while there is no job
    function pick(uint8 jobId) private view returns (uint256) {
        uint256 count = jobs.jobCount();
        return count == 0 ? 0 : 1 + (jobId % count);
    }

    function takeOver(uint256 jobId, address operator) private {
        Job memory job = jobs.job(jobId);
        bool ok = attempt(operator, abi.encodeCall(jobs.takeLease, (jobId)));
        if (ok && job.lease.holder != address(0)) forfeitedWei += job.params.leaseBondWei;
    }

    function attempt(address from, bytes memory data) private returns (bool ok) {
        vm.prank(from);
        (ok, ) = address(jobs).call(data);
    }
}

contract JobRegistryInvariantTest {
    JobHandler private handler;

    function setUp() public {
        handler = new JobHandler();
        handler.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function testTheHandlerReachesEveryEnd() public {
        for (uint8 i = 0; i < 2; ++i) handler.open(0, 500, 50, 9 days);
        handler.train(0, 0, 0);
        require(handler.statusOf(1) == JobStatus.Claimed, "claimed");
        handler.refute(60, 0, 2);
        handler.train(60, 0, 1);
        handler.accept(2 hours, 0);
        require(handler.statusOf(1) == JobStatus.Accepted, "accepted");
        handler.lead(60, 1, 0);
        for (uint256 i = 0; i < 40; ++i) handler.cancel(7 hours, 1);
        require(handler.statusOf(2) == JobStatus.Cancelled, "cancelled");
        require(handler.forfeitedWei() != 0, "forfeited");
        invariant_moneyStakeAndVersionsAddUp();
    }

    /// @dev One function: every run of an invariant plays its own sequence of calls.
    function invariant_moneyStakeAndVersionsAddUp() public view {
        require(handler.balanceWei() == handler.liabilitiesWei(), "balance = fees + bonds + owed");
        require(handler.burntWei() * 2 >= handler.forfeitedWei(), "at least half of every lost bond is burnt");
        require(handler.burntWei() <= handler.forfeitedWei(), "nothing else is burnt");
        require(handler.circulatingWei() == handler.supplyWei(), "no token appears or vanishes");
        require(handler.unexplainedCoverageWei() == 0, "reserved stake is the coverage of joined jobs");
        require(!handler.acceptedWithoutVersion(), "every accepted job is one version");
    }
}
