import { elementBytes } from "../../core/tensor.ts";
import { ensureContains, ensureParameter, ensureShape, ensureStatic, fixed, movedOperand } from "../checks.ts";
import { addressOf, narrow, operand, type Operation } from "../operation.ts";
import { ensureWindows, windowCounts, windowsOf } from "../windows.ts";

/**
 * Windows as rows: output[(b * OH + y) * OW + x][(ky * k + kx) * C + c] = images[(b * H + y * s + ky - p) * W + x * s + kx - p][c],
 * 0 outside the image. The arguments name the windows; an image is H * W rows of C channels.
 */
export const unfold: Operation = {
  arity: [1, 1],
  parameters: ["first", "second"],
  check(site) {
    const images = movedOperand(site);
    ensureStatic(site);
    const windows = ensureWindows(site);
    const { height, width, kernel, padding } = windows;
    const [down, across] = windowCounts(windows);
    const count = images.rows / (height * width);
    ensureParameter(site, Number.isInteger(count), `${images.rows} rows are no images of ${height} x ${width}`);
    ensureShape(site, site.output, fixed(count * down * across), fixed(kernel * kernel * images.columns));
    if (padding > 0) ensureContains(site, 0n, 0n);
  },
  bind(binding) {
    const { output } = binding;
    const images = operand(binding, 0);
    const windows = windowsOf(binding.operation);
    const { height, width, kernel, stride, padding } = windows;
    const [down, across] = windowCounts(windows);
    const channels = images.columns;
    return () => {
      const from = narrow(images);
      const to = narrow(output);
      let at = 0;
      for (let row = 0; row < output.rows; row++) {
        const image = Math.floor(row / (down * across));
        const top = (Math.floor(row / across) % down) * stride - padding;
        const left = (row % across) * stride - padding;
        for (let place = 0; place < kernel * kernel; place++) {
          const y = top + Math.floor(place / kernel);
          const x = left + (place % kernel);
          const isInside = y >= 0 && y < height && x >= 0 && x < width;
          const pixel = ((image * height + y) * width + x) * channels;
          for (let channel = 0; channel < channels; channel++, at++) {
            to[at] = isInside ? (from[pixel + channel] as number) : 0;
          }
        }
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const images = operand(binding, 0);
      const [from, to] = [addressOf(images), addressOf(binding.output)];
      const { height, width, kernel, stride, padding } = windowsOf(binding.operation);
      const pixel = images.columns * elementBytes(images.entry.type);
      const count = images.rows / (height * width);
      return () => {
        kernels.unfold(from, pixel, to, count, height, width, kernel, stride, padding);
      };
    },
  },
};
