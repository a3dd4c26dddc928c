// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOperatorRegistry } from "../../../contracts/interfaces/staking/IOperatorRegistry.sol";
import { IQuorumVerifier } from "../../../contracts/interfaces/staking/IQuorumVerifier.sol";
import { IServiceInbox } from "../../../contracts/interfaces/staking/IServiceInbox.sol";
import { Bls12381Lib, G1Point } from "../../../contracts/libraries/Bls12381Lib.sol";
import { Certificate, QuorumLib } from "../../../contracts/libraries/QuorumLib.sol";
import { TableLib } from "../../../contracts/libraries/TableLib.sol";
import { Vote, VoteLib } from "../../../contracts/libraries/VoteLib.sol";
import { BlsTool } from "../../support/BlsTool.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { HomeStub } from "../../support/HomeStub.sol";
import { QuorumFixture } from "../../support/QuorumFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice What audits found in EigenLayer's multichain release and in Symbiotic's relay, tried on our tables, certificates
/// and inboxes. One test for each finding.
contract AuditFindingsQuorumTest is QuorumFixture {
    using Bls12381Lib for G1Point;

    uint48 private constant _MAX_AGE = 6 days;

    IServiceInbox private _inbox;
    uint64 private _next;

    /// @dev Six validators at home; the inbox knows them, and the next epoch has begun with the same.
    function setUp() public override {
        super.setUp();
        _fill(6);
        quorum.buildTable(SERVICE, epoch, 6);
        bytes memory arguments = abi.encode(31337, home, SERVICE, EPOCH, _MAX_AGE, epoch, _table(epoch));
        _inbox = IServiceInbox(deployArtifact("staking", "ServiceInbox", arguments));
        _next = epoch + 1;
        _warp(uint48(_next) * EPOCH);
        quorum.buildTable(SERVICE, _next, 6);
    }

    /// @notice EigenLayer multichain H-01 (part 1): the array of the table is built wrongly when operators are left out.
    function test_ATableWithGapsHasNoEmptyAndNoWrongRows() public {
        home.setValidator(1, HomeStub.Validator(_operator(1), 0, _key(_secretKey(1))));
        home.setValidator(4, HomeStub.Validator(_operator(4), 104, ""));
        _warp(time + EPOCH);
        quorum.buildTable(SERVICE, _next + 1, 6);
        bytes memory table = _table(_next + 1);
        TableLib.validate(table);
        uint8[4] memory seats = [0, 2, 3, 5];
        require(TableLib.rowsIn(table) == 4, "rows");
        for (uint256 row = 0; row < 4; ++row) {
            bytes32 expected = keccak256(_key(_secretKey(seats[row])));
            require(TableLib.keyHashAt(quorum.tableOf(SERVICE, _next + 1), row) == expected, "key");
            require(TableLib.weightIn(table, (row + 1) * TableLib.ROW_BYTES) == 100 + seats[row], "weight");
        }
    }

    /// @notice EigenLayer multichain M-01 (part 1): a check of timestamps lets through what it should not.
    function test_TheFirstAndTheLastSecondOfATable() public {
        uint64 later = _next + 1;
        _warp(uint48(later) * EPOCH - 1);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierFutureEpoch.selector, later, time));
        quorum.buildTable(SERVICE, later, 6);
        _warp(time + 1);
        quorum.buildTable(SERVICE, later, 6);
        _warp(uint48(later + 1) * EPOCH + DELAY);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierStaleEpoch.selector, later + 1, time));
        quorum.buildTable(SERVICE, later + 1, 6);
    }

    /// @notice EigenLayer multichain H-03 to H-05 (part 2): inflated tables or huge outputs halt the transporter.
    function test_TheLargestTableWithTheLargestWeightsIsDelivered() public {
        home.setSeats(200);
        for (uint16 i = 0; i < 200; ++i) {
            home.setValidator(i, HomeStub.Validator(_operator(i), type(uint256).max, _key(_secretKey(i))));
        }
        uint64 later = _next + 1;
        _warp(uint48(later) * EPOCH);
        uint256 gasBefore = gasleft();
        quorum.buildTable(SERVICE, later, 200);
        require(gasBefore - gasleft() < 16_777_216, "one transaction");
        bytes memory table = _table(later);
        Certificate memory certificate = _header(later, table);
        gasBefore = gasleft();
        _inbox.advance(later, table, certificate);
        require(gasBefore - gasleft() < 16_777_216, "one transaction there");
    }

    /// @notice EigenLayer multichain M-01 (part 2) and Merkle audit L-04: padding proves missing nodes, inner nodes pass as leaves.
    /// Here the whole table is signed, so no shorter or longer one is.
    function test_NoOtherTableHasTheSignedHash() public {
        bytes memory table = _table(_next);
        Certificate memory certificate = _header(_next, table);
        for (uint256 rows = 1; rows < 8; ++rows) {
            if (rows == 6) continue;
            bytes memory other = TableLib.allocate(rows);
            G1Point memory keySum;
            uint256 weightSum;
            for (uint256 row = 0; row < rows; ++row) {
                TableLib.append(other, _key(_secretKey(row)), 100 + row);
                keySum = keySum.add(BlsTool.keyOf(_secretKey(row)));
                weightSum += 100 + row;
            }
            TableLib.seal(other, keySum, weightSum);
            _expectWrongSignature(other);
            _inbox.advance(_next, other, certificate);
        }
    }

    /// @notice EigenLayer multichain I-02: a malicious AVS makes up the bytes of its table. Here even a signed table must add up,
    /// and its bytes come from the home registry alone.
    function test_MadeUpBytesAreNoTable() public {
        bytes memory table = _table(_next);
        table[0x60] ^= 0x01;
        Certificate memory certificate = _header(_next, table);
        vm.expectPartialRevert(TableLib.TableWrongWeightSum.selector);
        _inbox.advance(_next, table, certificate);
        table = bytes.concat(_key(1), bytes16(uint128(200)), _key(1), bytes16(uint128(100)));
        table = bytes.concat(table, _key(2), bytes16(uint128(100)));
        certificate = _header(_next, table);
        vm.expectRevert(TableLib.TableWrongKeySum.selector);
        _inbox.advance(_next, table, certificate);
    }

    /// @notice Own reading of EigenLayer's certificates: their digest names neither the set nor the chain.
    function test_ACertificateIsBoundToServiceEpochChainAndRegistry() public {
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 6, 0);
        require(quorum.verify(vote, certificate) == 63, "as signed");
        ++vote.epoch;
        _expectWrong(quorum.voteDigest(vote));
        quorum.verify(vote, certificate);
        --vote.epoch;
        bytes32[2] memory domains = [
            VoteLib.domainSeparator(1, address(home)),
            VoteLib.domainSeparator(31337, address(1))
        ];
        for (uint256 i = 0; i < 2; ++i) {
            certificate = _certify(VoteLib.digest(vote, domains[i]), 6, 0);
            _expectWrong(quorum.voteDigest(vote));
            quorum.verify(vote, certificate);
        }
        vote.serviceId = 2;
        certificate = _certify(vote, 6, 0);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxWrongService.selector, 2, SERVICE));
        _inbox.verify(vote, certificate);
    }

    /// @notice Own reading of EigenLayer's certificates: the threshold is rounded down.
    function test_ExactlyTwoThirdsAreNoQuorum() public {
        for (uint16 i = 0; i < 6; ++i) {
            home.setValidator(i, HomeStub.Validator(_operator(i), i < 3 ? 1 : 0, _key(_secretKey(i))));
        }
        _warp(time + EPOCH);
        quorum.buildTable(SERVICE, _next + 1, 6);
        Vote memory vote = _vote("a");
        vote.epoch = _next + 1;
        Certificate memory certificate = _certify(vote, 3, 4);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 2, 3));
        quorum.verify(vote, certificate);
    }

    /// @notice Relay, Sherlock H-1: an all-zero key of arbitrary weight forges a quorum.
    function test_TheZeroKeyStandsInNoTable() public {
        bytes memory table = TableLib.allocate(2);
        TableLib.append(table, new bytes(96), type(uint64).max);
        TableLib.append(table, _key(1), 1);
        TableLib.seal(table, BlsTool.keyOf(1), uint256(type(uint64).max) + 1);
        Certificate memory certificate = _header(_next, table);
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableIdentityKey.selector, 0));
        _inbox.advance(_next, table, certificate);

        IOperatorRegistry registry = IOperatorRegistry(
            deployArtifact("staking", "OperatorRegistry", abi.encode(DELAY))
        );
        registry.register(address(0x51), "");
        vm.expectRevert(IOperatorRegistry.OperatorRegistryBlsKeyIsIdentity.selector);
        registry.setBlsKey(new bytes(128), new bytes(256));
    }

    /// @notice Relay, Sherlock M-7, and SigmaPrime SYM-01: a set keeps its power on other chains after its stake has left.
    function test_ASetIsBelievedForLessThanItsStakeIsThere() public {
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 6, 0);
        uint48 begun = uint48(epoch) * EPOCH;
        _warp(begun + _MAX_AGE);
        require(_inbox.verify(vote, certificate) == 63, "young enough");
        _warp(time + 1);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxStaleEpoch.selector, epoch, time));
        _inbox.verify(vote, certificate);
        _warp(begun + DELAY);
        require(quorum.verify(vote, certificate) == 63, "at home as long as its evidence counts");
        _warp(time + 1);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierStaleEpoch.selector, epoch, time));
        quorum.verify(vote, certificate);
    }

    /// @notice Relay, SigmaPrime SYM-13: the number of absentees runs below zero.
    function testFuzz_NoBitBeyondTheTableIsTaken(uint256 absentees) public {
        if (absentees >> 6 == 0) absentees |= 64;
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 6, absentees & 63);
        certificate.absentees = absentees;
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumBitsBeyondTable.selector, absentees, 6));
        quorum.verify(vote, certificate);
    }

    /// @notice Relay, Statemind HIGH-04: points outside the subgroup are taken. For keys see also `OperatorBlsKey.t.sol`.
    function test_ASignatureOutsideTheSubgroupIsRefused() public {
        string memory json = vm.readFile("test/support/vectors/bls.json");
        bytes memory off = abi.decode(vm.parseJson(json, ".offSubgroup.signature"), (bytes));
        Vote memory vote = _vote("a");
        Certificate memory certificate = Certificate(BlsTool.aggregate(_certify(vote, 6, 0).signature, off), 0);
        _expectWrong(quorum.voteDigest(vote));
        quorum.verify{ gas: 2_000_000 }(vote, certificate);
    }

    /// @notice Relay, Statemind HIGH-02: the negation of y = 0 is the modulus, which is no coordinate.
    function test_NegatingTheIdentityGivesTheIdentity() public view {
        G1Point memory identity;
        require(identity.negate().isIdentity(), "identity");
        require(BlsTool.keyOf(7).add(identity.negate()).add(BlsTool.keyOf(7).negate()).isIdentity(), "and is neutral");
    }

    function _table(uint64 ofEpoch) private view returns (bytes memory) {
        return TableLib.read(quorum.tableOf(SERVICE, ofEpoch));
    }

    /// @dev The inbox's set signs for a table.
    function _header(uint64 newEpoch, bytes memory table) private view returns (Certificate memory) {
        return _certify(VoteLib.header(SERVICE, epoch, newEpoch, TableLib.hashOf(table)), 6, 0);
    }

    function _expectWrongSignature(bytes memory table) private {
        _expectWrong(quorum.voteDigest(VoteLib.header(SERVICE, epoch, _next, TableLib.hashOf(table))));
    }

    function _expectWrong(bytes32 digest) private {
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, digest));
    }
}
