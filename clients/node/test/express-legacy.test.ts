// Visitors whose sessions connect-redis has stored stay logged in, and log out for good.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { RedisStore } from "connect-redis";
import type session from "express-session";
import { RedisSessionStore } from "redis-session-client/express";
import { calls } from "./support/calls.js";
import { drivers, ioredisClient, type Connected } from "./support/drivers.js";
import { Server } from "./support/server.js";
import { barrier, done, membersOf, plain, serve, type Routes, type Site } from "./support/web.js";

type Options = Omit<ConstructorParameters<typeof RedisSessionStore>[0], "client">;

let server: Server;
/** A server without the module, as the old one may be. */
let other: Server;
before(async () => {
  [server, other] = await Promise.all([Server.start(), Server.start({ module: false })]);
});
after(() => Promise.all([server.stop(), other.stop()]));

let sites = 0;

for (const driver of drivers) {
  describe(driver.name, () => {
    let connected: Connected;
    let apart: Connected;
    const open: Site[] = [];
    before(async () => {
      connected = await driver.connect(server.url);
      apart = await driver.connect(other.url);
    });
    after(async () => {
      for (const site of open) await site.close();
      await connected.close();
      await apart.close();
    });

    /** The same application with connect-redis and with this store. */
    async function both(
      routes: Routes,
      legacy: object = {},
      {
        options = {},
        maxAge,
        old = connected,
      }: { options?: Options; maxAge?: number | undefined; old?: Connected } = {},
    ) {
      const prefix = `old${String(sites++)}:`;
      const before = new RedisStore({ client: old.client, prefix });
      const after = new RedisSessionStore({
        client: connected.client,
        prefix: `new${String(sites)}:`,
        legacy: { prefix, ...legacy },
        ...options,
      });
      const cookie = maxAge === undefined ? {} : { maxAge };
      const [first, second] = [
        await serve({ store: before, cookie }, routes),
        await serve({ store: after, cookie }, routes),
      ];
      open.push(first, second);
      const send = (...args: string[]) => after.sessions.driver.send("", args);
      return {
        before,
        store: after,
        prefix,
        send,
        /** A visitor who has been at `path` of the old application. */
        visitor: async (path: string) => {
          const browser = first.visitor();
          await browser.get(path);
          return { old: browser, moved: browser.copy(second.url) };
        },
      };
    }

    const routes: Routes = {
      "/start": (req) => ((req.session.user = "ada"), (req.session["cart"] = [1, { a: null }])),
      "/n": (req) => (req.session["n"] = ((req.session["n"] as number | undefined) ?? 0) + 1),
      "/logout": (req) => done((callback) => req.session.destroy(callback)),
      "/sid": (req) => req.sessionID,
      "/": (req) => membersOf(req.session),
    };
    const data = { user: "ada", cart: [1, { a: null }] };

    test("a visitor of connect-redis stays logged in, and the session is moved once", async () => {
      const { store, visitor, send, prefix } = await both(routes);
      const { moved } = await visitor("/start");
      const imported: unknown[] = [];
      store.on("imported", (info) => imported.push(info));
      const answer = await moved.send("/");
      assert.deepEqual(JSON.parse(answer.text), data);
      assert.deepEqual(answer.setCookies, []);
      const sid = (await moved.get("/sid")) as string;
      assert.equal(await send("EXISTS", prefix + sid), 0);
      assert.equal(imported.length, 1);
      assert.deepEqual(await calls(server.url, () => moved.get("/")), { "session.get": 1, "session.touch": 1 });
      await moved.get("/n");
      assert.deepEqual(await moved.get("/"), { ...data, n: 1 });
    });

    test("it keeps the time that it has left, and its age", async () => {
      for (const maxAge of [600_000, undefined]) {
        const { store, visitor, send, prefix } = await both(routes, {}, { maxAge });
        const { moved, old } = await visitor("/start");
        const sid = (await old.get("/sid")) as string;
        await send("PEXPIRE", prefix + sid, "20000");
        assert.notEqual(await store.get(sid), null);
        const info = await store.sessions.info(store.keyOf(sid));
        assert.ok(info?.ttl && info.idle);
        assert.ok(info.ttl <= 20_000 && info.ttl > 15_000, String(info.ttl));
        const idle = maxAge ?? 86_400_000;
        assert.ok(info.idle <= idle && info.idle > idle - 60, String(info.idle));
        assert.equal(info.deadline, null);
        // The next access gives it the whole idle timeout again.
        await moved.get("/");
        assert.ok(((await store.sessions.info(store.keyOf(sid)))?.ttl ?? 0) > 500_000);
      }
    });

    test("a session without an expiry is moved too, and has one from then on", async () => {
      const { before, store } = await both(routes);
      const without = new RedisStore({ client: connected.client, prefix: before.prefix, disableTTL: true });
      await without.set("forever", plain({ n: 1 }, null));
      assert.equal((await store.get("forever"))?.["n"], 1);
      assert.equal((await store.sessions.info(store.keyOf("forever")))?.idle, 86_400_000);
    });

    test("the user that the application names has it in the list of devices", async () => {
      const user = (session: Record<string, unknown>) => session["user"] as string | undefined;
      const { store, visitor } = await both(routes, { user });
      const { moved } = await visitor("/start");
      await moved.get("/");
      assert.equal((await store.list("ada")).length, 1);
      await (await visitor("/n")).moved.get("/");
      assert.equal(await store.length(), 2);
      assert.equal(await store.revoke("ada"), 1);
      assert.deepEqual(await moved.get("/"), {});
    });

    test("ten parallel first requests move it once, and keep ten changes", async () => {
      const together = barrier(10);
      const { store, visitor } = await both({
        ...routes,
        "/add/:n": async (req) => {
          await together();
          req.session[`n${String(req.params["n"])}`] = 1;
          return req.session.user;
        },
      });
      const { moved } = await visitor("/start");
      let imported = 0;
      store.on("imported", () => imported++);
      const users = await Promise.all(Array.from({ length: 10 }, (_, n) => moved.get(`/add/${String(n)}`)));
      assert.deepEqual(new Set(users), new Set(["ada"]));
      assert.equal(imported, 1);
      assert.equal(Object.keys((await moved.get("/")) as object).length, 12);
    });

    test("a logout ends the old session as well, in whatever order the requests arrive", async () => {
      const { before, store } = await both(routes);
      const second = await driver.connect(server.url);
      const elsewhere = new RedisSessionStore({
        client: second.client,
        prefix: `new${String(sites)}:`,
        legacy: { prefix: before.prefix },
      });
      for (let i = 0; i < 60; i++) {
        const sid = `race${String(i)}`;
        await before.set(sid, plain({ user: "ada" }));
        const reads = Array.from({ length: 3 }, () => elsewhere.get(sid));
        if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        if (i % 3 === 1) await reads[0];
        await Promise.all([...reads, store.destroy(sid), elsewhere.get(sid)]);
        assert.equal(await store.get(sid), null, `round ${String(i)}`);
        assert.equal((await before.get(sid)) as unknown, null);
      }
      await second.close();
    });

    test("a logout of a session that was imported but not yet deleted ends both", async () => {
      const { before, store } = await both(routes);
      await before.set("crashed", plain({ n: 1 }));
      await store.set("crashed", plain({ n: 2 }));
      assert.equal((await store.get("crashed"))?.["n"], 2, "the new one counts");
      await store.destroy("crashed");
      assert.equal(await store.get("crashed"), null);
    });

    test("what is no session of connect-redis is left alone, and is no session", async () => {
      const lines: string[] = [];
      const { store, send, prefix } = await both(routes, {}, { options: { log: (line) => lines.push(line) } });
      await send("SET", `${prefix}text`, "not JSON");
      await send("SET", `${prefix}number`, "5");
      await send("SET", `${prefix}array`, "[1]");
      await send("LPUSH", `${prefix}list`, "{}");
      for (const sid of ["text", "number", "array", "list", "none"]) {
        assert.equal(await store.get(sid), null, sid);
        if (sid !== "none") assert.equal(await send("EXISTS", prefix + sid), 1, sid);
      }
      assert.equal(lines.length, 1);
      assert.ok(!lines[0]?.includes("text"));
    });

    test("one that does not satisfy the schema is left where it is, and told to the log", async () => {
      const lines: string[] = [];
      const schema = { name: `cart${String(Math.random())}`, definition: { properties: { cart: { type: "array" } } } };
      const { before, store, send, prefix } = await both(
        routes,
        {},
        { options: { schema, log: (line) => lines.push(line) } },
      );
      await before.set("good", plain({ cart: [] }));
      await before.set("bad", plain({ cart: "secret" }));
      assert.ok(await store.get("good"));
      assert.equal(await store.get("bad"), null);
      assert.equal(await send("EXISTS", `${prefix}bad`), 1);
      assert.ok(lines[0]?.includes("INVALID") && !lines[0].includes("secret"), lines[0]);
    });

    test("a serializer of its own can be read", async () => {
      const serializer = {
        parse: (text: string) => JSON.parse(Buffer.from(text, "base64").toString()) as session.SessionData,
        stringify: (value: session.SessionData) => Buffer.from(JSON.stringify(value)).toString("base64"),
      };
      const { before, store } = await both(routes, { parse: (text: string): unknown => serializer.parse(text) });
      await new RedisStore({ client: connected.client, prefix: before.prefix, serializer }).set("own", plain({ n: 1 }));
      assert.equal((await store.get("own"))?.["n"], 1);
    });

    test("sessions on another server, without the module, are moved too", async () => {
      const { before, store, visitor } = await both(routes, { client: apart.client }, { old: apart });
      const { moved, old } = await visitor("/start");
      assert.deepEqual(await moved.get("/"), data);
      assert.deepEqual(await old.get("/"), {});
      await before.set("b", plain({ n: 1 }));
      await store.destroy("b");
      assert.equal((await before.get("b")) as unknown, null);
    });

    test("login, rotate and regenerate of a moved session work as of any other", async () => {
      const { store, visitor } = await both({
        ...routes,
        "/login": (req) => store.login(req, "ada", { in: true }),
        "/regenerate": (req) => store.regenerate(req),
      });
      const { moved } = await visitor("/start");
      await moved.get("/login");
      assert.deepEqual(await moved.get("/"), { ...data, in: true });
      const next = await visitor("/start");
      await next.moved.get("/regenerate");
      assert.deepEqual(await next.old.get("/"), {});
    });
  });
}

test("the keyPrefix of an ioredis client is that of the old keys, as connect-redis has written them", async () => {
  for (const module of ["ioredis", "ioredis-5", "iovalkey"] as const) {
    const connected = await ioredisClient(module, server.url, { keyPrefix: `app${module}:` });
    try {
      const before = new RedisStore({ client: connected.client });
      const store = new RedisSessionStore({ client: connected.client, prefix: `${module}:`, legacy: true });
      await before.set("a", plain({ n: 1 }));
      assert.equal((await store.get("a"))?.["n"], 1, module);
      assert.equal((await before.get("a")) as unknown, null);
    } finally {
      await connected.close();
    }
  }
});
