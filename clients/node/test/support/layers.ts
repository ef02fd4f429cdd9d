// Reads the imports of src/ with the TypeScript compiler and compares them with the layers of the package, without running
// any code. Each file is a node and each import an edge, in whatever form it is written: a type that is imported couples
// two files just as a value does. layers.test.ts runs this on the package.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import ts from "typescript";

/**
 * Files and folders of src/, from the top layer down. An import runs to a lower layer, or stays within a folder. The
 * packages that each may import are those which the application that uses it has anyway.
 */
const layers: readonly (readonly Part[])[] = [
  [
    { name: "index" },
    { name: "express", packages: ["express-session"] },
    { name: "fastify", packages: ["fastify", "@fastify/session"] },
    { name: "koa", packages: ["koa-session"] },
    { name: "react-router", packages: ["react-router"] },
  ],
  [{ name: "store" }],
  [{ name: "commands" }],
  [{ name: "driver", packages: ["cluster-key-slot"] }],
  [{ name: "errors" }],
];

interface Part {
  readonly name: string;
  readonly packages?: readonly string[];
}

export interface Import {
  /** The imported file, relative to src/, or the name of a module outside it. */
  readonly target: string;
  readonly line: number;
}

/** The text of each file, by its path relative to src/. */
export type Sources = ReadonlyMap<string, string>;

export function readSources(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => /\.[cm]?tsx?$/.test(path));
  return new Map(paths.sort().map((path) => [path.split(sep).join("/"), readFileSync(join(folder, path), "utf8")]));
}

/** All imports that break a rule, each as one line that names both files and the rule. */
export function violations(sources: Sources): string[] {
  const edges = imports(sources);
  const found: string[] = [];
  for (const [path, targets] of edges) {
    if (level(path) < 0) found.push(`${path}: in no layer; add ${partOf(path)} to the layers`);
    for (const { target, line } of targets) {
      const rule = brokenRule(path, target, edges);
      if (rule !== undefined) found.push(`${path}:${line} imports ${target}: ${rule}`);
    }
  }
  return [...found, ...circles(edges).map((circle) => `${circle.join(" -> ")}: files import each other in a circle`)];
}

/** The imports of each file, by its path. */
export function imports(sources: Sources): Map<string, Import[]> {
  const edges = new Map<string, Import[]>();
  for (const [path, text] of sources) {
    const found = specifiers(text).map(({ target, line }) => ({ target: resolved(path, target), line }));
    edges.set(path, found);
  }
  return edges;
}

const known = new Map<string, Import[]>();

/** The imports of a text, as they are written in it. */
function specifiers(text: string): Import[] {
  const found = known.get(text) ?? [];
  if (known.has(text)) return found;
  known.set(text, found);
  const source = ts.createSourceFile("text.ts", text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const target = specifierOf(node);
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    if (target !== undefined) found.push({ target, line });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** What an import of any form names. */
function specifierOf(node: ts.Node): string | undefined {
  let specifier: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier;
  else if (ts.isExternalModuleReference(node)) specifier = node.expression;
  else if (ts.isImportTypeNode(node))
    specifier = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  else if (ts.isModuleDeclaration(node)) specifier = node.name;
  else if (ts.isCallExpression(node)) {
    const called = node.expression;
    const imports =
      called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === "require");
    if (imports) specifier = node.arguments[0];
  }
  return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
}

/** The path of an imported file relative to src/; names of other modules as they are. */
function resolved(path: string, specifier: string): string {
  const own = /^redis-session-client(\/|$)/.exec(specifier);
  if (own !== null) return `${specifier.slice(own[0].length) || "."}/index.ts`.replace("./", "");
  if (!specifier.startsWith(".")) return specifier;
  return posix.join(posix.dirname(path), specifier).replace(/\.([cm]?)js(x?)$/, ".$1ts$2");
}

/** The folder, or the file directly in src/, that has a place in the layers. */
function partOf(path: string): string {
  return path.replace(/(\/.*|\.ts)$/, "");
}

/** The number of the layer, from 0 at the bottom; -1 for none. */
function level(path: string): number {
  return layers.toReversed().findIndex((parts) => parts.some(({ name }) => name === partOf(path)));
}

function brokenRule(path: string, target: string, edges: ReadonlyMap<string, unknown>): string | undefined {
  const part = partOf(path);
  if (!edges.has(target)) {
    if (target.startsWith("node:")) return undefined;
    if (target.endsWith(".ts")) return "there is no such file in src";
    const packages = layers.flat().find(({ name }) => name === part)?.packages ?? [];
    return packages.includes(target) ? undefined : `${part} may not load this package`;
  }
  if (partOf(target) === part) return undefined;
  if (level(target) > level(path)) return "an import may not run upwards to a higher layer";
  return level(target) === level(path) ? "parts of one layer may not import each other" : undefined;
}

/** For each group of files that import each other, a shortest circle through its first file. */
function circles(edges: ReadonlyMap<string, readonly Import[]>): string[][] {
  const found: string[][] = [];
  const seen = new Set<string>();
  for (const start of edges.keys()) {
    if (seen.has(start)) continue;
    const ways: string[][] = [[start]];
    const reached = new Set<string>();
    for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
      const targets = new Set((edges.get(way.at(-1) ?? "") ?? []).map(({ target }) => target));
      if (targets.has(start)) {
        found.push([...way, start]);
        for (const path of way) seen.add(path);
        break;
      }
      for (const target of targets) {
        if (!reached.has(target)) ways.push([...way, target]);
        reached.add(target);
      }
    }
  }
  return found;
}
