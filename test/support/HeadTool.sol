// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice Heads of programs, word by word.
library HeadTool {
    /// @notice A head of one part of one step of one sample.
    function head(uint256[] memory tensors, uint256[] memory operations) internal pure returns (bytes memory) {
        bytes memory header = abi.encodePacked(
            "GLASSBOX",
            uint16(1),
            uint16(tensors.length),
            uint16(operations.length),
            uint16(0x0100),
            uint32(1),
            uint32(1),
            new bytes(232)
        );
        return bytes.concat(header, _table(tensors), _table(operations));
    }

    /// @notice i16 [1][8] from -7 to 7, static.
    function tensor(uint256 role, uint256 section, uint256 output) internal pure returns (uint256) {
        uint256 shape = (1 << 32) | 8;
        uint256 bounds = (uint256(uint64(int64(-7))) << 64) | 7;
        return (3 << 248) | (role << 240) | (section << 216) | (output << 208) | (shape << 128) | bounds;
    }

    function operation(
        uint256 code,
        uint256 section,
        uint256 output,
        uint256 operands,
        uint256 shift,
        uint256 multiplier
    ) internal pure returns (uint256) {
        uint256 fields = (shift << 168) | (multiplier << 128);
        return (code << 248) | (section << 240) | (output << 224) | (operands << 176) | fields;
    }

    /// @notice The smallest program that is trained: `init` fills a tensor, and a step takes half of it from itself.
    function smallest() internal pure returns (bytes memory) {
        uint256[] memory tensors = new uint256[](3);
        uint256[] memory operations = new uint256[](2);
        tensors[0] = tensor(0, 0, 1);
        tensors[1] = tensor(2, 1, 0);
        tensors[2] = tensor(0, 1, 1);
        operations[0] = operation(1, 0, 0, 0xffffffffffff, 1, 1);
        operations[1] = operation(9, 1, 2, 0x00010001ffff, 1, 0);
        return head(tensors, operations);
    }

    function _table(uint256[] memory words) private pure returns (bytes memory) {
        uint256 padding = (8 - (words.length % 8)) % 8;
        return bytes.concat(abi.encodePacked(words), new bytes(padding * 32));
    }
}
