/**
 * `redis-session-client/fastify`: sessions of @fastify/session. `RedisSessionStore` is a store for it, and `redisSession` a
 * plugin that registers it with such a store.
 */
export { redisSession, type RedisSessionOptions } from "./plugin.js";
export { RedisSessionStore, type SessionPatch, type SessionRequest } from "./store.js";
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
