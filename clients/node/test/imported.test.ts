// Applications before and after `sessionctl import`: visitors of the old one are visitors of the new one.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { createClient } from "redis";
import { clusterDrivers, TestCluster } from "./support/cluster.js";
import { launched, patient } from "./support/browser.js";
import { nodeRedisClient, type Connected } from "./support/drivers.js";
import { documents } from "./support/programs.js";
import { frameworks, move, sessionctl, type Framework } from "./support/moving.js";
import { packageRoot, Server } from "./support/server.js";
import type { Running, Visitor } from "./support/visitor.js";

/** How far apart two looks at one moment may lie on a busy machine, in ms. */
const SLACK = 60_000;
const ADA = { user: "ada", cart: [1, 2] };

let server: Server;
/** A server without the module, as the old one may be. */
let old: Server;
let connected: Connected;
let apart: Connected;
before(async () => {
  [server, old] = await Promise.all([Server.start(), Server.start({ module: false })]);
  [connected, apart] = await Promise.all([nodeRedisClient("redis", server.url), nodeRedisClient("redis", old.url)]);
});
after(async () => {
  await connected.close();
  await apart.close();
  await Promise.all([server.stop(), old.stop()]);
});

let folder: string;
const running: Running[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "redis-session-moving-"));
  await asked(old, (send) => send("FLUSHALL"));
});
afterEach(async () => {
  for (const app of running.splice(0)) await app.stop();
  rmSync(folder, { recursive: true });
});

async function started(app: Promise<Running>): Promise<Running> {
  running.push(await app);
  return app;
}

type Send = (...args: string[]) => Promise<unknown>;

async function asked<T>(of: Server, ask: (send: Send) => Promise<T>): Promise<T> {
  const client = createClient({ url: of.url });
  await client.connect();
  try {
    return await ask((...args) => client.sendCommand(args));
  } finally {
    client.destroy();
  }
}

/** What the keys hold, as DUMP shows it, and when they end. */
function contents(of: Server): Promise<Map<string, { readonly dump: string; readonly end: number }>> {
  return asked(of, async (send) => {
    const found = new Map<string, { dump: string; end: number }>();
    for (const key of ((await send("KEYS", "*")) as string[]).sort()) {
      found.set(key, { dump: String(await send("DUMP", key)), end: Number(await send("PEXPIRETIME", key)) });
    }
    return found;
  });
}

let prefixes = 0;

for (const framework of frameworks) {
  describe(framework.name, () => {
    test("visitors stay logged in, and log out for good", async () => {
      const prefix = `imported${String(prefixes++)}:`;
      const job = { from: framework.from, source: old, target: server, prefix, folder };
      const first = await started(framework.before(old, apart.client));
      const [ada, guest, other] = [first.visitor(), first.visitor(), first.visitor()];
      for (const visitor of [ada, other]) await framework.set(visitor, ADA);
      await framework.set(guest, { cart: [7] });
      const there = await contents(old);
      assert.equal(there.size, 3);
      await move(job, "--user", "/user");

      const store = framework.store({ client: connected.client, prefix });
      const listed = await store.list("ada");
      assert.equal(listed.length, 2);
      const end = Number([...there.values()][0]?.end);
      for (const { handle } of listed) {
        const info = await store.sessions.info(`${prefix}${handle}`);
        assert.ok(info?.idle);
        assert.ok(Math.abs(info.accessed + info.idle - end) < SLACK, `${JSON.stringify(info)} ends at ${String(end)}`);
      }

      const second = await started(framework.after(store));
      const [moved, movedGuest, movedOther] = [ada, guest, other].map((visitor) => visitor.copy(second.url)) as [
        Visitor,
        Visitor,
        Visitor,
      ];
      const copy = moved.copy();
      assert.deepEqual(await framework.show(moved), ADA);
      assert.deepEqual(await framework.show(movedGuest), { cart: [7] });
      await framework.set(moved, { more: true });
      assert.deepEqual(await framework.show(moved), { ...ADA, more: true });
      await framework.login(movedGuest, "grace");
      assert.deepEqual(await framework.show(movedGuest), { cart: [7], in: true });
      assert.deepEqual(await framework.show(guest.copy(second.url)), {});
      await framework.destroy(moved);
      assert.equal(await store.revoke("ada"), 1);

      await move(job, "--user", "/user");
      for (const visitor of [copy, movedOther]) assert.deepEqual(await framework.show(visitor), {});
      assert.deepEqual(await contents(old), there);
      assert.deepEqual(await framework.show(other), ADA);
    });

    test("with the option legacy each session moves once, and a logout ends both", async () => {
      const prefix = `imported${String(prefixes++)}:`;
      await asked(server, (send) => send("FLUSHALL"));
      const job = { from: framework.from, source: server, target: server, prefix, folder };
      const first = await started(framework.before(server, connected.client));
      const [ada, guest, late] = [first.visitor(), first.visitor(), first.visitor()];
      await framework.set(ada, ADA);
      await framework.set(guest, { cart: [7] });
      await move(job, "--user", "/user");
      await framework.set(late, { cart: [8] });

      const store = framework.store({ client: connected.client, prefix, legacy: true });
      const [before] = await store.list("ada");
      const second = await started(framework.after(store));
      const [moved, movedGuest, movedLate] = [ada, guest, late].map((visitor) => visitor.copy(second.url)) as [
        Visitor,
        Visitor,
        Visitor,
      ];
      assert.deepEqual(await framework.show(moved), ADA);
      assert.deepEqual(await framework.show(movedLate), { cart: [8] });
      const [after] = await store.list("ada");
      assert.deepEqual([after?.handle, after?.created], [before?.handle, before?.created]);
      await framework.login(movedGuest, "grace");
      for (const visitor of [moved, movedGuest, movedLate]) await framework.destroy(visitor);
      assert.deepEqual([...(await contents(server)).keys()], []);
      for (const visitor of [ada, guest, late]) assert.deepEqual(await framework.show(visitor.copy(second.url)), {});
    });
  });
}

