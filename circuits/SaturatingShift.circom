// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";

// out = clamp(floor((in + rounding) / 2^shift), -2^(outBits-1), 2^(outBits-1) - 1)
//
// in:  signed integer (negative values are r - |in|)
// out: signed integer of outBits bits
//
// With rounding = 2^(shift-1) this is sat(rshr(in, shift)); with in = w * 2^shift - g and rounding = 2^(shift-1) - 1 it is
// sat(w - rshr(g, shift)), because -floor(a / n) = floor((-a + n - 1) / n).
//
// The caller must guarantee -2^(bits-1) <= in + rounding + 2^(outBits-1+shift) < 2^(bits-1); outside that range no witness
// exists. Needs shift + outBits < bits < 253.
template SaturatingShift(bits, shift, outBits, rounding) {
    assert(shift >= 1 && outBits >= 1);
    assert(shift + outBits < bits && bits < 253);

    signal input in;
    signal output out;

    // The offsets put the range of the output at 0..2^outBits-1 of the quotient, and its sign in the top bit.
    component decomposed = Num2Bits(bits);
    decomposed.in <== in + rounding + (1 << (outBits - 1 + shift)) + (1 << (bits - 1));

    var low = 0;
    for (var i = 0; i < outBits; i++) {
        low += decomposed.out[shift + i] * (1 << i);
    }

    // 1 while no bit between the low ones and the sign is set.
    var highBits = bits - 1 - shift - outBits;
    signal fits[highBits + 1];
    fits[0] <== 1;
    for (var i = 0; i < highBits; i++) {
        fits[i + 1] <== fits[i] * (1 - decomposed.out[shift + outBits + i]);
    }

    var highest = (1 << outBits) - 1;
    signal saturated <== highest + fits[highBits] * (low - highest);
    out <== decomposed.out[bits - 1] * saturated - (1 << (outBits - 1));
}
