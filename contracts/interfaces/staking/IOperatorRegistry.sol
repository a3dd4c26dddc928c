// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Who runs workers, with which keys, at which address and for which commission
/// @notice An operator is the account that registers. It signs with a secp256k1 key, the signer, and, if it takes part in quorums, with a
/// BLS12-381 key. Both may be replaced at any time. A key belongs to its first operator for ever, and cannot be taken up again: what
/// an old key signed stays attributable, and `endedAt` tells how old it is.
/// Warning: a signer's entry says that the operator answers for what the signer signs. It is no proof that the operator holds
/// the key: an account that enters another's signer takes the blame for it, and keeps that signer from other operators. BLS keys need a
/// proof of possession, without which a key made up from others' keys could forge aggregated signatures.
interface IOperatorRegistry {
    /// @param operator The new operator.
    /// @param signer Its worker's key.
    /// @param endpoint Its worker's HTTP base URL, or empty.
    event OperatorRegistered(address indexed operator, address indexed signer, string endpoint);
    event SignerChanged(address indexed operator, address indexed oldSigner, address indexed newSigner);
    event EndpointChanged(address indexed operator, string endpoint);

    /// @param keyHash keccak256 of `key`.
    /// @param key 96 bytes: the coordinates of the point, 48 bytes each.
    event BlsKeyChanged(address indexed operator, bytes32 indexed keyHash, bytes key);

    /// @param effectAt When `bps` holds from, at once for a fall.
    event CommissionChanged(address indexed operator, uint16 bps, uint48 effectAt);

    error OperatorRegistryInvalidDelay(uint48 delaySeconds, uint48 maxSeconds);
    error OperatorRegistryAlreadyRegistered(address operator);
    error OperatorRegistryNotOperator(address account);
    error OperatorRegistryZeroSigner();
    error OperatorRegistrySignerTaken(address signer, address operator);
    error OperatorRegistryEndpointTooLong(uint256 actualBytes, uint256 maxBytes);
    error OperatorRegistryBlsKeyLength(uint256 actualBytes, uint256 expectedBytes);
    error OperatorRegistryBlsKeyIsIdentity();
    error OperatorRegistryBlsKeyTaken(bytes32 keyHash, address operator);

    /// @notice The proof is not by this key for this operator, registry and chain, or a point is not in its group or not in its only encoding.
    error OperatorRegistryPossessionNotProven(address operator, bytes32 keyHash);
    error OperatorRegistryCommissionTooHigh(uint16 actualBps, uint16 maxBps);

    /// @notice Makes the caller an operator.
    /// @param signer The key its worker signs with; never used by any operator before.
    /// @param endpoint HTTP base URL of its worker, at most 256 bytes, may be empty.
    function register(address signer, string calldata endpoint) external;

    /// @notice Replaces the caller's signer. The old one stays mapped to the caller.
    function setSigner(address signer) external;

    /// @notice Replaces the caller's endpoint.
    function setEndpoint(string calldata endpoint) external;

    /// @notice Sets or replaces the caller's BLS key: it stands in the tables of all epochs that begin later. The old one stays mapped to the
    /// caller.
    /// @param key A point of G1 as the precompiles of EIP-2537 take it, 128 bytes; never used by any operator before.
    /// @param proof The key's signature, a point of G2 in 256 bytes, on the EIP-712 struct `PossessionProof(address operator,bytes key)` of the
    /// domain Glassbox, version 1, with the key in 96 bytes, hashed under the tag BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_.
    function setBlsKey(bytes calldata key, bytes calldata proof) external;

    /// @notice Changes what part of the rewards of its stake the caller keeps. A fall holds at once, a rise after the delay, so that
    /// delegators can leave before. A change that is pending is replaced.
    /// @param bps Parts of 10,000.
    function setCommission(uint16 bps) external;

    /// @return How long, in seconds, staking makes everybody wait who lowers what he answers for or raises what others
    /// risk. One value for the whole deployment.
    function delaySeconds() external view returns (uint48);

    function isOperator(address account) external view returns (bool);

    /// @return The signer in use, or zero for an account that is no operator.
    function signerOf(address operator) external view returns (address);

    /// @return The operator that entered `signer`, be it still in use or not, or zero.
    function operatorOfSigner(address signer) external view returns (address);

    /// @return operator As `operatorOfSigner`.
    /// @return endedAt When the operator replaced the signer; zero while it is in use.
    function signerInfo(address signer) external view returns (address operator, uint48 endedAt);

    function endpointOf(address operator) external view returns (string memory);

    /// @notice The BLS key at the end of second `t`. Constant for every `t` in the past.
    /// @return 96 bytes, or none if the operator had no key.
    function blsKeyAt(address operator, uint48 t) external view returns (bytes memory);

    /// @param keyHash keccak256 of the key's 96 bytes.
    /// @return operator The operator that entered the key, be it still in use or not, or zero.
    /// @return endedAt When the operator replaced the key; zero while it is in use.
    function blsKeyInfo(bytes32 keyHash) external view returns (address operator, uint48 endedAt);

    /// @return The commission in force, in parts of 10,000.
    function commissionBpsOf(address operator) external view returns (uint16);

    /// @return bps The commission that was announced and does not hold yet, or zero.
    /// @return effectAt When it will hold from; zero if nothing is pending.
    function pendingCommission(address operator) external view returns (uint16 bps, uint48 effectAt);
}
