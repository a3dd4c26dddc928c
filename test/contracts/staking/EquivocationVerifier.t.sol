// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IEquivocationVerifier } from "../../../contracts/interfaces/staking/IEquivocationVerifier.sol";
import { IQuorumVerifier } from "../../../contracts/interfaces/staking/IQuorumVerifier.sol";
import { Bls12381Lib } from "../../../contracts/libraries/Bls12381Lib.sol";
import { Certificate, QuorumLib } from "../../../contracts/libraries/QuorumLib.sol";
import { Vote, VoteLib } from "../../../contracts/libraries/VoteLib.sol";
import { BlsTool } from "../../support/BlsTool.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { QuorumFixture } from "../../support/QuorumFixture.sol";
import { vm } from "../../support/Vm.sol";

contract EquivocationVerifierTest is QuorumFixture {
    uint64 private constant WAD = 0.5e18;
    uint256 private constant SIGNER_KEY = 0x516;
    uint256 private constant NEW_SIGNER_KEY = 0x517;
    uint256 private constant OTHER_SIGNER_KEY = 0x518;
    uint256 private constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    IEquivocationVerifier private _verifier;

    function setUp() public override {
        super.setUp();
        _fill(6);
        quorum.buildTable(SERVICE, epoch, 6);
        home.setSigner(vm.addr(SIGNER_KEY), _operator(2), 0);
        home.setSigner(vm.addr(OTHER_SIGNER_KEY), _operator(3), 0);
        _verifier = _deploy(WAD);
    }

    function deploy(uint64 wad) external {
        _deploy(wad);
    }

    function test_RejectsAWadWithoutSense() public {
        uint64[3] memory wads = [uint64(0), 1e18 + 1, type(uint64).max];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IEquivocationVerifier.EquivocationVerifierInvalidWad.selector, wads[i])
            );
            this.deploy(wads[i]);
        }
        this.deploy(1e18);
    }

    function test_RejectsUnknownForms() public {
        vm.expectRevert(abi.encodeWithSelector(IEquivocationVerifier.EquivocationVerifierUnknownForm.selector, 3));
        _verifier.verify(SERVICE, abi.encode(uint8(3), bytes("")));
    }

    function test_RejectsBytesThatAreNoEncoding() public {
        bytes memory evidence = _signerEvidence(_vote("a"), "b");
        for (uint256 length = 0; length < evidence.length; length += 97) {
            vm.expectRevert();
            _verifier.verify(SERVICE, _head(evidence, length));
        }
    }

    function test_TwoSignerVotesAreAnOffence() public view {
        _expectVerdict(_signerEvidence(_vote("a"), "b"), _operator(2), VoteLib.positionHash(_vote("")));
    }

    function test_TwoKeyVotesAreAnOffence() public view {
        _expectVerdict(_keyEvidence(_vote("a"), "b", 2), _operator(2), VoteLib.positionHash(_vote("")));
    }

    function test_AllFormsOfOneOffenceHaveOneKey() public {
        _recordConflict(_vote("a"), "b", 0, 0);
        (, bytes32 first, , , ) = _verifier.verify(SERVICE, _signerEvidence(_vote("b"), "c"));
        (, bytes32 second, , , ) = _verifier.verify(SERVICE, _keyEvidence(_vote("d"), "e", 2));
        (, bytes32 third, , , ) = _verifier.verify(SERVICE, _rowEvidence(_vote(""), 2));
        require(first == second && second == third, "one key");
    }

    function test_SignersOfOneOperatorAreOneVoter() public {
        home.setSigner(vm.addr(NEW_SIGNER_KEY), _operator(2), 0);
        home.setSigner(vm.addr(SIGNER_KEY), _operator(2), time - 1);
        bytes memory evidence = _signerEvidence(_vote("a"), SIGNER_KEY, "b", NEW_SIGNER_KEY);
        _expectVerdict(evidence, _operator(2), VoteLib.positionHash(_vote("")));
    }

    function test_RejectsVotesOfTwoOperators() public {
        bytes memory evidence = _signerEvidence(_vote("a"), SIGNER_KEY, "b", OTHER_SIGNER_KEY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEquivocationVerifier.EquivocationVerifierSignersDiffer.selector,
                _operator(2),
                _operator(3)
            )
        );
        _verifier.verify(SERVICE, evidence);
    }

    function test_RejectsTheSameVoteTwice() public {
        bytes memory expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierSamePayload.selector,
            bytes32("a")
        );
        bytes memory evidence = _signerEvidence(_vote("a"), "a");
        vm.expectRevert(expected);
        _verifier.verify(SERVICE, evidence);

        evidence = _keyEvidence(_vote("a"), "a", 2);
        vm.expectRevert(expected);
        _verifier.verify(SERVICE, evidence);

        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 6, 0);
        vm.expectRevert(expected);
        _verifier.recordConflict(vote, "a", certificate, certificate);
    }

    /// @dev Votes of two rounds have two digests, so neither is a vote at the other's position.
    function test_RejectsHonestVotesInTwoRounds() public {
        Vote memory vote = _vote("a");
        Vote memory later = _vote("b");
        ++later.round;
        bytes memory evidence = abi.encode(
            uint8(0),
            abi.encode(vote, later.payload, _sign(SIGNER_KEY, vote), _sign(SIGNER_KEY, later))
        );
        vm.expectPartialRevert(IEquivocationVerifier.EquivocationVerifierUnknownSigner.selector);
        _verifier.verify(SERVICE, evidence);

        uint256 secret = _secretKey(2);
        bytes memory signature = BlsTool.aggregate(
            BlsTool.vote(secret, quorum.voteDigest(vote)),
            BlsTool.vote(secret, quorum.voteDigest(later))
        );
        evidence = abi.encode(uint8(1), abi.encode(vote, later.payload, _key(secret), signature));
        bytes memory expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierInvalidSignature.selector,
            quorum.voteDigest(vote)
        );
        vm.expectRevert(expected);
        _verifier.verify(SERVICE, evidence);

        Certificate memory certificate = _certify(vote, 6, 0);
        Certificate memory laterCertificate = _certify(later, 6, 0);
        Vote memory forged = _vote("b");
        expected = abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, quorum.voteDigest(forged));
        vm.expectRevert(expected);
        _verifier.recordConflict(vote, "b", certificate, laterCertificate);
        _expectNothingRecorded();
    }

    function test_RejectsEvidenceOfAnotherService() public {
        bytes memory expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierWrongService.selector,
            SERVICE,
            SERVICE + 1
        );
        bytes memory evidence = _signerEvidence(_vote("a"), "b");
        vm.expectRevert(expected);
        _verifier.verify(SERVICE + 1, evidence);
        evidence = _keyEvidence(_vote("a"), "b", 2);
        vm.expectRevert(expected);
        _verifier.verify(SERVICE + 1, evidence);

        _recordConflict(_vote("a"), "b", 0, 0);
        Vote memory elsewhere = _vote("");
        elsewhere.serviceId = SERVICE + 1;
        expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierRowNotGuilty.selector,
            VoteLib.positionHash(elsewhere),
            2
        );
        vm.expectRevert(expected);
        _verifier.verify(SERVICE + 1, _rowEvidence(_vote(""), 2));
    }

    function test_RejectsVotesOfAnotherHome() public {
        Vote memory vote = _vote("a");
        Vote memory other = _vote("b");
        bytes32 domain = VoteLib.domainSeparator(1, address(home));
        bytes memory evidence = abi.encode(
            uint8(0),
            abi.encode(
                vote,
                other.payload,
                _sign(SIGNER_KEY, VoteLib.digest(vote, domain)),
                _sign(SIGNER_KEY, VoteLib.digest(other, domain))
            )
        );
        vm.expectPartialRevert(IEquivocationVerifier.EquivocationVerifierUnknownSigner.selector);
        _verifier.verify(SERVICE, evidence);
    }

    function test_RejectsFutureEpochs() public {
        Vote memory vote = _vote("a");
        vote.epoch = epoch + 1;
        bytes memory evidence = _signerEvidence(vote, "b");
        bytes memory expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierFutureEpoch.selector,
            epoch + 1,
            time
        );
        vm.expectRevert(expected);
        _verifier.verify(SERVICE, evidence);
        _warp(uint48(vote.epoch) * EPOCH);
        _verifier.verify(SERVICE, evidence);
        vote.epoch = type(uint64).max;
        evidence = _signerEvidence(vote, "b");
        vm.expectPartialRevert(IEquivocationVerifier.EquivocationVerifierFutureEpoch.selector);
        _verifier.verify(SERVICE, evidence);
    }

    function test_TheOffenceIsDatedAtTheStartOfTheVotesEpoch() public {
        bytes memory evidence = _signerEvidence(_vote("a"), "b");
        _warp(time + 3 days);
        (, , uint48 capturedAt, , ) = _verifier.verify(SERVICE, evidence);
        require(capturedAt == uint48(epoch) * EPOCH, "not when it was reported");
    }

    function test_RejectsUnknownSignersAndKeys() public {
        bytes memory evidence = _signerEvidence(_vote("a"), 0x999, "b", 0x999);
        bytes memory expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierUnknownSigner.selector,
            vm.addr(0x999)
        );
        vm.expectRevert(expected);
        _verifier.verify(SERVICE, evidence);

        evidence = _keyEvidence(_vote("a"), "b", 77);
        expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierUnknownKey.selector,
            keccak256(_key(_secretKey(77)))
        );
        vm.expectRevert(expected);
        _verifier.verify(SERVICE, evidence);
    }

    function test_RejectsKeysThatEndedLongerThanTheDelayAgo() public {
        bytes memory signerEvidence = _signerEvidence(_vote("a"), "b");
        bytes memory keyEvidence = _keyEvidence(_vote("a"), "b", 2);
        uint48 endedAt = time;
        home.setSigner(vm.addr(SIGNER_KEY), _operator(2), endedAt);
        home.endKey(keccak256(_key(_secretKey(2))), endedAt);
        _recordConflict(_vote("a"), "b", 0, 0);

        _warp(time + DELAY);
        _verifier.verify(SERVICE, signerEvidence);
        _verifier.verify(SERVICE, keyEvidence);
        _verifier.verify(SERVICE, _rowEvidence(_vote(""), 2));

        _warp(time + 1);
        bytes memory expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierEndedKey.selector,
            endedAt,
            time
        );
        vm.expectRevert(expected);
        _verifier.verify(SERVICE, signerEvidence);
        vm.expectRevert(expected);
        _verifier.verify(SERVICE, keyEvidence);
        vm.expectRevert(expected);
        _verifier.verify(SERVICE, _rowEvidence(_vote(""), 2));
    }

    function test_RejectsMalleableSignatures() public {
        Vote memory vote = _vote("a");
        bytes32 digest = quorum.voteDigest(vote);
        Vote memory other = _vote("b");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SIGNER_KEY, digest);
        bytes memory expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierInvalidSignature.selector,
            digest
        );
        bytes memory signature = abi.encodePacked(r, CURVE_ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27));
        _expectRefusal(abi.encode(vote, other.payload, signature, _sign(SIGNER_KEY, other)), expected);
        signature = abi.encodePacked(r, s, v - 27);
        _expectRefusal(abi.encode(vote, other.payload, signature, _sign(SIGNER_KEY, other)), expected);
        signature = abi.encodePacked(r, s, v, uint8(0));
        _expectRefusal(abi.encode(vote, other.payload, signature, _sign(SIGNER_KEY, other)), expected);
        signature = abi.encodePacked(r, s);
        _expectRefusal(abi.encode(vote, other.payload, signature, _sign(SIGNER_KEY, other)), expected);
    }

    function test_RejectsAKeyVoteThatIsNotBoth() public {
        Vote memory vote = _vote("a");
        uint256 secret = _secretKey(2);
        bytes memory key = _key(secret);
        bytes memory single = BlsTool.vote(secret, quorum.voteDigest(vote));
        bytes[4] memory signatures = [
            single,
            BlsTool.aggregate(single, single),
            BlsTool.aggregate(single, BlsTool.vote(_secretKey(3), quorum.voteDigest(_vote("b")))),
            new bytes(256)
        ];
        for (uint256 i = 0; i < 4; ++i) {
            bytes memory evidence = abi.encode(uint8(1), abi.encode(vote, bytes32("b"), key, signatures[i]));
            bytes memory expected = abi.encodeWithSelector(
                IEquivocationVerifier.EquivocationVerifierInvalidSignature.selector,
                quorum.voteDigest(vote)
            );
            vm.expectRevert(expected);
            _verifier.verify(SERVICE, evidence);
        }
    }

    function test_RejectsAKeyOfAnotherLength() public {
        bytes memory key = bytes.concat(_key(_secretKey(2)), hex"00");
        bytes memory body = abi.encode(_vote("a"), bytes32("b"), key, new bytes(256));
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationVerifier.EquivocationVerifierUnknownKey.selector, keccak256(key))
        );
        _verifier.verify(SERVICE, abi.encode(uint8(1), body));
    }

    function test_AConflictIsTheIntersectionOfItsCertificates() public {
        uint256 rows = _recordConflict(_vote("a"), "b", 1, 8);
        require(rows == 0x36, "all but rows 0 and 3");
        require(_verifier.guiltyRows(VoteLib.positionHash(_vote(""))) == 0x36, "recorded");
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
            _verifier.verify(SERVICE, _rowEvidence(_vote(""), rows[i]));
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
            _verifier.verify(SERVICE, _rowEvidence(vote, 1));
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
        _verifier.recordConflict(vote, "b", certificate, other);
    }

    function test_AFurtherConflictAddsItsRows() public {
        require(_recordConflict(_vote("a"), "b", 1, 0) == 0x3e, "first");
        require(_recordConflict(_vote("b"), "c", 2, 0) == 0x01, "what is new");
        require(_verifier.guiltyRows(VoteLib.positionHash(_vote(""))) == 0x3f, "all");
    }

    function test_RejectsAConflictWithoutTwoQuorums() public {
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 6, 0);
        Certificate memory other = _certify(_vote("b"), 6, 7);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 312, 615));
        _verifier.recordConflict(vote, "b", certificate, other);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 312, 615));
        _verifier.recordConflict(_vote("b"), "a", other, certificate);
        _expectNothingRecorded();
    }

    function test_RejectsAConflictOfAStaleEpoch() public {
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 6, 0);
        Certificate memory other = _certify(_vote("b"), 6, 0);
        _warp(uint48(epoch) * EPOCH + DELAY + 1);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierStaleEpoch.selector, epoch, time));
        _verifier.recordConflict(vote, "b", certificate, other);
        _expectNothingRecorded();
    }

    function test_AFalseHeaderIsAnOffenceOfItsSigners() public {
        uint64 next = _nextEpoch();
        Vote memory vote = VoteLib.header(SERVICE, epoch, next, "false");
        uint256 rows = _verifier.recordFalseHeader(vote, next, "false", _certify(vote, 6, 2));
        require(rows == 0x3d, "all but row 1");
        _expectVerdict(_rowEvidence(vote, 0), _operator(0), VoteLib.positionHash(vote));
        vm.expectPartialRevert(IEquivocationVerifier.EquivocationVerifierRowNotGuilty.selector);
        _verifier.verify(SERVICE, _rowEvidence(vote, 1));
    }

    function test_ATrueHeaderIsNoOffence() public {
        uint64 next = _nextEpoch();
        bytes32 tableHash = quorum.tableOf(SERVICE, next).codehash;
        Vote memory vote = VoteLib.header(SERVICE, epoch, next, tableHash);
        Certificate memory certificate = _certify(vote, 6, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationVerifier.EquivocationVerifierTrueHeader.selector, next, tableHash)
        );
        _verifier.recordFalseHeader(vote, next, tableHash, certificate);
        require(_verifier.guiltyRows(VoteLib.positionHash(vote)) == 0, "unchanged");
    }

    function test_RejectsAHeaderWhoseTableIsNotBuilt() public {
        uint64 next = _nextEpoch() + 1;
        Vote memory vote = VoteLib.header(SERVICE, epoch, next, "false");
        Certificate memory certificate = _certify(vote, 6, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationVerifier.EquivocationVerifierNoTable.selector, SERVICE, next)
        );
        _verifier.recordFalseHeader(vote, next, "false", certificate);
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
            _verifier.recordFalseHeader(vote, claimed, "false", certificate);
        }
    }

    function test_RejectsAFalseHeaderWithoutQuorum() public {
        uint64 next = _nextEpoch();
        Vote memory vote = VoteLib.header(SERVICE, epoch, next, "false");
        Certificate memory certificate = _certify(vote, 6, 7);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 312, 615));
        _verifier.recordFalseHeader(vote, next, "false", certificate);
    }

    function test_AFalseHeaderNextToATrueOneIsTheSameOffence() public {
        uint64 next = _nextEpoch();
        Vote memory lie = VoteLib.header(SERVICE, epoch, next, "false");
        Vote memory truth = VoteLib.header(SERVICE, epoch, next, quorum.tableOf(SERVICE, next).codehash);
        _verifier.recordFalseHeader(lie, next, "false", _certify(lie, 6, 0));
        Certificate memory certificate = _certify(truth, 6, 0);
        Certificate memory other = _certify(lie, 6, 0);
        vm.expectPartialRevert(IEquivocationVerifier.EquivocationVerifierNothingNew.selector);
        _verifier.recordConflict(truth, lie.payload, certificate, other);
    }

    function _deploy(uint64 wad) private returns (IEquivocationVerifier) {
        return IEquivocationVerifier(deployArtifact("staking", "EquivocationVerifier", abi.encode(quorum, wad)));
    }

    /// @dev The next epoch begins, and its table is built.
    function _nextEpoch() private returns (uint64 next) {
        next = epoch + 1;
        _warp(uint48(next) * EPOCH);
        quorum.buildTable(SERVICE, next, 5);
        quorum.buildTable(SERVICE, next, 1);
    }

    function _recordConflict(
        Vote memory vote,
        bytes32 otherPayload,
        uint256 absentees,
        uint256 otherAbsentees
    ) private returns (uint256) {
        Vote memory other = _vote(otherPayload);
        return
            _verifier.recordConflict(
                vote,
                otherPayload,
                _certify(vote, 6, absentees),
                _certify(other, 6, otherAbsentees)
            );
    }

    function _signerEvidence(Vote memory vote, bytes32 otherPayload) private view returns (bytes memory) {
        return _signerEvidence(vote, SIGNER_KEY, otherPayload, SIGNER_KEY);
    }

    function _signerEvidence(
        Vote memory vote,
        uint256 secretKey,
        bytes32 otherPayload,
        uint256 otherSecretKey
    ) private view returns (bytes memory) {
        bytes memory signature = _sign(secretKey, vote);
        bytes memory otherSignature = _sign(otherSecretKey, _with(vote, otherPayload));
        return abi.encode(uint8(0), abi.encode(vote, otherPayload, signature, otherSignature));
    }

    function _keyEvidence(
        Vote memory vote,
        bytes32 otherPayload,
        uint256 validator
    ) private view returns (bytes memory) {
        uint256 secret = _secretKey(validator);
        bytes memory signature = BlsTool.aggregate(
            BlsTool.vote(secret, quorum.voteDigest(vote)),
            BlsTool.vote(secret, quorum.voteDigest(_with(vote, otherPayload)))
        );
        return abi.encode(uint8(1), abi.encode(vote, otherPayload, _key(secret), signature));
    }

    function _rowEvidence(Vote memory vote, uint256 row) private pure returns (bytes memory) {
        return abi.encode(uint8(2), abi.encode(vote.epoch, vote.slot, vote.round, vote.voteType, row));
    }

    function _with(Vote memory vote, bytes32 payload) private pure returns (Vote memory) {
        return Vote(vote.serviceId, vote.epoch, vote.slot, vote.round, vote.voteType, payload);
    }

    function _sign(uint256 secretKey, Vote memory vote) private view returns (bytes memory) {
        return _sign(secretKey, quorum.voteDigest(vote));
    }

    function _sign(uint256 secretKey, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secretKey, digest);
        return abi.encodePacked(r, s, v);
    }

    function _head(bytes memory data, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) part[i] = data[i];
    }

    function _expectRefusal(bytes memory body, bytes memory expected) private {
        vm.expectRevert(expected);
        _verifier.verify(SERVICE, abi.encode(uint8(0), body));
    }

    function _expectVerdict(bytes memory evidence, address operator, bytes32 key) private view {
        (address actual, bytes32 actualKey, uint48 capturedAt, uint64 wad, address beneficiary) = _verifier.verify(
            SERVICE,
            evidence
        );
        require(actual == operator && actualKey == key, "who and what");
        require(capturedAt == uint48(epoch) * EPOCH && wad == WAD && beneficiary == address(0), "when and how much");
    }

    function _expectNothingRecorded() private view {
        require(_verifier.guiltyRows(VoteLib.positionHash(_vote(""))) == 0, "nothing recorded");
    }
}
