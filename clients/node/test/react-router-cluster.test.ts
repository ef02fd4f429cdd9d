// The storage for React Router in a cluster: sessions lie on all primaries, and a login stays in the slot of its session.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRedisSessionStorage } from "redis-session-client/react-router";
import { clusterDrivers, TestCluster } from "./support/cluster.js";
import { begun, carried } from "./support/storage.js";

let cluster: TestCluster;
before(async () => (cluster = await TestCluster.start()));
after(() => cluster.stop());

for (const [n, driver] of clusterDrivers.entries()) {
  test(`logins, rotations, devices and logouts over ${driver.name}`, async () => {
    const connected = await driver.connect(cluster);
    try {
      const storage = createRedisSessionStorage({ client: connected.client, prefix: `rr${n}:` });
      const headers: string[] = [];
      for (let i = 0; i < 12; i++) {
        const visitor = await storage.getSession(await begun(storage, { cart: [i] }));
        const { id } = visitor;
        headers.push(carried(await storage.login(visitor, "ada", { i })));
        assert.match(visitor.id, /^[0-9a-f]{4}\.[\w-]{43}$/);
        assert.notEqual(visitor.id, id);
      }
      const first = headers[0] ?? "";
      const session = await storage.getSession(first);
      assert.deepEqual(session.data, { cart: [0], i: 0 });
      session.set("more", true);
      await storage.commitSession(session);
      const rotated = carried(await storage.rotate(session));
      assert.deepEqual((await storage.getSession(rotated)).data, { cart: [0], i: 0, more: true });
      assert.equal((await storage.getSession(first)).id, "");

      const devices = await storage.list("ada", { current: session });
      assert.equal(devices.length, 12);
      assert.equal(devices.filter(({ current }) => current).length, 1);
      const primaries = devices.map(({ handle }) => cluster.primaryOf(`rr${n}:${handle}`).id);
      assert.ok(new Set(primaries).size > 1, "all sessions lie on one primary");

      const other = devices.find(({ current }) => !current)?.handle ?? "";
      assert.equal(await storage.revoke("ada", { only: other }), 1);
      assert.equal(await storage.revoke("ada", { except: session }), 10);
      await storage.destroySession(session);
      assert.deepEqual(await storage.list("ada"), []);
      session.set("late", 1);
      assert.equal(await storage.commitSession(session), "");
      assert.equal((await storage.getSession(rotated)).id, "");
    } finally {
      await connected.close();
    }
  });
}
