// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";

// out = clamp(rshr(in, shift), 0, 127), with rshr(x, s) = floor((x + 2^(s-1)) / 2^s).
//
// in:  accumulator as a signed integer (negative values are r - |in|)
// out: activation, 0..127
//
// The caller must guarantee -2^(accumulatorBits-1) <= in and in + 2^(shift-1) < 2^(accumulatorBits-1); outside
// that range no witness exists. Needs shift + 8 < accumulatorBits < 253.
template RequantiseRelu(accumulatorBits, shift) {
    assert(shift >= 1);
    assert(shift + 8 < accumulatorBits);
    assert(accumulatorBits < 253);

    signal input in;
    signal output out;

    // The offset makes the sum non-negative, so its top bit tells the sign and its high bits the rounded quotient.
    component bits = Num2Bits(accumulatorBits);
    bits.in <== in + (1 << (shift - 1)) + (1 << (accumulatorBits - 1));

    signal notNegative <== bits.out[accumulatorBits - 1];

    var low = 0;
    for (var i = 0; i < 7; i++) {
        low += bits.out[shift + i] * (1 << i);
    }

    // 1 while no bit between the low seven and the sign is set.
    var highBits = accumulatorBits - shift - 8;
    signal fits[highBits + 1];
    fits[0] <== 1;
    for (var i = 0; i < highBits; i++) {
        fits[i + 1] <== fits[i] * (1 - bits.out[shift + 7 + i]);
    }

    signal saturated <== 127 + fits[highBits] * (low - 127);
    out <== notNegative * saturated;
}
