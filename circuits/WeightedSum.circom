// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

// out = sum of weights[i] * in[i] for constant weights.
//
// The sum is cut into chunks of 16 terms with a signal each: the compiler crashes on one expression of hundreds of terms.
template WeightedSum(count, weights) {
    signal input in[count];
    signal output out;

    var chunkCount = (count + 15) \ 16;
    signal partial[chunkCount];
    var total = 0;
    for (var c = 0; c < chunkCount; c++) {
        var sum = 0;
        for (var i = 16 * c; i < 16 * c + 16 && i < count; i++) {
            sum += weights[i] * in[i];
        }
        partial[c] <== sum;
        total += partial[c];
    }
    out <== total;
}
