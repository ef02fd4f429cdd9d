// RedisSessionStore in @fastify/session: what a session can do, over all drivers and with both versions of Fastify.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { FastifyInstance } from "fastify";
import type { Client } from "redis-session-client";
import { RedisSessionStore } from "redis-session-client/fastify";
import { drivers } from "./support/drivers.js";
import { App, common, SECRET, userRoutes } from "./support/fastify.js";
import { twoDevices } from "./support/journeys.js";
import { Server } from "./support/server.js";
import { Visitor } from "./support/visitor.js";

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

/** Runs `work` with a client of each driver. */
function overDrivers(title: string, work: (client: Client, name: string) => Promise<void>): void {
  for (const driver of drivers) {
    test(`${driver.name}: ${title}`, async () => {
      const connected = await driver.connect(server.url);
      try {
        await work(connected.client, driver.name);
      } finally {
        await connected.close();
      }
    });
  }
}

overDrivers("a session keeps what requests store in it", async (client) => {
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
  }
});

overDrivers("a user logs in with a cart, sees two devices, and ends the other one", async (client, name) => {
  const store = new RedisSessionStore({ client, prefix: `${name}:` });
  const app = await App.start({ store, routes: userRoutes(store) });
  try {
    await twoDevices(app, () => store.list("ada"));
  } finally {
    await app.stop();
  }
});

overDrivers("Fastify 4 with @fastify/session 10 stores, changes, logs in and ends sessions", async (client, name) => {
  const store = new RedisSessionStore({ client, prefix: `four:${name}:` });
  const { default: Fastify4 } = await import("fastify-4");
  const app = Fastify4() as unknown as FastifyInstance;
  try {
    await app.register((await import("fastify-cookie-9")).default as never);
    const options = { secret: SECRET, cookie: { secure: false }, saveUninitialized: false, store };
    const { default: session } = await import("fastify-session-10");
    await app.register(session as never, { ...options, idGenerator: store.idGenerator });
    common(app);
    userRoutes(store)(app);
    const visitor = new Visitor(await app.listen({ port: 0, host: "127.0.0.1" }));
    await visitor.post("/set", { cart: [7] });
    const old = visitor.copy();
    assert.deepEqual(await visitor.post("/set", { n: 1 }), { cart: [7], n: 1 });
    assert.deepEqual(await visitor.post("/login", { user: "ada" }), { cart: [7], n: 1, name: "ADA" });
    assert.deepEqual(await visitor.get(), { cart: [7], n: 1, name: "ADA" });
    assert.deepEqual(await old.get(), {});
    assert.equal(await store.length(), 1);
    await visitor.post("/destroy");
    assert.equal(await store.length(), 0);
  } finally {
    await app.close();
  }
});
