// Fastify sessions and their server: one that is away, old sessions of connect-redis, schemas, and data nobody expects.
import type { Client } from "redis-session-client";
import assert from "node:assert/strict";
import { test } from "node:test";
import { RedisStore as ConnectRedis } from "connect-redis";
import { createClient } from "redis";
import { RedisSessionStore } from "redis-session-client/fastify";
import { App, dataOf, shown } from "./support/fastify.js";
import { moved, outage, refusedBySchema, strangeKeys } from "./support/journeys.js";
import { SharedServer } from "./support/shared.js";
import type { Running } from "./support/visitor.js";

const shared = new SharedServer();

function newStore(options: object = {}): RedisSessionStore {
  return new RedisSessionStore(shared.storeOptions(options));
}

for (const name of ["ioredis", "node-redis"] as const) {
  test(`requests are 503 while the server is away, and go on when it is back (${name})`, async () => {
    const refused = (_: Running, text: string): Promise<void> => {
      assert.equal(/redis|127\.0\.0\.1| {4}at /.test(text.replace("redis-session", "")), false, text);
      return Promise.resolve();
    };
    const start = (client: Client): Promise<Running> =>
      App.start({ store: new RedisSessionStore({ client, timeout: 300 }) });
    await outage(name, start, refused);
  });
}

test("legacy takes over the sessions that @fastify/session has stored by connect-redis", async () => {
  const node = createClient({ url: shared.url });
  await node.connect();
  try {
    const old = new ConnectRedis({ client: node, prefix: "old:" });
    const before = await App.start({
      store: old as never,
      bare: true,
      cookie: { secure: false, maxAge: 60_000 },
    });
    const store = newStore({ legacy: { prefix: "old:", user: ({ user }: { user?: string }) => user } });
    const start = (): Promise<App> => App.start({ store, cookie: { secure: false, maxAge: 60_000 } });
    await moved(before, start, async () => {
      assert.equal((await store.list("ada")).length, 2);
      assert.deepEqual(await shared.client.keys("old:*"), []);
    });
  } finally {
    node.destroy();
  }
});

test("a change that the schema refuses is an error, and changes nothing", async () => {
  const definition = { properties: { n: { type: "integer" } } };
  const store = newStore({ schema: { name: "counter", definition } });
  await App.run({ store }, refusedBySchema);
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

    await strangeKeys(shared.client, visitor, store.keyOf(id));
  } finally {
    await app.stop();
  }
});
