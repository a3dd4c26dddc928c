// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ServiceParams } from "../../contracts/interfaces/staking/IServiceRegistry.sol";

/// @notice The views of the service and operator registries that tables and evidence are made of, set by the test.
contract HomeStub {
    struct Validator {
        address operator;
        uint256 weight;
        bytes key;
    }

    struct KeyInfo {
        address operator;
        uint48 endedAt;
    }

    uint48 public immutable delaySeconds;
    uint48 public immutable epochSeconds;

    uint16 public seats;
    mapping(address signer => KeyInfo) public signerInfo;
    mapping(bytes32 keyHash => KeyInfo) public blsKeyInfo;

    mapping(uint16 seat => Validator) private _validators;
    mapping(address operator => uint16 seat) private _seats;

    constructor(uint48 delaySeconds_, uint48 epochSeconds_) {
        (delaySeconds, epochSeconds) = (delaySeconds_, epochSeconds_);
    }

    function setSeats(uint16 seats_) external {
        seats = seats_;
    }

    function setValidator(uint16 seat, Validator calldata validator) external {
        _validators[seat] = validator;
        _seats[validator.operator] = seat;
        if (validator.key.length != 0) blsKeyInfo[keccak256(validator.key)] = KeyInfo(validator.operator, 0);
    }

    function setSigner(address signer, address operator, uint48 endedAt) external {
        signerInfo[signer] = KeyInfo(operator, endedAt);
    }

    function endKey(bytes32 keyHash, uint48 endedAt) external {
        blsKeyInfo[keyHash].endedAt = endedAt;
    }

    function operators() external view returns (address) {
        return address(this);
    }

    function service(uint32) external view returns (ServiceParams memory params) {
        params.seats = seats;
    }

    function seatAt(uint32, uint16 seat, uint48) external view returns (address) {
        return _validators[seat].operator;
    }

    function votingWeightAt(uint32, address operator, uint48) external view returns (uint256) {
        return _of(operator).weight;
    }

    function blsKeyAt(address operator, uint48) external view returns (bytes memory) {
        return _of(operator).key;
    }

    function _of(address operator) private view returns (Validator storage) {
        return _validators[_seats[operator]];
    }
}
