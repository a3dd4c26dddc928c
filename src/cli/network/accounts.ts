import { HDNodeWallet, Mnemonic } from "ethers";

/** The phrase every Ethereum development chain funds. Known to everyone: for development chains only. */
export const DEVELOPMENT_PHRASE = "test test test test test test test test test test test junk";

/** How many of the phrase's accounts the embedded chain funds. */
export const DEVELOPMENT_ACCOUNTS = 20;

/** Who plays which part on a development network, by index of the development phrase. */
export const ROLES = {
  owner: 0,
  storageOperators: [1, 2, 3],
  computeOperators: [4, 5, 6],
  delegator: 7,
  consumer: 8,
  contributors: [9, 10, 11],
  labellers: [12, 13, 14],
  reporter: 15,
} as const;

/** The account of the development phrase at `index`. */
export function developmentWallet(index: number): HDNodeWallet {
  return HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(DEVELOPMENT_PHRASE), `m/44'/60'/0'/0/${index}`);
}
