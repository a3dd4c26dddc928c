// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProgramRegistry } from "../interfaces/compute/IProgramRegistry.sol";
import { CodeLib } from "../libraries/CodeLib.sol";
import { ProgramConstantsLib } from "../libraries/ProgramConstantsLib.sol";
import { ProgramDraft, ProgramDraftLib } from "../libraries/ProgramDraftLib.sol";
import { ProgramOperationsLib } from "../libraries/ProgramOperationsLib.sol";
import { ProgramRolesLib } from "../libraries/ProgramRolesLib.sol";
import { ProgramWeightsLib } from "../libraries/ProgramWeightsLib.sol";

/// @title Programs that can be judged
contract ProgramRegistry is IProgramRegistry {
    /// @dev One slot.
    struct Registration {
        address code;
        uint64 fileLeaves;
    }

    mapping(bytes32 programRoot => Registration) private _registrations;

    /// @inheritdoc IProgramRegistry
    function register(bytes calldata head, bytes32[] calldata constantRoots) external returns (bytes32 programRoot) {
        bytes memory content = head;
        ProgramDraft memory draft = ProgramDraftLib.read(content);
        uint256 fileLeaves;
        (programRoot, fileLeaves) = ProgramConstantsLib.place(draft, content, constantRoots);
        if (isRegistered(programRoot)) revert ProgramRegistryKnown(programRoot);
        ProgramRolesLib.check(draft);
        ProgramConstantsLib.check(draft);
        ProgramOperationsLib.check(draft);
        ProgramWeightsLib.check(draft);

        address code = CodeLib.write(content);
        _registrations[programRoot] = Registration(code, uint64(fileLeaves));
        emit ProgramRegistered(programRoot, code, fileLeaves);
    }

    /// @inheritdoc IProgramRegistry
    function programOf(bytes32 programRoot) external view returns (address code, uint256 fileLeaves) {
        Registration memory registration = _registrations[programRoot];
        if (registration.code == address(0)) revert ProgramRegistryUnknown(programRoot);
        return (registration.code, registration.fileLeaves);
    }

    /// @inheritdoc IProgramRegistry
    function isRegistered(bytes32 programRoot) public view returns (bool) {
        return _registrations[programRoot].code != address(0);
    }
}
