// The store for express-session over real HTTP: what parallel requests do to one session, and what a login does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NoSessionError, OtherUserError, TooManyError } from "redis-session-client";
import type { RedisSessionStore } from "redis-session-client/express";
import { calls } from "./support/calls.js";
import { overDrivers } from "./support/express-drivers.js";
import { barrier, done, type Routes } from "./support/web.js";

overDrivers(({ url, site }) => {
  for (const express4 of [false, true]) {
    test(`ten parallel requests that change different members keep ten changes (Express ${express4 ? "4" : "5"})`, async () => {
      const together = barrier(10);
      const { visitor } = await site(
        {
          "/start": (req) => (req.session["start"] = true),
          "/add/:n": async (req) => {
            await together();
            req.session[`n${String(req.params["n"])}`] = { at: req.params["n"] };
          },
          "/": (req) =>
            Object.keys(req.session)
              .filter((name) => name !== "cookie")
              .sort(),
        },
        {},
        { express4 },
      );
      const browser = visitor();
      await browser.get("/start");
      await Promise.all(Array.from({ length: 10 }, (_, n) => browser.get(`/add/${String(n)}`)));
      assert.deepEqual(await browser.get("/"), [...Array.from({ length: 10 }, (_, n) => `n${String(n)}`), "start"]);
    });
  }

  test("ten parallel requests that remove different members remove all ten", async () => {
    const together = barrier(10);
    const { visitor } = await site({
      "/start": (req) => {
        for (let n = 0; n < 10; n++) req.session[`n${String(n)}`] = { n };
      },
      "/remove/:n": async (req) => {
        await together();
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- what applications do
        delete req.session[`n${String(req.params["n"])}`];
        req.session["same"] = null;
      },
      "/": (req) => Object.keys(req.session),
    });
    const browser = visitor();
    await browser.get("/start");
    await Promise.all(Array.from({ length: 10 }, (_, n) => browser.get(`/remove/${String(n)}`)));
    assert.deepEqual(await browser.get("/"), ["cookie", "same"]);
  });

  test("a session destroyed during a slow request does not come back", async () => {
    const both = barrier(2);
    const gone = barrier(2);
    const { store, visitor } = await site({
      "/start": (req) => (req.session.user = "ada"),
      "/slow": async (req) => {
        await both();
        await gone();
        req.session["cart"] = [1];
      },
      "/logout": async (req) => {
        await both();
        await done((callback) => req.session.destroy(callback));
        await gone();
      },
      "/": (req) => req.session.user ?? null,
    });
    const lost: unknown[] = [];
    store.on("lost", (info) => lost.push(info));
    const browser = visitor();
    await browser.get("/start");
    const [slow] = await Promise.all([browser.send("/slow"), browser.send("/logout")]);
    assert.equal(slow.status, 200);
    assert.deepEqual(slow.setCookies, []);
    assert.equal(await browser.get("/"), null);
    assert.equal(await store.length(), 0);
    assert.equal(lost.length, 1);
    assert.equal((lost[0] as { operation: string }).operation, "save");
  });

  test("a session that expires during a slow request does not come back", async () => {
    const { store, visitor } = await site({
      "/start": (req) => {
        req.session["n"] = 1;
      },
      "/slow": async (req) => {
        assert.equal(req.session["n"], 1);
        await store.sessions.touch(store.keyOf(req.sessionID), { pidle: 20 });
        while ((await store.sessions.info(store.keyOf(req.sessionID))) !== null);
        req.session["cart"] = [1];
        return true;
      },
      "/": (req) => req.session["cart"] ?? null,
    });
    const browser = visitor();
    await browser.get("/start");
    const copy = browser.copy();
    await copy.get("/slow");
    assert.equal(await store.length(), 0);
    assert.equal(await copy.get("/"), null);
  });

  test("a session that was destroyed is not saved again by the request that destroyed it", async () => {
    const { store, visitor } = await site({
      "/start": (req) => (req.session["n"] = 1),
      "/end": async (req) => {
        const before = req.session;
        await done((callback) => req.session.destroy(callback));
        before["n"] = 2;
        await done((callback) => before.save(callback));
      },
    });
    const browser = visitor();
    await browser.get("/start");
    await browser.get("/end");
    assert.equal(await store.length(), 0);
  });

  test("a made-up session ID never becomes a session", async () => {
    const { store, visitor } = await site({ "/": (req) => ((req.session["n"] = 1), req.sessionID) });
    const first = visitor();
    await first.get("/");
    await store.clear();
    const sids = new Set<unknown>();
    for (let i = 0; i < 3; i++) sids.add(await first.copy().get("/"));
    assert.equal(sids.size, 3, "each visit with the dead cookie gets an ID of its own");
    const stranger = visitor();
    stranger.jar.set("connect.sid", "s%3Amade-up.c2lnbmF0dXJl");
    await stranger.get("/");
    assert.equal(await store.get("made-up"), null);
  });

  test("a read costs one GET and a TOUCH, a change a GET and a PATCH", async () => {
    const { visitor } = await site({
      "/start": (req) => (req.session["n"] = 1),
      "/read": (req) => req.session["n"],
      "/change": (req) => (req.session["n"] = (req.session["n"] as number) + 1),
      "/save": async (req) => {
        req.session["n"] = 0;
        await done((callback) => req.session.save(callback));
      },
    });
    const browser = visitor();
    assert.deepEqual(await calls(url(), () => browser.get("/start")), { "session.set": 1 });
    assert.deepEqual(await calls(url(), () => browser.get("/read")), { "session.get": 1, "session.touch": 1 });
    assert.deepEqual(await calls(url(), () => browser.get("/change")), { "session.get": 1, "session.patch": 1 });
    assert.deepEqual(await calls(url(), () => browser.get("/save")), { "session.get": 1, "session.patch": 1 });
  });

  test('with touch: "read" or "never" a read is one command', async () => {
    for (const touch of ["read", "never"] as const) {
      const routes: Routes = {
        "/start": (req) => (req.session["n"] = 1),
        "/read": (req) => req.session["n"],
        "/longer": (req) => (req.session.cookie.maxAge = 100_000),
      };
      const { store, visitor, prefix } = await site(routes, { touch }, { cookie: { maxAge: 50_000 } });
      const browser = visitor();
      await browser.get("/start");
      assert.deepEqual(await calls(url(), () => browser.get("/read")), { "session.get": 1 });
      // A changed cookie is a change.
      await browser.get("/longer");
      const [device] = await store.ids();
      const info = await store.sessions.info(`${prefix}${device ?? ""}`);
      assert.ok(Math.abs((info?.idle ?? 0) - 100_000) <= 1000, String(info?.idle));
    }
  });

  test("login keeps the cart, ends the old ID, and is one command", async () => {
    const { store, visitor } = await site({
      "/cart": (req) => (req.session["cart"] = [7]),
      "/login": async (req) => {
        req.session["seen"] = true;
        await store.login(req, "ada", { name: "Ada" });
        return req.sessionID;
      },
      "/": (req) => [req.session["cart"], req.session["seen"], req.session.name],
    });
    const browser = visitor();
    await browser.get("/cart");
    const old = browser.copy();
    const counted = await calls(url(), () => browser.get("/login"));
    assert.deepEqual(counted, { "session.get": 1, "session.rotate": 1 });
    assert.deepEqual(await browser.get("/"), [[7], true, "Ada"]);
    assert.deepEqual(await old.get("/"), [null, null, null], "the old ID is dead");
    const [device, ...others] = await store.list("ada");
    assert.equal(others.length, 0);
    assert.equal(typeof device?.authenticated, "number");
  });

  test("login in a new session is one command too, and sends the cookie", async () => {
    const { store, visitor } = await site({
      "/login": (req) => store.login(req, "ada"),
      "/devices": (req) => store.list("ada", { current: req }),
    });
    const browser = visitor();
    assert.deepEqual(await calls(url(), () => browser.get("/login")), { "session.set": 1 });
    const devices = (await browser.get("/devices")) as { current: boolean }[];
    assert.deepEqual(
      devices.map(({ current }) => current),
      [true],
    );
  });

  test("what the request changes after the login is saved with the next difference only", async () => {
    const { store, visitor } = await site({
      "/start": (req) => (req.session["a"] = 1),
      "/login": async (req) => {
        await store.login(req, "ada");
        req.session["b"] = 2;
      },
      "/": (req) => [req.session["a"], req.session["b"]],
    });
    const browser = visitor();
    await browser.get("/start");
    const counted = await calls(url(), () => browser.get("/login"));
    assert.deepEqual(counted, { "session.get": 1, "session.rotate": 1, "session.patch": 1 });
    assert.deepEqual(await browser.get("/"), [1, 2]);
  });

  test("another user's login takes nothing of the session along", async () => {
    const { store, visitor } = await site({
      "/login/:user": (req) => store.login(req, String(req.params["user"]), { name: String(req.params["user"]) }),
      "/secret": (req) => (req.session["secret"] = 42),
      "/": (req) => [req.session.name, req.session["secret"]],
    });
    const browser = visitor();
    await browser.get("/login/ada");
    await browser.get("/secret");
    await browser.get("/login/eve");
    assert.deepEqual(await browser.get("/"), ["eve", null]);
    assert.equal((await store.list("ada")).length, 0);
    assert.equal((await store.list("eve")).length, 1);
  });

  test("a login in a session that ended meanwhile begins a new one with the patch only", async () => {
    const { store, visitor } = await site({
      "/start": (req) => (req.session["cart"] = [1]),
      "/login": async (req) => {
        await store.destroy(req.sessionID);
        await store.login(req, "ada", { name: "Ada" });
      },
      "/rotate": async (req) => {
        await store.destroy(req.sessionID);
        await assert.rejects(store.rotate(req), NoSessionError);
      },
      "/": (req) => [req.session["cart"], req.session.name],
    });
    const browser = visitor();
    await browser.get("/start");
    await browser.get("/login");
    assert.deepEqual(await browser.get("/"), [null, "Ada"]);
    await browser.get("/rotate");
  });

  test("a refused login leaves the request's session as it was", async () => {
    const { store, visitor } = await site(
      {
        "/start": (req) => (req.session["cart"] = [1]),
        "/login": async (req) => {
          const { session, sessionID } = req;
          try {
            await store.login(req, "ada", { name: "Ada" });
            return "in";
          } catch (error) {
            assert.ok(error instanceof TooManyError);
            assert.equal(req.session, session);
            assert.equal(req.sessionID, sessionID);
            return "refused";
          }
        },
        "/other": async (req) => {
          // The session is eve's; ada has no place left, so eve's session must live on.
          await assert.rejects(store.login(req, "ada"), TooManyError);
        },
        "/eve": (req) => store.login(req, "eve"),
        "/": (req) => [req.session["cart"], req.session.name],
      },
      { maxSessions: 1, refuse: true },
    );
    const [one, two, three] = [visitor(), visitor(), visitor()];
    assert.equal(await one.get("/login"), "in");
    await two.get("/start");
    assert.equal(await two.get("/login"), "refused");
    assert.deepEqual(await two.get("/"), [[1], null]);
    await three.get("/eve");
    await three.get("/other");
    assert.equal((await store.list("eve")).length, 1);
  });

  test("maxSessions ends the least recently used session of the user", async () => {
    const { store, visitor } = await site({ "/login": (req) => store.login(req, "ada") }, { maxSessions: 2 });
    for (let i = 0; i < 4; i++) await visitor().get("/login");
    assert.equal((await store.list("ada")).length, 2);
  });

  test("rotate gives a new ID, and with a grace the old one works for a while", async () => {
    const { store, visitor } = await site({
      "/start": (req) => (req.session["n"] = 1),
      "/rotate": (req) => store.rotate(req, { grace: 5000 }),
      "/": (req) => req.session["n"] ?? null,
    });
    const browser = visitor();
    await browser.get("/start");
    const old = browser.copy();
    await browser.get("/rotate");
    assert.notEqual(browser.jar.get("connect.sid"), old.jar.get("connect.sid"));
    assert.equal(await browser.get("/"), 1);
    assert.equal(await old.get("/"), 1);
  });

  test("a login under an old ID within its grace does not end the session that goes on under the new one", async () => {
    const loaded = barrier(2);
    const rotated = barrier(2);
    const { store, visitor } = await site({
      "/start": (req) => (req.session["cart"] = [7]),
      "/rotate": async (req) => {
        await loaded();
        await store.rotate(req, { grace: 5000 });
        await rotated();
      },
      "/login": async (req) => {
        await loaded();
        await rotated();
        await store.login(req, "ada", { in: true });
      },
      "/": (req) => [req.session["cart"], req.session["in"]],
    });
    const browser = visitor();
    await browser.get("/start");
    const other = browser.copy();
    await Promise.all([browser.get("/rotate"), other.get("/login")]);
    assert.deepEqual(await browser.get("/"), [[7], null]);
    assert.deepEqual(await other.get("/"), [null, true]);
  });

  test("log out everywhere else, and these devices", async () => {
    const { store, visitor } = await site({
      "/login/:device": (req) => store.login(req, "ada", { device: String(req.params["device"]) }),
      "/list": (req) => store.list("ada", { current: req, paths: ["/device"] }),
      "/only/:handle": (req) => store.revoke("ada", { only: String(req.params["handle"]) }),
      "/others": (req) => store.revoke("ada", { except: req }),
      "/all": () => store.revoke("ada"),
      "/": (req) => req.session.device ?? null,
    });
    const [phone, laptop, tablet] = [visitor(), visitor(), visitor()];
    await phone.get("/login/phone");
    await laptop.get("/login/laptop");
    await tablet.get("/login/tablet");
    type Listed = { handle: string; current: boolean; values: Record<string, unknown> }[];
    const devices = (await laptop.get("/list")) as Listed;
    assert.deepEqual(devices.map(({ values }) => values["/device"]).sort(), ["laptop", "phone", "tablet"]);
    const named = (name: string) => devices.find(({ values }) => values["/device"] === name);
    assert.equal(named("laptop")?.current, true);
    assert.equal(named("phone")?.current, false);
    assert.equal(await laptop.get(`/only/${named("phone")?.handle ?? ""}`), 1);
    assert.equal(await laptop.get("/only/t00000000000000000000000000000000"), 0);
    assert.equal(await laptop.get("/only/anything"), 0);
    assert.equal(await phone.get("/"), null);
    assert.equal(await laptop.get("/others"), 1);
    assert.equal(await tablet.get("/"), null);
    assert.equal(await laptop.get("/"), "laptop");
    assert.equal(await laptop.get("/all"), 1);
    assert.equal(await laptop.get("/"), null);
  });

  test("applications with different prefixes see neither each other's sessions nor users", async () => {
    const routes = (store: () => RedisSessionStore): Routes => ({
      "/login": (req) => store().login(req, "ada"),
      "/": (req) => store().list("ada", { current: req }),
    });
    const prefix = `shop${String(Math.random())}:`;
    const shop: Awaited<ReturnType<typeof site>> = await site(
      routes(() => shop.store),
      { prefix },
    );
    const wiki: Awaited<ReturnType<typeof site>> = await site(
      routes(() => wiki.store),
      {
        prefix: `${prefix}wiki:`,
      },
    );
    const browser = shop.visitor();
    await browser.get("/login");
    await wiki.visitor().get("/login");
    assert.equal((await wiki.store.list("ada")).length, 1);
    assert.equal(await wiki.store.revoke("ada"), 1);
    assert.equal(await shop.store.length(), 1);
    await wiki.store.clear();
    assert.equal(((await browser.get("/")) as unknown[]).length, 1);
  });

  test("a user that cannot be one is a TypeError at once, and the session stays as it was", async () => {
    const { store, visitor } = await site({
      "/login": async (req) => {
        for (const user of ["", 5, null, undefined, "x".repeat(600)]) {
          await assert.rejects(store.login(req, user as string), TypeError);
        }
        await assert.rejects(store.login(req, "ada", { cookie: {} as never }), TypeError);
        return req.session["n"] ?? null;
      },
      "/late": async (req, res) => {
        res.write("begun");
        await assert.rejects(store.login(req, "ada"), /the response has begun/);
        res.end();
      },
    });
    assert.equal(await visitor().get("/login"), null);
    assert.equal((await visitor().send("/late")).text, "begun");
    assert.equal(await store.length(), 0);
    assert.ok(new OtherUserError("") instanceof Error);
  });

  test("maxAge is the idle timeout to the millisecond", async () => {
    const { store, visitor } = await site({
      "/": (req) => {
        req.session["n"] = 1;
        req.session.cookie.maxAge = 1_234_567;
        return [store.keyOf(req.sessionID), req.session.cookie.originalMaxAge];
      },
      "/same": (req) => [store.keyOf(req.sessionID), req.session.cookie.originalMaxAge],
    });
    const browser = visitor();
    const [key, age] = (await browser.get("/")) as [string, number];
    const info = await store.sessions.info(key);
    assert.ok(info?.idle);
    // express-session computes originalMaxAge from the clock, which can lose some milliseconds each time.
    assert.ok(age >= info.idle && age - info.idle <= 20, String(info.idle));
    assert.equal(info.deadline, null);
    for (let i = 0; i < 5; i++) await browser.get("/same");
    const later = await store.sessions.info(key);
    assert.deepEqual([later?.idle, later?.version], [info.idle, 1], "the loss does not add up, and is no change");
  });
});
