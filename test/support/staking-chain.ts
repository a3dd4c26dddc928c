import { type Result, Interface, getAddress as checksummed } from "ethers";
import { artifacts, network } from "hardhat";

import { type Terms, entry } from "./staking-model/terms.ts";

/** Runs `PUSH10 code; PUSH0; MSTORE; RETURN` and so leaves a contract that answers any `verify(serviceId, evidence)` with the evidence. */
const ECHO_VERIFIER = "0x6960a060645f3760a05ff35f52600a6016f3";
/**
 * Leaves a contract that makes many calls in one. Call data: for each call 20 bytes of address, 2 bytes of length and the call's data; it returns
 * for each 32 bytes of length and what the call returned. In the EVM's words, with the positions p in call data and q in memory on the stack:
 *
 *     while p < calldatasize: w = calldataload(p); n = (w >> 80) & 0xffff; calldatacopy(q, p + 22, n);
 *     staticcall(gas, w >> 96, q, n, 0, 0); p += n + 22; mstore(q, returndatasize); returndatacopy(q + 32, 0, returndatasize);
 *     q += returndatasize + 32
 */
const BATCH_CALLER =
  "0x60448060095f395ff35f5f5b3682101560415781358060501c61ffff16808460160184375f5f82858560601c5afa506016019050909101903d81523d5f826020013e6020013d016002565b5ff3";
const GAS = "0xe4e1c0";
/** So many views fit into one transaction. */
const BATCH_SIZE = 250;
const GAS_PRICE = "0x77359400";

const CONTRACTS = ["TokenMock", "OperatorRegistry", "ServiceRegistry", "StakePool", "Slasher", "RewardStream"] as const;

export type Part = (typeof CONTRACTS)[number];

/** A transaction's outcome: what it was refused with, if it was. */
export interface Receipt {
  readonly error: string | undefined;
}

export interface ViewCall {
  readonly part: Part;
  readonly name: string;
  readonly args: readonly unknown[];
}

interface Rpc {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
}

/** The staking contracts on the embedded chain, without the conveniences that would slow thousands of calls down. */
export class StakingChain {
  readonly #rpc: Rpc;
  readonly #addresses = new Map<Part, string>();
  readonly #interfaces = new Map<Part, Interface>();
  readonly #selectors = new Map<string, string>();
  readonly #decoded = new Map<string, unknown>();
  accounts: readonly string[] = [];
  verifier = "";
  #batchCaller = "";

  private constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  static async deploy(terms: Omit<Terms, "guardian">, guardianIndex: number): Promise<StakingChain> {
    const connection = await network.create({ override: { allowBlocksWithSameTimestamp: true } as never });
    const chain = new StakingChain(connection.provider);
    chain.accounts = ((await chain.#rpc.request({ method: "eth_accounts" })) as string[]).map(checksummed);
    for (const part of CONTRACTS) {
      chain.#interfaces.set(part, new Interface((await artifacts.readArtifact(part)).abi));
    }
    chain.#batchCaller = await chain.#deployCode(BATCH_CALLER);
    chain.verifier = await chain.#deployCode(ECHO_VERIFIER);
    const { delaySeconds, epochSeconds, dripEpochs } = terms;
    const guardian = chain.accounts[guardianIndex]!;
    const token = await chain.#create("TokenMock", []);
    const operators = await chain.#create("OperatorRegistry", [delaySeconds]);
    const services = await chain.#create("ServiceRegistry", [operators, epochSeconds, guardian]);
    await chain.#create("StakePool", [token, operators, services, dripEpochs]);
    chain.#addresses.set("Slasher", String(await chain.view("StakePool", "slasher", [])));
    chain.#addresses.set("RewardStream", String(await chain.view("StakePool", "rewards", [])));
    return chain;
  }

  addressOf(part: Part): string {
    return this.#addresses.get(part)!;
  }

  async #create(part: Part, args: unknown[]): Promise<string> {
    const { bytecode } = await artifacts.readArtifact(part);
    const address = await this.#deployCode(bytecode + this.#interfaces.get(part)!.encodeDeploy(args).slice(2));
    this.#addresses.set(part, address);
    return address;
  }

  async #deployCode(data: string): Promise<string> {
    const hash = await this.#transact({ from: this.accounts[0]!, data });
    const receipt = await this.#rpc.request({ method: "eth_getTransactionReceipt", params: [hash] });
    return checksummed((receipt as { contractAddress: string }).contractAddress);
  }

