import { Contract, isCallException, type Provider } from "ethers";

import { toHex } from "../core/bytes.ts";
import { chainError } from "./revert.ts";

const ERC1271 = ["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"];
const ACCEPTED = "0x1626ba7e";

/** What a contract account says of a signature by ERC-1271, now; an account without code accepts none. */
export async function acceptsSignature(
  provider: Provider,
  account: string,
  digest: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    if ((await provider.getCode(account)) === "0x") return false;
    const contract = new Contract(account, ERC1271, provider);
    const answer: unknown = await contract.getFunction("isValidSignature")(toHex(digest), toHex(signature));
    return answer === ACCEPTED;
  } catch (error) {
    // A contract that reverts, or returns something else than four bytes, does not accept.
    if (isCallException(error) || (error instanceof Error && "code" in error && error.code === "BAD_DATA"))
      return false;
    throw chainError(error);
  }
}
