import { ensureAccumulator, ensureParameter, ensureShift, ensureType, roundingTerm } from "../checks.ts";
import { bounds, narrow, type Operation } from "../operation.ts";
import { roundingShift, saturate } from "../arithmetic.ts";
import { INIT_ELEMENTS_PER_HASH, initHash } from "../randomness.ts";

/** Greatest absolute value of a sum of four random bytes minus its mean. */
const NOISE_MAGNITUDE = 510n;

/** output[e] = sat(rshr(multiplier * (sum of 4 random bytes - 510), shift)) from the job's seed; `first` names the stream. */
export const init: Operation = {
  arity: [0, 0],
  parameters: ["shift", "multiplier", "first"],
  check(site) {
    ensureType(site, site.output, "i8", "i16", "i32");
    ensureShift(site);
    const { arguments: args, multiplier, shift } = site.operation;
    ensureParameter(site, args[0] >= 0, "the stream is not negative");
    ensureParameter(site, multiplier >= 1, "the multiplier is at least 1");
    ensureAccumulator(site, BigInt(multiplier) * NOISE_MAGNITUDE + roundingTerm(shift));
  },
  bind({ operation, output, scope }) {
    const [lowest, highest] = bounds(output.entry);
    return () => {
      const elements = narrow(output);
      let hash = new Uint8Array();
      for (let element = 0; element < elements.length; element++) {
        const within = element % INIT_ELEMENTS_PER_HASH;
        if (within === 0) hash = initHash(scope.seed, operation.arguments[0], element / INIT_ELEMENTS_PER_HASH);
        let noise = -Number(NOISE_MAGNITUDE);
        for (let byte = 0; byte < 4; byte++) noise += hash[4 * within + byte] as number;
        const value = roundingShift(Math.imul(operation.multiplier, noise), operation.shift);
        elements[element] = saturate(value, lowest, highest);
      }
    };
  },
};
