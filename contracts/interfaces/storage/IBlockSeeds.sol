// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Seeds nobody chooses
/// @notice The seed of a block is its `prevrandao`, taken from its header, which is proven against the chain's own
/// record of block hashes. Which block counts is fixed by a schedule elsewhere, so the moment of recording is free and
/// changes nothing.
/// @dev Warning: the proposer of the one block that counts can withhold it, that is choose between two seeds at the
/// price of a block. Warning: a block whose header nobody records within the chain's memory of hashes (256 blocks, or
/// 8,191 where EIP-2935 works) never gets a seed.
interface IBlockSeeds {
    error BlockSeedsHeaderLength(uint256 actual, uint256 max);
    error BlockSeedsHeaderMismatch(uint256 blockNumber, bytes32 actual, bytes32 expected);
    error BlockSeedsUnknown(uint256 blockNumber);

    event SeedRecorded(uint256 indexed blockNumber, bytes32 seed, uint48 timestamp);

    /// @notice Stores seed and time of the block whose header this is. Recording a block again does nothing.
    /// @param headerRlp The block's header, RLP-encoded as it is hashed
    /// @return blockNumber The block's number
    function record(bytes calldata headerRlp) external returns (uint256 blockNumber);

    /// @notice Seed of a recorded block; reverts with `BlockSeedsUnknown` for any other.
    function seedOf(uint256 blockNumber) external view returns (bytes32);

    /// @notice Timestamp of a recorded block; reverts with `BlockSeedsUnknown` for any other.
    function timestampOf(uint256 blockNumber) external view returns (uint48);

    /// @notice True once the block's seed is known.
    function isRecorded(uint256 blockNumber) external view returns (bool);
}
