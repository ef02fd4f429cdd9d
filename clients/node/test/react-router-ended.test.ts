// Sessions of React Router that have ended, or never were: they do not come back, and their IDs are not kept.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { createCookie } from "react-router";
import { attributes, begun, carried, keyOf, Site } from "./support/storage.js";

let site: Site;
before(async () => (site = await Site.open()));
after(() => site.close());

/** A cookie of the right form that no session has. */
const madeUp = (): Promise<string> =>
  createCookie("__Host-session", { secure: true }).serialize(randomBytes(32).toString("base64url")).then(carried);

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

test("a visitor with such a cookie gets no session, and no cookie, unless something is stored", async () => {
  const storage = site.storage();
  const count = await site.count();
  assert.equal(await storage.commitSession(await storage.getSession(await madeUp())), "");
  assert.equal(await site.count(), count);
});

test("a key of another type is no session", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { name: "ada" });
  const key = keyOf(await storage.getSession(cookie));
  await site.server.ask(`SET ${key} x`);
  assert.deepEqual((await storage.getSession(cookie)).data, {});
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
