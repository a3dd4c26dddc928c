import { sha256 } from "@noble/hashes/sha2.js";

import { type Hex, toHex } from "../core/bytes.ts";
import type { Label } from "../crypto/messages.ts";

import { type DatasetDescription, licenceHash, sourceHash } from "./dataset-description.ts";

/** The hash of a sample's real bytes. */
export function contentSha256(sample: Uint8Array): Hex {
  return toHex(sha256(sample));
}

/** The hash of a label: of the one byte that the labels tensor holds. */
export function labelHash(label: number): Hex {
  return toHex(sha256(Uint8Array.of(label)));
}

/** What the labeller of sample `index` signs. */
export function labelMessage(description: DatasetDescription, index: number, sample: Uint8Array, label: number): Label {
  return {
    contentSha256: contentSha256(sample),
    labelHash: labelHash(label),
    sourceHash: sourceHash(description, index),
    licenceHash: licenceHash(description.licence),
  };
}
