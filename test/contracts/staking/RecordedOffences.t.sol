// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IEquivocationVerifier } from "../../../contracts/interfaces/staking/IEquivocationVerifier.sol";
import { IQuorumVerifier } from "../../../contracts/interfaces/staking/IQuorumVerifier.sol";
import { Certificate, QuorumLib } from "../../../contracts/libraries/QuorumLib.sol";
import { Vote, VoteLib } from "../../../contracts/libraries/VoteLib.sol";
import { EquivocationFixture } from "../../support/EquivocationFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Offences of whole quorums, recorded once and then punished row by row.
contract RecordedOffencesTest is EquivocationFixture {
    function test_AConflictIsTheIntersectionOfItsCertificates() public {
        uint256 rows = _recordConflict(_vote("a"), "b", 1, 8);
        require(rows == 0x36, "all but rows 0 and 3");
        require(verifier.guiltyRows(VoteLib.positionHash(_vote(""))) == 0x36, "recorded");
        bytes32 key = VoteLib.positionHash(_vote(""));
        _expectVerdict(_rowEvidence(_vote(""), 1), _operator(1), key);
        _expectVerdict(_rowEvidence(_vote(""), 5), _operator(5), key);
    }

    function test_RejectsRowsOutsideTheIntersection() public {
        _recordConflict(_vote("a"), "b", 1, 8);
        uint256[6] memory rows = [uint256(0), 3, 6, 255, 256, type(uint256).max];
        for (uint256 i = 0; i < rows.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IEquivocationVerifier.EquivocationVerifierRowNotGuilty.selector,
                    VoteLib.positionHash(_vote("")),
                    rows[i]
                )
            );
            verifier.verify(SERVICE, _rowEvidence(_vote(""), rows[i]));
        }
    }

    function test_RejectsRowsOfPositionsWithoutAConflict() public {
        _recordConflict(_vote("a"), "b", 0, 0);
        for (uint256 i = 0; i < 4; ++i) {
            Vote memory vote = _vote("");
            if (i == 0) --vote.epoch;
            if (i == 1) ++vote.slot;
            if (i == 2) ++vote.round;
            if (i == 3) ++vote.voteType;
            vm.expectPartialRevert(IEquivocationVerifier.EquivocationVerifierRowNotGuilty.selector);
            verifier.verify(SERVICE, _rowEvidence(vote, 1));
        }
    }

    function test_RecordsAConflictOnce() public {
        _recordConflict(_vote("a"), "b", 1, 0);
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 6, 1);
        Certificate memory other = _certify(_vote("b"), 6, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEquivocationVerifier.EquivocationVerifierNothingNew.selector,
                VoteLib.positionHash(vote),
                0x3e
            )
        );
        verifier.recordConflict(vote, "b", certificate, other);
    }

    function test_AFurtherConflictAddsItsRows() public {
        require(_recordConflict(_vote("a"), "b", 1, 0) == 0x3e, "first");
        require(_recordConflict(_vote("b"), "c", 2, 0) == 0x01, "what is new");
        require(verifier.guiltyRows(VoteLib.positionHash(_vote(""))) == 0x3f, "all");
    }

    function test_RejectsAConflictWithoutTwoQuorums() public {
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 6, 0);
        Certificate memory other = _certify(_vote("b"), 6, 7);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 312, 615));
        verifier.recordConflict(vote, "b", certificate, other);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 312, 615));
        verifier.recordConflict(_vote("b"), "a", other, certificate);
        _expectNothingRecorded();
    }

    function test_RejectsAConflictOfAStaleEpoch() public {
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 6, 0);
        Certificate memory other = _certify(_vote("b"), 6, 0);
        _warp(uint48(epoch) * EPOCH + DELAY + 1);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierStaleEpoch.selector, epoch, time));
        verifier.recordConflict(vote, "b", certificate, other);
        _expectNothingRecorded();
    }

    function test_AFalseHeaderIsAnOffenceOfItsSigners() public {
        uint64 next = _nextEpoch();
        Vote memory vote = VoteLib.header(SERVICE, epoch, next, "false");
        uint256 rows = verifier.recordFalseHeader(vote, next, "false", _certify(vote, 6, 2));
        require(rows == 0x3d, "all but row 1");
        _expectVerdict(_rowEvidence(vote, 0), _operator(0), VoteLib.positionHash(vote));
        vm.expectPartialRevert(IEquivocationVerifier.EquivocationVerifierRowNotGuilty.selector);
        verifier.verify(SERVICE, _rowEvidence(vote, 1));
    }

    function test_ATrueHeaderIsNoOffence() public {
        uint64 next = _nextEpoch();
        bytes32 tableHash = quorum.tableOf(SERVICE, next).codehash;
        Vote memory vote = VoteLib.header(SERVICE, epoch, next, tableHash);
        Certificate memory certificate = _certify(vote, 6, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationVerifier.EquivocationVerifierTrueHeader.selector, next, tableHash)
        );
        verifier.recordFalseHeader(vote, next, tableHash, certificate);
        require(verifier.guiltyRows(VoteLib.positionHash(vote)) == 0, "unchanged");
    }

    function test_RejectsAHeaderWhoseTableIsNotBuilt() public {
        uint64 next = _nextEpoch() + 1;
        Vote memory vote = VoteLib.header(SERVICE, epoch, next, "false");
        Certificate memory certificate = _certify(vote, 6, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationVerifier.EquivocationVerifierNoTable.selector, SERVICE, next)
        );
        verifier.recordFalseHeader(vote, next, "false", certificate);
    }

    function test_RejectsWhatIsNoHeader() public {
        uint64 next = _nextEpoch();
        for (uint256 i = 0; i < 5; ++i) {
            Vote memory vote = VoteLib.header(SERVICE, epoch, next, "false");
            if (i == 0) vote.payload = "another";
            if (i == 1) ++vote.slot;
            if (i == 2) ++vote.round;
            if (i == 3) ++vote.voteType;
            uint64 claimed = i == 4 ? next - 1 : next;
            Certificate memory certificate = _certify(vote, 6, 0);
            vm.expectRevert(
                abi.encodeWithSelector(IEquivocationVerifier.EquivocationVerifierNotAHeader.selector, vote)
            );
            verifier.recordFalseHeader(vote, claimed, "false", certificate);
        }
    }

    function test_RejectsAFalseHeaderWithoutQuorum() public {
        uint64 next = _nextEpoch();
        Vote memory vote = VoteLib.header(SERVICE, epoch, next, "false");
        Certificate memory certificate = _certify(vote, 6, 7);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 312, 615));
        verifier.recordFalseHeader(vote, next, "false", certificate);
    }

    function test_AFalseHeaderNextToATrueOneIsTheSameOffence() public {
        uint64 next = _nextEpoch();
        Vote memory lie = VoteLib.header(SERVICE, epoch, next, "false");
        Vote memory truth = VoteLib.header(SERVICE, epoch, next, quorum.tableOf(SERVICE, next).codehash);
        verifier.recordFalseHeader(lie, next, "false", _certify(lie, 6, 0));
        Certificate memory certificate = _certify(truth, 6, 0);
        Certificate memory other = _certify(lie, 6, 0);
        vm.expectPartialRevert(IEquivocationVerifier.EquivocationVerifierNothingNew.selector);
        verifier.recordConflict(truth, lie.payload, certificate, other);
    }

    /// @dev The next epoch begins, and its table is built.
    function _nextEpoch() private returns (uint64 next) {
        next = epoch + 1;
        _warp(uint48(next) * EPOCH);
        quorum.buildTable(SERVICE, next, 5);
        quorum.buildTable(SERVICE, next, 1);
    }
}
