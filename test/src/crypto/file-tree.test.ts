import { readFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";

import { fromHex, toHex, type Hex } from "../../../src/core/bytes.ts";
import { leafCount, leafRuns, paddedLeafCount, segmentCount } from "../../../src/crypto/file-shape.ts";
import { FileTree, fileRoot, rootFromNodes, rootList, rootOfOpening } from "../../../src/crypto/file-tree.ts";
import { keccak256 } from "../../../src/crypto/keccak.ts";
import { verifySegmentProof, type ProvenSegment } from "../../../src/crypto/segment-proof.ts";
import { zeroRoot } from "../../../src/crypto/zero-tree.ts";
import { errorCodeOf } from "../../support/error-code.ts";

interface Vector {
  bytes: number;
  leaves: number;
  paddedLeaves: number;
  segments: number;
  root: Hex;
  heights: number[];
  nodeRoots?: Hex[];
}

const vectors = JSON.parse(readFileSync(new URL("../../support/vectors/file-tree.json", import.meta.url), "utf8")) as {
  files: Vector[];
  zeroRoots: Record<string, Hex>;
};

function patternFile(byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, i) => (i * 31 + 7) & 255);
}

describe("FileTree", () => {
  for (const vector of vectors.files) {
    it(`gives 0G's root for ${vector.bytes} bytes`, () => {
      const tree = new FileTree(patternFile(vector.bytes));
      expect(leafCount(vector.bytes)).to.equal(vector.leaves);
      expect(tree.leaves).to.equal(vector.paddedLeaves);
      expect(Math.ceil(tree.leaves / 1024)).to.equal(vector.segments);
      expect(tree.root).to.equal(vector.root);
      const nodes = tree.submissionNodes();
      expect(nodes.map((node) => node.height)).to.deep.equal(vector.heights);
      if (vector.nodeRoots !== undefined) expect(nodes.map((node) => node.root)).to.deep.equal(vector.nodeRoots);
      expect(rootFromNodes(nodes)).to.equal(vector.root);
    });
  }

  it("has 0G's zero sub-trees", () => {
    for (const [height, root] of Object.entries(vectors.zeroRoots)) {
      expect(toHex(zeroRoot(Number(height)))).to.equal(root);
    }
    expect(fileRoot(new Uint8Array(8 * 256))).to.equal(toHex(zeroRoot(3)));
  });

  it("refuses an empty file", () => {
    expect(errorCodeOf(() => fileRoot(new Uint8Array()))).to.equal("CRYPTO_FILE_EMPTY");
  });

  it("pads as the flow does", () => {
    const known = [
      [16, 16],
      [17, 18],
      [31, 32],
      [33, 36],
      [100, 104],
      [257, 288],
      [1000, 1024],
      [1100, 1152],
      [2049, 2304],
      [20529, 22528],
    ] as const;
    for (const [leaves, padded] of known) expect(paddedLeafCount(leaves)).to.equal(padded);
  });

  it("cuts every padded count into at most four runs that cover it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (leaves) => {
        const padded = paddedLeafCount(leaves);
        const runs = leafRuns(padded);
        expect(runs.length).to.be.within(1, 4);
        let next = 0;
        for (const run of runs) {
          expect(run.firstLeaf).to.equal(next);
          expect(run.firstLeaf % 2 ** run.height).to.equal(0);
          next += 2 ** run.height;
        }
        expect(next).to.equal(padded);
        expect(padded).to.be.below(leaves * 1.125 + 1);
      }),
    );
  });

  it("opens every leaf against the file's root and against its run's root", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 * 256 }), fc.nat(), (byteLength, pick) => {
        const tree = new FileTree(patternFile(byteLength));
        const index = pick % tree.leaves;
        expect(rootOfOpening(tree.openLeaf(index), index, tree.leaves)).to.equal(tree.root);
        for (const run of leafRuns(tree.leaves)) {
          const inRun = pick % 2 ** run.height;
          const opening = tree.openLeafInRun(run, inRun);
          expect(opening.siblings).to.have.length(run.height);
          expect(rootOfOpening(opening, inRun, 2 ** run.height)).to.equal(tree.runRoot(run));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("refuses openings of another shape", () => {
    const tree = new FileTree(patternFile(5 * 256));
    const opening = tree.openLeaf(0);
    expect(errorCodeOf(() => rootOfOpening({ ...opening, leaf: opening.leaf.subarray(1) }, 0, 5))).to.equal(
      "CRYPTO_LEAF_LENGTH",
    );
    expect(errorCodeOf(() => rootOfOpening(opening, 0, 4))).to.equal("CRYPTO_PROOF_DEPTH");
    expect(errorCodeOf(() => rootOfOpening(opening, 5, 5))).to.equal("CRYPTO_LEAF_RANGE");
    expect(errorCodeOf(() => tree.openLeafInRun({ firstLeaf: 0, height: 2 }, 4))).to.equal("CRYPTO_LEAF_RANGE");
  });

  it("lists up to eight roots in one leaf", () => {
    const roots = [1, 2, 3].map((value) => toHex(new Uint8Array(32).fill(value)));
    const leaf = new Uint8Array(256);
    roots.forEach((root, i) => {
      leaf.set(fromHex(root), i * 32);
    });
    expect(rootList(roots)).to.equal(toHex(keccak256(leaf)));
  });
});

