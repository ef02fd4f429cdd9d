// Clients as applications configure them: every kind of client, and the settings that change replies, keys or connections.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import * as ioredis from "ioredis";
import * as ioredis5 from "ioredis-5";
import * as iovalkey from "iovalkey";
import * as redis from "redis";
import * as redis5 from "redis-5";
import { Sessions, UnavailableError, type Client } from "redis-session-client";
import {
  ioredisClasses,
  ioredisClient,
  nodeRedisClient,
  type Connected,
  type IoredisModule,
} from "./support/drivers.js";
import { freePort, Server } from "./support/server.js";

const NODE_REDIS = [
  ["redis", redis],
  ["redis-5", redis5 as unknown as typeof redis],
] as const;
const IOREDIS: readonly IoredisModule[] = ["ioredis", "ioredis-5", "iovalkey"];

let server: Server;
before(async () => {
  server = await Server.start();
});
after(async () => {
  await server.stop();
});
beforeEach(async () => {
  await server.ask("FLUSHALL");
});

/** Uses each form of reply once. */
async function tryAll(client: Client): Promise<void> {
  const sessions = new Sessions(client);
  const key = `try:${String(Math.random())}`;
  const user = `user:${key}`;
  assert.equal(await sessions.createAs(key, { n: 1 }, { user, idle: 60 }), true);
  assert.equal((await sessions.get(key))?.text, '{"n":1}');
  const found = await sessions.get(key, { withInfo: true });
  assert.deepEqual([found?.info.version, found?.info.user, found?.info.deadline === null], [1, user, false]);
  const info = await sessions.info(key);
  assert.deepEqual([info?.version, info?.idle, info?.user, info?.schema], [1, 60_000, user, null]);
  assert.equal(await sessions.patch(key, { m: 2 }), 2);
  assert.equal(await sessions.touch(key), true);
  assert.deepEqual({ ...(await sessions.getPaths(key, ["/n", "/m"])) }, { "/n": 1, "/m": 2 });
  const [listed] = await sessions.list(user, { paths: ["/n"] });
  assert.deepEqual([listed?.key, listed?.info.version, listed?.values["/n"]], [key, 2, 1]);
  await sessions.schema.set("any", true);
  assert.equal((await sessions.schema.list())[0]?.assertFormat, false);
  const keys: string[] = [];
  for await (const batch of sessions.driver.scan("*")) keys.push(...batch);
  assert.deepEqual(keys, [key]);
  await assert.rejects(sessions.patch("nobody", {}), { code: "NOSESSION" });
  assert.equal(await sessions.revoke(user), 1);
}

for (const [name, module] of NODE_REDIS) {
  for (const RESP of [2, 3] as const) {
    test(`${name} RESP${String(RESP)}: a type mapping of the client does not matter`, async (t) => {
      const typeMapping = {
        [module.RESP_TYPES.BLOB_STRING]: Buffer,
        [module.RESP_TYPES.SIMPLE_STRING]: Buffer,
        [module.RESP_TYPES.NUMBER]: String,
        [module.RESP_TYPES.MAP]: Map,
        [module.RESP_TYPES.ARRAY]: Set,
      };
      const { client, close } = await nodeRedisClient(name, server.url, { RESP, commandOptions: { typeMapping } });
      t.after(close);
      await tryAll(client);
      const plain = await nodeRedisClient(name, server.url, { RESP });
      t.after(plain.close);
      const mapped = (plain.client as unknown as redis.RedisClientType).withTypeMapping({
        [module.RESP_TYPES.BLOB_STRING]: Buffer,
      });
      await tryAll(mapped);
      await tryAll(plain.client);
    });
  }

  test(`${name}: a client that nobody has connected is a clear error`, async (t) => {
    const client = module.createClient({ url: server.url });
    const call = new Sessions(client).get("k");
    await assert.rejects(call, {
      name: "UnavailableError",
      reason: "CONNECTION",
      status: 503,
      message: "the server cannot be reached: The client is closed; call and await its connect() first",
    });
    await client.connect();
    t.after(() => {
      client.destroy();
    });
    await tryAll(client);
  });

  test(`${name}: a client can connect while the first command waits`, async (t) => {
    const client = module.createClient({ url: server.url });
    const connecting = client.connect();
    t.after(() => {
      client.destroy();
    });
    await tryAll(client);
    await connecting;
  });

  test(`${name}: a pool serves more commands than it has clients`, async (t) => {
    const pool = module.createClientPool({ url: server.url }, { minimum: 1, maximum: 3 });
    pool.on("error", () => undefined);
    await pool.connect();
    t.after(() => {
      pool.destroy();
    });
    await tryAll(pool);
    const sessions = new Sessions(pool);
    await sessions.createAs("k", {});
    const versions = await Promise.all(Array.from({ length: 50 }, (_, n) => sessions.patch("k", { n })));
    assert.equal(Math.max(...versions), 51);
  });

  test(`${name}: a command that waits too long for a client of the pool is never sent`, async (t) => {
    const pool = module.createClientPool({ url: server.url }, { minimum: 1, maximum: 1, acquireTimeout: 0 });
    pool.on("error", () => undefined);
    await pool.connect();
    t.after(() => {
      pool.destroy();
    });
    const sessions = new Sessions(pool, { timeout: 100 });
    let free = (): void => undefined;
    const busy = pool.execute(() => new Promise<void>((done) => (free = done)));
    await assert.rejects(sessions.createAs("late", {}), { reason: "TIMEOUT" });
    free();
    await busy;
    assert.equal(await new Sessions(pool).info("late"), null);
  });

  test(`${name}: a client that is destroyed later is an UnavailableError`, async () => {
    const { client, close } = await nodeRedisClient(name, server.url);
    const sessions = new Sessions(client);
    await sessions.get("k");
    await close();
    await assert.rejects(sessions.get("k"), UnavailableError);
  });
}

