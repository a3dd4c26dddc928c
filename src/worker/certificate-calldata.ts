import { AbiCoder, Interface } from "ethers";

import { fromHex, type Hex } from "../core/bytes.ts";
import { BLS_SIGNATURE_BYTES } from "../crypto/bls.ts";
import type { Certificate } from "../staking/certificate.ts";
import { type Vote, VOTE_TUPLE } from "../staking/vote.ts";

const CERTIFICATE = "tuple(bytes signature,uint256 absentees)";
const ADVANCE = new Interface([`function advance(uint64 newEpoch, bytes table, ${CERTIFICATE} certificate)`]);
const SELECTOR = ADVANCE.getFunction("advance")?.selector.slice(2) ?? "";

/** The call of `ServiceInbox.advance` for an epoch in a transaction's data: the whole of it, or passed on inside another call. */
export function advanceIn(data: string, epoch: bigint): Certificate | undefined {
  for (let at = data.indexOf(SELECTOR); at >= 0; at = data.indexOf(SELECTOR, at + 1)) {
    const decoded = attempt(() => ADVANCE.decodeFunctionData("advance", `0x${data.slice(at)}`));
    if (decoded?.["newEpoch"] !== epoch) continue;
    return asCertificate(decoded["certificate"] as DecodedCertificate);
  }
  return undefined;
}

/** The vote and certificate that a call begins with, if its function takes these two first, as `ServiceInbox.verify` does. */
export function certifiedVoteIn(data: string): { vote: Vote; certificate: Certificate } | undefined {
  const decoded = attempt(() => AbiCoder.defaultAbiCoder().decode([VOTE_TUPLE, CERTIFICATE], `0x${data.slice(10)}`));
  if (!decoded) return undefined;
  const certificate = asCertificate(decoded[1] as DecodedCertificate);
  if (certificate.signature.length !== BLS_SIGNATURE_BYTES) return undefined;
  const [serviceId, epoch, slot, round, voteType, payload] = decoded[0] as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    Hex,
  ];
  const vote = { serviceId: Number(serviceId), epoch, slot, round: Number(round), voteType: Number(voteType), payload };
  return { vote, certificate };
}

interface DecodedCertificate {
  readonly signature: string;
  readonly absentees: bigint;
}

function asCertificate({ signature, absentees }: DecodedCertificate): Certificate {
  return { signature: fromHex(signature), absentees };
}

/** Data of strangers: most of it is something else. */
function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
