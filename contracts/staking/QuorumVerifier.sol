// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IOperatorRegistry } from "../interfaces/staking/IOperatorRegistry.sol";
import { IQuorumVerifier } from "../interfaces/staking/IQuorumVerifier.sol";
import { IServiceRegistry } from "../interfaces/staking/IServiceRegistry.sol";
import { Bls12381Lib, G1Point } from "../libraries/Bls12381Lib.sol";
import { Certificate, QuorumLib } from "../libraries/QuorumLib.sol";
import { TableLib } from "../libraries/TableLib.sol";
import { Vote, VoteLib } from "../libraries/VoteLib.sol";

/// @title Validator tables and quorum certificates
contract QuorumVerifier is IQuorumVerifier {
    using Bls12381Lib for G1Point;
    using SafeCast for uint256;
    using TableLib for bytes;
    using VoteLib for Vote;

    /// @dev A table in pages: how far it is, and a page for each call so far.
    struct Build {
        uint256 seats;
        address[] pages;
    }

    /// @inheritdoc IQuorumVerifier
    IServiceRegistry public immutable services;

    /// @inheritdoc IQuorumVerifier
    IOperatorRegistry public immutable operators;

    /// @inheritdoc IQuorumVerifier
    bytes32 public immutable domainSeparator;

    uint256 private immutable _delaySeconds;
    uint256 private immutable _epochSeconds;

    /// @inheritdoc IQuorumVerifier
    mapping(uint32 serviceId => mapping(uint64 epoch => address)) public tableOf;

    mapping(uint32 serviceId => mapping(uint64 epoch => Build)) private _builds;

    constructor(IServiceRegistry services_) {
        services = services_;
        operators = services_.operators();
        domainSeparator = VoteLib.domainSeparator(block.chainid, address(services_));
        _delaySeconds = services_.delaySeconds();
        _epochSeconds = services_.epochSeconds();
    }

    /// @inheritdoc IQuorumVerifier
    function buildTable(uint32 serviceId, uint64 epoch, uint16 seatCount) external returns (address table) {
        uint256 seats = services.service(serviceId).seats;
        if (seats == 0) revert QuorumVerifierNoSeats(serviceId);
        if (seatCount == 0) revert QuorumVerifierZeroSeatCount();
        if (tableOf[serviceId][epoch] != address(0)) revert QuorumVerifierTableExists(serviceId, epoch);
        uint48 capturedAt = _captureTime(epoch);

        Build storage build = _builds[serviceId][epoch];
        uint256 first = build.seats;
        uint256 end = Math.min(seats, first + seatCount);
        bytes memory page = _page(serviceId, capturedAt, first, end);
        if (end < seats) {
            build.seats = end;
            build.pages.push(TableLib.write(page));
            emit TablePageBuilt(serviceId, epoch, end);
            return address(0);
        }
        if (first != 0) page = _join(build.pages, page);
        table = TableLib.write(page);
        tableOf[serviceId][epoch] = table;
        emit TableBuilt(serviceId, epoch, table, table.codehash, page.rowsIn(), page.weightIn(0));
    }

    /// @inheritdoc IQuorumVerifier
    function verify(Vote calldata vote, Certificate calldata certificate) external view returns (uint256 signers) {
        address table = tableOf[vote.serviceId][vote.epoch];
        if (table == address(0)) revert QuorumVerifierNoTable(vote.serviceId, vote.epoch);
        // A table exists only for an epoch that has begun.
        if (vote.epoch * _epochSeconds + _delaySeconds < block.timestamp) {
            revert QuorumVerifierStaleEpoch(vote.epoch, block.timestamp);
        }
        return QuorumLib.verify(table, voteDigest(vote), certificate);
    }

    /// @inheritdoc IQuorumVerifier
    function builtSeats(uint32 serviceId, uint64 epoch) external view returns (uint256) {
        return _builds[serviceId][epoch].seats;
    }

    /// @inheritdoc IQuorumVerifier
    function voteDigest(Vote calldata vote) public view returns (bytes32) {
        return vote.digest(domainSeparator);
    }

    /// @dev The capture of an epoch whose table may be built now: jails are known for times within the delay only.
    function _captureTime(uint64 epoch) private view returns (uint48) {
        uint256 start = epoch * _epochSeconds;
        if (start > block.timestamp) revert QuorumVerifierFutureEpoch(epoch, block.timestamp);
        if (epoch == 0 || start - 1 + _delaySeconds < block.timestamp) {
            revert QuorumVerifierStaleEpoch(epoch, block.timestamp);
        }
        return (start - 1).toUint48();
    }

    /// @dev A table of the validators in the seats from `first` to before `end`.
    function _page(
        uint32 serviceId,
        uint48 capturedAt,
        uint256 first,
        uint256 end
    ) private view returns (bytes memory page) {
        page = TableLib.allocate(end - first);
        G1Point memory keySum;
        uint256 weightSum;
        for (uint256 seat = first; seat < end; ++seat) {
            (bytes memory key, uint256 weight) = _validator(serviceId, uint16(seat), capturedAt);
            if (weight == 0) continue;
            page.append(key, weight);
            keySum.addPacked(key, 0);
            weightSum += weight;
        }
        page.seal(keySum, weightSum);
    }

    /// @dev Joins the pages so far and the last one.
    function _join(address[] storage pages, bytes memory last) private view returns (bytes memory table) {
        uint256 count = pages.length;
        bytes[] memory parts = new bytes[](count + 1);
        parts[count] = last;
        uint256 rows = last.rowsIn();
        for (uint256 i = 0; i < count; ++i) {
            parts[i] = TableLib.read(pages[i]);
            rows += parts[i].rowsIn();
        }
        table = TableLib.allocate(rows);
        G1Point memory keySum;
        uint256 weightSum;
        for (uint256 i = 0; i <= count; ++i) {
            table.appendAll(parts[i]);
            keySum.addPacked(parts[i], 0);
            weightSum += parts[i].weightIn(0);
        }
        table.seal(keySum, weightSum);
    }

    /// @return key Of the validator in a seat, and `weight` zero if the seat adds no row.
    function _validator(
        uint32 serviceId,
        uint16 seat,
        uint48 capturedAt
    ) private view returns (bytes memory key, uint256 weight) {
        address operator = services.seatAt(serviceId, seat, capturedAt);
        if (operator == address(0)) return (key, 0);
        weight = Math.min(services.votingWeightAt(serviceId, operator, capturedAt), TableLib.MAX_WEIGHT);
        if (weight == 0) return (key, 0);
        key = operators.blsKeyAt(operator, capturedAt);
        if (key.length == 0) weight = 0;
    }
}
