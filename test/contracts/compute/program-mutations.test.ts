import { expect } from "chai";

import { toHex } from "../../../src/core/bytes.ts";
import { Dice } from "../../support/dice.ts";
import { ProgramChain } from "../../support/program-chain.ts";
import { HeadMutator } from "../../support/program-mutations.ts";
import { judge, type Submission } from "../../support/program-submission.ts";
import { RULE_PROGRAMS } from "../../support/rule-programs.ts";

const DEEP = process.env.GLASSBOX_FUZZ_DEEP === "1";
const FACTOR = DEEP ? 10 : 1;
const SEED = 7n;

/**
 * Registers thousands of programs, each changed in some place, and compares what the contract says with what TypeScript says.
 * GLASSBOX_FUZZ_DEEP=1 takes ten times as many.
 */
describe("the registry takes the programs that TypeScript takes", function () {
  this.timeout(DEEP ? 1_800_000 : 180_000);

  let chain: ProgramChain;

  before(async () => {
    chain = await ProgramChain.deploy();
  });

  for (const [index, [name, program]] of Object.entries(RULE_PROGRAMS).entries()) {
    it(`of those that are almost ${name}`, async () => {
      const mutator = new HeadMutator(program, new Dice(SEED + BigInt(index)));
      const some = (count: number, make: () => Submission): Submission[] =>
        Array.from({ length: count * FACTOR }, () => make());
      const submissions = distinct([
        ...mutator.everyField(2 * FACTOR),
        ...some(60, () => mutator.someFields()),
        ...some(60, () => mutator.aDimension()),
        ...some(40, () => mutator.aBound()),
        ...some(40, () => mutator.aWord()),
        ...some(30, () => mutator.aLength()),
        ...some(10, () => mutator.aConstant()),
        ...some(40, () => mutator.bytes()),
      ]);
      const verdicts = submissions.map(judge);
      const answers = await chain.register(submissions);
      const differences = submissions.flatMap(({ head }, i) => {
        const answer = answers[i] ?? "";
        const { root, code } = verdicts[i] as ReturnType<typeof judge>;
        const agrees = root === undefined ? answer.startsWith("Program") : answer === root;
        return agrees ? [] : [{ answer, code, root, head: toHex(head) }];
      });
      expect(differences).to.deep.equal([]);
      const taken = verdicts.filter(({ root }) => root !== undefined).length;
      expect(taken).to.be.greaterThan(submissions.length / 50);
    });
  }
});

/** Without repetitions, which the registry would know. */
function distinct(submissions: readonly Submission[]): Submission[] {
  return [...new Map(submissions.map((submission) => [keyOf(submission), submission])).values()];
}

function keyOf({ head, constants }: Submission): string {
  return [head, ...constants.map((file) => file.subarray(0, 64))].map(toHex).join();
}
