// Koa sessions and their server: one that is away, old sessions of koa-redis, schemas, and data nobody expects.
import type { Client } from "redis-session-client";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { RedisSessionStore } from "redis-session-client/koa";
import { KoaApp, versions, type AppOptions } from "./support/koa.js";
import { Server } from "./support/server.js";

let server: Server;
let client: Redis;
let stores = 0;
before(async () => {
  server = await Server.start();
  client = new Redis(server.url);
});
after(async () => {
  client.disconnect();
  await server.stop();
});

function newStore(options: object = {}): RedisSessionStore {
  return new RedisSessionStore({ client, prefix: `s${String(++stores)}:`, ...options });
}

for (const name of ["ioredis", "node-redis"] as const) {
  test(`requests are 503 while the server is away, and go on when it is back (${name})`, async () => {
    const own = await Server.start();
    const io = name === "ioredis" ? new Redis(own.url, { retryStrategy: () => 50 }) : undefined;
    const node =
      name === "ioredis" ? undefined : createClient({ url: own.url, socket: { reconnectStrategy: () => 50 } });
    io?.on("error", () => undefined);
    node?.on("error", () => undefined);
    await node?.connect();
    const store = new RedisSessionStore({ client: (io ?? node) as Client, timeout: 300 });
    const app = await KoaApp.start({ store });
    let again: Server | undefined;
    try {
      const visitor = app.visitor();
      await visitor.post("/set", { n: 1 });
      await own.stop();
      assert.equal((await visitor.send("/")).status, 503);
      const newcomer = await app.visitor().send("/set", { method: "POST", body: '{"n":1}' });
      assert.equal(newcomer.status, 503);
      assert.deepEqual(newcomer.setCookies, []);
      assert.equal((await app.visitor().send("/")).status, 200, "a request without a session needs no server");
      again = await Server.start({ port: own.port });
      while ((await visitor.send("/")).status === 503) await new Promise((done) => setTimeout(done, 50));
      assert.deepEqual(await visitor.get(), {});
      await visitor.post("/set", { n: 2 });
      assert.deepEqual(await visitor.get(), { n: 2 });
    } finally {
      await app.stop();
      io?.disconnect();
      if (node?.isOpen === true) node.destroy();
      await again?.stop();
    }
  });
}

/** What koa-redis does for koa-session: the bare ID is the key. */
const koaRedis = {
  async get(sid: string): Promise<unknown> {
    const text = await client.get(sid);
    return text === null ? undefined : JSON.parse(text);
  },
  async set(sid: string, session: object, ttl: number | "session"): Promise<void> {
    const text = JSON.stringify(session);
    if (typeof ttl === "number") await client.set(sid, text, "EX", Math.ceil(ttl / 1000));
    else await client.set(sid, text);
  },
  async destroy(sid: string): Promise<void> {
    await client.del(sid);
  },
};

for (const version of versions.keys()) {
  for (const maxAge of [600_000, "session"] as const) {
    test(`${version}: legacy takes over the sessions of koa-redis with maxAge ${String(maxAge)}`, async () => {
      const options = { maxAge, prefix: `old${version}:` };
      const before = await KoaApp.start({ store: koaRedis as never, version, options: { ...options } });
      const visitors = [before.visitor(), before.visitor(), before.visitor()] as const;
      for (const [n, visitor] of visitors.entries()) await visitor.post("/set", { n, user: "ada" });
      await before.stop();

      const store = newStore({ legacy: { user: ({ user }: { user?: string }) => user } });
      const app = await KoaApp.start({ store, version, options: { ...options } });
      try {
        const moved = visitors.map((visitor) => {
          const same = app.visitor();
          for (const [name, value] of visitor.jar) same.jar.set(name, value);
          return same;
        });
        assert.deepEqual(await moved[0]?.get(), { n: 0, user: "ada" });
        const [, second = app.visitor()] = moved;
        const both = [second.copy().get(), second.copy().get(), second.post("/set", { more: 1 })];
        for (const data of await Promise.all(both)) assert.equal((data as { n: number }).n, 1);
        await moved[2]?.post("/destroy");
        assert.deepEqual(await moved[1]?.get(), { n: 1, user: "ada", more: 1 });
        const devices = await store.list("ada");
        assert.equal(devices.length, 2);
        for (const { ttl } of devices) {
          const most = maxAge === "session" ? 86_400_000 : 610_000;
          assert.ok(ttl !== null && ttl <= most && ttl > most - 60_000, String(ttl));
        }
        assert.deepEqual(await client.keys(`old${version}:*`), []);
      } finally {
        await app.stop();
      }
    });
  }
}

