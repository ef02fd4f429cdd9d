// The package as npm publishes it: what is in it, and that it works where its users install it, outside the repository.
// An application with the built file is tried by `make test-packages`, which also compares versions and checks licences.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { packageRoot } from "./support/server.js";

const run = promisify(execFile);
const temporary = mkdtempSync(join(tmpdir(), "redis-session-package-"));
after(() => {
  rmSync(temporary, { recursive: true });
});

interface Manifest {
  readonly version: string;
  readonly exports: Record<string, unknown>;
  readonly peerDependencies: Record<string, string>;
}
interface Lock {
  readonly packages: Record<string, { readonly version: string }>;
}
const read = (path: string): string => readFileSync(join(packageRoot, path), "utf8");
const manifest = JSON.parse(read("package.json")) as Manifest;
const lock = JSON.parse(read("package-lock.json")) as Lock;
const subpaths = Object.keys(manifest.exports).filter((name) => !name.endsWith(".json"));
const modules = subpaths.map((name) => name.replace(".", "redis-session-client"));

/** Packs a folder without building it, since other tests use dist/ meanwhile. @returns the path of the tarball */
async function pack(folder: string, to: string): Promise<string> {
  mkdirSync(to);
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", to], { cwd: folder });
  return join(to, `redis-session-client-${manifest.version}.tgz`);
}

/** Makes a folder as users have it, with the tarball and other packages in the versions of the lock file. */
async function installed(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(temporary, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  const others = packages.map((found) => `${found}@${lock.packages[`node_modules/${found}`]?.version ?? ""}`);
  const options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", ...options, tarball, ...others], { cwd: folder });
  return folder;
}

let tarball: string;
before(async () => {
  tarball = await pack(packageRoot, join(temporary, "packed"));
});

test("the tarball holds both builds, the documents and the licence, and nothing else", async () => {
  const { stdout } = await run("tar", ["-tzf", tarball]);
  const under = (folder: string) =>
    readdirSync(join(packageRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(packageRoot, join(entry.parentPath, entry.name)));
  const built = under("src").flatMap((path) => {
    const stem = path.replace(/^src\//, "").replace(/\.ts$/, "");
    return ["cjs", "esm"].flatMap((form) => [`dist/${form}/${stem}.js`, `dist/${form}/${stem}.d.ts`]);
  });
  const manifests = ["package.json", "dist/cjs/package.json", "dist/esm/package.json"];
  const expected = new Set([...built, ...manifests, ...under("docs"), "LICENSE", "README.md"]);
  const packed = new Set(
    stdout
      .trim()
      .split("\n")
      .map((path) => path.replace("package/", "")),
  );
  const beyond = (some: Set<string>, others: Set<string>) => [...some].filter((path) => !others.has(path));
  assert.deepEqual({ missing: beyond(expected, packed), extra: beyond(packed, expected) }, { missing: [], extra: [] });
});

test("no file of the tarball names a folder of the machine that built it", async () => {
  const { stdout } = await run("tar", ["-xzOf", tarball], { maxBuffer: 1 << 28 });
  for (const path of [packageRoot, resolve(packageRoot, "../.."), `${homedir()}/`, `${tmpdir()}/`]) {
    assert.ok(!stdout.includes(path), path);
  }
});

test("a build in another folder gives the same bytes", async () => {
  const copy = join(temporary, "copy");
  for (const name of readdirSync(packageRoot)) {
    if (["node_modules", "dist", "build", "test"].includes(name)) continue;
    cpSync(join(packageRoot, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(packageRoot, "node_modules"), join(copy, "node_modules"));
  await run(process.execPath, ["tools/build.mjs"], { cwd: copy });
  const again = await pack(copy, join(temporary, "packed-again"));
  const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  assert.equal(digest(again), digest(tarball));
});

test("without any of the optional packages the commands load", async () => {
  const folder = await installed("bare", []);
  const all = "console.log(typeof found.Sessions, typeof found.keyOfToken)";
  for (const code of [
    `const found = require("redis-session-client"); ${all}`,
    `import("redis-session-client").then((found) => { ${all} })`,
  ]) {
    const { stdout } = await run(process.execPath, ["-e", code], { cwd: folder });
    assert.equal(stdout, "function function\n");
  }
  assert.deepEqual(
    readdirSync(join(folder, "node_modules"))
      .filter((name) => !name.startsWith("."))
      .sort(),
    ["cluster-key-slot", "redis-session-client"],
  );
});

test("publint and attw find nothing", async () => {
  const bin = (name: string) => join(packageRoot, "node_modules/.bin", name);
  await run(bin("publint"), ["--strict", tarball]);
  await run(bin("attw"), [tarball, "--no-definitely-typed"]);
});

test("installed beside the frameworks, it works and compiles in users' programs", async (t) => {
  const types = ["@types/express", "@types/koa", "@types/node", "typescript"];
  const frameworks = ["express", "@fastify/cookie", "koa", "react", ...Object.keys(manifest.peerDependencies)];
  const folder = await installed("full", [...frameworks, ...types]);

  for (const name of modules) {
    await t.test(`${name}: require and import give the same names`, async () => {
      const code = `
        const required = Object.keys(require("${name}")).sort().join();
        import("${name}").then((found) => {
          console.log(required === Object.keys(found).sort().join() ? required : [required, Object.keys(found)]);
        });`;
      const { stdout } = await run(process.execPath, ["-e", code], { cwd: folder });
      assert.match(stdout, /^\w+(,\w+)*\n$/);
    });
  }

  const programs = readdirSync(join(packageRoot, "test/users")).filter((name) => /^(?!refused).*\.ts$/.test(name));
  for (const name of programs) cpSync(join(packageRoot, "test/users", name), join(folder, name));
  for (const [title, type, options] of [
    ["ES modules, NodeNext", "module", { module: "NodeNext", skipLibCheck: false }],
    ["CommonJS, NodeNext", "commonjs", { module: "NodeNext" }],
    ["a bundler", "module", { module: "ESNext", moduleResolution: "Bundler" }],
    // As tsconfig.json had it before TypeScript 6.
    ["CommonJS, node10", "commonjs", { module: "CommonJS", moduleResolution: "Node10", ignoreDeprecations: "6.0" }],
  ] as const) {
    await t.test(`users' programs compile (${title})`, async () => {
      writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type }));
      const common = { target: "ES2022", types: ["node"], strict: true, esModuleInterop: true, noEmit: true };
      const compilerOptions = { ...common, skipLibCheck: true, ...options };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: programs }));
      const compiled = run(process.execPath, ["node_modules/typescript/bin/tsc"], { cwd: folder });
      const { stdout } = await compiled.catch((error: unknown) => error as { stdout: string });
      // Errors in the declarations of other packages are theirs: @types/koa 3.0.3, and react-router without React's types.
      const own = stdout.split("\n").filter((line) => /^[\w./-]+\(/.test(line) && !isForeign(line));
      assert.deepEqual(own, []);
    });
  }
});

function isForeign(line: string): boolean {
  return line.startsWith("node_modules/") && !line.startsWith("node_modules/redis-session-client/");
}
