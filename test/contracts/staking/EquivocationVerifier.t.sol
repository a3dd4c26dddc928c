// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IEquivocationVerifier } from "../../../contracts/interfaces/staking/IEquivocationVerifier.sol";
import { Bls12381Lib } from "../../../contracts/libraries/Bls12381Lib.sol";
import { Certificate, QuorumLib } from "../../../contracts/libraries/QuorumLib.sol";
import { Vote, VoteLib } from "../../../contracts/libraries/VoteLib.sol";
import { BlsTool } from "../../support/BlsTool.sol";
import { EquivocationFixture } from "../../support/EquivocationFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Evidence of two votes by one operator, and what no form of evidence may be.
contract EquivocationVerifierTest is EquivocationFixture {
    uint256 private constant SIGNER_KEY = 0x516;
    uint256 private constant NEW_SIGNER_KEY = 0x517;
    uint256 private constant OTHER_SIGNER_KEY = 0x518;
    uint256 private constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function setUp() public override {
        super.setUp();
        home.setSigner(vm.addr(SIGNER_KEY), _operator(2), 0);
        home.setSigner(vm.addr(OTHER_SIGNER_KEY), _operator(3), 0);
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
        verifier.verify(SERVICE, abi.encode(uint8(3), bytes("")));
    }

    function test_RejectsBytesThatAreNoEncoding() public {
        bytes memory evidence = _signerEvidence(_vote("a"), "b");
        for (uint256 length = 0; length < evidence.length; length += 97) {
            vm.expectRevert();
            verifier.verify(SERVICE, _head(evidence, length));
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
        (, bytes32 first, , , ) = verifier.verify(SERVICE, _signerEvidence(_vote("b"), "c"));
        (, bytes32 second, , , ) = verifier.verify(SERVICE, _keyEvidence(_vote("d"), "e", 2));
        (, bytes32 third, , , ) = verifier.verify(SERVICE, _rowEvidence(_vote(""), 2));
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
        verifier.verify(SERVICE, evidence);
    }

    function test_RejectsTheSameVoteTwice() public {
        bytes memory expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierSamePayload.selector,
            bytes32("a")
        );
        bytes memory evidence = _signerEvidence(_vote("a"), "a");
        vm.expectRevert(expected);
        verifier.verify(SERVICE, evidence);

        evidence = _keyEvidence(_vote("a"), "a", 2);
        vm.expectRevert(expected);
        verifier.verify(SERVICE, evidence);

        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 6, 0);
        vm.expectRevert(expected);
        verifier.recordConflict(vote, "a", certificate, certificate);
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
        verifier.verify(SERVICE, evidence);

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
        verifier.verify(SERVICE, evidence);

        Certificate memory certificate = _certify(vote, 6, 0);
        Certificate memory laterCertificate = _certify(later, 6, 0);
        Vote memory forged = _vote("b");
        expected = abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, quorum.voteDigest(forged));
        vm.expectRevert(expected);
        verifier.recordConflict(vote, "b", certificate, laterCertificate);
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
        verifier.verify(SERVICE + 1, evidence);
        evidence = _keyEvidence(_vote("a"), "b", 2);
        vm.expectRevert(expected);
        verifier.verify(SERVICE + 1, evidence);

        _recordConflict(_vote("a"), "b", 0, 0);
        Vote memory elsewhere = _vote("");
        elsewhere.serviceId = SERVICE + 1;
        expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierRowNotGuilty.selector,
            VoteLib.positionHash(elsewhere),
            2
        );
        vm.expectRevert(expected);
        verifier.verify(SERVICE + 1, _rowEvidence(_vote(""), 2));
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
        verifier.verify(SERVICE, evidence);
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
        verifier.verify(SERVICE, evidence);
        _warp(uint48(vote.epoch) * EPOCH);
        verifier.verify(SERVICE, evidence);
        vote.epoch = type(uint64).max;
        evidence = _signerEvidence(vote, "b");
        vm.expectPartialRevert(IEquivocationVerifier.EquivocationVerifierFutureEpoch.selector);
        verifier.verify(SERVICE, evidence);
    }

    function test_TheOffenceIsDatedAtTheStartOfTheVotesEpoch() public {
        bytes memory evidence = _signerEvidence(_vote("a"), "b");
        _warp(time + 3 days);
        (, , uint48 capturedAt, , ) = verifier.verify(SERVICE, evidence);
        require(capturedAt == uint48(epoch) * EPOCH, "not when it was reported");
    }

    function test_RejectsUnknownSignersAndKeys() public {
        bytes memory evidence = _signerEvidence(_vote("a"), 0x999, "b", 0x999);
        bytes memory expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierUnknownSigner.selector,
            vm.addr(0x999)
        );
        vm.expectRevert(expected);
        verifier.verify(SERVICE, evidence);

        evidence = _keyEvidence(_vote("a"), "b", 77);
        expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierUnknownKey.selector,
            keccak256(_key(_secretKey(77)))
        );
        vm.expectRevert(expected);
        verifier.verify(SERVICE, evidence);
    }

    function test_RejectsKeysThatEndedLongerThanTheDelayAgo() public {
        bytes memory signerEvidence = _signerEvidence(_vote("a"), "b");
        bytes memory keyEvidence = _keyEvidence(_vote("a"), "b", 2);
        uint48 endedAt = time;
        home.setSigner(vm.addr(SIGNER_KEY), _operator(2), endedAt);
        home.endKey(keccak256(_key(_secretKey(2))), endedAt);
        _recordConflict(_vote("a"), "b", 0, 0);

        _warp(time + DELAY);
        verifier.verify(SERVICE, signerEvidence);
        verifier.verify(SERVICE, keyEvidence);
        verifier.verify(SERVICE, _rowEvidence(_vote(""), 2));

        _warp(time + 1);
        bytes memory expected = abi.encodeWithSelector(
            IEquivocationVerifier.EquivocationVerifierEndedKey.selector,
            endedAt,
            time
        );
        vm.expectRevert(expected);
        verifier.verify(SERVICE, signerEvidence);
        vm.expectRevert(expected);
        verifier.verify(SERVICE, keyEvidence);
        vm.expectRevert(expected);
        verifier.verify(SERVICE, _rowEvidence(_vote(""), 2));
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
            verifier.verify(SERVICE, evidence);
        }
    }

    function test_RejectsAKeyOfAnotherLength() public {
        bytes memory key = bytes.concat(_key(_secretKey(2)), hex"00");
        bytes memory body = abi.encode(_vote("a"), bytes32("b"), key, new bytes(256));
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationVerifier.EquivocationVerifierUnknownKey.selector, keccak256(key))
        );
        verifier.verify(SERVICE, abi.encode(uint8(1), body));
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
        verifier.verify(SERVICE, abi.encode(uint8(0), body));
    }
}
