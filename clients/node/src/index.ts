/** The commands of the module redis-session, typed, over node-redis, ioredis or iovalkey. */
export { Sessions } from "./commands/sessions.js";
export type { Schemas, SchemaSetOptions } from "./commands/schemas.js";
export type {
  CreateAsOptions,
  CreateOptions,
  Expiry,
  FieldsOptions,
  GetOptions,
  ImportOptions,
  InfoOptions,
  ListOptions,
  Owner,
  PatchOptions,
  ReadOptions,
  RevokeOptions,
  RotateAsOptions,
  RotateOptions,
  SetOptions,
  VerifyOptions,
} from "./commands/types.js";
export { Created, DetailedSession, StoredSession } from "./commands/replies.js";
export type { Field, Info, Listed, SchemaEntry, Values } from "./commands/replies.js";
export { JsonText } from "./commands/json.js";
export { keyOfToken } from "./commands/keys.js";
export type { Client, DriverOptions } from "./driver/detect.js";
export type { Driver, Reply } from "./driver/driver.js";
export * from "./errors.js";
