// connect-redis 8 with ioredis, which later versions do not take.
import { RedisStore } from "connect-redis-8";
import { Redis } from "ioredis";
import { regenerate, serve } from "./shop.js";

serve(new RedisStore({ client: new Redis(process.env.REDIS_URL) }), regenerate);
