import { expect } from "chai";
import fc from "fast-check";

import {
  allocateElements,
  decodeTensor,
  decodeTensorSet,
  elementOffset,
  type ElementType,
  encodeTensor,
  encodeTensorSet,
  nextPowerOfTwo,
  rowStrideBytes,
  tensorBytes,
  tensorSetLayout,
} from "../../../src/core/tensor.ts";
import { errorCodeOf } from "../../support/error-code.ts";

const shapes = fc.record({
  type: fc.constantFrom<ElementType>("i8", "u8", "i16", "i32", "i64"),
  rows: fc.integer({ min: 1, max: 40 }),
  columns: fc.integer({ min: 1, max: 300 }),
});

describe("tensor", () => {
  it("rounds up to powers of two", () => {
    expect([1, 2, 3, 4, 5, 255, 256, 257, 65537].map(nextPowerOfTwo)).to.deep.equal([
      1, 2, 4, 4, 8, 256, 256, 512, 131072,
    ]);
  });

  it("pads rows to a power of two and the file to at least a leaf", () => {
    expect(rowStrideBytes({ type: "u8", rows: 3, columns: 784 })).to.equal(1024);
    expect(tensorBytes({ type: "u8", rows: 3, columns: 784 })).to.equal(4096);
    expect(rowStrideBytes({ type: "i16", rows: 10, columns: 32 })).to.equal(64);
    expect(tensorBytes({ type: "i16", rows: 10, columns: 32 })).to.equal(1024);
    expect(tensorBytes({ type: "u8", rows: 10, columns: 1 })).to.equal(256);
  });

  it("writes little-endian two's complement", () => {
    const file = encodeTensor({ type: "i16", rows: 2, columns: 3 }, Int16Array.of(1, -2, 256, 3, 4, -32768));
    expect([...file.subarray(0, 16)]).to.deep.equal([1, 0, 254, 255, 0, 1, 0, 0, 3, 0, 4, 0, 0, 128, 0, 0]);
    expect(elementOffset({ type: "i16", rows: 2, columns: 3 }, 1, 2)).to.equal(12);
  });

  it("decodes what it encodes, for any type and shape", () => {
    fc.assert(
      fc.property(shapes, fc.integer(), (shape, seed) => {
        const elements = allocateElements(shape.type, shape.rows * shape.columns);
        const bytes = new Uint8Array(elements.buffer);
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(seed + i, 2654435761) >>> 24;
        expect(decodeTensor(shape, encodeTensor(shape, elements))).to.deep.equal(elements);
      }),
      { numRuns: 60 },
    );
  });

  it("refuses wrong lengths, types and padding", () => {
    const shape = { type: "i16", rows: 2, columns: 3 } as const;
    expect(errorCodeOf(() => encodeTensor(shape, new Int16Array(5)))).to.equal("TENSOR_LENGTH_MISMATCH");
    expect(errorCodeOf(() => encodeTensor(shape, new Int8Array(6)))).to.equal("TENSOR_LENGTH_MISMATCH");
    expect(errorCodeOf(() => decodeTensor(shape, new Uint8Array(255)))).to.equal("TENSOR_LENGTH_MISMATCH");
    for (const position of [6, 7, 14, 16, 255]) {
      const file = encodeTensor(shape, new Int16Array(6));
      file[position] = 1;
      expect(
        errorCodeOf(() => decodeTensor(shape, file)),
        `byte ${position}`,
      ).to.equal("TENSOR_PADDING_NOT_ZERO");
    }
  });

  it("lays a set out in descending size, each aligned to its own size", () => {
    const set = [
      { type: "i16", rows: 10, columns: 32 },
      { type: "i16", rows: 32, columns: 784 },
      { type: "u8", rows: 1, columns: 1 },
    ] as const;
    expect(tensorSetLayout(set)).to.deep.equal({ offsets: [65536, 0, 66560], byteLength: 66816 });
    const elements = [new Int16Array(320).fill(-3), new Int16Array(25088).fill(7), Uint8Array.of(9)];
    const file = encodeTensorSet(set, elements);
    expect(decodeTensorSet(set, file)).to.deep.equal(elements);
    expect(errorCodeOf(() => decodeTensorSet(set, file.subarray(256)))).to.equal("TENSOR_SET_MISMATCH");
    expect(
      errorCodeOf(() => encodeTensorSet(set, [])),
      "missing tensors",
    ).to.equal("TENSOR_SET_MISMATCH");
  });
});

describe("tensors of absurd shapes", () => {
  it("do not wrap around to a small file", () => {
    const shape = { type: "u8", rows: 1, columns: 2 ** 32 + 1 } as const;
    expect(tensorBytes(shape)).to.equal(2 ** 33);
    expect(errorCodeOf(() => decodeTensor(shape, new Uint8Array(256)))).to.equal("TENSOR_LENGTH_MISMATCH");
  });
});
