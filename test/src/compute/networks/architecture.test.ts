import { expect } from "chai";

import {
  architectureProgram,
  ARCHITECTURE_FORMS,
  isArchitecture,
  RECIPE_NAMES,
  recipeProgram,
} from "../../../../src/compute/networks/architecture.ts";
import { DEFAULT_TRAINING } from "../../../../src/compute/networks/mlp.ts";
import { weightsShapes } from "../../../../src/compute/program.ts";
import { standardLayers } from "../../../../src/compute/networks/standard-layers.ts";
import { errorCodeOf } from "../../../support/error-code.ts";

const SETTINGS = { parts: 1, batch: 128, stepsPerPart: 64, rate: 0.5 };

describe("named architectures", () => {
  it("build valid programs of the sizes that they name, also deep, wide and tiny ones", () => {
    const names = [...ARCHITECTURE_FORMS, "mlp:784-64-32-10", "mlp:1024-1024-100", "mlp:1-1-1", "softmax:784-10"];
    for (const name of names) {
      expect(isArchitecture(name), name).to.equal(true);
      const sizes = name.replace(/^.*:/, "").split("-").map(Number);
      const shapes = weightsShapes(architectureProgram(name, SETTINGS)).map(({ rows, columns }) => [columns, rows]);
      expect(shapes, name).to.deep.equal(sizes.slice(1).map((units, slot) => [sizes[slot], units]));
    }
  });

  it("have the units of the settings that were chosen by hand", () => {
    const { sizes, batch, layers } = DEFAULT_TRAINING;
    standardLayers(sizes, batch, 0.5).forEach((layer, slot) => {
      const chosen = layers[slot];
      expect({ ...layer, clamp: 0, initMultiplier: 0 }).to.deep.equal({ ...chosen, clamp: 0, initMultiplier: 0 });
      expect(layer.clamp).to.be.closeTo(chosen?.clamp ?? 0, 1);
      expect(layer.initMultiplier).to.be.closeTo(chosen?.initMultiplier ?? 0, 1);
    });
  });

  it("have recipes beside them", () => {
    const programs = RECIPE_NAMES.map((name) => recipeProgram(name));
    expect(programs.map((program) => program && weightsShapes(program).length)).to.deep.equal([2, 3, 1]);
    for (const name of ["digits", "digits:rnn", "toString", ""]) expect(recipeProgram(name), name).to.equal(undefined);
  });

  it("are refused by name if there is none such", () => {
    for (const name of ["mlp:784", "mlp:0-10", "mlp:784-", "mlp:784x10", "softmax:5-4-3", "softmax:5", "rnn:5-3", ""]) {
      expect(
        errorCodeOf(() => architectureProgram(name, SETTINGS)),
        name,
      ).to.equal("COMPUTE_ARCHITECTURE_UNKNOWN");
    }
    expect(errorCodeOf(() => architectureProgram("mlp:1025-10", SETTINGS))).to.equal("COMPUTE_ROW_TOO_LONG");
  });
});
