// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Bls12381Lib, G1Point } from "../../contracts/libraries/Bls12381Lib.sol";

/// @notice Keys and signatures for known secrets, by the multiplication precompiles. Secrets are below the groups' order.
library BlsTool {
    bytes private constant _G1 =
        hex"0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac58"
        hex"6c55e83ff97a1aeffb3af00adb22c6bb0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8ae4"
        hex"fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";

    /// @notice The order of the groups.
    uint256 internal constant ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001;

    function keyOf(uint256 secret) internal view returns (G1Point memory) {
        return abi.decode(_times(0x0c, _G1, secret), (G1Point));
    }

    function vote(uint256 secret, bytes32 digest) internal view returns (bytes memory) {
        return _times(0x0e, Bls12381Lib.hashToG2(digest, Bls12381Lib.VOTE_TAG), secret);
    }

    function possession(uint256 secret, bytes32 digest) internal view returns (bytes memory) {
        return _times(0x0e, Bls12381Lib.hashToG2(digest, Bls12381Lib.POSSESSION_TAG), secret);
    }

    /// @notice The sum of two signatures.
    function aggregate(bytes memory a, bytes memory b) internal view returns (bytes memory sum) {
        bool success;
        (success, sum) = address(0x0d).staticcall(bytes.concat(a, b));
        require(success, "both are points");
    }

    function _times(
        uint160 precompile,
        bytes memory point,
        uint256 scalar
    ) private view returns (bytes memory product) {
        bool success;
        (success, product) = address(precompile).staticcall(abi.encodePacked(point, scalar));
        require(success, "a point of the group");
    }
}
