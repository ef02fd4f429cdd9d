// Koa: requests at the same time, logins, and sessions that end while a request runs, with each version of koa-session.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RedisSessionStore, type StoreEvents } from "redis-session-client/koa";
import { calls } from "./support/calls.js";
import { KoaApp, userRoutes, versions, type AppOptions, type Context } from "./support/koa.js";
import { lostOf, SharedServer } from "./support/shared.js";
import { Gate } from "./support/visitor.js";

const shared = new SharedServer();

/** A store with a prefix of its own, and what it has told of lost writes. */
function newStore(options: object = {}): { store: RedisSessionStore; lost: StoreEvents["lost"][0][] } {
  const store = new RedisSessionStore(shared.storeOptions(options));
  return { store, lost: lostOf(store) };
}

/** POST /slow: sets members when the gate opens. */
function slow(gate: Gate): NonNullable<AppOptions["routes"]> {
  return {
    "POST /slow": async (ctx, body) => {
      await gate.pass();
      Object.assign(ctx.session ?? {}, body);
    },
  };
}

for (const version of versions.keys()) {
  test(`${version}: ten parallel requests that change different members keep ten changes`, async () => {
    const gate = new Gate(10);
    const { store } = newStore();
    await KoaApp.run({ store, version, routes: slow(gate) }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { start: true });
      const numbers = [...Array(10).keys()];
      const writes = numbers.map((n) => visitor.copy().post("/slow", { [`n${String(n)}`]: { n } }));
      await gate.full;
      gate.open();
      await Promise.all(writes);
      const expected = Object.fromEntries(numbers.map((n) => [`n${String(n)}`, { n }]));
      assert.deepEqual(await visitor.get(), { start: true, ...expected });
    });
  });

  test(`${version}: a session that is destroyed during a slow request does not come back, nor its cookie`, async () => {
    const gate = new Gate(1);
    const { store, lost } = newStore();
    await KoaApp.run({ store, version, routes: slow(gate), options: { rolling: true } }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { name: "ada" });
      const writing = visitor.copy().send("/slow", { method: "POST", body: '{"again":true}' });
      await gate.full;
      await visitor.post("/destroy");
      gate.open();
      const answer = await writing;
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.setCookies, []);
      assert.equal(await store.length(), 0);
      assert.deepEqual(
        lost.map(({ operation }) => operation),
        ["save"],
      );
    });
  });

  test(`${version}: a session that expires during a slow request does not come back`, async () => {
    const gate = new Gate(1);
    const { store, lost } = newStore();
    await KoaApp.run({ store, version, routes: slow(gate) }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { name: "ada" });
      const writing = visitor.copy().post("/slow", { again: true });
      await gate.full;
      const [handle = ""] = await store.ids();
      await shared.client.call("PEXPIRE", `${shared.prefix}${handle}`, "1");
      while ((await store.length()) > 0) await new Promise((done) => setTimeout(done, 5));
      gate.open();
      await writing;
      assert.equal(await store.length(), 0);
      assert.equal(lost.length, 1);
    });
  });

  test(`${version}: a slow response does not take the cookie of a login away`, async () => {
    const gate = new Gate(1);
    const { store } = newStore();
    await KoaApp.run({ store, version, routes: { ...slow(gate), ...userRoutes(store) } }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { cart: [7] });
      const late = visitor.copy();
      const writing = visitor.copy().send("/slow", { method: "POST", body: '{"n":1}' });
      await gate.full;
      await visitor.post("/login", { user: "ada" });
      gate.open();
      assert.deepEqual((await writing).setCookies, []);
      assert.deepEqual((await late.send("/")).setCookies, []);
      assert.deepEqual(await visitor.get(), { cart: [7], name: "ADA" });
    });
  });

  test(`${version}: an ID that was made up never becomes a session`, async () => {
    const { store } = newStore();
    await KoaApp.run({ store, version, options: { signed: false } }, async (app) => {
      for (const id of ["made-up", "x".repeat(3000), "session:*", "../x", "{tag}", "__proto__"]) {
        const visitor = app.visitor();
        visitor.jar.set("koa.sess", id);
        await visitor.post("/set", { name: "eve" });
        assert.equal(await store.sessions.info(store.keyOf(id)), null);
        assert.notEqual(visitor.jar.get("koa.sess"), id);
        assert.deepEqual(await visitor.get(), { name: "eve" });
      }
    });
  });

  for (const options of [{}, { rolling: true }, { maxAge: "session" }, { autoCommit: false }] as const) {
    test(`${version}: a login is one ROTATE, or one SET where there was no session (${JSON.stringify(options)})`, async () => {
      const { store } = newStore();
      const routes: AppOptions["routes"] = {
        ...userRoutes(store),
        "POST /set": async (ctx, body) => {
          Object.assign(ctx.session ?? {}, body);
          await ctx.session?.manuallyCommit();
        },
      };
      await KoaApp.run({ store, version, routes, options }, async (app) => {
        const visitor = app.visitor();
        await visitor.post("/set", { cart: [7] });
        const login = () => visitor.post("/login", { user: "ada", patch: {} });
        assert.deepEqual(await calls(shared.url, login), { "session.get": 1, "session.rotate": 1 });
        const again = () => visitor.post("/login", { user: "ada", patch: { name: "Ada" } });
        assert.deepEqual(await calls(shared.url, again), { "session.get": 1, "session.rotate": 1 });
        assert.deepEqual(await visitor.get(), { cart: [7], name: "Ada" });
        const first = () => app.visitor().post("/login", { user: "ada", patch: { n: 1 } });
        assert.deepEqual(await calls(shared.url, first), { "session.set": 1 });
        assert.equal((await store.list("ada")).length, 2);
        const [device] = await store.list("ada");
        const info = await store.sessions.info(`${shared.prefix}${device?.handle ?? ""}`);
        assert.equal(info?.idle, "maxAge" in options ? 86_400_000 : 86_410_000);
      });
    });
  }

  test(`${version}: the session of another user ends with a login, and the new one has only the patch`, async () => {
    const { store } = newStore();
    await KoaApp.run({ store, version, routes: userRoutes(store) }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/login", { user: "ada" });
      await visitor.post("/set", { secret: "of ada" });
      const old = visitor.copy();
      assert.deepEqual(await visitor.post("/login", { user: "bob" }), { name: "BOB" });
      assert.deepEqual(await visitor.get(), { name: "BOB" });
      assert.deepEqual(await old.get(), {});
      assert.equal((await store.list("ada")).length, 0);
      assert.equal((await store.list("bob")).length, 1);
    });
  });

  test(`${version}: a session that ends during its login is not revived: the new one has only the patch`, async () => {
    const { store } = newStore();
    const routes: AppOptions["routes"] = {
      "POST /late": async (ctx) => {
        await store.clear();
        await store.login(ctx, "ada", { name: "Ada" });
      },
    };
    await KoaApp.run({ store, version, routes }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { cart: [7] });
      assert.deepEqual(await visitor.post("/late"), { name: "Ada" });
      assert.deepEqual(await visitor.get(), { name: "Ada" });
    });
  });

  test(`${version}: a login that is refused leaves session and cookie as they were`, async () => {
    const { store } = newStore({ maxSessions: 1, refuse: true });
    const routes: AppOptions["routes"] = {
      ...userRoutes(store),
      "POST /try": async (ctx) => {
        Object.assign(ctx.session ?? {}, { unsaved: 1 });
        await assert.rejects(store.login(ctx, "ada", { name: "Ada" }), { code: "TOOMANY" });
      },
    };
    await KoaApp.run({ store, version, routes }, async (app) => {
      await app.visitor().post("/login", { user: "ada" });
      const visitor = app.visitor();
      await visitor.post("/set", { cart: [7] });
      const id = visitor.jar.get("koa.sess");
      assert.deepEqual(await visitor.post("/try"), { cart: [7], unsaved: 1 });
      assert.equal(visitor.jar.get("koa.sess"), id);
      assert.deepEqual(await visitor.get(), { cart: [7], unsaved: 1 });
    });
  });

  test(`${version}: after ctx.session = null a login begins with the patch`, async () => {
    const { store } = newStore();
    const routes: AppOptions["routes"] = {
      "POST /anew": async (ctx) => {
        ctx.session = null;
        await store.login(ctx, "ada", { name: "Ada" });
      },
    };
    await KoaApp.run({ store, version, routes }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { cart: [7] });
      assert.deepEqual(await visitor.post("/anew"), { name: "Ada" });
      assert.deepEqual(await visitor.get(), { name: "Ada" });
      assert.equal(await store.length(), 1);
    });
  });

  test(`${version}: what koa-session finds not valid does not come along with a login`, async () => {
    const { store } = newStore();
    const options = { valid: (_: Context, session: { bad?: boolean }) => session.bad !== true };
    await KoaApp.run({ store, version, routes: userRoutes(store), options }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { cart: [7], bad: true });
      assert.deepEqual(await visitor.post("/login", { user: "ada" }), { name: "ADA" });
      assert.deepEqual(await visitor.get(), { name: "ADA" });
    });
  });
}

