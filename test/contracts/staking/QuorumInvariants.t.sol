// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { IQuorumVerifier } from "../../../contracts/interfaces/staking/IQuorumVerifier.sol";
import { IServiceInbox } from "../../../contracts/interfaces/staking/IServiceInbox.sol";
import { Bls12381Lib, G1Point } from "../../../contracts/libraries/Bls12381Lib.sol";
import { Certificate } from "../../../contracts/libraries/QuorumLib.sol";
import { TableLib } from "../../../contracts/libraries/TableLib.sol";
import { Vote, VoteLib } from "../../../contracts/libraries/VoteLib.sol";
import { BlsTool } from "../../support/BlsTool.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { InvariantTargets } from "../../support/InvariantTargets.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Four operators contest the three seats of a service, change keys, stake and magnitude and are jailed, while tables
/// are built, certificates made and an inbox elsewhere follows.
contract QuorumHandler is StakingFixture {
    using Bls12381Lib for G1Point;

    uint32 private constant _SERVICE = 1;
    uint16 private constant _SEATS = 3;
    uint48 private constant _MAX_AGE = 6 days;

    IQuorumVerifier private _quorum;
    IServiceInbox private _inbox;
    mapping(bytes32 keyHash => uint256) private _secrets;
    mapping(uint256 secret => address) private _owners;
    uint64[] private _built;
    uint256 private _offences;

    string public violation;
    uint256 public certificateCount;
    uint256 public advanceCount;

    constructor() {
        setUp();
        ServiceParams memory params = _params(0, WAD);
        params.seats = _SEATS;
        services.createService(params);
        for (uint256 i = 0; i < 4; ++i) {
            _register(operatorAt(i));
            _deposit(operatorAt(i), operatorAt(i), (i + 1) * 1e18);
            _setKey(operatorAt(i), i + 1);
            vm.startPrank(operatorAt(i));
            services.setMagnitude(1, 0.5e18);
            if (i < _SEATS) services.joinSeat(_SERVICE, uint16(i));
            vm.stopPrank();
        }
        _skip(DELAY + EPOCH);
        _warp(time - (time % EPOCH) + EPOCH);
        _quorum = IQuorumVerifier(deployArtifact("staking", "QuorumVerifier", abi.encode(services)));
        _quorum.buildTable(_SERVICE, _epoch(), _SEATS);
        _built.push(_epoch());
        _found(_epoch());
    }

    function stake(uint256 seed, uint64 amount) external {
        address operator = operatorAt(seed);
        uint256 held = pool.sharesOf(operator, operator);
        if (seed % 2 == 0 || held == 0) _deposit(operator, operator, uint256(amount) + 1);
        else _request(operator, operator, (amount % held) + 1);
    }

    function change(uint256 seed, uint64 wad) external {
        address operator = operatorAt(seed / 4);
        if (seed % 4 == 0) {
            try
                slasher.submit(_SERVICE, _evidence(operator, bytes32(++_offences), time, (wad % 0.2e18) + 1))
            {} catch {}
            return;
        }
        vm.startPrank(operator);
        if (seed % 4 == 1) try services.setMagnitude(1, wad % WAD) {} catch {}
        if (seed % 4 == 2) try services.joinSeat(_SERVICE, uint16(seed % _SEATS)) {} catch {}
        if (seed % 12 == 3) try services.quit(_SERVICE) {} catch {}
        vm.stopPrank();
    }

    /// @dev A new key, or one that is somebody's already, or a proof that is another's.
    function rekey(uint256 seed) external {
        if (seed % 4 != 0) return;
        address operator = operatorAt(seed / 4);
        uint256 secret = 1 + ((seed / 16) % 24);
        G1Point memory key = BlsTool.keyOf(secret);
        bytes memory proof = BlsTool.possession(secret, _possession(operatorAt(seed / 8), key.packG1()));
        bool isAllowed = _owners[secret] == address(0) && operatorAt(seed / 8) == operator;
        vm.prank(operator);
        try operators.setBlsKey(abi.encode(key), proof) {
            _require(isAllowed, "I23: a taken key, or another's proof");
            _note(operator, secret, key);
        } catch {
            _require(!isAllowed, "I23: a free key was refused");
        }
        (address owner, ) = operators.blsKeyInfo(keccak256(key.packG1()));
        _require(owner == _owners[secret], "I23: a key of two operators");
    }

    /// @dev Builds a table of the last few epochs in pages, or builds an old one again in memory.
    function build(uint256 seed) external {
        uint64 epoch = _epoch() - uint64((seed / 8) % 3);
        if (seed % 3 == 0) epoch = _built[(seed / 8) % _built.length];
        if (_quorum.tableOf(_SERVICE, epoch) == address(0)) {
            while (_quorum.tableOf(_SERVICE, epoch) == address(0)) {
                _quorum.buildTable(_SERVICE, epoch, uint16((seed / 64) % _SEATS) + 1);
            }
            _built.push(epoch);
        }
        if (uint256(epoch) * EPOCH - 1 + DELAY < time) return;
        bytes memory table = TableLib.read(_quorum.tableOf(_SERVICE, epoch));
        _require(keccak256(table) == keccak256(_recomputed(epoch)), "I22: another table than its history's");
    }

    /// @dev Signs with some of a table's keys. Accepted exactly if they are a quorum of an epoch that is not stale.
    function certify(uint256 seed, bytes32 payload) external {
        if (seed % 3 != 0) return;
        uint64 epoch = _built[_built.length - 1 - ((seed / 8) % (_built.length < 3 ? _built.length : 3))];
        Vote memory vote = Vote(_SERVICE, epoch, uint64(seed), 0, 2, payload);
        address table = _quorum.tableOf(_SERVICE, epoch);
        uint256 rows = TableLib.rowCount(table);
        uint256 absentees = (seed / 64) % (1 << rows);
        Certificate memory certificate = _certificate(table, vote, absentees);
        bool isStale = uint256(epoch) * EPOCH + DELAY < time;
        bool isQuorum = _isQuorum(table, absentees) && !isStale;
        _require(_isProof(vote, certificate) == isQuorum, "I24: a quorum refused or less than one accepted");
        if (!isQuorum) return;
        ++certificateCount;
        if (rows != 0) certificate.absentees ^= 1 << ((seed / 512) % rows);
        _require(!_isProof(vote, certificate), "I24: a flipped bit");
        certificate.absentees = absentees | (1 << rows);
        _require(!_isProof(vote, certificate), "I24: a bit beyond the table");
        certificate.absentees = absentees;
        vote.epoch = _built[(seed / 8) % _built.length];
        if (vote.epoch != epoch) _require(!_isProof(vote, certificate), "I25: of another epoch");
        (vote.epoch, vote.serviceId) = (epoch, 2);
        _require(!_isProof(vote, certificate), "I25: of another service");
        vote.serviceId = _SERVICE;
        vote.payload = keccak256(abi.encode(payload));
        _require(!_isProof(vote, certificate), "I25: of another payload");
    }

    /// @dev Delivers a built table to the inbox, signed by the set that it knows or by another.
    function advance(uint256 seed) external {
        uint64 newest = _inbox.newestEpoch();
        uint64 newEpoch = _built[(seed / 8) % _built.length];
        address known = _inbox.tableOf(newest);
        address signers = known;
        if (seed % 4 == 0) signers = _quorum.tableOf(_SERVICE, _built[(seed / 64) % _built.length]);
        address delivered = _quorum.tableOf(_SERVICE, newEpoch);
        Vote memory vote = VoteLib.header(_SERVICE, newest, newEpoch, delivered.codehash);
        uint256 absentees = seed % 8 == 1 ? 1 : 0;
        Certificate memory certificate = _certificate(signers, vote, absentees);
        bool isDead = uint256(newest) * EPOCH + _MAX_AGE < time;
        // Other weights of the same keys make another table, but sign the same.
        bool isSigned = _secretOf(signers, absentees) == _secretOf(known, absentees) && _isQuorum(known, absentees);
        bool isExpected = isSigned && !isDead && newEpoch > newest && TableLib.rowCount(delivered) != 0;
        try _inbox.advance(newEpoch, TableLib.read(delivered), certificate) {
            _require(isExpected, "I26: an advance without the stored set's word");
            _require(_inbox.newestEpoch() == newEpoch && newEpoch > newest, "I26: not later");
            _require(_inbox.tableOf(newEpoch).codehash == delivered.codehash, "I26: another table");
            ++advanceCount;
        } catch {
            _require(!isExpected, "I26: a signed header was refused");
            _require(_inbox.newestEpoch() == newest, "I26: changed by a refused header");
        }
        if (isDead) _refound();
    }

    function pass(uint256 seed, uint24 byHowMuch) external {
        _skip((byHowMuch % (seed % 8 == 0 ? 2 days : 2 * EPOCH)) + 1);
    }

    function operatorAt(uint256 seed) public pure returns (address) {
        return address(uint160(0xA000 + (seed % 4)));
    }

    /// @dev An inbox that begins with the newest home table that has a validator.
    function _refound() private {
        for (uint256 i = _built.length; i > 0; --i) {
            uint64 epoch = _built[i - 1];
            if (TableLib.rowCount(_quorum.tableOf(_SERVICE, epoch)) == 0) continue;
            if (uint256(epoch) * EPOCH + _MAX_AGE >= time) _found(epoch);
            return;
        }
    }

    function _found(uint64 epoch) private {
        bytes memory table = TableLib.read(_quorum.tableOf(_SERVICE, epoch));
        bytes memory arguments = abi.encode(31337, services, _SERVICE, EPOCH, _MAX_AGE, epoch, table);
        _inbox = IServiceInbox(deployArtifact("staking", "ServiceInbox", arguments));
    }

    function _isProof(Vote memory vote, Certificate memory certificate) private view returns (bool) {
        try _quorum.verify(vote, certificate) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev By the weights of the rows, one by one.
    function _isQuorum(address pointer, uint256 absentees) private view returns (bool) {
        bytes memory table = TableLib.read(pointer);
        uint256 total;
        uint256 signed;
        for (uint256 row = 0; row < TableLib.rowsIn(table); ++row) {
            uint256 weight = TableLib.weightIn(table, (row + 1) * TableLib.ROW_BYTES);
            total += weight;
            if ((absentees >> row) & 1 == 0) signed += weight;
        }
        return 3 * signed > 2 * total;
    }

    function _certificate(
        address table,
        Vote memory vote,
        uint256 absentees
    ) private view returns (Certificate memory) {
        bytes32 digest = VoteLib.digest(vote, _quorum.domainSeparator());
        return Certificate(BlsTool.vote(_secretOf(table, absentees), digest), absentees);
    }

    /// @dev The sum of the signers' secrets.
    function _secretOf(address table, uint256 absentees) private view returns (uint256 sum) {
        for (uint256 row = 0; row < TableLib.rowCount(table); ++row) {
            if ((absentees >> row) & 1 != 0) continue;
            sum = addmod(sum, _secrets[TableLib.keyHashAt(table, row)], BlsTool.ORDER);
        }
    }

    /// @dev The table of an epoch by the rules: seat by seat from the past, and its sums by plain additions.
    function _recomputed(uint64 epoch) private view returns (bytes memory table) {
        uint48 capturedAt = uint48(epoch) * EPOCH - 1;
        G1Point memory keySum;
        uint256 weightSum;
        for (uint16 seat = 0; seat < _SEATS; ++seat) {
            address operator = services.seatAt(_SERVICE, seat, capturedAt);
            if (operator == address(0)) continue;
            uint256 weight = services.votingWeightAt(_SERVICE, operator, capturedAt);
            bytes memory key = operators.blsKeyAt(operator, capturedAt);
            if (weight == 0 || key.length == 0) continue;
            if (weight > TableLib.MAX_WEIGHT) weight = TableLib.MAX_WEIGHT;
            table = bytes.concat(table, key, bytes16(uint128(weight)));
            keySum = keySum.add(BlsTool.keyOf(_secrets[keccak256(key)]));
            weightSum += weight;
        }
        return bytes.concat(keySum.packG1(), bytes16(uint128(weightSum)), table);
    }

    function _setKey(address operator, uint256 secret) private {
        G1Point memory key = BlsTool.keyOf(secret);
        bytes memory proof = BlsTool.possession(secret, _possession(operator, key.packG1()));
        vm.prank(operator);
        operators.setBlsKey(abi.encode(key), proof);
        _note(operator, secret, key);
    }

    function _note(address operator, uint256 secret, G1Point memory key) private {
        _owners[secret] = operator;
        _secrets[keccak256(key.packG1())] = secret;
    }

    function _possession(address operator, bytes memory key) private view returns (bytes32) {
        bytes32 typeHash = keccak256("PossessionProof(address operator,bytes key)");
        bytes32 domain = VoteLib.domainSeparator(31337, address(operators));
        return
            keccak256(abi.encodePacked("\x19\x01", domain, keccak256(abi.encode(typeHash, operator, keccak256(key)))));
    }

    function _epoch() private view returns (uint64) {
        return time / EPOCH;
    }

    function _require(bool isTrue, string memory what) private {
        if (!isTrue) violation = what;
    }
}

/// @notice Keys, tables, certificates and the inbox. Every single rule has tests in OperatorBlsKey.t.sol, QuorumVerifier.t.sol,
/// QuorumLib.t.sol, TableLib.t.sol and ServiceInbox.t.sol.
contract QuorumInvariantsTest is InvariantTargets {
    function setUp() public {
        handler = address(new QuorumHandler());
    }

    function actions() public pure override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](7);
        selectors[0] = QuorumHandler.stake.selector;
        selectors[1] = QuorumHandler.change.selector;
        selectors[2] = QuorumHandler.rekey.selector;
        selectors[3] = QuorumHandler.build.selector;
        selectors[4] = QuorumHandler.certify.selector;
        selectors[5] = QuorumHandler.advance.selector;
        selectors[6] = QuorumHandler.pass.selector;
    }

    /// @notice I22: a table is the recomputation from history, sums included, whenever and in how many pages it was built.
    /// @notice I23: no key belongs to two operators, and no proof of possession serves another operator.
    /// @notice I24: a certificate is accepted exactly if its signers are a quorum; any flipped bit rejects it.
    /// @notice I25: a certificate for one service, epoch or payload proves nothing for another, and nothing once it is stale.
    /// @notice I26: an inbox's epoch strictly increases, by the word of the set that it stored before.
    function invariant_QuorumsAreWhatHistorySays() external view {
        string memory violation = QuorumHandler(handler).violation();
        require(bytes(violation).length == 0, violation);
    }
}
