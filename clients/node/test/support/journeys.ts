// What visitors of an application do and expect, whatever its framework. The application has the routes that
// support/fastify.ts and support/koa.ts give to all.
import assert from "node:assert/strict";
import type { Client } from "redis-session-client";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { Server } from "./server.js";
import { during, type Running, type Visitor } from "./visitor.js";

/** A user logs in with a cart on one device, then on another one, and ends the session of that one. */
export async function twoDevices(app: Running, sessions: () => Promise<readonly unknown[]>): Promise<void> {
  const [laptop, phone] = [app.visitor(), app.visitor()];
  await laptop.post("/set", { cart: [7] });
  const old = laptop.copy();
  assert.deepEqual(await laptop.post("/login", { user: "ada" }), { cart: [7], name: "ADA" });
  assert.deepEqual(await laptop.get(), { cart: [7], name: "ADA" });
  assert.deepEqual(await old.get(), {}, "the ID from before the login is dead");
  await phone.post("/login", { user: "ada" });
  const moving = phone.copy();
  assert.deepEqual(await phone.post("/rotate"), { name: "ADA" });
  assert.deepEqual(await moving.get(), { name: "ADA" }, "within the grace the old ID works");

  const devices = (await laptop.get("/devices")) as { current: boolean; values: object }[];
  assert.equal(devices.length, 2);
  assert.deepEqual(devices.find(({ current }) => current)?.values, { "/name": "ADA", "/cart": [7] });
  assert.deepEqual(await laptop.post("/others"), { ended: 1 });
  assert.deepEqual(await phone.get(), {});
  assert.deepEqual(await laptop.get(), { cart: [7], name: "ADA" });
  assert.equal((await sessions()).length, 1);
}

/**
 * Stops the server of an application and starts it again without data. `refused` gets, while the server is away, the text
 * that a visitor without a session was answered.
 */
export async function outage(
  driver: "ioredis" | "node-redis",
  start: (client: Client) => Promise<Running>,
  refused: (app: Running, text: string) => Promise<void>,
): Promise<void> {
  const server = await Server.start();
  const io = driver === "ioredis" ? new Redis(server.url, { retryStrategy: () => 50 }) : undefined;
  const socket = { reconnectStrategy: () => 50 };
  const node = driver === "ioredis" ? undefined : createClient({ url: server.url, socket });
  io?.on("error", () => undefined);
  node?.on("error", () => undefined);
  await node?.connect();
  const app = await start((io ?? node) as Client);
  let again: Server | undefined;
  try {
    const visitor = app.visitor();
    await visitor.post("/set", { n: 1 });
    await server.stop();
    assert.equal((await visitor.send("/")).status, 503);
    const newcomer = await app.visitor().sendJson("/set", { n: 1 });
    assert.equal(newcomer.status, 503);
    assert.deepEqual(newcomer.setCookies, []);
    await refused(app, newcomer.text);
    again = await Server.start({ port: server.port });
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
}

/**
 * Moves three visitors, with the cookies that the application `before` gave them, to the one that `start` starts. One of
 * the sessions is ended there. `check` runs before the application stops.
 */
export async function moved(before: Running, start: () => Promise<Running>, check: () => Promise<void>): Promise<void> {
  const visitors = [before.visitor(), before.visitor(), before.visitor()] as const;
  for (const [n, visitor] of visitors.entries()) await visitor.post("/set", { n, user: "ada" });
  await before.stop();

  await during(await start(), async ({ url }) => {
    const [first, second, third] = [visitors[0].copy(url), visitors[1].copy(url), visitors[2].copy(url)];
    assert.deepEqual(await first.get(), { n: 0, user: "ada" });
    // Parallel first requests all find it.
    const both = [second.copy().get(), second.copy().get(), second.post("/set", { more: 1 })];
    for (const data of await Promise.all(both)) assert.equal((data as { n: number }).n, 1);
    await third.post("/destroy");
    assert.deepEqual(await third.get(), {});
    assert.deepEqual(await second.get(), { n: 1, user: "ada", more: 1 });
    await check();
  });
}

/** Makes a change that the schema of sessions refuses: it wants a number as `n`. */
export async function refusedBySchema(app: Running): Promise<void> {
  const visitor = app.visitor();
  await visitor.post("/set", { n: 1 });
  const answer = await visitor.sendJson("/set", { n: "secret" });
  assert.ok(answer.status >= 400, answer.text);
  assert.equal(answer.text.includes("secret"), false, answer.text);
  assert.deepEqual(await visitor.get(), { n: 1 });
}

/** Puts what is no session of a store under the visitor's key: other types, and data that is no object. None is read. */
export async function strangeKeys(client: Redis, visitor: Visitor, key: string): Promise<void> {
  for (const command of [
    ["SET", key, "x"],
    ["RPUSH", key, "x"],
    ["SESSION.SET", key, "[1]", "NX"],
  ] as const) {
    const [name, ...args] = command;
    await client.del(key);
    await client.call(name, args);
    assert.deepEqual(await visitor.copy().get(), {}, name);
  }
}
