import { expect } from "chai";
import { TypedDataEncoder, Wallet, getAddress } from "ethers";
import fc from "fast-check";

import { type Hex, fromHex, toHex } from "../../../src/core/bytes.ts";
import { addressOfSecretKey, checksumAddress } from "../../../src/crypto/address.ts";
import {
  DOMAIN_NAME,
  DOMAIN_VERSION,
  type Eip712Members,
  type Eip712Type,
  typedDataDigest,
} from "../../../src/crypto/eip712.ts";
import {
  ASSIGNMENT_TYPE,
  CLAIM_TYPE,
  LABEL_TYPE,
  POSSESSION_TYPE,
  VOUCHER_TYPE,
} from "../../../src/crypto/messages.ts";
import { recoverSigner, signDigest } from "../../../src/crypto/signature.ts";

const DOMAIN = { chainId: 31337, verifyingContract: "0x5FbDB2315678afecb367f032d93F642f64180aa3" } as const;

const hex = (bytes: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => toHex(value));
const TYPES = [CLAIM_TYPE, ASSIGNMENT_TYPE, LABEL_TYPE, VOUCHER_TYPE, POSSESSION_TYPE] as Eip712Type<Eip712Members>[];
const ARBITRARIES = {
  address: hex(20),
  bytes: fc.uint8Array({ maxLength: 200 }).map((value) => toHex(value)),
  bytes32: hex(32),
  uint8: fc.nat({ max: 0xff }),
  uint32: fc.nat({ max: 0xffffffff }),
  uint64: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  uint256: fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }),
};

function ethersTypes(type: Eip712Type<Eip712Members>): Record<string, { name: string; type: string }[]> {
  return { [type.name]: Object.entries(type.members).map(([name, member]) => ({ name, type: member })) };
}

describe("typedDataDigest", () => {
  for (const type of TYPES) {
    it(`hashes ${type.name} as ethers does`, () => {
      const message = fc.record(
        Object.fromEntries(Object.entries(type.members).map(([name, member]) => [name, ARBITRARIES[member]])),
      ) as fc.Arbitrary<Record<string, Hex | number | bigint>>;
      const domain = { name: DOMAIN_NAME, version: DOMAIN_VERSION, ...DOMAIN };
      fc.assert(
        fc.property(message, (value) => {
          const expected = TypedDataEncoder.hash(domain, ethersTypes(type), value);
          expect(toHex(typedDataDigest(DOMAIN, type, value as never))).to.equal(expected);
        }),
        { numRuns: 25, seed: 712 },
      );
    });
  }

  it("differs between chains and contracts", () => {
    const label = { contentSha256: word(1), labelHash: word(2), sourceHash: word(3), licenceHash: word(4) };
    const digests = [
      DOMAIN,
      { ...DOMAIN, chainId: 1n },
      { ...DOMAIN, verifyingContract: `0x${"11".repeat(20)}` as const },
    ].map((domain) => toHex(typedDataDigest(domain, LABEL_TYPE, label)));
    expect(new Set(digests).size).to.equal(3);
  });

  it("refuses values that do not fit their member", () => {
    const claim = { kind: 0, job: 1n, index: 0n, program: word(1), inputsRoot: word(2), outputsRoot: word(3) };
    const digest = (changed: object) => () =>
      typedDataDigest(DOMAIN, CLAIM_TYPE, { ...claim, traceRoot: word(4), ...changed });
    expect(digest({})).not.to.throw();
    for (const changed of [{ kind: 256 }, { kind: -1 }, { kind: 0.5 }, { job: 1n << 256n }, { job: "1" }]) {
      expect(digest(changed)).to.throw().with.property("code", "CRYPTO_EIP712_MEMBER");
    }
    expect(digest({ program: "0x12" }))
      .to.throw()
      .with.property("code", "CORE_HEX_INVALID");
    expect(digest({ program: undefined }))
      .to.throw()
      .with.property("code", "CRYPTO_EIP712_MEMBER");
  });

  it("is signed as a wallet signs it", async () => {
    const wallet = new Wallet(`0x${"42".repeat(32)}`);
    const label = { contentSha256: word(1), labelHash: word(2), sourceHash: word(3), licenceHash: word(4) };
    const domain = { name: DOMAIN_NAME, version: DOMAIN_VERSION, ...DOMAIN };
    const expected = await wallet.signTypedData(domain, ethersTypes(LABEL_TYPE), label);
    const digest = typedDataDigest(DOMAIN, LABEL_TYPE, label);
    const signature = signDigest(digest, fromHex(wallet.privateKey));
    expect(toHex(signature)).to.equal(expected);
    expect(recoverSigner(digest, signature)).to.equal(wallet.address);
  });
});

describe("addresses", () => {
  it("are written with the checksum of ERC-55", () => {
    fc.assert(
      fc.property(hex(20), (address) => {
        expect(checksumAddress(address)).to.equal(getAddress(address));
      }),
      { numRuns: 50, seed: 55 },
    );
  });

  it("refuse a wrong length and an impossible secret key", () => {
    expect(() => checksumAddress("0x00"))
      .to.throw()
      .with.property("code", "CORE_HEX_INVALID");
    expect(() => checksumAddress(new Uint8Array(19)))
      .to.throw()
      .with.property("code", "CRYPTO_ADDRESS_INVALID");
    expect(() => addressOfSecretKey(new Uint8Array(32)))
      .to.throw()
      .with.property("code", "CRYPTO_SECRET_KEY_INVALID");
  });
});

function word(value: number): Hex {
  return toHex(new Uint8Array(32).fill(value));
}
