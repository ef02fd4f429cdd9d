// The storage for React Router by its functions: what a commit writes, and what becomes of sessions that end meanwhile.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { createCookie, createSession, isSession } from "react-router";
import { SessionError, UnavailableError } from "redis-session-client";
import { createRedisSessionStorage } from "redis-session-client/react-router";
import { drivers, nodeRedisClient } from "./support/drivers.js";
import { Server } from "./support/server.js";
import { attributes, begun, carried, keyOf, Site } from "./support/storage.js";

let site: Site;
before(async () => (site = await Site.open()));
after(() => site.close());

/** A cookie of the right form that no session has. */
const madeUp = (): Promise<string> =>
  createCookie("__Host-session", { secure: true }).serialize(randomBytes(32).toString("base64url")).then(carried);

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

test("a session that was destroyed during a request does not come back, and no cookie is set or cleared", async () => {
  const lines: string[] = [];
  const storage = site.storage({ log: (line) => lines.push(line) });
  const lost: string[] = [];
  storage.on("lost", ({ operation, key }) => lost.push(`${operation} ${key}`));
  const cookie = await begun(storage, { name: "ada" });
  const slow = await storage.getSession(cookie);
  await storage.destroySession(await storage.getSession(cookie));
  const count = await site.count();
  slow.set("late", true);
  assert.equal(await storage.commitSession(slow), "");
  assert.equal(await storage.commitSession(slow), "");
  assert.equal(await site.count(), count);
  assert.deepEqual((await storage.getSession(cookie)).data, {});
  assert.deepEqual(lost, [`save ${keyOf(slow)}`]);
  assert.equal(lines.length, 1);
  assert.ok(!lines[0]?.includes(slow.id));
});

test("a commit that changes nothing sets no cookie either if the session has ended meanwhile", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { name: "ada" });
  const slow = await storage.getSession(cookie);
  const header = await storage.login(await storage.getSession(cookie), "ada");
  assert.equal(await storage.commitSession(slow), "");
  assert.equal((await storage.getSession(carried(header))).get("name"), "ada");
});

test("a session that was destroyed by the request itself stays ended, whatever is committed afterwards", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { name: "ada" });
  const session = await storage.getSession(cookie);
  await storage.destroySession(session);
  session.set("late", true);
  assert.equal(await storage.commitSession(session), "");
  assert.equal(await storage.rotate(session), "");
  assert.deepEqual((await storage.getSession(cookie)).data, {});
});

test("a session that has expired during a request does not come back", async () => {
  const storage = site.storage({ idleTimeout: 40, touch: "request" });
  const cookie = await begun(storage, { name: "ada" });
  const slow = await storage.getSession(cookie);
  while ((await site.server.ask(`EXISTS ${keyOf(slow)}`)) !== ":0") await new Promise((done) => setTimeout(done, 10));
  slow.set("late", true);
  assert.equal(await storage.commitSession(slow), "");
  assert.deepEqual((await storage.getSession(cookie)).data, {});
});

test("the ID in a cookie of no live session is not kept, and never becomes a session", async () => {
  const storage = site.storage();
  const cookie = await madeUp();
  const session = await storage.getSession(cookie);
  assert.equal(session.id, "");
  session.set("name", "eve");
  const own = carried(await storage.commitSession(session));
  assert.notEqual(own, cookie);
  assert.deepEqual((await storage.getSession(cookie)).data, {});
  assert.deepEqual((await storage.getSession(own)).data, { name: "eve" });
});

test("text of another form is no ID: no command is sent for it", async () => {
  const storage = site.storage();
  const cookie = createCookie("__Host-session", { secure: true });
  const before = await site.calls("session.get");
  const forms: unknown[] = ["", "x", "*", "a".repeat(44), { id: "a".repeat(43) }, ["a".repeat(43)], 7, null];
  for (const value of forms) {
    const session = await storage.getSession(carried(await cookie.serialize(value)));
    assert.deepEqual([session.id, session.data], ["", {}]);
  }
  for (const header of ["__Host-session=%", "__Host-session=!!!", "other=1", ""]) {
    assert.equal((await storage.getSession(header)).id, "");
  }
  assert.equal(await site.calls("session.get"), before);
});

test("a key of another type is no session", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { name: "ada" });
  const key = keyOf(await storage.getSession(cookie));
  await site.server.ask(`SET ${key} x`);
  assert.deepEqual((await storage.getSession(cookie)).data, {});
});

test("a session of which nothing is stored is not made, and sets no cookie", async () => {
  const storage = site.storage();
  const count = await site.count();
  assert.equal(await storage.commitSession(await storage.getSession()), "");
  assert.equal(await storage.commitSession(await storage.getSession(await madeUp())), "");
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

test("destroying a session that never was clears the cookie", async () => {
  const storage = site.storage();
  const header = await storage.destroySession(await storage.getSession(await madeUp()));
  assert.deepEqual(attributes(header), [
    "__Host-session",
    "Path=/",
    "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "HttpOnly",
    "Secure",
    "SameSite=Lax",
  ]);
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
