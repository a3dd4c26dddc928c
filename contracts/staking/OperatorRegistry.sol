// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";
import { Bls12381Lib, G1Point } from "../libraries/Bls12381Lib.sol";
import { CodeLib } from "../libraries/CodeLib.sol";

/// @title Operators, their keys, endpoints and commissions
contract OperatorRegistry is IOperatorRegistry, EIP712 {
    using Bls12381Lib for G1Point;
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    struct KeyInfo {
        address operator;
        uint48 endedAt;
    }

    /// @dev `bps` holds until `pendingAt`, if that is not zero, and `pendingBps` from then on.
    struct Commission {
        uint16 bps;
        uint16 pendingBps;
        uint48 pendingAt;
    }

    uint256 private constant _MAX_ENDPOINT_BYTES = 256;
    uint256 private constant _BLS_KEY_BYTES = 128;
    uint48 private constant _MAX_DELAY_SECONDS = 365 days;
    uint16 private constant _MAX_COMMISSION_BPS = 10_000;
    bytes32 private constant _POSSESSION_TYPEHASH = keccak256("PossessionProof(address operator,bytes key)");

    uint48 public immutable delaySeconds;

    mapping(address operator => address) private _signers;
    mapping(address signer => KeyInfo) private _signerInfos;
    mapping(address operator => string) private _endpoints;
    /// @dev Values are the addresses that hold the keys as code.
    mapping(address operator => Checkpoints.Trace208) private _blsKeys;
    mapping(bytes32 keyHash => KeyInfo) private _blsKeyInfos;
    mapping(address operator => Commission) private _commissions;

    constructor(uint48 delaySeconds_) EIP712("Glassbox", "1") {
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
        _signerInfos[oldSigner].endedAt = _now();
        emit SignerChanged(msg.sender, oldSigner, signer);
    }

    function setEndpoint(string calldata endpoint) external onlyOperator {
        _setEndpoint(endpoint);
        emit EndpointChanged(msg.sender, endpoint);
    }

    function setBlsKey(bytes calldata key, bytes calldata proof) external onlyOperator {
        if (key.length != _BLS_KEY_BYTES) revert OperatorRegistryBlsKeyLength(key.length, _BLS_KEY_BYTES);
        G1Point memory point = abi.decode(key, (G1Point));
        if (point.isIdentity()) revert OperatorRegistryBlsKeyIsIdentity();
        bytes memory packed = point.packG1();
        bytes32 keyHash = keccak256(packed);
        address holder = _blsKeyInfos[keyHash].operator;
        if (holder != address(0)) revert OperatorRegistryBlsKeyTaken(keyHash, holder);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(_POSSESSION_TYPEHASH, msg.sender, keyHash)));
        if (!point.verifyPossession(digest, proof)) revert OperatorRegistryPossessionNotProven(msg.sender, keyHash);

        Checkpoints.Trace208 storage history = _blsKeys[msg.sender];
        address oldKey = address(uint160(history.latest()));
        if (oldKey != address(0)) _blsKeyInfos[keccak256(CodeLib.read(oldKey))].endedAt = _now();
        _blsKeyInfos[keyHash].operator = msg.sender;
        history.push(_now(), uint160(CodeLib.write(packed)));
        emit BlsKeyChanged(msg.sender, keyHash, packed);
    }

    function setCommission(uint16 bps) external onlyOperator {
        if (bps > _MAX_COMMISSION_BPS) revert OperatorRegistryCommissionTooHigh(bps, _MAX_COMMISSION_BPS);
        uint16 bpsNow = commissionBpsOf(msg.sender);
        bool rises = bps > bpsNow;
        uint48 effectAt = rises ? _now() + delaySeconds : _now();
        _commissions[msg.sender] = rises ? Commission(bpsNow, bps, effectAt) : Commission(bps, 0, 0);
        emit CommissionChanged(msg.sender, bps, effectAt);
    }

    function signerOf(address operator) external view returns (address) {
        return _signers[operator];
    }

    function operatorOfSigner(address signer) external view returns (address) {
        return _signerInfos[signer].operator;
    }

    function signerInfo(address signer) external view returns (address operator, uint48 endedAt) {
        KeyInfo storage info = _signerInfos[signer];
        return (info.operator, info.endedAt);
    }

    function endpointOf(address operator) external view returns (string memory) {
        return _endpoints[operator];
    }

    function blsKeyAt(address operator, uint48 t) external view returns (bytes memory key) {
        address stored = address(uint160(_blsKeys[operator].upperLookup(t)));
        if (stored != address(0)) key = CodeLib.read(stored);
    }

    function blsKeyInfo(bytes32 keyHash) external view returns (address operator, uint48 endedAt) {
        KeyInfo storage info = _blsKeyInfos[keyHash];
        return (info.operator, info.endedAt);
    }

    function pendingCommission(address operator) external view returns (uint16 bps, uint48 effectAt) {
        Commission storage commission = _commissions[operator];
        if (commission.pendingAt > block.timestamp) return (commission.pendingBps, commission.pendingAt);
    }

    function commissionBpsOf(address operator) public view returns (uint16) {
        Commission storage commission = _commissions[operator];
        bool hasRisen = commission.pendingAt != 0 && commission.pendingAt <= block.timestamp;
        return hasRisen ? commission.pendingBps : commission.bps;
    }

    function isOperator(address account) public view returns (bool) {
        return _signers[account] != address(0);
    }

    function _setSigner(address signer) private {
        if (signer == address(0)) revert OperatorRegistryZeroSigner();
        address holder = _signerInfos[signer].operator;
        if (holder != address(0)) revert OperatorRegistrySignerTaken(signer, holder);
        _signerInfos[signer].operator = msg.sender;
        _signers[msg.sender] = signer;
    }

    function _setEndpoint(string calldata endpoint) private {
        uint256 length = bytes(endpoint).length;
        if (length > _MAX_ENDPOINT_BYTES) revert OperatorRegistryEndpointTooLong(length, _MAX_ENDPOINT_BYTES);
        _endpoints[msg.sender] = endpoint;
    }

    function _now() private view returns (uint48) {
        return block.timestamp.toUint48();
    }
}
