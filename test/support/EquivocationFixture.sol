// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IEquivocationVerifier } from "../../contracts/interfaces/staking/IEquivocationVerifier.sol";
import { Vote, VoteLib } from "../../contracts/libraries/VoteLib.sol";
import { deployArtifact } from "./Deploy.sol";
import { QuorumFixture } from "./QuorumFixture.sol";

/// @notice A judge of six validators' votes, whose table of the present epoch is built.
abstract contract EquivocationFixture is QuorumFixture {
    uint64 internal constant WAD = 0.5e18;

    IEquivocationVerifier internal verifier;

    function setUp() public virtual override {
        super.setUp();
        _fill(6);
        quorum.buildTable(SERVICE, epoch, 6);
        verifier = _deploy(WAD);
    }

    function _deploy(uint64 wad) internal returns (IEquivocationVerifier) {
        return IEquivocationVerifier(deployArtifact("staking", "EquivocationVerifier", abi.encode(quorum, wad)));
    }

    function _recordConflict(
        Vote memory vote,
        bytes32 otherPayload,
        uint256 absentees,
        uint256 otherAbsentees
    ) internal returns (uint256) {
        Vote memory other = _vote(otherPayload);
        return
            verifier.recordConflict(
                vote,
                otherPayload,
                _certify(vote, 6, absentees),
                _certify(other, 6, otherAbsentees)
            );
    }

    function _rowEvidence(Vote memory vote, uint256 row) internal pure returns (bytes memory) {
        return abi.encode(uint8(2), abi.encode(vote.epoch, vote.slot, vote.round, vote.voteType, row));
    }

    function _expectVerdict(bytes memory evidence, address operator, bytes32 key) internal view {
        (address actual, bytes32 actualKey, uint48 capturedAt, uint64 wad, address beneficiary) = verifier.verify(
            SERVICE,
            evidence
        );
        require(actual == operator && actualKey == key, "who and what");
        require(capturedAt == uint48(epoch) * EPOCH && wad == WAD && beneficiary == address(0), "when and how much");
    }

    function _expectNothingRecorded() internal view {
        require(verifier.guiltyRows(VoteLib.positionHash(_vote(""))) == 0, "nothing recorded");
    }
}
