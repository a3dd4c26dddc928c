import { expect } from "chai";
import type { Signer } from "ethers";
import { network } from "hardhat";

import type { Contracts } from "../../../src/chain/contracts.ts";
import { TxSender } from "../../../src/chain/tx-sender.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { blsKeyFromSeed, blsPublicKey } from "../../../src/crypto/bls.ts";
import { keccak256 } from "../../../src/crypto/keccak.ts";
import { blsKeyTransaction, registerBlsKey, registerOperator, setCommission } from "../../../src/staking/operators.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";

const DELAY_SECONDS = 7 * 24 * 3600;
const SECRETS = [1, 2].map((seed) => blsKeyFromSeed(new Uint8Array(32).fill(seed))) as [Uint8Array, Uint8Array];

describe("operators", () => {
  it("register a BLS key with a proof that the contract accepts, and replace it", async () => {
    const { contracts, alice, registry, now } = await deploy();
    for (const secret of SECRETS) {
      const key = await registerBlsKey(contracts, alice, secret);
      expect(key).to.deep.equal(blsPublicKey(secret));
      expect(await registry.blsKeyAt(alice.address, await now())).to.equal(toHex(key));
    }
    const infos = await Promise.all(SECRETS.map((secret) => registry.blsKeyInfo(keccak256(blsPublicKey(secret)))));
    expect(infos.map(({ operator, endedAt }) => [operator, endedAt])).to.deep.equal([
      [alice.address, await now()],
      [alice.address, 0n],
    ]);
  });

  it("cannot register another's key, nor with another's proof", async () => {
    const { contracts, alice, bob, registry, now } = await deploy();
    const [secret] = SECRETS;
    const stolen = bob.send(blsKeyTransaction(contracts, alice.address, secret));
    await expectRefusal(stolen, "OperatorRegistryPossessionNotProven");
    await registerBlsKey(contracts, alice, secret);
    await expectRefusal(registerBlsKey(contracts, bob, secret), "OperatorRegistryBlsKeyTaken");
    expect(await registry.blsKeyAt(bob.address, await now())).to.equal("0x");
  });

  it("refuse a secret that is none", async () => {
    const { contracts, alice } = await deploy();
    const none = registerBlsKey(contracts, alice, new Uint8Array(32));
    await expectGlassboxError(none, "usage", "CRYPTO_BLS_SECRET_KEY_INVALID");
  });

  it("raise their commission after the delay, and lower it at once", async () => {
    const { contracts, alice, registry, now, skip } = await deploy();
    expect(await setCommission(contracts, alice, 500)).to.equal((await now()) + BigInt(DELAY_SECONDS));
    expect(await registry.commissionBpsOf(alice.address)).to.equal(0n);
    await skip(DELAY_SECONDS);
    expect(await registry.commissionBpsOf(alice.address)).to.equal(500n);
    expect(await setCommission(contracts, alice, 100)).to.equal(await now());
    expect(await registry.commissionBpsOf(alice.address)).to.equal(100n);
    await expectRefusal(setCommission(contracts, alice, 10_001), "OperatorRegistryCommissionTooHigh");
  });
});

async function expectRefusal(sent: Promise<unknown>, error: string): Promise<void> {
  const { details } = await expectGlassboxError(sent, "revert", "CHAIN_REVERTED");
  expect(details).to.have.property("error", error);
}

async function deploy() {
  const { ethers, networkHelpers } = await network.create();
  const registry = await ethers.deployContract("OperatorRegistry", [DELAY_SECONDS]);
  const OperatorRegistry = await ethers.getContractAt("OperatorRegistry", registry);
  const contracts = { OperatorRegistry } as unknown as Contracts;
  const signers = (await ethers.getSigners()) as unknown as Signer[];
  const [alice, bob] = await Promise.all(signers.slice(0, 2).map((signer) => TxSender.create(signer)));
  for (const sender of [alice, bob]) await registerOperator(contracts, sender!, sender!.address, "");
  return {
    contracts,
    registry,
    alice: alice!,
    bob: bob!,
    now: async () => BigInt(await networkHelpers.time.latest()),
    skip: (seconds: number) => networkHelpers.time.increase(seconds),
  };
}
