// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { vm } from "./Vm.sol";

/// @notice Creates a contract from the compiler's artifact. A test that said `new` would contain the contract's code and all
/// its children's, and compile them again.
/// It reverts with what the constructor reverts with.
/// @param folder Folder below `contracts/`
/// @param name Name of the contract and of its file
/// @param arguments What its constructor takes, encoded
function deployArtifact(string memory folder, string memory name, bytes memory arguments) returns (address deployed) {
    string memory path = string.concat("artifacts/contracts/", folder, "/", name, ".sol/", name, ".json");
    bytes memory code = abi.decode(vm.parseJson(vm.readFile(path), ".bytecode"), (bytes));
    bytes memory creation = bytes.concat(code, arguments);
    assembly ("memory-safe") {
        deployed := create(0, add(creation, 0x20), mload(creation))
        if iszero(deployed) {
            returndatacopy(0, 0, returndatasize())
            revert(0, returndatasize())
        }
    }
}