for (const version of ["7", "6.4"]) {
  test(`${version}: regenerate gives the session a new ID, and two logins in one request leave one session`, async () => {
    const { store } = newStore();
    const routes: AppOptions["routes"] = {
      "POST /regenerate": (ctx) => ctx.session?.regenerate(),
      "POST /both": async (ctx) => {
        await ctx.session?.regenerate();
        await store.login(ctx, "ada", { name: "Ada" });
        await store.login(ctx, "ada", { twice: true });
      },
    };
    await KoaApp.run({ store, version, routes }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { cart: [7] });
      const old = visitor.copy();
      assert.deepEqual(await visitor.post("/regenerate"), { cart: [7] });
      assert.deepEqual(await old.get(), {});
      await visitor.post("/both");
      assert.deepEqual(await visitor.get(), { cart: [7], name: "Ada", twice: true });
      assert.equal(await store.length(), 1);
    });
  });
}

for (const version of ["7", "6.4"]) {
  test(`${version}: regenerate does not bring a session back that has ended, and leaves the cookie alone`, async () => {
    const gate = new Gate(1);
    const { store, lost } = newStore();
    const routes: AppOptions["routes"] = {
      "POST /regenerate": async (ctx) => {
        await gate.pass();
        await ctx.session?.regenerate();
      },
    };
    await KoaApp.run({ store, version, routes }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { name: "ada" });
      const writing = visitor.copy().send("/regenerate", { method: "POST" });
      await gate.full;
      await visitor.post("/destroy");
      gate.open();
      assert.deepEqual((await writing).setCookies, []);
      assert.equal(await store.length(), 0);
      assert.ok(lost.length >= 1);
    });
  });
}
