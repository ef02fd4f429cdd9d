// Whatever an application puts into a session, and whatever a browser sends as a cookie: as express-session's own memory
// store, or an error that says why; never a crash, never another visitor's session.
import assert from "node:assert/strict";
import { test } from "node:test";
import session from "express-session";
import fc from "fast-check";
import { BadJsonError, SessionError } from "redis-session-client";
import { overDrivers } from "./support/express-drivers.js";
import { done, membersOf, plain, signed } from "./support/web.js";

/** Every kind of value that JSON writes, changes or leaves out. */
const VALUES: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  function: () => () => 1,
  symbol: () => Symbol("s"),
  date: () => new Date(0),
  "invalid date": () => new Date(NaN),
  NaN: () => NaN,
  Infinity: () => -Infinity,
  "-0": () => -0,
  map: () => new Map([[1, 2]]),
  buffer: () => Buffer.from("abc"),
  class: () =>
    new (class Point {
      x = 1;
      toJSON(key: string): unknown {
        return { x: this.x, key };
      }
    })(),
  "toJSON that returns undefined": () => ({ toJSON: () => undefined }),
  "sparse array": () => [1, , undefined, () => 1], // eslint-disable-line no-sparse-arrays -- the case
  "object with null": () => ({ a: null, b: { c: null } }),
  "own __proto__": () => JSON.parse('{"__proto__":{"admin":true},"constructor":1,"toString":null}') as unknown,
  text: () => '\u0000\u2028"\\/é😀\u007f',
  "escaped like a surrogate": () => "\\ud800 \\\\udfff",
  "empty name": () => ({ "": { "": 0 }, "a/b~c": [{}] }),
  "100 levels": () => nested(100),
  "400 kB": () => "x".repeat(400_000),
};

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
}

type Loaded = Record<string, unknown> & { save(callback: (error?: unknown) => void): void };

/** Runs the same accesses against any store: create, load, change, load again. */
async function life(store: session.Store, sid: string, first: object, second: object): Promise<unknown[]> {
  const states: unknown[] = [];
  await done((callback) => {
    store.set(sid, plain(first), callback);
  });
  const load = () =>
    new Promise<Loaded>((resolve, reject) => {
      store.load(sid, (error: unknown, loaded) => {
        if (loaded === undefined) reject(error instanceof Error ? error : new Error("no session"));
        else resolve(loaded as unknown as Loaded);
      });
    });
  const loaded = await load();
  states.push(JSON.parse(JSON.stringify(membersOf(loaded))));
  for (const name of Object.keys(loaded))
    if (name !== "cookie" && !(name in second)) Reflect.deleteProperty(loaded, name);
  for (const [name, value] of Object.entries(second))
    if (!(name in loaded) || Object.hasOwn(loaded, name)) loaded[name] = value;
  await done((callback) => {
    loaded.save(callback);
  });
  states.push(JSON.parse(JSON.stringify(membersOf(await load()))));
  return states;
}

let sids = 0;