test("redis: a key prefix of the client is not applied to these commands", async (t) => {
  const { client, close } = await nodeRedisClient("redis", server.url, { keyPrefix: "shop:" });
  t.after(close);
  await tryAll(client);
  await new Sessions(client).createAs("k", {});
  assert.equal(await server.ask("EXISTS k"), ":1");
});

for (const module of IOREDIS) {
  const settings: [string, object][] = [
    ["no settings", {}],
    ["a key prefix, which is not applied to these commands", { keyPrefix: "shop:" }],
    ["numbers as text", { stringNumbers: true }],
    ["automatic pipelines", { enableAutoPipelining: true }],
    ["friendly stacks", { showFriendlyErrorStack: true }],
    ["a time-out of its own", { commandTimeout: 5000 }],
    ...(module === "ioredis" ? ([["RESP3", { protocol: 3 }]] as [string, object][]) : []),
  ];
  for (const [what, options] of settings) {
    test(`${module}: ${what}`, async (t) => {
      const { client, close } = await ioredisClient(module, server.url, options);
      t.after(close);
      await tryAll(client);
      await new Sessions(client).createAs("k", {});
      assert.equal(await server.ask("EXISTS k"), ":1");
    });
  }

  test(`${module}: the first command connects a client with lazyConnect`, async (t) => {
    const client = new (ioredisClasses(module).Redis)(server.url, { lazyConnect: true });
    client.on("error", () => undefined);
    t.after(() => {
      client.disconnect();
    });
    assert.equal(client.status, "wait");
    await tryAll(client);
  });

  test(`${module}: commands wait for a client that is still connecting`, async (t) => {
    const client = new (ioredisClasses(module).Redis)(server.url);
    t.after(() => {
      client.disconnect();
    });
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", warned);
    t.after(() => process.off("warning", warned));
    const sessions = new Sessions(client);
    const made = await Promise.all(Array.from({ length: 40 }, (_, n) => sessions.createAs(`k${String(n)}`, n)));
    assert.ok(made.every(Boolean));
    await new Promise(setImmediate);
    assert.deepEqual(warnings, []);
  });

  test(`${module}: without an offline queue a command fails at once`, async (t) => {
    const url = `redis://127.0.0.1:${String(await freePort())}`;
    const options = { enableOfflineQueue: false, lazyConnect: true, retryStrategy: () => null };
    const client = new (ioredisClasses(module).Redis)(url, options);
    client.on("error", () => undefined);
    t.after(() => {
      client.disconnect();
    });
    await assert.rejects(new Sessions(client, { timeout: 0 }).get("k"), UnavailableError);
  });

  test(`${module}: a client that is disconnected later is an UnavailableError`, async () => {
    const { client, close } = await ioredisClient(module, server.url);
    const sessions = new Sessions(client);
    await sessions.get("k");
    await close();
    await assert.rejects(sessions.get("k"), UnavailableError);
  });
}

test("passwords and users of the ACL are the client's", async (t) => {
  const secured = await Server.start();
  t.after(() => secured.stop());
  await secured.ask("CONFIG SET requirepass top");
  const url = `redis://:top@127.0.0.1:${String(secured.port)}`;
  const opened: Connected[] = [];
  opened.push(await nodeRedisClient("redis", url), await nodeRedisClient("redis-5", url));
  for (const module of IOREDIS) opened.push(await ioredisClient(module, url));
  for (const { client, close } of opened) {
    t.after(close);
    await tryAll(client);
  }
});

