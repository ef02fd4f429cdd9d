// The programs of the README and of docs/: they compile as printed, under `strict`, beside an installed package; they run;
// the requests that the pages show are answered as the pages say. And every link leads somewhere.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { documents, isBundled, Project, programsOf, promised, serves, shell } from "./support/programs.js";
import type { Exchange, Program, Run } from "./support/programs.js";
import { freePort, packageRoot, Server } from "./support/server.js";

/** Where the files of this package are on the web. */
const HERE = "https://github.com/redis-session/redis-session/blob/main/clients/node/";

const programs = documents().flatMap((path) => programsOf(path));
const ports = new Map<Program, number>();
let server: Server;
let project: Project;
let complaints: string[];

before(async () => {
  server = await Server.start();
  for (const program of programs) ports.set(program, await freePort());
  project = new Project();
  project.write(programs, server.port, portOf);
  complaints = project.compile(programs);
});

beforeEach(async () => {
  // The pages log the same users in.
  await server.ask("FLUSHALL");
});

after(async () => {
  await server.stop();
  project.remove();
});

test("every program compiles under strict, with the package installed", () => {
  assert.deepEqual(complaints, []);
});

for (const program of programs.filter((each) => !isBundled(each))) {
  const name = `${program.page}/${program.file}`;
  if (serves(program)) {
    test(`${name} serves, and answers as the page says`, async () => {
      await answersAsPrinted(project.start(program), portOf(program), program.requests);
    });
  } else {
    test(`${name} ends, and prints what it says`, async () => {
      const run = project.start(program);
      assert.equal(await run.end(), 0, run.complaints);
      const printed = run.printed.trimEnd();
      assert.deepEqual(printed === "" ? [] : printed.split("\n"), promised(program));
    });
  }
}

for (const page of new Set(programs.filter(isBundled).map((program) => program.page))) {
  test(`the routes of ${page} serve, and answer as the page says`, async () => {
    const port = await freePort();
    const requests = programs.filter((program) => program.page === page).flatMap((program) => program.requests);
    await answersAsPrinted(project.startRoutes(page, port), port, requests);
  });
}

async function answersAsPrinted(run: Run, port: number, requests: readonly Exchange[]): Promise<void> {
  try {
    assert.ok(requests.length > 0, "the page shows no requests for this program");
    await run.listens(port);
    const jars = project.jars();
    for (const { command, output } of requests) {
      assert.deepEqual(shell(jars, command, port), output, command + run.complaints);
    }
  } finally {
    await run.stop();
  }
}

for (const path of documents()) {
  test(`every link of ${path} leads somewhere`, () => {
    const text = readFileSync(join(packageRoot, path), "utf8");
    for (const [, address = "", chapter] of text.matchAll(/\]\(([^)#]*)(?:#([^)]+))?\)/g)) {
      if (address.startsWith("http") && !address.startsWith(HERE)) continue;
      // The registry shows the README, and only absolute links work there.
      if (path === "README.md") assert.ok(address.startsWith(HERE) || address === "", address);
      const near = address === "" ? path : join(path, "..", address);
      const linked = join(packageRoot, address.startsWith(HERE) ? address.replace(HERE, "") : near);
      assert.ok(existsSync(linked), address);
      if (chapter === undefined) continue;
      const titles = [...readFileSync(linked, "utf8").matchAll(/^#+ (.*)$/gm)];
      assert.ok(titles.map(([, title = ""]) => anchor(title)).includes(chapter), `${address}#${chapter}`);
    }
  });
}

function portOf(program: Program): number {
  const port = ports.get(program);
  assert.ok(port !== undefined);
  return port;
}

/** The fragment that leads to a heading, as hosts of repositories make it. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
