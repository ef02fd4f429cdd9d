// A user's Koa application. It is compiled, not run: types.test.ts and package.test.ts.
import { Redis } from "iovalkey";
import Koa from "koa";
import session from "koa-session";
import { RedisSessionStore } from "redis-session-client/koa";

const store = new RedisSessionStore({ client: new Redis(), prefix: "shop:", schema: "cart" });
store.on("lost", ({ operation, key }) => {
  console.warn(operation, key);
});

export const app = new Koa();
app.keys = ["secret"];
app.use(session({ store, maxAge: 86_400_000 }, app));
app.use(async (ctx) => {
  const session = ctx.session as { views?: number } | null;
  if (session === null) return;
  session.views = (session.views ?? 0) + 1;
  await store.login(ctx, "ada", { name: "Ada" });
  await store.rotate(ctx, { grace: 5000 });
  const devices = await store.list("ada", { current: ctx });
  ctx.body = {
    devices: devices.map(({ handle, current }) => ({ handle, current })),
    ended: await store.revoke("ada", { except: ctx }),
  };
});
