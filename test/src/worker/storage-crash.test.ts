import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { z } from "zod";

import { FileDownloader } from "../../../src/storage/downloader.ts";
import { StorageNodeClient } from "../../../src/storage/node-client.ts";
import { StorageClient } from "../../../src/storage/storage-client.ts";
import { variedFile } from "../../support/files.ts";
import { submissionOf, uploadsOf, wireSegment } from "../../support/storage-files.ts";

const child = fileURLToPath(new URL("../../support/storage-child.ts", import.meta.url));
const signal = new AbortController().signal;

const file = variedFile(6_000_000);
const submission = submissionOf(file);
const segments = uploadsOf(file).map(wireSegment);

async function startNode(folder: string): Promise<{ process: ChildProcess; node: StorageNodeClient }> {
  const started = spawn(process.execPath, [child, folder, JSON.stringify([submission])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = (await once(createInterface({ input: started.stdout }), "line")) as [string];
  return { process: started, node: new StorageNodeClient(url) };
}

async function kill(node: ChildProcess): Promise<void> {
  const exited = once(node, "exit");
  node.kill("SIGKILL");
  await exited;
}

describe("storage node killed in the middle of an upload", function () {
  this.timeout(120_000);

  for (const killAfter of [1, 5, 12]) {
    it(`has every acknowledged segment when it dies after ${killAfter} of them`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "glassbox-crash-"));
      const first = await startNode(folder);
      const acknowledged: number[] = [];
      let killed: Promise<void> | undefined;
      await Promise.all(
        segments.map(async (segment, index) => {
          try {
            await first.node.uploadSegments([segment], 0, signal);
          } catch {
            return;
          }
          acknowledged.push(index);
          if (acknowledged.length === killAfter) killed = kill(first.process);
        }),
      );
      await killed;
      expect(acknowledged.length).to.be.within(killAfter, segments.length);

      const second = await startNode(folder);
      const info = await second.node.fileInfo({ submission: 0 }, signal);
      expect(info?.uploadedSegNum).to.be.within(acknowledged.length, segments.length);
      for (const index of acknowledged) {
        const leaves = Math.min(1024, Math.ceil(file.length / 256) - index * 1024);
        const params = [0, index * 1024, index * 1024 + leaves];
        const data = await second.node.call("zgs_downloadSegmentByTxSeq", params, z.string(), signal);
        expect(data).to.equal(segments[index]?.["data"]);
      }

      const chain = { submission: () => Promise.resolve(submission), submit: () => Promise.resolve(0) };
      await new StorageClient([second.node], chain).resume(0, file, signal);
      const copy = await new FileDownloader([second.node], chain).submission(0, signal);
      expect(Buffer.compare(copy, file)).to.equal(0);
      await kill(second.process);
      rmSync(folder, { recursive: true });
    });
  }
});