test("TLS is the client's", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "redis-session-tls-"));
  t.after(() => {
    rmSync(dir, { recursive: true });
  });
  const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
  const subject = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  execFileSync("openssl", [...request, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const port = String(await freePort());
  const files = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert];
  const secured = await Server.start({ args: ["--tls-port", port, ...files, "--tls-auth-clients", "no"] });
  t.after(() => secured.stop());
  const url = `rediss://127.0.0.1:${port}`;
  const ca = readFileSync(cert);
  const opened: Connected[] = [];
  for (const [module] of NODE_REDIS) opened.push(await nodeRedisClient(module, url, { socket: { tls: true, ca } }));
  for (const module of IOREDIS) opened.push(await ioredisClient(module, url, { tls: { ca } }));
  for (const { client, close } of opened) {
    t.after(close);
    await tryAll(client);
  }
  const distrusting = new (ioredisClasses("ioredis").Redis)(url, { retryStrategy: () => null });
  distrusting.on("error", () => undefined);
  await assert.rejects(new Sessions(distrusting).get("k"), UnavailableError);
});

test("a user who may not run a command gets NOPERM, without an argument", async (t) => {
  await server.ask("ACL SETUSER reader on >pw ~session:* +session.get +info");
  const url = `redis://reader:pw@127.0.0.1:${String(server.port)}`;
  for (const connect of [nodeRedisClient.bind(null, "redis"), ioredisClient.bind(null, "ioredis")]) {
    const { client, close } = await connect(url);
    t.after(close);
    const sessions = new Sessions(client);
    assert.equal(await sessions.get("session:1"), null);
    await assert.rejects(sessions.createAs("session:1", { a: "s3cret" }), { code: "NOPERM", status: 500 });
    await assert.rejects(sessions.get("other:1"), { code: "NOPERM" });
  }
});

test("every supported client has the type of a client, and what is none has not", () => {
  // Only compiled: nothing here is connected.
  const clients = [
    (): Sessions => new Sessions(redis.createClient()),
    (): Sessions => new Sessions(redis.createClient({ RESP: 2 })),
    (): Sessions => new Sessions(redis.createClient().withTypeMapping({ [redis.RESP_TYPES.BLOB_STRING]: Buffer })),
    (): Sessions => new Sessions(redis.createClientPool()),
    (): Sessions => new Sessions(redis.createCluster({ rootNodes: [] })),
    (): Sessions => new Sessions(redis.createSentinel({ name: "mymaster", sentinelRootNodes: [] })),
    (): Sessions => new Sessions(redis5.createClient()),
    (): Sessions => new Sessions(redis5.createClient({ RESP: 3 })),
    (): Sessions => new Sessions(redis5.createClientPool()),
    (): Sessions => new Sessions(redis5.createCluster({ rootNodes: [] })),
    (): Sessions => new Sessions(redis5.createSentinel({ name: "mymaster", sentinelRootNodes: [] })),
    (): Sessions => new Sessions(new ioredis.Redis()),
    (): Sessions => new Sessions(new ioredis.Redis({ protocol: 3, replyMapping: "resp3" })),
    (): Sessions => new Sessions(new ioredis.Cluster([])),
    (): Sessions => new Sessions(new ioredis5.Redis()),
    (): Sessions => new Sessions(new ioredis5.Cluster([])),
    (): Sessions => new Sessions(new iovalkey.Redis()),
    (): Sessions => new Sessions(new iovalkey.Cluster([])),
    // @ts-expect-error the function, not the client that it makes
    (): Sessions => new Sessions(redis.createClient),
    // @ts-expect-error the class, not an instance
    (): Sessions => new Sessions(ioredis.Redis),
    // @ts-expect-error an empty object
    (): Sessions => new Sessions({}),
    // @ts-expect-error an address
    (): Sessions => new Sessions("redis://127.0.0.1"),
  ];
  assert.equal(clients.length, 22);
});

test("an object that is no client is a TypeError that lists what is", () => {
  const wrongs: unknown[] = [undefined, null, 7, "redis://127.0.0.1", {}, new Map(), redis.createClient];
  for (const wrong of wrongs) {
    assert.throws(() => new Sessions(wrong as Client), {
      name: "TypeError",
      message: /^the client is none that is supported: give createClient, .* of redis .* ioredis .* iovalkey$/,
    });
  }
});

test("a time-out that is no number of milliseconds is a TypeError", () => {
  const client = redis.createClient();
  for (const timeout of [-1, NaN, Infinity, 2 ** 31, "5" as unknown as number]) {
    assert.throws(() => new Sessions(client, { timeout }), /timeout is a number of milliseconds/);
  }
});
