import canonicalize from "canonicalize";
import { z } from "zod";

import { equalBytes } from "../core/bytes.ts";
import { ensureCheck, ensureInvariant, GlassboxError } from "../core/errors.ts";
import { hexSchema, problemsOf } from "../core/schemas.ts";

import { CROISSANT_CONTEXT, CROISSANT_VERSION, fileObject, recordSet } from "./croissant.ts";
import type { DatasetFiles, DatasetRoots } from "./dataset-files.ts";
import type { DatasetDescription } from "./dataset-description.ts";

/** A manifest that was read: the description, and the files it speaks of. */
export interface DatasetManifest extends DatasetDescription {
  readonly fileRoots: Omit<DatasetRoots, "manifest">;
}

const DESCRIBED_FILES = ["samples", "labels", "records", "accounts"] as const;

const rootSchema = hexSchema(32).refine((root) => root === root.toLowerCase());

const fileSchema = (name: string) => z.looseObject({ "@id": z.literal(name), "glassbox:fileRoot": rootSchema });

const manifestSchema = z.looseObject({
  "@type": z.literal("sc:Dataset"),
  conformsTo: z.literal(CROISSANT_VERSION),
  name: z.string().min(1),
  description: z.string(),
  version: z.string(),
  datePublished: z.string(),
  creator: z.looseObject({ name: z.string() }),
  url: z.string(),
  license: z.string().min(1),
  distribution: z.tuple([fileSchema("samples"), fileSchema("labels"), fileSchema("records"), fileSchema("accounts")]),
  "glassbox:source": z.string().min(1),
  "glassbox:firstSample": z.int().nonnegative(),
  "glassbox:sampleCount": z.int().positive(),
  "glassbox:sampleBytes": z.int().positive(),
  "glassbox:classes": z.int().min(2).max(256),
  "glassbox:labelDomain": z.strictObject({ chainId: z.int().positive(), verifyingContract: hexSchema(20) }),
});

/** Writes the manifest of a dataset whose other files are made. */
export function encodeManifest(description: DatasetDescription, files: Omit<DatasetFiles, "manifest">): Uint8Array {
  const { labelDomain } = description;
  const text = canonicalize({
    "@context": CROISSANT_CONTEXT,
    "@type": "sc:Dataset",
    conformsTo: CROISSANT_VERSION,
    name: description.name,
    description: description.description,
    version: description.version,
    datePublished: description.datePublished,
    creator: { "@type": "sc:Organization", name: description.creator },
    url: description.url,
    license: description.licence,
    isLiveDataset: false,
    distribution: DESCRIBED_FILES.map((name) => fileObject(name, files[name])),
    recordSet: [recordSet(description)],
    "prov:wasDerivedFrom": { "@id": description.source },
    "glassbox:source": description.source,
    "glassbox:firstSample": description.firstSample,
    "glassbox:sampleCount": description.count,
    "glassbox:sampleBytes": description.sampleBytes,
    "glassbox:classes": description.classes,
    "glassbox:labelDomain": { chainId: labelDomain.chainId, verifyingContract: labelDomain.verifyingContract },
  });
  ensureInvariant(text !== undefined, "MODELS_MANIFEST_UNWRITABLE", "the manifest has no canonical form");
  return new TextEncoder().encode(text);
}

/**
 * Reads a manifest.
 * @throws GlassboxError `MODELS_MANIFEST_INVALID` if it is no JSON, lacks a member, or is not in canonical form.
 */
export function decodeManifest(file: Uint8Array): DatasetManifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file));
  } catch (cause) {
    throw new GlassboxError("check", "MODELS_MANIFEST_INVALID", "the manifest is not JSON", { cause });
  }
  const isCanonical = equalBytes(new TextEncoder().encode(canonicalize(value)), file);
  ensureCheck(isCanonical, "MODELS_MANIFEST_INVALID", "the manifest is not in the canonical form of RFC 8785");
  const parsed = manifestSchema.safeParse(value);
  ensureCheck(parsed.success, "MODELS_MANIFEST_INVALID", "the manifest does not have the expected members", {
    details: { problems: problemsOf(parsed.error) },
  });
  const manifest = parsed.data;
  const [samples, labels, records, accounts] = manifest.distribution;
  return {
    name: manifest.name,
    description: manifest.description,
    version: manifest.version,
    datePublished: manifest.datePublished,
    creator: manifest.creator.name,
    url: manifest.url,
    licence: manifest.license,
    source: manifest["glassbox:source"],
    firstSample: manifest["glassbox:firstSample"],
    count: manifest["glassbox:sampleCount"],
    sampleBytes: manifest["glassbox:sampleBytes"],
    classes: manifest["glassbox:classes"],
    labelDomain: manifest["glassbox:labelDomain"],
    fileRoots: {
      samples: samples["glassbox:fileRoot"],
      labels: labels["glassbox:fileRoot"],
      records: records["glassbox:fileRoot"],
      accounts: accounts["glassbox:fileRoot"],
    },
  };
}
