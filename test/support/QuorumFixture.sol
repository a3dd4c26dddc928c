// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IQuorumVerifier } from "../../contracts/interfaces/staking/IQuorumVerifier.sol";
import { Bls12381Lib } from "../../contracts/libraries/Bls12381Lib.sol";
import { Certificate } from "../../contracts/libraries/QuorumLib.sol";
import { Vote } from "../../contracts/libraries/VoteLib.sol";
import { BlsTool } from "./BlsTool.sol";
import { deployArtifact } from "./Deploy.sol";
import { HomeStub } from "./HomeStub.sol";
import { vm } from "./Vm.sol";

/// @notice A home chain whose service 1 has validators of our own making: seat i is held by `_operator(i)`, whose secret key is
/// `_secretKey(i)`, with weight 100 + i.
abstract contract QuorumFixture {
    uint32 internal constant SERVICE = 1;
    uint48 internal constant DELAY = 7 days;
    uint48 internal constant EPOCH = 1 hours;

    HomeStub internal home;
    IQuorumVerifier internal quorum;
    uint64 internal epoch;
    uint48 internal time;

    function setUp() public virtual {
        _warp(1_800_000_000);
        epoch = time / EPOCH;
        home = new HomeStub(DELAY, EPOCH);
        quorum = IQuorumVerifier(deployArtifact("staking", "QuorumVerifier", abi.encode(home)));
    }

    function _warp(uint48 to) internal {
        time = to;
        vm.warp(to);
    }

    function _fill(uint16 count) internal {
        home.setSeats(count);
        for (uint16 i = 0; i < count; ++i) home.setValidator(i, _validator(i));
    }

    function _validator(uint16 i) internal view returns (HomeStub.Validator memory) {
        return HomeStub.Validator(_operator(i), 100 + i, _key(_secretKey(i)));
    }

    function _operator(uint256 i) internal pure returns (address) {
        return address(uint160(0xA000 + i));
    }

    function _secretKey(uint256 i) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("validator", i))) % BlsTool.ORDER;
    }

    function _vote(bytes32 payload) internal view returns (Vote memory) {
        return Vote(SERVICE, epoch, 7, 2, 3, payload);
    }

    /// @dev What the validators in rows 0 to `rows`, without the absentees, sign for a digest.
    function _certify(bytes32 digest, uint256 rows, uint256 absentees) internal view returns (Certificate memory) {
        uint256 key = 0;
        for (uint256 i = 0; i < rows; ++i) {
            if ((absentees >> i) & 1 == 0) key = addmod(key, _secretKey(i), BlsTool.ORDER);
        }
        return Certificate(BlsTool.vote(key, digest), absentees);
    }

    function _certify(Vote memory vote, uint256 rows, uint256 absentees) internal view returns (Certificate memory) {
        return _certify(quorum.voteDigest(vote), rows, absentees);
    }

    function _key(uint256 secret) internal view returns (bytes memory) {
        return Bls12381Lib.packG1(BlsTool.keyOf(secret));
    }
}
