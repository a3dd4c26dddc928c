// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

// Bits of a signed integer that reaches `magnitude` on both sides.
function signedBits(magnitude) {
    var bits = 1;
    while ((1 << (bits - 1)) <= magnitude) {
        bits++;
    }
    return bits;
}

// Least power of two that is not below `value`.
function powerOfTwo(value) {
    var power = 1;
    while (power < value) {
        power *= 2;
    }
    return power;
}

// Bytes of a tensor's file: a stride and a number of rows that are powers of two, at least one leaf.
function tensorBytes(rows, columns, elementBytes) {
    var size = powerOfTwo(columns * elementBytes) * powerOfTwo(rows);
    return size < 256 ? 256 : size;
}
