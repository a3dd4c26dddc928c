// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What follows from the job's seed
library RandomOps {
    /// @dev Samples of a dataset, so that the shuffle is exact in doubles too.
    uint256 internal constant MAX_SAMPLES = 1 << 26;
    /// @dev Mean of the sum of four bytes.
    int256 private constant MEAN = 510;

    error RandomSamples(uint256 actual, uint256 max);

    /// @notice The sum of the four random bytes of an element in a stream, less its mean.
    function noise(bytes32 seed, uint256 stream, uint256 element) internal pure returns (int256 sum) {
        uint256 bytes4s = uint256(keccak256(abi.encode(seed, stream, element / 8))) >> (224 - 32 * (element % 8));
        sum = -MEAN;
        for (uint256 i = 0; i < 4; ++i) sum += int256((bytes4s >> (8 * i)) & 0xff);
    }

    /// @notice The sample at a place of the job's endless sequence.
    function sampleAt(bytes32 seed, uint256 place, uint256 samples) internal pure returns (uint256) {
        if (samples == 0 || samples > MAX_SAMPLES) revert RandomSamples(samples, MAX_SAMPLES);
        uint256 words = uint256(keccak256(abi.encode(seed, place / samples)));
        uint256 factor = (words >> 192) % samples;
        while (_greatestCommonDivisor(factor, samples) != 1) factor = (factor + 1) % samples;
        return (factor * (place % samples) + (uint64(words >> 128) % samples)) % samples;
    }

    function _greatestCommonDivisor(uint256 a, uint256 b) private pure returns (uint256) {
        unchecked {
            while (b != 0) (a, b) = (b, a % b);
        }
        return a;
    }
}
