// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { VerifyingKey } from "../../contracts/libraries/Groth16Lib.sol";

/// @notice Keys and proofs of a statement that is always true, made with a known trapdoor: every point is a known multiple
/// of a generator, so a proof for any inputs is simulated by choosing C. beta = gamma = 1, delta = -1 (or 1 for a
/// development key), alpha and the ic are hashes, A is a hash times G1, B = G2.
library Groth16Tool {
    uint256 internal constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    uint256 internal constant P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;

    uint256 private constant G2_X_IM = 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
    uint256 private constant G2_X_RE = 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
    uint256 private constant G2_Y_IM = 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
    uint256 private constant G2_Y_RE = 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;

    function key(uint256 inputs, bool development) internal view returns (VerifyingKey memory made) {
        made.alpha1 = times(_alpha());
        made.beta2 = g2();
        made.gamma2 = g2();
        made.delta2 = development ? g2() : minusG2();
        made.ic = new uint256[2][](inputs + 1);
        for (uint256 i = 0; i <= inputs; ++i) made.ic[i] = times(_ic(i));
    }

    function prove(uint256[] memory inputs, bool development) internal view returns (uint256[8] memory proof) {
        uint256 a = uint256(keccak256(abi.encode("a", inputs))) % R;
        uint256 sum = _ic(0);
        for (uint256 i = 0; i < inputs.length; ++i) sum = addmod(sum, mulmod(inputs[i], _ic(i + 1), R), R);
        // a = alpha + sum + c * delta
        uint256 rest = addmod(a, R - addmod(_alpha(), sum, R), R);
        uint256 c = development ? rest : (R - rest) % R;
        (uint256[2] memory pointA, uint256[2] memory pointC) = (times(a), times(c));
        uint256[4] memory pointB = g2();
        (proof[0], proof[1]) = (pointA[0], pointA[1]);
        for (uint256 i = 0; i < 4; ++i) proof[2 + i] = pointB[i];
        (proof[6], proof[7]) = (pointC[0], pointC[1]);
    }

    /// @notice A multiple of the generator of G1.
    function times(uint256 scalar) internal view returns (uint256[2] memory point) {
        (bool success, bytes memory result) = address(7).staticcall(abi.encode(1, 2, scalar));
        require(success, "the generator is a point");
        return abi.decode(result, (uint256[2]));
    }

    function g2() internal pure returns (uint256[4] memory) {
        return [G2_X_IM, G2_X_RE, G2_Y_IM, G2_Y_RE];
    }

    function minusG2() internal pure returns (uint256[4] memory) {
        return [G2_X_IM, G2_X_RE, P - G2_Y_IM, P - G2_Y_RE];
    }

    function _alpha() private pure returns (uint256) {
        return uint256(keccak256("alpha")) % R;
    }

    function _ic(uint256 index) private pure returns (uint256) {
        return uint256(keccak256(abi.encode("ic", index))) % R;
    }
}
