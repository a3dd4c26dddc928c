// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The gas of a call, for tests
contract GasMeterMock {
    error GasMeterMockFailed(bytes reason);

    /// @notice Gas of a call to a contract that nobody has called in this transaction, without what its calldata costs.
    function measure(address target, bytes calldata data) external view returns (uint256 gasUsed) {
        bytes memory input = data;
        gasUsed = gasleft();
        (bool isDone, bytes memory result) = target.staticcall(input);
        gasUsed -= gasleft();
        if (!isDone) revert GasMeterMockFailed(result);
    }
}
