// The programs in the documents: finds them, and lays them out in a folder where the package is installed as in a user's
// project, from what `npm pack` makes. They are compiled there, and run there, exactly as printed but for the ports.
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { packageRoot } from "./server.js";

/** The port of the server, and the one that each program listens on, as the documents write them. */
const REDIS_PORT = "6379";
const WEB_PORT = "3000";

export interface Program {
  /** The document, such as `express`. */
  readonly page: string;
  /** The file in the folder of that document's programs: the name in the first line (`// app.js`), or one of ours. */
  readonly file: string;
  readonly text: string;
  /** The curl commands of the page that belong to it: those up to the next program. */
  readonly requests: readonly Exchange[];
}

/** A command in a ```sh block, and the output that the page shows for it in comments. */
export interface Exchange {
  readonly command: string;
  readonly output: readonly string[];
}

const BLOCK = /^```(\w+)\n(.*?)^```$/gms;
const COMPLETE =
  /^(?:\/\/ ([\w./$-]+)\n)?(?:(?:"use strict";|\/\/[^\n]*|)\n)*(?:import\b|(?:const|let) [^;]*?= require\()/;

const ANY_MEMBERS = `
import "express-session";
import "fastify";
declare module "express-session" {
  interface SessionData { [member: string]: any }
}
declare module "fastify" {
  interface Session { [member: string]: any }
}
`;

/** All documents of the package: README.md and docs/. */
export function documents(): string[] {
  const docs = readdirSync(join(packageRoot, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.sort().map((name) => `docs/${name}`)];
}

/** The complete programs of a document: its ts and js blocks that begin with an import. */
export function programsOf(path: string): Program[] {
  const page = basename(path, ".md");
  const found: { file: string; text: string; requests: Exchange[] }[] = [];
  for (const [, language = "", text = ""] of readFileSync(join(packageRoot, path), "utf8").matchAll(BLOCK)) {
    if (language === "sh") found.at(-1)?.requests.push(...exchanges(text));
    if (!["js", "ts", "tsx"].includes(language)) continue;
    const complete = COMPLETE.exec(text);
    if (complete === null) continue;
    const file = complete[1] ?? `program${String(found.length + 1)}.${language}`;
    const required = /^(?:const|let) [^;]*?= require\(/m.test(text);
    found.push({ file: required ? file.replace(/\.js$/, ".cjs") : file, text, requests: [] });
  }
  return found.map((program) => ({ page, ...program }));
}

/** The curl commands of a block. A line that begins with `#` is output of the command above it. */
function exchanges(block: string): Exchange[] {
  const found: { command: string; output: string[] }[] = [];
  for (const line of block.replaceAll("\\\n", " ").split("\n")) {
    if (line.startsWith("curl ")) found.push({ command: line, output: [] });
    else if (line.startsWith("# ")) found.at(-1)?.output.push(line.slice(2));
  }
  return found;
}

/** What the program says that it prints: the comments behind `console.log(…);`, in the order of the text. */
export function promised(program: Program): string[] {
  return [...program.text.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text = ""]) => text);
}

/** Whether the program is a module of an application that a framework bundles, such as a route. */
export const isBundled = (program: Program): boolean => program.file.startsWith("app/");

/** Whether the program serves until it is ended. */
export const serves = (program: Program): boolean => /\blisten\(/.test(program.text);

/** A folder with an installation of the package, and beside it what the package's own tests have installed. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "redis-session-programs-"));

  constructor() {
    const modules = join(this.folder, "node_modules");
    mkdirSync(modules);
    const around = join(packageRoot, "node_modules");
    for (const name of readdirSync(around))
      if (!name.startsWith(".")) symlinkSync(join(around, name), join(modules, name));
    // `prepack` would build dist/ anew while other tests read it.
    const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", this.folder];
    const archive = execFileSync("npm", pack, { cwd: packageRoot, encoding: "utf8" }).trim();
    execFileSync("tar", ["-xzf", archive], { cwd: this.folder });
    execFileSync("mv", ["package", join(modules, "redis-session-client")], { cwd: this.folder });
    writeFileSync(join(this.folder, "package.json"), JSON.stringify({ type: "module" }));
  }

  /** Writes the programs, each page's in a folder of its own, with these ports in the place of those in the documents. */
  write(programs: readonly Program[], redisPort: number, webPort: (program: Program) => number): void {
    for (const program of programs) {
      const path = this.path(program);
      mkdirSync(dirname(path), { recursive: true });
      const text = program.text.replaceAll(new RegExp(`\\b${REDIS_PORT}\\b`, "g"), String(redisPort));
      writeFileSync(path, text.replaceAll(new RegExp(`\\b${WEB_PORT}\\b`, "g"), String(webPort(program))));
    }
  }

  path(program: Program): string {
    return join(this.folder, program.page, program.file);
  }

  /** Compiles the programs, under `strict`. Returns the compiler's complaints, one a line. */
  compile(programs: readonly Program[]): string[] {
    const bundled = programs.filter(isBundled);
    const plain = programs.filter((program) => !isBundled(program));
    const untyped = plain.filter(({ file }) => !file.endsWith(".ts"));
    const complaints = [
      ...this.compileAs(
        "typed",
        plain.filter((program) => !untyped.includes(program)),
        { module: "NodeNext" },
      ),
      // JavaScript cannot say which members a session has, nor the types of parameters.
      ...this.compileAs("untyped", untyped, { module: "NodeNext", noImplicitAny: false }, ANY_MEMBERS),
      ...this.compileAs("bundled", bundled, { module: "ESNext", moduleResolution: "Bundler" }),
    ];
    for (const program of bundled) {
      const path = this.compiled(program);
      if (!existsSync(path)) continue;
      // A bundler finds the file without its extension; Node does not.
      writeFileSync(path, readFileSync(path, "utf8").replaceAll(/(from "\.[^"]*)"/g, '$1.js"'));
    }
    return complaints;
  }

  private compileAs(name: string, programs: readonly Program[], resolution: object, types = ""): string[] {
    const compilerOptions = {
      ...{ target: "ES2022", strict: true, types: ["node"], skipLibCheck: true, jsx: "react-jsx", ...resolution },
      ...{ allowJs: true, checkJs: true, outDir: "compiled", rootDir: ".", esModuleInterop: true },
    };
    if (programs.length === 0) return [];
    const declarations = join(this.folder, `${name}.d.ts`);
    writeFileSync(declarations, types);
    const files = [declarations, ...programs.map((program) => this.path(program))];
    const config = join(this.folder, `tsconfig.${name}.json`);
    writeFileSync(config, JSON.stringify({ compilerOptions, files }));
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const done = spawnSync(process.execPath, [tsc, "-p", config], { cwd: this.folder, encoding: "utf8" });
    return done.status === 0 ? [] : done.stdout.trim().split("\n");
  }

  compiled(program: Program): string {
    return join(this.folder, "compiled", program.page, program.file.replace(/\.tsx?$/, ".js"));
  }

  /** Starts the compiled program. */
  start(program: Program): Run {
    return new Run([this.compiled(program)], join(this.folder, program.page));
  }

  /** Starts a server for the routes among the programs of a page for React Router. */
  startRoutes(page: string, port: number): Run {
    const script = join(packageRoot, "build/test/support/react-router-page.js");
    return new Run([script, join(this.folder, "compiled", page), String(port)], join(this.folder, page));
  }

  /** A folder for the cookies of one program's requests. */
  jars(): string {
    return mkdtempSync(join(this.folder, "jars-"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs a command of a page in the folder, with the port of its program. Returns the lines that it prints. */
export function shell(folder: string, command: string, webPort: number): string[] {
  const own = command.replaceAll(new RegExp(`\\b${WEB_PORT}\\b`, "g"), String(webPort));
  const printed = execFileSync("sh", ["-c", own], { cwd: folder, encoding: "utf8" });
  return printed === "" ? [] : printed.trimEnd().split("\n");
}

/** A program that runs in a process of its own. */
export class Run {
  private readonly child: ChildProcess;
  private readonly over: Promise<number | null>;
  printed = "";
  complaints = "";

  constructor(args: readonly string[], cwd: string) {
    this.child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.printed += text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.complaints += text));
    this.over = new Promise((done) => this.child.once("close", done));
  }

  /** Resolves when the program listens at the port; rejects if it has ended before. */
  async listens(port: number): Promise<void> {
    const ended = this.over.then((code) => {
      throw new Error(`the program ended with ${String(code)}:\n${this.complaints}`);
    });
    const asked = (async () => {
      for (let i = 0; i < 600; i++) {
        if (await accepts(port)) return;
        await sleep(100);
      }
      throw new Error(`nothing listens at port ${String(port)}:\n${this.complaints}`);
    })();
    await Promise.race([asked, ended]);
  }

  /** Waits until the program ends by itself; its exit status, or null if it had to be killed. */
  async end(milliseconds = 60_000): Promise<number | null> {
    const late = setTimeout(() => this.child.kill("SIGKILL"), milliseconds);
    const code = await this.over;
    clearTimeout(late);
    return code;
  }

  async stop(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.over;
  }
}

/** Whether something listens at the port. No request is sent, since that could make a session. */
async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "localhost");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
