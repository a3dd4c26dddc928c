// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Operations on single elements
/// @notice Shifts of signed numbers round towards minus infinity, divisions would not.
library ElementOps {
    /// @notice floor((value + 2^(shift - 1)) / 2^shift), for a shift of 1 or more.
    function rshr(int256 value, uint256 shift) internal pure returns (int256) {
        return (value + int256(1 << (shift - 1))) >> shift;
    }

    /// @notice The value nearest to `value` in lowest..highest.
    function saturate(int256 value, int256 lowest, int256 highest) internal pure returns (int256) {
        return
            value < lowest
                ? lowest
                : value > highest
                    ? highest
                    : value;
    }

    function requantise(
        int256 value,
        uint256 multiplier,
        uint256 shift,
        int256 lowest,
        int256 highest
    ) internal pure returns (int256) {
        return saturate(rshr(int256(multiplier) * value, shift), lowest, highest);
    }

    function gate(int256 value, int256 activation) internal pure returns (int256) {
        return activation > 0 ? value : int256(0);
    }

    function update(
        int256 weight,
        int256 gradient,
        uint256 shift,
        int256 lowest,
        int256 highest
    ) internal pure returns (int256) {
        return saturate(weight - rshr(gradient, shift), lowest, highest);
    }
}
