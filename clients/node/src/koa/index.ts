/** `redis-session-client/koa`: a store for the option `store` of koa-session 6.2 and later. */
export { RedisSessionStore, type KoaContext, type StoreCall } from "./store.js";
