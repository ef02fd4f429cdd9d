/** What the adapters of the frameworks use of this folder. */
export { answer, type Callback } from "./callback.js";
export type { LegacyForm } from "./legacy.js";
export type { Timeout } from "./lifetime.js";
export { Notes } from "./notes.js";
export type { LegacyOptions, SchemaDefinition, StoreOptions } from "./options.js";
export type { LoadedRecord } from "./record.js";
export { SessionRecords } from "./records.js";
export type { CreateOptions, IdleOption, MoveOptions, SaveOptions, StoreEvents } from "./how.js";
export type { Members } from "./text.js";
export type { Device, DevicesOptions, Handles } from "./users.js";
