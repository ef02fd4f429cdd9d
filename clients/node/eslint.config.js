// The lints of all code in this folder: ESLint's and typescript-eslint's own sets, with types. `check.sh lint` runs them
// after the build, because tests and examples read the types of the package from dist/.
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores(["build/", "dist/"]),
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    rules: {
      eqeqeq: "error",
      // A type that is imported as one never loads a driver or a framework that the application does not have.
      "@typescript-eslint/consistent-type-imports": "error",
      // `void promise` and the promises of node:test, which its runner awaits.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["test", "suite", "describe", "it"] },
          ],
        },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  // The compiler reports unknown names, also in the .js files.
  { files: ["**/*.js", "**/*.mjs"], rules: { "no-undef": "off" } },
  // Scripts that the example sends to browsers as they are.
  { files: ["examples/*/public/**"], extends: [tseslint.configs.disableTypeChecked] },
  // The package writes to no log of its own accord.
  { files: ["src/**"], rules: { "no-console": "error" } },
);
