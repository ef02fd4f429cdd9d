/** `redis-session-client/express`: the store for express-session. */
export { RedisSessionStore, type SessionRequest } from "./store.js";
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
