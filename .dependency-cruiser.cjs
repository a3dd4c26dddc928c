/** Imports point one way; see "Layout" in docs/architecture.md. */
const DOMAINS = ["staking", "storage", "availability", "compute", "models"];
const only = (from, allowed) => ({
  name: `${from}-imports-only-what-lies-below`,
  severity: "error",
  from: { path: `^src/${from}/` },
  to: { path: "^src/", pathNot: [`^src/${from}/`, ...allowed.map((folder) => `^src/${folder}/`)] },
});

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, path: "^src/", pathNot: ["^src/index.ts$", "\\.d\\.ts$"] },
      to: {},
    },
    only("core", []),
    only("crypto", ["core"]),
    only("proofs", ["core", "crypto"]),
    only("chain", ["core"]),
    only("db", ["core"]),
    only("telemetry", ["core"]),
    ...DOMAINS.map((domain) => only(domain, ["core", "crypto", "proofs", "chain", "db", "telemetry"])),
    only("worker", ["core", "crypto", "proofs", "chain", "db", "telemetry", ...DOMAINS]),
    only("verifier", ["core", "crypto", "proofs", "chain", ...DOMAINS]),
    {
      name: "the-verifier-holds-no-key",
      severity: "error",
      from: { path: "^src/verifier/" },
      to: { path: ["^src/crypto/keystore", "^src/chain/tx-sender"], reachable: true },
    },
    {
      name: "only-proofs-imports-snarkjs",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/proofs/" },
      to: { path: "node_modules/(snarkjs|ffjavascript)/" },
    },
    {
      name: "only-chain-imports-typechain",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/chain/" },
      to: { path: "^generated/typechain" },
    },
    {
      name: "sources-never-import-hardhat",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "node_modules/(hardhat|@nomicfoundation|mocha)/" },
    },
    {
      name: "nothing-imports-the-cli",
      severity: "error",
      from: { pathNot: "^(src/cli/|test/|bench/|scripts/)" },
      to: { path: "^src/cli/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^src/[a-z]+/wasm/assembly/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
