// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { VerifyingKey } from "../../contracts/libraries/Groth16Lib.sol";

/// @notice Keys and proofs of a statement that is always true, made with a known trapdoor: every point is a known multiple
/// of a generator, so a proof for any inputs is simulated by choosing C. beta = 2, gamma = 1, delta = 3 (or 1 for a
/// development key), alpha and the ic are hashes, A is a hash times G1, B = G2.
library Groth16Tool {
    uint256 internal constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    uint256 internal constant P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;

    uint256 private constant ONE_THIRD = 0x2042def740cbc01bd03583cf0100e59370229adafbd0f5b62d414e62a0000001;
    uint256 private constant G2_X_IM = 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
    uint256 private constant G2_X_RE = 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
    uint256 private constant G2_Y_IM = 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
    uint256 private constant G2_Y_RE = 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;

    function key(uint256 inputs, bool development) internal view returns (VerifyingKey memory made) {
        made.alpha1 = times(_alpha());
        made.beta2 = twiceG2();
        made.gamma2 = g2();
        made.delta2 = development ? g2() : thriceG2();
        made.ic = new uint256[2][](inputs + 1);
        for (uint256 i = 0; i <= inputs; ++i) made.ic[i] = times(_ic(i));
    }

    function prove(uint256[] memory inputs, bool development) internal view returns (uint256[8] memory proof) {
        uint256 a = uint256(keccak256(abi.encode("a", inputs))) % R;
        uint256 sum = _ic(0);
        for (uint256 i = 0; i < inputs.length; ++i) sum = addmod(sum, mulmod(inputs[i], _ic(i + 1), R), R);
        // a = 2 alpha + sum + c * delta
        uint256 rest = addmod(a, R - addmod(mulmod(2, _alpha(), R), sum, R), R);
        uint256 c = development ? rest : mulmod(rest, ONE_THIRD, R);
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

    function twiceG2() internal pure returns (uint256[4] memory) {
        return
            [
                0x203e205db4f19b37b60121b83a7333706db86431c6d835849957ed8c3928ad79,
                0x27dc7234fd11d3e8c36c59277c3e6f149d5cd3cfa9a62aee49f8130962b4b3b9,
                0x195e8aa5b7827463722b8c153931579d3505566b4edf48d498e185f0509de152,
                0x04bb53b8977e5f92a0bc372742c4830944a59b4fe6b1c0466e2a6dad122b5d2e
            ];
    }

    function thriceG2() internal pure returns (uint256[4] memory) {
        return
            [
                0x1014772f57bb9742735191cd5dcfe4ebbc04156b6878a0a7c9824f32ffb66e85,
                0x06064e784db10e9051e52826e192715e8d7e478cb09a5e0012defa0694fbc7f5,
                0x021e2335f3354bb7922ffcc2f38d3323dd9453ac49b55441452aeaca147711b2,
                0x058e1d5681b5b9e0074b0f9c8d2c68a069b920d74521e79765036d57666c5597
            ];
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
