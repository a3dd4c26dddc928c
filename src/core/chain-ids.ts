/** The chain id of embedded development chains: the only one on which development shortcuts are allowed. */
export const DEVELOPMENT_CHAIN_ID = 31337;