describe("verifySegmentProof", () => {
  it("accepts every real segment's proof and knows 0G's paths", () => {
    const file = patternFile(1_048_579);
    const tree = new FileTree(file);
    const paths = [[true, true, true], [false, true, true], [true, false, true], [false, false, true], [false]];
    for (let index = 0; index < segmentCount(file.length); index++) {
      const data = file.subarray(index * 262_144, (index + 1) * 262_144);
      const proof = tree.segmentProof(index);
      expect(proof.path).to.deep.equal(paths[index]);
      verifySegmentProof({ root: tree.root, byteLength: file.length, index, data: padded(data), proof });
    }
  });

  it("accepts a last segment that is followed by wholly padded ones", () => {
    const file = patternFile(5_255_225);
    const tree = new FileTree(file);
    const data = padded(file.subarray(20 * 262_144));
    verifySegmentProof({ root: tree.root, byteLength: file.length, index: 20, data, proof: tree.segmentProof(20) });
  });

  it("names what is wrong with a proof", () => {
    const file = patternFile(700_000);
    const tree = new FileTree(file);
    const good = {
      root: tree.root,
      byteLength: file.length,
      index: 1,
      data: file.slice(262_144, 524_288),
      proof: tree.segmentProof(1),
    };
    const tampered = good.data.slice();
    tampered[77] = 1;
    const { lemma, path } = good.proof;
    const cases: [ProvenSegment, string][] = [
      [{ ...good, data: tampered }, "CRYPTO_SEGMENT_MISMATCH"],
      [{ ...good, data: good.data.subarray(256) }, "CRYPTO_SEGMENT_LENGTH"],
      [{ ...good, index: 3 }, "CRYPTO_SEGMENT_RANGE"],
      [{ ...good, index: 0 }, "CRYPTO_PROOF_PATH"],
      [{ ...good, root: toHex(new Uint8Array(32)) }, "CRYPTO_PROOF_ROOT"],
      [{ ...good, proof: { lemma: lemma.slice(1), path } }, "CRYPTO_PROOF_DEPTH"],
      [{ ...good, proof: { lemma, path: [...path, true] } }, "CRYPTO_PROOF_DEPTH"],
      [
        { ...good, proof: { lemma: [lemma[0] ?? "0x", tree.root, ...lemma.slice(2)], path } },
        "CRYPTO_SEGMENT_MISMATCH",
      ],
      [{ ...good, proof: { lemma: [tree.root, ...lemma.slice(1)], path } }, "CRYPTO_SEGMENT_MISMATCH"],
    ];
    for (const [proof, code] of cases)
      expect(
        errorCodeOf(() => {
          verifySegmentProof(proof);
        }),
      ).to.equal(code);
  });
});

function padded(data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(data.length / 256) * 256);
  whole.set(data);
  return whole;
}
