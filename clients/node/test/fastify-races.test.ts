// Requests at the same time: changes of all are kept, and a session that has ended stays ended.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Signer } from "@fastify/cookie";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { RedisSessionStore, type StoreEvents } from "redis-session-client/fastify";
import { calls } from "./support/calls.js";
import { App, dataOf, SECRET, shown, userRoutes } from "./support/fastify.js";
import { lostOf, SharedServer } from "./support/shared.js";
import { Gate } from "./support/visitor.js";

const shared = new SharedServer();

/** A store with a prefix of its own, and what it has told of lost writes. */
function newStore(options: object = {}): { store: RedisSessionStore; lost: StoreEvents["lost"][0][] } {
  const store = new RedisSessionStore(shared.storeOptions(options));
  return { store, lost: lostOf(store) };
}

/** POST /slow: sets members when the gate opens, after `then`. */
function slowRoute(gate: Gate, then: (request: FastifyRequest) => Promise<void> = () => Promise.resolve()) {
  return (app: FastifyInstance): void => {
    app.post("/slow", async (request) => {
      await gate.pass();
      await then(request);
      Object.assign(request.session, request.body);
      return shown(request);
    });
  };
}

test("ten parallel requests that change different members keep ten changes", async () => {
  const gate = new Gate(10);
  const { store } = newStore();
  await App.run({ store, routes: slowRoute(gate) }, async (app) => {
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

for (const [how, bare] of [
  ["with the plugin", false],
  ["with the store alone", true],
] as const) {
  test(`a session that is destroyed during a slow request does not come back, ${how}`, async () => {
    const gate = new Gate(1);
    const { store, lost } = newStore();
    await App.run({ store, bare, routes: slowRoute(gate) }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { name: "ada" });
      const slow = visitor.copy();
      const writing = slow.send("/slow", { method: "POST" });
      await gate.full;
      await visitor.post("/destroy");
      gate.open();
      const answer = await writing;
      assert.equal(answer.status, 200);
      assert.equal(answer.setCookies.length, bare ? 1 : 0);
      assert.equal(await store.length(), 0);
      assert.deepEqual(await visitor.get(), {});
      assert.equal(lost.length, 1);
    });
  });

  test(`a session that has ended does not come back by reload, ${how}`, async () => {
    const gate = new Gate(1);
    const { store, lost } = newStore();
    const reloading = slowRoute(gate, (request) => request.session.reload());
    await App.run({ store, bare, routes: reloading, saveUninitialized: true }, async (app) => {
      const visitor = app.visitor();
      await visitor.post("/set", { name: "ada" });
      const slow = visitor.copy();
      const writing = slow.post("/slow", { again: true });
      await gate.full;
      await visitor.post("/destroy");
      gate.open();
      assert.deepEqual(await writing, { again: true });
      assert.equal(await store.length(), 0);
      assert.equal(lost.length, 1);
    });
  });
}

test("a session that expires during a slow request does not come back", async () => {
  const gate = new Gate(1);
  const { store, lost } = newStore();
  await App.run({ store, routes: slowRoute(gate) }, async (app) => {
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
    assert.deepEqual(
      lost.map(({ operation }) => operation),
      ["save"],
    );
  });
});

test("an ID that was made up never becomes a session, even with a right signature", async () => {
  const { store } = newStore();
  const signer = new Signer(SECRET);
  await App.run({ store, saveUninitialized: true }, async (app) => {
    for (const id of ["made-up", "x".repeat(3000), "a\u0000b", "session:*", "../x", "{tag}"]) {
      const visitor = app.visitor();
      visitor.jar.set("sessionId", encodeURIComponent(signer.sign(id)));
      await visitor.post("/set", { name: "eve" });
      assert.equal(await store.sessions.info(store.keyOf(id)), null);
      assert.notEqual(visitor.jar.get("sessionId"), encodeURIComponent(signer.sign(id)));
      assert.deepEqual(await visitor.get(), { name: "eve" });
    }
  });
});

test("a slow response does not take the cookie of a login away", async () => {
  const gate = new Gate(1);
  const { store } = newStore();
  const routes = (app: FastifyInstance): void => {
    slowRoute(gate)(app);
    userRoutes(store)(app);
  };
  await App.run({ store, routes }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { cart: [7] });
    const late = visitor.copy();
    const slow = visitor.copy();
    const writing = slow.send("/slow", { method: "POST" });
    await gate.full;
    await visitor.post("/login", { user: "ada" });
    gate.open();
    // One request had loaded the session before the login, the other comes after it with the old cookie.
    assert.deepEqual((await writing).setCookies, []);
    assert.deepEqual((await late.send("/")).setCookies, []);
    assert.deepEqual(await visitor.get(), { cart: [7], name: "ADA" });
  });
});

test("what the application itself does with the cookie stays", async () => {
  const { store } = newStore();
  const routes = (app: FastifyInstance): void => {
    app.post("/leave", async (request, reply) => {
      if (dataOf(request)["name"] !== undefined) await request.session.destroy();
      await reply.clearCookie("sessionId", { path: "/" }).setCookie("sessionIdNot", "1").send({});
    });
  };
  await App.run({ store, routes }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { name: "ada" });
    const again = visitor.copy();
    await visitor.post("/leave");
    assert.deepEqual([...visitor.jar.keys()], ["sessionIdNot"]);
    // The session is dead by now.
    await again.post("/leave");
    assert.deepEqual([...again.jar.keys()], ["sessionIdNot"]);
  });
});

test("an unchanged session that has ended is not touched into life, and costs one TOUCH", async () => {
  const gate = new Gate(1);
  const { store, lost } = newStore();
  await App.run({ store, routes: slowRoute(gate) }, async (app) => {
    const visitor = app.visitor();
    await visitor.post("/set", { name: "ada" });
    const slow = visitor.copy();
    const reading = slow.post("/slow");
    await gate.full;
    await store.clear();
    assert.deepEqual(
      await calls(shared.url, async () => {
        gate.open();
        await reading;
      }),
      { "session.touch": 1 },
    );
    assert.deepEqual(
      lost.map(({ operation }) => operation),
      ["touch"],
    );
  });
});
