// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "poseidon.circom";
include "bitify.circom";
include "ArgMax.circom";
include "BytesHash.circom";
include "RequantiseRelu.circom";
include "Sizes.circom";
include "WeightsTensor.circom";

// The network of MlpInference.circom, with weights that stay private:
//
//   x = (255, pixels[1], .., pixels[inputs-1])                     element 0 carries the bias
//   a[j] = clamp(rshr(sum_i hiddenWeights[j][i] * x[i], shift), 0, 127)
//   answer = argmax_k sum_j outputWeights[k][j] * a[j]             ties go to the lowest index
//   inputHash = BytesHash(pixels)
//   weightsRoot = Poseidon twin of the file of both weights, the tensor set [hiddenWeights, outputWeights]
//
// pixels: private, 0..255; weights: private, signed integers of 16 bits (all checked here)
// answer, inputHash, weightsRoot: public, in this order. That the twin is of a certain model's file is up to the caller
//
// The first layer must not be smaller than the second, since a tensor set is in descending size. No weights can overflow.
template CommittedMlp(inputs, hidden, outputs, shift) {
    assert(inputs >= 2 && hidden >= 1 && outputs >= 2);
    assert(tensorBytes(hidden, inputs, 2) >= tensorBytes(outputs, hidden, 2));
    var hiddenBits = signedBits(inputs * 32768 * 255 + (1 << (shift - 1)));
    if (hiddenBits < shift + 9) {
        hiddenBits = shift + 9;
    }
    var outputBits = signedBits(hidden * 32768 * 127);

    signal input pixels[inputs];
    signal input hiddenWeights[hidden][inputs];
    signal input outputWeights[outputs][hidden];
    signal output answer;
    signal output inputHash;
    signal output weightsRoot;

    component bytes[inputs];
    for (var i = 0; i < inputs; i++) {
        bytes[i] = Num2Bits(8);
        bytes[i].in <== pixels[i];
    }
    component hash = BytesHash(inputs);
    hash.bytes <== pixels;
    inputHash <== hash.out;

    component first = WeightsTensor(hidden, inputs, 2);
    first.values <== hiddenWeights;
    component second = WeightsTensor(outputs, hidden, 2);
    second.values <== outputWeights;
    component file = Poseidon(2);
    file.inputs[0] <== first.root;
    file.inputs[1] <== second.root;
    weightsRoot <== file.out;

    signal hiddenProducts[hidden][inputs];
    component activations[hidden];
    for (var j = 0; j < hidden; j++) {
        hiddenProducts[j][0] <== 255 * hiddenWeights[j][0];
        var sum = hiddenProducts[j][0];
        for (var i = 1; i < inputs; i++) {
            hiddenProducts[j][i] <== hiddenWeights[j][i] * pixels[i];
            sum += hiddenProducts[j][i];
        }
        activations[j] = RequantiseRelu(hiddenBits, shift);
        activations[j].in <== sum;
    }

    signal outputProducts[outputs][hidden];
    component winner = ArgMax(outputs, outputBits);
    for (var k = 0; k < outputs; k++) {
        var sum = 0;
        for (var j = 0; j < hidden; j++) {
            outputProducts[k][j] <== outputWeights[k][j] * activations[j].out;
            sum += outputProducts[k][j];
        }
        winner.in[k] <== sum;
    }
    answer <== winner.index;
}
