// The commands in a cluster of three primaries: hash tags, the right node at once, and all primaries where no key decides.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { keyOfToken, Sessions } from "redis-session-client";
import { clusterDrivers, TestCluster } from "./support/cluster.js";
import type { Connected } from "./support/drivers.js";

let cluster: TestCluster;
before(async () => {
  cluster = await TestCluster.start();
});
after(async () => {
  await cluster.stop();
});

/** How many commands the nodes have redirected. */
async function redirections(): Promise<number> {
  let count = 0;
  for (const node of cluster.nodes) {
    const stats = String(await node.call("INFO", "errorstats"));
    for (const [, found] of stats.matchAll(/errorstat_(?:MOVED|ASK):count=(\d+)/g)) count += Number(found);
  }
  return count;
}

for (const driver of clusterDrivers) {
  describe(driver.name, () => {
    let connected: Connected;
    let sessions: Sessions;
    const user = `user of ${driver.name}`;
    before(async () => {
      connected = await driver.connect(cluster);
      sessions = new Sessions(connected.client);
      for (const primary of cluster.primaries) await primary.call("FLUSHALL");
    });
    after(async () => {
      await connected.close();
    });

    test("a pattern without a hash tag gets a random one", async () => {
      assert.equal(sessions.cluster, true);
      const tags = new Set<string>();
      for (let n = 0; n < 20; n++) {
        const { key, token } = await sessions.create("session:*", { n });
        const [, prefix = "", tag = ""] = /^(session:\{([0-9a-f]{4})\}:)t[0-9a-f]{32}$/.exec(key) ?? [];
        assert.equal(keyOfToken(prefix, token), key);
        tags.add(tag);
        assert.deepEqual((await sessions.get(key))?.data, { n });
      }
      assert.ok(tags.size > 10);
      const own = await sessions.create("session:{ada}:*", {});
      assert.match(own.key, /^session:\{ada\}:t/);
    });

    test("a rotation stays in the slot of the key", async () => {
      const old = await sessions.create("session:*", { n: 1 });
      const made = await sessions.rotate(old.key, "session:*", { user });
      assert.equal(made.key.slice(0, 15), old.key.slice(0, 15));
      assert.equal(await sessions.get(old.key), null);
      const own = `${made.key.slice(0, 15)}own`;
      assert.equal(await sessions.rotateAs(made.key, own), true);
      await assert.rejects(sessions.rotateAs(own, "session:{elsewhere}"), { code: "CROSSSLOT" });
      assert.equal(await sessions.del(own), 1);
    });

    test("every command with a key reaches its node without a redirection", async () => {
      const count = await redirections();
      for (let n = 0; n < 60; n++) {
        const key = `direct:{${String(n)}}`;
        assert.equal(await sessions.createAs(key, { n, code: 1 }), true);
        assert.equal(await sessions.touch(key), true);
        assert.equal(await sessions.patch(key, { m: 1 }), 2);
        assert.deepEqual({ ...(await sessions.pop(key, "/code")) }, { "/code": 1 });
        assert.equal((await sessions.get(key, { withInfo: true }))?.info.version, 3);
        assert.equal((await sessions.verify(key))?.text, `{"n":${String(n)},"m":1}`);
        assert.equal((await sessions.info(key))?.version, 3);
        await sessions.set(key, {});
        assert.equal(await sessions.rotateAs(key, `${key}:new`), true);
        assert.equal(await sessions.del(`${key}:new`), 1);
      }
      assert.equal(await redirections(), count);
    });

    test("list and revoke cover all primaries", async () => {
      await sessions.revoke(user);
      const keys: string[] = [];
      for (let n = 0; n < 24; n++) {
        keys.push((await sessions.create(`s:{${String(n)}}:*`, { n }, { user })).key);
      }
      assert.equal(new Set(keys.map((key) => cluster.primaryOf(key))).size, 3);
      for (const key of keys.filter((_, n) => n % 3 === 0)) await sessions.touch(key);
      const listed = await sessions.list(user, { paths: ["/n"] });
      assert.deepEqual(listed.map(({ key }) => key).sort(), [...keys].sort());
      assert.deepEqual(
        listed.map(({ values }) => values["/n"] as number).sort((a, b) => a - b),
        keys.map((_, n) => n),
      );
      const order = listed.map(({ key, info }) => [-info.accessed, -info.created, key] as const);
      const sorted = [...order].sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1));
      assert.deepEqual(order, sorted);
      const first = await sessions.list(user, { limit: 5, fields: ["version"] });
      assert.deepEqual(
        first.map(({ key }) => key),
        listed.slice(0, 5).map(({ key }) => key),
      );
      const [one = "", two = "", three = "", four = ""] = keys;
      assert.equal(await sessions.revoke(user, { only: [one, two, three] }), 3);
      assert.equal(await sessions.revoke(user, { limit: 1 }), 3);
      assert.equal(await sessions.revoke(user, { except: four }), 17 + Number((await sessions.get(four)) === null));
      const left = await sessions.list(user);
      assert.equal(await sessions.revoke(user), left.length);
      assert.deepEqual(await sessions.list(user), []);
    });

    test("schemas are set and removed on all primaries", async () => {
      const name = `schema of ${driver.name}`;
      await sessions.schema.set(name, { type: "object" });
      for (const primary of cluster.primaries) {
        assert.equal(await primary.call("SESSION.SCHEMA", "GET", name), '{"type":"object"}');
      }
      assert.ok((await sessions.schema.list()).some((entry) => entry.name === name));
      assert.equal(await sessions.schema.get(name), '{"type":"object"}');
      await sessions.schema.check(name, {});
      await assert.rejects(sessions.schema.check(name, 1), { code: "INVALID" });
      await assert.rejects(sessions.schema.set(name, true, { nx: true }), { code: "CONFLICT" });
      await cluster.primaries[1]?.call("SESSION.SCHEMA", "DEL", name);
      assert.ok((await sessions.schema.list()).every((entry) => entry.name !== name));
      assert.equal(await sessions.schema.del(name), 1);
    });

    test("scan finds the sessions of all primaries", async () => {
      for (let n = 0; n < 30; n++) await sessions.createAs(`scan:{${String(n)}}`, {});
      const found = new Set<string>();
      for await (const keys of sessions.driver.scan("scan:*")) for (const key of keys) found.add(key);
      assert.equal(found.size, 30);
    });

    test("the first command may be one for all primaries", async () => {
      const { client, close } = await driver.connect(cluster);
      assert.deepEqual(await new Sessions(client).list("nobody"), []);
      await close();
    });

    test("a frozen node is a time-out, and the others go on", async (t) => {
      const [frozen, other] = cluster.primaries;
      assert.ok(frozen !== undefined && other !== undefined);
      const impatient = new Sessions(connected.client, { timeout: 300 });
      const [there, here] = [`{${cluster.tagOn(frozen)}}`, `{${cluster.tagOn(other)}}`];
      await sessions.createAs(there, {});
      await sessions.createAs(here, {});
      t.after(() => frozen.server.process.kill("SIGCONT"));
      frozen.server.process.kill("SIGSTOP");
      await assert.rejects(impatient.get(there), { code: "UNAVAILABLE", reason: "TIMEOUT" });
      assert.notEqual(await impatient.get(here), null);
      await assert.rejects(impatient.list("nobody"), { code: "UNAVAILABLE" });
      await assert.rejects(impatient.revoke("nobody"), { code: "UNAVAILABLE" });
    });
  });
}

