// The store for express-session in a real cluster: login and rotate stay in one slot, users are found on all nodes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { RedisStore } from "connect-redis";
import { RedisSessionStore } from "redis-session-client/express";
import { clusterDrivers, TestCluster } from "./support/cluster.js";
import type { Connected } from "./support/drivers.js";
import { barrier, done, membersOf, plain, serve, type Site } from "./support/web.js";

let cluster: TestCluster;
before(async () => {
  cluster = await TestCluster.start();
});
after(() => cluster.stop());

for (const [number, driver] of clusterDrivers.entries()) {
  describe(driver.name, () => {
    let connected: Connected;
    let store: RedisSessionStore;
    let site: Site;
    const together = barrier(10);
    before(async () => {
      connected = await driver.connect(cluster);
      store = new RedisSessionStore({ client: connected.client, prefix: `app${String(number)}:` });
      site = await serve(
        { store },
        {
          "/start": (req) => ((req.session["cart"] = [7]), store.keyOf(req.sessionID)),
          "/login/:user": async (req) => {
            await store.login(req, String(req.params["user"]), { name: String(req.params["user"]) });
            return store.keyOf(req.sessionID);
          },
          "/rotate": async (req) => {
            await store.rotate(req);
            return store.keyOf(req.sessionID);
          },
          "/add/:n": async (req) => {
            await together();
            req.session[`n${String(req.params["n"])}`] = 1;
          },
          "/others": (req) => store.revoke("ada", { except: req }),
          "/logout": (req) => done((callback) => req.session.destroy(callback)),
          "/": (req) => membersOf(req.session),
        },
      );
    });
    after(async () => {
      await site.close();
      await connected.close();
    });

    test("login and rotate keep data and slot, whichever slot that is", async () => {
      const tag = (key: unknown) => /\{(.*)\}/.exec(String(key))?.[1];
      const tags = new Set<unknown>();
      for (let i = 0; i < 12; i++) {
        const browser = site.visitor();
        const first = await browser.get("/start");
        tags.add(tag(first));
        const old = browser.copy();
        const second = await browser.get("/login/ada");
        assert.notEqual(second, first);
        assert.equal(tag(second), tag(first));
        const third = await browser.get("/rotate");
        assert.equal(tag(third), tag(first));
        assert.deepEqual(await browser.get("/"), { cart: [7], name: "ada" });
        assert.deepEqual(await old.get("/"), {});
        // The ID has grown by the tag once, not with every rotation.
        const again = decodeURIComponent(browser.jar.get("connect.sid") ?? "");
        assert.match(again, /^s:[0-9a-f]{4}\.[A-Za-z0-9_-]{32}\./);
      }
      assert.ok(tags.size > 6, "sessions are spread over slots");
      assert.equal((await store.list("ada")).length, 12);
      assert.equal(await store.length(), 12);
      assert.equal(await store.revoke("ada"), 12);
      assert.equal(await store.length(), 0);
    });

    test("ten parallel requests keep ten changes, and a logout ends the session", async () => {
      const browser = site.visitor();
      await browser.get("/start");
      await browser.get("/login/eve");
      await Promise.all(Array.from({ length: 10 }, (_, n) => browser.get(`/add/${String(n)}`)));
      assert.equal(Object.keys((await browser.get("/")) as object).length, 12);
      await browser.get("/logout");
      assert.deepEqual(await browser.get("/"), {});
      assert.deepEqual(await store.list("eve"), []);
    });

    test("another user's login, and all other devices", async () => {
      const [one, two, three] = [site.visitor(), site.visitor(), site.visitor()];
      for (const browser of [one, two, three]) {
        await browser.get("/start");
        await browser.get("/login/ada");
      }
      await three.get("/login/eve");
      assert.deepEqual(await three.get("/"), { name: "eve" });
      assert.equal(await one.get("/others"), 1);
      assert.deepEqual(await two.get("/"), {});
      assert.equal((await store.list("ada")).length, 1);
      assert.equal((await store.all()).length, 2);
      await store.clear();
      assert.deepEqual(await store.ids(), []);
    });

    test("sessions of connect-redis in the same cluster are moved", async () => {
      const prefix = `old${String(number)}:`;
      const old = new RedisStore({ client: connected.client, prefix });
      const moving = new RedisSessionStore({
        client: connected.client,
        prefix: `moved${String(number)}:`,
        legacy: { prefix },
      });
      for (let i = 0; i < 12; i++) {
        const sid = `sid${String(i)}`;
        await old.set(sid, plain({ n: i }));
        assert.equal((await moving.get(sid))?.["n"], i);
        assert.equal((await old.get(sid)) as unknown, null);
        await old.set(`${sid}b`, plain({ n: i }));
        await Promise.all([moving.get(`${sid}b`), moving.destroy(`${sid}b`)]);
        assert.equal(await moving.get(`${sid}b`), null);
      }
    });
  });
}
