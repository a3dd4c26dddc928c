// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice Windows of an image, as the arguments of `unfold` and `fold` encode them.
struct Windows {
    uint256 height;
    uint256 width;
    uint256 kernel;
    uint256 stride;
    uint256 padding;
}

/// @title Operations that move elements
/// @notice Each says from which row and column of the operand an element of the output comes.
library ShapeOps {
    function toWindows(int64 first, int64 second) internal pure returns (Windows memory windows) {
        uint256 size = uint64(first);
        uint256 shape = uint64(second);
        windows.height = size >> 16;
        windows.width = size & 0xffff;
        windows.kernel = shape >> 16;
        windows.stride = (shape >> 8) & 0xff;
        windows.padding = shape & 0xff;
    }

    /// @notice `channels`: columns of the images.
    /// @return inside Whether the place lies in the image; outside of it the element is 0
    function unfold(
        uint256 row,
        uint256 column,
        Windows memory windows,
        uint256 channels
    ) internal pure returns (bool inside, uint256 fromRow, uint256 fromColumn) {
        (uint256 image, uint256 y, uint256 x) = _placeOf(row, column / channels, windows);
        inside = _isInside(y, windows.height, windows.padding) && _isInside(x, windows.width, windows.padding);
        if (!inside) return (false, 0, 0);
        fromRow = (image * windows.height + y - windows.padding) * windows.width + x - windows.padding;
        fromColumn = column % channels;
    }

    /// @notice `channels`: columns of the output, which has the images.
    function fold(
        uint256 row,
        uint256 column,
        Windows memory windows,
        uint256 channels
    ) internal pure returns (uint256 fromRow, uint256 fromColumn) {
        uint256 kernel = windows.kernel;
        uint256 x = row % windows.width;
        // Lines of all images: windows tile each, so that lines of windows can be counted through.
        uint256 line = row / windows.width;
        fromRow = (line / kernel) * (windows.width / kernel) + x / kernel;
        fromColumn = ((line % kernel) * kernel + (x % kernel)) * channels + column;
    }

    /// @notice `inputs`: rows of the output; `outputs`: rows of the kernels.
    function rotate(
        uint256 row,
        uint256 column,
        uint256 area,
        uint256 inputs,
        uint256 outputs
    ) internal pure returns (uint256 fromRow, uint256 fromColumn) {
        fromRow = column % outputs;
        fromColumn = (area - 1 - column / outputs) * inputs + row;
    }

    function reshape(
        uint256 row,
        uint256 column,
        uint256 columns,
        uint256 fromColumns
    ) internal pure returns (uint256, uint256) {
        uint256 place = row * columns + column;
        return (place / fromColumns, place % fromColumns);
    }

    /// @dev Which image a window's place lies in, and where, counted from the padding's edge so that nothing is negative.
    function _placeOf(
        uint256 window,
        uint256 place,
        Windows memory windows
    ) private pure returns (uint256 image, uint256 y, uint256 x) {
        uint256 across = _count(windows.width, windows);
        uint256 down = _count(windows.height, windows);
        image = window / (down * across);
        y = ((window / across) % down) * windows.stride + place / windows.kernel;
        x = (window % across) * windows.stride + (place % windows.kernel);
    }

    /// @dev Windows along a side.
    function _count(uint256 side, Windows memory windows) private pure returns (uint256) {
        return (side + 2 * windows.padding - windows.kernel) / windows.stride + 1;
    }

    function _isInside(uint256 place, uint256 side, uint256 padding) private pure returns (bool) {
        return place >= padding && place < padding + side;
    }
}
