import {
  AbstractProvider,
  type Interface,
  type LogParams,
  Network,
  type PerformActionRequest,
  Transaction,
  Wallet,
} from "ethers";

import { GlassboxError } from "../../src/core/errors.ts";

/** What a contract answers: the values that a function returns for its arguments. */
export type StubFunctions = Readonly<Record<string, (...args: bigint[]) => readonly unknown[]>>;

/** A contract of a {@link StubProvider}, with its real ABI. */
export interface StubContract {
  readonly abi: Interface;
  readonly functions: StubFunctions;
}

const HASH = `0x${"ab".repeat(32)}`;
const HEAD = 10;

/** A chain whose contracts answer from a table, encoded by their real ABI: for tests of code that only reads. */
export class StubProvider extends AbstractProvider {
  readonly #network: Network;
  readonly #contracts = new Map<string, StubContract>();
  readonly #logs: LogParams[] = [];
  readonly #transactions = new Map<string, object>();

  constructor(chainId: number) {
    const network = Network.from(chainId);
    super(network, { cacheTimeout: -1 });
    this.#network = network;
  }

  /** Puts a contract at an address. */
  addContract(address: string, contract: StubContract): void {
    this.#contracts.set(address.toLowerCase(), contract);
  }

  /** Emits an event. */
  addLog(address: string, event: string, values: readonly unknown[], transactionHash = HASH): void {
    const { abi } = this.#at(address);
    const position = this.#logs.length;
    this.#logs.push({
      address,
      ...abi.encodeEventLog(event, values),
      blockHash: HASH,
      blockNumber: 1,
      index: position,
      removed: false,
      transactionHash,
      transactionIndex: position,
    });
  }

  /** Sends a transaction that calls a contract. @returns its hash */
  async addTransaction(to: string, data: string, nonce: number): Promise<string> {
    const wallet = new Wallet(HASH);
    const raw = await wallet.signTransaction({ to, data, nonce, type: 0, chainId: 31337, gasLimit: 1, gasPrice: 1 });
    const { hash, signature } = Transaction.from(raw);
    const fields = { hash, to, nonce, input: data, from: wallet.address, type: 0, chainId: 31337, value: 0 };
    this.#transactions.set(String(hash), {
      ...fields,
      signature,
      gas: 1,
      gasPrice: 1,
      blockNumber: 1,
      blockHash: HASH,
    });
    return String(hash);
  }

  override _detectNetwork(): Promise<Network> {
    return Promise.resolve(this.#network);
  }

  override _perform<Result>(request: PerformActionRequest): Promise<Result> {
    return Promise.resolve(this.#answer(request) as Result);
  }

  #answer(request: PerformActionRequest): unknown {
    switch (request.method) {
      case "getBlockNumber":
        return HEAD;
      case "getBlock":
        return null;
      case "getCode":
        return this.#contracts.has(request.address.toLowerCase()) ? "0xfe" : "0x";
      case "getTransaction":
        return this.#transactions.get(request.hash) ?? null;
      case "getLogs": {
        const { address, topics = [] } = request.filter;
        return this.#logs.filter(
          (log) => log.address === address && topics.every((topic, i) => topic === null || topic === log.topics[i]),
        );
      }
      case "call": {
        const { to, data } = request.transaction;
        const { abi, functions } = this.#at(String(to));
        const parsed = abi.parseTransaction({ data: String(data) });
        const answer = parsed && functions[parsed.name]?.(...(parsed.args.toArray() as bigint[]));
        if (parsed && answer) return abi.encodeFunctionResult(parsed.name, answer);
        throw new GlassboxError("bug", "STUB_CALL", `nobody answers ${parsed?.name ?? "this"} at ${String(to)}`);
      }
      default:
        throw new GlassboxError("bug", "STUB_METHOD", `the stub has no ${request.method}`);
    }
  }

  #at(address: string): StubContract {
    const contract = this.#contracts.get(address.toLowerCase());
    if (contract === undefined) throw new GlassboxError("bug", "STUB_CONTRACT", `no contract at ${address}`);
    return contract;
  }
}
