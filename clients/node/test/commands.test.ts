// Every command and every option, over all drivers and both protocols, against a real server.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { JsonText, keyOfToken, Sessions } from "redis-session-client";
import { drivers, type Connected } from "./support/drivers.js";
import { Server } from "./support/server.js";

let server: Server;
before(async () => {
  server = await Server.start();
});
after(async () => {
  await server.stop();
});

for (const driver of drivers) {
  describe(driver.name, () => {
    let connected: Connected;
    let sessions: Sessions;
    before(async () => {
      connected = await driver.connect(server.url);
      sessions = new Sessions(connected.client);
    });
    after(async () => {
      await connected.close();
    });
    beforeEach(async () => {
      await server.ask("FLUSHALL");
      for (const { name } of await sessions.schema.list()) await sessions.schema.del(name);
    });

    test("create makes a session under a new ID, with a token by default", async () => {
      const made = await sessions.create("session:*", { name: "ada" });
      assert.match(made.key, /^session:t[0-9a-f]{32}$/);
      assert.match(made.token, /^[A-Za-z0-9_-]{43}$/);
      assert.equal(keyOfToken("session:", made.token), made.key);
      const bare = await sessions.create("session:*", { name: "ada" }, { token: false });
      assert.match(bare.key, /^session:[0-9a-f]{32}$/);
      assert.equal(bare.token, "");
      assert.deepEqual((await sessions.get(bare.key))?.data, { name: "ada" });
    });

    test("create takes timeouts, a schema, a user and a limit", async () => {
      await sessions.schema.set("named", { required: ["name"] });
      const how = { ex: 100, idle: 50, schema: "named", user: "ada", maxSessions: 2 };
      const keys: string[] = [];
      for (let n = 0; n < 3; n++) {
        keys.push((await sessions.create("session:*", { name: "ada", n }, how)).key);
        await sleep(2);
      }
      const [oldest, second, newest] = keys as [string, string, string];
      assert.equal(await sessions.get(oldest), null);
      assert.deepEqual(
        (await sessions.list("ada")).map(({ key }) => key),
        [newest, second],
      );
      const info = await sessions.info(newest);
      assert.equal(info?.user, "ada");
      assert.equal(info.schema, "named");
      assert.equal(info.idle, 50_000);
      assert.equal((info.deadline ?? 0) - info.created, 100_000);
      await assert.rejects(sessions.create("session:*", { name: "eve" }, { ...how, refuse: true }), {
        code: "TOOMANY",
      });
      await assert.rejects(sessions.create("session:*", {}, { schema: "named" }), { code: "INVALID" });
    });

    test("createAs creates under a key of one's own, once", async () => {
      assert.equal(await sessions.createAs("own", { n: 1 }), true);
      assert.equal(await sessions.createAs("own", { n: 2 }, { user: "ada", ex: 10 }), false);
      assert.equal((await sessions.get("own"))?.text, '{"n":1}');
      assert.equal(
        await sessions.createAs("other", 7, { user: "ada", maxSessions: 1, refuse: true, persist: true }),
        true,
      );
      assert.equal((await sessions.info("other"))?.deadline, null);
    });

    test("all timeouts are sent as they are meant", async () => {
      const now = Date.now();
      const deadline = async (expiry: Parameters<Sessions["touch"]>[1]): Promise<number> => {
        assert.equal(await sessions.touch("k", expiry), true);
        return (await sessions.info("k"))?.deadline ?? 0;
      };
      await sessions.createAs("k", {});
      const near = (found: number, wanted: number): void => {
        assert.ok(Math.abs(found - wanted) < 60_000, `${String(found)} is not ${String(wanted)}`);
      };
      near(await deadline({ ex: 1000 }), now + 1_000_000);
      near(await deadline({ px: 2_000_000 }), now + 2_000_000);
      const second = Math.floor(now / 1000) + 500;
      assert.equal(await deadline({ exat: second }), second * 1000);
      assert.equal(await deadline({ exat: new Date(now + 600_001) }), now + 600_001);
      assert.equal(await deadline({ pxat: now + 700_007 }), now + 700_007);
      assert.equal(await deadline({ pxat: new Date(now + 800_003), idle: 9 }), now + 800_003);
      assert.equal((await sessions.info("k"))?.idle, 9000);
      await sessions.touch("k", { pidle: 4321, persist: true });
      const info = await sessions.info("k");
      assert.equal(info?.idle, 4321);
      assert.equal(info.deadline, null);
      await sessions.touch("k", { idle: 0, persist: false });
      assert.equal((await sessions.info("k"))?.idle, null);
      assert.equal((await sessions.info("k"))?.ttl, null);
      assert.equal(await sessions.touch("nobody"), false);
    });

    test("set replaces the data of a live session only", async () => {
      await sessions.schema.set("n", { required: ["n"] });
      await sessions.createAs("k", { n: 1 });
      await sessions.set("k", { n: 2 }, { ifVersion: 1, schema: "n", ex: 60 });
      assert.deepEqual((await sessions.get("k"))?.data, { n: 2 });
      await assert.rejects(sessions.set("k", { n: 3 }, { ifVersion: 1 }), { code: "CONFLICT", version: 2 });
      await assert.rejects(sessions.set("k", {}), { code: "INVALID" });
      await assert.rejects(sessions.set("gone", {}), { code: "NOSESSION" });
      assert.equal(await sessions.get("gone"), null);
    });

    test("get returns data, text, and metadata where they are asked for", async () => {
      await sessions.createAs("k", new JsonText('{ "n": 1.50, "text": "d\\u00e9j\u00e0" }'), { user: "ada" });
      const plain = await sessions.get<{ n: number; text: string }>("k");
      assert.equal(plain?.text, '{ "n": 1.50, "text": "d\\u00e9j\u00e0" }');
      assert.deepEqual(plain.data, { n: 1.5, text: "d\u00e9j\u00e0" });
      const info = await sessions.get("k", { withInfo: true, noTouch: true });
      assert.deepEqual(info?.info, { ...(await sessions.info("k")), ttl: info?.info.ttl });
      assert.deepEqual(info.data, plain.data);
      const some = await sessions.get("k", { fields: ["version", "user", "schema", "idle"] });
      assert.deepEqual(some?.info, { version: 1, user: "ada", schema: null, idle: null });
      assert.equal(some.text, plain.text);
      assert.equal(await sessions.get("nobody", { fields: ["version"] }), null);
      assert.equal(await sessions.get("nobody", { withInfo: true }), null);
      await sessions.set("k", null);
      assert.equal((await sessions.get("k"))?.data, null);
    });

    test("noTouch is no access", async () => {
      await sessions.createAs("k", {}, { pidle: 60_000 });
      const { accessed = 0 } = (await sessions.info("k")) ?? {};
      await sleep(20);
      await server.ask("CONFIG SET session.touch-interval-ms 0");
      await sessions.get("k", { noTouch: true });
      await sessions.verify("k", { noTouch: true });
      await sessions.getPaths("k", ["/n"], { noTouch: true });
      await sessions.verifyPaths("k", ["/n"], { noTouch: true });
      assert.equal((await sessions.info("k"))?.accessed, accessed);
      await sessions.get("k");
      assert.ok(((await sessions.info("k"))?.accessed ?? 0) > accessed);
    });

    test("getPaths reads parts; a pointer where nothing is has no member", async () => {
      await sessions.createAs("k", { n: 1, none: null, list: ["a", { b: 2 }], "": 0, "a/b": 3 });
      const found = await sessions.getPaths("k", ["/n", "/none", "/list/1/b", "/x", "/", "/a~1b"]);
      assert.deepEqual({ ...found }, { "/n": 1, "/none": null, "/list/1/b": 2, "/": 0, "/a~1b": 3 });
      assert.deepEqual({ ...(await sessions.getPaths("k", ["/x"])) }, {});
      assert.deepEqual({ ...(await sessions.getPaths("k", ["/n"])) }, { "/n": 1 });
      assert.equal(await sessions.getPaths("nobody", ["/n"]), null);
      assert.equal(await sessions.getPaths("nobody", ["/n", "/m"]), null);
      await assert.rejects(sessions.getPaths("k", ["n"]), { code: "ERR" });
    });

    test("verify checks the session's schema, those that are named, and the age of the login", async () => {
      await sessions.schema.set("object", { type: "object" });
      await sessions.schema.set("admin", { properties: { role: { const: "admin" } } });
      await sessions.createAs("k", { role: "user" }, { schema: "object", user: "ada" });
      assert.deepEqual((await sessions.verify("k", { fresh: 60 }))?.data, { role: "user" });
      assert.equal((await sessions.verify("k", { schema: ["object"], withInfo: true }))?.info.user, "ada");
      assert.deepEqual((await sessions.verify("k", { schema: "object", fields: ["version"] }))?.info, { version: 1 });
      assert.deepEqual({ ...(await sessions.verifyPaths("k", ["/role"], { schema: "object" })) }, { "/role": "user" });
      for (const refused of [
        sessions.verify("k", { schema: "admin" }),
        sessions.verify("k", { schema: ["object", "admin"], withInfo: true }),
        sessions.verifyPaths("k", ["/role"], { schema: "admin" }),
      ]) {
        await assert.rejects(refused, {
          name: "InvalidError",
          code: "INVALID",
          status: 403,
          schema: "admin",
          violations: [{ pointer: "/role", rule: "const" }],
          more: 0,
        });
      }
      await assert.rejects(sessions.verify("k", { schema: "nix" }), { name: "NoSchemaError", schema: "nix" });
      await sleep(1100);
      await assert.rejects(sessions.verify("k", { fresh: 0 }), { name: "StaleError", status: 401 });
      assert.equal(await sessions.verify("nobody"), null);
      assert.equal(await sessions.verifyPaths("nobody", ["/role"]), null);
    });

    test("patch takes a merge patch and a JSON Patch", async () => {
      await sessions.schema.set("n", { required: ["n"] });
      await sessions.createAs("k", { n: 1, gone: true });
      assert.equal(await sessions.patch("k", { n: 2, gone: null }), 2);
      assert.equal(await sessions.patch("k", [{ op: "add", path: "/list", value: [null] }], { ifVersion: 2 }), 3);
      assert.equal(await sessions.patch("k", new JsonText('{"big":9007199254740993}'), { schema: "n", idle: 60 }), 4);
      assert.equal((await sessions.get("k"))?.text, '{"n":2,"list":[null],"big":9007199254740993}');
      const info = await sessions.info("k");
      assert.equal(info?.schema, "n");
      assert.equal(info.idle, 60_000);
      await assert.rejects(sessions.patch("k", {}, { ifVersion: 3 }), { code: "CONFLICT", version: 4 });
      await assert.rejects(sessions.patch("k", [{ op: "remove", path: "/x" }]), { code: "CONFLICT", operation: 0 });
      await assert.rejects(sessions.patch("k", { n: null }), { code: "INVALID", status: 500 });
      await assert.rejects(sessions.patch("gone", {}), { code: "NOSESSION", status: 401 });
    });

    test("pop reads and removes", async () => {
      await sessions.createAs("k", { flash: ["a", "b"], code: "9041", n: 1 });
      assert.deepEqual({ ...(await sessions.pop("k", "/code")) }, { "/code": "9041" });
      assert.deepEqual({ ...(await sessions.pop("k", "/code")) }, {});
      assert.deepEqual(
        { ...(await sessions.pop("k", "/flash/0", "/x", "/flash/1")) },
        { "/flash/0": "a", "/flash/1": "b" },
      );
      assert.equal((await sessions.get("k"))?.text, '{"flash":[],"n":1}');
      await assert.rejects(sessions.pop("nobody", "/n"), { code: "NOSESSION" });
    });

    test("rotate gives a new ID, with the changes of a login", async () => {
      const old = await sessions.create("session:*", { cart: [7] });
      const how = { user: "ada", patch: { name: "ada" }, ex: 500, idle: 60, maxSessions: 5 };
      const made = await sessions.rotate(old.key, "session:*", how);
      assert.equal(keyOfToken("session:", made.token), made.key);
      assert.equal(await sessions.get(old.key), null);
      assert.deepEqual((await sessions.get(made.key))?.data, { cart: [7], name: "ada" });
      assert.equal((await sessions.info(made.key))?.user, "ada");
      const graced = await sessions.rotate(made.key, "session:*", { grace: 5000, token: false });
      assert.equal(graced.token, "");
      assert.deepEqual((await sessions.get(made.key))?.data, { cart: [7], name: "ada" });
      await assert.rejects(sessions.rotate(graced.key, "session:*", { user: "eve" }), {
        code: "OTHERUSER",
        status: 409,
      });
      await assert.rejects(sessions.rotate("nobody", "session:*"), { code: "NOSESSION" });
      const refused = { user: "ada", maxSessions: 1, refuse: true };
      await sessions.create("session:*", {}, { user: "ada" });
      await assert.rejects(sessions.rotate(graced.key, "session:*", refused), { code: "TOOMANY", status: 429 });
    });

    test("rotateAs goes on under a key of one's own", async () => {
      await sessions.schema.set("any", true);
      await sessions.createAs("a", { n: 1 });
      await sessions.createAs("taken", {});
      assert.equal(await sessions.rotateAs("a", "taken", { patch: { n: 2 } }), false);
      assert.equal(
        await sessions.rotateAs("a", "b", { patch: [{ op: "add", path: "/m", value: null }], schema: "any" }),
        true,
      );
      assert.equal((await sessions.get("b"))?.text, '{"n":1,"m":null}');
      assert.equal(await sessions.get("a"), null);
      await assert.rejects(sessions.rotateAs("a", "c"), { code: "NOSESSION" });
    });

    test("del ends sessions and counts them", async () => {
      await sessions.createAs("a", {});
      await sessions.createAs("b", {});
      assert.equal(await sessions.del("a", "b", "c"), 2);
      assert.equal(await sessions.del("a"), 0);
      assert.equal(await sessions.del(), 0);
    });

    test("info is null without a session", async () => {
      assert.equal(await sessions.info("nobody"), null);
    });

    test("list shows a user's sessions, in their order, with what was asked for", async () => {
      for (const [i, key] of ["one", "two", "three"].entries()) {
        await sessions.createAs(key, { device: key, i }, { user: "ada" });
        await sleep(2);
      }
      await sessions.touch("one");
      const all = await sessions.list("ada");
      assert.deepEqual(
        all.map(({ key }) => key),
        ["one", "three", "two"],
      );
      assert.equal(all[0]?.info.user, "ada");
      assert.equal(all[0].info.version, 1);
      const some = await sessions.list("ada", { fields: ["version"], paths: ["/device", "/x"], limit: 2 });
      assert.deepEqual(
        some.map(({ key, values }) => [key, { ...values }]),
        [
          ["one", { "/device": "one" }],
          ["three", { "/device": "three" }],
        ],
      );
      const info = some[0]?.info;
      assert.deepEqual(Object.keys(info ?? {}).sort(), ["accessed", "created", "version"]);
      const single = await sessions.list("ada", { paths: ["/i"] });
      assert.deepEqual(
        single.map(({ values }) => values["/i"]),
        [0, 2, 1],
      );
      assert.deepEqual(await sessions.list("nobody"), []);
    });

    test("revoke ends all sessions of a user, or some", async () => {
      for (const key of ["a", "b", "c", "d", "e"]) await sessions.createAs(key, {}, { user: "ada" });
      await sessions.createAs("other", {}, { user: "eve" });
      assert.equal(await sessions.revoke("ada", { only: ["a", "other", "nix"] }), 1);
      assert.equal(await sessions.revoke("ada", { only: "b" }), 1);
      assert.equal(await sessions.revoke("ada", { only: [] }), 0);
      assert.equal(await sessions.revoke("ada", { limit: 1, except: ["c", "d"] }), 1);
      assert.equal(await sessions.revoke("ada", { except: "c" }), 1);
      assert.equal(await sessions.revoke("ada", { except: [] }), 1);
      assert.equal(await sessions.revoke("ada"), 0);
      assert.notEqual(await sessions.get("other"), null);
    });

    test("import keeps the times that a session had elsewhere", async () => {
      const created = Date.now() - 100_000;
      const times = { created, authenticated: new Date(created + 1000), accessed: created + 50_000 };
      assert.equal(await sessions.import("k", { n: 1 }, { ...times, user: "ada", idle: 600, ex: 1000 }), true);
      assert.equal(await sessions.import("k", { n: 2 }, { created: new Date(created) }), false);
      const info = await sessions.info("k");
      assert.equal(info?.created, created);
      assert.equal(info.authenticated, created + 1000);
      assert.equal(info.accessed, created + 50_000);
      assert.equal(info.idle, 600_000);
      assert.equal(info.user, "ada");
    });

    test("schemas are set, read, checked, listed and removed", async () => {
      await sessions.schema.set("user", new JsonText('{ "required": ["name"] }'), {
        prefix: "user:",
        assertFormat: true,
      });
      await sessions.schema.set("any", true);
      await sessions.schema.set("any", true, { nx: true });
      await assert.rejects(sessions.schema.set("any", false, { nx: true }), { code: "CONFLICT" });
      assert.equal(await sessions.schema.get("user"), '{ "required": ["name"] }');
      assert.equal(await sessions.schema.get("nix"), null);
      await sessions.schema.check("user", { name: 1 });
      await assert.rejects(sessions.schema.check("user", {}), { code: "INVALID", schema: "user" });
      await assert.rejects(sessions.createAs("user:1", {}), { code: "INVALID" });
      const listed = await sessions.schema.list();
      assert.deepEqual(
        listed.map(({ name, assertFormat, prefix }) => ({ name, assertFormat, prefix })),
        [
          { name: "any", assertFormat: false, prefix: null },
          { name: "user", assertFormat: true, prefix: "user:" },
        ],
      );
      assert.match(listed[0]?.digest ?? "", /^[0-9a-f]{64}$/);
      assert.equal(await sessions.schema.del("user", "any", "nix"), 2);
      assert.equal(await sessions.schema.del(), 0);
    });

    test("all of Unicode goes in and comes back, in keys, users and data", async () => {
      const text = "d\u00e9j\u00e0 \u{1F600} \u4f60\u597d \u0000\r\n$5\r\nhello\r\n";
      assert.equal(await sessions.createAs(`k${text}`, { [text]: text }, { user: text }), true);
      assert.deepEqual((await sessions.get(`k${text}`))?.data, { [text]: text });
      assert.equal((await sessions.list(text))[0]?.key, `k${text}`);
      assert.equal((await sessions.list(text))[0]?.info.user, text);
    });

    test("large data goes in and comes back, also many at once", async () => {
      const sizes = Array.from({ length: 50 }, (_, i) => i * 1000);
      await Promise.all(sizes.map((size) => sessions.createAs(`big${String(size)}`, "x".repeat(size))));
      const found = await Promise.all(sizes.map((size) => sessions.get(`big${String(size)}`)));
      assert.deepEqual(
        found.map((session) => (session?.data as string).length),
        sizes,
      );
    });

    test("scan finds the keys of sessions that match, and no others", async () => {
      await sessions.createAs("app:1", {});
      await sessions.createAs("app:2", {});
      await sessions.createAs("other:1", {});
      await server.ask("SET app:3 x");
      const found: string[] = [];
      for await (const keys of sessions.driver.scan("app:*")) found.push(...keys);
      assert.deepEqual(found.sort(), ["app:1", "app:2"]);
    });
  });
}
