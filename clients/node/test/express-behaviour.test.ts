// What express-session and its documentation promise of a session, with this store: its options, cookies, and methods.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import express from "express";
import session from "express-session";
import { InvalidError } from "redis-session-client";
import { calls } from "./support/calls.js";
import { overDrivers } from "./support/express-drivers.js";
import { barrier, done, listen, membersOf, plain, type Routes } from "./support/web.js";

const near = (value: number | null | undefined, wanted: number): void => {
  assert.ok(
    value !== null && value !== undefined && value <= wanted && value > wanted - 1000,
    `${String(value)}, not ${String(wanted)}`,
  );
};

overDrivers(({ url, site, store: makeStore, send }) => {
  const counter: Routes = {
    "/n": (req) => (req.session["n"] = ((req.session["n"] as number | undefined) ?? 0) + 1),
    "/": (req) => req.session["n"] ?? null,
  };

  test("rolling sends the cookie with every answer, and extends the session", async () => {
    const { visitor } = await site(counter, {}, { rolling: true, cookie: { maxAge: 60_000 } });
    const browser = visitor();
    await browser.get("/n");
    assert.equal((await browser.send("/")).setCookies.length, 1);
    assert.deepEqual(await calls(url(), () => browser.get("/")), { "session.get": 1, "session.touch": 1 });
  });

  test("with resave a request without a change writes no data, and overwrites none", async () => {
    const loaded = barrier(2);
    const written = barrier(2);
    const { store, visitor } = await site(
      {
        "/start": (req) => (req.session["n"] = 0),
        "/slow": async () => {
          await loaded();
          await written();
        },
        "/change": async (req) => {
          await loaded();
          req.session["n"] = 1;
          await done((callback) => req.session.save(callback));
          await written();
        },
        "/": (req) => [req.session["n"], store.keyOf(req.sessionID)],
      },
      {},
      { resave: true },
    );
    const browser = visitor();
    await browser.get("/start");
    await Promise.all([browser.get("/slow"), browser.get("/change")]);
    const [n, key] = (await browser.get("/")) as [number, string];
    assert.equal(n, 1);
    assert.equal((await store.sessions.info(key))?.version, 2);
  });

  test("saveUninitialized decides whether a visitor without data has a session", async () => {
    for (const saveUninitialized of [true, false]) {
      const { store, visitor } = await site({ "/": () => 1 }, {}, { saveUninitialized });
      const browser = visitor();
      await browser.get("/");
      assert.equal(await store.length(), saveUninitialized ? 1 : 0);
      assert.equal(browser.jar.size, saveUninitialized ? 1 : 0);
    }
  });

  test('req.session = null ends the session with unset: "destroy", and keeps it without', async () => {
    for (const unset of ["destroy", "keep"] as const) {
      const unsetting: Routes = { ...counter, "/null": (req) => void Object.assign(req, { session: null }) };
      const { store, visitor } = await site(unsetting, {}, { unset });
      const browser = visitor();
      await browser.get("/n");
      await browser.get("/null");
      assert.equal(await store.length(), unset === "destroy" ? 0 : 1);
    }
  });

  test("'remember me' changes the idle timeout, and taking it back changes it again", async () => {
    const { store, visitor } = await site({
      "/start": (req) => ((req.session["n"] = 1), store.keyOf(req.sessionID)),
      "/remember": (req) => (req.session.cookie.maxAge = 2_592_000_000),
      "/forget": (req) => Object.assign(req.session.cookie, { maxAge: null }),
    });
    const browser = visitor();
    const key = (await browser.get("/start")) as string;
    near((await store.sessions.info(key))?.idle, 86_400_000);
    await browser.get("/remember");
    near((await store.sessions.info(key))?.idle, 2_592_000_000);
    await browser.get("/forget");
    near((await store.sessions.info(key))?.idle, 86_400_000);
  });

  test("a cookie that ends now ends the session", async () => {
    for (const age of [0, -1]) {
      const { store, visitor } = await site({ ...counter, "/end": (req) => (req.session.cookie.maxAge = age) });
      const browser = visitor();
      await browser.get("/n");
      await browser.get("/end");
      assert.equal(await store.length(), 0);
    }
    const { store, visitor } = await site(counter, {}, { cookie: { maxAge: -1 } });
    await visitor().get("/n");
    assert.equal(await store.length(), 0, "and is never created");
  });

  test("idleTimeout is for cookies without an age; a function decides for all", async () => {
    const plain = await site(
      { "/": (req) => ((req.session["n"] = 1), plain.store.keyOf(req.sessionID)) },
      { idleTimeout: 5000 },
    );
    near((await plain.store.sessions.info((await plain.visitor().get()) as string))?.idle, 5000);
    const own = await site(
      { "/": (req) => ((req.session["hours"] = 2), own.store.keyOf(req.sessionID)) },
      { idleTimeout: ({ hours }) => Number(hours) * 3_600_000 },
      { cookie: { maxAge: 60_000 } },
    );
    near((await own.store.sessions.info((await own.visitor().get()) as string))?.idle, 7_200_000);
  });

  test("absoluteTimeout ends a session that is used all the time, and begins anew at a login", async () => {
    const { store, visitor } = await site(
      {
        "/start": (req) => ((req.session["n"] = 1), store.keyOf(req.sessionID)),
        "/change": (req) => (req.session["n"] = 2),
        "/login": async (req) => (await store.login(req, "ada", { long: true }), store.keyOf(req.sessionID)),
      },
      { absoluteTimeout: ({ long }) => (long === true ? 7_200_000 : 3_600_000) },
    );
    const browser = visitor();
    const key = (await browser.get("/start")) as string;
    const info = await store.sessions.info(key);
    assert.equal(info?.deadline, (info?.created ?? 0) + 3_600_000);
    await browser.get("/change");
    assert.equal((await store.sessions.info(key))?.deadline, info.deadline);
    const login = await store.sessions.info((await browser.get("/login")) as string);
    assert.equal(login?.deadline, (login?.authenticated ?? 0) + 7_200_000);
  });

  test("several saves in one request, also at the same time, keep the last state", async () => {
    const { store, visitor } = await site({
      "/new": async (req) => {
        const saves = [];
        for (let n = 1; n <= 5; n++) {
          req.session["n"] = n;
          saves.push(done((callback) => req.session.save(callback)));
        }
        await Promise.all(saves);
        req.session["n"] = 6;
      },
      "/old": async (req) => {
        const saves = [];
        for (let n = 1; n <= 5; n++) {
          req.session[`m${String(n)}`] = n;
          Reflect.deleteProperty(req.session, `m${String(n - 1)}`);
          saves.push(done((callback) => req.session.save(callback)));
        }
        await Promise.all(saves);
      },
      "/": (req) => req.session,
    });
    const browser = visitor();
    await browser.get("/new");
    assert.equal(await store.length(), 1);
    await browser.get("/old");
    assert.deepEqual(membersOf(await browser.get("/")), { n: 6, m5: 5 });
  });

  test("reload brings what other requests have changed, and drops what this one has", async () => {
    const { visitor } = await site({
      "/start": (req) => (req.session["n"] = 1),
      "/reload": async (req) => {
        const before = req.session;
        req.session["dropped"] = true;
        await sites.other();
        await done((callback) => req.session.reload(callback));
        assert.notEqual(req.session, before);
        assert.equal(req.session["other"], true);
        req.session["after"] = true;
      },
      "/other": (req) => (req.session["other"] = true),
      "/": (req) => Object.keys(req.session).sort(),
    });
    const browser = visitor();
    const sites = { other: () => browser.get("/other") };
    await browser.get("/start");
    await browser.get("/reload");
    assert.deepEqual(await browser.get("/"), ["after", "cookie", "n", "other"]);
  });

  test("reload of a session that has ended is an error, as with other stores", async () => {
    const { store, visitor } = await site({
      ...counter,
      "/reload": async (req) => {
        await store.destroy(req.sessionID);
        await assert.rejects(
          done((callback) => req.session.reload(callback)),
          /failed to load session/,
        );
      },
    });
    const browser = visitor();
    await browser.get("/n");
    assert.equal((await browser.send("/reload")).status, 200);
  });

  test("regenerate ends the session and begins an empty one", async () => {
    const { store, visitor } = await site({
      ...counter,
      "/regenerate": async (req) => {
        await done((callback) => req.session.regenerate(callback));
        req.session["m"] = 1;
        await done((callback) => req.session.save(callback));
      },
      "/promise": async (req) => {
        await store.regenerate(req);
        req.session["m"] = 2;
      },
      "/all": (req) => [req.session["n"] ?? null, req.session["m"]],
    });
    const browser = visitor();
    await browser.get("/n");
    const old = browser.copy();
    const counted = await calls(url(), () => browser.get("/regenerate"));
    assert.deepEqual(counted, { "session.get": 1, "session.del": 1, "session.set": 1 }, "saved once");
    assert.deepEqual(await browser.get("/all"), [null, 1]);
    assert.equal(await old.get("/"), null);
    await browser.get("/promise");
    assert.deepEqual(await browser.get("/all"), [null, 2]);
    assert.equal(await store.length(), 1);
  });

  test("a streamed answer saves what changes while it runs", async () => {
    const { visitor } = await site({
      ...counter,
      "/stream": async (req, res) => {
        res.write("a");
        await sleep(5);
        req.session["n"] = 50;
        res.write("b");
        res.end("c");
      },
    });
    const browser = visitor();
    await browser.get("/n");
    assert.equal((await browser.send("/stream")).text, "abc");
    assert.equal(await browser.get("/"), 50);
  });

  test("a request that its visitor aborts still saves its change", async () => {
    const begun = barrier(2);
    const gone = barrier(2);
    const saved = barrier(2);
    const { visitor } = await site({
      ...counter,
      "/slow": async (req, res) => {
        res.on("close", () => void gone());
        void begun();
        await gone();
        req.session["n"] = 7;
        await done((callback) => req.session.save(callback));
        void saved();
      },
    });
    const browser = visitor();
    await browser.get("/n");
    const controller = new AbortController();
    const aborted = assert.rejects(browser.send("/slow", { signal: controller.signal }));
    await begun();
    void gone();
    controller.abort();
    await aborted;
    await saved();
    assert.equal(await browser.get("/"), 7);
  });

  test("two session middlewares in one application keep to their paths and stores", async () => {
    const [shop, admin] = [makeStore(), makeStore()];
    const app = express();
    const common = { secret: "s", resave: false, saveUninitialized: false };
    app.use("/admin", session({ ...common, name: "admin", store: admin, cookie: { path: "/admin" } }));
    app.use(session({ ...common, store: shop }));
    app.get("/admin/n", (req, res) => void res.json((req.session["admin"] = 1)));
    app.get("/n", (req, res) => void res.json((req.session["n"] = 1)));
    app.get("/admin", (req, res) => void res.json([req.session["admin"] ?? null, req.session["n"] ?? null]));
    const served = await listen(app);
    const browser = served.visitor();
    await browser.get("/admin/n");
    await browser.get("/n");
    assert.deepEqual(await browser.get("/admin"), [1, null]);
    assert.deepEqual([await shop.length(), await admin.length()], [1, 1]);
    await served.close();
  });

  test("other code can read a session, change it and store it, without overwriting what changed meanwhile", async () => {
    const { store, visitor } = await site({
      "/": (req) => ((req.session["n"] = 1), req.sessionID),
      "/all": (req) => req.session,
    });
    const browser = visitor();
    const sid = (await browser.get("/")) as string;
    const [one, two, three] = [await store.get(sid), await store.get(sid), await store.get(sid)];
    assert.ok(one && two && three);
    one["a"] = 1;
    await store.set(sid, one);
    await store.set(sid, { ...two, b: 2 });
    delete three["n"];
    await store.set(sid, three);
    assert.deepEqual(membersOf(await browser.get("/all")), { a: 1, b: 2 });
    await store.destroy(sid);
    await store.set(sid, one);
    await store.set(sid, { ...two, c: 3 });
    assert.equal(await store.get(sid), null, "and what was read of a session that has ended does not bring it back");
  });

  test("data from elsewhere replaces a live session as a whole, and creates where there is none", async () => {
    const store = makeStore();
    await store.set("a", plain({ n: 1 }));
    await store.set("a", plain({ m: 2 }));
    const found = await store.get("a");
    assert.deepEqual([found?.["n"], found?.["m"]], [undefined, 2]);
    assert.ok((found?.cookie as { expires?: unknown }).expires instanceof Date);
    // createSession with data that is not from this store: it may change a live session, and not make one.
    const foreign = store.createSession({ sessionID: "a", sessionStore: store }, plain({ foreign: true }));
    await done((callback) => foreign.save(callback));
    assert.equal((await store.get("a"))?.["foreign"], true);
    await store.destroy("a");
    const gone = store.createSession({ sessionID: "a", sessionStore: store }, plain({ foreign: true }));
    await done((callback) => gone.save(callback));
    assert.equal(await store.get("a"), null);
  });

  test("every method takes a callback, or returns a promise", async () => {
    const store = makeStore();
    const data = () => plain({ n: 1 });
    await done((callback) => {
      store.set("a", data(), callback);
    });
    await store.set("b", data());
    await done((callback) => {
      store.touch("a", data(), callback);
    });
    await store.touch("b", data());
    const byCallback = await new Promise((resolve) => {
      store.get("a", (_, found) => {
        resolve(found?.["n"]);
      });
    });
    assert.equal(byCallback, 1);
    assert.equal(
      await new Promise((resolve) => {
        store.get("none", (...args) => {
          resolve(args[1]);
        });
      }),
      null,
    );
    const loaded = await store.load("a");
    assert.equal(loaded?.["n"], 1);
    assert.equal(typeof loaded.save, "function");
    assert.equal(await store.load("none"), undefined);
    assert.equal(
      await new Promise((resolve) => {
        store.load("b", (_, found) => {
          resolve(found?.["n"]);
        });
      }),
      1,
    );
    assert.equal(
      await new Promise((resolve) => {
        store.length((_, length) => {
          resolve(length);
        });
      }),
      2,
    );
    assert.equal(
      await new Promise((resolve) => {
        store.ids((_, ids) => {
          resolve(ids?.length);
        });
      }),
      2,
    );
    assert.equal(
      await new Promise((resolve) => {
        store.all((_, all) => {
          resolve(all?.length);
        });
      }),
      2,
    );
    const all = await store.all();
    assert.deepEqual(all.map(({ id }) => id).sort(), (await store.ids()).sort());
    assert.equal(await store.endByHandle(all[0]?.id ?? ""), 1);
    assert.equal(await store.endByHandle(["nothing", "a", "b"]), 0);
    await done((callback) => {
      store.destroy("a", callback);
    });
    await store.destroy("b");
    assert.equal(await store.length(), 0);
    await store.set("c", data());
    await done((callback) => {
      store.clear(callback);
    });
    assert.deepEqual(await store.all(), []);
    await store.clear();
  });

  test("the key holds a hash of the ID, and the data no time that each request would change", async () => {
    const { store, prefix, visitor } = await site(
      { "/": (req) => ((req.session["n"] = 1), req.sessionID) },
      {},
      { cookie: { maxAge: 60_000 } },
    );
    const browser = visitor();
    const sid = (await browser.get("/")) as string;
    const hash = createHash("sha256").update(sid).digest("hex").slice(0, 32);
    assert.equal(store.keyOf(sid), `${prefix}t${hash}`);
    assert.equal(await send("TYPE", store.keyOf(sid)), "session-1");
    const text = (await store.sessions.get(store.keyOf(sid)))?.text ?? "";
    assert.match(text, /^\{"cookie":\{"originalMaxAge":\d+,"httpOnly":true,"path":"\/"\},"n":1\}$/);
  });

  test("a request under way keeps its change when another one rotates the session with a grace", async () => {
    const loaded = barrier(2);
    const rotated = barrier(2);
    const { store, visitor } = await site({
      "/start": (req) => (req.session["cart"] = [7]),
      "/rotate": async (req) => {
        await loaded();
        await store.rotate(req, { grace: 5000 });
        await rotated();
      },
      "/change": async (req) => {
        await loaded();
        await rotated();
        req.session["late"] = true;
      },
      "/": (req) => membersOf(req.session),
    });
    const browser = visitor();
    await browser.get("/start");
    const other = browser.copy();
    await Promise.all([browser.get("/rotate"), other.get("/change")]);
    assert.deepEqual(await browser.get("/"), { cart: [7], late: true });
  });

  test("login and rotate outside of the middleware say what is missing", async () => {
    const store = makeStore();
    await assert.rejects(store.login({ sessionID: "a" } as never, "ada"), /behind express-session/);
    await store.set("a", plain({ n: 1 }));
    const loaded = await store.load("a");
    await assert.rejects(store.rotate({ sessionID: "a", session: loaded } as never), /middleware first/);
    assert.equal((await store.get("a"))?.["n"], 1);
  });

  test("reading by other code extends no session", async () => {
    const store = makeStore();
    await store.set("a", plain({}));
    const before = await store.sessions.info(store.keyOf("a"));
    await sleep(3);
    await store.get("a");
    await store.load("a");
    await store.all();
    assert.equal((await store.sessions.info(store.keyOf("a")))?.accessed, before?.accessed);
  });

  test("a key of another type, and data that is no object, are no session", async () => {
    const store = makeStore();
    await send("SET", store.keyOf("text"), "x");
    await store.sessions.createAs(store.keyOf("array"), [1]);
    await store.sessions.createAs(store.keyOf("null"), null);
    for (const sid of ["text", "array", "null"]) assert.equal(await store.get(sid), null);
    assert.equal(await store.get(undefined as unknown as string), null);
  });

  test("the prefix is taken literally when all sessions are looked for", async () => {
    for (const prefix of ["a[b]*?", "\\", "{tag}:", "", "é^-"]) {
      const store = makeStore({ prefix: `${prefix}${String(Math.random())}` });
      const other = makeStore({ prefix: "abx" });
      await store.set("a", plain({}, null));
      await other.set("a", plain({}, null));
      assert.equal(await store.length(), 1);
      await store.clear();
      assert.equal(await store.length(), 0);
      assert.equal(await other.length(), 1);
      await other.clear();
    }
  });

  test("events and the log tell of logins and of writes that were dropped, without an ID", async () => {
    const lines: string[] = [];
    const { store, visitor } = await site(
      {
        "/login": (req) => store.login(req, "ada"),
        "/lost": async (req) => {
          req.session["n"] = 1;
          await store.destroy(req.sessionID);
          return req.sessionID;
        },
      },
      { log: (line) => lines.push(line) },
    );
    const events: unknown[] = [];
    store.on("login", (info) => events.push(info));
    store.on("lost", (info) => events.push(info));
    const browser = visitor();
    await browser.get("/login");
    const sid = (await browser.get("/lost")) as string;
    const key = store.keyOf(sid);
    assert.deepEqual(events, [
      { user: "ada", key },
      { operation: "save", key },
    ]);
    assert.equal(lines.length, 1);
    assert.ok(lines[0]?.includes(key) && !lines[0].includes(sid), lines[0]);
  });

  test("a schema is registered by the store, checks every write, and is registered again when the server has lost it", async () => {
    const name = `person${String(Math.random())}`;
    const definition = { properties: { age: { type: "integer" } } };
    const { store, visitor } = await site(
      {
        "/age/:age": (req) => void (req.session["age"] = JSON.parse(String(req.params["age"]))),
        "/save": async (req) => {
          req.session["age"] = "old";
          await assert.rejects(
            done((callback) => req.session.save(callback)),
            (error) => error instanceof InvalidError && error.status === 500 && !error.message.includes("old"),
          );
          delete req.session["age"];
        },
        "/login": (req) => store.login(req, "ada"),
        "/": (req) => req.session["age"] ?? null,
      },
      { schema: { name, definition } },
    );
    const browser = visitor();
    await browser.get("/age/5");
    assert.equal(await browser.get("/"), 5);
    await store.sessions.schema.del(name);
    await browser.get("/age/6");
    assert.equal(await browser.get("/"), 6);
    await store.sessions.schema.del(name);
    await Promise.all([browser.get("/login"), visitor().get("/age/7"), visitor().get("/age/8")]);
    await browser.get("/save");
    assert.equal((await store.sessions.list(`${store.keyOf("x").split("t")[0] ?? ""}ada`))[0]?.info.schema, name);
  });
});
