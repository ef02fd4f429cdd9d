// A user's Fastify application. It is compiled, not run: types.test.ts and package.test.ts.
import cookie from "@fastify/cookie";
import session from "@fastify/session";
import fastify from "fastify";
import { Redis } from "ioredis";
import { redisSession, RedisSessionStore, type Device } from "redis-session-client/fastify";

declare module "fastify" {
  interface Session {
    cart?: number[];
    name?: string;
  }
}

const store = new RedisSessionStore({ client: new Redis(), touch: "read", maxSessions: 3, refuse: true });
store.on("lost", ({ operation, key }) => {
  console.warn(operation, key);
});

export async function listen(): Promise<void> {
  const app = fastify();
  await app.register(cookie);
  await app.register(redisSession, { secret: "s".repeat(32), store, cookie: { secure: false } });
  app.post("/login", async (request) => {
    request.session.cart ??= [];
    await store.login(request, "ada", { name: "Ada" });
    await store.rotate(request, { grace: 5000 });
    const devices: Device[] = await store.list("ada", { current: request });
    return { devices, ended: await store.revoke("ada", { except: request }) };
  });
  await app.listen({ port: 3000 });
}

export async function listenWithTheStoreAlone(): Promise<void> {
  const app = fastify();
  await app.register(cookie);
  await app.register(session, { secret: "s".repeat(32), store, idGenerator: store.idGenerator });
  await app.listen({ port: 3000 });
}
