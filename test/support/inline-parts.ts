import { runPart } from "../../src/compute/training.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import type { UnlockedKey } from "../../src/crypto/keystore.ts";
import type { Hex } from "../../src/core/bytes.ts";
import type { Contracts } from "../../src/chain/contracts.ts";
import { MemoryStore } from "../../src/db/memory-store.ts";
import type { KeyValueStore } from "../../src/db/key-value-store.ts";
import type { FileSource } from "../../src/storage/ports.ts";
import { PartResults } from "../../src/worker/part-results.ts";
import { PartWorker } from "../../src/worker/part-worker.ts";
import type { PartOutcome, PartQueue, PartTask } from "../../src/worker/parts/part-queue.ts";
import { SignedJournal } from "../../src/worker/signed-journal.ts";
import { SignedStarts } from "../../src/worker/signed-starts.ts";

/** Computes parts where they are submitted, at once. */
export class InlineParts implements PartQueue {
  /** How many parts were computed. */
  computed = 0;

  submit({ job, start, round, part }: PartTask): Promise<PartOutcome> {
    this.computed++;
    const weights = runPart(job, start, round, part);
    return Promise.resolve({ weights, root: fileRoot(weights) });
  }

  take(): never {
    throw new RangeError("nothing ever waits");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A part worker that computes inline, over a journal in memory unless one is given. */
export function inlinePartWorker(
  world: { readonly contracts: Contracts; readonly files: FileSource },
  identity: { readonly operator: Hex; readonly signer: UnlockedKey },
  store: KeyValueStore = new MemoryStore(),
  queue: PartQueue = new InlineParts(),
): PartWorker {
  return new PartWorker({
    contracts: world.contracts,
    filesOf: () => world.files,
    operator: identity.operator,
    queue,
    journal: new SignedJournal(store, identity.signer),
    results: new PartResults(store),
    starts: new SignedStarts(store),
  });
}