test("legacy with unsigned cookies reads no key that is not a session of koa-session", async () => {
  await client.set("config", '{"admin":true}');
  await client.set("plain", "text");
  await client.rpush("list", "x");
  const store = newStore({ legacy: true });
  const app = await KoaApp.start({ store, options: { signed: false } });
  try {
    for (const key of ["config", "plain", "list"]) {
      const visitor = app.visitor();
      visitor.jar.set("koa.sess", key);
      assert.deepEqual(await visitor.get(), {});
      assert.equal(await client.exists(key), 1);
    }
  } finally {
    await app.stop();
  }
});

test("a change that the schema refuses is an error without the data, and changes nothing", async () => {
  const definition = { properties: { n: { type: "integer" } } };
  const store = newStore({ schema: { name: "counter", definition } });
  const app = await KoaApp.start({ store });
  try {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    const answer = await visitor.send("/set", { method: "POST", body: '{"n":"secret"}' });
    assert.ok(answer.status >= 400, answer.text);
    assert.equal(answer.text.includes("secret"), false, answer.text);
    assert.deepEqual(await visitor.get(), { n: 1 });
  } finally {
    await app.stop();
  }
});

test("data that has no JSON is an error of the request, and keys of other types are no sessions", async () => {
  const store = newStore();
  const routes: AppOptions["routes"] = {
    "POST /circle": (ctx) => {
      Object.assign(ctx.session ?? {}, { self: ctx });
      Object.assign(ctx.session ?? {}, { big: 1n });
      return {};
    },
    "POST /values": (ctx) => {
      const values = { at: new Date(0), none: undefined, call: () => 1, half: "\ud800", big: "x".repeat(1e5) };
      Object.assign(ctx.session ?? {}, values);
      return {};
    },
    "GET /id": (ctx) => ({ id: (ctx.session as unknown as { externalKey: string }).externalKey }),
  };
  const app = await KoaApp.start({ store, routes });
  try {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    assert.equal((await visitor.send("/circle", { method: "POST" })).status, 500);
    assert.deepEqual(await visitor.get(), { n: 1 });
    await visitor.post("/values");
    const data = { n: 1, at: "1970-01-01T00:00:00.000Z", half: "\ufffd", big: "x".repeat(1e5) };
    assert.deepEqual(await visitor.get(), data);
    const { id } = (await visitor.get("/id")) as { id: string };
    for (const [type, ...command] of [
      ["string", "SET", "x"],
      ["list", "RPUSH", "x"],
    ] as const) {
      await client.call("DEL", store.keyOf(id));
      await client.call(command[0], store.keyOf(id), command[1]);
      assert.deepEqual(await visitor.copy().get(), {}, type);
    }
    await client.call("DEL", store.keyOf(id));
    await client.call("SESSION.SET", store.keyOf(id), "[1]", "NX");
    assert.deepEqual(await visitor.copy().get(), {}, "data that is no object");
  } finally {
    await app.stop();
  }
});

test("what cannot be a login says so where it is written", async () => {
  const store = newStore();
  const routes: AppOptions["routes"] = {
    "POST /wrong": async (ctx) => {
      await assert.rejects(store.login(ctx, ""), { name: "TypeError", message: /string that is not empty/ });
      await assert.rejects(store.login(ctx, 5 as never), { name: "TypeError" });
      await assert.rejects(store.login(ctx, "x".repeat(513)), { name: "TypeError", message: /bytes/ });
      await assert.rejects(store.login({} as never, "ada"), { name: "TypeError", message: /koa-session/ });
      return {};
    },
  };
  const app = await KoaApp.start({ store, routes });
  try {
    await app.visitor().post("/wrong");
  } finally {
    await app.stop();
  }
  assert.throws(() => new RedisSessionStore({ client, ttl: 5 } as never), /idleTimeout/);
  assert.throws(() => new RedisSessionStore({ client: {} as never }), TypeError);
});
