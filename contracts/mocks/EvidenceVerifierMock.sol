// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IEvidenceVerifier } from "../interfaces/staking/IEvidenceVerifier.sol";

/// @notice Believes whatever the evidence says, except evidence that is empty.
contract EvidenceVerifierMock is IEvidenceVerifier {
    error EvidenceVerifierMockEmpty();

    function verify(
        uint32,
        bytes calldata evidence
    ) external pure returns (address operator, bytes32 offenceKey, uint48 capturedAt, uint64 wad, address beneficiary) {
        if (evidence.length == 0) revert EvidenceVerifierMockEmpty();
        return abi.decode(evidence, (address, bytes32, uint48, uint64, address));
    }
}
