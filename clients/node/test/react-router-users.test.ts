// Users of the storage for React Router: login, rotation, devices, in one server and in a cluster.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TooManyError } from "redis-session-client";
import { begun, carried, keyOf, Site } from "./support/storage.js";

let site: Site;
before(async () => (site = await Site.open()));
after(() => site.close());

test("a login is one ROTATE: a new ID, the user, the request's changes and the patch", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { cart: [7], gone: 1 });
  const session = await storage.getSession(cookie);
  const { id } = session;
  session.set("theme", "dark");
  session.unset("gone");
  session.flash("welcome", "Hello");
  const calls = await Promise.all(["session.rotate", "session.patch", "session.set"].map((name) => site.calls(name)));
  const header = await storage.login(session, "ada", { name: "Ada", profile: { admin: true } });
  const now = await Promise.all(["session.rotate", "session.patch", "session.set"].map((name) => site.calls(name)));
  assert.deepEqual(
    now.map((n, i) => n - (calls[i] ?? 0)),
    [1, 0, 0],
  );
  assert.notEqual(session.id, id);
  assert.deepEqual(session.data, {
    ...{ cart: [7], theme: "dark", __flash_welcome__: "Hello", name: "Ada", profile: { admin: true } },
  });
  assert.deepEqual((await storage.getSession(carried(header))).data, session.data);
  assert.equal((await storage.getSession(cookie)).id, "");
  const info = await storage.sessions.info(keyOf(session));
  assert.equal(info?.user, "session:ada");
  assert.equal(
    await storage.commitSession(session),
    header,
    "the commit of a middleware after it sets the same cookie",
  );
  session.set("later", 1);
  await storage.commitSession(session);
  assert.equal((await storage.getSession(carried(header))).get("later"), 1);
});

test("a login without a session makes one, of what the request has set and the patch", async () => {
  const storage = site.storage();
  const session = await storage.getSession();
  session.set("theme", "dark");
  const header = await storage.login(session, "ada", { name: "Ada" });
  assert.deepEqual((await storage.getSession(carried(header))).data, { theme: "dark", name: "Ada" });
  assert.equal((await storage.sessions.info(keyOf(session)))?.user, "session:ada");
});

test("nobody inherits the data of another user", async () => {
  const storage = site.storage();
  const session = await storage.getSession();
  const eve = carried(await storage.login(session, "eve", { secret: "eve's" }));
  const again = await storage.getSession(eve);
  again.set("more", "eve's");
  const header = await storage.login(again, "ada", { name: "Ada" });
  assert.deepEqual(again.data, { name: "Ada" });
  assert.deepEqual((await storage.getSession(carried(header))).data, { name: "Ada" });
  assert.equal((await storage.getSession(eve)).id, "");
});

test("a login after the session has ended begins anew, with the patch alone", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { secret: 1 });
  const slow = await storage.getSession(cookie);
  await storage.destroySession(await storage.getSession(cookie));
  const header = await storage.login(slow, "ada", { name: "Ada" });
  assert.deepEqual((await storage.getSession(carried(header))).data, { name: "Ada" });
  assert.deepEqual(slow.data, { name: "Ada" });

  const own = await storage.getSession(carried(header));
  await storage.destroySession(own);
  const next = await storage.login(own, "eve", { name: "Eve" });
  assert.deepEqual((await storage.getSession(carried(next))).data, { name: "Eve" });
});

test("a request under way during a login neither undoes it nor sets its cookie", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { cart: [] });
  const slow = await storage.getSession(cookie);
  const header = await storage.login(await storage.getSession(cookie), "ada");
  slow.set("cart", [7]);
  assert.equal(await storage.commitSession(slow), "");
  assert.deepEqual((await storage.getSession(carried(header))).data, { cart: [] });
});

