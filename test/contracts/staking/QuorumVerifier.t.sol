// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IQuorumVerifier } from "../../../contracts/interfaces/staking/IQuorumVerifier.sol";
import { Certificate, QuorumLib } from "../../../contracts/libraries/QuorumLib.sol";
import { TableLib } from "../../../contracts/libraries/TableLib.sol";
import { Vote } from "../../../contracts/libraries/VoteLib.sol";
import { BlsTool } from "../../support/BlsTool.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { HomeStub } from "../../support/HomeStub.sol";
import { QuorumFixture } from "../../support/QuorumFixture.sol";
import { vm } from "../../support/Vm.sol";

contract QuorumVerifierTest is QuorumFixture {
    function test_BuildsARowForEverySeatInOrder() public {
        _fill(3);
        address table = quorum.buildTable(SERVICE, epoch, 3);
        bytes memory expected = bytes.concat(
            hex"00",
            _key(addmod(addmod(_secretKey(0), _secretKey(1), BlsTool.ORDER), _secretKey(2), BlsTool.ORDER)),
            bytes16(uint128(303)),
            _key(_secretKey(0)),
            bytes16(uint128(100)),
            _key(_secretKey(1)),
            bytes16(uint128(101)),
            _key(_secretKey(2)),
            bytes16(uint128(102))
        );
        require(keccak256(table.code) == keccak256(expected), "code");
        require(quorum.tableOf(SERVICE, epoch) == table, "tableOf");
    }

    function test_EmitsTheTable() public {
        _fill(2);
        vm.recordLogs();
        address table = quorum.buildTable(SERVICE, epoch, 200);
        bytes memory data = vm.getRecordedLogs()[0].data;
        require(keccak256(data) == keccak256(abi.encode(table, table.codehash, 2, 201)), "TableBuilt");
    }

    function test_LeavesOutSeatsWithoutHolderWeightOrKey() public {
        _fill(5);
        HomeStub.Validator memory validator = _validator(1);
        validator.weight = 0;
        home.setValidator(1, validator);
        validator = _validator(2);
        validator.key = "";
        home.setValidator(2, validator);
        validator = _validator(3);
        validator.operator = address(0);
        home.setValidator(3, validator);
        address table = quorum.buildTable(SERVICE, epoch, 5);
        require(TableLib.rowCount(table) == 2, "rows");
        require(TableLib.keyHashAt(table, 0) == keccak256(_key(_secretKey(0))), "first");
        require(TableLib.keyHashAt(table, 1) == keccak256(_key(_secretKey(4))), "last");
    }

    function test_HugeWeightsCountAsTheLargest() public {
        _fill(2);
        HomeStub.Validator memory validator = _validator(0);
        validator.weight = type(uint256).max;
        home.setValidator(0, validator);
        bytes memory table = TableLib.read(quorum.buildTable(SERVICE, epoch, 2));
        require(TableLib.weightIn(table, 112) == TableLib.MAX_WEIGHT, "row");
        require(TableLib.weightIn(table, 0) == TableLib.MAX_WEIGHT + 101, "sum");
    }

    function test_AnEpochWithoutValidatorsHasAnEmptyTable() public {
        home.setSeats(5);
        address table = quorum.buildTable(SERVICE, epoch, 5);
        require(keccak256(table.code) == keccak256(new bytes(113)), "zeros");
        Vote memory vote = _vote("a");
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWeightTooSmall.selector, 0, 0));
        quorum.verify(vote, Certificate(new bytes(256), 0));
    }

    /// @dev Any split gives the table of one call, by whomever and whenever it is built.
    function testFuzz_PagesMakeTheSameTable(uint8[4] calldata counts, uint32[4] calldata waits, uint256 empty) public {
        _fill(9);
        for (uint16 i = 0; i < 9; ++i) {
            if ((empty >> i) & 1 == 0) continue;
            HomeStub.Validator memory validator = _validator(i);
            validator.weight = 0;
            home.setValidator(i, validator);
        }
        bytes32 expected = quorum.buildTable(SERVICE, epoch, 9).codehash;

        quorum = IQuorumVerifier(deployArtifact("staking", "QuorumVerifier", abi.encode(home)));
        uint256 done = 0;
        address table;
        for (uint256 i = 0; i < 5 && done < 9; ++i) {
            uint16 count = i == 4 ? type(uint16).max : uint16(counts[i] % 5) + 1;
            if (i < 4) _warp(time + (waits[i] % (DELAY / 4)));
            vm.prank(address(uint160(i + 1)));
            table = quorum.buildTable(SERVICE, epoch, count);
            done += count;
            require(quorum.builtSeats(SERVICE, epoch) == (done < 9 ? done : done - count), "seats");
            require((table == address(0)) == (done < 9), "not before the last seat");
        }
        require(table.codehash == expected, "the same");
        require(quorum.tableOf(SERVICE, epoch) == table, "tableOf");
    }

    function test_TwoHundredSeatsFitIntoOneTransaction() public {
        _fill(200);
        uint256 gas = gasleft();
        address table = quorum.buildTable(SERVICE, epoch, 200);
        gas -= gasleft();
        require(gas < 16_777_216 - 21_500, "gas");
        require(table.code.length == 1 + 201 * 112, "length");
        require(TableLib.rowCount(table) == 200, "rows");
    }

    function test_RejectsAServiceWithoutSeats() public {
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierNoSeats.selector, SERVICE));
        quorum.buildTable(SERVICE, epoch, 1);
    }

    function test_RejectsAnEmptyPage() public {
        _fill(2);
        vm.expectRevert(IQuorumVerifier.QuorumVerifierZeroSeatCount.selector);
        quorum.buildTable(SERVICE, epoch, 0);
    }

    function test_RejectsATableTwice() public {
        _fill(2);
        address table = quorum.buildTable(SERVICE, epoch, 2);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierTableExists.selector, SERVICE, epoch));
        quorum.buildTable(SERVICE, epoch, 2);
        require(quorum.tableOf(SERVICE, epoch) == table, "unchanged");
    }

    function test_RejectsFutureEpochs() public {
        _fill(2);
        uint64 next = epoch + 1;
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierFutureEpoch.selector, next, time));
        quorum.buildTable(SERVICE, next, 2);
        _warp(uint48(next) * EPOCH);
        quorum.buildTable(SERVICE, next, 2);
    }

    function test_RejectsAnEpochWhoseCaptureIsOlderThanTheDelay() public {
        _fill(2);
        _warp(uint48(epoch) * EPOCH + DELAY);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierStaleEpoch.selector, epoch, time));
        quorum.buildTable(SERVICE, epoch, 2);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierStaleEpoch.selector, 0, time));
        quorum.buildTable(SERVICE, 0, 2);
        _warp(time - 1);
        quorum.buildTable(SERVICE, epoch, 2);
    }

    function test_APageThatComesTooLateChangesNothing() public {
        _fill(3);
        quorum.buildTable(SERVICE, epoch, 2);
        _warp(uint48(epoch) * EPOCH + DELAY);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierStaleEpoch.selector, epoch, time));
        quorum.buildTable(SERVICE, epoch, 1);
        require(quorum.builtSeats(SERVICE, epoch) == 2 && quorum.tableOf(SERVICE, epoch) == address(0), "unchanged");
    }

    function test_VerifiesCertificates() public {
        _fill(7);
        quorum.buildTable(SERVICE, epoch, 7);
        Vote memory vote = _vote("a");
        require(quorum.verify(vote, _certify(vote, 7, 0)) == 127, "all");
        require(quorum.verify(vote, _certify(vote, 7, 66)) == 61, "without rows 1 and 6");
    }

    function test_VerifiesWithTwoHundredRowsAndSixtySixAbsentees() public {
        _fill(200);
        quorum.buildTable(SERVICE, epoch, 200);
        Vote memory vote = _vote("a");
        require(quorum.verify(vote, _certify(vote, 200, (1 << 66) - 1)) >> 66 == (1 << 134) - 1, "signers");
    }

    function test_RejectsCertificatesOfAnUnbuiltEpoch() public {
        _fill(3);
        quorum.buildTable(SERVICE, epoch, 2);
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 3, 0);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierNoTable.selector, SERVICE, epoch));
        quorum.verify(vote, certificate);
    }

    function test_RejectsCertificatesOfStaleEpochs() public {
        _fill(3);
        quorum.buildTable(SERVICE, epoch, 3);
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 3, 0);
        _warp(uint48(epoch) * EPOCH + DELAY);
        quorum.verify(vote, certificate);
        _warp(time + 1);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierStaleEpoch.selector, epoch, time));
        quorum.verify(vote, certificate);
    }

    function test_RejectsACertificateOfAnotherServiceOrEpoch() public {
        _fill(3);
        quorum.buildTable(SERVICE, epoch, 3);
        quorum.buildTable(SERVICE + 1, epoch, 3);
        quorum.buildTable(SERVICE, epoch - 1, 3);
        Certificate memory certificate = _certify(_vote("a"), 3, 0);

        Vote memory vote = _vote("a");
        vote.serviceId = SERVICE + 1;
        _expectRefusal(vote, certificate);
        vote = _vote("a");
        vote.epoch = epoch - 1;
        _expectRefusal(vote, certificate);
    }

    function test_RejectsACertificateOfAnotherPosition() public {
        _fill(3);
        quorum.buildTable(SERVICE, epoch, 3);
        Certificate memory certificate = _certify(_vote("a"), 3, 0);
        for (uint256 i = 0; i < 4; ++i) {
            Vote memory vote = _vote(i == 0 ? bytes32("b") : bytes32("a"));
            if (i == 1) ++vote.slot;
            if (i == 2) ++vote.round;
            if (i == 3) ++vote.voteType;
            _expectRefusal(vote, certificate);
        }
    }

    function test_RejectsACertificateOfAnotherChainOrRegistry() public {
        _fill(3);
        Vote memory vote = _vote("a");
        Certificate memory certificate = _certify(vote, 3, 0);
        HomeStub other = new HomeStub(DELAY, EPOCH);
        IQuorumVerifier elsewhere = IQuorumVerifier(deployArtifact("staking", "QuorumVerifier", abi.encode(other)));
        require(elsewhere.domainSeparator() != quorum.domainSeparator(), "registry");

        vm.chainId(999);
        quorum = IQuorumVerifier(deployArtifact("staking", "QuorumVerifier", abi.encode(home)));
        quorum.buildTable(SERVICE, epoch, 3);
        _expectRefusal(vote, certificate);
    }

    function _expectRefusal(Vote memory vote, Certificate memory certificate) private {
        bytes32 digest = quorum.voteDigest(vote);
        vm.expectRevert(abi.encodeWithSelector(QuorumLib.QuorumWrongSignature.selector, digest));
        quorum.verify(vote, certificate);
    }
}
