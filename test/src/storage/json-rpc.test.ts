import { expect } from "chai";
import { z } from "zod";

import { GlassboxError } from "../../../src/core/errors.ts";
import { answerJsonRpc, rpcMethod } from "../../../src/storage/json-rpc.ts";

const bugs: unknown[] = [];
const methods = new Map([
  ["echo", rpcMethod(z.tuple([z.number()]), ([value]) => value)],
  ["nothing", rpcMethod(z.tuple([]), () => undefined)],
  [
    "crash",
    rpcMethod(z.tuple([]), () => {
      throw new TypeError("a secret");
    }),
  ],
  [
    "busy",
    rpcMethod(z.tuple([]), () => {
      throw new GlassboxError("network", "STORAGE_BUSY", "too many data writing");
    }),
  ],
]);

async function ask(text: string): Promise<string> {
  return (await answerJsonRpc(text, methods, { maxBatch: 3, onBug: (error) => bugs.push(error) })) ?? "";
}

describe("answerJsonRpc", () => {
  it("echoes every id exactly as it was written", async () => {
    for (const id of ["17000000000000000123", "1", "-0", "1.50", '"\\u0041b"', "null"]) {
      expect(await ask(`{"jsonrpc":"2.0","id":${id},"method":"echo","params":[5]}`)).to.equal(
        `{"jsonrpc":"2.0","id":${id},"result":5}`,
      );
    }
  });

  it("takes omitted params and answers null for nothing", async () => {
    expect(await ask('{"jsonrpc":"2.0","id":1,"method":"nothing"}')).to.equal('{"jsonrpc":"2.0","id":1,"result":null}');
  });

  it("does not answer notifications", async () => {
    expect(await ask('{"jsonrpc":"2.0","method":"nothing"}')).to.equal("");
    expect(await ask('[{"jsonrpc":"2.0","method":"nothing"}]')).to.equal("");
  });

  it("answers batches in order", async () => {
    const text = await ask(
      '[{"jsonrpc":"2.0","id":9007199254740993,"method":"echo","params":[1]},{"jsonrpc":"2.0","method":"nothing"},5]',
    );
    expect(text).to.match(
      /^\[\{"jsonrpc":"2.0","id":9007199254740993,"result":1\},\{"jsonrpc":"2.0","id":null,"error"/,
    );
  });

  it("names each malformed request", async () => {
    const cases = [
      ["", -32700],
      ['{"jsonrpc":"2.0","id":1,', -32700],
      ["[]", -32600],
      ["[1,2,3,4]", -32600],
      ["7", -32600],
      ["null", -32600],
      ['{"id":1,"method":"echo","params":[1]}', -32600],
      ['{"jsonrpc":"2.0","id":1,"method":5}', -32600],
      ['{"jsonrpc":"2.0","id":{},"method":"nothing"}', -32600],
      ['{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":1}}', -32600],
      ['{"jsonrpc":"2.0","id":1,"method":"missing"}', -32601],
      ['{"jsonrpc":"2.0","id":1,"method":"__proto__"}', -32601],
      ['{"jsonrpc":"2.0","id":1,"method":"echo","params":["a"]}', -32602],
      ['{"jsonrpc":"2.0","id":1,"method":"echo","params":[1,2]}', -32602],
    ] as const;
    for (const [text, code] of cases) {
      const answer = JSON.parse(await ask(text)) as { error: { code: number; data: string } };
      expect(answer.error.code, text).to.equal(code);
      expect(answer.error.data, text).to.match(/^STORAGE_/);
    }
  });

  it("keeps faults of its own to itself", async () => {
    const answer = await ask('{"jsonrpc":"2.0","id":1,"method":"crash"}');
    expect(answer).to.contain("-32603").and.not.contain("secret");
    expect(bugs).to.have.length(1);
    expect(await ask('{"jsonrpc":"2.0","id":1,"method":"busy"}')).to.contain("too many data writing");
    expect(bugs).to.have.length(1);
  });

  it("does not parse a flood of values", async () => {
    for (const text of [
      "[" + "0,".repeat(2_000_000) + "0]",
      "[".repeat(4_000_000),
      "[" + "{},".repeat(500_000) + "0]",
    ]) {
      const begun = performance.now();
      const answer = await answerJsonRpc(text, new Map(), { maxBatch: 32, onBug: () => undefined });
      expect(answer).to.contain("STORAGE_RPC_INVALID");
      expect(performance.now() - begun).to.be.below(200);
    }
  });

  it("counts every call of a batch, and stops when its answers are long", async () => {
    let admitted = 3;
    const long = rpcMethod(z.unknown(), () => "x".repeat(3 * 1024 * 1024));
    const methods = new Map([["long", long]]);
    const batch = JSON.stringify(Array.from({ length: 8 }, (_, id) => ({ jsonrpc: "2.0", id, method: "long" })));
    const limited = await answerJsonRpc(batch, methods, {
      maxBatch: 32,
      onBug: () => undefined,
      admit: () => admitted-- > 0,
    });
    expect((limited?.match(/STORAGE_RATE_LIMIT/g) ?? []).length).to.equal(5);
    const whole = (await answerJsonRpc(batch, methods, { maxBatch: 32, onBug: () => undefined })) ?? "";
    expect(whole.length).to.be.below(10 * 1024 * 1024);
    expect((JSON.parse(whole) as unknown[]).length).to.equal(8);
  });
});
