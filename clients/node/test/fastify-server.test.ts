// Fastify sessions and their server: one that is away, old sessions of connect-redis, schemas, and data nobody expects.
import type { Client } from "redis-session-client";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RedisStore as ConnectRedis } from "connect-redis";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { RedisSessionStore } from "redis-session-client/fastify";
import { App, dataOf, shown } from "./support/fastify.js";
import { Server } from "./support/server.js";

let server: Server;
let client: Redis;
let stores = 0;
before(async () => {
  server = await Server.start();
  client = new Redis(server.url);
});
after(async () => {
  client.disconnect();
  await server.stop();
});

function newStore(options: object = {}): RedisSessionStore {
  return new RedisSessionStore({ client, prefix: `s${String(++stores)}:`, ...options });
}

for (const name of ["ioredis", "node-redis"] as const) {
  test(`requests are 503 while the server is away, and go on when it is back (${name})`, async () => {
    const own = await Server.start();
    const io = name === "ioredis" ? new Redis(own.url, { retryStrategy: () => 50 }) : undefined;
    const node =
      name === "ioredis" ? undefined : createClient({ url: own.url, socket: { reconnectStrategy: () => 50 } });
    io?.on("error", () => undefined);
    node?.on("error", () => undefined);
    await node?.connect();
    const store = new RedisSessionStore({ client: (io ?? node) as Client, timeout: 300 });
    const app = await App.start({ store });
    let again: Server | undefined;
    try {
      const visitor = app.visitor();
      await visitor.post("/set", { n: 1 });
      await own.stop();
      assert.equal((await visitor.send("/")).status, 503);
      const json = { method: "POST", body: '{"n":1}', headers: { "content-type": "application/json" } };
      const newcomer = await app.visitor().send("/set", json);
      assert.equal(newcomer.status, 503);
      assert.deepEqual(newcomer.setCookies, []);
      assert.equal(/redis|127\.0\.0\.1| {4}at /.test(newcomer.text.replace("redis-session", "")), false, newcomer.text);
      again = await Server.start({ port: own.port });
      while ((await visitor.send("/")).status === 503) await new Promise((done) => setTimeout(done, 50));
      assert.deepEqual(await visitor.get(), {});
      await visitor.post("/set", { n: 2 });
      assert.deepEqual(await visitor.get(), { n: 2 });
    } finally {
      await app.stop();
      io?.disconnect();
      if (node?.isOpen === true) node.destroy();
      await again?.stop();
    }
  });
}

test("legacy takes over the sessions that @fastify/session has stored by connect-redis", async () => {
  const node = createClient({ url: server.url });
  await node.connect();
  try {
    const old = new ConnectRedis({ client: node, prefix: "old:" });
    const before = await App.start({
      store: old as never,
      bare: true,
      cookie: { secure: false, maxAge: 60_000 },
    });
    const visitors = [before.visitor(), before.visitor(), before.visitor()] as const;
    for (const [n, visitor] of visitors.entries()) await visitor.post("/set", { n, user: "ada" });
    await before.stop();

    const store = newStore({ legacy: { prefix: "old:", user: ({ user }: { user?: string }) => user } });
    const app = await App.start({ store, cookie: { secure: false, maxAge: 60_000 } });
    try {
      const moved = visitors.map((visitor) => {
        const same = app.visitor();
        for (const [name, value] of visitor.jar) same.jar.set(name, value);
        return same;
      });
      assert.deepEqual(await moved[0]?.get(), { n: 0, user: "ada" });
      // Parallel first requests all find it.
      const [, second = app.visitor()] = moved;
      const both = [second.copy().get(), second.copy().get(), second.post("/set", { more: 1 })];
      for (const data of await Promise.all(both)) assert.equal((data as { n: number }).n, 1);
      await moved[2]?.post("/destroy");
      assert.deepEqual(await moved[2]?.get(), {});
      assert.deepEqual(await moved[1]?.get(), { n: 1, user: "ada", more: 1 });
      assert.equal((await store.list("ada")).length, 2);
      assert.deepEqual(await client.call("KEYS", "old:*"), []);
    } finally {
      await app.stop();
    }
  } finally {
    node.destroy();
  }
});

test("a change that the schema refuses is an error, and changes nothing", async () => {
  const definition = { properties: { n: { type: "integer" } } };
  const store = newStore({ schema: { name: "counter", definition } });
  const app = await App.start({ store });
  try {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    const headers = { "content-type": "application/json" };
    const answer = await visitor.send("/set", { method: "POST", headers, body: '{"n":"secret"}' });
    assert.ok(answer.status >= 400, answer.text);
    assert.equal(answer.text.includes("secret"), false, answer.text);
    assert.deepEqual(await visitor.get(), { n: 1 });
  } finally {
    await app.stop();
  }
});

test("data that has no JSON is an error of the request, and keys of other types are no sessions", async () => {
  const store = newStore();
  const app = await App.start({
    store,
    routes: (instance) => {
      instance.post("/circle", (request, reply) => {
        dataOf(request)["self"] = dataOf(request);
        return reply.send({});
      });
      instance.post("/values", (request, reply) => {
        Object.assign(request.session, {
          at: new Date(0),
          none: undefined,
          call: () => 1,
          half: "\ud800",
          big: "x".repeat(1e5),
        });
        return reply.send({});
      });
      instance.get("/id", (request) => ({ id: request.session.sessionId, data: shown(request) }));
    },
  });
  try {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    assert.equal((await visitor.send("/circle", { method: "POST" })).status, 500);
    assert.deepEqual(await visitor.get(), { n: 1 });
    await visitor.post("/values");
    const data = { n: 1, at: "1970-01-01T00:00:00.000Z", half: "\ufffd", big: "x".repeat(1e5) };
    const { id, data: read } = (await visitor.get("/id")) as { id: string; data: object };
    assert.deepEqual(read, data);

    for (const [type, ...command] of [
      ["string", "SET", "x"],
      ["list", "RPUSH", "x"],
    ] as const) {
      await client.call("DEL", store.keyOf(id));
      await client.call(command[0], store.keyOf(id), command[1]);
      assert.deepEqual(await visitor.copy().get(), {}, type);
    }
    await client.call("DEL", store.keyOf(id));
    await client.call("SESSION.SET", store.keyOf(id), "[1]", "NX");
    assert.deepEqual(await visitor.copy().get(), {}, "data that is no object");
  } finally {
    await app.stop();
  }
});
