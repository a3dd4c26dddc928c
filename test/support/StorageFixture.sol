// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IStakePool } from "../../contracts/interfaces/staking/IStakePool.sol";
import { Submission, SubmissionNode } from "../../contracts/interfaces/storage/IFlow.sol";
import { IMarket, Row } from "../../contracts/interfaces/storage/IMarket.sol";
import { Draw, IStorageProofs, StorageParams } from "../../contracts/interfaces/storage/IStorageProofs.sol";
import { FileTreeLib, LeafOpening } from "../../contracts/libraries/FileTreeLib.sol";
import { BlockSeeds } from "../../contracts/storage/BlockSeeds.sol";
import { Flow } from "../../contracts/storage/Flow.sol";
import { HeaderTool } from "./HeaderTool.sol";
import { StakeStub } from "./StakeStub.sol";
import { TreeTool } from "./TreeTool.sol";
import { deployArtifact } from "./Deploy.sol";
import { vm } from "./Vm.sol";

/// @notice Storage contracts over a stubbed stake, with files whose leaves are `TreeTool.leafOf(fileSeed, i)`.
abstract contract StorageFixture {
    uint256 internal constant GENESIS = 1_000;
    address internal constant CLIENT = address(0xc11e47);

    StakeStub internal stake;
    BlockSeeds internal seeds;
    Flow internal flow;
    IMarket internal market;
    IStorageProofs internal proofs;
    /// @dev Seed of the file behind a submission.
    mapping(uint256 submission => uint256) internal fileSeeds;

    function defaultParams() internal pure returns (StorageParams memory) {
        return
            StorageParams({
                pricePerLeafEpochWei: 1_003,
                coveragePerLeafWei: 10,
                epochBlocks: 10,
                dealEpochs: 6,
                reportEpochs: 2,
                fillBlocks: 40,
                copies: 2,
                fillLeaves: 3,
                challengeLeaves: 4,
                missTolerance: 1,
                bountyBps: 500,
                missWad: 1e17,
                slashCapWad: 5e17,
                groupId: 0,
                maxObligationSeconds: 1 days
            });
    }

    function deployStorage(StorageParams memory params) internal {
        vm.roll(GENESIS);
        vm.warp(1_000_000);
        stake = new StakeStub();
        seeds = BlockSeeds(deployArtifact("storage", "BlockSeeds", ""));
        flow = Flow(deployArtifact("storage", "Flow", abi.encode(params, seeds, stake)));
        market = IMarket(flow.market());
        proofs = IStorageProofs(address(_proofsOf(market)));
    }

    function priceOf(uint256 byteLength) internal view returns (uint256) {
        return FileTreeLib.paddedLeafCount(byteLength) * market.pricePerSector();
    }

    /// @notice A submission with the right shape and arbitrary roots.
    function fakeSubmission(
        address submitter,
        uint256 byteLength
    ) internal pure returns (Submission memory submission) {
        uint256 leaves = FileTreeLib.paddedLeafCount(byteLength);
        submission.submitter = submitter;
        submission.data.length = byteLength;
        submission.data.nodes = _nodes(leaves);
        for (uint256 i = 0; i < submission.data.nodes.length; ++i) {
            submission.data.nodes[i].root = keccak256(abi.encode(byteLength, i));
        }
    }

    /// @notice The submission of a file with these leaf hashes, padding included.
    function submissionOf(
        address submitter,
        bytes32[] memory list,
        uint256 byteLength
    ) internal pure returns (Submission memory submission) {
        submission.submitter = submitter;
        submission.data.length = byteLength;
        submission.data.nodes = _nodes(list.length);
        uint256 first = 0;
        for (uint256 i = 0; i < submission.data.nodes.length; ++i) {
            uint256 next = first + (1 << submission.data.nodes[i].height);
            submission.data.nodes[i].root = TreeTool.rootOf(list, first, next);
            first = next;
        }
    }

    /// @notice Submits a file of full leaves as `client`, funded for it.
    function submitFile(address client, uint256 fileSeed, uint256 leaves) internal returns (uint256 index) {
        Submission memory submission = submissionOf(client, TreeTool.hashes(fileSeed, leaves), leaves * 256);
        uint256 feeWei = leaves * market.pricePerSector();
        vm.deal(client, client.balance + feeWei);
        vm.prank(client);
        (index, , , ) = flow.submit{ value: feeWei }(submission);
        fileSeeds[index] = fileSeed;
    }

    /// @notice Moves to a block, 12 seconds each.
    function mineTo(uint256 blockNumber) internal {
        vm.roll(blockNumber);
        vm.warp(1_000_000 + (blockNumber - GENESIS) * 12);
    }

    /// @notice Records the header of a past block, with a seed that depends on its number.
    function recordSeed(uint256 blockNumber) internal {
        if (seeds.isRecorded(blockNumber)) return;
        uint256 timestamp = 1_000_000 + (blockNumber - GENESIS) * 12;
        seeds.record(HeaderTool.seal(blockNumber, keccak256(abi.encode("randao", blockNumber)), timestamp));
    }

    /// @notice Moves to the second block of an epoch and records its seed.
    function enterEpoch(uint32 epoch) internal {
        mineTo(proofs.firstBlockOf(epoch) + 1);
        recordSeed(proofs.firstBlockOf(epoch));
    }

    function announce(address holder, uint64 rowId) internal {
        uint64[] memory rowIds = new uint64[](1);
        rowIds[0] = rowId;
        vm.prank(holder);
        market.announce(rowIds);
    }

    /// @notice Announces a row, waits for the seed and takes the seat.
    function takeSeat(address holder, uint64 rowId) internal {
        announce(holder, rowId);
        uint256 seedBlock = market.seedBlockOf(holder, rowId);
        mineTo(seedBlock + 1);
        recordSeed(seedBlock);
        takeAnnouncedSeat(holder, rowId);
    }

    /// @notice Takes a seat whose seed is recorded.
    function takeAnnouncedSeat(address holder, uint64 rowId) internal {
        LeafOpening[] memory openings = fillOpenings(holder, rowId);
        vm.prank(holder);
        market.fill(rowId, openings);
    }

    function fillOpenings(address holder, uint64 rowId) internal view returns (LeafOpening[] memory openings) {
        uint64[] memory draws = market.fillDraws(holder, rowId);
        Row memory row = market.row(rowId);
        openings = new LeafOpening[](draws.length);
        for (uint256 i = 0; i < draws.length; ++i) {
            openings[i] = TreeTool.open(fileSeeds[row.submission], row.firstLeaf, 1 << row.height, draws[i]);
        }
    }

    function answerOpenings(address holder, uint32 epoch) internal view returns (LeafOpening[] memory openings) {
        Draw[] memory draws = proofs.challenge(holder, epoch);
        openings = new LeafOpening[](draws.length);
        for (uint256 i = 0; i < draws.length; ++i) {
            Draw memory draw = draws[i];
            uint256 fileSeed = fileSeeds[draw.submission];
            openings[i] = TreeTool.open(fileSeed, draw.firstLeaf, 1 << draw.height, draw.leafIndex);
        }
    }

    function answerAs(address holder) internal {
        uint32 epoch = proofs.currentEpoch();
        LeafOpening[] memory openings = answerOpenings(holder, epoch);
        vm.prank(holder);
        proofs.answer(epoch, openings);
    }

    /// @notice Every wei is owed or escrowed.
    function checkMoney() internal view {
        require(address(market).balance == market.totalOwedWei() + market.escrowedWei(), "balance = owed + escrow");
        require(address(flow).balance == 0, "flow keeps nothing");
    }

    function _proofsOf(IMarket market_) private view returns (address) {
        (, bytes memory result) = address(market_).staticcall(abi.encodeWithSignature("proofs()"));
        return abi.decode(result, (address));
    }

    function _nodes(uint256 leaves) private pure returns (SubmissionNode[] memory nodes) {
        uint256 count = 0;
        for (uint256 rest = leaves; rest > 0; rest &= rest - 1) ++count;
        nodes = new SubmissionNode[](count);
        uint256 i = 0;
        for (uint256 level = 41; level > 0; --level) {
            if ((leaves >> (level - 1)) & 1 == 1) nodes[i++].height = level - 1;
        }
    }
}
