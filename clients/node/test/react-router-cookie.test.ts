// The cookie of the storage for React Router: attributes, signatures, and how long browser and server keep the session.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createCookie } from "react-router";
import {
  createRedisSessionStorage,
  type RedisSessionStorage,
  type SessionCookie,
} from "redis-session-client/react-router";
import { attributes, begun, carried, keyOf, Site } from "./support/storage.js";

let site: Site;
before(async () => (site = await Site.open()));
after(() => site.close());

const WEEK = 7 * 86_400;

async function header(cookie?: SessionCookie): Promise<string> {
  const storage = site.storage({ cookie });
  const session = await storage.getSession();
  session.set("a", 1);
  return storage.commitSession(session);
}

/** The idle timeout of the session on the server, in ms. */
async function idleOf(storage: RedisSessionStorage, cookie: string): Promise<number | null | undefined> {
  return (await storage.sessions.info(keyOf(await storage.getSession(cookie))))?.idle;
}

test("by default no script, no other site and no plain http sees the cookie, and it ends with the browser", async () => {
  assert.deepEqual(attributes(await header()), ["__Host-session", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"]);
});

test("options change single attributes, and the name where its prefix would not fit", async () => {
  assert.deepEqual(attributes(await header({ secure: false })), ["session", "Path=/", "HttpOnly", "SameSite=Lax"]);
  assert.deepEqual(attributes(await header({ path: "/app", sameSite: "strict" })), [
    ...["__Secure-session", "Path=/app", "HttpOnly", "Secure", "SameSite=Strict"],
  ]);
  assert.deepEqual(attributes(await header({ domain: "example.org", sameSite: "none", partitioned: true })), [
    ...["__Secure-session", "Domain=example.org", "Path=/", "HttpOnly", "Secure", "Partitioned", "SameSite=None"],
  ]);
  assert.deepEqual(attributes(await header({ name: "sid", secure: false, httpOnly: false })).slice(0, 2), [
    "sid",
    "Path=/",
  ]);
  assert.deepEqual(attributes(await header(createCookie("own", { path: "/own" }))), [
    "own",
    "Path=/own",
    "SameSite=Lax",
  ]);
});

test("a cookie that no browser would keep is a TypeError when the storage is made", () => {
  const refused: [SessionCookie, RegExp][] = [
    [{ name: "__Host-sid", secure: false }, /__Host-sid.*secure/],
    [{ name: "__Secure-sid", secure: false }, /secure/],
    [{ name: "__Host-sid", domain: "example.org" }, /domain/],
    [{ name: "__host-sid", path: "/app" }, /path/],
    [{ secure: false, sameSite: "none" }, /SameSite=None/],
    [{ secure: false, partitioned: true }, /partitioned/],
    [{ name: "n".repeat(4096) }, /name is too long/],
    [{ path: `/${"p".repeat(1024)}` }, /path is too long/],
  ];
  for (const [cookie, message] of refused) {
    assert.throws(() => createRedisSessionStorage({ client: site.client, cookie }), { name: "TypeError", message });
  }
});

test("so is one that only a commit or a cookie of the application's own makes so, and nothing is stored", async () => {
  const count = await site.count();
  for (const [cookie, options] of [
    [createCookie("__Host-own"), undefined],
    [createCookie("own", { sameSite: "none" }), undefined],
    [undefined, { domain: "example.org" }],
    [undefined, { secure: false }],
    [undefined, { maxAge: 0.5 }],
  ] as const) {
    const storage = site.storage({ cookie });
    const session = await storage.getSession();
    session.set("a", 1);
    await assert.rejects(storage.commitSession(session, options), TypeError);
    await assert.rejects(storage.login(session, "ada", {}, options), TypeError);
    assert.equal(session.id, "");
  }
  assert.equal(await site.count(), count);
});

test("secrets sign the cookie, and can be replaced one after the other", async () => {
  const signed = { secrets: ["first"] };
  const cookie = await begun(site.storage({ cookie: signed }), { name: "ada" });
  const { data } = await site.storage({ cookie: signed }).getSession(`${cookie.slice(0, -2)}xx`);
  assert.deepEqual(data, {});
  const storage = site.storage({ cookie: { secrets: ["second", "first"] } });
  const session = await storage.getSession(cookie);
  assert.equal(session.get("name"), "ada");
  const renewed = carried(await storage.commitSession(session));
  assert.notEqual(renewed, cookie);
  const later = site.storage({ cookie: { secrets: ["second"] } });
  assert.equal((await later.getSession(renewed)).id, session.id);
  assert.equal((await later.getSession(cookie)).id, "");
});

test("without maxAge the idle timeout is a day, or the option idleTimeout", async () => {
  const storage = site.storage();
  assert.equal(await idleOf(storage, await begun(storage, { a: 1 })), 86_400_000);
  const shorter = site.storage({ idleTimeout: 90_000 });
  assert.equal(await idleOf(shorter, await begun(shorter, { a: 1 })), 90_000);
  const own = site.storage({ idleTimeout: ({ long }) => (long === true ? 200_000 : 100_000) });
  assert.equal(await idleOf(own, await begun(own, { long: true })), 200_000);
});

test("maxAge of the cookie is the idle timeout, and every commit sends it anew", async () => {
  for (const setting of [{ maxAge: WEEK }, createCookie("own", { maxAge: WEEK })]) {
    const storage = site.storage({ cookie: setting });
    const session = await storage.getSession();
    session.set("a", 1);
    const first = await storage.commitSession(session);
    assert.ok(first.includes(`Max-Age=${WEEK}`), first);
    assert.equal(await idleOf(storage, carried(first)), WEEK * 1000);
    const again = await storage.getSession(carried(first));
    assert.ok((await storage.commitSession(again)).includes(`Max-Age=${WEEK}`));
    assert.deepEqual(again.data, { a: 1 });
  }
});

test("maxAge of a commit is remembered by the session, until another commit says otherwise", async () => {
  const storage = site.storage();
  const session = await storage.getSession();
  session.set("a", 1);
  const cookie = carried(await storage.commitSession(session, { maxAge: WEEK }));
  const later = await storage.getSession(cookie);
  assert.deepEqual(later.data, { a: 1 });
  later.set("b", 2);
  assert.ok((await storage.commitSession(later)).includes(`Max-Age=${WEEK}`));
  assert.equal(await idleOf(storage, cookie), WEEK * 1000);
  assert.ok((await storage.commitSession(await storage.getSession(cookie), { maxAge: 60 })).includes("Max-Age=60"));
  assert.equal(await idleOf(storage, cookie), 60_000);
  assert.deepEqual((await storage.getSession(cookie)).data, { a: 1, b: 2 });
});

test("a login decides anew how long the cookie is kept", async () => {
  const storage = site.storage();
  const session = await storage.getSession();
  session.set("a", 1);
  await storage.commitSession(session, { maxAge: WEEK });
  const header = await storage.login(session, "ada");
  assert.ok(!header.includes("Max-Age"), header);
  assert.equal(await idleOf(storage, carried(header)), 86_400_000);
  const remembered = await storage.login(session, "ada", {}, { maxAge: WEEK });
  assert.ok(remembered.includes(`Max-Age=${WEEK}`));
  assert.equal(await idleOf(storage, carried(remembered)), WEEK * 1000);
  assert.ok((await storage.commitSession(session)).includes(`Max-Age=${WEEK}`));
});

test("expires counts like maxAge", async () => {
  const storage = site.storage();
  const session = await storage.getSession();
  session.set("a", 1);
  const expires = new Date(Math.ceil(Date.now() / 1000) * 1000 + WEEK * 1000);
  const header = await storage.commitSession(session, { expires });
  assert.ok(header.includes(`Expires=${expires.toUTCString()}`), header);
  const idle = await idleOf(storage, carried(header));
  assert.ok(typeof idle === "number" && Math.abs(idle - WEEK * 1000) <= 60_000, String(idle));
});

test("a commit whose cookie ends at once ends the session", async () => {
  const storage = site.storage();
  for (const options of [{ maxAge: 0 }, { maxAge: -1 }, { expires: new Date(0) }]) {
    const cookie = await begun(storage, { a: 1 });
    const header = await storage.commitSession(await storage.getSession(cookie), options);
    assert.ok(header.startsWith("__Host-session=;") && header.includes("Expires=Thu, 01 Jan 1970"), header);
    assert.equal((await storage.getSession(cookie)).id, "");
  }
});

test("destroying repeats the attributes, and hides the cookie's maxAge", async () => {
  const storage = site.storage({ cookie: { path: "/app", maxAge: WEEK, partitioned: true } });
  const header = await storage.destroySession(await storage.getSession(await begun(storage, { a: 1 })));
  assert.deepEqual(attributes(header), [
    "__Secure-session",
    "Path=/app",
    "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "HttpOnly",
    "Secure",
    "Partitioned",
    "SameSite=Lax",
  ]);
});

test("a read keeps the session alive by default, and does not with another touch", async () => {
  for (const [touch, extends_] of [
    [undefined, true],
    ["read", true],
    ["request", false],
  ] as const) {
    const storage = site.storage({ touch, idleTimeout: 1000 });
    const cookie = await begun(storage, { a: 1 });
    const { id } = await storage.getSession(cookie);
    const key = keyOf({ id } as never);
    const before = await storage.sessions.info(key);
    await new Promise((done) => setTimeout(done, 150));
    await storage.getSession(cookie);
    const now = await storage.sessions.info(key);
    assert.ok(before !== null && now !== null);
    assert.equal(now.accessed > before.accessed, extends_, String(touch));
  }
});

test("an absolute timeout ends a session that is used all the time", async () => {
  const storage = site.storage({ absoluteTimeout: 3_600_000 });
  const cookie = await begun(storage, { a: 1 });
  const info = await storage.sessions.info(keyOf(await storage.getSession(cookie)));
  assert.ok(info?.deadline !== null && info !== null);
  assert.equal(info.deadline - info.created, 3_600_000);
});
