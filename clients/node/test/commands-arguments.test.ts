// Wrong arguments: compile errors where TypeScript can tell, and a TypeError before anything is sent where it cannot.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { JsonText, Sessions, type Expiry } from "redis-session-client";
import { nodeRedisClient, type Connected } from "./support/drivers.js";
import { Server } from "./support/server.js";

let server: Server;
let connected: Connected;
let sessions: Sessions;
before(async () => {
  server = await Server.start();
  connected = await nodeRedisClient("redis", server.url);
  sessions = new Sessions(connected.client);
});
after(async () => {
  await connected.close();
  await server.stop();
});

/** Arguments that the types refuse, to try what happens without the types. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller's parameter gives the type
function untyped<T>(value: unknown): T {
  return value as T;
}

async function refused(call: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert.ok(error instanceof TypeError, `not a TypeError: ${inspect(error)}`);
    assert.match(error.message, message);
    return true;
  });
}

test("options that contradict each other, or do not exist, do not compile", async () => {
  // The calls are only compiled: the server would refuse them too.
  const calls = [
    // @ts-expect-error two deadlines
    (): Promise<unknown> => sessions.touch("k", { ex: 1, px: 1000 }),
    // @ts-expect-error two idle timeouts
    (): Promise<unknown> => sessions.touch("k", { idle: 1, pidle: 1000 }),
    // @ts-expect-error a deadline, and none
    (): Promise<unknown> => sessions.createAs("k", {}, { persist: true, exat: 1 }),
    // @ts-expect-error a limit without a user
    (): Promise<unknown> => sessions.create("session:*", {}, { maxSessions: 3 }),
    // @ts-expect-error refuse without a limit
    (): Promise<unknown> => sessions.create("session:*", {}, { user: "ada", refuse: true }),
    // @ts-expect-error a grace at a login
    (): Promise<unknown> => sessions.rotate("k", "session:*", { user: "ada", grace: 100 }),
    // @ts-expect-error all fields, and some
    (): Promise<unknown> => sessions.get("k", { withInfo: true, fields: ["version"] }),
    // @ts-expect-error no such field
    (): Promise<unknown> => sessions.get("k", { fields: ["name"] }),
    // @ts-expect-error both lists
    (): Promise<unknown> => sessions.revoke("ada", { except: "a", only: "b" }),
    // @ts-expect-error no such option
    (): Promise<unknown> => sessions.createAs("k", {}, { ttl: 60 }),
    // @ts-expect-error the time of the creation is missing
    (): Promise<unknown> => sessions.import("k", {}, {}),
    // @ts-expect-error a login that nobody made
    (): Promise<unknown> => sessions.import("k", {}, { created: 1, authenticated: 1 }),
    // @ts-expect-error a set cannot name a user
    (): Promise<unknown> => sessions.set("k", {}, { user: "ada" }),
  ];
  assert.equal(calls.length, 13);
  // Optional options may be undefined, so that they can be passed on.
  const expiry: Expiry = { ex: undefined, idle: undefined };
  assert.equal(await sessions.touch("nobody", expiry), false);
});

test("the types of what comes back are those that were asked for", async () => {
  await sessions.createAs("typed", { n: 1 }, { user: "ada" });
  const some = await sessions.get<{ n: number }, "version" | "user">("typed", { fields: ["version", "user"] });
  const version: number | undefined = some?.info.version;
  // @ts-expect-error this field was not asked for
  const ttl: unknown = some?.info.ttl;
  assert.deepEqual([version, ttl], [1, undefined]);
  const found = await sessions.getPaths("typed", ["/n"]);
  assert.equal(found?.["/n"], 1);
  // @ts-expect-error this pointer was not asked for
  assert.equal(found["/m"], undefined);
  const [listed] = await sessions.list("ada", { fields: ["version"], paths: ["/n"] });
  const accessed: number | undefined = listed?.info.accessed;
  assert.equal(typeof accessed, "number");
  assert.equal(listed?.values["/n"], 1);
});

test("options of the wrong name or type are a TypeError", async () => {
  const create = (how: unknown): Promise<unknown> => sessions.create("session:*", {}, untyped(how));
  await refused(create({ ttl: 60 }), /^there is no option 'ttl' here; the options are ex, px, .*, token$/);
  await refused(create({ ex: "60" }), /^ex must be an integer$/);
  await refused(create({ ex: 1.5 }), /^ex must be an integer$/);
  await refused(create({ ex: NaN }), /^ex must be an integer$/);
  await refused(create({ ex: 1e300 }), /^ex must be an integer$/);
  await refused(create({ ex: true }), /^ex must be an integer$/);
  await refused(create({ exat: new Date(NaN) }), /^exat must be an integer$/);
  await refused(create({ persist: 1 }), /^persist is true or false$/);
  await refused(create({ user: 7 }), /^user must be a string$/);
  await refused(create({ schema: null }), /^schema must be a string$/);
  await refused(create({ token: "yes" }), /^token is true or false$/);
  await refused(create({ ex: 1, px: 1 }), /^ex and px contradict each other/);
  await refused(create({ persist: true, exat: 1 }), /^persist and exat contradict each other/);
  await refused(create({ idle: 1, pidle: 0 }), /^idle and pidle contradict each other/);
  await refused(create({ constructor: 1 }), /^there is no option 'constructor'/);
  await refused(sessions.get("k", untyped({ withInfo: true, fields: ["version"] })), /contradict/);
  await refused(sessions.get("k", untyped({ fields: [] })), /at least one field/);
  await refused(sessions.get("k", untyped({ fields: "version" })), /array of strings/);
  await refused(sessions.verify("k", untyped({ schema: [1] })), /schema must be a string/);
  await refused(sessions.verify("k", untyped({ schemas: ["a"] })), /there is no option 'schemas'/);
  await refused(sessions.revoke("ada", untyped({ except: ["a"], only: ["b"] })), /contradict/);
  await refused(sessions.revoke("ada", untyped({ keep: ["a"] })), /there is no option 'keep'/);
  await refused(sessions.list("ada", untyped<{ limit: number }>({ limit: "5" })), /limit must be an integer/);
  await refused(sessions.touch("k", untyped({ schema: "s" })), /there is no option 'schema'/);
  await refused(sessions.schema.set("s", true, untyped({ format: true })), /there is no option 'format'/);
});

test("keys, pointers and users that are no strings are a TypeError", async () => {
  const wrong = untyped<string>(undefined);
  const calls: Promise<unknown>[] = [
    sessions.get(wrong),
    sessions.verify(wrong),
    sessions.info(wrong),
    sessions.touch(wrong),
    sessions.del("a", wrong),
    sessions.pop(wrong, "/n"),
    sessions.pop("k", wrong),
    sessions.patch(wrong, {}),
    sessions.set(wrong, {}),
    sessions.create(wrong, {}),
    sessions.createAs(wrong, {}),
    sessions.rotate(wrong, "session:*"),
    sessions.rotate("k", wrong),
    sessions.rotateAs("k", wrong),
    sessions.list(wrong),
    sessions.revoke(wrong),
    sessions.getPaths("k", untyped<string[]>("/n")),
    sessions.schema.get(wrong),
    sessions.schema.del(wrong),
  ];
  for (const call of calls) await refused(call, /must be (a string|an array of strings)$/);
  await refused(sessions.getPaths("k", []), /at least one JSON Pointer/);
  await refused(sessions.pop("k"), /at least one JSON Pointer/);
});

test("a key that is a pattern, and a pattern that is none, are a TypeError", async () => {
  await refused(sessions.create("session:", {}), /must end in '\*'/);
  await refused(sessions.rotate("k", "session:new"), /must end in '\*'/);
  await refused(sessions.set("session:*", {}), /is a pattern; create takes one/);
  await refused(sessions.rotateAs("k", "session:*"), /is a pattern; rotate takes one/);
});

test("data that JSON cannot write is a TypeError that does not show it", async () => {
  const circular: Record<string, unknown> = { secretMember: 1 };
  circular["itself"] = circular;
  const throwing = {
    toJSON(): never {
      throw new Error("secret");
    },
  };
  for (const data of [undefined, () => 1, Symbol("secret"), 1n, { secret: 1n }, circular, throwing]) {
    await assert.rejects(sessions.createAs("k", data), (error: unknown) => {
      assert.ok(error instanceof TypeError);
      assert.doesNotMatch(inspect(error), /secret|itself/);
      return true;
    });
  }
  assert.throws(() => new JsonText(untyped({})), TypeError);
});

test("wrong numbers of the right type are left to the server", async () => {
  await sessions.createAs("numbers", {});
  await assert.rejects(sessions.touch("numbers", { ex: 0 }), { name: "SessionError", code: "ERR", status: 500 });
  await assert.rejects(sessions.touch("numbers", { pxat: -1 }), { code: "ERR" });
  await assert.rejects(sessions.list("ada", { limit: 0 }), { code: "ERR" });
  await assert.rejects(sessions.create("session:*", {}, { user: "" }), { code: "ERR" });
});
