// connect-redis with node-redis, as its README shows it.
import { RedisStore } from "connect-redis";
import { createClient } from "redis";
import { regenerate, serve } from "./shop.js";

const client = createClient({ url: process.env.REDIS_URL });
await client.connect();
serve(new RedisStore({ client }), regenerate);
