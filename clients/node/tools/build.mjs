// Compiles src/ twice into dist/: ES modules for `import`, CommonJS for `require`.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
for (const { name, type } of [
  { name: "esm", type: "module" },
  { name: "cjs", type: "commonjs" },
]) {
  execFileSync(process.execPath, [tsc, "-p", join(root, `tsconfig.${name}.json`)], { stdio: "inherit" });
  mkdirSync(join(dist, name), { recursive: true });
  // Tells Node and TypeScript how to read the .js files of this folder.
  writeFileSync(join(dist, name, "package.json"), `${JSON.stringify({ type })}\n`);
}
