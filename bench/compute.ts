import { measureDisputes } from "./compute/dispute.ts";
import { measureFileRoot } from "./compute/file-root.ts";
import { measureProving } from "./compute/proving.ts";
import { measureConvolutions, measureTraining } from "./compute/training.ts";
import { measureWorkers } from "./compute/workers.ts";
import { printFigures, type Figure } from "./figure.ts";

/** Speed of training, commitments and proofs, with peers measured in the same run. Run by `glassbox bench compute`. */
const figures: Figure[] = [];
const measures = [
  measureTraining,
  measureConvolutions,
  measureWorkers,
  measureDisputes,
  measureProving,
  measureFileRoot,
];
for (const measure of measures) {
  figures.push(...(await measure()));
}
printFigures(figures);
