// What @fastify/session promises of a session: cookies, saving, regenerate, reload, and what each request costs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import express from "express";
import expressSession from "express-session";
import type { FastifyInstance } from "fastify";
import { RedisSessionStore as ExpressStore } from "redis-session-client/express";
import { RedisSessionStore } from "redis-session-client/fastify";
import { calls } from "./support/calls.js";
import { App, dataOf, SECRET, shown } from "./support/fastify.js";
import { SharedServer } from "./support/shared.js";
import { Visitor } from "./support/visitor.js";

const shared = new SharedServer();

function newStore(options: object = {}): RedisSessionStore {
  return new RedisSessionStore(shared.storeOptions(options));
}

/** A route that does something with the request's session and shows it. */
function route(path: string, work: (request: Parameters<typeof shown>[0]) => Promise<unknown>) {
  return (app: FastifyInstance): void => {
    app.post(path, async (request) => (await work(request)) ?? shown(request));
  };
}

test("saveUninitialized false stores nothing and sets no cookie for a visitor who stores nothing", async () => {
  const store = newStore();
  await App.run({ store }, async (app) => {
    const visitor = app.visitor();
    assert.deepEqual(await calls(shared.url, () => visitor.get()), {});
    assert.equal(visitor.jar.size, 0);
  });
});

test("saveUninitialized true stores every session", async () => {
  const store = newStore();
  await App.run({ store, saveUninitialized: true }, async (app) => {
    const visitor = app.visitor();
    assert.deepEqual(await calls(shared.url, () => visitor.get()), { "session.set": 1 });
    assert.equal(visitor.jar.size, 1);
    assert.equal(await store.length(), 1);
  });
});

test("rolling sends the cookie with each response and costs a TOUCH, or nothing with touch: read", async () => {
  const store = newStore();
  await App.run({ store, cookie: { secure: false, maxAge: 60_000 } }, async (app) => {
    const visitor = app.visitor();
    assert.deepEqual(await calls(shared.url, () => visitor.post("/set", { n: 1 })), { "session.set": 1 });
    assert.deepEqual(await calls(shared.url, () => visitor.get()), { "session.get": 1, "session.touch": 1 });
    assert.equal((await visitor.send("/")).setCookies.length, 1);
    assert.deepEqual(await calls(shared.url, () => visitor.post("/set", { n: 2 })), {
      "session.get": 1,
      "session.patch": 1,
    });
  });
  const reading = newStore({ touch: "read" });
  await App.run({ store: reading }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    assert.deepEqual(await calls(shared.url, () => visitor.get()), { "session.get": 1 });
  });
});

test("without rolling an unchanged session costs one GET, sends no cookie and is not extended", async () => {
  const store = newStore();
  await App.run({ store, rolling: false, cookie: { secure: false, maxAge: 60_000 } }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    const [handle = ""] = await store.ids();
    const key = `${shared.prefix}${handle}`;
    const before = await store.sessions.info(key);
    await sleep(30);
    assert.deepEqual(await calls(shared.url, () => visitor.get()), { "session.get": 1 });
    assert.equal((await visitor.send("/")).setCookies.length, 0);
    assert.equal((await store.sessions.info(key))?.accessed, before?.accessed);
  });
});

test("maxAge is the idle timeout to the millisecond, and a change of it is stored", async () => {
  const store = newStore();
  const longer = route("/longer", async (request) => {
    request.session.options({ maxAge: 7_654_321 });
    dataOf(request)["n"] = 2;
    return Promise.resolve();
  });
  await App.run({ store, cookie: { secure: false, maxAge: 54_321 }, routes: longer }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    const [handle = ""] = await store.ids();
    const key = `${shared.prefix}${handle}`;
    assert.equal((await store.sessions.info(key))?.idle, 54_321);
    await visitor.post("/longer");
    assert.equal((await store.sessions.info(key))?.idle, 7_654_321);
    await visitor.get();
    assert.equal((await store.sessions.info(key))?.idle, 7_654_321);
  });
});

test("a cookie without maxAge lives for idleTimeout, and absoluteTimeout ends it in any case", async () => {
  const store = newStore({ idleTimeout: 5000, absoluteTimeout: 60_000 });
  await App.run({ store }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    const [handle = ""] = await store.ids();
    const info = await store.sessions.info(`${shared.prefix}${handle}`);
    assert.equal(info?.idle, 5000);
    assert.equal((info.deadline ?? 0) - info.created, 60_000);
  });
});

test("a session that idles out is a new one for its visitor", async () => {
  const store = newStore();
  await App.run({ store, cookie: { secure: false, maxAge: 200 } }, async (app) => {
    const visitor = app.visitor();
    visitor.keepsExpired = true;
    await visitor.post("/set", { n: 1 });
    await sleep(400);
    assert.deepEqual(await calls(shared.url, () => visitor.get()), { "session.get": 1 });
    assert.deepEqual(await visitor.get(), {});
    assert.equal(await store.length(), 0);
  });
});

