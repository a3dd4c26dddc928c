import { ensureInput } from "../core/errors.ts";

/** The array of an IDX file of unsigned bytes, the format MNIST is published in. */
export interface IdxArray {
  readonly dimensions: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTES = 0x08;
const GZIP_MAGIC = 0x1f8b;

/**
 * Parses an IDX file of unsigned bytes: two zero bytes, element type, number of dimensions, dimensions (big-endian u32), data.
 * http://yann.lecun.com/exdb/mnist/
 * @throws GlassboxError `MODELS_IDX_INVALID` for another type, or for data that are shorter or longer than the dimensions say.
 */
export function parseIdx(file: Uint8Array): IdxArray {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = file.length >= 4 ? view.getUint16(0) : undefined;
  ensureInput(magic !== GZIP_MAGIC, "MODELS_IDX_INVALID", "the IDX file is compressed", {
    hint: "unpack it with gunzip",
  });
  ensureInput(
    magic === 0 && file[2] === UNSIGNED_BYTES,
    "MODELS_IDX_INVALID",
    "not an IDX file of unsigned bytes: it does not start with 00 00 08",
  );
  const dimensionCount = view.getUint8(3);
  const start = 4 + 4 * dimensionCount;
  ensureInput(dimensionCount > 0 && file.length >= start, "MODELS_IDX_INVALID", "the IDX file ends within its header");
  const dimensions = Array.from({ length: dimensionCount }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = dimensions.reduce((product, dimension) => product * dimension, 1);
  ensureInput(
    file.length - start === expected,
    "MODELS_IDX_INVALID",
    `the IDX file should hold ${dimensions.join(" x ")} bytes of data, got ${file.length - start}`,
  );
  return { dimensions, data: file.subarray(start) };
}
