import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { expect } from "chai";
import type { FastifyInstance } from "fastify";
import { z } from "zod";

import { GlassboxError, type ErrorKind } from "../../../src/core/errors.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { createHttpServer, listen, type HttpLimits } from "../../../src/worker/http-server.ts";
import { requestJson } from "../../../src/worker/json-client.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { serveRaw } from "../../support/part-server.ts";

describe("http server", () => {
  let server: FastifyInstance | undefined;

  afterEach(() => server?.close());

  async function start(limits: Partial<HttpLimits> = {}, error?: Error): Promise<URL> {
    server = createHttpServer(1_000, createLogger("test", "silent"), limits);
    server.post("/", (request) => {
      if (error) throw error;
      return { got: request.body };
    });
    return new URL(await listen(server, "127.0.0.1", 0));
  }

  async function open({ port }: URL): Promise<Socket> {
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  }

  async function post(url: URL, body: string): Promise<{ status: number; text: string }> {
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    return { status: response.status, text: await response.text() };
  }

  /** Waits until the server has ended a connection; a reset, for what was still being sent, is one way to do so. */
  async function closed(socket: Socket): Promise<void> {
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
  }

  it("names what it refuses and goes on", async () => {
    const url = await start();
    expect((await post(url, "{")).status).to.equal(400);
    expect((await post(url, JSON.stringify("x".repeat(2_000)))).status).to.equal(413);
    expect((await post(url, "[".repeat(900))).status).to.equal(400);
    expect((await post(new URL("/nothing", url), "{}")).text).to.contain("HTTP_NOT_FOUND");
    expect((await post(url, "[1]")).text).to.equal('{"got":[1]}');
  });

  it("tells strangers the code of an error, and nothing of its own insides", async () => {
    const secret = "https://rpc.example/v2/SECRET";
    const cases: [Error, number, string][] = [
      [new GlassboxError("usage", "WORKER_BUSY", "ask later"), 400, "ask later"],
      [new GlassboxError("network", "CHAIN_CALL_FAILED", `no answer from ${secret}`), 503, "out of reach"],
      [new GlassboxError("bug", "DB_CLOSED", secret), 500, "HTTP_INTERNAL"],
      [new TypeError(secret), 500, "HTTP_INTERNAL"],
    ];
    for (const [error, status, part] of cases) {
      const answer = await post(await start({}, error), "{}");
      expect(answer.status).to.equal(status);
      expect(answer.text).to.contain(part).and.not.contain("SECRET");
      await server?.close();
    }
  });

  it("closes a connection that sends its head drop by drop", async () => {
    const socket = await open(await start({ headersMs: 200, checkMs: 50 }));
    socket.write("POST / HTTP/1.1\r\nhost: a\r\n");
    const drip = setInterval(() => socket.write("x-a: b\r\n"), 20);
    await closed(socket).finally(() => {
      clearInterval(drip);
    });
  });

  it("closes a connection that sends its body drop by drop", async () => {
    const socket = await open(await start({ headersMs: 200, requestMs: 300, checkMs: 50 }));
    socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n");
    const drip = setInterval(() => socket.write(" "), 20);
    await closed(socket).finally(() => {
      clearInterval(drip);
    });
  });

  it("closes a connection that says nothing", async () => {
    const socket = await open(await start({ idleMs: 100 }));
    await closed(socket);
  });

  it("does not let one client take all connections", async () => {
    const url = await start({ connectionsOfOne: 3 });
    const sockets = await Promise.all([open(url), open(url), open(url)]);
    const fourth = await open(url);
    await closed(fourth);
    sockets[0].destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await post(url, "{}")).status).to.equal(200);
    for (const socket of sockets) socket.destroy();
  });

  it("says that a port is taken", async () => {
    const { port } = await start();
    const second = createHttpServer(1, createLogger("test", "silent"));
    await expectGlassboxError(listen(second, "127.0.0.1", Number(port)), "usage", "HTTP_PORT_TAKEN");
    await expectGlassboxError(listen(second, "192.0.2.1", 0), "usage", "HTTP_LISTEN_FAILED");
  });

  it("lets what was begun end before it closes, and takes nothing new", async () => {
    const held = Promise.withResolvers<string>();
    const begun = Promise.withResolvers<undefined>();
    const url = await start();
    await server?.close();
    server = createHttpServer(1_000, createLogger("test", "silent"));
    server.get("/slow", () => {
      begun.resolve(undefined);
      return held.promise;
    });
    const slow = new URL("/slow", await listen(server, "127.0.0.1", Number(url.port)));
    const answer = fetch(slow);
    await begun.promise;
    const closing = server.close();
    expect(await fetch(slow).catch(() => "refused")).to.equal("refused");
    held.resolve("done");
    expect(await (await answer).text()).to.equal("done");
    await closing;
  });

  it("does not wait for ever for a client that stalls", async () => {
    const url = await start({ drainMs: 50 });
    const socket = (await open(url)).resume();
    const closed = once(socket, "close");
    const begun = new Promise((resolve) => server?.server.once("request", resolve));
    socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n1");
    await begun;
    await server?.close();
    await closed;
  });
});

describe("json client", () => {
  const schema = z.strictObject({ ok: z.boolean() });
  const { signal } = new AbortController();

  async function ask(handle: Parameters<typeof serveRaw>[0], timeoutMs = 5_000): Promise<{ ok: boolean }> {
    const server = await serveRaw(handle);
    try {
      return await requestJson({ url: server.url, body: {}, schema, timeoutMs, signal });
    } finally {
      await server.close();
    }
  }

  it("reads an answer of the expected form only", async () => {
    expect(await ask((_, response) => response.end('{"ok":true}'))).to.deep.equal({ ok: true });
    for (const text of ["", "{", '{"ok":1}', '{"ok":true,"more":1}', "null"]) {
      await expectGlassboxError(
        ask((_, response) => response.end(text)),
        "check",
        "HTTP_PEER_INVALID",
      );
    }
  });

  it("does not follow a peer to another address", async () => {
    let followed = 0;
    const inside = await serveRaw((_, response) => {
      followed++;
      response.end('{"ok":true}');
    });
    for (const status of [301, 302, 307, 308]) {
      await expectGlassboxError(
        ask((_, response) => response.writeHead(status, { location: inside.url }).end()),
        "network",
        "HTTP_PEER_UNREACHABLE",
      );
    }
    expect(followed).to.equal(0);
    await inside.close();
  });

  it("stops reading an answer without end, and waits no longer than it should", async () => {
    const chunk = "x".repeat(1 << 20);
    await expectGlassboxError(
      ask((_, response) => {
        const more = (): void => {
          if (!response.destroyed) response.write(chunk, more);
        };
        more();
      }),
      "check",
      "HTTP_PEER_INVALID",
    );
    await expectGlassboxError(
      ask((_, response) => {
        const drip = setInterval(() => response.write(" "), 20);
        response.once("close", () => {
          clearInterval(drip);
        });
      }, 200),
      "network",
      "HTTP_PEER_UNREACHABLE",
    );
  });

  it("shortens what a peer says when it refuses, whatever that is", async () => {
    const kind: ErrorKind = "network";
    for (const body of [
      "null",
      "[]",
      '"x"',
      '{"error":null}',
      JSON.stringify({ error: { code: "A", message: "m".repeat(9_999) } }),
    ]) {
      const error = await expectGlassboxError(
        ask((_, response) => response.writeHead(400).end(body)),
        kind,
        "HTTP_PEER_REFUSED",
      );
      expect(error.message.length).to.be.below(700);
    }
  });
});