test("regenerate gives a new session with the members that are named, and ends the old one", async () => {
  const store = newStore();
  const routes = (app: FastifyInstance): void => {
    route("/regenerate", (request) => request.session.regenerate())(app);
    route("/keep", (request) => request.session.regenerate(["cart"]))(app);
  };
  await App.run({ store, routes }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { cart: [7], name: "ada" });
    const old = visitor.copy();
    assert.deepEqual(await visitor.post("/keep"), { cart: [7] });
    assert.deepEqual(await visitor.get(), { cart: [7] });
    assert.deepEqual(await old.get(), {});
    await visitor.post("/set", { n: 1 });
    assert.deepEqual(await visitor.get(), { cart: [7], n: 1 });
    assert.deepEqual(await visitor.post("/regenerate"), {});
    assert.equal(await store.length(), 1);
  });
});

test("reload shows what another request has stored, and what is saved after it is the difference from that", async () => {
  const store = newStore();
  const reload = route("/reload", async (request) => {
    const data = await store.sessions.patch(store.keyOf(request.session.sessionId), { other: 1 });
    assert.equal(data, 2);
    dataOf(request)["dropped"] = true;
    await request.session.reload();
    dataOf(request)["n"] = 2;
  });
  await App.run({ store, routes: reload }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    assert.deepEqual(await visitor.post("/reload"), { n: 2, other: 1 });
    assert.deepEqual(await visitor.get(), { n: 2, other: 1 });
  });
});

test("a new session can be reloaded, saved twice and goes on", async () => {
  const store = newStore();
  const routes = route("/new", async (request) => {
    await request.session.reload();
    dataOf(request)["n"] = 1;
    await request.session.save();
    dataOf(request)["n"] = 2;
    await request.session.save();
  });
  await App.run({ store, routes }, async (app) => {
    const visitor = app.visitor();
    assert.deepEqual(await calls(shared.url, () => visitor.post("/new")), {
      "session.get": 1,
      "session.set": 1,
      "session.patch": 1,
    });
    assert.deepEqual(await visitor.get(), { n: 2 });
  });
});

test("a save that the application does not wait for does no harm", async () => {
  const store = newStore();
  const routes = route("/hasty", (request) => {
    dataOf(request)["n"] = 1;
    void request.session.save();
    dataOf(request)["more"] = 1;
    return Promise.resolve();
  });
  await App.run({ store, routes }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/hasty");
    assert.deepEqual(await visitor.get(), { n: 1, more: 1 });
    await visitor.post("/hasty");
    assert.equal(await store.length(), 1);
  });
});

test("sessions have no member but those that applications set, and members named like methods do no harm", async () => {
  const store = newStore();
  await App.run({ store }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    const [handle = ""] = await store.ids();
    const key = `${shared.prefix}${handle}`;
    const odd =
      '[{"op":"add","path":"/touch","value":1},{"op":"add","path":"/__proto__","value":{"save":2}},{"op":"add","path":"/toJSON","value":"x"}]';
    await store.sessions.patch(key, JSON.parse(odd) as object[]);
    assert.deepEqual(await visitor.get(), { n: 1, toJSON: "x" });
    await visitor.post("/set", { n: 2 });
    const stored = await store.sessions.get(key, { noTouch: true });
    assert.match(stored?.text ?? "", /"n":2.*"touch":1,"__proto__":\{"save":2\},"toJSON":"x"/);
  });
});

test("with cookiePrefix s: an express-session application shares its sessions", async () => {
  const store = newStore();
  const app = express();
  app.use(
    expressSession({
      store: new ExpressStore({ client: shared.client, prefix: shared.prefix }),
      secret: SECRET,
      resave: false,
      saveUninitialized: false,
      name: "shared",
    }),
  );
  app.get("/", (req, res) => {
    Object.assign(req.session, { from: "express" });
    res.json({});
  });
  const listener = app.listen(0, "127.0.0.1");
  try {
    await new Promise((done) => listener.once("listening", done));
    const visitor = new Visitor(`http://127.0.0.1:${String((listener.address() as { port: number }).port)}`);
    await visitor.get();
    await App.run({ store, cookieName: "shared", cookiePrefix: "s:" }, async (fastify) => {
      const same = visitor.copy(fastify.url);
      assert.deepEqual(await same.get(), { from: "express" });
      await same.post("/set", { too: "fastify" });
      assert.deepEqual(await same.get(), { from: "express", too: "fastify" });
    });
  } finally {
    listener.close();
  }
});

test("a cookie with a wrong signature, or none at all, reads nothing from the server", async () => {
  const store = newStore();
  await App.run({ store }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    const value = visitor.jar.get("sessionId") ?? "";
    for (const forged of [value.slice(0, -3), value.replace(/^./, "x"), "x", "", "%00", "a".repeat(5000)]) {
      const forger = app.visitor();
      forger.jar.set("sessionId", forged);
      assert.deepEqual(await calls(shared.url, () => forger.get()), {});
    }
  });
});
