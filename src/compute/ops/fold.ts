import { elementBytes } from "../../core/tensor.ts";
import { ensureParameter, ensureShape, ensureStatic, fixed, movedOperand } from "../checks.ts";
import { addressOf, narrow, operand, type Operation } from "../operation.ts";
import { ensureWindows, windowsOf } from "../windows.ts";

/** The inverse of an `unfold` whose windows cover the image without overlap: output has its images, x has its windows as rows. */
export const fold: Operation = {
  arity: [1, 1],
  parameters: ["first", "second"],
  check(site) {
    const x = movedOperand(site);
    ensureStatic(site);
    const { height, width, kernel, stride, padding } = ensureWindows(site);
    ensureParameter(
      site,
      stride === kernel && padding === 0 && height % kernel === 0 && width % kernel === 0,
      `windows of ${kernel} with stride ${stride} and padding ${padding} do not tile ${height} x ${width}`,
    );
    const area = kernel * kernel;
    const count = (x.rows * area) / (height * width);
    const channels = x.columns / area;
    ensureParameter(site, Number.isInteger(count), `${x.rows} rows are no windows of images of ${height} x ${width}`);
    ensureParameter(site, Number.isInteger(channels), `${x.columns} columns are no windows of ${kernel} x ${kernel}`);
    ensureShape(site, site.output, fixed(count * height * width), fixed(channels));
  },
  bind(binding) {
    const { output } = binding;
    const x = operand(binding, 0);
    const { height, width, kernel } = windowsOf(binding.operation);
    const across = width / kernel;
    const channels = output.columns;
    return () => {
      const from = narrow(x);
      const to = narrow(output);
      for (let pixel = 0, at = 0; pixel < output.rows; pixel++) {
        const column = pixel % width;
        const line = Math.floor(pixel / width);
        const row = Math.floor(line / kernel) * across + Math.floor(column / kernel);
        const place = ((line % height) % kernel) * kernel + (column % kernel);
        const start = row * x.columns + place * channels;
        for (let channel = 0; channel < channels; channel++, at++) to[at] = from[start + channel] as number;
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const { output } = binding;
      const [from, to] = [addressOf(operand(binding, 0)), addressOf(output)];
      const { height, width, kernel } = windowsOf(binding.operation);
      const pixel = output.columns * elementBytes(output.entry.type);
      const count = output.rows / (height * width);
      return () => {
        kernels.fold(from, pixel, to, count, height, width, kernel);
      };
    },
  },
};
