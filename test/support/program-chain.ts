import { Interface } from "ethers";
import { artifacts, network } from "hardhat";

import { constantRootsOf, type Submission } from "./program-submission.ts";

/**
 * Leaves a contract that makes many calls in one. Call data: for each call 20 bytes of address, 2 bytes of length and the call's data; it returns
 * for each 32 bytes of length and what the call returned or reverted with. In the EVM's words, with the positions p in call data and q in memory on
 * the stack:
 *
 *     while p < calldatasize: w = calldataload(p); n = (w >> 80) & 0xffff; calldatacopy(q, p + 22, n);
 *     call(gas, w >> 96, 0, q, n, 0, 0); p += n + 22; mstore(q, returndatasize); returndatacopy(q + 32, 0, returndatasize);
 *     q += returndatasize + 32
 */
const BATCH_CALLER =
  "0x60458060095f395ff35f5f5b36821015604257" +
  "81358060501c61ffff16808460160184375f5f82855f8660601c5af1506016019050909101903d81523d5f826020013e6020013d016002565b5ff3";
const BATCH_SIZE = 40;
const BATCH_GAS = "0x3b9aca00";
/** A root and nothing else. */
const ROOT_DIGITS = 64;

interface Rpc {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
}

/** A program registry on the embedded chain, asked about many programs at once. */
export class ProgramChain {
  readonly #rpc: Rpc;
  readonly #registry: Interface;
  #address = "";
  #caller = "";

  private constructor(rpc: Rpc, registry: Interface) {
    this.#rpc = rpc;
    this.#registry = registry;
  }

  static async deploy(): Promise<ProgramChain> {
    const gasCap = 10n ** 10n;
    const { provider } = await network.create({
      override: { blockGasLimit: gasCap, transactionGasCap: gasCap } as never,
    });
    const { abi, bytecode } = await artifacts.readArtifact("ProgramRegistry");
    const chain = new ProgramChain(provider, new Interface(abi));
    chain.#address = await chain.#create(bytecode);
    chain.#caller = await chain.#create(BATCH_CALLER);
    return chain;
  }

  /** What `register` answers to each of the submissions, one after the other: a root, or the name of its error. Nothing stays registered. */
  async register(submissions: readonly Submission[]): Promise<string[]> {
    const answers: string[] = [];
    for (let i = 0; i < submissions.length; i += BATCH_SIZE) {
      answers.push(...(await this.#batch(submissions.slice(i, i + BATCH_SIZE))));
    }
    return answers;
  }

  /** Names of the errors that are rules. */
  rules(): string[] {
    const names: string[] = [];
    this.#registry.forEachError(({ name }) => {
      if (name.startsWith("Program") && !name.startsWith("ProgramRegistry")) names.push(name);
    });
    return names;
  }

  async #batch(submissions: readonly Submission[]): Promise<string[]> {
    const calls = submissions.map((submission) => {
      const args = [submission.head, constantRootsOf(submission)];
      const call = this.#registry.encodeFunctionData("register", args).slice(2);
      return this.#address.slice(2) + (call.length / 2).toString(16).padStart(4, "0") + call;
    });
    const params = [{ to: this.#caller, data: `0x${calls.join("")}`, gas: BATCH_GAS }, "latest"];
    const answers = String(await this.#rpc.request({ method: "eth_call", params }));
    let position = 2;
    return submissions.map(() => {
      const start = position + 64;
      position = start + 2 * Number(`0x${answers.slice(position, start)}`);
      return this.#read(answers.slice(start, position));
    });
  }

  /** An error that the registry does not declare, like a panic, is given as it is. */
  #read(answer: string): string {
    if (answer.length === ROOT_DIGITS) return `0x${answer}`;
    return (answer.length >= 8 ? this.#registry.parseError(`0x${answer}`)?.name : undefined) ?? `unnamed 0x${answer}`;
  }

  async #create(data: string): Promise<string> {
    const [from] = (await this.#rpc.request({ method: "eth_accounts" })) as string[];
    const hash = await this.#rpc.request({ method: "eth_sendTransaction", params: [{ from, data, gas: "0xe4e1c0" }] });
    const receipt = await this.#rpc.request({ method: "eth_getTransactionReceipt", params: [hash] });
    return (receipt as { contractAddress: string }).contractAddress;
  }
}