overDrivers(({ site, store: makeStore, send }) => {
  test("every value comes back as from the memory store", async () => {
    const store = makeStore();
    const memory = new session.MemoryStore();
    for (const [name, value] of Object.entries(VALUES)) {
      for (const [first, second] of [
        [{ a: value(), b: 1 }, { b: value() }],
        [{}, { a: value() }],
        [{ a: { a: 1 } }, { a: value(), c: value() }],
        [{ a: value() }, { a: value() }],
      ] as const) {
        const sid = `v${String(sids++)}`;
        assert.deepEqual(await life(store, sid, first, second), await life(memory, sid, first, second), name);
      }
    }
  });

  test("members with the names of methods, and __proto__, are kept and never taken for removed", async () => {
    const store = makeStore();
    const memory = new session.MemoryStore();
    const members = JSON.parse(
      '{"touch":1,"save":2,"id":3,"req":4,"reload":5,"__proto__":{"x":1},"constructor":6,"toString":7,"hasOwnProperty":8,"n":9}',
    ) as object;
    const states = await life(store, "names", members, { n: 10 });
    assert.deepEqual(states, await life(memory, "names", members, { n: 10 }));
    // Unlike the memory store, which loses them with the first save.
    const text = (await store.sessions.get(store.keyOf("names")))?.text ?? "";
    for (const name of ["touch", "save", "id", "__proto__", "constructor", "hasOwnProperty"])
      assert.ok(text.includes(`"${name}":`), name);
    assert.equal(({} as { x?: unknown }).x, undefined);
  });

  test("what the patch makes of the stored data is what the memory store has: any members, any changes", async () => {
    const store = makeStore();
    const memory = new session.MemoryStore();
    const name = fc.oneof(
      fc.constantFrom("a", "b", "c", "a/b", "~", "~1", "", "touch", "toString", "cookies"),
      fc.string({ unit: "grapheme" }),
    );
    const members = fc.dictionary(
      name.filter((text) => text !== "cookie" && text !== "__proto__"),
      fc.jsonValue({ maxDepth: 3 }),
      { maxKeys: 6 },
    );
    await fc.assert(
      fc.asyncProperty(members, members, members, async (common, first, second) => {
        const sid = `p${String(sids++)}`;
        const [before, after] = [
          { ...first, ...common },
          { ...second, ...common },
        ];
        assert.deepEqual(await life(store, sid, before, after), await life(memory, sid, before, after));
      }),
      { numRuns: 60 },
    );
  });

  test("two requests that change different members, whatever they hold, leave both changes", async () => {
    const store = makeStore();
    const value = fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(value, value, value, value, async (a0, b0, a1, b1) => {
        const sid = `q${String(sids++)}`;
        await store.set(sid, plain({ a: a0, b: b0 }));
        const [one, two] = [await store.load(sid), await store.load(sid)];
        assert.ok(one && two);
        one["a"] = a1;
        two["b"] = b1;
        await Promise.all([done((callback) => one.save(callback)), done((callback) => two.save(callback))]);
        const wanted: unknown = JSON.parse(JSON.stringify({ a: a1, b: b1 }));
        assert.deepEqual(membersOf(await store.get(sid)), wanted);
      }),
      { numRuns: 60 },
    );
  });

  test("halves of surrogate pairs become U+FFFD, as in any text that is sent as UTF-8", async () => {
    const store = makeStore();
    await store.set("lone", plain({ text: "a\ud800b", "n\udfff": ["\ud83d", "😀", "\\ud800"] }));
    assert.deepEqual(membersOf(await store.get("lone")), { text: "a\ufffdb", "n\ufffd": ["\ufffd", "😀", "\\ud800"] });
  });

  test("data without JSON is an error of the save, and the stored session stays as it was", async () => {
    const circle: Record<string, unknown> = {};
    circle["circle"] = circle;
    const bad: Record<string, [unknown, (error: unknown) => boolean]> = {
      circle: [circle, (error) => error instanceof TypeError],
      BigInt: [1n, (error) => error instanceof TypeError],
      "toJSON that throws": [
        {
          toJSON: () => {
            throw new RangeError("mine");
          },
        },
        (error) => error instanceof RangeError,
      ],
      "200 levels": [nested(200), (error) => error instanceof BadJsonError],
      "2 MB": [
        "x".repeat(2_000_000),
        (error) => error instanceof SessionError && error.message.includes("session.max-data-bytes"),
      ],
    };
    const { visitor } = await site({
      "/start": (req) => (req.session["n"] = 1),
      "/bad/:name": async (req) => {
        const [value, check] = bad[String(req.params["name"])] ?? assert.fail();
        req.session["bad"] = value;
        await assert.rejects(
          done((callback) => req.session.save(callback)),
          check,
        );
        delete req.session["bad"];
      },
      "/": (req) => membersOf(req.session),
    });
    const browser = visitor();
    for (const name of Object.keys(bad)) await visitor().get(`/bad/${encodeURIComponent(name)}`);
    await browser.get("/start");
    for (const name of Object.keys(bad)) await browser.get(`/bad/${encodeURIComponent(name)}`);
    assert.deepEqual(await browser.get("/"), { n: 1 });
  });

  test("a session ID of any shape and length is one session, and nobody else's", async () => {
    const { store, visitor } = await site({
      "/start": (req) => (req.session["n"] = 1),
      "/": (req) => req.session["n"] ?? null,
    });
    const victim = visitor();
    await victim.get("/start");
    const [handle = ""] = await store.ids();
    const key = `${store.keyOf("x").slice(0, -33)}${handle}`;
    const shapes = [
      handle,
      handle.slice(1),
      key,
      "*",
      "x".repeat(10_000),
      "../a",
      "a\u0000b",
      "é😀",
      " ",
      ".",
      "0000.",
      "__proto__",
      `${handle}.x`,
    ];
    for (const sid of shapes) {
      const browser = visitor();
      browser.jar.set("connect.sid", signed(sid));
      assert.equal(await browser.get("/"), null, JSON.stringify(sid.slice(0, 50)));
    }
    for (const cookie of [
      "",
      "s%3A",
      "s%3A.",
      "s:a.b",
      "%",
      "j:{}",
      "s%3Aa.%00",
      "x".repeat(10_000),
      "s%3A" + "y".repeat(9_000),
    ]) {
      const browser = visitor();
      browser.jar.set("connect.sid", cookie);
      const { status, text } = await browser.send("/");
      assert.deepEqual([status, text], [200, "null"], cookie.slice(0, 50));
    }
    // As keys of the application, too.
    for (const sid of shapes.filter((text) => text !== "")) {
      await store.set(sid, plain({ sid }));
      assert.equal((await store.get(sid))?.["sid"], sid);
    }
    assert.equal(new Set(shapes.map((sid) => store.keyOf(sid))).size, shapes.length);
    assert.equal(await victim.get("/"), 1);
  });

  test("numbers and spaces that other clients have stored keep their bytes", async () => {
    const store = makeStore();
    const text = '{"cookie": {"originalMaxAge": null}, "big": 9007199254740993, "huge": 1e400, "n": 1.50}';
    await send("SESSION.SET", store.keyOf("other"), text, "NX");
    const loaded = await store.load("other");
    assert.ok(loaded);
    loaded["m"] = 1;
    await done((callback) => loaded.save(callback));
    const stored = (await store.sessions.get(store.keyOf("other")))?.text ?? "";
    for (const part of ['"big": 9007199254740993', '"huge": 1e400', '"n": 1.50', '"m":1'])
      assert.ok(stored.includes(part), part);
  });
});
