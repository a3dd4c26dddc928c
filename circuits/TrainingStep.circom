// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "SaturatingShift.circom";
include "Sizes.circom";
include "SoftmaxGradient.circom";

// One step of gradient descent of a softmax regression of three classes, as the program does it:
//
//   levels[i][j]  = clamp(rshr(bias * w[j][0] + sum_k w[j][k+1] * x[i][k], logitShift), -8, 7)     quarters
//   gradient[i]   = softmax(levels[i]) - target[i]                                                 2^-14
//   next[j][k]    = clamp(w[j][k] - rshr(sum_i gradient[i][j] * (bias, x[i])[k], updateShift), -128, 127)
//
// x:       signed integers of eight bits; weights: signed integers of eight bits; target: one-hot. The caller must guarantee all three.
// next:    signed integers of eight bits
template TrainingStep(features, batch, bias, logitShift, updateShift) {
    assert(features >= 1 && batch >= 1);
    assert(bias >= 1 && bias <= 127);

    signal input x[batch][features];
    signal input target[batch][3];
    signal input weights[3][features + 1];
    signal output next[3][features + 1];

    var logitReach = 128 * (bias + 128 * features) + (1 << (logitShift - 1)) + (1 << (logitShift + 3));
    var logitBits = signedBits(logitReach);
    if (logitBits < logitShift + 5) {
        logitBits = logitShift + 5;
    }

    signal products[batch][3][features];
    component levels[batch][3];
    component gradients[batch];
    for (var i = 0; i < batch; i++) {
        gradients[i] = SoftmaxGradient();
        for (var j = 0; j < 3; j++) {
            var sum = bias * weights[j][0];
            for (var k = 0; k < features; k++) {
                products[i][j][k] <== weights[j][k + 1] * x[i][k];
                sum += products[i][j][k];
            }
            levels[i][j] = SaturatingShift(logitBits, logitShift, 4, 1 << (logitShift - 1));
            levels[i][j].in <== sum;
            gradients[i].levels[j] <== levels[i][j].out;
            gradients[i].target[j] <== target[i][j];
        }
    }

    var updateReach = batch * 16384 * 128 + (1 << (updateShift + 8)) + (1 << updateShift);
    var updateBits = signedBits(updateReach);
    if (updateBits < updateShift + 9) {
        updateBits = updateShift + 9;
    }
    signal changes[3][features][batch];
    component updates[3][features + 1];
    for (var j = 0; j < 3; j++) {
        for (var k = 0; k <= features; k++) {
            var change = 0;
            for (var i = 0; i < batch; i++) {
                if (k == 0) {
                    change += bias * gradients[i].gradient[j];
                } else {
                    changes[j][k - 1][i] <== gradients[i].gradient[j] * x[i][k - 1];
                    change += changes[j][k - 1][i];
                }
            }
            updates[j][k] = SaturatingShift(updateBits, updateShift, 8, (1 << (updateShift - 1)) - 1);
            updates[j][k].in <== weights[j][k] * (1 << updateShift) - change;
            next[j][k] <== updates[j][k].out;
        }
    }
}
