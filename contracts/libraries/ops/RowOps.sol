// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ElementLib, Elements } from "../ElementLib.sol";
import { ExpTable } from "../generated/ExpTable.sol";

/// @title Operations on rows
library RowOps {
    /// @dev Probability 1 of `softmaxGradient`.
    int256 private constant UNIT = 1 << 14;

    /// @notice The least index of the greatest element.
    function argmax(Elements memory row) internal pure returns (int256 best) {
        int256[] memory values = ElementLib.toArray(row);
        uint256 index = 0;
        for (uint256 i = 1; i < values.length; ++i) {
            if (values[i] > values[index]) index = i;
        }
        return int256(index);
    }

    /// @notice The gradient of cross-entropy at class `index`.
    function softmaxGradient(Elements memory logits, uint256 index, int256 label) internal pure returns (int256) {
        int256[] memory values = ElementLib.toArray(logits);
        bytes memory table = ExpTable.others();
        int256 greatest = values[0];
        for (uint256 i = 1; i < values.length; ++i) {
            if (values[i] > greatest) greatest = values[i];
        }
        uint256 total = 0;
        for (uint256 i = 0; i < values.length; ++i) total += ExpTable.entryAt(table, uint256(greatest - values[i]));
        uint256 weight = ExpTable.entryAt(table, uint256(greatest - values[index]));
        int256 probability = int256((weight * uint256(UNIT) + total / 2) / total);
        return label == int256(index) ? probability - UNIT : probability;
    }

    /// @notice The least group with the greatest element, and that element: group q of a column is `row[q * columns]`.
    /// @param row The groups' elements of one column and all that stands between them
    function greatestOfGroups(
        Elements memory row,
        uint256 columns
    ) internal pure returns (uint256 group, int256 greatest) {
        greatest = ElementLib.valueAt(row, 0);
        for (uint256 q = 1; q * columns < row.count; ++q) {
            int256 value = ElementLib.valueAt(row, q * columns);
            if (value > greatest) (group, greatest) = (q, value);
        }
    }
}
