// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Bytes kept as contract code
/// @notice Code is cheaper than storage to write from 32 bytes on and to read from 64 on, and never changes. The code starts with a zero
/// byte (STOP), so that calling it does nothing.
library CodeLib {
    /// @notice A contract has at most 24,576 bytes of code (EIP-170), here with the zero.
    uint256 internal constant MAX_BYTES = 24_575;

    error CodeTooLong(uint256 actualBytes, uint256 maxBytes);

    /// @notice The call ran out of gas: a byte costs 200.
    error CodeWriteFailed();

    /// @notice Creates a contract with `content` as its code.
    function write(bytes memory content) internal returns (address stored) {
        if (content.length > MAX_BYTES) revert CodeTooLong(content.length, MAX_BYTES);
        // PUSH4 length, DUP1, PUSH1 14, PUSH1 0, CODECOPY, PUSH1 0, RETURN: returns what follows these 14 bytes.
        bytes memory creation = abi.encodePacked(
            hex"63",
            uint32(content.length + 1),
            hex"80600e6000396000f3",
            hex"00",
            content
        );
        assembly ("memory-safe") {
            stored := create(0, add(creation, 0x20), mload(creation))
        }
        if (stored == address(0)) revert CodeWriteFailed();
    }

    /// @notice What `write` kept at `stored`.
    function read(address stored) internal view returns (bytes memory content) {
        content = new bytes(stored.code.length - 1);
        assembly ("memory-safe") {
            extcodecopy(stored, add(content, 0x20), 1, mload(content))
        }
    }
}
