// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Dataset, IDatasetRegistry } from "../../../contracts/interfaces/models/IDatasetRegistry.sol";
import { IFlow } from "../../../contracts/interfaces/storage/IFlow.sol";
import { DatasetRegistry } from "../../../contracts/models/DatasetRegistry.sol";
import { StorageMock } from "../../support/StorageMock.sol";
import { vm } from "../../support/Vm.sol";

contract DatasetRegistryTest {
    StorageMock private files;
    DatasetRegistry private datasets;
    bytes32[5] private roots;
    uint64[5] private submissions;

    function setUp() public {
        files = new StorageMock();
        datasets = new DatasetRegistry(IFlow(address(files)));
        store(10, 3);
    }

    function testPublishesAndReadsBack() public {
        vm.warp(12_345);
        vm.prank(address(0xA11CE));
        uint256 datasetId = datasets.publish(roots, submissions, 10, 3, keccak256("licence"));

        require(datasetId == 1 && datasets.datasetCount() == 1, "first id is 1");
        Dataset memory stored = datasets.dataset(1);
        require(keccak256(abi.encode(stored.roots)) == keccak256(abi.encode(roots)), "roots");
        require(keccak256(abi.encode(stored.submissions)) == keccak256(abi.encode(submissions)), "submissions");
        require(stored.publisher == address(0xA11CE), "publisher");
        require(stored.count == 10 && stored.accountCount == 3, "counts");
        require(stored.publishedAt == 12_345, "time");
        require(stored.licenceHash == keccak256("licence"), "licence");
    }

    function testRootIsTheZeroPaddedLeafOfFiveRoots() public {
        datasets.publish(roots, submissions, 10, 3, 0);
        bytes memory leaf = abi.encode(roots[0], roots[1], roots[2], roots[3], roots[4], 0, 0, 0);
        require(leaf.length == 256, "one leaf");
        require(datasets.rootOf(1) == keccak256(leaf), "root");
        require(datasets.dataset(1).root == keccak256(leaf), "root in the dataset");
    }

    function testTheSameFilesMayBePublishedAgain() public {
        datasets.publish(roots, submissions, 10, 3, 0);
        require(datasets.publish(roots, submissions, 10, 3, 0) == 2, "second id");
        require(datasets.rootOf(1) == datasets.rootOf(2), "same root");
    }

    function testEmitsPublished() public {
        bytes memory leaf = abi.encode(roots[0], roots[1], roots[2], roots[3], roots[4], 0, 0, 0);
        vm.expectEmit(true, true, true, true, address(datasets));
        emit IDatasetRegistry.DatasetPublished(
            1,
            keccak256(leaf),
            address(this),
            roots,
            submissions,
            10,
            3,
            keccak256("licence")
        );
        datasets.publish(roots, submissions, 10, 3, keccak256("licence"));
    }

    function testFuzzAcceptsEveryConsistentSize(uint32 count, uint32 accountCount) public {
        count = uint32(1 + (count % type(uint32).max));
        accountCount = uint32(1 + (accountCount % datasets.MAX_ACCOUNTS()));
        store(count, accountCount);
        uint256 datasetId = datasets.publish(roots, submissions, count, accountCount, 0);
        require(datasets.dataset(datasetId).count == count, "count");
    }

    function testFuzzRefusesWrongCounts(uint32 count, uint32 accountCount) public {
        vm.assume(count != 10);
        accountCount = uint32(1 + (accountCount % datasets.MAX_ACCOUNTS()));
        vm.assume(accountCount != 3);
        (bool ok, ) = publish(10, accountCount);
        require(!ok, "wrong account count");
        (ok, ) = publish(count, 3);
        require(!ok, "wrong count");
        require(datasets.datasetCount() == 0, "nothing published");
    }

    function testRefusesNoSamples() public {
        refuse(0, 3, abi.encodeWithSelector(IDatasetRegistry.DatasetRegistryEmpty.selector));
    }

    function testRefusesNoOrTooManyAccounts() public {
        uint256 max = datasets.MAX_ACCOUNTS();
        bytes4 selector = IDatasetRegistry.DatasetRegistryAccountsOutOfRange.selector;
        refuse(10, 0, abi.encodeWithSelector(selector, 0, max));
        refuse(10, uint32(max + 1), abi.encodeWithSelector(selector, max + 1, max));
    }

    function testRefusesEachForeignRoot() public {
        for (uint256 i = 0; i < 5; ++i) {
            bytes32 right = roots[i];
            roots[i] = keccak256("foreign");
            bytes4 selector = IDatasetRegistry.DatasetRegistryRootMismatch.selector;
            refuse(10, 3, abi.encodeWithSelector(selector, i, roots[i], right));
            roots[i] = right;
        }
    }

    function testRefusesUnknownSubmission() public {
        submissions[4] = 99;
        refuse(10, 3, abi.encodeWithSelector(IFlow.FlowUnknownSubmission.selector, 99, 5));
    }

    function testRefusesSamplesAndLabelsBelowOneByteASample() public {
        for (uint256 i = 0; i < 2; ++i) {
            uint64 right = submissions[i];
            submissions[i] = files.add(roots[i], 9, 1);
            refuse(10, 3, lengthMismatch(i, 9, 10));
            submissions[i] = right;
        }
    }

    function testRefusesRecordsAndAccountsOfOtherLength() public {
        uint256[2] memory expected = [uint256(2_560), 96];
        for (uint256 i = 0; i < 2; ++i) {
            uint64 right = submissions[2 + i];
            submissions[2 + i] = files.add(roots[2 + i], expected[i] - 1, 1);
            refuse(10, 3, lengthMismatch(2 + i, expected[i] - 1, expected[i]));
            submissions[2 + i] = files.add(roots[2 + i], expected[i] + 1, 1);
            refuse(10, 3, lengthMismatch(2 + i, expected[i] + 1, expected[i]));
            submissions[2 + i] = right;
        }
    }

    function testUnknownDatasetsHaveNoRoot() public {
        bytes memory expected = abi.encodeWithSelector(IDatasetRegistry.DatasetRegistryUnknown.selector, 0);
        vm.expectRevert(expected);
        datasets.rootOf(0);
        expected = abi.encodeWithSelector(IDatasetRegistry.DatasetRegistryUnknown.selector, 1);
        vm.expectRevert(expected);
        datasets.dataset(1);
    }

    function testRefusesFlowWithoutCode() public {
        vm.expectRevert(IDatasetRegistry.DatasetRegistryFlowMissing.selector);
        new DatasetRegistry(IFlow(address(0xBEEF)));
    }

    function testLabelDigestIsEip712() public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Glassbox"),
                keccak256("1"),
                block.chainid,
                address(datasets)
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Label(bytes32 contentSha256,bytes32 labelHash,bytes32 sourceHash,bytes32 licenceHash)"),
                bytes32(uint256(1)),
                bytes32(uint256(2)),
                bytes32(uint256(3)),
                bytes32(uint256(4))
            )
        );
        bytes32 expected = keccak256(abi.encodePacked(hex"1901", domain, message));
        bytes32 actual = datasets.labelDigest(
            bytes32(uint256(1)),
            bytes32(uint256(2)),
            bytes32(uint256(3)),
            bytes32(uint256(4))
        );
        require(actual == expected, "digest");
    }

    function store(uint256 count, uint256 accountCount) private {
        uint256[5] memory byteLengths = [count * 1024, count, count * 256, accountCount * 32, 1_000];
        for (uint256 i = 0; i < 5; ++i) {
            roots[i] = keccak256(abi.encode("file", i));
            submissions[i] = files.add(roots[i], byteLengths[i], (byteLengths[i] + 255) / 256);
        }
    }

    function publish(uint32 count, uint32 accountCount) private returns (bool ok, bytes memory result) {
        return
            address(datasets).call(
                abi.encodeCall(datasets.publish, (roots, submissions, count, accountCount, bytes32(0)))
            );
    }

    function refuse(uint32 count, uint32 accountCount, bytes memory expected) private {
        (bool ok, bytes memory actual) = publish(count, accountCount);
        require(!ok, "accepted what it must refuse");
        require(keccak256(actual) == keccak256(expected), "wrong error");
        require(datasets.datasetCount() == 0, "nothing published");
    }

    function lengthMismatch(uint256 file, uint256 actual, uint256 expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDatasetRegistry.DatasetRegistryLengthMismatch.selector, file, actual, expected);
    }
}
