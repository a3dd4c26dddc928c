import { elementBytes } from "../../core/tensor.ts";
import { addressOf, operand, typeCode, type KernelFace } from "../operation.ts";
import { inRows, roundUp, rowsBytes } from "./packing.ts";
import type { TensorEntry } from "../program.ts";
import { windowCounts, type Windows } from "../windows.ts";

/** Bytes of an element in the forms that products read. */
const WORD_BYTES = 2;

/**
 * matmul of unfolded images with kernels, from the images themselves: each is packed once, and its windows are read where they overlap.
 * Operands are images, kernels.
 */
export function productOfWindows(windows: Windows): KernelFace {
  const { height, width, kernel, stride, padding } = windows;
  const [down, across] = windowCounts(windows);
  return {
    scratchBytes: ([images, kernels]) =>
      images && kernels ? imageBytes(windows, images.columns) + rowsBytes(lines(kernels, kernel)) : 0,
    bind(binding, kernels, scratch) {
      const { output } = binding;
      const [images, rows] = [operand(binding, 0), operand(binding, 1)];
      const channels = images.columns;
      const packed = inRows(
        { ...rows, entry: lines(rows.entry, kernel) },
        kernels,
        scratch + imageBytes(windows, channels),
      );
      const [from, type] = [addressOf(images), typeCode(images.entry)];
      const bytes = height * width * channels * elementBytes(images.entry.type);
      const outBytes = down * across * output.columns * elementBytes(output.entry.type);
      const count = images.rows / (height * width);
      const pixel = WORD_BYTES * channels;
      const line = (width + 2 * padding) * pixel;
      const run = WORD_BYTES * roundUp(kernel * channels, 8);
      return () => {
        packed.pack();
        let to = addressOf(output);
        for (let image = from; image < from + count * bytes; image += bytes, to += outBytes) {
          kernels.packImage(image, type, scratch, height, width, channels, padding);
          kernels.multiplyWindows(
            scratch,
            packed.address,
            to,
            down,
            across,
            output.columns,
            line,
            pixel,
            kernel,
            run,
            stride,
          );
        }
      };
    },
  };
}

/** An image with its padding, and as much as a window's last line may be read beyond it. */
function imageBytes({ height, width, padding }: Windows, channels: number): number {
  return roundUp(WORD_BYTES * (height + 2 * padding) * (width + 2 * padding) * channels + 16, 16);
}

/** Kernels as rows of one line each: a line of a window lies in one piece. */
function lines(entry: TensorEntry, kernel: number): TensorEntry {
  return { ...entry, rows: entry.rows * kernel, columns: entry.columns / kernel };
}
