import { expect } from "chai";

import { ProgramChain } from "../../support/program-chain.ts";
import { judge, submissionOf } from "../../support/program-submission.ts";
import { RULE_CASES } from "../../support/rule-cases.ts";
import { RULE_PROGRAMS } from "../../support/rule-programs.ts";

describe("the rules of programs, in TypeScript and on chain", function () {
  this.timeout(120_000);

  let chain: ProgramChain;

  before(async () => {
    chain = await ProgramChain.deploy();
  });

  it("take programs with every operation, to the same root", async () => {
    const programs = Object.values(RULE_PROGRAMS);
    const operations = new Set(programs.flatMap((program) => program.operations.map(({ name }) => name)));
    expect(operations.size).to.equal(25);
    const submissions = programs.map(submissionOf);
    const answers = await chain.register(submissions);
    expect(submissions.map((submission) => judge(submission).root)).to.deep.equal(answers);
  });

  it("have names, and each refuses what breaks it", async () => {
    const answers = await chain.register(RULE_CASES.map(({ submission }) => submission));
    const differences = RULE_CASES.flatMap(({ what, submission, code, error }, index) => {
      const found = { what, code: judge(submission).code, error: answers[index] };
      return found.code === code && found.error === error ? [] : [{ found, expected: { what, code, error } }];
    });
    expect(differences).to.deep.equal([]);
  });

  it("are all tested", () => {
    const tested = new Set(RULE_CASES.map(({ error }) => error));
    expect([...tested].sort()).to.deep.equal(chain.rules().sort());
  });
});
