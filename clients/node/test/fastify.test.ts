// RedisSessionStore in @fastify/session: what a session can do, over all drivers and with the versions of Fastify.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { FastifyInstance } from "fastify";
import { RedisSessionStore } from "redis-session-client/fastify";
import { drivers } from "./support/drivers.js";
import { App, SECRET, shown } from "./support/fastify.js";
import { Server } from "./support/server.js";
import { Visitor } from "./support/visitor.js";

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

/** Routes for users. */
function users(store: RedisSessionStore): (app: FastifyInstance) => void {
  return (app) => {
    app.post<{ Body: { user: string } }>("/login", async (request) => {
      const { user } = request.body;
      await store.login(request, user, { name: user.toUpperCase() } as object);
      return shown(request);
    });
    app.post("/rotate", async (request) => {
      await store.rotate(request, { grace: 5000 });
      return shown(request);
    });
    app.get("/devices", (request) => store.list("ada", { current: request, paths: ["/name", "/cart"] }));
    app.post("/others", async (request) => ({ ended: await store.revoke("ada", { except: request }) }));
  };
}

for (const driver of drivers) {
  test(`${driver.name}: a session keeps what requests store in it`, async () => {
    const { client, close } = await driver.connect(server.url);
    const app = await App.start({ store: new RedisSessionStore({ client }) });
    try {
      const visitor = app.visitor();
      const deep = { a: { b: null } };
      assert.deepEqual(await visitor.post("/set", { name: "ada", cart: [7], deep }), { name: "ada", cart: [7], deep });
      await visitor.post("/set", { cart: [7, 8], nothing: null });
      await visitor.post("/delete", ["name"]);
      assert.deepEqual(await visitor.get(), { cart: [7, 8], deep, nothing: null });
      await visitor.post("/destroy");
      assert.deepEqual(await visitor.get(), {});
    } finally {
      await app.stop();
      await close();
    }
  });

  test(`${driver.name}: a user logs in with a cart, sees two devices, and ends the other one`, async () => {
    const { client, close } = await driver.connect(server.url);
    const store = new RedisSessionStore({ client, prefix: `${driver.name}:` });
    const app = await App.start({ store, routes: users(store) });
    try {
      const [laptop, phone] = [app.visitor(), app.visitor()];
      await laptop.post("/set", { cart: [7] });
      const old = laptop.copy();
      assert.deepEqual(await laptop.post("/login", { user: "ada" }), { cart: [7], name: "ADA" });
      assert.deepEqual(await laptop.get(), { cart: [7], name: "ADA" });
      assert.deepEqual(await old.get(), {}, "the ID from before the login is dead");
      await phone.post("/login", { user: "ada" });
      const moving = phone.copy();
      assert.deepEqual(await phone.post("/rotate"), { name: "ADA" });
      assert.deepEqual(await moving.get(), { name: "ADA" }, "within the grace the old ID works");

      const devices = (await laptop.get("/devices")) as { current: boolean; values: object }[];
      assert.deepEqual(
        devices.map(({ current, values }) => [current, values]).sort(),
        [
          [false, { "/name": "ADA", "/cart": undefined }],
          [true, { "/name": "ADA", "/cart": [7] }],
        ].map(([current, values]) => [current, JSON.parse(JSON.stringify(values))]),
      );
      assert.deepEqual(await laptop.post("/others"), { ended: 1 });
      assert.deepEqual(await phone.get(), {});
      assert.deepEqual(await laptop.get(), { cart: [7], name: "ADA" });
      assert.equal((await store.list("ada")).length, 1);
    } finally {
      await app.stop();
      await close();
    }
  });
}

test("Fastify 4 with @fastify/session 10 stores, changes, logs in and ends sessions", async () => {
  const driver = drivers[0]!;
  const { client, close } = await driver.connect(server.url);
  const store = new RedisSessionStore({ client, prefix: "four:" });
  const { default: Fastify4 } = await import("fastify-4");
  const app = Fastify4() as unknown as FastifyInstance;
  try {
    await app.register((await import("fastify-cookie-9")).default as never);
    const options = { secret: SECRET, cookie: { secure: false }, saveUninitialized: false, store };
    await app.register((await import("fastify-session-10")).default as never, {
      ...options,
      idGenerator: store.idGenerator,
    });
    app.post("/set", async (request) => {
      Object.assign(request.session, request.body);
      return shown(request);
    });
    app.get("/", async (request) => shown(request));
    users(store)(app);
    const visitor = new Visitor(await app.listen({ port: 0, host: "127.0.0.1" }));
    await visitor.post("/set", { cart: [7] });
    const slow = visitor.copy();
    assert.deepEqual(await visitor.post("/set", { n: 1 }), { cart: [7], n: 1 });
    assert.deepEqual(await visitor.post("/login", { user: "ada" }), { cart: [7], n: 1, name: "ADA" });
    assert.deepEqual(await visitor.get(), { cart: [7], n: 1, name: "ADA" });
    assert.deepEqual(await slow.get(), {});
    assert.equal(await store.length(), 1);
    assert.deepEqual(await visitor.post("/others"), { ended: 0 });
  } finally {
    await app.close();
    await close();
  }
});