test("a login that the server refuses leaves the session as it was", async () => {
  const storage = site.storage({ maxSessions: 1, refuse: true });
  await storage.login(await storage.getSession(), "grace");
  const cookie = await begun(storage, { cart: [7] });
  const session = await storage.getSession(cookie);
  const { id } = session;
  await assert.rejects(storage.login(session, "grace", { name: "Grace" }), TooManyError);
  assert.equal(session.id, id);
  assert.deepEqual(session.data, { cart: [7] });
  session.set("failed", 1);
  await storage.commitSession(session);
  assert.deepEqual((await storage.getSession(cookie)).data, { cart: [7], failed: 1 });
});

test("a login beyond the limit ends the session that was used least recently", async () => {
  const storage = site.storage({ maxSessions: 2 });
  const cookies: string[] = [];
  for (let i = 0; i < 3; i++) {
    cookies.push(carried(await storage.login(await storage.getSession(), "linus", { i })));
    // The server orders by milliseconds.
    await new Promise((done) => setTimeout(done, 5));
  }
  const live = await Promise.all(cookies.map(async (cookie) => (await storage.getSession(cookie)).get("i") as unknown));
  assert.deepEqual(live, [undefined, 1, 2]);
});

test("a rotation gives a new ID and keeps the data; with a grace the old one still leads there", async () => {
  const storage = site.storage();
  const cookie = await begun(storage, { a: 1 });
  const session = await storage.getSession(cookie);
  session.set("b", 2);
  const rotated = carried(await storage.rotate(session));
  assert.notEqual(rotated, cookie);
  assert.equal((await storage.getSession(cookie)).id, "");
  assert.deepEqual((await storage.getSession(rotated)).data, { a: 1, b: 2 });

  const underWay = await storage.getSession(rotated);
  const last = carried(await storage.rotate(session, { grace: 5000 }));
  underWay.set("c", 3);
  assert.notEqual(await storage.commitSession(underWay), "");
  assert.deepEqual((await storage.getSession(last)).data, { a: 1, b: 2, c: 3 });
  await storage.destroySession(await storage.getSession(last));
  assert.equal(await storage.rotate(session), "");
});

test("devices are listed with what they hold, and ended by their handles", async () => {
  const storage = site.storage();
  const phone = await storage.getSession();
  const phoneCookie = carried(await storage.login(phone, "tove", { device: "phone" }));
  const laptop = await storage.getSession();
  await new Promise((done) => setTimeout(done, 5));
  await storage.login(laptop, "tove", { device: "laptop" });
  const other = await storage.getSession();
  await storage.login(other, "mallory", { device: "mallory's" });

  const devices = await storage.list("tove", { current: laptop, paths: ["/device"] });
  assert.deepEqual(
    devices.map(({ current, values }) => [current, { ...values }]),
    [
      [true, { "/device": "laptop" }],
      [false, { "/device": "phone" }],
    ],
  );
  const handles = devices.map(({ handle }) => handle);
  assert.ok(!handles.some((handle) => handle.includes(phone.id)));
  assert.equal((await storage.getSession(`__Host-session=${handles[1] ?? ""}`)).id, "", "a handle is no cookie");

  const [evil] = await storage.list("mallory");
  assert.equal(await storage.revoke("tove", { only: [evil?.handle ?? "", "*", "x"] }), 0);
  assert.equal(await storage.revoke("tove", { only: handles[1] }), 1);
  assert.equal((await storage.getSession(phoneCookie)).id, "");
  await storage.login(await storage.getSession(), "tove");
  assert.equal(await storage.revoke("tove", { except: laptop }), 1);
  assert.equal((await storage.list("tove")).length, 1);
  assert.equal(await storage.revoke("tove"), 1);
  assert.equal((await storage.list("mallory")).length, 1);
  await assert.rejects(storage.revoke("mallory", { except: other, only: [] }), TypeError);
});

test("a user's name must be a string that is not empty", async () => {
  const storage = site.storage();
  for (const name of ["", 5, undefined, "x".repeat(600)]) {
    await assert.rejects(storage.login(await storage.getSession(), name as string), TypeError);
  }
});
