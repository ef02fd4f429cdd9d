// A server that is down, slow, restarted empty, or without the module: Express answers 503, and the application lives on.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ModuleMissingError, UnavailableError } from "redis-session-client";
import { RedisSessionStore } from "redis-session-client/express";
import { drivers, type Connected } from "./support/drivers.js";
import { freePort, Server } from "./support/server.js";
import { done, serve, signed, type Routes, type Site } from "./support/web.js";

const open: { close(): Promise<void> }[] = [];
const servers: Server[] = [];
after(async () => {
  for (const one of open) await one.close();
  for (const server of servers) await server.stop();
});

async function started(options: Parameters<typeof Server.start>[0] = {}): Promise<Server> {
  const server = await Server.start(options);
  servers.push(server);
  return server;
}

const routes: Routes = {
  "/n": (req) => (req.session["n"] = ((req.session["n"] as number | undefined) ?? 0) + 1),
  "/": (req) => req.session["n"] ?? null,
  "/open": () => "no session is looked at",
};

async function site(connected: Connected, options: object = {}): Promise<{ store: RedisSessionStore; served: Site }> {
  const store = new RedisSessionStore({ client: connected.client, timeout: 500, ...options });
  const served = await serve({ store }, routes);
  open.push(served);
  return { store, served };
}

for (const driver of drivers) {
  test(`${driver.name}: a server that goes away is 503, and the visitor is logged in again when it is back`, async () => {
    const port = await freePort();
    const dir = (await started({ args: ["--appendonly", "yes", "--appendfsync", "always"], port }))[
      "dir" as never
    ] as string;
    const connected = await driver.connect(`redis://127.0.0.1:${String(port)}`);
    open.push(connected);
    const { served } = await site(connected);
    const browser = served.visitor();
    await browser.get("/n");
    const server = servers[servers.length - 1];
    assert.ok(server);
    // Not `stop`, which would remove the data.
    const ended = new Promise((resolve) => server.process.once("exit", resolve));
    server.process.kill("SIGTERM");
    await ended;
    const answer = await browser.send("/");
    assert.equal(answer.status, 503);
    assert.deepEqual(answer.setCookies, [], "the cookie stays");
    await started({ args: ["--appendonly", "yes"], port, dir });
    let status = 0;
    for (let i = 0; i < 100 && status !== 200; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      ({ status } = await browser.send("/"));
    }
    assert.equal(status, 200);
    assert.equal(await browser.get("/n"), 2);
  });

  test(`${driver.name}: a server without the module is 503, and the error says so`, async () => {
    const server = await started({ module: false });
    const connected = await driver.connect(server.url);
    open.push(connected);
    const { store, served } = await site(connected);
    const browser = served.visitor();
    browser.jar.set("connect.sid", signed("a"));
    assert.equal((await browser.send("/")).status, 503);
    await assert.rejects(
      store.get("a"),
      (error) => error instanceof ModuleMissingError && error.message.includes(String(server.port)),
    );
  });

  test(`${driver.name}: a server that does not answer is 503 after the store's time-out`, async () => {
    const server = await started();
    const connected = await driver.connect(server.url);
    open.push(connected);
    const { store, served } = await site(connected, { timeout: 100 });
    const browser = served.visitor();
    await browser.get("/n");
    server.process.kill("SIGSTOP");
    try {
      assert.equal((await browser.send("/")).status, 503);
      await assert.rejects(
        done((callback) => {
          store.destroy("a", callback);
        }),
        UnavailableError,
      );
      await assert.rejects(store.length(), UnavailableError);
    } finally {
      server.process.kill("SIGCONT");
    }
  });

  test(`${driver.name}: a save that got no answer in time, and was done all the same, can be repeated`, async () => {
    const server = await started();
    const connected = await driver.connect(server.url);
    open.push(connected);
    const store = new RedisSessionStore({ client: connected.client, timeout: 100 });
    const served = await serve(
      { store },
      {
        ...routes,
        "/late": async (req) => {
          req.session["n"] = 5;
          server.process.kill("SIGSTOP");
          await assert.rejects(
            done((callback) => req.session.save(callback)),
            UnavailableError,
          );
          server.process.kill("SIGCONT");
          while ((await server.ask("PING")) !== "+PONG");
          req.session["n"] = 6;
          await done((callback) => req.session.save(callback));
        },
      },
    );
    open.push(served);
    const browser = served.visitor();
    await browser.get("/late");
    assert.equal(await browser.get("/"), 6);
    assert.equal(await store.length(), 1);
  });

  test(`${driver.name}: a server that was restarted empty begins new sessions, with the schema that the store registers`, async () => {
    const server = await started();
    const connected = await driver.connect(server.url);
    open.push(connected);
    const schema = { name: "counter", definition: { properties: { n: { type: "integer" } } } };
    const { store, served } = await site(connected, { schema });
    const browser = served.visitor();
    await browser.get("/n");
    await browser.get("/n");
    assert.equal(await server.ask("FLUSHALL"), "+OK");
    await store.sessions.schema.del("counter");
    assert.equal(await browser.get("/n"), 1);
    assert.equal(await browser.get("/n"), 2);
    assert.deepEqual(
      (await store.sessions.schema.list()).map(({ name }) => name),
      ["counter"],
    );
  });
}

test("options that no store has are refused where they are written, with what to write instead", async () => {
  const server = await started();
  const connected = await (drivers[0] ?? assert.fail()).connect(server.url);
  open.push(connected);
  const { client } = connected;
  const make = (options: object) => () => new RedisSessionStore({ client, ...options });
  assert.throws(make({ ttl: 3600 }), /"ttl": write idleTimeout, in milliseconds/);
  assert.throws(make({ disableTouch: true }), /touch: "never"/);
  assert.throws(make({ disableTTL: true }), TypeError);
  assert.throws(make({ serializer: JSON }), /legacy: \{ parse \}/);
  assert.throws(make({ scanCount: 100 }), /leave it out/);
  assert.throws(make({ perfix: "a" }), /the options are client, prefix, idleTimeout/);
  for (const options of [
    { client: {} },
    { client: undefined },
    { prefix: 1 },
    { idleTimeout: 0 },
    { idleTimeout: "1h" },
    { absoluteTimeout: NaN },
    { touch: "always" },
    { maxSessions: 0 },
    { maxSessions: 1.5 },
    { refuse: true },
    { schema: "" },
    { schema: { name: "x" } },
    { legacy: "sess:" },
    { legacy: { prefx: "" } },
    { timeout: -1 },
    { log: "console" },
  ]) {
    assert.throws(make(options), TypeError, JSON.stringify(options));
  }
  assert.throws(() => new RedisSessionStore(undefined as never), TypeError);
  const store = make({ idleTimeout: () => "soon" })();
  await assert.rejects(store.set("a", { cookie: {} } as never), /idleTimeout must return a number/);
  assert.ok(make({ touch: undefined, legacy: false, schema: undefined, maxSessions: 3, refuse: true })());
});