  #transact(transaction: Record<string, string>): Promise<unknown> {
    return this.#rpc.request({
      method: "eth_sendTransaction",
      params: [{ gas: GAS, gasPrice: GAS_PRICE, ...transaction }],
    });
  }

  /** Sends a transaction in a block of its own, and says which named error it was refused with. */
  async send(from: string, part: Part, name: string, args: readonly unknown[]): Promise<Receipt> {
    const data = this.#interfaces.get(part)!.encodeFunctionData(name, args);
    try {
      await this.#transact({ from, to: this.addressOf(part), data });
      return { error: undefined };
    } catch (error) {
      return { error: this.#errorName(error) };
    }
  }

  #errorName(error: unknown): string {
    const { data } = error as { data?: unknown };
    if (typeof data !== "string") throw error;
    for (const abi of this.#interfaces.values()) {
      const known = abi.parseError(data);
      if (known !== null) return known.name;
    }
    return data;
  }

  /** What a view answers at the last block: a value, or a list where it answers several. */
  async view(part: Part, name: string, args: readonly unknown[]): Promise<unknown> {
    return (await this.views([{ part, name, args }]))[0];
  }

  /** What many views answer. */
  async views(calls: readonly ViewCall[]): Promise<unknown[]> {
    const answers: unknown[] = [];
    for (let i = 0; i < calls.length; i += BATCH_SIZE) {
      answers.push(...(await this.#batch(calls.slice(i, i + BATCH_SIZE))));
    }
    return answers;
  }

  async #batch(calls: readonly ViewCall[]): Promise<unknown[]> {
    const data = `0x${calls.map((call) => this.#callDataOf(call)).join("")}`;
    const params = [{ to: this.#batchCaller, data, gas: GAS }, "latest"];
    const answers = String(await this.#rpc.request({ method: "eth_call", params }));
    let position = 2;
    return calls.map((call) => {
      const start = position + 64;
      position = start + 2 * Number(`0x${answers.slice(position, start)}`);
      return this.#decode(call, answers.slice(start, position));
    });
  }

  /** All views take numbers and addresses only. */
  #callDataOf({ part, name, args }: ViewCall): string {
    const selector = entry(this.#selectors, `${part}.${name}`, () =>
      this.#interfaces.get(part)!.getFunction(name)!.selector.slice(2),
    );
    const words = args.map((arg) =>
      BigInt(arg as string | number | bigint)
        .toString(16)
        .padStart(64, "0"),
    );
    const length = (4 + 32 * args.length).toString(16).padStart(4, "0");
    return this.addressOf(part).slice(2) + length + selector + words.join("");
  }

  #decode({ part, name }: ViewCall, answer: string): unknown {
    return entry(this.#decoded, `${part}.${name}:${answer}`, () => {
      const values = this.#interfaces.get(part)!.decodeFunctionResult(name, `0x${answer}`);
      return values.length === 1 ? plain(values[0]) : plain(values);
    });
  }

  async now(): Promise<bigint> {
    const block = await this.#rpc.request({ method: "eth_getBlockByNumber", params: ["latest", false] });
    return BigInt((block as { timestamp: string }).timestamp);
  }

  /** Gives the next block a time, which may be that of the last one. */
  async setTime(timestamp: bigint): Promise<void> {
    await this.#rpc.request({ method: "evm_setNextBlockTimestamp", params: [Number(timestamp)] });
  }

  async snapshot(): Promise<string> {
    return String(await this.#rpc.request({ method: "evm_snapshot" }));
  }

  async revert(snapshot: string): Promise<void> {
    await this.#rpc.request({ method: "evm_revert", params: [snapshot] });
  }
}

function plain(value: unknown): unknown {
  return typeof value === "object" && value !== null ? [...(value as Result)].map(plain) : value;
}
