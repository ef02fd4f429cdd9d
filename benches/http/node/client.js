// The Node client with node-redis, as its README shows it.
import { createClient } from "redis";
import { RedisSessionStore } from "redis-session-client/express";
import { serve } from "./shop.js";

const client = createClient({ url: process.env.REDIS_URL });
await client.connect();
const store = new RedisSessionStore({ client });
serve(store, (req, user, data) => store.login(req, user, data));
