import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatEthersChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import { configVariable, defineConfig } from "hardhat/config";
import type { HardhatPlugin } from "hardhat/types/plugins";

/** The compiler is the npm package `solc`, so a build needs no download. */
const compiler = {
  version: "0.8.37",
  path: fileURLToPath(new URL("node_modules/solc/soljson.js", import.meta.url)),
  settings: { evmVersion: "osaka", optimizer: { enabled: true, runs: 1_000 }, viaIR: true },
};

/** Fits big contracts into the limit of code, which more runs would not. */
const smallCompiler = {
  ...compiler,
  settings: { ...compiler.settings, optimizer: { enabled: true, runs: 200 } },
};

/** All of a folder but the verifier of single steps, whose loops want speed. */
const compute = readdirSync(new URL("contracts/compute", import.meta.url))
  .filter((file) => file !== "OneStepVerifier.sol")
  .map((file) => `contracts/compute/${file}`);
const production = {
  compilers: [compiler],
  overrides: Object.fromEntries(compute.map((path) => [path, smallCompiler])),
};

/** Contracts of different settings compile side by side, on every processor. */
const parallelBuild: HardhatPlugin = {
  id: "parallel-build",
  hookHandlers: {
    solidity: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            build: (context, paths, options, next) =>
              next(context, paths, { ...options, concurrency: availableParallelism() }),
          }),
      }),
  },
};

/**
 * The profile of the Solidity tests. They deploy the contracts from their artifacts (test/support/Deploy.sol), so their own code need
 * not be optimised: without the IR pipeline it compiles in a fifth of the time.
 */
const testCompiler = { ...compiler, settings: { ...compiler.settings, viaIR: false } };

/** The tests deploy from artifacts, see test/support/Deploy.sol. */
const solidityTests = { fsPermissions: { readDirectory: ["artifacts/contracts", "test/support/vectors"] } };

const fuzzing = (runs: number) => ({
  fuzz: { runs, seed: "0x676c617373626f78" },
  invariant: { runs, depth: 128 },
});

export default defineConfig({
  plugins: [
    hardhatEthers,
    hardhatEthersChaiMatchers,
    hardhatIgnitionEthers,
    hardhatMocha,
    hardhatNetworkHelpers,
    hardhatTypechain,
    parallelBuild,
  ],
  solidity: {
    splitTestsCompilation: true,
    profiles: { default: production, production, tests: testCompiler },
  },
  paths: {
    sources: "contracts",
    tests: { mocha: "test", solidity: "test/contracts" },
    ignition: "deployments/ignition",
  },
  typechain: { outDir: "generated/typechain" },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "osaka", chainId: 31337 },
    rpc: {
      type: "http",
      chainType: "l1",
      url: configVariable("GLASSBOX_RPC_URL"),
      accounts: [configVariable("GLASSBOX_DEPLOYER_KEY")],
    },
  },
  test: {
    mocha: { timeout: 120_000 },
    solidity: {
      profiles: {
        default: { ...solidityTests, ...fuzzing(256) },
        // Ten times as many: npm run fuzz:deep
        deep: { ...solidityTests, ...fuzzing(2_560) },
      },
    },
  },
});
