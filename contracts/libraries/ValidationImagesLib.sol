// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Parameter } from "../interfaces/compute/IProgramRules.sol";
import { ProgramLib } from "./ProgramLib.sol";
import { OperationSite, ValidationLib as Rule } from "./ValidationLib.sol";
import { OperationCode } from "./ops/OperationCode.sol";

/// @title The rules of the operations on images, rows and long sums, codes 17 to 25
library ValidationImagesLib {
    int256 private constant MAX_SIDE = 4096;
    int256 private constant MAX_KERNEL = 64;

    /// @dev Square windows over images, as the two arguments of an operation name them.
    struct Windows {
        uint256 height;
        uint256 width;
        uint256 kernel;
        uint256 stride;
        uint256 padding;
    }

    function check(OperationSite memory site, OperationCode code) internal pure {
        Rule.requireStatic(site);
        if (code == OperationCode.AddRow) return _addRow(site);
        if (code == OperationCode.Accumulate) return _accumulate(site);
        if (code == OperationCode.PoolGradient) return _poolGradient(site);
        // The others move elements of their one operand.
        Rule.requireType(site, Rule.A, Rule.NARROW);
        Rule.requireTypeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireBoundsOf(site, Rule.A);
        if (code == OperationCode.Unfold) _unfold(site);
        else if (code == OperationCode.Fold) _fold(site);
        else if (code == OperationCode.Rotate) _rotate(site);
        else if (code == OperationCode.Reshape) _reshape(site);
        else if (code == OperationCode.MaxPool) _maxPool(site);
        else _tail(site);
    }

    function _addRow(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.NARROW);
        Rule.requireType(site, Rule.B, Rule.NARROW);
        Rule.requireType(site, Rule.OUTPUT, Rule.I32);
        Rule.requireShape(site, Rule.B, Rule.ONE, site.tensors[Rule.A].columns);
        Rule.requireShapeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireBounds(
            site,
            int256(site.tensors[Rule.A].lowest) + site.tensors[Rule.B].lowest,
            int256(site.tensors[Rule.A].highest) + site.tensors[Rule.B].highest
        );
    }

    function _unfold(OperationSite memory site) private pure {
        Windows memory windows = _windows(site);
        uint256 images = _images(site, site.tensors[Rule.A].rows, windows.height * windows.width);
        uint256 down = (windows.height + 2 * windows.padding - windows.kernel) / windows.stride + 1;
        uint256 across = (windows.width + 2 * windows.padding - windows.kernel) / windows.stride + 1;
        uint256 columns = windows.kernel * windows.kernel * site.tensors[Rule.A].columns;
        Rule.requireShape(site, Rule.OUTPUT, images * down * across, columns);
        if (windows.padding != 0) Rule.requireBounds(site, 0, 0);
    }

    function _fold(OperationSite memory site) private pure {
        Windows memory windows = _windows(site);
        int256 kernel = int256(windows.kernel);
        Rule.requireParameter(site, Parameter.Second, int256(windows.stride), kernel, kernel);
        Rule.requireParameter(site, Parameter.Second, int256(windows.padding), 0, 0);
        Rule.requireParameter(site, Parameter.First, int256(windows.height % windows.kernel), 0, 0);
        Rule.requireParameter(site, Parameter.First, int256(windows.width % windows.kernel), 0, 0);
        uint256 area = windows.kernel * windows.kernel;
        uint256 pixels = site.tensors[Rule.A].rows * area;
        _images(site, pixels, windows.height * windows.width);
        Rule.requireShape(site, Rule.OUTPUT, pixels, _groupColumns(site, site.tensors[Rule.A].columns, area));
    }

    function _rotate(OperationSite memory site) private pure {
        uint256 area = _groups(site);
        uint256 inputs = _groupColumns(site, site.tensors[Rule.A].columns, area);
        Rule.requireShape(site, Rule.OUTPUT, inputs, area * site.tensors[Rule.A].rows);
    }

    function _reshape(OperationSite memory site) private pure {
        Rule.requireElements(site, _elements(site, Rule.OUTPUT), _elements(site, Rule.A));
    }

    function _maxPool(OperationSite memory site) private pure {
        uint256 columns = site.tensors[Rule.A].columns;
        Rule.requireRowLength(site, columns);
        Rule.requireShape(site, Rule.OUTPUT, site.tensors[Rule.A].rows, _groupColumns(site, columns, _groups(site)));
    }

    function _poolGradient(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.SIGNED);
        Rule.requireType(site, Rule.B, Rule.NARROW);
        Rule.requireTypeOf(site, Rule.OUTPUT, Rule.A);
        Rule.requireRowLength(site, site.tensors[Rule.B].columns);
        uint256 columns = _groups(site) * site.tensors[Rule.A].columns;
        Rule.requireShape(site, Rule.B, site.tensors[Rule.A].rows, columns);
        Rule.requireShapeOf(site, Rule.OUTPUT, Rule.B);
        Rule.requireBoundsOf(site, Rule.A);
        Rule.requireBounds(site, 0, 0);
    }

    function _accumulate(OperationSite memory site) private pure {
        Rule.requireType(site, Rule.A, Rule.SHORT);
        Rule.requireType(site, Rule.B, Rule.SHORT);
        Rule.requireType(site, Rule.OUTPUT, Rule.I32);
        uint256 columns = site.tensors[Rule.A].columns;
        Rule.requireShape(site, Rule.B, site.tensors[Rule.B].rows, columns);
        uint256 chunks = Rule.chunksOf(site, columns);
        Rule.requireShape(site, Rule.OUTPUT, chunks * site.tensors[Rule.A].rows, site.tensors[Rule.B].rows);
        Rule.requireShift(site);
        if (columns > ProgramLib.CHUNK_ELEMENTS) columns = ProgramLib.CHUNK_ELEMENTS;
        int256 sum = Rule.magnitude(site, Rule.A) * Rule.magnitude(site, Rule.B) * int256(columns);
        sum += Rule.roundingTerm(site);
        Rule.requireReach(site, sum, Rule.MAX_I32);
        int256 reach = int256(chunks) * ((sum >> site.operation.shift) + 1);
        Rule.requireBounds(site, -reach, reach);
    }

    function _tail(OperationSite memory site) private pure {
        uint256 rows = site.tensors[Rule.OUTPUT].rows;
        if (rows > site.tensors[Rule.A].rows) rows = site.tensors[Rule.A].rows;
        Rule.requireShape(site, Rule.OUTPUT, rows, site.tensors[Rule.A].columns);
    }

    /// @dev In range, and at least one window on each image.
    function _windows(OperationSite memory site) private pure returns (Windows memory windows) {
        (int256 first, int256 second) = (site.operation.first, site.operation.second);
        int256 kernel = second >> 16;
        int256 stride = (second >> 8) & 0xff;
        int256 padding = second & 0xff;
        Rule.requireParameter(site, Parameter.First, first >> 16, 1, MAX_SIDE);
        Rule.requireParameter(site, Parameter.First, first & 0xffff, 1, MAX_SIDE);
        Rule.requireParameter(site, Parameter.Second, kernel, 1, MAX_KERNEL);
        Rule.requireParameter(site, Parameter.Second, stride, 1, kernel);
        Rule.requireParameter(site, Parameter.Second, padding, 0, kernel - 1);
        Rule.requireParameter(site, Parameter.Second, kernel - 2 * padding, -MAX_KERNEL, first >> 16);
        Rule.requireParameter(site, Parameter.Second, kernel - 2 * padding, -MAX_KERNEL, first & 0xffff);
        windows = Windows(
            uint256(first >> 16),
            uint256(first & 0xffff),
            uint256(kernel),
            uint256(stride),
            uint256(padding)
        );
    }

    function _images(OperationSite memory site, uint256 pixels, uint256 area) private pure returns (uint256 images) {
        images = pixels / area;
        Rule.requireElements(site, images * area, pixels);
    }

    /// @dev The first argument as a number of groups.
    function _groups(OperationSite memory site) private pure returns (uint256) {
        Rule.requireParameter(site, Parameter.First, site.operation.first, 1, type(int64).max);
        return uint256(uint64(site.operation.first));
    }

    function _groupColumns(
        OperationSite memory site,
        uint256 columns,
        uint256 groups
    ) private pure returns (uint256 inGroup) {
        inGroup = columns / groups;
        Rule.requireElements(site, inGroup * groups, columns);
    }

    function _elements(OperationSite memory site, uint256 which) private pure returns (uint256) {
        return uint256(site.tensors[which].rows) * site.tensors[which].columns;
    }
}
