// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Who runs workers, with which key and at which address
/// @notice An operator is the account that registers. Its worker signs with a secp256k1 key, the signer, which may be
/// replaced at any time. A signer belongs to its first operator for ever: what an old key signed stays attributable.
/// Warning: an entry says that the operator answers for what the signer signs. It is no proof that the operator holds
/// the key: an account that enters another's key takes the blame for it, and keeps that key from other operators.
interface IOperatorRegistry {
    /// @param operator The new operator.
    /// @param signer Its worker's key.
    /// @param endpoint Its worker's HTTP base URL, or empty.
    event OperatorRegistered(address indexed operator, address indexed signer, string endpoint);
    event SignerChanged(address indexed operator, address indexed oldSigner, address indexed newSigner);
    event EndpointChanged(address indexed operator, string endpoint);

    error OperatorRegistryInvalidDelay(uint48 delaySeconds, uint48 maxSeconds);
    error OperatorRegistryAlreadyRegistered(address operator);
    error OperatorRegistryNotOperator(address account);
    error OperatorRegistryZeroSigner();
    error OperatorRegistrySignerTaken(address signer, address operator);
    error OperatorRegistryEndpointTooLong(uint256 actualBytes, uint256 maxBytes);

    /// @notice Makes the caller an operator.
    /// @param signer The key its worker signs with; never used by any operator before.
    /// @param endpoint HTTP base URL of its worker, at most 256 bytes, may be empty.
    function register(address signer, string calldata endpoint) external;

    /// @notice Replaces the caller's signer. The old one stays mapped to the caller.
    function setSigner(address signer) external;

    /// @notice Replaces the caller's endpoint.
    function setEndpoint(string calldata endpoint) external;

    /// @return How long, in seconds, staking makes everybody wait who lowers what he answers for or raises what others
    /// risk. One value for the whole deployment.
    function delaySeconds() external view returns (uint48);

    function isOperator(address account) external view returns (bool);

    /// @return The signer in use, or zero for an account that is no operator.
    function signerOf(address operator) external view returns (address);

    /// @return The operator that entered `signer`, be it still in use or not, or zero.
    function operatorOfSigner(address signer) external view returns (address);

    function endpointOf(address operator) external view returns (string memory);
}
