// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceInbox } from "../../../contracts/interfaces/staking/IServiceInbox.sol";
import { Bls12381Lib } from "../../../contracts/libraries/Bls12381Lib.sol";
import { Certificate, QuorumLib } from "../../../contracts/libraries/QuorumLib.sol";
import { TableLib } from "../../../contracts/libraries/TableLib.sol";
import { Vote, VoteLib } from "../../../contracts/libraries/VoteLib.sol";
import { BlsTool } from "../../support/BlsTool.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { HomeStub } from "../../support/HomeStub.sol";
import { QuorumFixture } from "../../support/QuorumFixture.sol";
import { vm } from "../../support/Vm.sol";

contract ServiceInboxTest is QuorumFixture {
    uint48 private constant MAX_AGE = 6 days;
    uint256 private constant REMOTE_CHAIN = 999;

    IServiceInbox private _inbox;
    uint64 private _next;

    /// @dev The first set has 4 validators, the next epoch's has a fifth. The inbox is on another chain from the start.
    function setUp() public override {
        super.setUp();
        _fill(4);
        quorum.buildTable(SERVICE, epoch, 4);
        _next = epoch + 1;
        _warp(uint48(_next) * EPOCH);
        _fill(5);
        quorum.buildTable(SERVICE, _next, 5);
        vm.chainId(REMOTE_CHAIN);
        _inbox = _create(epoch, _homeTable(epoch));
    }

    function create(uint64 genesisEpoch, bytes calldata table) external returns (IServiceInbox) {
        return _create(genesisEpoch, table);
    }

    function createWithTimes(uint48 epochSeconds, uint48 maxAgeSeconds) external {
        deployArtifact(
            "staking",
            "ServiceInbox",
            abi.encode(31337, home, SERVICE, epochSeconds, maxAgeSeconds, epoch, _homeTable(epoch))
        );
    }

    function test_KnowsTheDomainOfTheHomeChain() public view {
        require(_inbox.domainSeparator() == quorum.domainSeparator(), "domain");
        require(_inbox.genesisHash() == quorum.tableOf(SERVICE, epoch).codehash, "genesis");
        require(_inbox.newestEpoch() == epoch && _inbox.tableOf(epoch).codehash == _inbox.genesisHash(), "newest");
    }

    function test_RejectsTimesWithoutSense() public {
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxInvalidTimes.selector, 0, MAX_AGE));
        this.createWithTimes(0, MAX_AGE);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxInvalidTimes.selector, EPOCH, EPOCH - 1));
        this.createWithTimes(EPOCH, EPOCH - 1);
    }

    function test_RejectsAFutureOrStaleGenesis() public {
        bytes memory table = _homeTable(epoch);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxFutureEpoch.selector, _next + 1, time));
        this.create(_next + 1, table);
        uint64 old = epoch - uint64(MAX_AGE / EPOCH);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxStaleEpoch.selector, old, time));
        this.create(old, table);
        this.create(old + 1, table);
    }

    function test_RejectsAMalformedGenesis() public {
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableLength.selector, 0, 112, 200));
        this.create(epoch, "");
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableLength.selector, 112, 112, 200));
        this.create(epoch, new bytes(112));
        bytes memory table = bytes.concat(_homeTable(epoch), hex"00");
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableLength.selector, 5 * 112 + 1, 112, 200));
        this.create(epoch, table);
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableLength.selector, 202 * 112, 112, 200));
        this.create(epoch, new bytes(202 * 112));
        table = _homeTable(epoch);
        table[111] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableWrongWeightSum.selector, 407, 406));
        this.create(epoch, table);
        table = _homeTable(epoch);
        table[2 * 112 - 1] = 0;
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableZeroWeight.selector, 0));
        this.create(epoch, table);
        table = bytes.concat(_key(1), bytes16(uint128(406)), _slice(_homeTable(epoch), 112, 4 * 112));
        vm.expectRevert(TableLib.TableWrongKeySum.selector);
        this.create(epoch, table);
    }

    function test_AdvancesByTheNewestSet() public {
        bytes memory table = _homeTable(_next);
        Certificate memory certificate = _header(epoch, _next, table, 4, 0);
        vm.recordLogs();
        _inbox.advance(_next, table, certificate);
        require(_inbox.newestEpoch() == _next, "newest");
        address pointer = _inbox.tableOf(_next);
        require(pointer.codehash == quorum.tableOf(SERVICE, _next).codehash, "the home table");
        require(
            keccak256(vm.getRecordedLogs()[0].data) == keccak256(abi.encode(pointer, pointer.codehash)),
            "SetAdvanced"
        );

        Vote memory vote = _voteOf(_next, "a");
        require(_inbox.verify(vote, _certify(vote, 5, 1)) == 30, "the new set");
        vote = _voteOf(epoch, "a");
        require(_inbox.verify(vote, _certify(vote, 4, 1)) == 14, "the old set");
    }

    function test_AdvancesOverSeveralEpochs() public {
        bytes memory table = _homeTable(_next);
        uint64 later = _next + 20;
        Certificate memory certificate = _header(epoch, later, table, 4, 0);
        _warp(uint48(later) * EPOCH);
        _inbox.advance(later, table, certificate);
        require(_inbox.newestEpoch() == later, "newest");
    }

    function test_RejectsAnotherTableThanTheSignedOne() public {
        bytes memory table = _homeTable(_next);
        Certificate memory certificate = _header(epoch, _next, table, 4, 0);
        bytes memory head = _slice(table, 0, 112);

        bytes memory reordered = bytes.concat(
            head,
            _slice(table, 2 * 112, 112),
            _slice(table, 112, 112),
            _slice(table, 3 * 112, 3 * 112)
        );
        _expectWrongSignature(_next, reordered, certificate);

        bytes memory extended = bytes.concat(table, _slice(table, 112, 112));
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableWrongWeightSum.selector, 510, 610));
        _inbox.advance(_next, extended, certificate);

        bytes memory truncated = _slice(table, 0, 5 * 112);
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableWrongWeightSum.selector, 510, 406));
        _inbox.advance(_next, truncated, certificate);

        // The old table is well-formed, but not what was signed.
        _expectWrongSignature(_next, _homeTable(epoch), certificate);
        _expectNoAdvance();
    }

    /// @dev Even a quorum can't install a table whose header row is not the sum of its rows.
    function test_RejectsASignedTableWhoseHeaderRowLies() public {
        bytes memory table = _homeTable(_next);
        table[111] ^= 0x01;
        Certificate memory certificate = _header(epoch, _next, table, 4, 0);
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableWrongWeightSum.selector, 511, 510));
        _inbox.advance(_next, table, certificate);

        table = _homeTable(_next);
        table = bytes.concat(_key(1), bytes16(uint128(510)), _slice(table, 112, 5 * 112));
        certificate = _header(epoch, _next, table, 4, 0);
        vm.expectRevert(TableLib.TableWrongKeySum.selector);
        _inbox.advance(_next, table, certificate);
        _expectNoAdvance();
    }

    function test_RejectsAnEmptyTable() public {
        bytes memory table = new bytes(112);
        Certificate memory certificate = _header(epoch, _next, table, 4, 0);
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableLength.selector, 112, 112, 200));
        _inbox.advance(_next, table, certificate);
        _expectNoAdvance();
    }

    function test_RejectsAHeaderWithoutQuorum() public {
        bytes memory table = _homeTable(_next);
        Certificate memory certificate = _header(epoch, _next, table, 4, 3);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 205, 406));
        _inbox.advance(_next, table, certificate);
        certificate = _header(epoch, _next, table, 4, 0);
        certificate.absentees = 16;
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumBitsBeyondTable.selector, 16, 4));
        _inbox.advance(_next, table, certificate);
        _expectNoAdvance();
    }

    function test_RejectsAHeaderForAnotherEpoch() public {
        bytes memory table = _homeTable(_next);
        Certificate memory certificate = _header(epoch, _next, table, 4, 0);
        _warp(time + EPOCH);
        _expectWrongSignature(_next + 1, table, certificate);
        _expectNoAdvance();
    }

    function test_RejectsAHeaderByAnOlderSetThanTheStoredOne() public {
        bytes memory table = _homeTable(_next);
        _inbox.advance(_next, table, _header(epoch, _next, table, 4, 0));
        _warp(time + EPOCH);
        Certificate memory certificate = _header(epoch, _next + 1, table, 4, 0);
        bytes32 digest = quorum.voteDigest(VoteLib.header(SERVICE, _next, _next + 1, TableLib.hashOf(table)));
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, digest));
        _inbox.advance(_next + 1, table, certificate);
        require(_inbox.newestEpoch() == _next, "unchanged");
    }

    function test_RejectsEarlierAndEqualEpochs() public {
        bytes memory table = _homeTable(_next);
        for (uint64 newEpoch = epoch - 1; newEpoch <= epoch; ++newEpoch) {
            Certificate memory certificate = _header(epoch, newEpoch, table, 4, 0);
            vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxNotLater.selector, newEpoch, epoch));
            _inbox.advance(newEpoch, table, certificate);
        }
        _expectNoAdvance();
    }

    function test_RejectsFutureEpochs() public {
        bytes memory table = _homeTable(_next);
        uint64 later = _next + 1;
        Certificate memory certificate = _header(epoch, later, table, 4, 0);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxFutureEpoch.selector, later, time));
        _inbox.advance(later, table, certificate);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxFutureEpoch.selector, type(uint64).max, time));
        _inbox.advance(type(uint64).max, table, certificate);
        _expectNoAdvance();
    }

    function test_DiesWithItsNewestSet() public {
        bytes memory table = _homeTable(_next);
        Certificate memory certificate = _header(epoch, _next, table, 4, 0);
        Vote memory vote = _voteOf(epoch, "a");
        Certificate memory word = _certify(vote, 4, 0);
        _warp(uint48(epoch) * EPOCH + MAX_AGE);
        _inbox.verify(vote, word);
        _warp(time + 1);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxStaleEpoch.selector, epoch, time));
        _inbox.verify(vote, word);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxStaleEpoch.selector, epoch, time));
        _inbox.advance(_next, table, certificate);
        _expectNoAdvance();
    }

    function test_RejectsVotesOfOtherServicesAndEpochs() public {
        Vote memory vote = _voteOf(epoch, "a");
        vote.serviceId = SERVICE + 1;
        Certificate memory certificate = _certify(vote, 4, 0);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxWrongService.selector, SERVICE + 1, SERVICE));
        _inbox.verify(vote, certificate);
        vote = _voteOf(_next, "a");
        certificate = _certify(vote, 4, 0);
        vm.expectRevert(abi.encodeWithSelector(IServiceInbox.ServiceInboxUnknownEpoch.selector, _next));
        _inbox.verify(vote, certificate);
    }

    function test_RejectsVotesInTheDomainOfItsOwnChainOrAnotherRegistry() public {
        Vote memory vote = _voteOf(epoch, "a");
        bytes32[2] memory domains = [
            VoteLib.domainSeparator(REMOTE_CHAIN, address(home)),
            VoteLib.domainSeparator(31337, address(this))
        ];
        for (uint256 i = 0; i < 2; ++i) {
            Certificate memory certificate = _certify(VoteLib.digest(vote, domains[i]), 4, 0);
            bytes32 digest = quorum.voteDigest(vote);
            vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, digest));
            _inbox.verify(vote, certificate);
        }
    }

    function test_TakesTheLargestTable() public {
        _fill(200);
        vm.chainId(31337);
        uint64 later = _next + 1;
        _warp(uint48(later) * EPOCH);
        quorum.buildTable(SERVICE, later, 200);
        bytes memory table = _homeTable(later);
        Certificate memory certificate = _header(epoch, later, table, 4, 0);
        uint256 gas = gasleft();
        _inbox.advance(later, table, certificate);
        require(gas - gasleft() < 10_000_000, "fits into a transaction");
    }

    function _create(uint64 genesisEpoch, bytes memory table) private returns (IServiceInbox) {
        bytes memory arguments = abi.encode(31337, home, SERVICE, EPOCH, MAX_AGE, genesisEpoch, table);
        return IServiceInbox(deployArtifact("staking", "ServiceInbox", arguments));
    }

    function _homeTable(uint64 ofEpoch) private view returns (bytes memory) {
        return TableLib.read(quorum.tableOf(SERVICE, ofEpoch));
    }

    function _voteOf(uint64 ofEpoch, bytes32 payload) private view returns (Vote memory vote) {
        vote = _vote(payload);
        vote.epoch = ofEpoch;
    }

    function _header(
        uint64 signersEpoch,
        uint64 newEpoch,
        bytes memory table,
        uint256 rows,
        uint256 absentees
    ) private view returns (Certificate memory) {
        return _certify(VoteLib.header(SERVICE, signersEpoch, newEpoch, TableLib.hashOf(table)), rows, absentees);
    }

    function _expectWrongSignature(uint64 newEpoch, bytes memory table, Certificate memory certificate) private {
        bytes32 digest = quorum.voteDigest(VoteLib.header(SERVICE, epoch, newEpoch, TableLib.hashOf(table)));
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, digest));
        _inbox.advance(newEpoch, table, certificate);
    }

    function _expectNoAdvance() private view {
        require(_inbox.newestEpoch() == epoch && _inbox.tableOf(_next) == address(0), "unchanged");
    }

    function _slice(bytes memory data, uint256 from, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        assembly ("memory-safe") {
            mcopy(add(part, 0x20), add(add(data, 0x20), from), length)
        }
    }
}
