// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Extent, Role, Section } from "../../contracts/libraries/ProgramLib.sol";
import { ProgramTool } from "./ProgramTool.sol";

/// @notice A program by its sizes: weights of two leaves and of one, 784 columns a sample, parts of 100 steps of 4 samples. A step
/// has four operations: the second writes a tensor of 64 leaves, the fourth one of 512 leaves, the others the weights.
library GameProgram {
    uint8 internal constant PARTS = 2;
    uint32 internal constant BATCH = 4;
    uint32 internal constant STEPS = 100;
    uint256 internal constant WEIGHTS_BYTES = 768;
    uint256 internal constant FILE_LEAVES = 9;

    function head(uint8 parts) internal pure returns (bytes memory) {
        return sized(parts, STEPS, 64, 64, 128);
    }

    /// @param samples Limit of samples, as of accounts and credits
    function sized(
        uint8 parts,
        uint32 steps,
        uint32 samples,
        uint32 credits,
        uint32 accounts
    ) internal pure returns (bytes memory) {
        ProgramTool.Tensor[] memory tensors = new ProgramTool.Tensor[](15);
        uint256 i;
        tensors[i++] = weights(Section.Init, 1);
        tensors[i++] = weights(Section.Init, 2);
        tensors[i++] = outside(ProgramTool.U8, Role.Samples, Section.Step, Extent.Samples, samples, 784);
        tensors[i++] = outside(ProgramTool.U8, Role.Labels, Section.Step, Extent.Samples, samples, 1);
        tensors[i++] = weights(Section.Step, 1);
        tensors[i++] = computed(ProgramTool.I32, Section.Step, Extent.Static, 64, 64);
        tensors[i++] = weights(Section.Step, 2);
        tensors[i++] = computed(ProgramTool.I32, Section.Step, Extent.Static, 128, 256);
        tensors[i++] = weights(Section.Average, 1);
        tensors[i++] = weights(Section.Average, 2);
        tensors[i++] = outside(ProgramTool.U8, Role.Records, Section.Allocate, Extent.Samples, samples, 256);
        tensors[i++] = outside(ProgramTool.I32, Role.Credits, Section.Allocate, Extent.Credits, credits, 1);
        tensors[i++] = outside(ProgramTool.I64, Role.Terms, Section.Allocate, Extent.Static, 1, 8);
        tensors[i++] = computed(ProgramTool.I32, Section.Allocate, Extent.Samples, samples, 1);
        tensors[i] = computed(ProgramTool.I64, Section.Allocate, Extent.Accounts, accounts, 1);
        tensors[i].output = 1;

        ProgramTool.Operation[] memory operations = new ProgramTool.Operation[](10);
        uint16[10] memory written = [uint16(0), 1, 4, 5, 6, 7, 8, 9, 13, 14];
        for (i = 0; i < written.length; ++i) {
            operations[i] = ProgramTool.Operation(uint8(i + 1), tensors[written[i]].section, written[i]);
        }
        return ProgramTool.head(parts, BATCH, steps, tensors, operations);
    }

    /// @dev Slot 0 has one leaf and slot 1 two, so that their order in the file is not that of the slots.
    function weights(Section section, uint8 output) private pure returns (ProgramTool.Tensor memory tensor) {
        uint8 elementType = output == 1 ? ProgramTool.I32 : ProgramTool.I16;
        tensor =
            output == 1
                ? computed(elementType, section, Extent.Static, 3, 4)
                : computed(elementType, section, Extent.Static, 8, 32);
        tensor.output = output;
    }

    function computed(
        uint8 elementType,
        Section section,
        Extent rowExtent,
        uint32 rows,
        uint32 columns
    ) private pure returns (ProgramTool.Tensor memory) {
        return ProgramTool.Tensor(elementType, Role.Computed, section, 0, rowExtent, rows, columns);
    }

    function outside(
        uint8 elementType,
        Role role,
        Section section,
        Extent rowExtent,
        uint32 rows,
        uint32 columns
    ) private pure returns (ProgramTool.Tensor memory) {
        return ProgramTool.Tensor(elementType, role, section, 0, rowExtent, rows, columns);
    }
}
