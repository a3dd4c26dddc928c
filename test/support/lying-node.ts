import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A storage node in front of a true one. */
export interface LyingNode {
  readonly url: string;
  close(): void;
}

/** Passes calls on to a storage worker, and flips one bit of every segment whose file has this root. */
export async function startLyingNode(target: string, root: string): Promise<LyingNode> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const headers = { "content-type": "application/json" };
      const answer = await fetch(target, { method: "POST", headers, body });
      const reply = (await answer.json()) as { result?: { data?: string } | null };
      if (body.includes(root) && typeof reply.result?.data === "string") {
        const bytes = Buffer.from(reply.result.data, "base64");
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        reply.result.data = bytes.toString("base64");
      }
      response.writeHead(answer.status, headers).end(JSON.stringify(reply));
    })();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
