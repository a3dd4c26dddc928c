// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "poseidon.circom";

// Root of the Poseidon tree over 2^height elements of 0: Z_0 = 0, Z_(h+1) = Poseidon(Z_h, Z_h).
function zeroTreeRoot(height) {
    var roots[8] = [
        0,
        14744269619966411208579211824598458697587494354926760081771325075741142829156,
        7423237065226347324353380772367382631490014989348495481811164164159255474657,
        11286972368698509976183087595462810875513684078608517520839298933882497716792,
        3607627140608796879659380071776844901612302623152076817094415224584923813162,
        19712377064642672829441595136074946683621277828620209496774504837737984048981,
        20775607673010627194014556968476266066927294572720319469184847051418138353016,
        3396914609616007258851405644437304192397291162432396347162513310381425243293
    ];
    return roots[height];
}

// Poseidon twin of a tensor's file: the root of the binary tree of Poseidon(left, right) over its 2^height elements of
// 16 bytes. The first `count` are given, the others are 0; 16 elements are a leaf of 256 bytes.
//
// elements: each below 2^128, little-endian, which the caller must guarantee
template TensorRoot(count, height) {
    assert(height >= 4 && height <= 7);
    assert(count >= 1 && count <= (1 << height));

    signal input elements[count];
    signal output root;

    // Level by level; `first` is where a level starts among all nodes. Nodes over zeros alone are constants.
    var nodeCount = 0;
    for (var h = 1; h <= height; h++) {
        nodeCount += (count + (1 << h) - 1) >> h;
    }
    component nodes[nodeCount];
    var below = 0;
    var first = 0;
    for (var h = 1; h <= height; h++) {
        var width = (count + (1 << h) - 1) >> h;
        var widthBelow = (count + (1 << (h - 1)) - 1) >> (h - 1);
        for (var i = 0; i < width; i++) {
            nodes[first + i] = Poseidon(2);
            for (var side = 0; side < 2; side++) {
                var child = 2 * i + side;
                if (child >= widthBelow) {
                    nodes[first + i].inputs[side] <== zeroTreeRoot(h - 1);
                } else if (h == 1) {
                    nodes[first + i].inputs[side] <== elements[child];
                } else {
                    nodes[first + i].inputs[side] <== nodes[below + child].out;
                }
            }
        }
        below = first;
        first += width;
    }
    root <== nodes[nodeCount - 1].out;
}
