import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import type { Contracts } from "../../../src/chain/contracts.ts";
import type { TxSender } from "../../../src/chain/tx-sender.ts";
import { toHex, type Hex } from "../../../src/core/bytes.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { requestsRoot, voucherDigest } from "../../../src/models/receipt.ts";
import { inputHash } from "../../../src/proofs/input-hash.ts";
import type { AnswerRequest } from "../../../src/worker/answer-protocol.ts";
import { AnswerWorker } from "../../../src/worker/answer-worker.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { testKey } from "../../support/stub-job.ts";

const SETTLEMENT: Hex = `0x${"5e".repeat(20)}`;
const PROVIDER = testKey("provider").address;
const INPUT = new Uint8Array(16).fill(3);
const NOW = 1_000n;
const PRICE = 50n;

describe("answer worker", () => {
  let chain: { spendable: bigint; settled: bigint; effectiveAt: bigint; contractSays: string | undefined };
  let worker: AnswerWorker;
  let fetched: number;
  let cacheDir: string;

  before(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "glassbox-"));
  });
  after(() => rm(cacheDir, { recursive: true, force: true }));

  beforeEach(() => {
    chain = { spendable: PRICE, settled: 0n, effectiveAt: NOW, contractSays: undefined };
    fetched = 0;
    const contracts = {
      Settlement: {
        getAddress: () => Promise.resolve(SETTLEMENT),
        spendableWei: () => Promise.resolve(chain.spendable),
        settledUnits: () => Promise.resolve(chain.settled),
        price: () => Promise.resolve({ priceWei: PRICE, effectiveAt: chain.effectiveAt }),
      },
      ModelRegistry: { version: () => Promise.resolve({ jobId: 1n, weightsSubmission: 1n }) },
      JobRegistry: { job: () => Promise.resolve({ params: { programSubmission: 0n } }) },
      Flow: { submission: () => Promise.resolve({ byteLength: 1n }) },
    } as unknown as Contracts;
    const provider = {
      getNetwork: () => Promise.resolve({ chainId: 31337n }),
      getBlock: () => Promise.resolve({ timestamp: Number(NOW) }),
      getCode: () => Promise.resolve(chain.contractSays === undefined ? "0x" : "0x60"),
      call: () => Promise.resolve(chain.contractSays),
    };
    const sender = { address: PROVIDER, provider } as unknown as TxSender;
    // What is expensive begins with fetching the model: the sign that a voucher was believed.
    const files = {
      download: () => {
        fetched++;
        return Promise.resolve(new Uint8Array(1));
      },
    };
    worker = new AnswerWorker(contracts, files, sender, cacheDir);
  });

  function request(
    changes: Partial<AnswerRequest["voucher"]> = {},
    signedBy = "consumer",
    input = INPUT,
  ): AnswerRequest {
    const voucher = {
      consumer: testKey("consumer").address,
      provider: PROVIDER,
      versionId: 1n,
      priceVersion: 0,
      units: 1n,
      cumulativeFeeWei: PRICE,
      requestsRoot: requestsRoot(inputHash(INPUT)),
      ...changes,
    };
    const digest = voucherDigest({ chainId: 31337, verifyingContract: SETTLEMENT }, voucher);
    return { input, voucher, signature: toHex(signDigest(digest, testKey(signedBy).secretKey)) };
  }

  const { signal } = new AbortController();
  const refused = async (asked: AnswerRequest): Promise<void> => {
    await expectGlassboxError(worker.answer(asked, signal), "usage", "WORKER_VOUCHER_REFUSED");
    expect(fetched).to.equal(0);
  };

  it("does no work for a voucher that it could not settle", async () => {
    await refused(request({ provider: testKey("another").address }));
    await refused(request({ units: 2n, cumulativeFeeWei: 2n * PRICE }));
    await refused(request({ units: 0n, cumulativeFeeWei: 0n }));
    await refused(request({ cumulativeFeeWei: PRICE - 1n }));
    await refused(request({}, "consumer", new Uint8Array(16)));
    chain.spendable = PRICE - 1n;
    await refused(request());
    chain.spendable = PRICE;
    chain.effectiveAt = NOW + 1n;
    await refused(request());
  });

  it("does no work for a voucher in another's name", async () => {
    await refused(request({}, "thief"));
    await refused({ ...request(), signature: `0x${"00".repeat(65)}` });
    await refused({ ...request({ priceVersion: 1 }), signature: request().signature });
    chain.contractSays = `0x${"00".repeat(32)}`;
    await refused(request({}, "thief"));
  });

  it("believes a contract account that accepts the signature", async () => {
    chain.contractSays = `0x1626ba7e${"00".repeat(28)}`;
    await expectGlassboxError(worker.answer(request({}, "owner"), signal), "usage", "COMPUTE_PROGRAM_MALFORMED");
    expect(fetched).to.equal(1);
  });

  it("lets one consumer wait in one place only", async () => {
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => worker.answer(request(), signal)));
    const codes = outcomes.map((outcome) =>
      outcome.status === "rejected" ? (outcome.reason as { code: string }).code : "",
    );
    expect(codes.filter((code) => code === "WORKER_BUSY")).to.have.length(2);
    await expectGlassboxError(worker.answer(request(), signal), "usage", "COMPUTE_PROGRAM_MALFORMED");
  });
});
