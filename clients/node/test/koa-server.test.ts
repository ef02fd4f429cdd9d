// Koa sessions and their server: one that is away, old sessions of koa-redis, schemas, and data nobody expects.
import type { Client } from "redis-session-client";
import assert from "node:assert/strict";
import { test } from "node:test";
import { RedisSessionStore } from "redis-session-client/koa";
import { KoaApp, versions, type AppOptions } from "./support/koa.js";
import { moved, outage, refusedBySchema, strangeKeys } from "./support/journeys.js";
import { SharedServer } from "./support/shared.js";
import type { Running } from "./support/visitor.js";

const shared = new SharedServer();

function newStore(options: object = {}): RedisSessionStore {
  return new RedisSessionStore(shared.storeOptions(options));
}

for (const name of ["ioredis", "node-redis"] as const) {
  test(`requests are 503 while the server is away, and go on when it is back (${name})`, async () => {
    const refused = async (app: Running): Promise<void> => {
      assert.equal((await app.visitor().send("/")).status, 200, "a request without a session needs no server");
    };
    const start = (client: Client): Promise<Running> =>
      KoaApp.start({ store: new RedisSessionStore({ client, timeout: 300 }) });
    await outage(name, start, refused);
  });
}

/** What koa-redis does for koa-session: the bare ID is the key. */
const koaRedis = {
  async get(sid: string): Promise<unknown> {
    const text = await shared.client.get(sid);
    return text === null ? undefined : JSON.parse(text);
  },
  async set(sid: string, session: object, ttl: number | "session"): Promise<void> {
    const text = JSON.stringify(session);
    if (typeof ttl === "number") await shared.client.set(sid, text, "EX", Math.ceil(ttl / 1000));
    else await shared.client.set(sid, text);
  },
  async destroy(sid: string): Promise<void> {
    await shared.client.del(sid);
  },
};

for (const version of versions.keys()) {
  for (const maxAge of [600_000, "session"] as const) {
    test(`${version}: legacy takes over the sessions of koa-redis with maxAge ${String(maxAge)}`, async () => {
      const options = { maxAge, prefix: `old${version}:` };
      const before = await KoaApp.start({ store: koaRedis as never, version, options: { ...options } });
      const store = newStore({ legacy: { user: ({ user }: { user?: string }) => user } });
      const start = (): Promise<KoaApp> => KoaApp.start({ store, version, options: { ...options } });
      await moved(before, start, async () => {
        const devices = await store.list("ada");
        assert.equal(devices.length, 2);
        for (const { ttl } of devices) {
          const most = maxAge === "session" ? 86_400_000 : 610_000;
          assert.ok(ttl !== null && ttl <= most && ttl > most - 60_000, String(ttl));
        }
        assert.deepEqual(await shared.client.keys(`old${version}:*`), []);
      });
    });
  }
}

test("legacy with unsigned cookies reads no key that is not a session of koa-session", async () => {
  await shared.client.set("config", '{"admin":true}');
  await shared.client.set("plain", "text");
  await shared.client.rpush("list", "x");
  const store = newStore({ legacy: true });
  const app = await KoaApp.start({ store, options: { signed: false } });
  try {
    for (const key of ["config", "plain", "list"]) {
      const visitor = app.visitor();
      visitor.jar.set("koa.sess", key);
      assert.deepEqual(await visitor.get(), {});
      assert.equal(await shared.client.exists(key), 1);
    }
  } finally {
    await app.stop();
  }
});

test("a change that the schema refuses is an error without the data, and changes nothing", async () => {
  const definition = { properties: { n: { type: "integer" } } };
  const store = newStore({ schema: { name: "counter", definition } });
  await KoaApp.run({ store }, refusedBySchema);
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
    await strangeKeys(shared.client, visitor, store.keyOf(id));
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
  assert.throws(() => new RedisSessionStore({ client: shared.client, ttl: 5 } as never), /idleTimeout/);
  assert.throws(() => new RedisSessionStore({ client: {} as never }), TypeError);
});
