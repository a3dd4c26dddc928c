import {
  AckPolicy,
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  type Consumer,
  type JetStreamClient,
  type JetStreamManager,
} from "@nats-io/jetstream";
import { connect, credsAuthenticator, millis, nanos, type NatsConnection } from "@nats-io/transport-node";

import { ensureInput, GlassboxError } from "../../core/errors.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { NatsFiles } from "./nats-files.ts";

/** Parts that may wait in a queue. */
const MAX_WAITING = 1_024;
const MAX_RESULTS = 65_536;
/** How long anything is kept that its part did not remove: long beyond what a coordinator waits. */
const KEEP_MS = 3_600_000;
const KEEP_DATA_MS = 24 * 3_600_000;
const ACK_MS = 15_000;
const RECONNECT_MS = 500;
/** The consumer that all runners share. */
const RUNNERS = "runners";
const DEFAULT_NAME = "glassbox";

/** Where a queue is, and who we are there. */
export interface NatsOptions {
  /** `nats://[user:password@]host[:port][/name]`, or `tls://` for a server that must speak TLS. */
  readonly url: string;
  /** The text of a credentials file, of servers that take one. */
  readonly credentials?: string;
  /** A part comes back when whoever took it has been silent for so long; what the queue has, or else 15 seconds, if not given. */
  readonly ackMs?: number;
  readonly logger: Logger;
}

/** A connection to the server that keeps one operator's queue. It is made again whenever it breaks. */
export class NatsLink {
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Programs, samples and labels. */
  readonly data: NatsFiles;
  readonly weights: NatsFiles;
  readonly #wantedAckMs: number | undefined;
  #ackMs = ACK_MS;
  readonly #connection: NatsConnection;
  readonly #name: string;
  #isConnected = true;

  private constructor(connection: NatsConnection, manager: JetStreamManager, name: string, ackMs?: number) {
    this.#connection = connection;
    this.#name = name;
    this.#wantedAckMs = ackMs;
    this.js = jetstream(connection);
    this.manager = manager;
    this.data = new NatsFiles(connection, `${name}-data`, KEEP_DATA_MS);
    this.weights = new NatsFiles(connection, `${name}-weights`, KEEP_MS);
  }

  /** @throws GlassboxError `WORKER_QUEUE_URL`, `WORKER_QUEUE_UNREACHABLE`. */
  static async connect({ url, credentials, ackMs, logger }: NatsOptions): Promise<NatsLink> {
    const { server, name, user, pass, isTls } = parseUrl(url);
    let connection: NatsConnection | undefined;
    try {
      connection = await connect({
        servers: server,
        name: "glassbox",
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_MS,
        ...(user === "" ? {} : { user, pass }),
        ...(isTls ? { tls: {} } : {}),
        ...(credentials === undefined ? {} : { authenticator: credsAuthenticator(Buffer.from(credentials)) }),
      });
      const link = new NatsLink(connection, await jetstreamManager(connection), name, ackMs);
      void link.#follow(logger);
      await link.prepare();
      return link;
    } catch (cause) {
      await connection?.close();
      throw new GlassboxError("network", "WORKER_QUEUE_UNREACHABLE", `no queue at ${server}`, {
        cause,
        hint: "is it a NATS server with JetStream, and are the credentials right?",
      });
    }
  }

  /** True while the server is reached. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** How long whoever took a part may be silent. */
  get ackMs(): number {
    return this.#ackMs;
  }

  get parts(): string {
    return `${this.#name}-parts`;
  }

  get results(): string {
    return `${this.#name}-results`;
  }

  partSubject(part: string): string {
    return `${this.#name}.part.${part}`;
  }

  resultSubject(part: string): string {
    return `${this.#name}.result.${part}`;
  }

  /** Makes what is not there: on a new server, or one that lost its disk. */
  async prepare(): Promise<void> {
    const { streams, consumers } = this.manager;
    await streams.add({
      name: this.parts,
      subjects: [this.partSubject("*")],
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
      // A part that waits already does not wait twice.
      discard_new_per_subject: true,
      max_msgs_per_subject: 1,
      max_msgs: MAX_WAITING,
      max_age: nanos(KEEP_MS),
    });
    await streams.add({
      name: this.results,
      subjects: [this.resultSubject("*")],
      max_msgs_per_subject: 1,
      max_msgs: MAX_RESULTS,
      max_age: nanos(KEEP_MS),
    });
    const known = await consumers.info(this.parts, RUNNERS).catch(() => undefined);
    const { config } =
      known && this.#wantedAckMs === undefined
        ? known
        : await consumers.add(this.parts, {
            durable_name: RUNNERS,
            ack_policy: AckPolicy.Explicit,
            ack_wait: nanos(this.#wantedAckMs ?? ACK_MS),
            max_deliver: -1,
            max_ack_pending: MAX_WAITING,
          });
    this.#ackMs = millis(config.ack_wait ?? nanos(ACK_MS));
    await this.data.prepare();
    await this.weights.prepare();
  }

  runners(): Promise<Consumer> {
    return this.js.consumers.get(this.parts, RUNNERS);
  }

  /** The last result of a part, if there is one. */
  async lastResult(part: string): Promise<string | undefined> {
    const message = await this.manager.streams.getMessage(this.results, { last_by_subj: this.resultSubject(part) });
    return message?.string();
  }

  async forgetResult(part: string): Promise<void> {
    await this.manager.streams.purge(this.results, { filter: this.resultSubject(part) });
  }

  /** Calls back for every result of the queue, from now on until the link is closed. Some may be missed while the server is away. */
  onResult(take: (part: string, text: string) => void): void {
    this.#connection.subscribe(this.resultSubject("*"), {
      callback: (error, message) => {
        if (!error) take(message.subject.slice(message.subject.lastIndexOf(".") + 1), message.string());
      },
    });
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #follow(logger: Logger): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === "disconnect") logger.warn("the queue's server is out of reach");
      if (type === "reconnect") logger.info("the queue's server is back");
      if (type === "disconnect" || type === "reconnect") this.#isConnected = type === "reconnect";
    }
    this.#isConnected = false;
  }
}

function parseUrl(text: string) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer = url !== undefined && /^(nats|tls):$/.test(url.protocol) && url.hostname !== "";
  ensureInput(
    isServer && /^(\/[\w-]{0,32})?$/.test(url.pathname),
    "WORKER_QUEUE_URL",
    "a queue is named by nats://host:port or nats://host:port/name",
    { hint: "the name has letters, digits, - and _" },
  );
  const name = url.pathname.slice(1);
  return {
    server: url.host,
    name: name === "" ? DEFAULT_NAME : name,
    user: decodeURIComponent(url.username),
    pass: decodeURIComponent(url.password),
    isTls: url.protocol === "tls:",
  };
}
