// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IModelShares } from "../../contracts/interfaces/models/IModelShares.sol";
import { TreeTool } from "./TreeTool.sol";

/// @notice An accounts file and an allocation tensor, built leaf by leaf from their description in the specification.
library AllocationTool {
    struct Files {
        address[] accounts;
        uint64[] amounts;
    }

    struct Opening {
        bytes accountLeaf;
        bytes32[] accountSiblings;
        bytes allocationLeaf;
        bytes32[] allocationSiblings;
    }

    function accountsRoot(Files memory files) internal pure returns (bytes32) {
        return TreeTool.root(_accountHashes(files));
    }

    function allocationRoot(Files memory files) internal pure returns (bytes32) {
        return TreeTool.root(_amountHashes(files));
    }

    function open(Files memory files, uint256 index) internal pure returns (Opening memory opening) {
        opening.accountLeaf = _accountLeaf(files, index / 8);
        opening.accountSiblings = TreeTool.path(_accountHashes(files), index / 8, 1);
        opening.allocationLeaf = _amountLeaf(files, index / 32);
        opening.allocationSiblings = TreeTool.path(_amountHashes(files), index / 32, 1);
    }

    function claim(Files memory files, IModelShares shares, uint256 index) internal {
        claim(shares, uint32(index), files.accounts[index], files.amounts[index], open(files, index));
    }

    function claim(IModelShares shares, uint32 index, address account, uint64 amount, Opening memory opening) internal {
        shares.claim(
            index,
            account,
            amount,
            opening.accountLeaf,
            opening.accountSiblings,
            opening.allocationLeaf,
            opening.allocationSiblings
        );
    }

    function _accountHashes(Files memory files) private pure returns (bytes32[] memory hashes) {
        uint256 chunks = (files.accounts.length + 7) / 8;
        hashes = new bytes32[](_flowPadded(chunks));
        for (uint256 i = 0; i < hashes.length; ++i) hashes[i] = keccak256(_accountLeaf(files, i));
    }

    function _amountHashes(Files memory files) private pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](_powerOfTwo((files.amounts.length + 31) / 32));
        for (uint256 i = 0; i < hashes.length; ++i) hashes[i] = keccak256(_amountLeaf(files, i));
    }

    function _accountLeaf(Files memory files, uint256 leafIndex) private pure returns (bytes memory leaf) {
        for (uint256 i = leafIndex * 8; i < leafIndex * 8 + 8; ++i) {
            address account = i < files.accounts.length ? files.accounts[i] : address(0);
            leaf = abi.encodePacked(leaf, bytes12(0), account);
        }
    }

    function _amountLeaf(Files memory files, uint256 leafIndex) private pure returns (bytes memory leaf) {
        leaf = new bytes(256);
        for (uint256 i = 0; i < 32 && leafIndex * 32 + i < files.amounts.length; ++i) {
            uint64 amount = files.amounts[leafIndex * 32 + i];
            for (uint256 j = 0; j < 8; ++j) leaf[i * 8 + j] = bytes1(uint8(amount >> (8 * j)));
        }
    }

    function _flowPadded(uint256 chunks) private pure returns (uint256) {
        uint256 unit = _powerOfTwo(chunks) / 16;
        if (unit == 0) unit = 1;
        return ((chunks + unit - 1) / unit) * unit;
    }

    function _powerOfTwo(uint256 value) private pure returns (uint256 power) {
        power = 1;
        while (power < value) power *= 2;
    }
}
