// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Extent, Role, Section } from "../../contracts/libraries/ProgramLib.sol";

/// @notice Writes heads of programs word by word. Nothing is validated: the operations need not make sense.
library ProgramTool {
    uint8 internal constant U8 = 2;
    uint8 internal constant I16 = 3;
    uint8 internal constant I32 = 4;
    uint8 internal constant I64 = 5;

    /// @param output 0, or 1 + the slot that the tensor is the section's output for
    struct Tensor {
        uint8 elementType;
        Role role;
        Section section;
        uint8 output;
        Extent rowExtent;
        uint32 rows;
        uint32 columns;
    }

    struct Operation {
        uint8 code;
        Section section;
        uint16 output;
    }

    function head(
        uint8 parts,
        uint32 batch,
        uint32 stepsPerPart,
        Tensor[] memory tensors,
        Operation[] memory operations
    ) internal pure returns (bytes memory result) {
        result = abi.encodePacked(
            "GLASSBOX",
            uint16(1),
            uint16(tensors.length),
            uint16(operations.length),
            parts,
            uint8(0),
            batch,
            stepsPerPart
        );
        result = padded(result);
        bytes memory table;
        for (uint256 i = 0; i < tensors.length; ++i) table = abi.encodePacked(table, word(tensors[i]));
        result = abi.encodePacked(result, padded(table));
        table = "";
        for (uint256 i = 0; i < operations.length; ++i) table = abi.encodePacked(table, word(operations[i]));
        result = abi.encodePacked(result, padded(table));
    }

    function word(Tensor memory tensor) private pure returns (bytes32) {
        return
            bytes32(
                abi.encodePacked(
                    tensor.elementType,
                    uint8(tensor.role),
                    uint16(0),
                    uint8(tensor.section),
                    tensor.output,
                    uint8(tensor.rowExtent),
                    uint8(Extent.Static),
                    tensor.rows,
                    tensor.columns,
                    uint128(0)
                )
            );
    }

    function word(Operation memory operation) private pure returns (bytes32) {
        return
            bytes32(
                abi.encodePacked(
                    operation.code,
                    uint8(operation.section),
                    operation.output,
                    type(uint48).max,
                    uint48(0),
                    uint128(0)
                )
            );
    }

    function padded(bytes memory content) private pure returns (bytes memory) {
        return abi.encodePacked(content, new bytes((256 - (content.length % 256)) % 256));
    }
}
