/** examples/notes without a browser: `make demo-node` as a program, and what every answer of it has in common. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { eventually } from "./support/browser.js";
import { asked, drivers, keysOf, serve, type Site } from "./support/notes.js";
import { modulePath, packageRoot, Server } from "./support/server.js";

const example = join(packageRoot, "examples", "notes");

/** Whether something listens there. */
async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ status }) => status === 200,
    () => false,
  );
}

for (const driver of drivers) {
  test(`the demo starts with ${driver}, says where it is, and ends with all that it started`, async () => {
    const child: ChildProcess = spawn(resolve(packageRoot, "../../.ci/demo-node.sh"), {
      env: { ...process.env, REDIS_SESSION_MODULE: modulePath(), DRIVER: driver, PORT: "0" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a process group of its own, to which Ctrl-C goes
    });
    let told = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (told += String(data)));
    const ended = new Promise<number | null>((done) => child.once("exit", done));
    try {
      await eventually("the demo is ready", () => {
        assert.equal(child.exitCode, null, told);
        return told.includes("http://localhost:");
      });
      const address = /http:\/\/localhost:\d+/.exec(told)?.[0] ?? "";
      const port = /redis-cli -p (\d+)/.exec(told)?.[1] ?? "";
      await eventually("the page", () => answers(address));
      process.kill(-(child.pid ?? 0), "SIGINT");
      assert.equal(await ended, 0, told);
      assert.ok(!(await answers(address)));
      assert.ok(!(await answers(`http://localhost:${port}`)));
      assert.doesNotMatch(told, /Error|^ +at /m);
    } finally {
      if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), "SIGTERM");
      await ended;
    }
  });
}

describe("every answer", () => {
  let server: Server;
  let site: Site;
  before(async () => {
    server = await Server.start();
  });
  after(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    site = await serve(server, "node-redis");
  });
  afterEach(async () => {
    await site.stop();
  });

  const post = async (
    path: string,
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    fetch(site.url + path, {
      method: "POST",
      body: new URLSearchParams(form),
      headers: { Origin: site.url, ...headers },
      redirect: "manual",
    });

  /** Logs Ada in and gives the cookie. */
  async function cookie(): Promise<string> {
    const answer = await post("/login", { user: "ada", password: "lovelace" });
    return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  }

  test("is kept out of caches and frames", async () => {
    const Cookie = await cookie();
    for (const path of ["/", "/login", "/devices", "/alive", "/nowhere"]) {
      const { headers } = await fetch(site.url + path, { headers: { Cookie } });
      assert.equal(headers.get("cache-control"), "no-store", path);
      assert.equal(headers.get("vary"), "Cookie", path);
      assert.match(headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/, path);
    }
  });

  test("to a form of another site is a refusal", async () => {
    const Cookie = await cookie();
    for (const path of ["/drafts", "/login", "/logout", "/devices/end-all"]) {
      const form = { title: "x", user: "ada", password: "lovelace" };
      assert.equal((await post(path, form, { Cookie, Origin: "https://evil.test" })).status, 403);
      assert.equal((await post(path, form, { Cookie, Origin: "null" })).status, 403);
      assert.equal((await post(path, form, { Cookie, "Sec-Fetch-Site": "cross-site" })).status, 403);
      assert.equal((await post(path, form, { Cookie, "Sec-Fetch-Site": "same-site" })).status, 403);
      const bare = await fetch(site.url + path, { method: "POST", headers: { Cookie }, redirect: "manual" });
      assert.equal(bare.status, 403, "neither Origin nor Sec-Fetch-Site");
    }
    assert.equal((await fetch(`${site.url}/alive`, { headers: { Cookie } })).status, 200);
  });

  test("to a login leads to a page of this site", async () => {
    const form = { user: "ada", password: "lovelace" };
    for (const next of ["https://evil.test/", "//evil.test", "/logout", "devices"]) {
      assert.equal((await post("/login", { ...form, next })).headers.get("location"), "/");
    }
    assert.equal((await post("/login", { ...form, next: "/devices" })).headers.get("location"), "/devices");
  });

  test("without anything to store makes no session", async () => {
    for (const path of ["/drafts/discard", "/drafts/save", "/stay"]) {
      const answer = await post(path, { id: "draft:0" });
      assert.deepEqual(answer.headers.getSetCookie(), [], path);
    }
    assert.equal((await post("/drafts/save", { id: "__proto__" })).status, 303);
    assert.equal((await post("/notebook/delete", { id: "draft:0" })).headers.get("location"), "/login?next=%2F");
  });

  test("behind a proxy that ends TLS has the cookie of this host alone", async () => {
    const own = await serve(server, "node-redis", { secure: true });
    const answer = await fetch(`${own.url}/drafts`, {
      method: "POST",
      body: new URLSearchParams({ title: "x" }),
      headers: { Origin: own.url, "X-Forwarded-Proto": "https" },
      redirect: "manual",
    });
    const [cookie = "", ...others] = answer.headers.getSetCookie();
    assert.match(cookie, /^__Host-notes=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    assert.deepEqual(others, []);
    await own.stop();
  });

  test("comes from a session whose form the server checks", async () => {
    const Cookie = await cookie();
    await post("/drafts", { title: "t".repeat(100), text: "x".repeat(2100) }, { Cookie });
    const [key = "", ...others] = await keysOf(server, site);
    assert.deepEqual(others, []);
    const change = async (member: string, value: unknown): Promise<unknown> =>
      asked(server, (client) => client.sendCommand(["SESSION.PATCH", key, JSON.stringify({ [member]: value })]));
    await assert.rejects(change("draft:00000000", "no note"), /INVALID/);
    await assert.rejects(change("other", 1), /INVALID/);
    assert.equal(typeof (await change("flash", "Hello")), "number");
    assert.match(await (await fetch(site.url, { headers: { Cookie } })).text(), /Hello/);
  });

  test("to a body beyond the limit is a refusal", async () => {
    assert.equal((await post("/drafts", { title: "x", text: "y".repeat(30_000) })).status, 413);
  });

  test("is drawn without a font for emoji", () => {
    const files = [example, join(example, "public")].flatMap((folder) =>
      readdirSync(folder).map((name) => join(folder, name)),
    );
    for (const path of files.filter((file) => statSync(file).isFile())) {
      // A plain Debian has no font with emoji, which begin at U+2600.
      assert.doesNotMatch(readFileSync(path, "utf8"), /[\u{2600}-\u{10ffff}]/u, path);
    }
  });
});
