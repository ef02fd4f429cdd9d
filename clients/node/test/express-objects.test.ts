// What the store notes of session objects: other code sees nothing of it, and nothing keeps it from an object.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import type { SessionData } from "express-session";
import { RedisSessionStore } from "redis-session-client/express";
import { ioredisClient } from "./support/drivers.js";
import { overDrivers } from "./support/express-drivers.js";
import { Server } from "./support/server.js";

const session = (members: object = {}): SessionData => Object.assign({ cookie: { originalMaxAge: 60_000 } }, members);

overDrivers(({ store }) => {
  test("the data of a session shows no trace of the store", async () => {
    const sessions = store();
    await sessions.set("trace", session({ n: 1 }));
    const data = await sessions.get("trace");
    assert.ok(data !== null);
    assert.deepEqual(Reflect.ownKeys(data), ["cookie", "n"]);
    assert.deepEqual(Reflect.ownKeys(data.cookie), ["originalMaxAge", "expires"]);
    assert.doesNotMatch(inspect(data, { showHidden: true }), /trace|record|note/i);
    assert.deepEqual(structuredClone(data), data);
  });

  test("an object that may not be changed can be saved, and saved again", async () => {
    const sessions = store();
    const data = Object.freeze(session({ n: 1 }));
    Object.freeze(data.cookie);
    await sessions.set("frozen", data);
    await sessions.set("frozen", data);
    await sessions.touch("frozen", data);
    await sessions.set("frozen", { ...data, n: 2 });
    assert.equal(((await sessions.get("frozen")) as { n?: number } | null)?.n, 2);
  });

  test("two stores may know the same object as different sessions", async () => {
    const [one, other] = [store(), store()];
    await one.set("shared", session({ n: 1 }));
    await one.set("shared", session({ n: 1, more: true }));
    const data = (await one.get("shared")) as SessionData & { n: number };
    data.n = 2;
    await other.set("shared", data);
    await one.set("shared", data);
    data.n = 3;
    await other.set("shared", data);
    assert.equal(((await one.get("shared")) as { n?: number } | null)?.n, 2);
    assert.equal(((await other.get("shared")) as { n?: number } | null)?.n, 3);
  });
});

for (const module of ["ioredis", "ioredis-5", "iovalkey"] as const) {
  test(`${module}: commands are sent while a test of the application stops the clock`, async (t) => {
    const server = await Server.start();
    t.after(() => server.stop());
    const { client, close } = await ioredisClient(module, server.url);
    t.after(close);
    const sessions = new RedisSessionStore({ client });
    t.mock.timers.enable({ apis: ["setImmediate", "setTimeout"] });
    await sessions.set("clock", session({ n: 1 }));
    assert.ok((await sessions.get("clock")) !== null);
    t.mock.timers.reset();
  });
}
