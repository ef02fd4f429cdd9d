// Wrong arguments of `revoke`: a mistake must never end all sessions of a user.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "redis";
import { Sessions } from "redis-session-client";
import { RedisSessionStore as ExpressStore } from "redis-session-client/express";
import { RedisSessionStore as FastifyStore } from "redis-session-client/fastify";
import { RedisSessionStore as KoaStore } from "redis-session-client/koa";
import { createRedisSessionStorage } from "redis-session-client/react-router";
import { Server } from "./support/server.js";

let server: Server;
let client: ReturnType<typeof createClient>;
before(async () => {
  server = await Server.start();
  client = createClient({ url: server.url });
  await client.connect();
});
after(async () => {
  client.destroy();
  await server.stop();
});

type Revoke = (user: string, which?: object) => Promise<number>;

const revokes: Record<string, () => Revoke> = {
  Express: () => (user, which) => new ExpressStore({ client }).revoke(user, which),
  Fastify: () => (user, which) => new FastifyStore({ client }).revoke(user, which),
  Koa: () => (user, which) => new KoaStore({ client }).revoke(user, which),
  "React Router": () => (user, which) => createRedisSessionStorage({ client }).revoke(user, which),
  "the commands": () => (user, which) => new Sessions(client).revoke(`session:${user}`, which),
};

for (const [name, make] of Object.entries(revokes)) {
  test(`${name}: only without a value, and an unknown option, end nothing`, async () => {
    const revoke = make();
    await new Sessions(client).create("session:*", {}, { user: "session:ada" });
    for (const wrong of [{ only: undefined }, { only: null }, { onyl: "t" }]) {
      await assert.rejects(revoke("ada", wrong), TypeError);
    }
    assert.equal(await revoke("ada", { only: [] }), 0);
    assert.equal(await revoke("ada", { except: undefined }), 1);
  });
}
