// Compiles src/ twice into dist/: ES modules for `import`, CommonJS for `require`. With --if-needed only if something that
// goes into dist/ is newer.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const dist = join(root, "dist");
const types = { esm: "module", cjs: "commonjs" };

/** @param {string} name */
const manifest = (name) => join(dist, name, "package.json");

function fresh() {
  if (!existsSync(manifest("cjs"))) return false;
  const built = statSync(manifest("cjs")).mtimeMs;
  const configuration = ["base", "esm", "cjs"].map((name) => `tsconfig.${name}.json`);
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).map((path) =>
    join("src", path),
  );
  const paths = ["src", ...sources, "tools/build.mjs", ...configuration, "node_modules/.package-lock.json"];
  return paths.every((path) => statSync(join(root, path)).mtimeMs < built);
}

/** @param {string} name */
async function compile(name) {
  const child = spawn(process.execPath, [tsc, "-p", join(root, `tsconfig.${name}.json`)], { stdio: "inherit" });
  await once(child, "exit");
  return child.exitCode === 0;
}

if (!process.argv.includes("--if-needed") || !fresh()) {
  rmSync(dist, { recursive: true, force: true });
  const compiled = await Promise.all(Object.keys(types).map(compile));
  if (!compiled.every(Boolean)) process.exit(1);
  for (const [name, type] of Object.entries(types)) {
    // Tells Node and TypeScript how to read the .js files of this folder. Written last, so that it dates the build.
    writeFileSync(manifest(name), `${JSON.stringify({ type })}\n`);
  }
}
