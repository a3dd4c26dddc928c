// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { BlockHeader } from "@openzeppelin/contracts/utils/BlockHeader.sol";
import { RLP } from "@openzeppelin/contracts/utils/RLP.sol";

import { IBlockSeeds } from "../../../contracts/interfaces/storage/IBlockSeeds.sol";
import { BlockSeeds } from "../../../contracts/storage/BlockSeeds.sol";
import { HeaderTool } from "../../support/HeaderTool.sol";
import { vm } from "../../support/Vm.sol";

contract BlockSeedsTest {
    BlockSeeds private _seeds = new BlockSeeds();

    function setUp() external {
        vm.roll(1_000);
    }

    function testFuzz_recordsSeedAndTime(bytes32 prevrandao, uint32 timestamp, uint8 age) external {
        uint256 number = 999 - (age % 250);
        uint256 time = uint256(timestamp) + 1;
        require(!_seeds.isRecorded(number), "unknown before");
        require(_seeds.record(HeaderTool.seal(number, prevrandao, time)) == number, "number");
        require(_seeds.isRecorded(number), "recorded");
        require(_seeds.seedOf(number) == prevrandao, "seed");
        require(_seeds.timestampOf(number) == time, "time");
    }

    function test_recordingAgainChangesNothing() external {
        bytes memory header = HeaderTool.seal(990, keccak256("seed"), 5);
        _seeds.record(header);
        vm.recordLogs();
        require(_seeds.record(header) == 990, "number again");
        require(vm.getRecordedLogs().length == 0, "no second event");
        require(_seeds.seedOf(990) == keccak256("seed"), "same seed");
    }

    function testFuzz_refusesAnyOtherHeader(uint256 position, uint8 flip) external {
        vm.assume(flip != 0);
        bytes memory header = HeaderTool.seal(990, keccak256("seed"), 5);
        // The parent's hash: altering it keeps the encoding valid.
        header[4 + (position % 32)] ^= bytes1(flip);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBlockSeeds.BlockSeedsHeaderMismatch.selector,
                990,
                keccak256(header),
                blockhash(990)
            )
        );
        _seeds.record(header);
        require(!_seeds.isRecorded(990), "nothing recorded");
    }

    function test_refusesAHeaderWithAnotherSeed() external {
        HeaderTool.seal(990, keccak256("seed"), 5);
        bytes memory forged = HeaderTool.header(990, keccak256("chosen"), 5);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBlockSeeds.BlockSeedsHeaderMismatch.selector,
                990,
                keccak256(forged),
                blockhash(990)
            )
        );
        _seeds.record(forged);
    }

    function test_refusesBlocksTheChainHasNoHashOf() external {
        uint256[3] memory numbers = [uint256(1), 1_000, 5_000];
        for (uint256 i = 0; i < numbers.length; ++i) {
            bytes memory header = HeaderTool.header(numbers[i], keccak256("seed"), 5);
            vm.expectPartialRevert(IBlockSeeds.BlockSeedsHeaderMismatch.selector);
            _seeds.record(header);
            require(!_seeds.isRecorded(numbers[i]), "nothing recorded");
        }
    }

    function test_refusesHugeOrBrokenInput() external {
        vm.expectRevert(abi.encodeWithSelector(IBlockSeeds.BlockSeedsHeaderLength.selector, 1025, 1024));
        _seeds.record(new bytes(1025));
        vm.expectRevert(RLP.RLPInvalidEncoding.selector);
        _seeds.record("");
        vm.expectRevert(RLP.RLPInvalidEncoding.selector);
        _seeds.record(hex"f8ff00");
        vm.expectPartialRevert(BlockHeader.FieldNotPresentInBlockHeader.selector);
        _seeds.record(hex"c20102");
    }

    function test_unknownBlocksHaveNoSeed() external {
        vm.expectRevert(abi.encodeWithSelector(IBlockSeeds.BlockSeedsUnknown.selector, 7));
        _seeds.seedOf(7);
        vm.expectRevert(abi.encodeWithSelector(IBlockSeeds.BlockSeedsUnknown.selector, 7));
        _seeds.timestampOf(7);
    }
}
