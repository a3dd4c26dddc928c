import { elementBytes } from "../../core/tensor.ts";
import { ensureParameter, ensureShape, ensureStatic, fixed, movedOperand } from "../checks.ts";
import { addressOf, narrow, operand, type Operation } from "../operation.ts";

/**
 * Kernels of a convolution turned by half a turn, inputs and outputs exchanged: output[i][q * O + o] = kernels[o][(A - 1 - q) * I + i], where
 * `first` is a kernel's area A. With them the gradient above a convolution becomes the one below.
 */
export const rotate: Operation = {
  arity: [1, 1],
  parameters: ["first"],
  check(site) {
    const kernels = movedOperand(site);
    const [area] = site.operation.arguments;
    ensureStatic(site);
    ensureParameter(
      site,
      area >= 1 && kernels.columns % area === 0,
      `${kernels.columns} columns are no kernels of area ${area}`,
    );
    ensureShape(site, site.output, fixed(kernels.columns / area), fixed(area * kernels.rows));
  },
  bind(binding) {
    const kernels = operand(binding, 0);
    const [area] = binding.operation.arguments;
    const inputs = kernels.columns / area;
    return () => {
      const from = narrow(kernels);
      const to = narrow(binding.output);
      for (let input = 0, at = 0; input < inputs; input++) {
        for (let place = area - 1; place >= 0; place--) {
          for (let output = 0; output < kernels.rows; output++, at++) {
            to[at] = from[output * kernels.columns + place * inputs + input] as number;
          }
        }
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const x = operand(binding, 0);
      const [from, to] = [addressOf(x), addressOf(binding.output)];
      const [area] = binding.operation.arguments;
      const size = elementBytes(x.entry.type);
      return () => {
        kernels.rotate(from, size, to, x.rows, area, x.columns / area);
      };
    },
  },
};
