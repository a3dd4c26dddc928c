import { signDigest } from "../../src/crypto/signature.ts";
import { fromHex } from "../../src/core/bytes.ts";
import { signVote } from "../../src/crypto/bls.ts";
import { keyVotesEvidence, signerVotesEvidence } from "../../src/staking/evidence.ts";
import { type Vote, voteDigest } from "../../src/staking/vote.ts";
import { certify } from "../../test/support/bls-validators.ts";
import { payload, quorumHome } from "../../test/support/quorum-home.ts";
import type { Connection } from "../../test/support/staking-contracts.ts";
import type { Figure } from "../figure.ts";
import { gas } from "./stage.ts";

type Home = Awaited<ReturnType<typeof quorumHome>>;

/** Tables, certificates by them, and evidence of equivocation, with a nullifier and without the slash. */
export async function measureCertificates(connection: Connection): Promise<Figure[]> {
  const hundred = await quorumHome(connection, 100);
  const figures = [{ name: "table.build.100", value: await gas(hundred.quorum.buildTable(1, hundred.epoch, 100)) }];
  for (const absent of [0, 33]) figures.push(await certificate(connection, hundred, absent));
  figures.push(...(await equivocation(connection, hundred)));
  const twoHundred = await quorumHome(connection, 200);
  await twoHundred.quorum.buildTable(1, twoHundred.epoch, 200);
  figures.push(await certificate(connection, twoHundred, 66));
  return figures.map((figure) => ({ ...figure, unit: "gas" }));
}

async function certificate({ ethers }: Connection, home: Home, absent: number): Promise<Omit<Figure, "unit">> {
  const { quorum, validators } = home;
  const count = validators.length;
  const vote = voteOf(home, "a");
  // Spread evenly over the table.
  const absentees = Array.from({ length: absent }, (_, i) => Math.floor(((i + 1) * count) / absent) - 1);
  const certified = certify(validators, voteDigest(home.home, vote), absentees);
  const [caller] = await ethers.getSigners();
  const call = await quorum.verify.populateTransaction(vote, certified);
  return { name: `certificate.${count}.absent.${absent}`, value: await gas(caller!.sendTransaction(call)) };
}

async function equivocation({ ethers }: Connection, home: Home): Promise<Omit<Figure, "unit">[]> {
  const desk = await ethers.deployContract("EvidenceDeskMock");
  const [vote, other] = [voteOf(home, "a"), voteOf(home, "b")];
  const [signer, voter] = [home.validators[0]!, home.validators[1]!];
  const signed = (sign: (digest: Uint8Array) => Uint8Array) =>
    [vote, other].map((each) => ({ payload: each.payload, signature: sign(voteDigest(home.home, each)) }));
  const secret = fromHex(signer.wallet.privateKey);
  const [bySigner, toSigner] = signed((digest) => signDigest(digest, secret));
  const [byKey, toKey] = signed((digest) => signVote(digest, voter.secretKey));
  const signerVotes = signerVotesEvidence(vote, bySigner!, toSigner!);
  const keyVotes = keyVotesEvidence(vote, voter.key, byKey!, toKey!);
  return [
    { name: "equivocation.secp256k1", value: await gas(desk.submit(home.verifier, 1, signerVotes)) },
    { name: "equivocation.bls", value: await gas(desk.submit(home.verifier, 1, keyVotes)) },
  ];
}

function voteOf({ epoch }: Home, name: string): Vote {
  return { serviceId: 1, epoch, slot: 1n, round: 0, voteType: 2, payload: payload(name) };
}
