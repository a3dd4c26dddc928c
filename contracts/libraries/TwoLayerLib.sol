// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeLib } from "./FileTreeLib.sol";
import { OperationEntry, ProgramLib, Role, Section, TensorEntry } from "./ProgramLib.sol";
import { TensorLib } from "./TensorLib.sol";
import { WeightsLib } from "./WeightsLib.sol";

/// @notice The network that an inference of two layers is, and where its weights lie in their file.
/// @param hiddenAt First byte of the first layer's weights, i16 [hidden][inputs]
/// @param outputsAt First byte of the second layer's weights, i16 [outputs][hidden]
/// @param leaves Leaves of the file, without its tree's padding
struct TwoLayers {
    uint256 inputs;
    uint256 hidden;
    uint256 outputs;
    uint256 shift;
    uint256 hiddenAt;
    uint256 outputsAt;
    uint256 leaves;
}

/// @title The inference that has a circuit
/// @notice Five operations: column 0 becomes 255, matmul, requantise to u8 from 0 to 127, matmul, argmax (docs/spec/proofs.md, "Baked weights").
library TwoLayerLib {
    uint8 private constant _SET_COLUMN = 3;
    uint8 private constant _MATMUL = 4;
    uint8 private constant _REQUANTISE = 5;
    uint8 private constant _ARGMAX = 11;
    uint8 private constant _U8 = 2;
    uint8 private constant _I16 = 3;
    uint256 private constant _WEIGHT_BYTES = 2;
    int64 private constant _BIAS = 255;
    int64 private constant _MAX_ACTIVATION = 127;

    /// @notice The network of a validated program, if its inference is of that form.
    function read(bytes memory head) internal pure returns (bool known, TwoLayers memory network) {
        (uint256 first, uint256 count) = ProgramLib.operationsOf(head, Section.Infer);
        if (count != 5) return (false, network);
        OperationEntry memory bias = ProgramLib.operationAt(head, first);
        OperationEntry memory firstSum = ProgramLib.operationAt(head, first + 1);
        OperationEntry memory rounding = ProgramLib.operationAt(head, first + 2);
        OperationEntry memory secondSum = ProgramLib.operationAt(head, first + 3);
        OperationEntry memory decision = ProgramLib.operationAt(head, first + 4);
        known =
            bias.code == _SET_COLUMN &&
            firstSum.code == _MATMUL &&
            rounding.code == _REQUANTISE &&
            secondSum.code == _MATMUL &&
            decision.code == _ARGMAX &&
            firstSum.operands[0] == bias.output &&
            rounding.operands[0] == firstSum.output &&
            secondSum.operands[0] == rounding.output &&
            decision.operands[0] == secondSum.output &&
            bias.first == 0 &&
            bias.second == _BIAS &&
            rounding.multiplier == 1 &&
            _isQuery(ProgramLib.tensorAt(head, bias.operands[0])) &&
            _isActivation(ProgramLib.tensorAt(head, rounding.output)) &&
            ProgramLib.tensorAt(head, decision.output).output != 0;
        if (!known) return (false, network);
        TensorEntry memory hidden = ProgramLib.tensorAt(head, firstSum.operands[1]);
        TensorEntry memory outputs = ProgramLib.tensorAt(head, secondSum.operands[1]);
        known = _isWeights(hidden, 0) && _isWeights(outputs, 1);
        network = _place(hidden, outputs, rounding.shift);
    }

    /// @notice What the network answers: the place of the greatest sum, the lowest of equals.
    /// @param weights The file, as long as `network` says
    /// @param input As long as `network` says; element 0 counts as 255
    function answer(
        TwoLayers memory network,
        bytes memory weights,
        bytes memory input
    ) internal pure returns (uint256 best) {
        uint256[] memory values = _row(network.inputs);
        values[0] = uint256(uint64(_BIAS));
        for (uint256 i = 1; i < network.inputs; ++i) values[i] = uint8(input[i]);
        values = _activations(network, weights, values);

        uint256 stride = TensorLib.strideBytes(network.hidden, _WEIGHT_BYTES);
        int256 offset = _offset(values);
        int256 greatest = type(int256).min;
        for (uint256 k = 0; k < network.outputs; ++k) {
            int256 sum = _product(weights, network.outputsAt + k * stride, values) - offset;
            if (sum > greatest) (best, greatest) = (k, sum);
        }
    }

    function _activations(
        TwoLayers memory network,
        bytes memory weights,
        uint256[] memory values
    ) private pure returns (uint256[] memory activations) {
        activations = _row(network.hidden);
        uint256 stride = TensorLib.strideBytes(network.inputs, _WEIGHT_BYTES);
        int256 offset = _offset(values) - int256(1 << (network.shift - 1));
        for (uint256 j = 0; j < network.hidden; ++j) {
            int256 sum = _product(weights, network.hiddenAt + j * stride, values) - offset;
            if (sum < 0) continue;
            // Shifting a number that is not negative rounds down.
            uint256 activation = uint256(sum) >> network.shift;
            activations[j] = activation < uint64(_MAX_ACTIVATION) ? activation : uint64(_MAX_ACTIVATION);
        }
    }

    function _isQuery(TensorEntry memory entry) private pure returns (bool) {
        return entry.role == Role.Query && entry.rows == 1;
    }

    function _isActivation(TensorEntry memory entry) private pure returns (bool) {
        return entry.elementType == _U8 && entry.lowest == 0 && entry.highest == _MAX_ACTIVATION;
    }

    function _isWeights(TensorEntry memory entry, uint256 slot) private pure returns (bool) {
        return entry.role == Role.Weights && entry.index == slot && entry.elementType == _I16;
    }

    /// @dev The larger tensor comes first, of equal ones that of slot 0.
    function _place(
        TensorEntry memory hidden,
        TensorEntry memory outputs,
        uint8 shift
    ) private pure returns (TwoLayers memory network) {
        uint256 hiddenBytes = WeightsLib.tensorLeaves(hidden) * FileTreeLib.LEAF_BYTES;
        uint256 outputsBytes = WeightsLib.tensorLeaves(outputs) * FileTreeLib.LEAF_BYTES;
        network.inputs = hidden.columns;
        network.hidden = hidden.rows;
        network.outputs = outputs.rows;
        network.shift = shift;
        if (hiddenBytes < outputsBytes) network.hiddenAt = outputsBytes;
        else network.outputsAt = hiddenBytes;
        network.leaves = (hiddenBytes + outputsBytes) / FileTreeLib.LEAF_BYTES;
    }

    /// @dev Room for a row's elements, zeros up to a multiple of 16.
    function _row(uint256 columns) private pure returns (uint256[] memory) {
        return new uint256[](((columns + 15) / 16) * 16);
    }

    /// @dev What `_product` counts too much: 2^15 for each weight.
    function _offset(uint256[] memory values) private pure returns (int256) {
        uint256 sum = 0;
        for (uint256 i = 0; i < values.length; ++i) sum += values[i];
        return int256(sum << 15);
    }

    /// @dev Sum of the values times the little-endian i16 from byte `start` on, 2^15 added to each of these: then none is negative, and 16 can be
    /// brought from a word to their places at once. Whatever lies behind a row's end is multiplied by 0.
    function _product(bytes memory weights, uint256 start, uint256[] memory values) private pure returns (int256 sum) {
        assembly ("memory-safe") {
            function four(numbers, factors) -> part {
                part := add(
                    add(
                        mul(shr(240, numbers), mload(factors)),
                        mul(and(shr(224, numbers), 0xffff), mload(add(factors, 0x20)))
                    ),
                    add(
                        mul(and(shr(208, numbers), 0xffff), mload(add(factors, 0x40))),
                        mul(and(shr(192, numbers), 0xffff), mload(add(factors, 0x60)))
                    )
                )
            }
            let row := add(add(weights, 0x20), start)
            let value := add(values, 0x20)
            for {
                let end := add(value, shl(5, mload(values)))
            } lt(value, end) {
                row := add(row, 0x20)
            } {
                let word := mload(row)
                word := or(
                    and(shr(8, word), 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff),
                    shl(8, and(word, 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff))
                )
                word := xor(word, 0x8000800080008000800080008000800080008000800080008000800080008000)
                sum := add(
                    sum,
                    add(
                        add(four(word, value), four(shl(64, word), add(value, 0x80))),
                        add(four(shl(128, word), add(value, 0x100)), four(shl(192, word), add(value, 0x180)))
                    )
                )
                value := add(value, 0x200)
            }
        }
    }
}
