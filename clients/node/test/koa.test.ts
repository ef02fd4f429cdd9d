// RedisSessionStore in koa-session: what a session can do, over all drivers and with each version of koa-session.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Client } from "redis-session-client";
import { RedisSessionStore } from "redis-session-client/koa";
import { drivers } from "./support/drivers.js";
import { KoaApp, userRoutes, versions } from "./support/koa.js";
import { twoDevices } from "./support/journeys.js";
import { Server } from "./support/server.js";

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

for (const version of versions.keys()) {
  overDrivers(`koa-session ${version} keeps what requests store`, async (client, name) => {
    const store = new RedisSessionStore({ client, prefix: `k${version}:${name}:` });
    const app = await KoaApp.start({ store, version });
    try {
      const visitor = app.visitor();
      const deep = { a: { b: null } };
      assert.deepEqual(await visitor.post("/set", { name: "ada", cart: [7], deep }), { name: "ada", cart: [7], deep });
      await visitor.post("/set", { cart: [7, 8], nothing: null });
      await visitor.post("/delete", ["name"]);
      assert.deepEqual(await visitor.get(), { cart: [7, 8], deep, nothing: null });
      await visitor.post("/replace", { only: 1 });
      assert.deepEqual(await visitor.get(), { only: 1 });
      assert.equal(await store.length(), 1);
      const old = visitor.copy();
      await visitor.post("/destroy");
      assert.equal(visitor.jar.size, 0);
      assert.deepEqual(await old.get(), {});
      assert.equal(await store.length(), 0);
    } finally {
      await app.stop();
    }
  });

  overDrivers(`koa-session ${version} logs a user in with a cart, and ends the other devices`, async (client, name) => {
    const store = new RedisSessionStore({ client, prefix: `ku${version}:${name}:` });
    const app = await KoaApp.start({ store, version, routes: userRoutes(store) });
    try {
      await twoDevices(app, () => store.list("ada"));
    } finally {
      await app.stop();
    }
  });
}
