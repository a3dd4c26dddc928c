// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";

// out[i] = 1 if in = i, else 0, for in of four bits (checked here).
//
// Two pairs of bits give four products each, and these sixteen together; the products of a row sum to what the row
// stands for, so of n only n - 1 are multiplied.
template OneHot16() {
    signal input in;
    signal output out[16];

    component bits = Num2Bits(4);
    bits.in <== in;
    signal low3 <== bits.out[0] * bits.out[1];
    signal high3 <== bits.out[2] * bits.out[3];
    var low[4] = [1 - bits.out[0] - bits.out[1] + low3, bits.out[0] - low3, bits.out[1] - low3, low3];
    var high[4] = [1 - bits.out[2] - bits.out[3] + high3, bits.out[2] - high3, bits.out[3] - high3, high3];

    var lowLeft[4] = low;
    for (var h = 1; h < 4; h++) {
        var highLeft = high[h];
        for (var l = 1; l < 4; l++) {
            out[4 * h + l] <== high[h] * low[l];
            highLeft -= out[4 * h + l];
            lowLeft[l] -= out[4 * h + l];
        }
        out[4 * h] <== highLeft;
        lowLeft[0] -= highLeft;
    }
    for (var l = 0; l < 4; l++) {
        out[l] <== lowLeft[l];
    }
}
