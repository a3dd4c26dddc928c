// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "OneHot.circom";

// Weight of a class whose logit lies `distance` quarters below the greatest one: entry 16 * distance of the table of
// `softmaxGradient` (docs/spec/compute.md), round(2^16 e^(-distance/4)).
function softmaxWeight(distance) {
    var weights[16] = [
        65536, 51039, 39750, 30957, 24109, 18776, 14623, 11388, 8869, 6907, 5380, 4190, 3263, 2541, 1979, 1541
    ];
    return weights[distance];
}

// Probability of the class at `own` in units of 2^-14, with two others at `second` and `third`, rounded to nearest.
function softmaxProbability(own, second, third) {
    var sum = softmaxWeight(own) + softmaxWeight(second) + softmaxWeight(third);
    return (16384 * softmaxWeight(own) + sum \ 2) \ sum;
}

// out = table[a][b] for one-hot a and b: 15 products of a row's indicator with a row's entry.
template Select16(table) {
    signal input a[16];
    signal input b[16];
    signal output out;

    var first = 0;
    for (var j = 0; j < 16; j++) {
        first += table[0][j] * b[j];
    }
    signal parts[15];
    var total = first;
    for (var i = 1; i < 16; i++) {
        var entry = 0;
        for (var j = 0; j < 16; j++) {
            entry += table[i][j] * b[j];
        }
        parts[i - 1] <== a[i] * (entry - first);
        total += parts[i - 1];
    }
    out <== total;
}

// gradient[j] = softmax(logits)[j] - target[j] in units of 2^-14, of three classes:
// the operation `softmaxGradient` on the logits 16 * levels[j].
//
// levels:   signed integers, in quarters; the caller must guarantee that no two differ by more than 15, else no witness exists
// target:   one-hot, which the caller must guarantee
// gradient: -2^14..2^14
template SoftmaxGradient() {
    signal input levels[3];
    signal input target[3];
    signal output gradient[3];

    // Which class is greatest, of equals any: the result is the same for all of them.
    signal isGreatest0 <-- levels[0] >= levels[1] && levels[0] >= levels[2];
    signal isGreatest1 <-- !isGreatest0 && levels[1] >= levels[2];
    isGreatest0 * (1 - isGreatest0) === 0;
    isGreatest1 * (1 - isGreatest1) === 0;
    isGreatest0 * isGreatest1 === 0;

    // The classes in a circle: the greatest, the next one, the one after that.
    signal greatestA <== isGreatest0 * (levels[0] - levels[2]);
    signal greatestB <== isGreatest1 * (levels[1] - levels[2]);
    var greatest = levels[2] + greatestA + greatestB;
    signal nextA <== isGreatest0 * (levels[1] - levels[0]);
    signal nextB <== isGreatest1 * (levels[2] - levels[0]);
    var next = levels[0] + nextA + nextB;

    // Four bits each, so neither is above the greatest.
    component toNext = OneHot16();
    toNext.in <== greatest - next;
    component toLast = OneHot16();
    toLast.in <== 2 * greatest - levels[0] - levels[1] - levels[2] + next;

    var ofGreatest[16][16];
    var ofNext[16][16];
    var ofLast[16][16];
    for (var i = 0; i < 16; i++) {
        for (var j = 0; j < 16; j++) {
            ofGreatest[i][j] = softmaxProbability(0, i, j);
            ofNext[i][j] = softmaxProbability(i, 0, j);
            ofLast[i][j] = softmaxProbability(j, 0, i);
        }
    }
    component selects[3];
    selects[0] = Select16(ofGreatest);
    selects[1] = Select16(ofNext);
    selects[2] = Select16(ofLast);
    for (var s = 0; s < 3; s++) {
        selects[s].a <== toNext.out;
        selects[s].b <== toLast.out;
    }

    // Back from the circle to the classes.
    var own = selects[0].out;
    var after = selects[1].out;
    var last = selects[2].out;
    signal firstA <== isGreatest0 * (own - after);
    signal firstB <== isGreatest1 * (last - after);
    signal secondA <== isGreatest0 * (after - last);
    signal secondB <== isGreatest1 * (own - last);
    gradient[0] <== after + firstA + firstB - 16384 * target[0];
    gradient[1] <== last + secondA + secondB - 16384 * target[1];
    gradient[2] <== own - firstA - firstB - secondA - secondB - 16384 * target[2];
}
