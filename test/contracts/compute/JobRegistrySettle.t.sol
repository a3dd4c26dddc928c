// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Coverage, IJobRegistry, Job, JobStatus } from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { ModelVersion } from "../../../contracts/interfaces/models/IModelRegistry.sol";
import { JobFixture } from "../../support/JobFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Acceptance, refutation, cancellation, release of coverage and withdrawal.
contract JobRegistrySettleTest is JobFixture {
    function testAcceptPublishesAndPays() public {
        uint256 jobId = claimedJob();
        setClock(clock + 1 days + 1);
        vm.prank(stranger);
        uint256 versionId = jobs.accept(jobId);

        Job memory job = jobs.job(jobId);
        require(job.status == JobStatus.Accepted && job.versionId == versionId, "accepted");
        requireEqual(jobs.owedWei(operatorAt(0)), 500 + 101 + 21, "fee and both bonds");
        ModelVersion memory version = models.version(versionId);
        require(version.modelId == modelId && version.jobId == jobId, "model and job");
        require(version.weightsRoot == keccak256("weights"), "weights");
        require(version.weightsSubmission == job.claim.submissions[0], "weights' submission");
        require(version.programRoot == keccak256("program") && version.datasetId == datasetId, "program, dataset");
        require(version.traceRoot == keccak256("trace"), "trace");
        require(version.allocationRoot == keccak256("allocation"), "allocation");
        require(version.accountsRoot == keccak256("accounts"), "accounts");
        require(version.accountCount == 7 && version.shareSupply == 1_000_000, "shares");
    }

    function testTheAuditFeeIsTheDesksOrTheOpeners() public {
        auditFeeWei = 77;
        uint256 jobId = claimedJob();
        uint256 otherId = openJob();
        setClock(clock + 11 days);
        jobs.accept(jobId);
        requireEqual(jobs.owedWei(address(desk)), 77, "accepted: the desk's");
        requireEqual(jobs.owedWei(operatorAt(0)), 500 + 101 + 21, "nothing of it the author's");
        jobs.cancel(otherId);
        requireEqual(jobs.owedWei(opener), 577, "cancelled: the opener's");
        requireEqual(jobs.owedWei(address(desk)), 77, "nothing more");
    }

    function testFuzzAcceptsOnlyAfterTheWindow(uint32 waited) public {
        uint256 jobId = claimedJob();
        uint256 claimedAt = clock;
        setClock(claimedAt + waited);
        if (waited > 1 days) {
            jobs.accept(jobId);
        } else {
            bytes4 selector = IJobRegistry.JobRegistryWindowOpen.selector;
            refuseAccept(jobId, abi.encodeWithSelector(selector, jobId, claimedAt + 1 days));
        }
    }

    function testAcceptWaitsForOpenGames() public {
        uint256 jobId = claimedJob();
        game.setOpenGames(jobId, 1, 2);
        setClock(clock + 20 days);
        refuseAccept(jobId, abi.encodeWithSelector(IJobRegistry.JobRegistryGamesOpen.selector, jobId, 2));
        game.setOpenGames(jobId, 1, 0);
        jobs.accept(jobId);
    }

    function testAcceptsOnlyClaims() public {
        uint256 jobId = ledJob();
        refuseAccept(jobId, wrongStatus(jobId, JobStatus.Open, JobStatus.Claimed));
        claim(jobId, 0);
        setClock(clock + 2 days);
        jobs.accept(jobId);
        refuseAccept(jobId, wrongStatus(jobId, JobStatus.Accepted, JobStatus.Claimed));
        refuseAccept(9, abi.encodeWithSelector(IJobRegistry.JobRegistryUnknown.selector, 9));
    }

    function testRefuteReopensWithTheEscrow() public {
        uint256 jobId = claimedJob();
        game.refute(jobs, jobId, 1, stranger);

        Job memory job = jobs.job(jobId);
        require(job.status == JobStatus.Open && job.lease.holder == address(0), "open, nobody leads");
        requireEqual(job.coverageUntil, clock + 2 days, "coverage is held for another game");
        requireEqual(burnAll(), 51, "half of the bond burnt, rounded up");
        requireEqual(jobs.owedWei(stranger), 50, "the rest to the winner");
        requireEqual(jobs.owedWei(operatorAt(0)), 21, "the lease's bond back");
        requireEqual(token.balanceOf(address(jobs)), 500 + 50 + 21, "escrow intact");

        takeLease(jobId, 1);
        claim(jobId, 1);
        require(jobs.job(jobId).claim.number == 2, "second claim");
        setClock(clock + 1 days + 1);
        jobs.accept(jobId);
        requireEqual(jobs.owedWei(operatorAt(1)), 500 + 101 + 21, "paid to the honest author");
        require(models.versionCount() == 1, "one version");
    }

    function testWhatIsToBeBurntIsBurntOnce() public {
        uint256 jobId = claimedJob();
        game.refute(jobs, jobId, 1, stranger);
        requireEqual(token.balanceOf(jobs.BURN_ADDRESS()), 0, "a verdict moves no token");
        requireEqual(jobs.burn(), 51, "burnt");
        requireEqual(token.balanceOf(jobs.BURN_ADDRESS()), 51, "at the burn address");
        bytes4 selector = IJobRegistry.JobRegistryNothingOwed.selector;
        requireRefused(stranger, abi.encodeCall(jobs.burn, ()), abi.encodeWithSelector(selector, jobs.BURN_ADDRESS()));
    }

    function testCoverageWaitsForGamesAgainstParts() public {
        uint256 jobId = claimedJob();
        setClock(clock + 1 days + 1);
        jobs.accept(jobId);
        game.setOpenPartGames(jobId, operatorAt(1), 1);
        jobs.releaseCoverage(jobId, operatorAt(0));
        bytes memory data = abi.encodeCall(jobs.releaseCoverage, (jobId, operatorAt(1)));
        bytes4 selector = IJobRegistry.JobRegistryGamesOpen.selector;
        requireRefused(stranger, data, abi.encodeWithSelector(selector, jobId, 1));
        Coverage memory coverage = jobs.coverageOf(jobId, operatorAt(1));
        require(coverage.isHeld && coverage.amountWei == 100 && coverage.joinedAt != 0, "held");
        game.setOpenPartGames(jobId, operatorAt(1), 0);
        jobs.releaseCoverage(jobId, operatorAt(1));
        coverage = jobs.coverageOf(jobId, operatorAt(1));
        require(!coverage.isHeld && coverage.amountWei == 100 && coverage.joinedAt != 0, "released");
        require(jobs.coverageOf(jobId, stranger).joinedAt == 0, "never joined");
    }

    function testAWinnerWhoIsTheAuthorLosesHalf() public {
        uint256 jobId = claimedJob();
        game.refute(jobs, jobId, 1, operatorAt(0));
        requireEqual(jobs.owedWei(operatorAt(0)), 50 + 21, "self-challenge loses money");
    }

    function testRefuteIsTheGamesAlone() public {
        uint256 jobId = claimedJob();
        bytes memory data = abi.encodeCall(jobs.refute, (jobId, 1, stranger));
        bytes4 selector = IJobRegistry.JobRegistryNotGame.selector;
        requireRefused(stranger, data, abi.encodeWithSelector(selector, stranger, address(game)));
        requireRefused(opener, data, abi.encodeWithSelector(selector, opener, address(game)));
    }

    function testRefuteRefusals() public {
        uint256 jobId = ledJob();
        refuseRefute(jobId, 1, stranger, wrongStatus(jobId, JobStatus.Open, JobStatus.Claimed));
        claim(jobId, 0);
        bytes4 selector = IJobRegistry.JobRegistryWrongClaim.selector;
        refuseRefute(jobId, 2, stranger, abi.encodeWithSelector(selector, jobId, 2, 1));
        selector = IJobRegistry.JobRegistryWinnerMissing.selector;
        refuseRefute(jobId, 1, address(0), abi.encodeWithSelector(selector));
        game.refute(jobs, jobId, 1, stranger);
        takeLease(jobId, 1);
        claim(jobId, 1);
        selector = IJobRegistry.JobRegistryWrongClaim.selector;
        refuseRefute(jobId, 1, stranger, abi.encodeWithSelector(selector, jobId, 1, 2));
        setClock(clock + 1 days + 1);
        jobs.accept(jobId);
        refuseRefute(jobId, 2, stranger, wrongStatus(jobId, JobStatus.Accepted, JobStatus.Claimed));
    }

    function testCancelRefundsTheOpener() public {
        uint256 jobId = openJob();
        uint48 deadline = jobs.job(jobId).params.deadline;
        setClock(deadline);
        bytes4 selector = IJobRegistry.JobRegistryDeadlineAhead.selector;
        bytes memory data = abi.encodeCall(jobs.cancel, (jobId));
        requireRefused(opener, data, abi.encodeWithSelector(selector, jobId, deadline));
        setClock(deadline + 1);
        vm.prank(stranger);
        jobs.cancel(jobId);
        requireStatus(jobId, JobStatus.Cancelled);
        requireEqual(jobs.owedWei(opener), 500, "fee back to the opener, whoever calls");
        requireRefused(opener, data, wrongStatus(jobId, JobStatus.Cancelled, JobStatus.Open));
    }

    function testCancelReturnsALeaseThatWasLiveAtTheDeadline() public {
        uint256 jobId = openJob();
        uint48 deadline = jobs.job(jobId).params.deadline;
        join(jobId, 0);
        setClock(deadline - 1 hours);
        takeLease(jobId, 0);
        setClock(deadline + 30 days);
        jobs.cancel(jobId);
        requireEqual(jobs.owedWei(operatorAt(0)), 21, "bond back");
        requireEqual(burnAll(), 0, "nothing burnt");
    }

    function testCancelForfeitsALeaseThatFellSilent() public {
        uint256 jobId = openJob();
        uint48 deadline = jobs.job(jobId).params.deadline;
        join(jobId, 0);
        setClock(deadline - 1 hours - 1);
        takeLease(jobId, 0);
        setClock(deadline + 1);
        jobs.cancel(jobId);
        requireEqual(jobs.owedWei(operatorAt(0)), 0, "nothing back");
        requireEqual(jobs.owedWei(opener), 500 + 10, "fee and the rest of the bond");
        requireEqual(burnAll(), 11, "half burnt");
    }

    function testAClaimOutlivesTheDeadline() public {
        uint256 jobId = claimedJob();
        setClock(jobs.job(jobId).params.deadline + 1);
        requireRefused(
            opener,
            abi.encodeCall(jobs.cancel, (jobId)),
            wrongStatus(jobId, JobStatus.Claimed, JobStatus.Open)
        );
        game.refute(jobs, jobId, 1, stranger);
        jobs.cancel(jobId);
        requireEqual(jobs.owedWei(opener), 500, "refuted after the deadline, then cancelled");
    }

    function testCoverageIsReleasedOnceAndOnlyWhenFinal() public {
        uint256 jobId = claimedJob();
        bytes memory data = abi.encodeCall(jobs.releaseCoverage, (jobId, operatorAt(1)));
        bytes4 selector = IJobRegistry.JobRegistryNotFinal.selector;
        requireRefused(stranger, data, abi.encodeWithSelector(selector, jobId, JobStatus.Claimed));
        setClock(clock + 1 days + 1);
        jobs.accept(jobId);
        vm.prank(stranger);
        jobs.releaseCoverage(jobId, operatorAt(1));
        requireEqual(staking.reservedWei(jobs.serviceId(), operatorAt(1)), 0, "released");
        requireEqual(staking.reservedWei(jobs.serviceId(), operatorAt(0)), 100, "others are not");
        require(!jobs.isCovering(jobId, operatorAt(1)), "no longer covering");
        selector = IJobRegistry.JobRegistryNotJoined.selector;
        requireRefused(stranger, data, abi.encodeWithSelector(selector, jobId, operatorAt(1)));
        data = abi.encodeCall(jobs.releaseCoverage, (jobId, stranger));
        requireRefused(stranger, data, abi.encodeWithSelector(selector, jobId, stranger));
    }

    function testCoverageOutlivesARefutedClaimByOneGame() public {
        uint256 jobId = claimedJob();
        setClock(jobs.job(jobId).params.deadline + 1);
        game.refute(jobs, jobId, 1, stranger);
        uint48 until = jobs.job(jobId).coverageUntil;
        jobs.cancel(jobId);
        setClock(until - 1);
        bytes memory data = abi.encodeCall(jobs.releaseCoverage, (jobId, operatorAt(0)));
        bytes4 selector = IJobRegistry.JobRegistryCoverageHeld.selector;
        requireRefused(stranger, data, abi.encodeWithSelector(selector, jobId, until));
        setClock(until);
        jobs.releaseCoverage(jobId, operatorAt(0));
    }

    function testWithdrawPaysOnce() public {
        uint256 jobId = claimedJob();
        setClock(clock + 1 days + 1);
        jobs.accept(jobId);
        vm.prank(operatorAt(0));
        requireEqual(jobs.withdraw(address(0xCA54)), 622, "amount");
        requireEqual(token.balanceOf(address(0xCA54)), 622, "paid");
        requireEqual(token.balanceOf(address(jobs)), 0, "nothing left");
        bytes memory data = abi.encodeCall(jobs.withdraw, (address(0xCA54)));
        bytes4 selector = IJobRegistry.JobRegistryNothingOwed.selector;
        requireRefused(operatorAt(0), data, abi.encodeWithSelector(selector, operatorAt(0)));
    }

    function testWithdrawNeedsAReceiver() public {
        bytes4 selector = IJobRegistry.JobRegistryReceiverInvalid.selector;
        bytes memory data = abi.encodeCall(jobs.withdraw, (address(0)));
        requireRefused(stranger, data, abi.encodeWithSelector(selector, address(0)));
        data = abi.encodeCall(jobs.withdraw, (address(jobs)));
        requireRefused(stranger, data, abi.encodeWithSelector(selector, address(jobs)));
    }

    function refuseAccept(uint256 jobId, bytes memory expected) private {
        requireRefused(stranger, abi.encodeCall(jobs.accept, (jobId)), expected);
    }

    function refuseRefute(uint256 jobId, uint32 claimNumber, address winner, bytes memory expected) private {
        requireRefused(address(game), abi.encodeCall(jobs.refute, (jobId, claimNumber, winner)), expected);
    }

    function wrongStatus(uint256 jobId, JobStatus actual, JobStatus expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IJobRegistry.JobRegistryWrongStatus.selector, jobId, actual, expected);
    }
}
