// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Blockhash } from "@openzeppelin/contracts/utils/Blockhash.sol";
import { BlockHeader } from "@openzeppelin/contracts/utils/BlockHeader.sol";
import { Memory } from "@openzeppelin/contracts/utils/Memory.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IBlockSeeds } from "../interfaces/storage/IBlockSeeds.sol";

/// @title Seeds of blocks, proven by their headers
contract BlockSeeds is IBlockSeeds {
    using SafeCast for uint256;

    struct SeedRecord {
        bytes32 seed;
        uint48 timestamp;
    }

    /// @dev A header of the newest fork has about 650 bytes; the limit bounds the work on a stranger's input.
    uint256 public constant MAX_HEADER_BYTES = 1024;

    mapping(uint256 blockNumber => SeedRecord) private _records;

    /// @inheritdoc IBlockSeeds
    function record(bytes calldata headerRlp) external returns (uint256 blockNumber) {
        if (headerRlp.length > MAX_HEADER_BYTES) revert BlockSeedsHeaderLength(headerRlp.length, MAX_HEADER_BYTES);
        Memory.Slice[] memory fields = BlockHeader.parseHeader(headerRlp);
        blockNumber = BlockHeader.getNumber(fields);
        bytes32 actual = keccak256(headerRlp);
        bytes32 expected = Blockhash.blockHash(blockNumber);
        if (actual != expected) revert BlockSeedsHeaderMismatch(blockNumber, actual, expected);
        if (isRecorded(blockNumber)) return blockNumber;

        bytes32 seed = BlockHeader.getPrevRandao(fields);
        uint48 timestamp = BlockHeader.getTimestamp(fields).toUint48();
        _records[blockNumber] = SeedRecord({ seed: seed, timestamp: timestamp });
        emit SeedRecorded(blockNumber, seed, timestamp);
    }

    /// @inheritdoc IBlockSeeds
    function seedOf(uint256 blockNumber) external view returns (bytes32) {
        if (!isRecorded(blockNumber)) revert BlockSeedsUnknown(blockNumber);
        return _records[blockNumber].seed;
    }

    /// @inheritdoc IBlockSeeds
    function timestampOf(uint256 blockNumber) external view returns (uint48) {
        if (!isRecorded(blockNumber)) revert BlockSeedsUnknown(blockNumber);
        return _records[blockNumber].timestamp;
    }

    /// @inheritdoc IBlockSeeds
    function isRecorded(uint256 blockNumber) public view returns (bool) {
        return _records[blockNumber].timestamp != 0;
    }
}
