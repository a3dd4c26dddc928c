import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  {
    ignores: [
      "**/generated/",
      "src/*/wasm/assembly/",
      "artifacts/",
      "cache/",
      "coverage/",
      "test/compat/",
      "eslint.config.js",
      ".dependency-cruiser.cjs",
    ],
  },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "error",
      "no-console": "error",
      eqeqeq: "error",
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Name what you export." },
        { selector: "NewExpression[callee.name='Error']", message: "Throw a GlassboxError with a stable code." },
        { selector: "TSEnumDeclaration", message: "Use a const object: Node strips types only." },
        { selector: "TSModuleDeclaration", message: "Use a module: Node strips types only." },
        { selector: "TSParameterProperty", message: "Declare the member: Node strips types only." },
        { selector: "PropertyDefinition[accessibility='private']", message: "Use a native #private member." },
      ],
    },
  },
  { files: ["hardhat.config.ts", "scripts/modules/**"], rules: { "no-restricted-syntax": "off" } },
  { files: ["**/*.d.ts"], rules: { "no-restricted-syntax": "off" } },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unused-expressions": "off",
      "no-restricted-syntax": "off",
    },
  },
);