test("in a cluster the cookie stays valid, although it has no tag", async () => {
  const cluster = await TestCluster.start();
  try {
    for (const framework of frameworks) {
      await asked(old, (send) => send("FLUSHALL"));
      const prefix = `imported${String(prefixes++)}:`;
      const first = await started(framework.before(old, apart.client));
      const visitors = Array.from({ length: 5 }, () => first.visitor());
      for (const [n, visitor] of visitors.entries()) await framework.set(visitor, { user: "ada", n });
      const target = cluster.primary(0).server;
      await move({ from: framework.from, source: old, target, prefix, folder }, "--user", "/user");
      const driver = clusterDrivers[0];
      assert.ok(driver !== undefined);
      const client = await driver.connect(cluster);
      const store = framework.store({ client: client.client, prefix });
      const second = await framework.after(store);
      try {
        for (const [n, visitor] of visitors.entries()) {
          const moved = visitor.copy(second.url);
          assert.deepEqual(await framework.show(moved), { user: "ada", n });
          await framework.login(moved, "ada");
          assert.deepEqual(await framework.show(moved), { user: "ada", n, in: true });
          assert.deepEqual(await framework.show(visitor.copy(second.url)), {});
        }
        assert.equal(await store.revoke("ada"), visitors.length);
      } finally {
        await second.stop();
        await client.close();
      }
    }
  } finally {
    await cluster.stop();
  }
});

test("a browser that is open stays logged in", async () => {
  const [express] = frameworks as readonly [Framework, ...Framework[]];
  const prefix = `imported${String(prefixes++)}:`;
  const chromium = await launched();
  try {
    const context = patient(await chromium.newContext());
    const page = await context.newPage();
    const first = await express.before(old, apart.client);
    await page.goto(`${first.url}/set?members=${encodeURIComponent(JSON.stringify(ADA))}`);
    await first.stop();
    await move({ from: express.from, source: old, target: server, prefix, folder }, "--user", "/user");
    // Chromium keeps the cookies of a host for all of its ports.
    const second = await started(express.after(express.store({ client: connected.client, prefix })));
    assert.deepEqual(await (await page.goto(`${second.url}/`))?.json(), ADA);
    await page.goto(`${second.url}/destroy`);
    assert.deepEqual(await (await page.goto(`${second.url}/`))?.json(), {});
  } finally {
    await chromium.close();
  }
});

test("every move in the documents is one that the program knows", async () => {
  const commands = documents().flatMap((path) => [
    ...readFileSync(join(packageRoot, path), "utf8").matchAll(/^ *sessionctl (import .*)$/gm),
  ]);
  const stores = new Set<string | undefined>();
  for (const [, command = ""] of commands) {
    const words = command.split(" ");
    const put = (option: string, value: string): void => {
      assert.ok(words.includes(option), command);
      words[words.indexOf(option) + 1] = value;
    };
    stores.add(words[words.indexOf("--from") + 1]);
    put("--source", old.url);
    put("--url", server.url);
    await sessionctl(words, folder);
  }
  assert.deepEqual([...stores].sort(), frameworks.map(({ from }) => from).sort());
});
