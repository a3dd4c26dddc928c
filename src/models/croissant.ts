import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { fileRoot } from "../crypto/file-tree.ts";

import type { DatasetDescription } from "./dataset-description.ts";

/** The version of Croissant that manifests follow: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html */
export const CROISSANT_VERSION = "http://mlcommons.org/croissant/1.1";

/** The JSON-LD context of a manifest. Readers insist on `https` for schema.org. */
export const CROISSANT_CONTEXT = {
  "@language": "en",
  "@vocab": "https://schema.org/",
  sc: "https://schema.org/",
  cr: "http://mlcommons.org/croissant/",
  dct: "http://purl.org/dc/terms/",
  prov: "http://www.w3.org/ns/prov#",
  glassbox: "urn:glassbox:1:",
  conformsTo: "dct:conformsTo",
  data: { "@id": "cr:data", "@type": "@json" },
  dataType: { "@id": "cr:dataType", "@type": "@vocab" },
  equivalentProperty: "cr:equivalentProperty",
  extract: "cr:extract",
  field: "cr:field",
  fileObject: "cr:fileObject",
  fileProperty: "cr:fileProperty",
  isLiveDataset: "cr:isLiveDataset",
  recordSet: "cr:recordSet",
  source: "cr:source",
} as const;

/** Describes one file by its hashes. */
export function fileObject(name: string, bytes: Uint8Array): object {
  const root = fileRoot(bytes);
  return {
    "@id": name,
    "@type": "cr:FileObject",
    name,
    contentUrl: `0g://${root}`,
    contentSize: `${bytes.length} B`,
    encodingFormat: "application/octet-stream",
    sha256: bytesToHex(sha256(bytes)),
    "glassbox:fileRoot": root,
  };
}

/** Describes what a row of the dataset holds. */
export function recordSet(description: DatasetDescription): object {
  const field = (id: string, dataType: string, file: string, extra: object = {}): object => ({
    "@id": `examples/${id}`,
    "@type": "cr:Field",
    name: id,
    dataType,
    source: { fileObject: { "@id": file }, extract: { fileProperty: "content" } },
    ...extra,
  });
  return {
    "@id": "examples",
    "@type": "cr:RecordSet",
    name: "examples",
    field: [
      field("sample", "sc:Text", "samples", {
        "glassbox:tensor": `u8[${description.count}][${description.sampleBytes}]`,
      }),
      field("label", "sc:Integer", "labels", { "glassbox:tensor": `u8[${description.count}]` }),
      field("labeller", "sc:Text", "records", { equivalentProperty: "prov:wasAttributedTo" }),
    ],
  };
}
