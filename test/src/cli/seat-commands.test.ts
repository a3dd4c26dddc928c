import { readFile } from "node:fs/promises";

import { expect } from "chai";
import { AbiCoder, ContractFactory, id, type InterfaceAbi, parseEther, ZeroAddress } from "ethers";

import { eventOf } from "../../../src/chain/events.ts";
import { chainTime } from "../../../src/chain/read.ts";
import { commandsOn } from "../../support/command-line.ts";
import { type Deployment, startDeployment } from "../../support/deployment.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";

const OPERATOR = 1;
const OTHER_OPERATOR = 2;
const DELEGATOR = 7;
const STRANGER = 12;

describe("commands of a service with seats, a sink and a judge of its own", function () {
  this.timeout(120_000);

  let deployment: Deployment;
  let operator: string;
  let service: string;

  before(async () => {
    deployment = await startDeployment();
    const { ServiceRegistry } = deployment.contracts;
    operator = (await deployment.sender(OPERATOR)).address;
    for (const index of [OPERATOR, OTHER_OPERATOR]) await on(["operator", "register"], index);
    for (const index of [OTHER_OPERATOR, DELEGATOR]) {
      const sender = await deployment.sender(index);
      await sender.send(deployment.contracts.Token.mint.populateTransaction(sender.address, parseEther("1000")));
    }
    await on(["stake", "deposit", operator, "100"], DELEGATOR);
    const { signer, address } = await deployment.sender(0);
    const artifact = await readFile(
      "artifacts/contracts/mocks/EvidenceVerifierMock.sol/EvidenceVerifierMock.json",
      "utf8",
    );
    const { abi, bytecode } = JSON.parse(artifact) as { abi: InterfaceAbi; bytecode: string };
    const judge = await new ContractFactory(abi, bytecode, signer).deploy();
    const owner = await deployment.sender(0);
    const receipt = await owner.send(
      ServiceRegistry.createService.populateTransaction({
        groupId: 0,
        evidenceVerifier: await judge.getAddress(),
        maxObligationSeconds: 3_600,
        seats: 2,
        obligor: ZeroAddress,
        slashCapWad: parseEther("1"),
        sink: address,
      }),
    );
    service = String(eventOf(receipt, ServiceRegistry, "ServiceCreated").serviceId);
  });
  after(() => deployment.stop());

  const { on } = commandsOn(() => deployment.flags);

  it("is joined in a seat, and left for an operator with more stake", async () => {
    const other = (await deployment.sender(OTHER_OPERATOR)).address;
    await on(["stake", "deposit", other, "10"], OTHER_OPERATOR);
    const seatless = on(["operator", "join", service], OTHER_OPERATOR);
    await expectGlassboxError(seatless, "usage", "STAKING_SEAT_INVALID");
    for (const seat of ["2", "200", "-1"]) {
      const code = seat === "2" ? "STAKING_SEAT_INVALID" : "CLI_NUMBER_INVALID";
      await expectGlassboxError(on(["operator", "join", service, "--seat", seat], OTHER_OPERATOR), "usage", code);
    }
    const inStorage = on(["operator", "join", "storage", "--seat", "0"], OTHER_OPERATOR);
    await expectGlassboxError(inStorage, "usage", "STAKING_SEAT_INVALID");
    await on(["operator", "join", service, "--seat", "1", "--magnitude", "0.5"], OTHER_OPERATOR);
    expect(await exposureOf(other)).to.include({ isMember: false, seat: 1n });
    await deployment.chain.passSeconds(8 * 24 * 3_600);
    expect(await exposureOf(other)).to.deep.include({ isMember: true, seat: 1n, membershipChanges: [] });
    const { text } = await on(["operator", "exposure", other]);
    expect(text).to.contain("member in seat 1").and.contain("no cap").and.contain("slashed      goes to 0xf39F");

    const joined = await on(["operator", "join", service, "--seat", "1", "--magnitude", "0.5"], OPERATOR);
    const displaced = await exposureOf(other);
    expect(displaced).to.include({ isMember: true, isObligable: false });
    const endsAt = new Date(Date.parse(String(joined.value["effectAt"])) + (7 * 24 * 3_600 + 1) * 1_000).toISOString();
    expect(displaced["membershipChanges"]).to.deep.equal([{ isMember: false, effectAt: endsAt }]);
    await deployment.chain.passSeconds(8 * 24 * 3_600);
    expect(await exposureOf(other)).to.include({ isMember: true, isObligable: false, seat: null });
    expect(await exposureOf(operator)).to.include({ isMember: true, seat: 1n });
    await deployment.chain.passSeconds(8 * 24 * 3_600);
    expect(await exposureOf(other)).to.deep.include({ isMember: false, seat: null, membershipChanges: [] });
    const weaker = on(["operator", "join", service, "--seat", "1", "--magnitude", "0.6"], OTHER_OPERATOR);
    await expectGlassboxError(weaker, "usage", "STAKING_SEAT_HELD");
    expect(await exposureOf(other)).to.include({ magnitudeWad: parseEther("0.5"), magnitudeChange: null });
  });

  it("jails whom it slashes, and tells until when", async () => {
    const before = await exposureOf(operator);
    await punish("offence", parseEther("0.1"));
    const after = await exposureOf(operator);
    expect(after).to.include({ isMember: true, isObligable: false, availableWei: 0n });
    expect(after["jailedUntil"]).to.be.a("string");
    expect(after["magnitudeWad"]).to.equal(parseEther("0.45"));
    expect(Number(after["atRiskWei"])).to.be.lessThan(Number(before["atRiskWei"]));
    expect((await on(["operator", "exposure", operator])).text).to.match(
      /in jail until .* \(in (7 days|6 days 23 hours)\)/,
    );
    await deployment.chain.passSeconds(8 * 24 * 3_600);
    expect(await exposureOf(operator)).to.include({ isObligable: true, jailedUntil: null });
  });

  it("takes a generation's last shares back too", async () => {
    const { StakePool } = deployment.contracts;
    const sender = await deployment.sender(DELEGATOR);
    await on(["operator", "join", service, "--magnitude", "0.95"], OPERATOR);
    await deployment.chain.passSeconds(8 * 24 * 3_600);
    const held = await StakePool.sharesOf(operator, sender.address);
    expect(held).to.be.greaterThan(0n);
    await punish("worse", parseEther("1"));
    expect(await StakePool.generationOf(operator)).to.equal(1n);
    const { value, text } = await on(["stake", "positions"], DELEGATOR);
    const [position] = value["positions"] as Record<string, unknown>[];
    expect(position).to.include({ operator, generation: 0n, isRetired: true, shares: held });
    expect(text).to.contain("retired: it can only leave");
    const gone = on(["stake", "withdraw", operator, "all"], DELEGATOR);
    await expectGlassboxError(gone, "usage", "STAKING_POSITION_EMPTY");
    const asked = await on(["stake", "withdraw", operator, "all", "--generation", "0"], DELEGATOR);
    expect(asked.value).to.include({ generation: 0n, shares: held });
  });

  /** Submits evidence that the service's judge believes. */
  async function punish(offence: string, wad: bigint): Promise<void> {
    const now = await chainTime(deployment.chain.provider);
    const evidence = AbiCoder.defaultAbiCoder().encode(
      ["address", "bytes32", "uint48", "uint64", "address"],
      [operator, id(offence), now, wad, ZeroAddress],
    );
    const stranger = await deployment.sender(STRANGER);
    await stranger.send(deployment.contracts.Slasher.submit.populateTransaction(service, evidence));
  }

  async function exposureOf(address: string): Promise<Record<string, unknown>> {
    const { value } = await on(["operator", "exposure", address]);
    const found = (value["services"] as Record<string, unknown>[]).find(({ name }) => name === `service ${service}`);
    return found ?? {};
  }
});
