// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    IFlow,
    Submission,
    SubmissionData,
    SubmissionInfo,
    SubmissionNode
} from "../../../contracts/interfaces/storage/IFlow.sol";
import { IMarket, Row } from "../../../contracts/interfaces/storage/IMarket.sol";
import { FileTreeLib } from "../../../contracts/libraries/FileTreeLib.sol";
import { StorageFixture } from "../../support/StorageFixture.sol";
import { TreeTool } from "../../support/TreeTool.sol";
import { Vm, vm } from "../../support/Vm.sol";

contract FlowTest is StorageFixture {
    receive() external payable {}

    function setUp() external {
        deployStorage(defaultParams());
        vm.deal(address(this), 1_000 ether);
    }

    function test_selectorsAndTopicsAreThoseOf0g() external pure {
        require(IFlow.submit.selector == bytes4(0xbc8c11f8), "submit");
        require(IFlow.batchSubmit.selector == bytes4(0x49aa3395), "batchSubmit");
        require(IFlow.market.selector == bytes4(0x80f55605), "market");
        require(IFlow.numSubmissions.selector == bytes4(0x77e19824), "numSubmissions");
        require(IFlow.submissionIndex.selector == bytes4(0xb8a409ac), "submissionIndex");
        require(IMarket.pricePerSector.selector == bytes4(0x61ec5082), "pricePerSector");
        require(IFlow.NotEnoughFee.selector == bytes4(0xf85c6482), "NotEnoughFee");
        require(IFlow.Submit.selector == 0x167ce04d2aa1981994d3a31695da0d785373335b1078cec239a1a3a2c7675555, "Submit");
    }

    function test_placesFilesWhere0gDoes() external {
        uint256[5] memory lengths = [uint256(1), 257, 262145, 1048579, 5255225];
        uint256[5] memory starts = [uint256(1), 2, 1024, 4096, 16384];
        for (uint256 i = 0; i < lengths.length; ++i) {
            Submission memory submission = fakeSubmission(address(this), lengths[i]);
            (uint256 index, , uint256 start, uint256 length) = flow.submit{ value: priceOf(lengths[i]) }(submission);
            require(index == i, "index");
            require(start == starts[i], "start");
            require(length == FileTreeLib.paddedLeafCount(lengths[i]), "length");
        }
        require(flow.numSubmissions() == 5 && flow.submissionIndex() == 5, "count");
    }

    function test_keepsASmallFileInsideOneSegment() external {
        // 1 + 1,020 leaves; the next 6 would cross leaf 1,024 and move there.
        flow.submit{ value: priceOf(768 * 256) }(fakeSubmission(address(this), 768 * 256));
        require(flow.currentLength() == 1024 + 768, "moved to the segment whole");
        flow.submit{ value: priceOf(250 * 256) }(fakeSubmission(address(this), 250 * 256));
        require(flow.currentLength() == 1024 + 768 + 256, "fits");
        flow.submit{ value: priceOf(1000 * 256) }(fakeSubmission(address(this), 1000 * 256));
        require(flow.submission(2).startPos == 2048, "next segment");
    }

    function test_recordsRootLengthAndSubmitter() external {
        bytes32[] memory list = TreeTool.hashes(1, 18);
        Submission memory submission = submissionOf(address(this), list, 17 * 256 - 3);
        vm.recordLogs();
        (uint256 index, bytes32 digest, , ) = flow.submit{ value: priceOf(17 * 256 - 3) }(submission);
        Vm.Log[] memory logs = vm.getRecordedLogs();

        SubmissionInfo memory info = flow.submission(index);
        require(info.root == TreeTool.root(list) && flow.rootOf(index) == info.root, "file root");
        require(info.byteLength == 17 * 256 - 3 && info.leaves == 18 && info.nodeCount == 2, "lengths");
        require(info.submitter == address(this) && info.startPos == 16, "submitter, start");
        require(digest == info.root, "for two nodes the identity is the root");
        require(logs[0].topics[0] == IFlow.Submit.selector, "event");
        require(logs[0].topics[1] == bytes32(uint256(uint160(address(this)))), "sender");
        require(logs[0].topics[2] == digest, "identity");
        require(
            keccak256(logs[0].data) == keccak256(abi.encode(index, uint256(16), uint256(18), submission.data)),
            "event data"
        );
        (uint64 firstRow, uint256 rows) = market.defaultRows(index);
        require(rows == 2, "a row for each node");
        Row memory row = market.row(firstRow + 1);
        require(row.root == submission.data.nodes[1].root && row.firstLeaf == 16 && row.height == 1, "second row");
        require(row.client == address(this) && row.node == 1 && row.submission == index, "second row's deal");
    }

    function testFuzz_everyLengthHasExactlyItsNodes(uint256 byteLength) external {
        byteLength = 1 + (byteLength % (1 << 34));
        uint256 fee = priceOf(byteLength);
        vm.deal(address(this), fee);
        (uint256 index, , uint256 start, uint256 length) = flow.submit{ value: fee }(
            fakeSubmission(address(this), byteLength)
        );
        SubmissionInfo memory info = flow.submission(index);
        require(info.leaves == length && info.startPos == start && info.byteLength == byteLength, "info");
        require(length == FileTreeLib.paddedLeafCount(byteLength), "leaves follow from the length");
        require(address(market).balance == fee && market.escrowedWei() == fee, "fee in escrow");
    }

    function testFuzz_refusesNodesOfAnotherLength(uint256 byteLength, uint256 claimed) external {
        byteLength = 1 + (byteLength % (1 << 24));
        claimed = 1 + (claimed % (1 << 24));
        vm.assume(FileTreeLib.paddedLeafCount(byteLength) != FileTreeLib.paddedLeafCount(claimed));
        Submission memory submission = fakeSubmission(address(this), byteLength);
        submission.data.length = claimed;
        uint256 fee = priceOf(byteLength);
        vm.expectPartialRevert(IFlow.FlowLength.selector);
        flow.submit{ value: fee }(submission);
        require(flow.numSubmissions() == 0 && flow.currentLength() == 1, "nothing changed");
    }

    function test_refundsOverpayment() external {
        uint256 before = address(this).balance;
        flow.submit{ value: 5 ether }(fakeSubmission(address(this), 1000));
        require(before - address(this).balance == priceOf(1000), "paid the price");
        require(address(flow).balance == 0, "nothing stays");
    }

    function test_chargesTheCallsOwnValueOnly() external {
        vm.deal(address(flow), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IFlow.NotEnoughFee.selector, market.pricePerSector(), 4, 0));
        flow.submit(fakeSubmission(address(this), 1000));
        require(address(flow).balance == 1 ether, "stray coins untouched");
    }

    function test_refusesAnotherSubmitter() external {
        Submission memory submission = fakeSubmission(address(0xdead), 1000);
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowSubmitterMismatch.selector, address(0xdead), address(this)));
        flow.submit{ value: 1 ether }(submission);
    }

    function test_refusesEmptyFilesAndTooManyNodes() external {
        Submission memory submission = fakeSubmission(address(this), 1000);
        submission.data.length = 0;
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowLength.selector, 0, 3 * 256 + 1, 1024));
        flow.submit{ value: 1 ether }(submission);
        submission.data.nodes = new SubmissionNode[](0);
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowNodeCount.selector, 0, 4));
        flow.submit{ value: 1 ether }(submission);
        submission.data.nodes = new SubmissionNode[](5);
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowNodeCount.selector, 5, 4));
        flow.submit{ value: 1 ether }(submission);
    }

    function test_refusesHeightsOutOfOrder() external {
        Submission memory submission = fakeSubmission(address(this), 1000);
        submission.data.nodes = new SubmissionNode[](2);
        submission.data.nodes[0].height = 3;
        submission.data.nodes[1].height = 3;
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowNodeOrder.selector, 1, 3, 3));
        flow.submit{ value: 1 ether }(submission);
        submission.data.nodes[0].height = 6;
        submission.data.nodes[1].height = 2;
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowNodeSpread.selector, 6, 2));
        flow.submit{ value: 1 ether }(submission);
        submission.data.nodes[0].height = 40;
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowNodeHeight.selector, 40, 39));
        flow.submit{ value: 1 ether }(submission);
    }

    function test_refusesHugeTags() external {
        Submission memory submission = fakeSubmission(address(this), 1000);
        submission.data.tags = new bytes(8193);
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowTagsLength.selector, 8193, 8192));
        flow.submit{ value: 1 ether }(submission);
    }

    function test_batchOfFiles() external {
        Submission[] memory submissions = new Submission[](3);
        uint256 fee = 0;
        for (uint256 i = 0; i < 3; ++i) {
            submissions[i] = fakeSubmission(address(this), 300 + 1000 * i);
            fee += priceOf(300 + 1000 * i);
        }
        uint256 before = address(this).balance;
        (uint256[] memory indexes, , uint256[] memory starts, uint256[] memory lengths) = flow.batchSubmit{
            value: fee + 7
        }(submissions);
        require(before - address(this).balance == fee, "one payment, rest refunded");
        for (uint256 i = 0; i < 3; ++i) {
            SubmissionInfo memory info = flow.submission(indexes[i]);
            require(indexes[i] == i && info.startPos == starts[i] && info.leaves == lengths[i], "each");
        }
    }

    function test_batchThatCannotPayForTheLastChangesNothing() external {
        Submission[] memory submissions = new Submission[](2);
        submissions[0] = fakeSubmission(address(this), 300);
        submissions[1] = fakeSubmission(address(this), 300);
        uint256 fee = priceOf(300) + 5;
        vm.expectRevert(abi.encodeWithSelector(IFlow.NotEnoughFee.selector, market.pricePerSector(), 2, 5));
        flow.batchSubmit{ value: fee }(submissions);
        require(flow.numSubmissions() == 0, "nothing changed");
    }

    function test_refusesLargeBatches() external {
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowBatchSize.selector, 33, 32));
        flow.batchSubmit(new Submission[](33));
    }

    function test_unknownSubmissions() external {
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowUnknownSubmission.selector, 0, 0));
        flow.rootOf(0);
        vm.expectRevert(abi.encodeWithSelector(IFlow.FlowUnknownSubmission.selector, 3, 0));
        flow.submission(3);
    }
}
