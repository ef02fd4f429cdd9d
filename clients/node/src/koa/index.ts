/** `redis-session-client/koa`: the store for koa-session. */
export { RedisSessionStore, type KoaContext, type StoreCall } from "./store.js";
export type {
  Device,
  DevicesOptions,
  Handles,
  LegacyOptions,
  SchemaDefinition,
  StoreEvents,
  StoreOptions,
  Timeout,
} from "../store/index.js";
