// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRegistry } from "../../contracts/interfaces/compute/IProgramRegistry.sol";
import { CodeLib } from "../../contracts/libraries/CodeLib.sol";

/// @notice A registry that takes any head, under any root.
contract ProgramsMock {
    struct Registration {
        address code;
        uint256 fileLeaves;
    }

    mapping(bytes32 programRoot => Registration) private _registrations;

    function set(bytes32 programRoot, bytes calldata head, uint256 fileLeaves) external {
        _registrations[programRoot] = Registration(CodeLib.write(head), fileLeaves);
    }

    function programOf(bytes32 programRoot) external view returns (address code, uint256 fileLeaves) {
        Registration memory registration = _registrations[programRoot];
        require(registration.code != address(0), IProgramRegistry.ProgramRegistryUnknown(programRoot));
        return (registration.code, registration.fileLeaves);
    }
}
