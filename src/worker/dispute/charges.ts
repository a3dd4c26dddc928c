import { AbiCoder, ParamType } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import { FAULTS, type Accusation, type Fault } from "../../compute/dispute/charge.ts";
import { SECTIONS } from "../../compute/program.ts";
import type { Hex } from "../../core/bytes.ts";

const LEAF = "tuple(bytes leaf, bytes32[] siblings)";

/** The structs that prove a fault; see IDisputeGame.sol. */
const PROOFS: Readonly<Record<Fault["fault"], string>> = {
  final: `tuple(${LEAF} last)`,
  continuity: `tuple(uint32 round, ${LEAF} end, ${LEAF} next)`,
  unused: `tuple(uint64 slot, ${LEAF} leaf)`,
  credit: `tuple(uint64 index, ${LEAF} credit, ${LEAF} entry, ${LEAF} start, ${LEAF} end)`,
  account: `tuple(uint64 index, ${LEAF} account, ${LEAF} dataset)`,
  round: `tuple(uint64 leafIndex, ${LEAF} leaf, ${LEAF} start, ${LEAF} weights)`,
};

/** A fault as `refute` takes it. */
export function encodeFault({ fault, proof }: Fault): { fault: number; proof: Hex } {
  const encoded = AbiCoder.defaultAbiCoder().encode([ParamType.from(PROOFS[fault])], [proof]);
  return { fault: FAULTS.indexOf(fault), proof: encoded as Hex };
}

/** An accusation as `accuse` and `challenge` take it. */
export function encodeAccusation(accusation: Accusation): Parameters<Contracts["DisputeGame"]["accuse"]>[1] {
  return { ...accusation, section: SECTIONS.indexOf(accusation.section) };
}
