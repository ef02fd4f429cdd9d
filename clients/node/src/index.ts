/** The commands of the module redis-session, typed, over node-redis, ioredis or iovalkey. */
export { Sessions } from "./commands/sessions.js";
export type { FieldsOptions, GetOptions, InfoOptions, ListOptions, RevokeOptions } from "./commands/sessions.js";
export type { Schemas, SchemaSetOptions } from "./commands/schemas.js";
export type {
  CreateAsOptions,
  CreateOptions,
  Expiry,
  ImportOptions,
  Owner,
  PatchOptions,
  ReadOptions,
  RotateAsOptions,
  RotateOptions,
  SetOptions,
  VerifyOptions,
} from "./commands/options.js";
export { Created, DetailedSession, StoredSession } from "./commands/replies.js";
export type { Field, Info, Listed, SchemaEntry, Values } from "./commands/replies.js";
export { JsonText } from "./commands/json.js";
export { keyOfToken } from "./commands/keys.js";
export type { Client, DriverOptions } from "./driver/detect.js";
export type { Driver, Reply } from "./driver/driver.js";
export * from "./errors.js";
