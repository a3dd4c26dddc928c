import type { Log, Provider } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { parseEvent } from "../chain/events.ts";
import { chainError } from "../chain/revert.ts";
import { fromHex, type Hex } from "../core/bytes.ts";
import type { Receipt } from "../models/receipt.ts";

import type { AnswerFacts } from "./ports.ts";

type Settlement = Contracts["Settlement"];

interface SettleArguments {
  readonly voucher: {
    readonly consumer: string;
    readonly provider: string;
    readonly versionId: bigint;
    readonly priceVersion: bigint;
    readonly units: bigint;
    readonly cumulativeFeeWei: bigint;
    readonly requestsRoot: string;
  };
  readonly signature: string;
  readonly answer: {
    readonly circuitId: string;
    readonly inputHash: bigint;
    readonly answer: bigint;
    readonly proof: readonly bigint[];
  };
}

/** Reads what was handed in with each settled answer out of its transaction. */
export async function readAnswers(
  provider: Provider,
  settlement: Settlement,
  logs: readonly Log[],
): Promise<AnswerFacts[]> {
  const answers: AnswerFacts[] = [];
  try {
    for (const log of logs) {
      const event = parseEvent(log, settlement, "AnswerSettled");
      if (!event) continue;
      const { provider: operator, versionId, priceVersion } = event;
      const { priceWei } = await settlement.price(operator, versionId, priceVersion);
      answers.push({
        transaction: log.transactionHash as Hex,
        settled: {
          consumer: event.consumer as Hex,
          provider: operator as Hex,
          priceVersion: Number(priceVersion),
          units: event.units,
          circuitId: event.circuitId as Hex,
          inputHash: event.inputHash,
          answer: event.answer,
          feeWei: event.feeWei,
        },
        receipt: await receiptOf(provider, settlement, log),
        priceWei,
      });
    }
  } catch (error) {
    throw chainError(error);
  }
  return answers;
}

/** The arguments of `settle`, if the transaction calls it directly. */
async function receiptOf(provider: Provider, settlement: Settlement, log: Log): Promise<Receipt | undefined> {
  const transaction = await provider.getTransaction(log.transactionHash);
  if (transaction?.to !== log.address) return undefined;
  const parsed = settlement.interface.parseTransaction(transaction);
  if (parsed?.name !== "settle") return undefined;
  const { voucher, signature, answer } = settlement.interface
    .decodeFunctionData("settle", transaction.data)
    .toObject() as unknown as SettleArguments;
  return {
    voucher: {
      consumer: voucher.consumer as Hex,
      provider: voucher.provider as Hex,
      versionId: voucher.versionId,
      priceVersion: Number(voucher.priceVersion),
      units: voucher.units,
      cumulativeFeeWei: voucher.cumulativeFeeWei,
      requestsRoot: voucher.requestsRoot as Hex,
    },
    signature: fromHex(signature),
    circuitId: answer.circuitId as Hex,
    inputHash: answer.inputHash,
    answer: answer.answer,
    proof: [...answer.proof],
  };
}
