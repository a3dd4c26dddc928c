// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { RLP } from "@openzeppelin/contracts/utils/RLP.sol";

import { vm } from "./Vm.sol";

/// @notice Block headers made for tests, with the 21 fields of Prague and Osaka.
library HeaderTool {
    using RLP for RLP.Encoder;

    function header(uint256 number, bytes32 prevrandao, uint256 timestamp) internal pure returns (bytes memory) {
        RLP.Encoder memory list = RLP.encoder();
        list.push(keccak256("parent")).push(keccak256("ommers")).push(address(1));
        list.push(keccak256("state")).push(keccak256("transactions")).push(keccak256("receipts"));
        list.push(new bytes(256)).push(uint256(0)).push(number).push(uint256(30_000_000)).push(uint256(21_000));
        list.push(timestamp).push(bytes("extra")).push(prevrandao).push(abi.encodePacked(bytes8(0)));
        list.push(uint256(7)).push(keccak256("withdrawals")).push(uint256(0)).push(uint256(0));
        list.push(keccak256("beacon")).push(keccak256("requests"));
        return list.encode();
    }

    /// @notice A header that the chain vouches for from now on.
    function seal(uint256 number, bytes32 prevrandao, uint256 timestamp) internal returns (bytes memory rlp) {
        rlp = header(number, prevrandao, timestamp);
        vm.setBlockhash(number, keccak256(rlp));
    }
}
