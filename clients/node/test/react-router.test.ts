// The storage for React Router by its functions: what a request reads, and what its commit writes.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { createSession, isSession } from "react-router";
import { SessionError, UnavailableError } from "redis-session-client";
import { createRedisSessionStorage } from "redis-session-client/react-router";
import { drivers, nodeRedisClient } from "./support/drivers.js";
import { Server } from "./support/server.js";
import { begun, carried, Site } from "./support/storage.js";

let site: Site;
before(async () => (site = await Site.open()));
after(() => site.close());

for (const driver of drivers) {
  test(`sessions are kept from request to request over ${driver.name}`, async () => {
    const connected = await driver.connect(site.server.url);
    const { getSession, commitSession, destroySession } = createRedisSessionStorage({ client: connected.client });
    const first = await getSession(null);
    assert.ok(isSession(first));
    assert.equal(first.id, "");
    first.set("name", "ada");
    first.set("cart", [{ item: 7, note: "é\u{1f600}" }]);
    const cookie = carried(await commitSession(first));
    const second = await getSession(cookie);
    assert.equal(second.id, first.id);
    assert.deepEqual(second.data, { name: "ada", cart: [{ item: 7, note: "é\u{1f600}" }] });
    second.unset("cart");
    await commitSession(second);
    assert.deepEqual((await getSession(cookie)).data, { name: "ada" });
    await destroySession(second);
    assert.deepEqual((await getSession(cookie)).data, {});
    await connected.close();
  });
}

test("a member that was changed in place is saved", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { cart: { items: [1] } });
  const session = await storage.getSession(cookie);
  (session.get("cart") as { items: number[] }).items.push(2);
  await storage.commitSession(session);
  assert.deepEqual((await storage.getSession(cookie)).get("cart"), { items: [1, 2] });
});

test("a flash is gone when it was read and committed, and stays until then", async () => {
  const storage = site.storage();
  const session = await storage.getSession();
  session.flash("error", "wrong password");
  const cookie = carried(await storage.commitSession(session));
  const shown = await storage.getSession(cookie);
  assert.ok(shown.has("error"));
  assert.equal(shown.get("error"), "wrong password");
  assert.equal(shown.has("error"), false);
  assert.equal((await storage.getSession(cookie)).get("error"), "wrong password");
  await storage.commitSession(shown);
  assert.equal((await storage.getSession(cookie)).get("error"), undefined);
});

test("ten requests at the same time that change different members keep all changes", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { here: 0, gone: 1 });
  const sessions = await Promise.all(Array.from({ length: 10 }, () => storage.getSession(cookie)));
  await Promise.all(
    sessions.map((session, i) => {
      session.set(`n${i}`, { i });
      session.unset("gone");
      return storage.commitSession(session);
    }),
  );
  const { data } = await storage.getSession(cookie);
  assert.deepEqual(data, { here: 0, ...Object.fromEntries(sessions.map((_, i) => [`n${i}`, { i }])) });
});

test("a change is one PATCH, and a commit without a change one TOUCH", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { name: "ada" });
  const session = await storage.getSession(cookie);
  const before = await Promise.all(["session.patch", "session.touch", "session.set"].map((name) => site.calls(name)));
  assert.notEqual(await storage.commitSession(session), "");
  session.set("name", "eve");
  await storage.commitSession(session);
  assert.notEqual(await storage.commitSession(session), "");
  const now = await Promise.all(["session.patch", "session.touch", "session.set"].map((name) => site.calls(name)));
  assert.deepEqual(
    now.map((n, i) => n - (before[i] ?? 0)),
    [1, 1, 0],
  );
});

test("a session of which nothing is stored is not made, and sets no cookie", async () => {
  const storage = site.storage();
  const count = await site.count();
  assert.equal(await storage.commitSession(await storage.getSession()), "");
  assert.equal(await site.count(), count);
});

test("a request that commits twice makes one session", async () => {
  const storage = site.storage();
  const count = await site.count();
  const session = await storage.getSession();
  session.set("a", 1);
  const [one, other] = await Promise.all([storage.commitSession(session), storage.commitSession(session)]);
  assert.equal(one, other);
  session.set("b", 2);
  assert.equal(await storage.commitSession(session), one);
  assert.equal(await site.count(), count + 1);
  assert.deepEqual((await storage.getSession(carried(one))).data, { a: 1, b: 2 });
});

