import { measureFileRoot } from "./compute/file-root.ts";
import { measureTraining } from "./compute/training.ts";
import { measureWorkers } from "./compute/workers.ts";
import { printFigures } from "./figure.ts";

/** Speed of training and of commitments, with peers measured in the same run. Run by `glassbox bench compute`. */
printFigures([...(await measureTraining()), ...(await measureWorkers()), ...(await measureFileRoot())]);
