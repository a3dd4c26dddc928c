import type { Hex } from "../../core/bytes.ts";

/** An execution as the contracts name it; see `Execution` in IOneStepVerifier.sol. */
export interface ChainExecution {
  readonly program: Hex;
  readonly section: bigint;
  readonly position: bigint;
  readonly samples: bigint;
  readonly accounts: bigint;
  readonly credits: bigint;
  readonly seed: Hex;
  readonly inputRoot: Hex;
  readonly inputSlot: bigint;
  readonly inputLeaves: bigint;
  readonly dataRoots: [Hex, Hex];
  readonly terms: [Hex, Hex];
  readonly outputRoot: Hex;
}

/** A copy of what an event holds: what ethers decoded is frozen, and it does not take that as an argument. */
export function plainExecution(execution: {
  readonly [Name in keyof ChainExecution]: ChainExecution[Name] extends bigint
    ? bigint
    : ChainExecution[Name] extends string
      ? string
      : readonly string[];
}): ChainExecution {
  const { section, position, samples, accounts, credits, inputSlot, inputLeaves } = execution;
  return {
    program: execution.program as Hex,
    section,
    position,
    samples,
    accounts,
    credits,
    seed: execution.seed as Hex,
    inputRoot: execution.inputRoot as Hex,
    inputSlot,
    inputLeaves,
    dataRoots: [...execution.dataRoots] as [Hex, Hex],
    terms: [...execution.terms] as [Hex, Hex],
    outputRoot: execution.outputRoot as Hex,
  };
}
