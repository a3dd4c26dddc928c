import { parseEther } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import { eventOf } from "../../chain/events.ts";
import { chainTime } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import { DEFAULT_TRAINING, mlp } from "../../compute/networks/mlp.ts";
import { encodeProgram } from "../../compute/program-file.ts";
import { isTrainable, type Program } from "../../compute/program.ts";
import { ensureInput } from "../../core/errors.ts";
import type { StorageClient } from "../../storage/storage-client.ts";
import { registerProgram } from "./register-program.ts";

/** The terms of the jobs that the command line opens: times in seconds, amounts in base units of the token. */
const JOB_TERMS = {
  /** Of data, labels, compute and initiator, in 1/10,000. */
  poolsBps: [4_000, 2_000, 3_000, 1_000],
  shareSupply: 1_000_000_000_000n,
  feeWei: parseEther("10"),
  auditFeeWei: parseEther("4"),
  claimBondWei: parseEther("100"),
  leaseBondWei: parseEther("10"),
  coverageWei: parseEther("100"),
  jobSeconds: 86_400n,
  claimWindowSeconds: 3_600n,
  leaseSeconds: 600n,
} as const;

/** Stores and registers a program and opens a job that trains it. The sender holds the model token and pays the fee. */
export async function openTrainingJob(
  contracts: Contracts,
  sender: TxSender,
  storage: StorageClient,
  options: {
    readonly modelId: bigint;
    readonly datasetId: bigint;
    /** The recipe for digits unless given. */
    readonly program?: Program | undefined;
    readonly rounds: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<bigint> {
  const { JobRegistry, Token } = contracts;
  const program = options.program ?? mlp(DEFAULT_TRAINING.sizes, DEFAULT_TRAINING);
  ensureInput(isTrainable(program), "CLI_PROGRAM_UNTRAINABLE", "the program has no step: it only answers");
  const stored = await storage.upload(encodeProgram(program), options.signal);
  await registerProgram(contracts, sender, program);
  const escrowWei = JOB_TERMS.feeWei + JOB_TERMS.auditFeeWei;
  await sender.send(Token.approve.populateTransaction(await JobRegistry.getAddress(), escrowWei));
  const receipt = await sender.send(
    JobRegistry.openJob.populateTransaction({
      modelId: options.modelId,
      datasetId: options.datasetId,
      programSubmission: stored.submission,
      programRoot: stored.root,
      seed: DEFAULT_TRAINING.seed,
      rounds: options.rounds ?? DEFAULT_TRAINING.rounds,
      parts: program.parts,
      poolsBps: [...JOB_TERMS.poolsBps],
      shareSupply: JOB_TERMS.shareSupply,
      feeWei: JOB_TERMS.feeWei,
      auditFeeWei: JOB_TERMS.auditFeeWei,
      claimBondWei: JOB_TERMS.claimBondWei,
      leaseBondWei: JOB_TERMS.leaseBondWei,
      coverageWei: JOB_TERMS.coverageWei,
      deadline: (await chainTime(sender.provider)) + JOB_TERMS.jobSeconds,
      claimWindowSeconds: JOB_TERMS.claimWindowSeconds,
      leaseSeconds: JOB_TERMS.leaseSeconds,
    }),
  );
  return eventOf(receipt, JobRegistry, "JobOpened").jobId;
}
