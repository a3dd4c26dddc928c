// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Execution, IOneStepVerifier, Operand, Spot } from "../interfaces/compute/IOneStepVerifier.sol";
import { IProgramRegistry } from "../interfaces/compute/IProgramRegistry.sol";
import { ElementLib, Elements } from "../libraries/ElementLib.sol";
import { FileTreeLib } from "../libraries/FileTreeLib.sol";
import { OneStepLib, Read, Site } from "../libraries/OneStepLib.sol";
import { OperandLib, Scene, Wanted } from "../libraries/OperandLib.sol";
import { OperationEntry, ProgramLib, Role, TensorEntry } from "../libraries/ProgramLib.sol";
import { TensorLib } from "../libraries/TensorLib.sol";

/// @title The judge of one element
contract OneStepVerifier is IOneStepVerifier {
    /// @dev The terms are as many i64.
    uint256 private constant TERMS = 8;

    /// @inheritdoc IOneStepVerifier
    IProgramRegistry public immutable programs;

    constructor(IProgramRegistry programs_) {
        programs = programs_;
    }

    /// @inheritdoc IOneStepVerifier
    function judge(
        Execution calldata execution,
        Spot calldata spot,
        bytes calldata leaf,
        uint256 element,
        Operand[] calldata operands
    ) external view returns (int256 actual, int256 expected) {
        Scene memory scene = _scene(execution, spot);
        Site memory site = _site(scene, execution, spot);
        actual = _committed(site.output, leaf, element);
        if (_place(site, spot.leafIndex, element)) {
            expected = OneStepLib.expected(site, _open(scene, site, execution, spot, operands));
        } else if (operands.length > 0) {
            revert OneStepOperands(operands.length, 0);
        }
    }

    function _scene(Execution calldata execution, Spot calldata spot) private view returns (Scene memory scene) {
        (address code, uint256 fileLeaves) = programs.programOf(execution.program);
        scene.head = ProgramLib.load(code);
        scene.fileLeaves = fileLeaves;
        (scene.firstOperation, scene.operations) = ProgramLib.operationsOf(scene.head, execution.section);
        if (spot.operation >= scene.operations) revert OneStepOperation(spot.operation, scene.operations);
    }

    /// @dev All of the site but the element's row and column.
    function _site(
        Scene memory scene,
        Execution calldata execution,
        Spot calldata spot
    ) private pure returns (Site memory site) {
        bytes memory head = scene.head;
        OperationEntry memory operation = ProgramLib.operationAt(head, scene.firstOperation + spot.operation);
        uint256 count = 0;
        while (count < operation.operands.length && operation.operands[count] != ProgramLib.NO_TENSOR) ++count;
        site.operation = operation;
        OperandLib.readSized(head, operation.output, execution, site.output);
        site.operands = new TensorEntry[](count);
        for (uint256 i = 0; i < count; ++i) {
            OperandLib.readSized(head, operation.operands[i], execution, site.operands[i]);
        }
        site.seed = execution.seed;
        site.samples = execution.samples;
        site.position = execution.position + uint256(spot.step) * ProgramLib.batch(head);
        bytes32[2] calldata terms = execution.terms;
        uint256 offset;
        assembly ("memory-safe") {
            offset := terms
        }
        site.terms = Elements(ElementLib.I64, offset, TERMS);
    }

    /// @dev The element as the leaf has it.
    function _committed(TensorEntry memory output, bytes calldata leaf, uint256 element) private pure returns (int256) {
        if (leaf.length != FileTreeLib.LEAF_BYTES) revert OneStepLeafBytes(leaf.length, FileTreeLib.LEAF_BYTES);
        uint256 elements = FileTreeLib.LEAF_BYTES / ProgramLib.elementBytes(output.elementType);
        if (element >= elements) revert OneStepElement(element, elements);
        uint256 offset;
        assembly ("memory-safe") {
            offset := leaf.offset
        }
        return ElementLib.valueAt(Elements(output.elementType, offset, elements), element);
    }

    /// @dev Sets the element's row and column, and tells whether they lie in the shape.
    function _place(Site memory site, uint256 leafIndex, uint256 element) private pure returns (bool) {
        uint256 size = ProgramLib.elementBytes(site.output.elementType);
        uint256 stride = TensorLib.strideBytes(site.output.columns, size);
        uint256 start = leafIndex * FileTreeLib.LEAF_BYTES + element * size;
        site.row = start / stride;
        site.column = (start % stride) / size;
        return site.row < site.output.rows && site.column < site.output.columns;
    }

    /// @dev What the element reads. Terms are known, everything else must be among the operands.
    function _open(
        Scene memory scene,
        Site memory site,
        Execution calldata execution,
        Spot calldata spot,
        Operand[] calldata operands
    ) private pure returns (Elements[] memory given) {
        Read[] memory reads = OneStepLib.reads(site);
        given = new Elements[](reads.length);
        Wanted memory wanted;
        for (uint256 i = 0; i < reads.length; ++i) {
            bool isBefore = reads[i].operand == OneStepLib.BEFORE;
            wanted.read = reads[i];
            wanted.entry = isBefore ? site.output : site.operands[reads[i].operand];
            if (wanted.entry.role == Role.Terms) {
                given[i] = ElementLib.slice(site.terms, reads[i].row * TERMS + reads[i].column, reads[i].count);
                continue;
            }
            if (wanted.index == operands.length) revert OneStepOperands(operands.length, wanted.index + 1);
            wanted.tensor = isBefore ? site.operation.output : site.operation.operands[reads[i].operand];
            given[i] = OperandLib.open(scene, execution, spot, wanted, operands[wanted.index]);
            ++wanted.index;
        }
        if (wanted.index != operands.length) revert OneStepOperands(operands.length, wanted.index);
    }
}
