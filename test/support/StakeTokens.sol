// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { TokenMock } from "../../contracts/mocks/TokenMock.sol";

/// @notice Keeps one base unit of every transfer.
contract FeeTokenMock is TokenMock {
    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0) || value == 0) return super._update(from, to, value);
        super._update(from, to, value - 1);
        super._update(from, address(0), 1);
    }
}

/// @notice Counts parts of a whole: a balance is a number of parts times a factor, which may change at any time, and a
/// transfer moves whole parts.
contract RebasingTokenMock is TokenMock {
    uint256 private constant _ONE = 1e18;

    uint256 private _factor = _ONE;

    function rebase(uint256 factor) external {
        _factor = factor;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return (super.balanceOf(account) * _factor) / _ONE;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, (value * _ONE) / _factor);
    }
}

/// @notice Refuses every transfer while it is broken.
contract BrokenTokenMock is TokenMock {
    error BrokenTokenMockBroken();

    bool public broken;

    function setBroken(bool broken_) external {
        broken = broken_;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (broken) revert BrokenTokenMockBroken();
        super._update(from, to, value);
    }
}

/// @notice Makes one call set beforehand in the middle of the next transfer.
contract ReentrantTokenMock is TokenMock {
    address private _target;
    bytes private _call;

    function setCall(address target, bytes calldata call_) external {
        _target = target;
        _call = call_;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        address target = _target;
        if (target == address(0)) return;
        _target = address(0);
        (bool success, bytes memory result) = target.call(_call);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(result, 32), mload(result))
        }
    }
}
