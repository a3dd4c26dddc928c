// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IEvidenceVerifier } from "../interfaces/staking/IEvidenceVerifier.sol";

/// @notice The least that anyone does with evidence: has it judged, and remembers the offence. Gas is measured with it.
contract EvidenceDeskMock {
    mapping(uint32 serviceId => mapping(address operator => mapping(bytes32 offenceKey => bool))) public isKnown;

    function submit(IEvidenceVerifier verifier, uint32 serviceId, bytes calldata evidence) external {
        (address operator, bytes32 offenceKey, , , ) = verifier.verify(serviceId, evidence);
        isKnown[serviceId][operator][offenceKey] = true;
    }
}
