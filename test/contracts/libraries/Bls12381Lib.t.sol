// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Bls12381Lib, G1Point } from "../../../contracts/libraries/Bls12381Lib.sol";
import { BlsTool } from "../../support/BlsTool.sol";
import { vm } from "../../support/Vm.sol";

/// @notice The vectors are @noble/curves' and RFC 9380's: test/support/bls-vectors.ts.
contract Bls12381LibTest {
    using Bls12381Lib for G1Point;

    string private _json;
    bytes[] private _keys;
    bytes32[] private _digests;
    bytes[] private _votes;

    function setUp() public {
        _json = vm.readFile("test/support/vectors/bls.json");
        _keys = abi.decode(_get(".keys"), (bytes[]));
        _digests = abi.decode(_get(".digests"), (bytes32[]));
        _votes = abi.decode(_get(".votes"), (bytes[]));
    }

    function hash(bytes calldata message, bytes calldata tag) external view returns (bytes memory) {
        return Bls12381Lib.hashToG2(message, tag);
    }

    function load(bytes calldata data, uint256 offset) external pure returns (G1Point memory) {
        return Bls12381Lib.loadG1(data, offset);
    }

    function negated(G1Point calldata point) external pure returns (G1Point memory) {
        return Bls12381Lib.negate(point);
    }

    function sum(G1Point calldata a, G1Point calldata b) external view returns (G1Point memory) {
        return Bls12381Lib.add(a, b);
    }

    function sumPacked(G1Point memory a, bytes calldata data, uint256 offset) external view returns (G1Point memory) {
        a.addPacked(data, offset);
        return a;
    }

    function isVote(G1Point calldata key, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return Bls12381Lib.verifyVote(key, digest, signature);
    }

    function isVotePair(
        G1Point calldata key,
        bytes32 digestA,
        bytes32 digestB,
        bytes calldata aggregate
    ) external view returns (bool) {
        return Bls12381Lib.verifyVotePair(key, digestA, digestB, aggregate);
    }

    function test_HashesAsRfc9380() public view {
        string[] memory messages = abi.decode(_get(".rfc9380.messages"), (string[]));
        bytes[] memory points = abi.decode(_get(".rfc9380.points"), (bytes[]));
        bytes memory tag = bytes(abi.decode(_get(".rfc9380.tag"), (string)));
        require(messages.length == 5 && points.length == 5, "five vectors");
        for (uint256 i = 0; i < messages.length; ++i) {
            _same(Bls12381Lib.hashToG2(bytes(messages[i]), tag), points[i], "point");
        }
    }

    function test_HashesDigestsAsNoble() public view {
        bytes[] memory points = abi.decode(_get(".hashes"), (bytes[]));
        for (uint256 i = 0; i < _digests.length; ++i) {
            _same(Bls12381Lib.hashToG2(_digests[i], Bls12381Lib.VOTE_TAG), points[i], "point");
        }
    }

    function test_RejectsLongTags() public {
        bytes memory tag = new bytes(256);
        vm.expectRevert(abi.encodeWithSelector(Bls12381Lib.Bls12381TagTooLong.selector, 256, 255));
        this.hash("", tag);
        this.hash("", new bytes(255));
    }

    function test_HashesFromDirtyMemory() public view {
        bytes memory expected = Bls12381Lib.hashToG2(_digests[0], Bls12381Lib.VOTE_TAG);
        assembly ("memory-safe") {
            let free := mload(0x40)
            for {
                let i := 0
            } lt(i, 0x1000) {
                i := add(i, 0x20)
            } {
                mstore(add(free, i), not(0))
            }
        }
        _same(Bls12381Lib.hashToG2(_digests[0], Bls12381Lib.VOTE_TAG), expected, "point");
    }

    function test_KnowsKeysOfSecrets() public view {
        bytes32[] memory secrets = abi.decode(_get(".secrets"), (bytes32[]));
        bytes[] memory possessions = abi.decode(_get(".possessions"), (bytes[]));
        for (uint256 i = 0; i < secrets.length; ++i) {
            G1Point memory key = BlsTool.keyOf(uint256(secrets[i]));
            _same(key.packG1(), _keys[i], "key");
            _same(abi.encode(Bls12381Lib.loadG1(_keys[i], 0)), abi.encode(key), "loaded");
            _same(BlsTool.vote(uint256(secrets[i]), _digests[i]), _votes[i], "vote");
            _same(BlsTool.possession(uint256(secrets[i]), _digests[i]), possessions[i], "possession");
        }
    }

    function test_VerifiesVotes() public view {
        for (uint256 i = 0; i < _keys.length; ++i) {
            G1Point memory key = _key(i);
            require(key.verifyVote(_digests[i], _votes[i]), "own vote");
            require(!key.verifyVote(_digests[(i + 1) % _keys.length], _votes[i]), "another digest");
            require(!key.verifyVote(_digests[i], _votes[(i + 1) % _keys.length]), "another vote");
            require(!key.negate().verifyVote(_digests[i], _votes[i]), "another key");
        }
    }

    function test_TagsTellVotesFromPossession() public view {
        bytes[] memory possessions = abi.decode(_get(".possessions"), (bytes[]));
        require(_key(0).verifyPossession(_digests[0], possessions[0]), "possession");
        require(!_key(0).verifyPossession(_digests[0], _votes[0]), "a vote is no possession");
        require(!_key(0).verifyVote(_digests[0], possessions[0]), "a possession is no vote");
    }

    function test_VerifiesPairs() public view {
        bytes memory pair = abi.decode(_get(".pair"), (bytes));
        require(_key(0).verifyVotePair(_digests[0], _digests[1], pair), "pair");
        require(_key(0).verifyVotePair(_digests[1], _digests[0], pair), "order");
        require(!_key(0).verifyVotePair(_digests[0], _digests[2], pair), "another digest");
        require(!_key(1).verifyVotePair(_digests[0], _digests[1], pair), "another key");
        require(!_key(0).verifyVotePair(_digests[0], _digests[1], _votes[0]), "one vote only");
        bytes memory twice = BlsTool.aggregate(_votes[0], _votes[0]);
        require(!_key(0).verifyVotePair(_digests[0], _digests[0], twice), "one digest twice");
    }

    function test_VerifiesACommittee() public view {
        G1Point memory total = _key(0);
        bytes memory table = _keys[1];
        for (uint256 i = 2; i < _keys.length; ++i) table = bytes.concat(table, new bytes(16), _keys[i]);
        for (uint256 i = 1; i < _keys.length; ++i) total.addPacked(table, (i - 1) * 112);
        _same(total.packG1(), abi.decode(_get(".committee.key"), (bytes)), "sum of keys");
        bytes memory signature = abi.decode(_get(".committee.signature"), (bytes));
        require(total.verifyVote(_digests[0], signature), "all signed");
        require(!total.add(_key(1).negate()).verifyVote(_digests[0], signature), "one less");
    }

    function test_AddsLikeAGroup() public view {
        G1Point memory zero;
        G1Point memory a = _key(0);
        require(zero.isIdentity() && !a.isIdentity(), "identity");
        require(a.add(a.negate()).isIdentity(), "inverse");
        require(zero.add(zero).isIdentity() && zero.negate().isIdentity(), "zero");
        _same(abi.encode(a.add(zero)), abi.encode(a), "neutral");
        _same(abi.encode(a.negate().negate()), abi.encode(a), "twice negated");
        _same(abi.encode(BlsTool.keyOf(7).add(BlsTool.keyOf(7))), abi.encode(BlsTool.keyOf(14)), "doubled");
    }

    function test_RejectsIdentities() public view {
        G1Point memory zero;
        require(!zero.verifyVote(_digests[0], new bytes(256)), "identity key and signature");
        require(!zero.verifyPossession(_digests[0], new bytes(256)), "identity possession");
        require(!zero.verifyVotePair(_digests[0], _digests[1], new bytes(256)), "identity pair");
        require(!_key(0).verifyVote(_digests[0], new bytes(256)), "identity signature");
        require(!zero.verifyVote(_digests[0], _votes[0]), "identity key");
    }

    /// @dev Without the subgroup check both pairings would hold.
    function test_RejectsPointsOffTheSubgroup() public view {
        G1Point memory key = Bls12381Lib.loadG1(abi.decode(_get(".offSubgroup.key"), (bytes)), 0);
        G1Point memory zero;
        require(!key.add(zero).isIdentity(), "on the curve");
        require(!this.isVote{ gas: 1_000_000 }(key, _digests[0], _votes[0]), "key");
        bytes memory signature = abi.decode(_get(".offSubgroup.signature"), (bytes));
        require(BlsTool.aggregate(signature, signature).length == 256, "on the curve");
        require(!this.isVote{ gas: 1_000_000 }(_key(0), _digests[0], signature), "signature");
    }

    function test_RejectsOtherEncodings() public view {
        // x + p still fits in 48 bytes for the first x below 2^384 - p.
        for (uint256 part = 0; part < 2; ++part) {
            bytes memory packed = _plusModulus(_keys[0], part * 48);
            G1Point memory key = Bls12381Lib.loadG1(packed, 0);
            require(!this.isVote{ gas: 1_000_000 }(key, _digests[0], _votes[0]), "coordinate of the key");
        }
        for (uint256 part = 0; part < 4; ++part) {
            bytes memory signature = _plusModulus(_votes[0], 16 + part * 64);
            require(!this.isVote{ gas: 1_000_000 }(_key(0), _digests[0], signature), "coordinate of the signature");
            signature = bytes.concat(_votes[0]);
            signature[part * 64] = 0x01;
            require(!this.isVote{ gas: 1_000_000 }(_key(0), _digests[0], signature), "padding of the signature");
        }
        G1Point memory padded = _key(0);
        padded.x0 |= bytes32(uint256(1) << 128);
        require(!this.isVote{ gas: 1_000_000 }(padded, _digests[0], _votes[0]), "padding of the key");
    }

    function test_RejectsAdditionsOffTheCurve() public {
        G1Point memory bad = _key(0);
        bad.y1 = bytes32(uint256(bad.y1) ^ 1);
        vm.expectRevert(Bls12381Lib.Bls12381InvalidPoint.selector);
        this.sum{ gas: 100_000 }(_key(1), bad);
        vm.expectRevert(Bls12381Lib.Bls12381InvalidPoint.selector);
        this.sumPacked{ gas: 100_000 }(_key(1), bad.packG1(), 0);
        require(!this.isVote{ gas: 1_000_000 }(bad, _digests[0], _votes[0]), "vote");
    }

    function test_RejectsNegatingACoordinateAboveTheModulus() public {
        G1Point memory bad = _key(0);
        bytes32 p0 = 0x000000000000000000000000000000001a0111ea397fe69a4b1ba7b6434bacd7;
        bytes32 p1 = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;
        (bad.y0, bad.y1) = (p0, p1);
        vm.expectRevert(Bls12381Lib.Bls12381InvalidPoint.selector);
        this.negated(bad);
        bad.y0 = bytes32(uint256(p0) + 1);
        bad.y1 = 0;
        vm.expectRevert(Bls12381Lib.Bls12381InvalidPoint.selector);
        this.negated(bad);
    }

    function test_RejectsWrongLengths() public {
        uint16[5] memory lengths = [0, 96, 255, 257, 512];
        for (uint256 i = 0; i < lengths.length; ++i) {
            uint256 length = lengths[i];
            bytes memory signature = new bytes(length);
            vm.expectRevert(abi.encodeWithSelector(Bls12381Lib.Bls12381SignatureLength.selector, length, 256));
            this.isVote(_key(0), _digests[0], signature);
        }
        vm.expectRevert(abi.encodeWithSelector(Bls12381Lib.Bls12381SignatureLength.selector, 0, 256));
        this.isVotePair(_key(0), _digests[0], _digests[1], "");
    }

    function testFuzz_RejectsKeysOutOfBounds(uint16 length, uint256 offset) public {
        uint256 bytesLength = length % 400;
        bytes memory data = new bytes(bytesLength);
        if (bytesLength >= 96 && offset <= bytesLength - 96) {
            require(this.load(data, offset).isIdentity(), "zeros");
            return;
        }
        bytes memory expected = abi.encodeWithSelector(
            Bls12381Lib.Bls12381KeyOutOfBounds.selector,
            offset,
            bytesLength
        );
        G1Point memory key = _key(0);
        vm.expectRevert(expected);
        this.load(data, offset);
        vm.expectRevert(expected);
        this.sumPacked(key, data, offset);
    }

    function testFuzz_LoadsWhatItPacks(bytes16 x0, bytes32 x1, bytes16 y0, bytes32 y1, uint8 offset) public pure {
        bytes memory packed = abi.encodePacked(x0, x1, y0, y1);
        bytes memory data = bytes.concat(new bytes(offset), packed, hex"ff");
        G1Point memory point = Bls12381Lib.loadG1(data, offset);
        require(point.x0 == bytes32(uint256(uint128(x0))) && point.x1 == x1, "x");
        require(point.y0 == bytes32(uint256(uint128(y0))) && point.y1 == y1, "y");
        _same(point.packG1(), packed, "packed");
    }

    function testFuzz_SumsAndSignaturesAreLinear(uint256 a, uint256 b, bytes32 digest) public view {
        (a, b) = ((a % (BlsTool.ORDER - 1)) + 1, (b % (BlsTool.ORDER - 1)) + 1);
        G1Point memory keyA = BlsTool.keyOf(a);
        G1Point memory keyB = BlsTool.keyOf(b);
        G1Point memory total = keyA.add(keyB);
        _same(abi.encode(total), abi.encode(BlsTool.keyOf(addmod(a, b, BlsTool.ORDER))), "sum");
        _same(abi.encode(keyA.negate()), abi.encode(BlsTool.keyOf(BlsTool.ORDER - a)), "negative");
        keyA.addPacked(keyB.packG1(), 0);
        _same(abi.encode(keyA), abi.encode(total), "in place");
        bytes memory signature = BlsTool.aggregate(BlsTool.vote(a, digest), BlsTool.vote(b, digest));
        require(total.isIdentity() || total.verifyVote(digest, signature), "signature of the sum");
        require(!keyB.verifyVote(digest, signature), "signature of one");
    }

    function _key(uint256 index) private view returns (G1Point memory) {
        return Bls12381Lib.loadG1(_keys[index], 0);
    }

    function _get(string memory path) private view returns (bytes memory) {
        return vm.parseJson(_json, path);
    }

    /// @dev Adds the modulus to the 48 bytes at `offset`, modulo 2^384: some wrap, and are another number then.
    function _plusModulus(bytes memory data, uint256 offset) private pure returns (bytes memory changed) {
        changed = bytes.concat(data);
        bytes memory modulus =
            hex"1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
        uint256 carry = 0;
        for (uint256 i = 48; i > 0; --i) {
            uint256 digit = uint256(uint8(changed[offset + i - 1])) + uint8(modulus[i - 1]) + carry;
            changed[offset + i - 1] = bytes1(uint8(digit));
            carry = digit >> 8;
        }
        require(carry == 0, "fits");
    }

    function _same(bytes memory actual, bytes memory expected, string memory what) private pure {
        require(keccak256(actual) == keccak256(expected), what);
    }
}
