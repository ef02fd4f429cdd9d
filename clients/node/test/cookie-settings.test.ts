// The cookies of the frameworks whose cookies are not this package's: which attributes they have by themselves, and that
// the settings of the pages give one of this host alone, over TLS alone, which no script reads and no other site sends.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { RedisSessionStore as ExpressStore } from "redis-session-client/express";
import { RedisSessionStore as FastifyStore } from "redis-session-client/fastify";
import { RedisSessionStore as KoaStore } from "redis-session-client/koa";
import { createRedisSessionStorage } from "redis-session-client/react-router";
import { App } from "./support/fastify.js";
import { KoaApp, versions } from "./support/koa.js";
import { packageRoot } from "./support/server.js";
import { SharedServer } from "./support/shared.js";
import type { Answer, Visitor } from "./support/visitor.js";
import { serve } from "./support/web.js";

/** As a proxy says it that ends TLS. */
const TLS = { "x-forwarded-proto": "https" };
/** What browsers store, in bytes. */
const LONGEST = 4096;

const shared = new SharedServer();

/** The cookies of an answer by their names, each with its attributes in lower case, in order. */
function cookies(answer: Answer): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const line of answer.setCookies) {
    const [pair = "", ...attributes] = line.split("; ");
    assert.ok(Buffer.byteLength(pair) <= LONGEST / 8, line);
    const lasting = /^(expires|max-age)=/i;
    found.set(
      pair.split("=")[0] ?? "",
      attributes
        .filter((one) => !lasting.test(one))
        .map((one) => one.toLowerCase())
        .sort(),
    );
  }
  return found;
}

const GUARDED = ["httponly", "path=/", "samesite=lax", "secure"];

/** The page says so, that is: the settings of the test are those that readers copy. */
function shown(page: string, ...settings: string[]): void {
  const text = readFileSync(`${packageRoot}/docs/${page}.md`, "utf8");
  for (const setting of settings) assert.ok(text.includes(setting), `${page}.md: ${setting}`);
}

test("Express: the settings of the page make the cookie one of this host, over TLS, without scripts and other sites", async () => {
  const routes = { "/set": (req: { session: Record<string, unknown> }) => (req.session["n"] = "x".repeat(8000)) };
  const store = new ExpressStore({ client: shared.client, prefix: "e:" });
  const plain = await serve({ store }, routes);
  assert.deepEqual([...cookies(await plain.visitor().send("/set"))], [["connect.sid", ["httponly", "path=/"]]]);
  await plain.close();
  shown("express", 'cookie: { secure: true, sameSite: "lax" }', 'name: "__Host-session"');
  const settings = { name: "__Host-session", cookie: { secure: true, sameSite: "lax" as const }, proxy: true };
  const site = await serve({ store, ...settings }, routes);
  assert.deepEqual([...cookies(await site.visitor().send("/set", { headers: TLS }))], [["__Host-session", GUARDED]]);
  // Without TLS no cookie goes out at all.
  assert.deepEqual((await site.visitor().send("/set")).setCookies, []);
  await site.close();
});

test("IDs of Express, Fastify and React Router have 192 random bits or more, and their cookies nothing else", async () => {
  const store = new ExpressStore({ client: shared.client, prefix: "i:" });
  const express = await serve({ store }, { "/set": (req) => (req.session["n"] = "x".repeat(8000)) });
  const fastify = await App.start({ store: new FastifyStore({ client: shared.client, prefix: "j:" }) });
  const storage = createRedisSessionStorage({ client: shared.client, prefix: "r:" });
  const found = new Set<string>();
  for (let n = 0; n < 20; n++) {
    const visitor = express.visitor();
    await visitor.send("/set");
    const [, sid = ""] = /^s%3A([\w-]{32})\./.exec(visitor.jar.get("connect.sid") ?? "") ?? [];
    const other = fastify.visitor();
    await write(other);
    const [, id = ""] = /^([\w-]{32})\./.exec(other.jar.get("sessionId") ?? "") ?? [];
    const session = await storage.getSession();
    session.set("n", "x".repeat(8000));
    const [pair = ""] = (await storage.commitSession(session)).split("; ");
    assert.ok(pair.length < LONGEST / 8);
    assert.match(session.id, /^[\w-]{43}$/);
    for (const one of [sid, id, session.id]) found.add(one);
  }
  assert.equal(found.size, 60);
  assert.ok(!found.has(""));
  await express.close();
  await fastify.stop();
});

const write = (visitor: Visitor): Promise<Answer> =>
  visitor.send("/set", {
    method: "POST",
    headers: { "content-type": "application/json", ...TLS },
    body: JSON.stringify({ n: "x".repeat(8000) }),
  });

test("Fastify: the plugin sends no cookie to forms of other sites, and the settings of the page bind it to this host", async () => {
  const store = new FastifyStore({ client: shared.client, prefix: "f:" });
  const trusting = { trustProxy: true };
  const app = await App.start({ store, cookie: {}, fastify: trusting });
  assert.deepEqual([...cookies(await write(app.visitor()))], [["sessionId", GUARDED]]);
  await app.stop();
  const own = await App.start({ store, cookie: { sameSite: "strict" }, fastify: trusting });
  assert.ok(
    cookies(await write(own.visitor()))
      .get("sessionId")
      ?.includes("samesite=strict"),
  );
  await own.stop();
  const without = await App.start({ store, cookie: { sameSite: false }, fastify: trusting });
  assert.deepEqual(cookies(await write(without.visitor())).get("sessionId"), ["httponly", "path=/", "secure"]);
  await without.stop();
  shown("fastify", 'cookieName: "__Host-session"');
  const site = await App.start({ store, cookieName: "__Host-session", cookie: {}, fastify: trusting });
  assert.deepEqual([...cookies(await write(site.visitor()))], [["__Host-session", GUARDED]]);
  await site.stop();
});

for (const version of versions.keys()) {
  test(`koa-session ${version}: the settings of the page make the cookie one of this host, with an ID of 256 random bits`, async () => {
    const store = new KoaStore({ client: shared.client, prefix: `k${version}:` });
    const plain = await KoaApp.start({ store, version });
    const byItself = ["httponly", "path=/"];
    assert.deepEqual(
      [...cookies(await write(plain.visitor()))],
      [
        ["koa.sess", byItself],
        ["koa.sess.sig", byItself],
      ],
    );
    await plain.stop();
    shown("koa", 'key: "__Host-session"', "secure: true", 'sameSite: "lax"', 'randomBytes(32).toString("base64url")');
    const genid = (): string => randomBytes(32).toString("base64url");
    const options = { key: "__Host-session", secure: true, sameSite: "lax", genid };
    const site = await KoaApp.start({ store, version, options });
    site.app.proxy = true;
    const visitor = site.visitor();
    assert.deepEqual(
      [...cookies(await write(visitor))],
      [
        ["__Host-session", GUARDED],
        ["__Host-session.sig", GUARDED],
      ],
    );
    const sid = visitor.jar.get("__Host-session") ?? "";
    assert.match(sid, /^[A-Za-z0-9_-]{43}$/);
    assert.equal((await store.get(sid))?.["n"], "x".repeat(8000));
    await site.stop();
  });
}
