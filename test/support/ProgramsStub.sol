// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRegistry } from "../../contracts/interfaces/compute/IProgramRegistry.sol";
import { CodeLib } from "../../contracts/libraries/CodeLib.sol";

/// @notice Programs that nobody has validated.
contract ProgramsStub {
    mapping(bytes32 programRoot => address) private _codes;
    mapping(bytes32 programRoot => uint256) private _leaves;

    function keep(bytes32 programRoot, bytes calldata head, uint256 fileLeaves) external {
        _codes[programRoot] = CodeLib.write(head);
        _leaves[programRoot] = fileLeaves;
    }

    function programOf(bytes32 programRoot) external view returns (address, uint256) {
        if (_leaves[programRoot] == 0) revert IProgramRegistry.ProgramRegistryUnknown(programRoot);
        return (_codes[programRoot], _leaves[programRoot]);
    }
}
