import { encodeTensor, rowStrideBytes, type Elements } from "../../src/core/tensor.ts";
import { sectionOutputs, type Program } from "../../src/compute/program.ts";
import { SectionRun } from "../../src/compute/section-run.ts";
import type { Faces } from "../../src/compute/section-plan.ts";

const SAMPLES = 23;

/** The weights after three steps on made-up samples, from weights that follow from a seed byte. */
export function trainSteps(program: Program, faces: Faces, seedByte = 3): Elements[] {
  const seed = new Uint8Array(32).fill(seedByte);
  const init = new SectionRun(program, "init", { seed });
  init.run();
  const columns = program.tensors.find(({ role }) => role === "samples")?.columns ?? 0;
  const run = new SectionRun(program, "step", { seed, samples: SAMPLES }, faces);
  const samples = Uint8Array.from({ length: SAMPLES * columns }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
  const labels = Uint8Array.from({ length: SAMPLES }, (_, i) => i % 11);
  const shape = { type: "u8", rows: SAMPLES, columns } as const;
  run.give("samples", 0, encodeTensor(shape, samples), rowStrideBytes(shape));
  run.give("labels", 0, labels);
  const slots = sectionOutputs(program, "init").map((_, slot) => slot);
  for (const slot of slots) run.give("weights", slot, init.output(slot));
  for (let step = 0; step < 3; step++) {
    if (step > 0) run.carry();
    run.run(step * program.batch);
  }
  return slots.map((slot) => run.output(slot).slice());
}
