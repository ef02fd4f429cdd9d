// The types of the package as users meet them: the programs in test/users compile, with the settings that projects have,
// and what they mark with @ts-expect-error does not.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { packageRoot } from "./support/server.js";

const folder = join(packageRoot, "test/users");
const programs = readdirSync(folder, { encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join(folder, name));

const common: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  types: ["node"],
  strict: true,
  esModuleInterop: true,
  skipLibCheck: true,
  noEmit: true,
};
const settings: Record<string, ts.CompilerOptions> = {
  "module NodeNext": { ...common, module: ts.ModuleKind.NodeNext },
  "moduleResolution Bundler, exactOptionalPropertyTypes": {
    ...common,
    exactOptionalPropertyTypes: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  },
};

for (const [name, options] of Object.entries(settings)) {
  test(`users' programs compile (${name})`, () => {
    const program = ts.createProgram(programs, options);
    const found = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
      return `${basename(file?.fileName ?? "")}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
    assert.deepEqual(found, []);
  });
}
