// Logins and rotations in Fastify: one command, and what becomes of the session when they fail.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FastifyInstance } from "fastify";
import { RedisSessionStore } from "redis-session-client/fastify";
import { calls } from "./support/calls.js";
import { App, dataOf, shown, userRoutes, type AppOptions } from "./support/fastify.js";
import { SharedServer } from "./support/shared.js";

const shared = new SharedServer();

function newStore(options: object = {}): RedisSessionStore {
  return new RedisSessionStore(shared.storeOptions(options));
}

/** An application that knows who is logged in. */
async function withApp(options: AppOptions, work: (app: App) => Promise<void>): Promise<void> {
  const { store, routes } = options;
  const all = (instance: FastifyInstance): void => {
    userRoutes(store)(instance);
    routes?.(instance);
  };
  await App.run({ ...options, routes: all }, work);
}

for (const saveUninitialized of [false, true]) {
  for (const bare of [false, true]) {
    const setting = `saveUninitialized ${String(saveUninitialized)}, ${bare ? "the store alone" : "the plugin"}`;
    test(`a login is one ROTATE, also without a patch (${setting})`, async () => {
      const store = newStore();
      await withApp({ store, saveUninitialized, bare }, async (app) => {
        const visitor = app.visitor();
        await visitor.post("/set", { cart: [7] });
        const id = visitor.jar.get("sessionId");
        const login = () => visitor.post("/login", { user: "ada", patch: {} });
        assert.deepEqual(await calls(shared.url, login), { "session.get": 1, "session.rotate": 1 });
        assert.notEqual(visitor.jar.get("sessionId"), id);
        assert.deepEqual(await visitor.get(), { cart: [7] });
        assert.equal((await store.list("ada")).length, 1);
        assert.deepEqual(await calls(shared.url, () => visitor.post("/login", { user: "ada" })), {
          "session.get": 1,
          "session.rotate": 1,
        });
        assert.deepEqual(await visitor.get(), { cart: [7], name: "ADA" });
      });
    });

    test(`a login without a session before it is one SET, also without a patch (${setting})`, async () => {
      const store = newStore();
      await withApp({ store, saveUninitialized, bare }, async (app) => {
        const visitor = app.visitor();
        const login = () => visitor.post("/login", { user: "ada", patch: {} });
        assert.deepEqual(await calls(shared.url, login), { "session.set": 1 });
        assert.equal((await store.list("ada")).length, 1);
        await visitor.post("/set", { n: 1 });
        assert.deepEqual(await visitor.get(), { n: 1 });
        assert.equal(await store.length(), 1);
      });
    });
  }
}

test("unsaved changes and the cookie's age go along with a login", async () => {
  const store = newStore();
  const routes = (app: FastifyInstance): void => {
    app.post("/remember", async (request) => {
      dataOf(request)["note"] = "unsaved";
      request.session.cookie.maxAge = 30 * 86_400_000;
      await store.login(request, "ada", { name: "Ada" });
      dataOf(request)["after"] = true;
      return shown(request);
    });
  };
  await withApp({ store, routes }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { cart: [7] });
    const answer = await visitor.send("/remember", { method: "POST" });
    const expires = Date.parse(/Expires=([^;]+)/.exec(answer.setCookies[0] ?? "")?.[1] ?? "");
    assert.ok(Math.abs(expires - Date.now() - 30 * 86_400_000) < 60_000, answer.setCookies[0]);
    assert.deepEqual(await visitor.get(), { cart: [7], note: "unsaved", name: "Ada", after: true });
    const [device] = await store.list("ada");
    assert.equal((await store.sessions.info(`${shared.prefix}${device?.handle ?? ""}`))?.idle, 30 * 86_400_000);
  });
});

