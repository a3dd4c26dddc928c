import { eventOf } from "../../chain/events.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import { jobState } from "../../compute/job-state.ts";
import { ensureInput } from "../../core/errors.ts";
import { type Bounty, unpaidBounties } from "../../worker/dispute/winnings.ts";
import { openTrainingJob } from "../actions/open-job.ts";
import { readProgramOption } from "../actions/read-program.ts";
import { formatTokens, parseCount, parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withSession, withSigningSession } from "../session.ts";
import { openStorage } from "../storage-access.ts";
import { formatTime } from "../times.ts";
import { optionalOf, textOf } from "../values.ts";

const MAX_ROUNDS = 2 ** 32 - 1;

/** Opens a training job; the signing account holds the model token and pays the fee. */
export const open: Handler = async (context, values) => {
  const modelId = parseId(textOf(values, "model"), "--model");
  const datasetId = parseId(textOf(values, "dataset"), "--dataset");
  const rounds = optionalOf(values, "rounds", (text) => parseCount(text, "--rounds", MAX_ROUNDS));
  const program = await readProgramOption(context, values);
  await withSigningSession(context, async ({ contracts, sender }) => {
    const storage = await openStorage(contracts, sender, values);
    const { signal } = context;
    const jobId = await openTrainingJob(contracts, sender, storage, { modelId, datasetId, program, rounds, signal });
    context.result({ jobId, modelId, datasetId }, `job ${jobId} is open`);
  });
};

/** Shows a job. */
export const status: Handler = async (context, values) => {
  const jobId = parseId(textOf(values, "job"), "job");
  await withSession(context, async ({ contracts }) => {
    const job = await readChain(contracts.JobRegistry.job(jobId));
    const joined = [...(await readChain(contracts.JobRegistry.joined(jobId)))];
    const { params, lease, claim } = job;
    const state = jobState(job);
    const claimed =
      claim.number === 0n
        ? null
        : {
            number: claim.number,
            author: claim.author,
            weightsRoot: claim.outputs.weightsRoot,
            traceRoot: claim.outputs.traceRoot,
            acceptableAt: formatTime(claim.claimedAt + params.claimWindowSeconds),
          };
    const leased = lease.expiresAt === 0n ? null : { holder: lease.holder, expiresAt: formatTime(lease.expiresAt) };
    const { modelId, datasetId, rounds, parts, feeWei, auditFeeWei, coverageWei } = params;
    const deadline = formatTime(params.deadline);
    context.result(
      {
        ...{ jobId, status: state, modelId, datasetId, rounds, parts, feeWei, auditFeeWei, coverageWei, deadline },
        ...{ opener: job.opener, joined, lease: leased, claim: claimed, versionId: job.versionId },
      },
      [
        `job       ${jobId}, ${state}`,
        `trains    model ${modelId} on dataset ${datasetId}, ${rounds} rounds of ${parts} parts`,
        `pays      ${formatTokens(feeWei)}, and ${formatTokens(auditFeeWei)} for audits; opened by ${job.opener}, to be claimed by ${deadline}`,
        `joined    ${joined.length === 0 ? "nobody" : joined.join(", ")}; each risks ${formatTokens(coverageWei)}`,
        `lease     ${leased ? `${leased.holder} until ${leased.expiresAt}` : "-"}`,
        `claim     ${claimed ? `by ${claimed.author}, weights ${claimed.weightsRoot}` : "-"}`,
        ...(state === "claimed" && claimed ? [`window    until ${claimed.acceptableAt}`] : []),
        ...(job.versionId === 0n ? [] : [`version   ${job.versionId}`]),
      ].join("\n"),
    );
  });
};

/** Accepts a claim whose window is over. */
export const accept: Handler = async (context, values) => {
  const jobId = parseId(textOf(values, "job"), "job");
  await withSigningSession(context, async ({ contracts, sender }) => {
    const { JobRegistry } = contracts;
    const receipt = await sender.send(JobRegistry.accept.populateTransaction(jobId));
    const { versionId, author } = eventOf(receipt, JobRegistry, "JobAccepted");
    context.result({ jobId, versionId, author }, `job ${jobId} is accepted as model version ${versionId}`);
  });
};

/** Gives what is left of a job's audit fee back to its opener, who is paid by `claim`. */
export const sweep: Handler = async (context, values) => {
  const jobId = parseId(textOf(values, "job"), "job");
  await withSigningSession(context, async ({ contracts, sender }) => {
    const { AuditDesk } = contracts;
    const receipt = await sender.send(AuditDesk.sweep.populateTransaction(jobId));
    const { opener, amountWei } = eventOf(receipt, AuditDesk, "FeeSwept");
    context.result({ jobId, opener, amountWei }, `${formatTokens(amountWei)} of job ${jobId} are owed to ${opener}`);
  });
};

/** Pays out what jobs, dispute games and audits owe the signing account: fees, bonds that came back, and what it won. */
export const claim: Handler = async (context) => {
  await withSigningSession(context, async ({ contracts, sender, provider, book }) => {
    const { AuditDesk, DisputeGame, JobRegistry, Slasher } = contracts;
    const { address } = sender;
    const [jobsWei, gamesWei, auditsWei] = await readChain(
      Promise.all([JobRegistry.owedWei(address), DisputeGame.owedWei(address), AuditDesk.owedWei(address)]),
    );
    const bounties = await unpaidBounties(contracts, { provider, fromBlock: book.startBlock }, address);
    const now = await chainTime(provider);
    const due = bounties.filter(({ closesAt }) => closesAt <= now);
    const [bountiesWei, laterWei] = [sumOf(due), sumOf(bounties) - sumOf(due)];
    const later = bounties.find(({ closesAt }) => closesAt > now);
    const outlook = later && `bounties of ${formatTokens(laterWei)} follow from ${formatTime(later.closesAt)} on`;
    ensureInput(
      jobsWei + gamesWei + auditsWei + bountiesWei > 0n,
      "COMPUTE_NOTHING_OWED",
      `no job, dispute or audit owes ${address} anything`,
      outlook === undefined ? {} : { hint: outlook },
    );
    if (jobsWei > 0n) await sender.send(JobRegistry.withdraw.populateTransaction(address));
    if (gamesWei > 0n) await sender.send(DisputeGame.withdraw.populateTransaction(address));
    if (auditsWei > 0n) await sender.send(AuditDesk.withdraw.populateTransaction(address));
    for (const { serviceId, operator, offenceKey } of due) {
      await sender.send(Slasher.claimBounty.populateTransaction(serviceId, operator, offenceKey));
    }
    const [jobs, games, audits, bountiesPaid] = [jobsWei, gamesWei, auditsWei, bountiesWei].map(formatTokens);
    const paid = `${jobs} of jobs, ${games} of disputes, ${audits} of audits and ${bountiesPaid} of bounties`;
    context.result(
      { account: address, jobsWei, gamesWei, auditsWei, bountiesWei, laterWei },
      [`${paid} paid to ${address}`, ...(outlook === undefined ? [] : [outlook])].join("\n"),
    );
  });
};

function sumOf(bounties: readonly Bounty[]): bigint {
  return bounties.reduce((sum, { amountWei }) => sum + amountWei, 0n);
}
