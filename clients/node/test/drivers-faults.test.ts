// Servers that freeze, are down, restart, load, or refuse writes: commands end in time, and nothing is sent late.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as redis from "redis";
import { Sessions, UnavailableError, type Client } from "redis-session-client";
import { drivers, ioredisClasses, type IoredisModule } from "./support/drivers.js";
import { freePort, packageRoot, Server } from "./support/server.js";

/** Repeats a call until it succeeds. */
async function eventually<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === 400) throw error;
      await sleep(50);
    }
  }
}

for (const driver of drivers) {
  test(`${driver.name}: a frozen server is a time-out, and serves again afterwards`, async (t) => {
    const server = await Server.start();
    t.after(() => server.stop());
    const { client, close } = await driver.connect(server.url);
    t.after(close);
    const sessions = new Sessions(client, { timeout: 200 });
    await sessions.createAs("k", { n: 1 });
    server.process.kill("SIGSTOP");
    const began = performance.now();
    const calls = await Promise.allSettled([sessions.get("k"), sessions.patch("k", { n: 2 }), sessions.list("ada")]);
    assert.ok(performance.now() - began >= 195);
    for (const call of calls) {
      assert.equal(call.status, "rejected");
      assert.ok(call.reason instanceof UnavailableError);
      assert.equal(call.reason.reason, "TIMEOUT");
      assert.equal(call.reason.message, "no answer from the server within 200 ms");
    }
    server.process.kill("SIGCONT");
    await eventually(() => sessions.get("k"));
  });

  test(`${driver.name}: the longest time-out of several is its own`, async (t) => {
    const server = await Server.start();
    t.after(() => server.stop());
    const { client, close } = await driver.connect(server.url);
    t.after(close);
    server.process.kill("SIGSTOP");
    const order: string[] = [];
    const call = (name: string, timeout: number): Promise<void> =>
      new Sessions(client, { timeout }).get("k").then(
        () => void order.push(`${name} answered`),
        () => void order.push(name),
      );
    const without = call("none", 0);
    const late = call("late", 10_000);
    await Promise.all([call("second", 300), call("first", 100)]);
    server.process.kill("SIGCONT");
    await Promise.all([without, late]);
    assert.deepEqual(order.slice(0, 2), ["first", "second"]);
    assert.deepEqual(order.slice(2).sort(), ["late answered", "none answered"]);
  });

  test(`${driver.name}: a server that was restarted is found again`, async (t) => {
    const server = await Server.start();
    const { client, close } = await driver.connect(server.url);
    t.after(close);
    const sessions = new Sessions(client, { timeout: 1000 });
    await sessions.createAs("k", {});
    await server.stop();
    await assert.rejects(sessions.get("k"), UnavailableError);
    const again = await Server.start({ port: server.port });
    t.after(() => again.stop());
    assert.equal(await eventually(() => sessions.get("k")), null);
    assert.equal(await sessions.createAs("k", {}), true);
  });
}

interface Offline {
  readonly name: string;
  /** A client of a server that is down, told to go on trying. */
  readonly start: (url: string) => { client: Client; close: () => void };
}

const offline: Offline[] = [
  {
    name: "redis",
    start: (url) => {
      const client = redis.createClient({ url, socket: { reconnectStrategy: 30 } });
      client.on("error", () => undefined);
      client.connect().catch(() => undefined);
      return {
        client,
        close: () => {
          client.destroy();
        },
      };
    },
  },
  ...(["ioredis", "ioredis-5", "iovalkey"] as IoredisModule[]).map((name) => ({
    name,
    start: (url: string) => {
      const client = new (ioredisClasses(name).Redis)(url, { retryStrategy: () => 30, maxRetriesPerRequest: null });
      client.on("error", () => undefined);
      return {
        client,
        close: () => {
          client.disconnect();
        },
      };
    },
  })),
];

for (const { name, start } of offline) {
  test(`${name}: a command for a server that is down fails in time, and is not sent when it comes up`, async (t) => {
    const port = await freePort();
    const { client, close } = start(`redis://127.0.0.1:${String(port)}`);
    t.after(close);
    const sessions = new Sessions(client, { timeout: 150 });
    await assert.rejects(sessions.createAs("late", {}), { code: "UNAVAILABLE", reason: "TIMEOUT" });
    const server = await Server.start({ port });
    t.after(() => server.stop());
    assert.equal(await eventually(() => sessions.createAs("k", {})), true);
    assert.equal(await server.ask("EXISTS late"), ":0");
  });

  test(`${name}: a command that waits is sent when the server comes up in time`, async (t) => {
    const port = await freePort();
    const { client, close } = start(`redis://127.0.0.1:${String(port)}`);
    t.after(close);
    const waiting = new Sessions(client, { timeout: 60_000 }).createAs("k", {});
    const server = await Server.start({ port });
    t.after(() => server.stop());
    assert.equal(await waiting, true);
  });
}

test("redis: without an offline queue a command fails at once", async (t) => {
  const url = `redis://127.0.0.1:${String(await freePort())}`;
  const client = redis.createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 30 } });
  client.on("error", () => undefined);
  client.connect().catch(() => undefined);
  t.after(() => {
    client.destroy();
  });
  const call = new Sessions(client, { timeout: 0 }).get("k");
  await assert.rejects(call, { name: "UnavailableError", reason: "CONNECTION" });
});

test("replies of a server that cannot serve now are UnavailableError with the reason", async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  for (const driver of drivers) {
    const { client, close } = await driver.connect(server.url);
    t.after(close);
    const sessions = new Sessions(client);
    await sessions.createAs("k", {});
    // A replica of a server that does not exist: it refuses writes, and reads too with this setting.
    await server.ask("REPLICAOF 127.0.0.1 1");
    await assert.rejects(sessions.patch("k", { n: 1 }), { name: "UnavailableError", status: 503, reason: "READONLY" });
    await server.ask("CONFIG SET replica-serve-stale-data no");
    await assert.rejects(sessions.get("k"), { code: "UNAVAILABLE", reason: "MASTERDOWN" });
    await server.ask("CONFIG SET replica-serve-stale-data yes");
    await server.ask("REPLICAOF NO ONE");
    await eventually(() => sessions.patch("k", { n: 1 }));
    await server.ask("CONFIG SET maxmemory 1");
    await assert.rejects(sessions.patch("k", { n: 2 }), { name: "SessionError", code: "OOM", status: 503 });
    await server.ask("CONFIG SET maxmemory 0");
    await close();
  }
});

const PROGRAM = `
import { createClient } from "redis";
import { Sessions } from "redis-session-client";
const client = await createClient({ url: process.argv[1] }).connect();
await new Sessions(client, { timeout: 300_000 }).get("k");
await client.close();
`;

test("a process with nothing else to do ends, although a time-out was set", async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  const args = ["--input-type=module", "--eval", PROGRAM, server.url];
  const ended = spawnSync(process.execPath, args, { cwd: packageRoot, timeout: 120_000, encoding: "utf8" });
  assert.deepEqual([ended.status, ended.stderr], [0, ""]);
});
