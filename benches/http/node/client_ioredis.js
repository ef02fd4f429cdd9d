// The Node client with ioredis.
import { Redis } from "ioredis";
import { RedisSessionStore } from "redis-session-client/express";
import { serve } from "./shop.js";

const store = new RedisSessionStore({ client: new Redis(process.env.REDIS_URL) });
serve(store, (req, user, data) => store.login(req, user, data));
