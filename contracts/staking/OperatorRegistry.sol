// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";

/// @title Operators, their signers and endpoints
contract OperatorRegistry is IOperatorRegistry {
    uint256 private constant _MAX_ENDPOINT_BYTES = 256;
    uint48 private constant _MAX_DELAY_SECONDS = 365 days;

    uint48 public immutable delaySeconds;

    mapping(address operator => address) private _signers;
    mapping(address signer => address) private _operators;
    mapping(address operator => string) private _endpoints;

    constructor(uint48 delaySeconds_) {
        if (delaySeconds_ == 0 || delaySeconds_ > _MAX_DELAY_SECONDS) {
            revert OperatorRegistryInvalidDelay(delaySeconds_, _MAX_DELAY_SECONDS);
        }
        delaySeconds = delaySeconds_;
    }

    modifier onlyOperator() {
        if (!isOperator(msg.sender)) revert OperatorRegistryNotOperator(msg.sender);
        _;
    }

    function register(address signer, string calldata endpoint) external {
        if (isOperator(msg.sender)) revert OperatorRegistryAlreadyRegistered(msg.sender);
        _setSigner(signer);
        _setEndpoint(endpoint);
        emit OperatorRegistered(msg.sender, signer, endpoint);
    }

    function setSigner(address signer) external onlyOperator {
        address oldSigner = _signers[msg.sender];
        _setSigner(signer);
        emit SignerChanged(msg.sender, oldSigner, signer);
    }

    function setEndpoint(string calldata endpoint) external onlyOperator {
        _setEndpoint(endpoint);
        emit EndpointChanged(msg.sender, endpoint);
    }

    function signerOf(address operator) external view returns (address) {
        return _signers[operator];
    }

    function operatorOfSigner(address signer) external view returns (address) {
        return _operators[signer];
    }

    function endpointOf(address operator) external view returns (string memory) {
        return _endpoints[operator];
    }

    function isOperator(address account) public view returns (bool) {
        return _signers[account] != address(0);
    }

    function _setSigner(address signer) private {
        if (signer == address(0)) revert OperatorRegistryZeroSigner();
        address holder = _operators[signer];
        if (holder != address(0)) revert OperatorRegistrySignerTaken(signer, holder);
        _operators[signer] = msg.sender;
        _signers[msg.sender] = signer;
    }

    function _setEndpoint(string calldata endpoint) private {
        uint256 length = bytes(endpoint).length;
        if (length > _MAX_ENDPOINT_BYTES) revert OperatorRegistryEndpointTooLong(length, _MAX_ENDPOINT_BYTES);
        _endpoints[msg.sender] = endpoint;
    }
}
