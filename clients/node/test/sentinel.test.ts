// Clients that ask Sentinels: commands go to the primary, and to the new one after a failover.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Sessions, UnavailableError } from "redis-session-client";
import { until } from "./support/cluster.js";
import { SentinelSetup, sentinelDrivers } from "./support/sentinel.js";

for (const driver of sentinelDrivers) {
  test(`${driver.name}: sessions live on after the primary has died`, async (t) => {
    const setup = await SentinelSetup.start();
    t.after(() => setup.stop());
    const { client, close } = await driver.connect(setup);
    t.after(close);
    const sessions = new Sessions(client, { timeout: 500 });
    assert.equal(sessions.cluster, false);
    await sessions.schema.set("s", { type: "object" });
    const live = await sessions.create("session:*", { n: 1 }, { schema: "s", user: "ada" });
    const ended = await sessions.create("session:*", { n: 2 }, { user: "ada" });
    await sessions.del(ended.key);
    assert.equal((await sessions.get(live.key, { withInfo: true }))?.info.user, "ada");
    await until("a replica in step", async () => (await setup.replica.ask(`EXISTS ${ended.key}`)) === ":0");
    await until("a replica in step", async () => (await setup.replica.ask(`EXISTS ${live.key}`)) === ":1");

    setup.primary.process.kill("SIGKILL");
    await assert.rejects(sessions.patch(live.key, { lost: 1 }), UnavailableError);
    await setup.failover();
    await until("a client that has found the new primary", async () => (await sessions.patch(live.key, { m: 1 })) > 1);
    assert.deepEqual((await sessions.verify(live.key, { schema: "s" }))?.data, { n: 1, m: 1 });
    assert.equal(await sessions.get(ended.key), null);
    assert.deepEqual(
      (await sessions.list("ada")).map(({ key }) => key),
      [live.key],
    );
    const keys: string[] = [];
    for await (const batch of sessions.driver.scan("session:*")) keys.push(...batch);
    assert.deepEqual(keys, [live.key]);
    assert.equal(await sessions.revoke("ada"), 1);
  });

  test(`${driver.name}: a failover in the running system ends in time`, async (t) => {
    const setup = await SentinelSetup.start();
    t.after(() => setup.stop());
    const { client, close } = await driver.connect(setup);
    t.after(close);
    const sessions = new Sessions(client, { timeout: 1000 });
    await sessions.createAs("k", { n: 0 });
    await until("a replica in step", async () => (await setup.replica.ask("EXISTS k")) === ":1");
    const state = { over: false };
    const failover = setup.failover().then(() => (state.over = true));
    // Requests go on all the time. Each is answered, or fails with an error of this package.
    for (let n = 0; !state.over || n < 20; n++) {
      await sessions.patch("k", { n }).catch((error: unknown) => {
        assert.ok(error instanceof UnavailableError, String(error));
      });
    }
    await failover;
    // The old primary takes writes until the Sentinel tells it to follow. They are lost with it.
    await until("a write on the new primary", async () => {
      await sessions.patch("k", { last: true });
      return (await setup.replica.ask("SESSION.GET k PATH /last")) === "$4";
    });
  });
}
