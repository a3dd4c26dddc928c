import { expect } from "chai";

import { denseNetwork } from "../../../src/compute/networks/dense-network.ts";
import { loadProgram } from "../../../src/compute/validate.ts";
import { encodeProgram, programRoot } from "../../../src/compute/program-file.ts";
import { programText } from "../../../src/compute/program-text.ts";
import { EXP_TABLE_ROOT } from "../../../src/compute/exp-table.ts";
import { cnn } from "../../../src/compute/networks/cnn.ts";
import { DIGITS_CNN } from "../../../src/compute/networks/digits.ts";
import { INSTRUCTIONS } from "../../../src/compute/operations.ts";
import { smallProgram } from "../../support/small-training.ts";

describe("the text of a program", () => {
  it("has a line for each tensor from outside and for each operation", () => {
    const hidden = [{ units: 3, weightClamp: 9, biasClamp: 50, shift: 2, ceiling: 31 }];
    const program = denseNetwork({ inputs: 4, hidden, last: { units: 2, weightClamp: 7, biasClamp: 8 } });
    expect(programText(program)).to.equal(
      [
        `program ${programRoot(program)}`,
        "1280 bytes, 15 tensors, 10 operations; answers only",
        "",
        "init",
        "  t0  i16[3][4] in -9..9 = init, shift 1, multiplier 1, stream 0 -> init 0",
        "  t1  i32[1][3] in -50..50 = init, shift 1, multiplier 1, stream 1 -> init 1",
        "  t2  i16[2][3] in -7..7 = init, shift 1, multiplier 1, stream 2 -> init 2",
        "  t3  i32[1][2] in -8..8 = init, shift 1, multiplier 1, stream 3 -> init 3",
        "",
        "infer",
        "  t4  u8[1][4] in 0..255 query",
        "  t5  i16[3][4] in -9..9 weights 0",
        "  t6  i32[1][3] in -50..50 weights 1",
        "  t7  i16[2][3] in -7..7 weights 2",
        "  t8  i32[1][2] in -8..8 weights 3",
        "  t9  i32[1][3] in -9180..9180 = matmul t4 t5",
        "  t10 i32[1][3] in -9230..9230 = addRow t9 t6",
        "  t11 i16[1][3] in 0..31 = requantise t10, shift 2, multiplier 1",
        "  t12 i32[1][2] in -651..651 = matmul t11 t7",
        "  t13 i32[1][2] in -659..659 = addRow t12 t8",
        "  t14 i32[1][1] in 0..1 = argmax t13 -> infer 0",
      ].join("\n"),
    );
  });

  it("is the same for the file as for what it was made from, and names parts, extents and constants", () => {
    const program = smallProgram();
    const text = programText(program);
    expect(programText(loadProgram(encodeProgram(program)))).to.equal(text);
    expect(text).to.include("trained in rounds of 3 parts of 3 steps of 4 samples");
    expect(text).to.include("weights 1 of part 2");
    expect(text).to.include("u8[samples <= 67108864][12] in 0..255 samples");
    expect(text).to.match(/= setColumn t\d+, column 0, value 255/);
    expect(text).to.include(`constant ${EXP_TABLE_ROOT} at leaf `);
    const lines = text.split("\n").filter((line) => line.startsWith("  t"));
    expect(lines.length).to.equal(program.tensors.length);
  });

  it("has a name for every argument of every operation", () => {
    const programs = [smallProgram(), cnn(DIGITS_CNN)];
    const text = programs.map(programText).join("\n");
    expect(text).to.include("unfold t11, images 28 x 28, kernel 5, stride 1, padding 0");
    expect(text).to.include(", groups 4");
    for (const [name, { parameters }] of Object.entries(INSTRUCTIONS)) {
      const line = text.split("\n").find((candidate) => candidate.includes(`= ${name}`));
      if (line === undefined) continue;
      const shown =
        line
          .replace(/^.*= /, "")
          .replace(/ ->.*$/, "")
          .split(", ").length - 1;
      expect(shown, line).to.equal(/^(un)?fold$/.test(name) ? 4 : parameters.length);
    }
  });
});
