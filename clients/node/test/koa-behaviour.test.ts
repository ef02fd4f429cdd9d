// What koa-session promises of a session in an external store, with each of its versions, and what each request costs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RedisSessionStore, type StoreCall } from "redis-session-client/koa";
import { calls } from "./support/calls.js";
import { KoaApp, versions, type AppOptions, type Context } from "./support/koa.js";
import { SharedServer } from "./support/shared.js";

const shared = new SharedServer();

function newStore(options: object = {}): RedisSessionStore {
  return new RedisSessionStore(shared.storeOptions(options));
}

/** The key of the store's only session. */
async function onlyKey(store: RedisSessionStore): Promise<string> {
  const handles = await store.ids();
  assert.equal(handles.length, 1);
  return `${shared.prefix}${handles[0] ?? ""}`;
}

for (const version of versions.keys()) {
  test(`${version}: a visitor who stores nothing costs nothing, a reader one GET, a writer one PATCH more`, async () => {
    const store = newStore();
    await KoaApp.run({ store, version }, async (app) => {
      const visitor = app.visitor();
      assert.deepEqual(await calls(shared.url, () => visitor.get()), {});
      assert.equal(visitor.jar.size, 0);
      assert.deepEqual(await calls(shared.url, () => visitor.post("/set", { n: 1 })), { "session.set": 1 });
      assert.deepEqual(await calls(shared.url, () => visitor.get()), { "session.get": 1 });
      assert.equal((await visitor.send("/")).setCookies.length, 0);
      assert.deepEqual(await calls(shared.url, () => visitor.post("/set", { n: 2 })), {
        "session.get": 1,
        "session.patch": 1,
      });
      assert.deepEqual(await calls(shared.url, () => visitor.post("/destroy")), { "session.get": 1, "session.del": 1 });
    });
  });

  test(`${version}: the session lives for maxAge and 10 seconds after its last write, to the millisecond`, async () => {
    const store = newStore();
    await KoaApp.run({ store, version, options: { maxAge: 54_321 } }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { n: 1 });
      const before = await store.sessions.info(await onlyKey(store));
      assert.equal(before?.idle, 64_321);
      await sleep(30);
      await visitor.get();
      assert.equal((await store.sessions.info(await onlyKey(store)))?.accessed, before.accessed);
    });
  });

  test(`${version}: a session whose cookie has ended is expired, though the server still has it`, async () => {
    const store = newStore();
    await KoaApp.run({ store, version, options: { maxAge: 300 } }, async (app) => {
      const expired = new Promise((done) => app.app.once("session:expired", done));
      const visitor = app.visitor();
      visitor.keepsExpired = true;
      await visitor.post("/set", { n: 1 });
      await sleep(500);
      assert.deepEqual(await visitor.get(), {});
      await expired;
    });
  });

  test(`${version}: rolling sends the cookie with each response, and extends the session by one TOUCH`, async () => {
    const store = newStore();
    await KoaApp.run({ store, version, options: { rolling: true } }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { n: 1 });
      assert.deepEqual(await calls(shared.url, () => visitor.get()), { "session.get": 1, "session.touch": 1 });
      const { setCookies } = await visitor.send("/");
      assert.ok(setCookies.length >= 1);
    });
  });

  test(`${version}: renew extends a session in the second half of its life`, async () => {
    const store = newStore();
    await KoaApp.run({ store, version, options: { renew: true, maxAge: 3000 } }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { n: 1 });
      const key = await onlyKey(store);
      assert.equal((await visitor.send("/")).setCookies.length, 0);
      // As if most of its life had passed: koa-session knows it by the time that the server says is left.
      await shared.client.call("PEXPIRE", key, "10800");
      assert.ok((await visitor.send("/")).setCookies.length >= 1);
      assert.ok(((await store.sessions.info(key))?.ttl ?? 0) > 11_000);
    });
  });

  test(`${version}: a change of maxAge in the session is kept, and "session" lives for idleTimeout`, async () => {
    const store = newStore({ idleTimeout: 7000 });
    const routes: AppOptions["routes"] = {
      "POST /age": (ctx, body) => {
        if (ctx.session !== null) ctx.session.maxAge = (body as { age: number | "session" }).age;
      },
    };
    await KoaApp.run({ store, version, routes }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { n: 1 });
      const key = await onlyKey(store);
      await visitor.post("/age", { age: 5000 });
      assert.equal((await store.sessions.info(key))?.idle, 15_000);
      await visitor.post("/set", { n: 2 });
      assert.equal((await store.sessions.info(key))?.idle, 15_000);
      const answer = await visitor.send("/age", { method: "POST", body: '{"age":"session"}' });
      assert.equal(/expires/i.test(answer.setCookies[0] ?? ""), false);
      assert.equal((await store.sessions.info(key))?.idle, 7000);
      await visitor.post("/set", { n: 3 });
      assert.equal((await store.sessions.info(key))?.idle, 7000);
      assert.deepEqual(await visitor.get(), { n: 3 });
    });
  });

  test(`${version}: absoluteTimeout ends a session in any case`, async () => {
    const store = newStore({ absoluteTimeout: 60_000 });
    await KoaApp.run({ store, version }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { n: 1 });
      await visitor.post("/set", { n: 2 });
      const info = await store.sessions.info(await onlyKey(store));
      assert.equal((info?.deadline ?? 0) - (info?.created ?? 0), 60_000);
    });
  });

  test(`${version}: autoCommit false writes with manuallyCommit only`, async () => {
    const store = newStore();
    await KoaApp.run({ store, version, options: { autoCommit: false }, routes: setAndCommit }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { n: 1 });
      assert.equal(visitor.jar.size, 0);
      await visitor.post("/setAndCommit", { n: 2 });
      assert.deepEqual(await visitor.get(), { n: 2 });
    });
  });

  test(`${version}: a save that the application does not wait for does no harm`, async () => {
    const store = newStore();
    const routes: AppOptions["routes"] = {
      "POST /hasty": (ctx, body) => {
        Object.assign(ctx.session ?? {}, body);
        void ctx.session?.save();
        Object.assign(ctx.session ?? {}, { more: 1 });
      },
    };
    await KoaApp.run({ store, version, routes }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/hasty", { n: 1 });
      assert.deepEqual(await visitor.get(), { n: 1, more: 1 });
      await visitor.post("/hasty", { n: 2, more: 0 });
      assert.deepEqual(await visitor.get(), { n: 2, more: 1 });
    });
  });

  test(`${version}: an external key of the application's own is used as the ID`, async () => {
    const store = newStore();
    const externalKey = {
      get: (ctx: Context) => ctx.get("x-session"),
      set: (ctx: Context, value: string) => {
        ctx.set("x-session", value);
      },
    };
    await KoaApp.run({ store, version, options: { externalKey } }, async (app) => {
      const send = (id: string, body?: string) =>
        app.visitor().send(body === undefined ? "/" : "/set", {
          method: body === undefined ? "GET" : "POST",
          headers: { "x-session": id },
          ...(body === undefined ? {} : { body }),
        });
      const id = (await send("", '{"n":1}')).headers.get("x-session") ?? "";
      assert.equal((await send(id)).text, '{"n":1}');
      const made = await send("made-up", '{"n":2}');
      assert.notEqual(made.headers.get("x-session"), "made-up");
      assert.equal(await store.sessions.info(store.keyOf("made-up")), null);
    });
  });

  test(`${version}: a ContextStore can choose the store by the request`, async () => {
    const tenants = new Map([
      ["a", newStore()],
      ["b", newStore()],
    ]);
    class Tenants {
      private readonly store: RedisSessionStore;
      constructor(ctx: Context) {
        this.store = tenants.get(ctx.get("x-tenant")) ?? newStore();
      }
      get(key: string, maxAge: number, call: StoreCall) {
        return this.store.get(key, maxAge, call);
      }
      set(key: string, session: object, maxAge: number, call: StoreCall) {
        return this.store.set(key, session, maxAge, call);
      }
      destroy(key: string, call: StoreCall) {
        return this.store.destroy(key, call);
      }
    }
    const routes: AppOptions["routes"] = {
      "POST /login": (ctx) => tenants.get(ctx.get("x-tenant"))?.login(ctx, "ada", { name: "Ada" }),
    };
    await KoaApp.run({ version, options: { ContextStore: Tenants }, routes }, async (app) => {
      const visitor = app.visitor();
      const as = (tenant: string, path: string, init: RequestInit = {}) =>
        visitor.send(path, { ...init, headers: { "x-tenant": tenant } });
      await as("a", "/set", { method: "POST", body: '{"n":1}' });
      assert.equal((await as("b", "/")).text, "{}");
      await as("a", "/login", { method: "POST" });
      assert.equal((await as("a", "/")).text, '{"n":1,"name":"Ada"}');
      assert.equal((await tenants.get("a")?.list("ada"))?.length, 1);
      assert.equal((await tenants.get("b")?.list("ada"))?.length, 0);
    });
  });

  test(`${version}: signed cookies that are forged read nothing`, async () => {
    const store = newStore();
    await KoaApp.run({ store, version }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { n: 1 });
      for (const forge of [(value: string) => `${value}x`, () => "made-up", () => ""]) {
        const forger = visitor.copy();
        forger.jar.set("koa.sess", forge(forger.jar.get("koa.sess") ?? ""));
        assert.deepEqual(await calls(shared.url, () => forger.get()), {});
      }
    });
  });

  test(`${version}: members that a session object cannot hold do no harm, and stay`, async () => {
    const store = newStore();
    await KoaApp.run({ store, version }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { n: 1 });
      const key = await onlyKey(store);
      const odd =
        '[{"op":"add","path":"/length","value":1},{"op":"add","path":"/__proto__","value":{"save":2}},{"op":"add","path":"/_own","value":3},{"op":"add","path":"/maxAge","value":1}]';
      await store.sessions.patch(key, JSON.parse(odd) as object[]);
      assert.deepEqual(await visitor.get(), { n: 1 });
      await visitor.post("/set", { n: 2 });
      const stored = await store.sessions.get(key, { noTouch: true });
      assert.match(stored?.text ?? "", /"n":2.*"length":1,"__proto__":\{"save":2\},"_own":3,"maxAge":1/);
    });
  });
}

const setAndCommit: NonNullable<AppOptions["routes"]> = {
  "POST /setAndCommit": async (ctx, body) => {
    Object.assign(ctx.session ?? {}, body);
    await ctx.session?.manuallyCommit();
  },
};