const SETTINGS: readonly [string, object][] = [
  ["automatic pipelines", { enableAutoPipelining: true }],
  ["reads from replicas", { scaleReads: "slave", useReplicas: true }],
  ["a key prefix", { keyPrefix: "shop:" }],
  ["connections that begin at the first command", { lazyConnect: true, minimizeConnections: true }],
];
for (const driver of clusterDrivers) {
  test(`${driver.name}: settings of the client do not matter`, async (t) => {
    for (const [what, options] of SETTINGS) {
      const { client, close } = await driver.connect(cluster, options);
      t.after(close);
      const sessions = new Sessions(client);
      const user = `user ${what} ${driver.name}`;
      const keys = await Promise.all(
        Array.from({ length: 30 }, async (_, n) => (await sessions.create("session:*", { n }, { user })).key),
      );
      const count = await redirections();
      const found = await Promise.all(keys.map((key) => sessions.get(key)));
      assert.deepEqual(
        found.map((session) => session?.data),
        keys.map((_, n) => ({ n })),
        what,
      );
      assert.equal(await redirections(), count, what);
      assert.equal((await sessions.list(user)).length, 30, what);
      assert.equal(await sessions.revoke(user), 30, what);
    }
  });
}

test("the count of redirections would show a command that went to the wrong node", async (t) => {
  const driver = clusterDrivers.find(({ name }) => name.startsWith("ioredis"));
  assert.ok(driver !== undefined);
  const { client, close } = await driver.connect(cluster);
  t.after(close);
  const count = await redirections();
  const raw = client as unknown as { call(...args: string[]): Promise<unknown> };
  for (let n = 0; n < 20; n++) await raw.call("SESSION.INFO", `plain:{${String(n)}}`);
  assert.ok((await redirections()) > count);
});

test("a user who may not ask for the nodes is told so at once", async (t) => {
  const names = ["redis RESP3", "ioredis RESP3"];
  for (const node of cluster.nodes) {
    await node.call("ACL", "SETUSER", "limited", "on", ">pw", "~*", "+@all", "-cluster|nodes");
  }
  for (const driver of clusterDrivers.filter(({ name }) => names.includes(name))) {
    const login = { username: "limited", password: "pw" };
    const { client, close } = await driver.connect(cluster, { defaults: login, redisOptions: login });
    t.after(close);
    const sessions = new Sessions(client, { timeout: 60_000 });
    assert.equal(await sessions.createAs(`limited:${driver.name}`, {}), true);
    await assert.rejects(sessions.list("ada"), { code: "NOPERM", status: 500 });
    await assert.rejects(sessions.revoke("ada"), { code: "NOPERM" });
  }
});
