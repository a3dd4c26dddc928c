import { measureFileRoot } from "./compute/file-root.ts";
import { measureTraining } from "./compute/training.ts";
import { printFigures } from "./figure.ts";

/** Speed of training and of commitments on one thread, with peers measured in the same run. Run by `glassbox bench compute`. */
printFigures([...(await measureTraining()), ...(await measureFileRoot())]);
