// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import { Assignment, Claim } from "../../../contracts/interfaces/compute/IClaimDigests.sol";
import {
    ClaimFacts,
    IJobRegistry,
    Job,
    JobStatus,
    Outputs
} from "../../../contracts/interfaces/compute/IJobRegistry.sol";
import { IFlow } from "../../../contracts/interfaces/storage/IFlow.sol";
import { JobFixture } from "../../support/JobFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice What a claim must show, and what is signed.
contract JobRegistryClaimTest is JobFixture {
    uint32 private constant ACCOUNTS = DATASET_ACCOUNTS + 1 + uint32(OPERATORS);

    uint256 private jobId;
    Outputs private outputs;
    uint64[6] private submissions;

    function setUp() public override {
        super.setUp();
        jobId = ledJob();
        (outputs, submissions) = storedOutputs(ACCOUNTS);
    }

    function testClaims() public {
        submit(operatorAt(0), sign());
        Job memory job = jobs.job(jobId);
        require(job.status == JobStatus.Claimed, "claimed");
        require(job.claim.author == operatorAt(0) && job.claim.number == 1, "author and number");
        requireEqual(job.claim.claimedAt, clock, "time");
        require(keccak256(abi.encode(job.claim.outputs)) == keccak256(abi.encode(outputs)), "outputs");
        require(keccak256(abi.encode(job.claim.submissions)) == keccak256(abi.encode(submissions)), "submissions");
        requireEqual(token.balanceOf(address(jobs)), 500 + 21 + 101, "fee and both bonds");
    }

    function testEmitsTheSignature() public {
        bytes memory signature = sign();
        vm.expectEmit(true, true, true, true, address(jobs));
        emit IJobRegistry.JobClaimed(jobId, 1, operatorAt(0), outputs, submissions, signature);
        submit(operatorAt(0), signature);
    }

    function testOperatorsWhoJoinedLastMayBeLeftOut() public {
        (outputs, submissions) = storedOutputs(ACCOUNTS - 1);
        submit(operatorAt(0), sign());
    }

    function testOnlyTheLeasesHolderClaims() public {
        bytes memory expected = abi.encodeWithSelector(
            IJobRegistry.JobRegistryNotLeaseHolder.selector,
            jobId,
            operatorAt(1),
            operatorAt(0)
        );
        refuse(operatorAt(1), signOutputs(jobId, outputs, signerKeyAt(1)), expected);
        refuse(operatorAt(1), sign(), expected);
    }

    function testNotAfterTheLeaseExpired() public {
        bytes memory signature = sign();
        uint48 expiresAt = jobs.job(jobId).lease.expiresAt;
        setClock(expiresAt + 1);
        bytes4 selector = IJobRegistry.JobRegistryLeaseExpired.selector;
        refuse(operatorAt(0), signature, abi.encodeWithSelector(selector, jobId, expiresAt));
        setClock(expiresAt);
        submit(operatorAt(0), signature);
    }

    function testNotAfterTheDeadline() public {
        uint48 deadline = jobs.job(jobId).params.deadline;
        keepLeaseUntil(deadline);
        setClock(deadline + 1);
        bytes4 selector = IJobRegistry.JobRegistryDeadlinePassed.selector;
        refuse(operatorAt(0), sign(), abi.encodeWithSelector(selector, jobId, deadline));
        setClock(deadline);
        submit(operatorAt(0), sign());
    }

    function testNotTwice() public {
        bytes memory signature = sign();
        submit(operatorAt(0), signature);
        bytes4 selector = IJobRegistry.JobRegistryWrongStatus.selector;
        refuse(operatorAt(0), signature, abi.encodeWithSelector(selector, jobId, JobStatus.Claimed, JobStatus.Open));
    }

    function testOnlyTheOperatorsSignerSigns() public {
        bytes memory signature = signOutputs(jobId, outputs, signerKeyAt(1));
        refuse(operatorAt(0), signature, wrongSigner(vm.addr(signerKeyAt(1))));
    }

    function testRefusesMalformedSignatures() public {
        bytes memory signature = sign();
        refuse(operatorAt(0), "", wrongSigner(address(0)));
        refuse(operatorAt(0), abi.encodePacked(signature, uint8(0)), wrongSigner(address(0)));
        signature[64] = bytes1(uint8(29));
        refuse(operatorAt(0), signature, wrongSigner(address(0)));
    }

    function testRefusesTheMalleableTwin() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signerKeyAt(0), jobs.jobClaimDigest(jobId, outputs));
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes memory twin = abi.encodePacked(r, order - uint256(s), v == 27 ? uint8(28) : uint8(27));
        refuse(operatorAt(0), twin, wrongSigner(address(0)));
    }

    function testASignatureHoldsForItsJobAlone() public {
        uint256 other = openJob();
        join(other, 0);
        bytes memory signature = signOutputs(other, outputs, signerKeyAt(0));
        require(jobs.jobClaimDigest(other, outputs) != jobs.jobClaimDigest(jobId, outputs), "digests differ");
        vm.prank(operatorAt(0));
        (bool ok, ) = address(jobs).call(abi.encodeCall(jobs.claim, (jobId, outputs, submissions, signature)));
        require(!ok, "re-used signature");
        requireStatus(jobId, JobStatus.Open);
    }

    function testFuzzEverySignedRootCounts(uint8 field, uint8 bit) public {
        bytes memory signature = sign();
        flip(field % 6, bytes32(uint256(1) << bit));
        // The altered root is stored like the others: only the signature is wrong now.
        submissions[field % 6] = addFile(rootAt(field % 6), field % 6 == 4 ? ACCOUNTS * 32 : 256);
        vm.prank(operatorAt(0));
        (bool ok, bytes memory result) = address(jobs).call(
            abi.encodeCall(jobs.claim, (jobId, outputs, submissions, signature))
        );
        require(!ok && bytes4(result) == IJobRegistry.JobRegistryWrongSigner.selector, "signature binds every root");
        requireStatus(jobId, JobStatus.Open);
    }

    function testEachRootIsItsSubmissions() public {
        for (uint256 i = 0; i < 6; ++i) {
            bytes32 right = rootAt(i);
            flip(i, bytes32(uint256(1)));
            bytes4 selector = IJobRegistry.JobRegistryOutputMismatch.selector;
            refuse(operatorAt(0), sign(), abi.encodeWithSelector(selector, i, rootAt(i), right));
            flip(i, bytes32(uint256(1)));
        }
        submissions[2] = 999;
        uint256 count = 12;
        refuse(operatorAt(0), sign(), abi.encodeWithSelector(IFlow.FlowUnknownSubmission.selector, 999, count));
    }

    function testAccountCountFollowsFromTheJob() public {
        bytes4 selector = IJobRegistry.JobRegistryAccountCount.selector;
        uint32 least = DATASET_ACCOUNTS + 1;
        outputs.accountCount = least - 1;
        refuse(operatorAt(0), sign(), abi.encodeWithSelector(selector, least - 1, least, ACCOUNTS));
        outputs.accountCount = ACCOUNTS + 1;
        refuse(operatorAt(0), sign(), abi.encodeWithSelector(selector, ACCOUNTS + 1, least, ACCOUNTS));
    }

    function testEveryOutputHasItsLength() public {
        uint256[6] memory lengths = [uint256(768), 256, 13 * 32, 256, ACCOUNTS * 32, 3 * (768 + 2 * 256)];
        bytes4 selector = IJobRegistry.JobRegistryOutputLength.selector;
        for (uint256 i = 0; i < 6; ++i) {
            uint64 right = submissions[i];
            submissions[i] = addFile(rootAt(i), lengths[i] - 1);
            refuse(operatorAt(0), sign(), abi.encodeWithSelector(selector, i, lengths[i] - 1, lengths[i]));
            submissions[i] = addFile(rootAt(i), lengths[i] + 1);
            refuse(operatorAt(0), sign(), abi.encodeWithSelector(selector, i, lengths[i] + 1, lengths[i]));
            submissions[i] = right;
        }
        submit(operatorAt(0), sign());
    }

    function testClaimFactsAreTheClaims() public {
        ClaimFacts memory facts = jobs.claimFacts(jobId, 0);
        require(facts.author == address(0) && facts.traceRoot == 0, "the job alone");
        require(facts.programRoot == PROGRAM_ROOT && facts.seed == keccak256("seed"), "program and seed");
        require(facts.rounds == 3 && facts.parts == 2 && facts.samples == 4, "numbers");
        require(facts.samplesRoot == keccak256(abi.encode("dataset", 0)), "samples");
        require(facts.labelsRoot == keccak256(abi.encode("dataset", 1)), "labels");
        bytes4 selector = IJobRegistry.JobRegistryWrongStatus.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, jobId, JobStatus.Open, JobStatus.Claimed));
        jobs.claimFacts(jobId, 1);
        require(!jobs.isClaimLive(jobId, 1) && !jobs.isClaimLive(99, 1), "no claim");

        submit(operatorAt(0), sign());
        facts = jobs.claimFacts(jobId, 1);
        require(facts.author == operatorAt(0) && facts.traceRoot == outputs.traceRoot, "author and trace");
        requireEqual(facts.claimedAt, clock, "time");
        requireEqual(facts.windowEndsAt, clock + 1 days, "window");
        require(jobs.isClaimLive(jobId, 1) && !jobs.isClaimLive(jobId, 2), "live");
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.JobRegistryWrongClaim.selector, jobId, 2, 1));
        jobs.claimFacts(jobId, 2);
    }

    function testEveryFileMustBeHeld() public {
        uint64[5] memory datasetFiles = datasets.dataset(datasetId).submissions;
        uint32 untilEpoch = files.currentEpoch() + 10;
        for (uint256 i = 0; i < 12; ++i) {
            uint64 submission =
                i < 6
                    ? submissions[i]
                    : i < 11
                        ? datasetFiles[i - 6]
                        : programSubmission;
            files.setFilled(submission, untilEpoch - 1);
            bytes4 selector = IJobRegistry.JobRegistryNotAvailable.selector;
            refuse(operatorAt(0), sign(), abi.encodeWithSelector(selector, submission, untilEpoch));
            files.setFilled(submission, untilEpoch);
        }
        submit(operatorAt(0), sign());
    }

    function testNeedsTheBond() public {
        vm.prank(operatorAt(0));
        token.approve(address(jobs), 100);
        bytes4 selector = IERC20Errors.ERC20InsufficientAllowance.selector;
        refuse(operatorAt(0), sign(), abi.encodeWithSelector(selector, address(jobs), 100, 101));
    }

    function testJobClaimDigestIsTheClaims() public view {
        bytes memory inputs = abi.encode(datasets.rootOf(datasetId), keccak256("seed"), 0, 0, 0, 0, 0, 0);
        bytes memory results = abi.encode(
            outputs.weightsRoot,
            outputs.allocationRoot,
            outputs.creditsRoot,
            outputs.accountsRoot,
            outputs.roundsRoot,
            0,
            0,
            0
        );
        Claim memory claim = Claim({
            kind: 0,
            job: jobId,
            index: 0,
            program: keccak256("program"),
            inputsRoot: keccak256(inputs),
            outputsRoot: keccak256(results),
            traceRoot: outputs.traceRoot
        });
        require(jobs.jobClaimDigest(jobId, outputs) == jobs.claimDigest(claim), "digest of the job's claim");
        require(
            jobs.claimDigest(claim) ==
                typed(
                    keccak256(
                        abi.encode(
                            keccak256(
                                "Claim(uint8 kind,uint256 job,uint256 index,bytes32 program,bytes32 inputsRoot,bytes32 outputsRoot,bytes32 traceRoot)"
                            ),
                            claim.kind,
                            claim.job,
                            claim.index,
                            claim.program,
                            claim.inputsRoot,
                            claim.outputsRoot,
                            claim.traceRoot
                        )
                    )
                ),
            "EIP-712"
        );
    }

    function testFuzzAssignmentDigestIsEip712(Assignment calldata assignment) public view {
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Assignment(uint256 job,uint256 index,address operator,bytes32 inputsRoot)"),
                assignment.job,
                assignment.index,
                assignment.operator,
                assignment.inputsRoot
            )
        );
        require(jobs.assignmentDigest(assignment) == typed(message), "EIP-712");
    }

    function sign() private view returns (bytes memory) {
        return signOutputs(jobId, outputs, signerKeyAt(0));
    }

    function submit(address from, bytes memory signature) private {
        vm.prank(from);
        jobs.claim(jobId, outputs, submissions, signature);
    }

    function refuse(address from, bytes memory signature, bytes memory expected) private {
        requireRefused(from, abi.encodeCall(jobs.claim, (jobId, outputs, submissions, signature)), expected);
    }

    function keepLeaseUntil(uint256 timestamp) private {
        while (jobs.job(jobId).lease.expiresAt <= timestamp) {
            setClock(jobs.job(jobId).lease.expiresAt);
            vm.prank(operatorAt(0));
            jobs.heartbeat(jobId);
        }
    }

    function wrongSigner(address actual) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IJobRegistry.JobRegistryWrongSigner.selector, actual, vm.addr(signerKeyAt(0)));
    }

    function rootAt(uint256 i) private view returns (bytes32) {
        bytes32[6] memory roots = [
            outputs.weightsRoot,
            outputs.allocationRoot,
            outputs.traceRoot,
            outputs.creditsRoot,
            outputs.accountsRoot,
            outputs.roundsRoot
        ];
        return roots[i];
    }

    function flip(uint256 i, bytes32 bits) private {
        if (i == 0) outputs.weightsRoot ^= bits;
        if (i == 1) outputs.allocationRoot ^= bits;
        if (i == 2) outputs.traceRoot ^= bits;
        if (i == 3) outputs.creditsRoot ^= bits;
        if (i == 4) outputs.accountsRoot ^= bits;
        if (i == 5) outputs.roundsRoot ^= bits;
    }

    function typed(bytes32 message) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Glassbox"),
                keccak256("1"),
                block.chainid,
                address(jobs)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }
}
