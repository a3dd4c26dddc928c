// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Vote, VoteLib } from "../../../contracts/libraries/VoteLib.sol";

contract VoteLibTest {
    using VoteLib for Vote;

    bytes32 private immutable _domain = VoteLib.domainSeparator(31337, address(0xA1));

    function _vote() private pure returns (Vote memory) {
        return Vote(1, 2, 3, 4, 5, "payload");
    }

    /// @dev Every member but the payload, changed on its own.
    function _otherPositions() private pure returns (Vote[5] memory others) {
        for (uint256 i = 0; i < 5; ++i) others[i] = _vote();
        others[0].serviceId = 2;
        others[1].epoch = 3;
        others[2].slot = 4;
        others[3].round = 5;
        others[4].voteType = 6;
    }

    function test_ADigestIsBoundToHomeChainAndRegistry() public view {
        bytes32 digest = _vote().digest(_domain);
        require(digest != _vote().digest(VoteLib.domainSeparator(1, address(0xA1))), "chain");
        require(digest != _vote().digest(VoteLib.domainSeparator(31337, address(0xA2))), "registry");
    }

    function test_ADigestIsBoundToEveryMember() public view {
        Vote memory other = _vote();
        other.payload = "other";
        require(_vote().digest(_domain) != other.digest(_domain), "payload");
        Vote[5] memory others = _otherPositions();
        for (uint256 i = 0; i < 5; ++i) require(_vote().digest(_domain) != others[i].digest(_domain), "position");
    }

    function test_APositionIsAllButThePayload() public pure {
        Vote memory other = _vote();
        other.payload = "other";
        require(_vote().positionHash() == other.positionHash(), "payload");
        Vote[5] memory others = _otherPositions();
        for (uint256 i = 0; i < 5; ++i) require(_vote().positionHash() != others[i].positionHash(), "position");
    }

    function test_AHeaderBindsEpochAndTable() public pure {
        Vote memory header = VoteLib.header(1, 10, 12, "table");
        require(header.epoch == 10 && header.slot == 12 && header.round == 0 && header.voteType == 0, "position");
        require(header.payload == keccak256(abi.encode(uint64(12), bytes32("table"))), "payload");
    }
}
