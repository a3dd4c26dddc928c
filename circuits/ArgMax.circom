// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";

// index = the lowest i for which in[i] is the largest.
//
// in: signed integers in [-2^(bits-1), 2^(bits-1)), which the caller must guarantee
template ArgMax(count, bits) {
    assert(count >= 2);
    assert(bits >= 2 && bits < 252);

    signal input in[count];
    signal output index;

    signal best[count];
    signal bestIndex[count];
    component difference[count - 1];

    best[0] <== in[0];
    bestIndex[0] <== 0;
    for (var i = 1; i < count; i++) {
        // best - in[i] lies in (-2^bits, 2^bits): its top bit after the offset is 0 only if in[i] is strictly larger.
        difference[i - 1] = Num2Bits(bits + 1);
        difference[i - 1].in <== best[i - 1] - in[i] + (1 << bits);
        var larger = 1 - difference[i - 1].out[bits];

        best[i] <== best[i - 1] + larger * (in[i] - best[i - 1]);
        bestIndex[i] <== bestIndex[i - 1] + larger * (i - bestIndex[i - 1]);
    }
    index <== bestIndex[count - 1];
}
