// The stores for Fastify and Koa in a real cluster: login and rotate stay in one slot, users are found on all nodes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RedisSessionStore as FastifyStore } from "redis-session-client/fastify";
import { RedisSessionStore as KoaStore } from "redis-session-client/koa";
import { clusterDrivers, TestCluster } from "./support/cluster.js";
import { App, SECRET, userRoutes as fastifyRoutes } from "./support/fastify.js";
import { KoaApp, userRoutes as koaRoutes, versions } from "./support/koa.js";
import type { Visitor } from "./support/visitor.js";

let cluster: TestCluster;
before(async () => {
  cluster = await TestCluster.start();
});
after(() => cluster.stop());

/** Visitors of many slots log in, twice, rotate, and end the others. */
async function everySlot(newVisitor: () => Visitor, store: FastifyStore | KoaStore): Promise<void> {
  const visitors = Array.from({ length: 8 }, newVisitor);
  for (const [n, visitor] of visitors.entries()) {
    await visitor.post("/set", { n });
    const old = visitor.copy();
    assert.deepEqual(await visitor.post("/login", { user: "ada" }), { n, name: "ADA" });
    assert.deepEqual(await old.get(), {});
    assert.deepEqual(await visitor.post("/login", { user: "ada", patch: { again: true } }), {
      n,
      name: "ADA",
      again: true,
    });
    const moving = visitor.copy();
    await visitor.post("/rotate");
    assert.deepEqual(await moving.get(), { n, name: "ADA", again: true });
    await visitor.post("/set", { n: n + 1 });
    assert.deepEqual(await visitor.get(), { n: n + 1, name: "ADA", again: true });
  }
  const [first, second] = visitors;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal((await store.list("ada")).length, 8);
  assert.deepEqual(await first.post("/others"), { ended: 7 });
  assert.deepEqual(await second.get(), {});
  assert.deepEqual(await first.get(), { n: 1, name: "ADA", again: true });
  await first.post("/destroy");
  assert.equal((await store.list("ada")).length, 0);
}

for (const [number, driver] of clusterDrivers.entries()) {
  for (const own of [false, true]) {
    test(`Fastify over ${driver.name}${own ? ", with IDs of the application's own" : ""}`, async () => {
      const connected = await driver.connect(cluster);
      const store = new FastifyStore({ client: connected.client, prefix: `f${String(number)}${String(own)}:` });
      const idGenerator = () => `mine-${String(Math.random())}-${String(Math.random())}`;
      const app = await App.start({
        store,
        routes: fastifyRoutes(store),
        secret: SECRET,
        ...(own ? { idGenerator } : {}),
      });
      try {
        await everySlot(() => app.visitor(), store);
      } finally {
        await app.stop();
        await connected.close();
      }
    });
  }

  for (const version of versions.keys()) {
    test(`koa-session ${version} over ${driver.name}`, async () => {
      const connected = await driver.connect(cluster);
      const store = new KoaStore({ client: connected.client, prefix: `k${version}${String(number)}:` });
      const app = await KoaApp.start({ store, version, routes: koaRoutes(store) });
      try {
        await everySlot(() => app.visitor(), store);
      } finally {
        await app.stop();
        await connected.close();
      }
    });
  }
}