test("the session of another user ends with a login, and the new one has only the patch", async () => {
  const store = newStore();
  await withApp({ store }, async (app) => {
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

test("a session that ends during its login is not revived by it: the new one has only the patch", async () => {
  const store = newStore();
  const routes = (app: FastifyInstance): void => {
    app.post("/late", async (request) => {
      await store.clear();
      await store.login(request, "ada", { name: "Ada" });
      return shown(request);
    });
  };
  await withApp({ store, routes }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { cart: [7] });
    assert.deepEqual(await visitor.post("/late"), { name: "Ada" });
    assert.deepEqual(await visitor.get(), { name: "Ada" });
    assert.equal(await store.length(), 1);
  });
});

test("a login that is refused leaves the session as it was, with its ID and its unsaved changes", async () => {
  const store = newStore({ maxSessions: 1, refuse: true });
  const routes = (app: FastifyInstance): void => {
    app.post("/try", async (request) => {
      const { sessionId } = request.session;
      dataOf(request)["unsaved"] = 1;
      await assert.rejects(store.login(request, "ada", { name: "Ada" }), { code: "TOOMANY" });
      assert.equal(request.session.sessionId, sessionId);
      return shown(request);
    });
  };
  await withApp({ store, routes }, async (app) => {
    await app.visitor().post("/login", { user: "ada" });
    const visitor = app.visitor();
    await visitor.post("/set", { cart: [7] });
    const { sessionId } = Object.fromEntries(visitor.jar);
    assert.deepEqual(await visitor.post("/try"), { cart: [7], unsaved: 1 });
    assert.equal(visitor.jar.get("sessionId"), sessionId);
    assert.deepEqual(await visitor.get(), { cart: [7], unsaved: 1 });
  });
});

test("maxSessions ends the least recently used session of the user", async () => {
  const store = newStore({ maxSessions: 2 });
  await withApp({ store }, async (app) => {
    const visitors = [app.visitor(), app.visitor(), app.visitor()];
    for (const visitor of visitors) await visitor.post("/login", { user: "ada" });
    assert.deepEqual(await visitors[0]?.get(), {});
    assert.deepEqual(await visitors[2]?.get(), { name: "ADA" });
  });
});

test("a rotation is one ROTATE, and one of an ended session is NOSESSION", async () => {
  const store = newStore();
  const routes = (app: FastifyInstance): void => {
    app.post("/ended", async (request) => {
      await store.clear();
      await assert.rejects(store.rotate(request), { code: "NOSESSION" });
      return {};
    });
  };
  await withApp({ store, routes }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    const counts = await calls(shared.url, () => visitor.post("/rotate"));
    assert.deepEqual(counts, { "session.get": 1, "session.rotate": 1 });
    await visitor.post("/ended");
    assert.deepEqual(await visitor.get(), {});
  });
});

test("logins at the same time of one session give one user one session, and the other a new one", async () => {
  const store = newStore();
  await withApp({ store }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { cart: [7] });
    const windows = [visitor.copy(), visitor.copy(), visitor.copy()];
    const sessions = await Promise.all(windows.map((window) => window.post("/login", { user: "ada" })));
    for (const session of sessions) assert.equal((session as { name: string }).name, "ADA");
    assert.equal((await store.list("ada")).length, 3);
    assert.equal(await store.length(), 3);
  });
});

test("what cannot be a login says so where it is written", async () => {
  const store = newStore();
  const routes = (app: FastifyInstance): void => {
    app.post("/wrong", async (request) => {
      await assert.rejects(store.login(request, ""), { name: "TypeError", message: /string that is not empty/ });
      await assert.rejects(store.login(request, 5 as never), { name: "TypeError" });
      await assert.rejects(store.login(request, "x".repeat(513)), { name: "TypeError", message: /bytes/ });
      await assert.rejects(store.login(request, "ada", { cookie: {} }), { name: "TypeError" });
      await request.session.destroy();
      await assert.rejects(store.login(request, "ada"), { name: "TypeError", message: /no session/ });
      return {};
    });
  };
  await withApp({ store, routes }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { cart: [7] });
    await visitor.post("/wrong");
  });
  await assert.rejects(store.revoke("ada", { except: {} as never, only: "t" as never }), TypeError);
  assert.throws(() => new RedisSessionStore({ client: shared.client, ttl: 5 } as never), /idleTimeout/);
  assert.throws(() => new RedisSessionStore({ client: {} as never }), TypeError);
});
