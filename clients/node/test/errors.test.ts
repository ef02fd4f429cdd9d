// Errors: one class for each code, with its parts; no error shows data, tokens or arguments.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";
import * as esm from "redis-session-client";
import { Sessions } from "redis-session-client";
import { drivers, ioredisClient, nodeRedisClient, type Connected } from "./support/drivers.js";
import { packageRoot, Server } from "./support/server.js";

const cjs = createRequire(import.meta.url)("redis-session-client") as typeof esm;

let server: Server;
before(async () => {
  server = await Server.start();
});
after(async () => {
  await server.stop();
});

/** The error of a call that must fail. */
async function errorOf(call: Promise<unknown>): Promise<esm.SessionError> {
  const error: unknown = await call.then(
    () => assert.fail("the call did not fail"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof esm.SessionError, inspect(error));
  return error;
}

for (const driver of drivers) {
  describe(driver.name, () => {
    let connected: Connected;
    let sessions: Sessions;
    before(async () => {
      connected = await driver.connect(server.url);
      sessions = new Sessions(connected.client);
      await server.ask("FLUSHALL");
      await sessions.schema.set("s", { required: ["a", "b", "c", "d", "e", "f", "g"] });
      await sessions.schema.set("p", { properties: { "x; /y": { maxLength: 1 } } });
      await sessions.createAs("k", { n: 1 }, { user: "ada" });
      await server.ask("SET string x");
    });
    after(async () => {
      await connected.close();
    });

    test("each code has its class", async () => {
      const cases: [Promise<unknown>, keyof typeof esm, string, number][] = [
        [sessions.set("nobody", {}), "NoSessionError", "NOSESSION", 401],
        [sessions.schema.check("s", {}), "InvalidError", "INVALID", 500],
        [sessions.schema.check("nix", {}), "NoSchemaError", "NOSCHEMA", 500],
        [sessions.schema.set("bad", { type: 7 }), "BadSchemaError", "BADSCHEMA", 500],
        [sessions.set("k", new esm.JsonText("{")), "BadJsonError", "BADJSON", 500],
        [sessions.set("k", {}, { ifVersion: 9 }), "ConflictError", "CONFLICT", 409],
        [sessions.verify("string"), "SessionError", "WRONGTYPE", 500],
        [sessions.rotate("k", "k*", { user: "eve" }), "OtherUserError", "OTHERUSER", 409],
        [sessions.createAs("m", {}, { user: "ada", maxSessions: 1, refuse: true }), "TooManyError", "TOOMANY", 429],
        [sessions.getPaths("k", ["n"]), "SessionError", "ERR", 500],
      ];
      for (const [call, name, code, status] of cases) {
        const error = await errorOf(call);
        assert.equal(error.name, name);
        assert.ok(error instanceof (esm[name] as typeof esm.SessionError));
        assert.equal(error.code, code);
        assert.equal(error.status, status);
        assert.match(error.message, /^[ -~]+$/);
        assert.match(String(error.stack), new RegExp(`^${name}: `));
      }
      const stale = await errorOf(sessions.createAs("anon", {}).then(() => sessions.verify("anon", { fresh: 1 })));
      assert.equal(stale.name, "StaleError");
      assert.equal(stale.status, 401);
    });

    test("errors have the parts that the server tells", async () => {
      const invalid = await errorOf(sessions.schema.check("s", {}));
      assert.ok(invalid instanceof esm.InvalidError);
      assert.equal(invalid.schema, "s");
      assert.deepEqual(invalid.violations[4], { pointer: "", rule: 'required "e"' });
      assert.equal(invalid.violations.length, 5);
      assert.equal(invalid.more, 2);
      const odd = await errorOf(sessions.schema.check("p", { "x; /y": "long" }));
      assert.ok(odd instanceof esm.InvalidError);
      assert.deepEqual(odd.violations, [{ pointer: "/x; ~1y", rule: "maxLength 1" }]);
      const conflict = await errorOf(sessions.set("k", {}, { ifVersion: 9 }));
      assert.ok(conflict instanceof esm.ConflictError);
      assert.equal(conflict.version, 1);
      assert.equal(conflict.operation, undefined);
      const operations = [
        { op: "add", path: "/a", value: 1 },
        { op: "remove", path: "/nix" },
      ];
      const patch = await errorOf(sessions.patch("k", operations));
      assert.ok(patch instanceof esm.ConflictError);
      assert.equal(patch.operation, 1);
    });

    test("no error shows data, tokens or arguments", async () => {
      const secret = "s3cret-ada";
      const made = await sessions.create("session:*", { secret });
      const failing: Promise<unknown>[] = [
        sessions.set("nobody", { secret }),
        sessions.set("k", { secret }, { ifVersion: 9 }),
        sessions.patch("k", new esm.JsonText(`{"${secret}`)),
        sessions.schema.check("s", { secret }),
        sessions.verify(made.key, { fresh: 1 }),
        sessions.driver.send("k", ["SESSION.SET", "k", `{"a":"${secret}"}`, secret]),
        sessions.driver.send("k", ["SESSION.SET", "k", secret, secret, secret]),
        sessions.driver.send("k", ["SESSION.NIX", "k", secret]),
        sessions.driver.send("k", ["SESSION.GET"]),
        sessions.driver.send("string", ["SESSION.SET", "string", `"${secret}"`]),
      ];
      for (const call of failing) {
        const error = await errorOf(call);
        const shown = inspect(error, { showHidden: true, depth: 10, getters: true }) + JSON.stringify(error);
        assert.doesNotMatch(shown, /s3cret|ada/);
        assert.ok(!shown.includes(made.token));
        assert.equal(error.cause, undefined);
        const own = Object.getOwnPropertyNames(error).filter((name) => !["stack", "message"].includes(name));
        const known = ["code", "status", "reason", "schema", "violations", "more", "version", "operation"];
        assert.deepEqual(
          own.filter((name) => !known.includes(name)),
          [],
        );
      }
    });
  });
}

test("data and tokens do not show in logs of what the methods return", async (t) => {
  const { client, close } = await nodeRedisClient("redis", server.url);
  t.after(close);
  const sessions = new Sessions(client);
  const made = await sessions.create("session:*", { secret: "s3cret" });
  const shown = inspect([
    made,
    await sessions.get(made.key),
    await sessions.get(made.key, { withInfo: true }),
    new esm.JsonText('"s3cret"'),
  ]);
  assert.doesNotMatch(shown, /s3cret/);
  assert.ok(!shown.includes(made.token));
  assert.ok(shown.includes(made.key));
});

test("instanceof works between the package's two copies", async (t) => {
  const { client, close } = await nodeRedisClient("redis", server.url);
  t.after(close);
  const error = await errorOf(new Sessions(client).set("nobody", {}));
  assert.notEqual(cjs.NoSessionError, esm.NoSessionError);
  assert.ok(error instanceof cjs.NoSessionError);
  assert.ok(error instanceof cjs.SessionError);
  assert.ok(!(error instanceof cjs.StaleError));
  assert.ok(!(new Error("x") instanceof esm.SessionError));
  assert.ok(!((null as unknown) instanceof esm.SessionError));
});

test("a subclass of an application has the usual instanceof", () => {
  class Mine extends esm.SessionError {}
  const mine = new Mine("MINE", "mine", 418);
  assert.ok(mine instanceof Mine);
  assert.ok(mine instanceof esm.SessionError);
  assert.ok(!(new esm.SessionError("ERR", "x") instanceof Mine));
});

const UNHANDLED = `
import { Sessions } from "redis-session-client";
const [driver, url] = process.argv.slice(1);
const secret = "s3cret-ada";
let client;
if (driver === "redis") {
  const { createClient } = await import("redis");
  client = await createClient({ url }).connect();
} else {
  const { Redis } = await import(driver);
  client = new Redis(url);
}
const sessions = new Sessions(client);
void sessions.set("nobody", { secret });
`;

for (const driver of ["redis", "ioredis", "iovalkey"]) {
  test(`an unhandled error of ${driver} shows no data`, () => {
    const args = ["--input-type=module", "--eval", UNHANDLED, driver, server.url];
    const ended = spawnSync(process.execPath, args, { cwd: packageRoot, encoding: "utf8" });
    assert.equal(ended.status, 1);
    assert.match(ended.stderr, /NoSessionError: there is no live session at this key/);
    const thrown = ended.stderr.slice(ended.stderr.indexOf("NoSessionError"));
    assert.doesNotMatch(thrown, /s3cret/);
  });
}

test("an error of a server without the module names the server, not the arguments", async (t) => {
  const bare = await Server.start({ module: false });
  t.after(() => bare.stop());
  for (const connect of [nodeRedisClient.bind(null, "redis"), ioredisClient.bind(null, "ioredis")]) {
    const { client, close } = await connect(bare.url);
    t.after(close);
    const error = await errorOf(new Sessions(client).create("session:*", { secret: "s3cret" }));
    assert.ok(error instanceof esm.ModuleMissingError);
    assert.equal(error.code, "NOMODULE");
    assert.equal(error.status, 503);
    assert.ok(error.message.includes(`127.0.0.1:${String(bare.port)}`), error.message);
    assert.doesNotMatch(inspect(error), /s3cret|session:\*/);
  }
});
