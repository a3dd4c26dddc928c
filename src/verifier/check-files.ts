import type { Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { fileRoot } from "../crypto/file-tree.ts";

import type { FileReader, StoredFile } from "./ports.ts";
import type { EdgeGroup, Finding } from "./report.ts";

/** A file to be fetched and checked. */
export interface FileCheck {
  /** The edge is `file:<name>`. */
  readonly name: string;
  readonly file: StoredFile;
  /** The root that whoever refers to the file committed to. */
  readonly root: Hex;
}

/** Fetches a file and judges that storage holds exactly what was committed: root and length. */
export async function checkFile(
  group: EdgeGroup,
  files: FileReader,
  { name, file, root }: FileCheck,
  signal?: AbortSignal,
): Promise<Finding<Uint8Array>> {
  return group.check({ id: `file:${name}`, title: `${name} in storage`, needs: [] }, async () => {
    ensureCheck(
      file.root === root,
      "VERIFIER_SUBMISSION_MISMATCH",
      `submission ${file.submission} has root ${file.root}, committed is ${root}`,
    );
    const bytes = await files.read(file, signal);
    ensureCheck(
      bytes.length === file.byteLength,
      "VERIFIER_FILE_LENGTH",
      `storage returned ${bytes.length} bytes, the submission has ${file.byteLength}`,
    );
    const actual = fileRoot(bytes);
    ensureCheck(actual === root, "VERIFIER_FILE_ROOT", `the bytes have root ${actual}, committed is ${root}`);
    return { value: bytes, detail: `${bytes.length} bytes, root ${root}` };
  });
}
