// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What the runner asks an invariant contract for: which functions of which contract the fuzzer may call.
abstract contract InvariantTargets {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    address internal handler;

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = handler;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(handler, actions());
    }

    function actions() public pure virtual returns (bytes4[] memory);
}
