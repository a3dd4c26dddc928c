/** How many accounts of the public development mnemonic the embedded chain funds. */
export const DEVELOPMENT_ACCOUNTS = 20;

/** Who plays which part on a development network, by index of the development mnemonic. */
export const ROLES = {
  owner: 0,
  storageOperators: [1, 2, 3],
  computeOperators: [4, 5, 6],
  coordinator: 10,
  delegator: 7,
  consumer: 8,
  reporter: 9,
  watcher: 11,
  dishonestTrainer: 13,
} as const;