test("a session that loses its last member lives on, empty", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { name: "ada" });
  const session = await storage.getSession(cookie);
  session.unset("name");
  assert.notEqual(await storage.commitSession(session), "");
  assert.equal((await storage.getSession(cookie)).id, session.id);
});

test("members may have any name", async () => {
  const storage = site.storage();
  const members = JSON.parse(
    '{"__proto__":1,"cookie":{"maxAge":1},"toString":2,"constructor":3,"a/b~c":4,"":5}',
  ) as object;
  const cookie = await begun(storage, members);
  assert.deepEqual((await storage.getSession(cookie)).data, members);
  const session = await storage.getSession(cookie);
  for (const name of Object.keys(members)) session.unset(name);
  session.set("cookie", true);
  await storage.commitSession(session);
  assert.deepEqual((await storage.getSession(cookie)).data, { cookie: true });
});

test("what has no JSON is an error of the commit, and null and empty values are kept", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { none: null, empty: "", list: [], object: {} });
  const session = await storage.getSession(cookie);
  assert.deepEqual(session.data, { none: null, empty: "", list: [], object: {} });
  session.set("big", 1n);
  await assert.rejects(storage.commitSession(session), TypeError);
});

test("an object that createSession made is saved only if its ID lives", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { name: "ada", gone: 1 });
  const { id } = await storage.getSession(cookie);
  await storage.commitSession(createSession({ name: "eve" }, id));
  assert.deepEqual((await storage.getSession(cookie)).data, { name: "eve" });
  const dead = createSession({ name: "eve" }, randomBytes(32).toString("base64url"));
  const count = await site.count();
  assert.equal(await storage.commitSession(dead), "");
  assert.equal(await site.count(), count);
  const fresh = carried(await storage.commitSession(createSession({ name: "new" })));
  assert.deepEqual((await storage.getSession(fresh)).data, { name: "new" });
  await storage.destroySession(createSession({}, id));
  assert.deepEqual((await storage.getSession(cookie)).data, {});
  await assert.rejects(storage.login(createSession({}, id), "ada"), TypeError);
});

test("without a server every function rejects with an error of status 503", async () => {
  const server = await Server.start();
  const connected = await nodeRedisClient("redis", server.url, { disableOfflineQueue: true });
  const storage = createRedisSessionStorage({ client: connected.client, timeout: 500 });
  const cookie = await begun(storage, { name: "ada" });
  const session = await storage.getSession(cookie);
  session.set("name", "eve");
  await server.stop();
  for (const call of [
    () => storage.getSession(cookie),
    () => storage.commitSession(session),
    () => storage.destroySession(session),
    () => storage.login(session, "ada"),
    () => storage.rotate(session),
    () => storage.list("ada"),
    () => storage.revoke("ada"),
  ]) {
    await assert.rejects(call(), (error) => error instanceof UnavailableError && error.status === 503);
  }
  assert.equal((await storage.getSession()).id, "", "a visitor without a cookie needs no server");
  await connected.close();
});

test("a schema of the server that refuses the data is an error, and nothing is stored", async () => {
  const definition = { properties: { role: { enum: ["user", "admin"] } } };
  const storage = site.storage({ schema: { name: "visitor", definition } });
  const cookie = await begun(storage, { role: "user" });
  const session = await storage.getSession(cookie);
  session.set("role", "root");
  await assert.rejects(
    storage.commitSession(session),
    (error) => error instanceof SessionError && error.code === "INVALID",
  );
  session.set("role", "admin");
  await storage.commitSession(session);
  assert.equal((await storage.getSession(cookie)).get("role"), "admin");
});

test("options that do not exist are a TypeError that names them", () => {
  const options = { client: site.client, ttl: 5 } as never;
  assert.throws(() => createRedisSessionStorage(options), /idleTimeout/);
  assert.throws(() => createRedisSessionStorage({ client: site.client, legacy: true } as never), /legacy/);
});
