import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureCheck } from "../../src/core/errors.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import type { Figure } from "../figure.ts";
import { median } from "../median.ts";
import { runPeer } from "../peer.ts";

const FILE_BYTES = 256 * 2 ** 20;
const REPEATS = 5;
/** The peer takes half a minute each time. */
const PEER_REPEATS = 1;

/** The root of 256 MiB on one thread, and through the 0G client. */
export async function measureFileRoot(): Promise<Figure[]> {
  const bytes = new Uint8Array(FILE_BYTES).map((_, i) => (i * 31 + 7) & 255);
  let root = "";
  const times: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const started = performance.now();
    root = fileRoot(bytes);
    times.push(performance.now() - started);
  }
  const peer = await peerRoot(bytes);
  ensureCheck(peer.root === root, "BENCH_ROOT_MISMATCH", "the 0G client gives another root", {
    details: { expected: peer.root, actual: root },
  });
  return [
    {
      name: "fileRoot.MBps",
      value: megabytesPerSecond(median(times)),
      unit: "MB/s",
      peer: { name: "0g-ts-sdk 1.2.8", value: megabytesPerSecond(peer.milliseconds) },
    },
  ];
}

async function peerRoot(bytes: Uint8Array): Promise<{ readonly root: string; readonly milliseconds: number }> {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-bench-"));
  try {
    const path = join(folder, "file");
    await writeFile(path, bytes);
    return JSON.parse(await runPeer("0g-sdk", "file-root.mjs", [path, PEER_REPEATS])) as Awaited<
      ReturnType<typeof peerRoot>
    >;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function megabytesPerSecond(milliseconds: number): number {
  return Math.round(FILE_BYTES / 100 / milliseconds) / 10;
}
