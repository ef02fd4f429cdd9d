// What the types refuse: each line after a @ts-expect-error is an error, or the compiler complains of the comment.
import { createClient } from "redis";
import { Sessions } from "redis-session-client";
import { RedisSessionStore as ExpressStore } from "redis-session-client/express";
import { RedisSessionStore as FastifyStore } from "redis-session-client/fastify";
import { RedisSessionStore as KoaStore, type KoaContext } from "redis-session-client/koa";
import { createRedisSessionStorage } from "redis-session-client/react-router";

const client = createClient();

export async function commands(sessions: Sessions): Promise<void> {
  // @ts-expect-error -- two deadlines
  await sessions.create("session:*", {}, { ex: 60, px: 60_000 });
  // @ts-expect-error -- two idle timeouts
  await sessions.touch("session:1", { idle: 60, pidle: 60_000 });
  // @ts-expect-error -- a limit of sessions without a user
  await sessions.create("session:*", {}, { maxSessions: 3 });
  // @ts-expect-error -- a refusal without a limit
  await sessions.create("session:*", {}, { user: "ada", refuse: true });
  // @ts-expect-error -- a grace for a login
  await sessions.rotate("session:1", "session:*", { user: "ada", grace: 5000 });
  // @ts-expect-error -- a misspelt option
  await sessions.patch("session:1", {}, { ifversion: 1 });
  // @ts-expect-error -- both ways to choose
  await sessions.revoke("ada", { except: "session:1", only: "session:2" });
  // @ts-expect-error -- an unknown field
  await sessions.get("session:1", { fields: ["age"] });
  // @ts-expect-error -- without the time at which it was created
  await sessions.import("session:1", {}, {});
  // @ts-expect-error -- a number as the name of a user
  await sessions.list(42);
  const some = await sessions.get("session:1", { fields: ["ttl"] });
  // @ts-expect-error -- a field that was not asked for
  console.log(some?.info.user);
  const found = await sessions.get("session:1");
  // @ts-expect-error -- data of no known type
  console.log(found?.data.cart);
}

// @ts-expect-error -- no client
new Sessions();
// @ts-expect-error -- the function that makes a client
new Sessions(createClient);
// @ts-expect-error -- an object that is no client
new ExpressStore({ client: {} });
// @ts-expect-error -- an option of connect-redis
new ExpressStore({ client, ttl: 60 });
// @ts-expect-error -- a text for a number
new ExpressStore({ client, idleTimeout: "1h" });
// @ts-expect-error -- an unknown way
new FastifyStore({ client, touch: "always" });
// @ts-expect-error -- a misspelt option
new KoaStore({ client, perfix: "shop:" });
// @ts-expect-error -- this store knows no older sessions
createRedisSessionStorage({ client, legacy: true });
const session = await createRedisSessionStorage<{ name: string }>({ client }).getSession();
// @ts-expect-error -- a value of another type
session.set("name", 7);

export async function stores(express: ExpressStore, fastify: FastifyStore, koa: KoaStore): Promise<void> {
  const ctx: KoaContext = { req: {}, res: {}, cookies: {} };
  // @ts-expect-error -- an ID in the place of the request
  await express.login("sid", "ada");
  // @ts-expect-error -- a number as the name of a user
  await fastify.login({} as never, 42);
  // @ts-expect-error -- handles and a session that stays
  await koa.revoke("ada", { only: ["handle"], except: ctx });
}
