// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { FileTreeLib } from "../../../contracts/libraries/FileTreeLib.sol";
import { PoseidonLib } from "../../../contracts/libraries/PoseidonLib.sol";
import { vm } from "../../support/Vm.sol";

contract PoseidonLibTest {
    uint256 private constant R = PoseidonLib.FIELD_ORDER;

    /// @dev By circomlib's circuit and by poseidon-lite, which test/src/proofs/poseidon-twin.test.ts compares.
    function test_hash_isThatOfTheCircuits() public pure {
        _requireHash(0, 0, 14744269619966411208579211824598458697587494354926760081771325075741142829156);
        _requireHash(1, 2, 7853200120776062878684798364095072458815029376092732009249414926327459813530);
        _requireHash(R - 1, R - 1, 20092309280547939997162506796691455192771288143174894022739895715370814071035);
    }

    function test_twin_ofZerosIsTheFoldOfZeros() public pure {
        uint256 zero = 0;
        for (uint256 i = 0; i < 4; ++i) zero = PoseidonLib.hash(zero, zero);
        require(PoseidonLib.twin(new bytes(256)) == zero, "a leaf");
        require(PoseidonLib.twin(new bytes(512)) == PoseidonLib.hash(zero, zero), "two leaves");
        uint256 three = PoseidonLib.hash(PoseidonLib.hash(zero, zero), zero);
        require(PoseidonLib.twin(new bytes(768)) == three, "an odd leaf is carried up");
    }

    /// @dev Vectors of docs/spec/proofs.md.
    function test_twin_isThatOfTypeScript() public pure {
        require(
            PoseidonLib.twin(_counting(256)) ==
                3872892781594072263491585416574365099981068756381116339248680965656233620563,
            "one leaf"
        );
        require(
            PoseidonLib.twin(_counting(768)) ==
                17077144129009634891747668401485950906614404149792210752427432372588194143499,
            "three leaves"
        );
        require(
            PoseidonLib.twin(_counting(2_048)) ==
                12303640909121829891498598778647321347468523826126411596667227736743780740956,
            "eight leaves"
        );
    }

    function test_twin_takesWholeLeaves() public {
        vm.expectRevert(FileTreeLib.FileTreeEmpty.selector);
        this.twin("");
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafBytes.selector, 44, 256));
        this.twin(new bytes(300));
    }

    function twin(bytes memory leaves) external pure returns (uint256) {
        return PoseidonLib.twin(leaves);
    }

    function _counting(uint256 length) private pure returns (bytes memory file) {
        file = new bytes(length);
        for (uint256 i = 0; i < length; ++i) file[i] = bytes1(uint8(i * 7 + 3));
    }

    function _requireHash(uint256 left, uint256 right, uint256 expected) private pure {
        require(PoseidonLib.hash(left, right) == expected, "another hash");
    }
}
