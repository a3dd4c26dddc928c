// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";
include "BytesHash.circom";
include "TrainingStep.circom";
include "WeightsTensor.circom";

// A whole training run of a softmax regression of three classes: steps of gradient descent over samples in the order in
// which they are taken, `batch` a step (docs/spec/proofs.md, "Training").
//
// samples, labels: private; bytes 0..255 and classes 0..2 (checked here). A feature counts as its byte less 128
// initial:         private; the starting weights, -128..127 (checked here)
// initialRoot:     public; Poseidon twin of the file of the starting weights. That these are the right ones is up to the caller
// dataHash:        public; BytesHash of features and label of each sample in turn
// finalRoot:       public; Poseidon twin of the file of the weights after the last step
template SoftmaxTraining(features, batch, steps, bias, logitShift, updateShift) {
    assert(steps >= 1);
    var count = batch * steps;

    signal input samples[count][features];
    signal input labels[count];
    signal input initial[3][features + 1];
    signal output initialRoot;
    signal output dataHash;
    signal output finalRoot;

    component bytes[count][features];
    component hash = BytesHash(count * (features + 1));
    signal isOne[count];
    signal isTwo[count];
    for (var i = 0; i < count; i++) {
        for (var k = 0; k < features; k++) {
            bytes[i][k] = Num2Bits(8);
            bytes[i][k].in <== samples[i][k];
            hash.bytes[i * (features + 1) + k] <== samples[i][k];
        }
        isOne[i] <-- labels[i] == 1;
        isTwo[i] <-- labels[i] == 2;
        isOne[i] * (1 - isOne[i]) === 0;
        isTwo[i] * (1 - isTwo[i]) === 0;
        isOne[i] * isTwo[i] === 0;
        labels[i] === isOne[i] + 2 * isTwo[i];
        hash.bytes[i * (features + 1) + features] <== labels[i];
    }
    dataHash <== hash.out;

    component before = WeightsTensor(3, features + 1, 1);
    before.values <== initial;
    initialRoot <== before.root;

    component run[steps];
    for (var s = 0; s < steps; s++) {
        run[s] = TrainingStep(features, batch, bias, logitShift, updateShift);
        if (s == 0) {
            run[s].weights <== initial;
        } else {
            run[s].weights <== run[s - 1].next;
        }
        for (var i = 0; i < batch; i++) {
            for (var k = 0; k < features; k++) {
                run[s].x[i][k] <== samples[s * batch + i][k] - 128;
            }
            run[s].target[i][0] <== 1 - isOne[s * batch + i] - isTwo[s * batch + i];
            run[s].target[i][1] <== isOne[s * batch + i];
            run[s].target[i][2] <== isTwo[s * batch + i];
        }
    }

    component after = WeightsTensor(3, features + 1, 1);
    after.values <== run[steps - 1].next;
    finalRoot <== after.root;
}
