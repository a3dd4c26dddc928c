import { once } from "node:events";
import { connect } from "node:net";

/** What a JSON-RPC endpoint, or a worker that refuses, answers. */
export interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: number | string; readonly message: string; readonly data?: string };
}

/** Calls a JSON-RPC method; nothing of the answer is checked. */
export function rpc(url: string, method: string, params: readonly unknown[] = []): Promise<RpcAnswer> {
  return post(url, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
}

/** Posts a body as it is and reads JSON. */
export async function post(url: string, body: string): Promise<RpcAnswer> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return (await response.json()) as RpcAnswer;
}

/** Announces a body of so many bytes, sends the given part of it, and hangs up. @returns what came back */
export async function postPart(url: string, announcedBytes: number, body: string): Promise<string> {
  const { host, hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    "Content-Type: application/json",
    `Content-Length: ${announcedBytes}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  await once(socket, "close");
  return answer;
}

/** True if something listens at the port of this URL. */
export async function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
