// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IEvidenceVerifier } from "../interfaces/staking/IEvidenceVerifier.sol";
import { IServiceRegistry, ServiceParams } from "../interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../interfaces/staking/IStakePool.sol";
import { IBlockSeeds } from "../interfaces/storage/IBlockSeeds.sol";
import { IMarket, Row } from "../interfaces/storage/IMarket.sol";
import { Draw, IStorageProofs, StorageParams } from "../interfaces/storage/IStorageProofs.sol";
import { EpochSet, EpochSetLib } from "../libraries/EpochSetLib.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";
import { Holding, HoldingLib, LiveRange } from "../libraries/HoldingLib.sol";

/// @title Challenges, answers and misses of all holders
contract StorageProofs is IStorageProofs {
    using EpochSetLib for EpochSet;
    using HoldingLib for Holding[];
    using SafeCast for uint256;

    /// @dev Bounds the words that `tally` reads.
    uint256 private constant MAX_DEAL_EPOCHS = 4096;
    uint256 private constant MAX_DRAWS = 64;

    IMarket public immutable market;
    IBlockSeeds public immutable seeds;
    IStakePool public immutable pool;
    IServiceRegistry public immutable services;
    /// @inheritdoc IStorageProofs
    uint32 public immutable serviceId;
    uint256 public immutable genesisBlock;
    uint32 public immutable epochBlocks;
    uint32 public immutable dealEpochs;
    uint32 public immutable reportEpochs;
    uint8 public immutable challengeLeaves;
    uint8 public immutable missTolerance;
    uint64 public immutable missWad;

    /// @inheritdoc IStorageProofs
    mapping(address holder => uint32) public generationOf;
    /// @dev Epoch in which a past generation was evicted; its last.
    mapping(address holder => mapping(uint32 generation => uint32)) private _lastEpochOf;
    mapping(address holder => mapping(uint32 generation => Holding[])) private _holdings;
    mapping(address holder => EpochSet) private _answered;
    mapping(address holder => EpochSet) private _missed;

    modifier onlyMarket() {
        if (msg.sender != address(market)) revert StorageProofsOnlyMarket(msg.sender);
        _;
    }

    constructor(StorageParams memory params, IBlockSeeds seeds_, IStakePool pool_) {
        _checkParams(params);
        market = IMarket(msg.sender);
        seeds = seeds_;
        pool = pool_;
        services = pool_.services();
        genesisBlock = block.number;
        epochBlocks = params.epochBlocks;
        dealEpochs = params.dealEpochs;
        reportEpochs = params.reportEpochs;
        challengeLeaves = params.challengeLeaves;
        missTolerance = params.missTolerance;
        missWad = params.missWad;
        serviceId = services.createService(
            ServiceParams({
                groupId: params.groupId,
                evidenceVerifier: address(this),
                maxObligationSeconds: params.maxObligationSeconds,
                seats: 0,
                obligor: msg.sender,
                slashCapWad: params.slashCapWad,
                sink: address(0)
            })
        );
    }

    /// @inheritdoc IStorageProofs
    function answer(uint32 epoch, LeafOpening[] calldata openings) external {
        if (epoch != currentEpoch()) revert StorageProofsNotThisEpoch(epoch, currentEpoch());
        if (hasAnswered(msg.sender, epoch)) revert StorageProofsAnswered(msg.sender, epoch);
        Draw[] memory draws = challenge(msg.sender, epoch);
        if (openings.length != draws.length) revert StorageProofsOpeningCount(openings.length, draws.length);
        for (uint256 i = 0; i < draws.length; ++i) {
            Draw memory draw = draws[i];
            LeafOpening calldata opening = openings[i];
            FileTreeLib.checkLeaf(draw.root, opening.leaf, draw.leafIndex, 1 << draw.height, opening.siblings);
        }
        uint256 leaves = liveLeaves(msg.sender, epoch);
        _answered[msg.sender].add(epoch);
        emit ChallengeAnswered(msg.sender, epoch, leaves);
        market.creditAnswer(msg.sender, leaves);
    }

    /// @inheritdoc IStorageProofs
    function reportMiss(address holder, uint32 epoch) external {
        uint32 current = currentEpoch();
        if (epoch >= current || current - epoch > reportEpochs) {
            revert StorageProofsNotReportable(epoch, current, reportEpochs);
        }
        if (hasAnswered(holder, epoch)) revert StorageProofsAnswered(holder, epoch);
        if (hasMissed(holder, epoch)) revert StorageProofsReported(holder, epoch);
        // Reverts where no seed is known: what was not asked cannot be missed.
        seeds.seedOf(firstBlockOf(epoch));
        uint256 leaves = liveLeaves(holder, epoch);
        if (leaves == 0) revert StorageProofsNothingHeld(holder, epoch);
        _missed[holder].add(epoch);
        uint256 bountyWei = market.creditBounty(msg.sender, leaves);
        emit MissReported(holder, epoch, msg.sender, leaves, bountyWei);
    }

    /// @inheritdoc IStorageProofs
    function evict(address holder) external {
        bool member = services.isMemberAt(serviceId, holder, uint48(block.timestamp));
        if (member && isCovered(holder)) revert StorageProofsNotEvictable(holder);
        _evict(holder);
    }

    /// @inheritdoc IStorageProofs
    function evictForMisses(address holder, uint32 epoch) external {
        uint32 generation = generationOf[holder];
        bool ofThisGeneration = generation == 0 || epoch > _lastEpochOf[holder][generation - 1];
        if (!ofThisGeneration || !isBeyondTolerance(holder, epoch)) revert StorageProofsNotEvictable(holder);
        _evict(holder);
    }

    /// @inheritdoc IStorageProofs
    function addSeat(
        address holder,
        uint64 rowId,
        uint256 leaves
    ) external onlyMarket returns (uint32 generation, uint32 fillEpoch) {
        generation = generationOf[holder];
        fillEpoch = currentEpoch();
        _holdings[holder][generation].push(rowId, leaves, fillEpoch);
    }

    /// @inheritdoc IEvidenceVerifier
    /// @dev Evidence is `abi.encode(holder, epoch)`. The offence took place when the epoch's challenge was posed.
    function verify(
        uint32 service,
        bytes calldata evidence
    ) external view returns (address operator, bytes32 offenceKey, uint48 capturedAt, uint64 wad, address beneficiary) {
        if (service != serviceId) revert StorageProofsService(service, serviceId);
        if (evidence.length != 64) revert StorageProofsEvidenceLength(evidence.length, 64);
        (address holder, uint32 epoch) = abi.decode(evidence, (address, uint32));
        if (!isBeyondTolerance(holder, epoch)) revert StorageProofsWithinTolerance(holder, epoch);
        return (holder, bytes32(uint256(epoch)), seeds.timestampOf(firstBlockOf(epoch)), missWad, address(0));
    }

    /// @inheritdoc IStorageProofs
    function tally(
        address holder,
        uint32 generation,
        uint32 fillEpoch
    ) external view returns (bool closed, uint256 answered, uint256 missed) {
        uint32 last = fillEpoch + dealEpochs;
        if (generation < generationOf[holder]) {
            uint32 evictedIn = _lastEpochOf[holder][generation];
            if (evictedIn < last) last = evictedIn;
            closed = true;
        } else {
            closed = currentEpoch() > last + reportEpochs;
        }
        answered = _answered[holder].count(fillEpoch + 1, last);
        missed = _missed[holder].count(fillEpoch + 1, last);
    }

    /// @inheritdoc IStorageProofs
    function challenge(address holder, uint32 epoch) public view returns (Draw[] memory draws) {
        bytes32 seed = seeds.seedOf(firstBlockOf(epoch));
        Holding[] storage list = _holdings[holder][generationOf[holder]];
        LiveRange memory range = list.live(epoch, dealEpochs);
        uint256 leaves = range.toLeaf - range.fromLeaf;
        if (leaves == 0) revert StorageProofsNothingHeld(holder, epoch);
        draws = new Draw[](leaves < challengeLeaves ? leaves : challengeLeaves);
        for (uint256 i = 0; i < draws.length; ++i) {
            uint256 offset = uint256(keccak256(abi.encode(seed, holder, epoch, i))) % leaves;
            (uint64 rowId, uint64 leafIndex) = list.leafAt(range, range.fromLeaf + offset);
            Row memory row = market.row(rowId);
            draws[i] = Draw({
                rowId: rowId,
                submission: row.submission,
                firstLeaf: row.firstLeaf,
                leafIndex: leafIndex,
                height: row.height,
                root: row.root
            });
        }
    }

    /// @inheritdoc IStorageProofs
    function liveLeaves(address holder, uint32 epoch) public view returns (uint256) {
        LiveRange memory range = _holdings[holder][generationOf[holder]].live(epoch, dealEpochs);
        return range.toLeaf - range.fromLeaf;
    }

    /// @inheritdoc IStorageProofs
    function hasAnswered(address holder, uint32 epoch) public view returns (bool) {
        return _answered[holder].contains(epoch);
    }

    /// @inheritdoc IStorageProofs
    function hasMissed(address holder, uint32 epoch) public view returns (bool) {
        return _missed[holder].contains(epoch);
    }

    /// @inheritdoc IStorageProofs
    function isBeyondTolerance(address holder, uint32 epoch) public view returns (bool) {
        if (epoch < missTolerance) return false;
        return _missed[holder].count(epoch - missTolerance, epoch) == uint256(missTolerance) + 1;
    }

    /// @inheritdoc IStorageProofs
    function isCovered(address holder) public view returns (bool) {
        uint32 groupId = services.service(serviceId).groupId;
        uint256 atRiskWei = Math.mulDiv(
            pool.slashableOf(holder),
            services.magnitudeAt(groupId, holder, uint48(block.timestamp)),
            services.totalMagnitude(holder)
        );
        uint256 reservedWei = pool.reservedWei(serviceId, holder);
        return atRiskWei >= reservedWei - reservedWei / 100;
    }

    /// @inheritdoc IStorageProofs
    function currentEpoch() public view returns (uint32) {
        return ((block.number - genesisBlock) / epochBlocks).toUint32();
    }

    /// @inheritdoc IStorageProofs
    function firstBlockOf(uint32 epoch) public view returns (uint256) {
        return genesisBlock + uint256(epoch) * epochBlocks;
    }

    /// @dev Nothing of an ended generation can change any more: it can be neither answered nor reported.
    function _evict(address holder) private {
        uint32 generation = generationOf[holder];
        if (_holdings[holder][generation].length == 0) revert StorageProofsNotEvictable(holder);
        uint32 epoch = currentEpoch();
        generationOf[holder] = generation + 1;
        _lastEpochOf[holder][generation] = epoch;
        emit Evicted(holder, generation, epoch);
    }

    function _checkParams(StorageParams memory params) private pure {
        _checkParam("pricePerLeafEpochWei", params.pricePerLeafEpochWei, 1, type(uint128).max);
        _checkParam("coveragePerLeafWei", params.coveragePerLeafWei, 1, type(uint128).max);
        _checkParam("epochBlocks", params.epochBlocks, 2, type(uint32).max);
        _checkParam("dealEpochs", params.dealEpochs, 1, MAX_DEAL_EPOCHS);
        _checkParam("reportEpochs", params.reportEpochs, 1, MAX_DEAL_EPOCHS);
        _checkParam("fillBlocks", params.fillBlocks, 2, type(uint32).max);
        _checkParam("copies", params.copies, 1, 8);
        _checkParam("fillLeaves", params.fillLeaves, 1, MAX_DRAWS);
        _checkParam("challengeLeaves", params.challengeLeaves, 1, MAX_DRAWS);
        _checkParam("missTolerance", params.missTolerance, 0, 32);
        _checkParam("bountyBps", params.bountyBps, 0, 5_000);
        _checkParam("missWad", params.missWad, 1, 1e18);
    }

    function _checkParam(bytes32 name, uint256 actual, uint256 min, uint256 max) private pure {
        if (actual < min || actual > max) revert StorageProofsParam(name, actual, min, max);
    }
}
