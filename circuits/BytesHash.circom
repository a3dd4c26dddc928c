// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "poseidon.circom";

// Poseidon chain over bytes: 31 bytes a field element (little-endian, zero padded), 15 elements a block:
//   h_0 = byteCount, h_(k+1) = Poseidon16(h_k, e_(15k), .., e_(15k+14)), missing elements are 0.
//
// bytes: each 0..255, which the caller must guarantee
template BytesHash(byteCount) {
    signal input bytes[byteCount];
    signal output out;

    var elementCount = (byteCount + 30) \ 31;
    var blockCount = (elementCount + 14) \ 15;

    component blocks[blockCount];
    for (var k = 0; k < blockCount; k++) {
        blocks[k] = Poseidon(16);
        if (k == 0) {
            blocks[k].inputs[0] <== byteCount;
        } else {
            blocks[k].inputs[0] <== blocks[k - 1].out;
        }
        for (var e = 0; e < 15; e++) {
            var packed = 0;
            for (var b = 0; b < 31; b++) {
                var at = (k * 15 + e) * 31 + b;
                if (at < byteCount) {
                    packed += bytes[at] * (1 << (8 * b));
                }
            }
            blocks[k].inputs[1 + e] <== packed;
        }
    }
    out <== blocks[blockCount - 1].out;
}
