import { decodeTensor } from "../src/core/tensor.ts";
import { EXP_TABLE_LENGTH, EXP_TABLE_ROOT, expTableFile } from "../src/compute/exp-table.ts";

/** Where the contracts have the table. */
export const EXP_TABLE_SOURCE = "contracts/libraries/generated/ExpTable.sol";

const ENTRY_BYTES = 2;
const LINE_BYTES = 48;

/** The Solidity source of the table of `softmaxGradient`. Entry 0 is 2^16 and has no place in two bytes. */
export function expTableSource(): string {
  const table = decodeTensor({ type: "i32", rows: 1, columns: EXP_TABLE_LENGTH }, expTableFile());
  const bytes = Buffer.alloc(ENTRY_BYTES * (EXP_TABLE_LENGTH - 1));
  table.subarray(1).forEach((entry, index) => bytes.writeUInt16BE(entry, ENTRY_BYTES * index));
  const lines = Array.from({ length: Math.ceil(bytes.length / LINE_BYTES) }, (_, line) => {
    const part = bytes.subarray(line * LINE_BYTES, (line + 1) * LINE_BYTES);
    return `        hex"${part.toString("hex")}"`;
  });
  return `// SPDX-License-Identifier: MIT
// Written by scripts/exp-table.ts from src/compute/exp-table.ts. Do not edit.
pragma solidity ^0.8.30;

/// @title The exponentials of \`softmaxGradient\`
/// @notice round(2^16 e^(-d/64)) at d, the last one 0: the table with the root
/// ${EXP_TABLE_ROOT}.
library ExpTable {
    uint256 internal constant LENGTH = ${EXP_TABLE_LENGTH};
    uint256 private constant FIRST = ${table[0] ?? 0};
    bytes private constant OTHERS =
${lines.join("\n")};

    /// @notice All entries but the first, ${ENTRY_BYTES} bytes each, for \`entryAt\`.
    function others() internal pure returns (bytes memory) {
        return OTHERS;
    }

    /// @notice The entry at a distance, which is the last one from its place on.
    function entryAt(bytes memory entries, uint256 distance) internal pure returns (uint256 entry) {
        if (distance == 0) return FIRST;
        if (distance >= LENGTH) distance = LENGTH - 1;
        assembly ("memory-safe") {
            // Two bytes each after the length, from distance 1 on.
            entry := shr(240, mload(add(entries, add(0x1e, shl(1, distance)))))
        }
    }
}
`;
}
