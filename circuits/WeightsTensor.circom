// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";
include "Sizes.circom";
include "TensorRoot.circom";

// Poseidon twin of the file of a tensor of i8 or i16 (docs/spec/compute.md, "Tensors"): rows at a stride of a power of two
// bytes, padded to a power of two of rows, two's complement, little-endian.
//
// values: [rows][columns], checked here to fit elements of `bytes` bytes
template WeightsTensor(rows, columns, bytes) {
    assert(bytes == 1 || bytes == 2);
    var bits = 8 * bytes;
    var stride = powerOfTwo(columns * bytes);
    var height = 0;
    while (16 * (1 << height) < tensorBytes(rows, columns, bytes)) {
        height++;
    }
    var count = (stride * (rows - 1) + columns * bytes + 15) \ 16;

    signal input values[rows][columns];
    signal output root;

    component ranges[rows][columns];
    var packed[count];
    for (var i = 0; i < rows; i++) {
        for (var j = 0; j < columns; j++) {
            ranges[i][j] = Num2Bits(bits);
            ranges[i][j].in <== values[i][j] + (1 << (bits - 1));
            var at = i * stride + j * bytes;
            // The top bit after the offset is 0 for negative values, which two's complement lifts by 2^bits.
            var unsigned = values[i][j] + (1 << bits) * (1 - ranges[i][j].out[bits - 1]);
            packed[at \ 16] += unsigned * (1 << (8 * (at % 16)));
        }
    }
    component tensor = TensorRoot(count, height);
    for (var e = 0; e < count; e++) {
        tensor.elements[e] <== packed[e];
    }
    root <== tensor.root;
}
