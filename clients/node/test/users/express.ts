// A user's Express application. It is compiled, not run: types.test.ts and package.test.ts.
import express from "express";
import session from "express-session";
import { createClient } from "redis";
import { RedisSessionStore, type Device, type StoreOptions } from "redis-session-client/express";

declare module "express-session" {
  interface SessionData {
    cart: number[];
    name: string;
  }
}

const client = createClient();
const options: StoreOptions = {
  client,
  prefix: "shop:",
  idleTimeout: 60_000,
  absoluteTimeout: (data) => (data.name === undefined ? undefined : 3_600_000),
  legacy: { prefix: "sess:" },
  log: (line) => {
    console.log(line);
  },
};
const store = new RedisSessionStore(options);
store.on("lost", ({ operation, key }) => {
  console.warn(operation, key);
});

export const app = express();
app.use(session({ store, secret: "secret", resave: false, saveUninitialized: false }));
app.post("/login", async (req, res) => {
  req.session.cart ??= [];
  await store.login(req, "ada", { name: "Ada" });
  await store.rotate(req, { grace: 5000 });
  res.json(req.session.cart);
});
app.get("/devices", async (req, res) => {
  const devices: Device[] = await store.list("ada", { current: req, paths: ["/name"] });
  res.json(devices);
});
app.post("/others", async (req, res) => {
  const ended: number = await store.revoke("ada", { except: req });
  res.json({ ended, all: await store.revoke("ada") });
});
store.get("id", (error, data) => {
  console.log(error, data?.cart, data?.cookie.originalMaxAge);
});
