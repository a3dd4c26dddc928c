// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice Believes whatever the evidence says, after one call set beforehand that must succeed. Refuses to receive calls.
contract MeddlingVerifierMock {
    error MeddlingVerifierMockFailed();

    address private _target;
    bytes private _call;

    function setCall(address target, bytes calldata call_) external {
        _target = target;
        _call = call_;
    }

    /// @dev As `IEvidenceVerifier.verify`, but it does not promise to change nothing.
    function verify(
        uint32,
        bytes calldata evidence
    ) external returns (address operator, bytes32 offenceKey, uint48 capturedAt, uint64 wad, address beneficiary) {
        if (_target != address(0)) {
            (bool success, ) = _target.call(_call);
            if (!success) revert MeddlingVerifierMockFailed();
        }
        return abi.decode(evidence, (address, bytes32, uint48, uint64, address));
    }
}
