// No import of src/ runs upwards, across, or in a circle, and no part loads a package that its users may not have.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { imports, readSources, violations } from "./support/layers.js";
import { packageRoot } from "./support/server.js";

const src = readSources(join(packageRoot, "src"));
const upwards = "an import may not run upwards to a higher layer";
const across = "parts of one layer may not import each other";
const circle = "files import each other in a circle";

test("no import breaks a rule", () => {
  assert.deepEqual(violations(src), []);
});

test("imports of values, types and other packages are read, and those that are passed on", () => {
  const edges = imports(src);
  const has = (path: string, target: string) => edges.get(path)?.some((found) => found.target === target);
  assert.ok(has("commands/sessions.ts", "errors.ts"), "import { … } of a value");
  assert.ok(has("driver/standalone.ts", "driver/driver.ts"), "import type { … }");
  assert.ok(has("index.ts", "commands/sessions.ts"), "export { … } from");
  assert.ok(has("driver/slots.ts", "cluster-key-slot"), "another package");
});

/** What the rules say of src/ where the file `path` has `text` as its last line; its number is `LINE`. */
function planted(path: string, text: string): string[] {
  const before = src.get(path);
  assert.ok(before !== undefined, path);
  const line = before.split("\n").length;
  const found = violations(new Map([...src, [path, before + text]]));
  return found.map((message) => message.replace(`${path}:${line} `, `${path}:LINE `));
}

for (const [path, specifier, target, rule] of [
  ["errors.ts", "./commands/keys.js", "commands/keys.ts", upwards],
  ["driver/driver.ts", "../commands/json.js", "commands/json.ts", upwards],
  ["commands/json.ts", "../store/text.js", "store/text.ts", upwards],
  ["store/text.ts", "redis-session-client/express", "express/index.ts", upwards],
  ["commands/json.ts", "redis-session-client", "index.ts", upwards],
  ["express/index.ts", "../fastify/index.js", "fastify/index.ts", across],
  ["koa/index.ts", "../index.js", "index.ts", across],
  ["driver/driver.ts", "ioredis", "ioredis", "driver may not load this package"],
  ["store/text.ts", "express-session", "express-session", "store may not load this package"],
  ["store/text.ts", "./texts.js", "store/texts.ts", "there is no such file in src"],
] as const) {
  for (const form of [
    `import * as planted from "${specifier}";`,
    `import type { Planted } from "${specifier}";`,
    `import "${specifier}";`,
    `export * from "${specifier}";`,
    `import planted = require("${specifier}");`,
    `async function planted() { await import("${specifier}"); }`,
    `function planted() { require("${specifier}"); }`,
    `type Planted = import("${specifier}").Planted;`,
    `declare module "${specifier}" { interface Planted {} }`,
  ]) {
    test(`in ${path} the rules find: ${form}`, () => {
      const found = planted(path, form).filter((text) => !text.includes(circle));
      assert.deepEqual(found, [`${path}:LINE imports ${target}: ${rule}`]);
    });
  }
}

test("a circle is found, of two files and of one with itself", () => {
  const two = `driver/driver.ts -> driver/standalone.ts -> driver/driver.ts: ${circle}`;
  assert.ok(planted("driver/driver.ts", 'import { Standalone } from "./standalone.js";').includes(two));
  assert.deepEqual(planted("errors.ts", 'export * from "./errors.js";'), [`errors.ts -> errors.ts: ${circle}`]);
});

test("a file that has no layer is found", () => {
  assert.deepEqual(violations(new Map([["new.ts", ""]])), ["new.ts: in no layer; add new to the layers"]);
});
