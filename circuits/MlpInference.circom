// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";
include "ArgMax.circom";
include "BytesHash.circom";
include "RequantiseRelu.circom";
include "WeightedSum.circom";

// Answer of a two-layer integer network whose weights are constants of the circuit:
//
//   x = (255, pixels[1], .., pixels[inputs-1])                     element 0 carries the bias
//   a[j] = clamp(rshr(sum_i hiddenWeights[j][i] * x[i], shift), 0, 127)
//   answer = argmax_k sum_j outputWeights[k][j] * a[j]             ties go to the lowest index
//   inputHash = BytesHash(pixels)                                  of the pixels as given, element 0 included
//
// pixels: private, 0..255 (checked here)
// answer, inputHash: public, in this order
//
// Sums live in 32 bits like the i32 of the training program. The caller must bake only weights that cannot leave
// them: with weights that can, some inputs have no proof; a wrong answer is never provable.
template MlpInference(inputs, hidden, outputs, shift, hiddenWeights, outputWeights) {
    assert(inputs >= 2 && hidden >= 1 && outputs >= 2);
    var accumulatorBits = 32;

    signal input pixels[inputs];
    signal output answer;
    signal output inputHash;

    component bytes[inputs];
    for (var i = 0; i < inputs; i++) {
        bytes[i] = Num2Bits(8);
        bytes[i].in <== pixels[i];
    }

    component hash = BytesHash(inputs);
    hash.bytes <== pixels;
    inputHash <== hash.out;

    component accumulators[hidden];
    component activations[hidden];
    for (var j = 0; j < hidden; j++) {
        accumulators[j] = WeightedSum(inputs, hiddenWeights[j]);
        accumulators[j].in[0] <== 255;
        for (var i = 1; i < inputs; i++) {
            accumulators[j].in[i] <== pixels[i];
        }
        activations[j] = RequantiseRelu(accumulatorBits, shift);
        activations[j].in <== accumulators[j].out;
    }

    component logits[outputs];
    component winner = ArgMax(outputs, accumulatorBits);
    for (var k = 0; k < outputs; k++) {
        logits[k] = WeightedSum(hidden, outputWeights[k]);
        for (var j = 0; j < hidden; j++) {
            logits[k].in[j] <== activations[j].out;
        }
        winner.in[k] <== logits[k].out;
    }
    answer <== winner.index;
}
