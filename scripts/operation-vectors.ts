import { writeFileSync } from "node:fs";

import { computedVector, OPERATION_VECTORS, readVectors } from "../test/support/operation-vectors.ts";

/** Computes the outputs of the vectors of all operations anew, from the inputs in their file; format it afterwards. */
const vectors = readVectors().map((vector) => computedVector(vector, "reference"));
writeFileSync(OPERATION_VECTORS, JSON.stringify(vectors));
