// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceInbox } from "../interfaces/staking/IServiceInbox.sol";
import { Certificate, QuorumLib } from "../libraries/QuorumLib.sol";
import { TableLib } from "../libraries/TableLib.sol";
import { Vote, VoteLib } from "../libraries/VoteLib.sol";

/// @title A service's validators on another chain
contract ServiceInbox is IServiceInbox {
    using TableLib for bytes;
    using VoteLib for Vote;

    /// @inheritdoc IServiceInbox
    uint32 public immutable serviceId;

    /// @inheritdoc IServiceInbox
    uint48 public immutable epochSeconds;

    /// @inheritdoc IServiceInbox
    uint48 public immutable maxAgeSeconds;

    /// @inheritdoc IServiceInbox
    bytes32 public immutable domainSeparator;

    /// @inheritdoc IServiceInbox
    bytes32 public immutable genesisHash;

    /// @inheritdoc IServiceInbox
    uint64 public newestEpoch;

    /// @inheritdoc IServiceInbox
    mapping(uint64 epoch => address) public tableOf;

    constructor(
        uint256 homeChainId,
        address homeRegistry,
        uint32 serviceId_,
        uint48 epochSeconds_,
        uint48 maxAgeSeconds_,
        uint64 genesisEpoch,
        bytes memory genesisTable
    ) {
        if (epochSeconds_ == 0 || maxAgeSeconds_ < epochSeconds_) {
            revert ServiceInboxInvalidTimes(epochSeconds_, maxAgeSeconds_);
        }
        serviceId = serviceId_;
        epochSeconds = epochSeconds_;
        maxAgeSeconds = maxAgeSeconds_;
        domainSeparator = VoteLib.domainSeparator(homeChainId, homeRegistry);
        genesisHash = genesisTable.hashOf();
        _requireBegun(genesisEpoch);
        _requireYoung(genesisEpoch);
        genesisTable.validate();
        _install(genesisEpoch, genesisTable);
    }

    /// @inheritdoc IServiceInbox
    function advance(uint64 newEpoch, bytes calldata table, Certificate calldata certificate) external {
        uint64 signersEpoch = newestEpoch;
        if (newEpoch <= signersEpoch) revert ServiceInboxNotLater(newEpoch, signersEpoch);
        _requireBegun(newEpoch);
        _requireYoung(signersEpoch);
        bytes memory newTable = table;
        newTable.validate();
        Vote memory vote = VoteLib.header(serviceId, signersEpoch, newEpoch, newTable.hashOf());
        QuorumLib.verify(tableOf[signersEpoch], vote.digest(domainSeparator), certificate);
        _install(newEpoch, newTable);
    }

    /// @inheritdoc IServiceInbox
    function verify(Vote calldata vote, Certificate calldata certificate) external view returns (uint256 signers) {
        if (vote.serviceId != serviceId) revert ServiceInboxWrongService(vote.serviceId, serviceId);
        address table = tableOf[vote.epoch];
        if (table == address(0)) revert ServiceInboxUnknownEpoch(vote.epoch);
        _requireYoung(vote.epoch);
        return QuorumLib.verify(table, VoteLib.digest(vote, domainSeparator), certificate);
    }

    function _install(uint64 epoch, bytes memory table) private {
        address pointer = table.write();
        newestEpoch = epoch;
        tableOf[epoch] = pointer;
        emit SetAdvanced(epoch, pointer, pointer.codehash);
    }

    function _requireBegun(uint64 epoch) private view {
        if (uint256(epoch) * epochSeconds > block.timestamp) revert ServiceInboxFutureEpoch(epoch, block.timestamp);
    }

    function _requireYoung(uint64 epoch) private view {
        if (uint256(epoch) * epochSeconds + maxAgeSeconds < block.timestamp) {
            revert ServiceInboxStaleEpoch(epoch, block.timestamp);
        }
    }
}
