/**
 * The options that all stores have in common, checked when the store is made: a mistake is a TypeError where it was
 * written, not a failed request later.
 */
import { debuglog } from "node:util";
import type { Client } from "../driver/detect.js";
import type { Timeout } from "./lifetime.js";

export interface LegacyOptions {
  /** The client that reads the old sessions, if they are on another server. @default the store's client */
  readonly client?: Client | undefined;
  /** What the old keys begin with. @default "sess:" */
  readonly prefix?: string | undefined;
  /** The user whom an old session belongs to, so that `list` and `revoke` find it; undefined for none. */
  readonly user?: ((session: Record<string, unknown>) => string | undefined) | undefined;
  /** Reads the text of an old session that was not written as JSON. @default JSON.parse */
  readonly parse?: ((text: string) => unknown) | undefined;
}

export interface SchemaDefinition {
  readonly name: string;
  /** A JSON Schema, as an object or as text. */
  readonly definition: object | boolean | string;
  /** Whether `format` is checked in every draft. @default false */
  readonly assertFormat?: boolean | undefined;
}

export interface StoreOptions {
  /** A connected client of redis, ioredis or iovalkey: single, pool, Sentinel or cluster. The store never closes it. */
  readonly client: Client;
  /** What the keys of all sessions begin with. @default "session:" */
  readonly prefix?: string | undefined;
  /**
   * How long a session lives without being used, in milliseconds, if its cookie has no `maxAge`. A function is asked for
   * every session, whatever its cookie has. 0 or less ends the session.
   *
   * @default 86_400_000 (a day)
   */
  readonly idleTimeout?: Timeout<number> | undefined;
  /**
   * How long a session lives in all, in milliseconds, from its creation or its last login. A function may return
   * undefined for no limit. @default no limit but the server's `session.max-ttl`
   */
  readonly absoluteTimeout?: Timeout<number | undefined> | undefined;
  /**
   * What keeps a session alive. "request": every request that the framework reports, as one TOUCH at its end. "read":
   * every read; the server then records it with the read, and no TOUCH is sent. "never": only changes of the data.
   *
   * @default "request"
   */
  readonly touch?: "request" | "read" | "never" | undefined;
  /** The schema that sessions must satisfy: its name, or with its definition, which the store then registers. */
  readonly schema?: string | SchemaDefinition | undefined;
  /** How many sessions a user may have; a login beyond them ends the least recently used. @default no limit */
  readonly maxSessions?: number | undefined;
  /** Whether a login beyond `maxSessions` is refused (TooManyError) and ends none. @default false */
  readonly refuse?: boolean | undefined;
  /** What the server sees before the name of a user, so that applications do not share users. @default `prefix` */
  readonly userPrefix?: string | undefined;
  /** Takes over the sessions that connect-redis has stored, one by one when they are used. @default none */
  readonly legacy?: LegacyOptions | boolean | undefined;
  /** How long to wait for an answer of the server, in milliseconds; 0 for no limit. @default 2000 */
  readonly timeout?: number | undefined;
  /**
   * Is told one line for each write that was dropped, and each old session that was not taken over.
   *
   * @default to standard error if the variable NODE_DEBUG has "redis-session-client"
   */
  readonly log?: ((line: string) => void) | undefined;
}

/** The options with their defaults. */
export interface Settings {
  readonly prefix: string;
  readonly idleTimeout: Timeout<number>;
  readonly absoluteTimeout: Timeout<number | undefined> | undefined;
  readonly touch: "request" | "read" | "never";
  readonly schema: string | SchemaDefinition | undefined;
  readonly maxSessions: number | undefined;
  readonly refuse: boolean;
  readonly userPrefix: string;
  readonly legacy: LegacyOptions | undefined;
  readonly log: (line: string) => void;
}

const debug = debuglog("redis-session-client");

/** A line can hold a percent sign, which the debug log would take for a placeholder. */
function toDebugLog(line: string): void {
  debug("%s", line);
}

const NAMES = [
  ...(["client", "prefix", "idleTimeout", "absoluteTimeout", "touch", "schema", "maxSessions", "refuse"] as const),
  ...(["userPrefix", "legacy", "timeout", "log"] as const),
] satisfies (keyof StoreOptions)[];
const KNOWN: ReadonlySet<string> = new Set(NAMES);

/** Options of connect-redis, and what to write here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  ttl: "write idleTimeout, in milliseconds",
  disableTTL: 'write touch: "never" and a long idleTimeout; a session without an end is not possible',
  disableTouch: 'write touch: "never"',
  serializer: "leave it out: sessions are JSON; for old ones write legacy: { parse }",
  scanCount: "leave it out",
};

/** @throws TypeError that names the option and what to write */
export function settingsOf(options: StoreOptions): Settings {
  if (!isObject(options)) throw new TypeError("give the store options: { client }");
  for (const name of Object.keys(options)) {
    if (KNOWN.has(name)) continue;
    const instead = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : `the options are ${[...KNOWN].join(", ")}`;
    throw new TypeError(`the store has no option ${JSON.stringify(name)}: ${instead}`);
  }
  const prefix = text("prefix", options.prefix, "session:");
  return {
    prefix,
    idleTimeout: timeout("idleTimeout", options.idleTimeout) ?? 86_400_000,
    absoluteTimeout: timeout("absoluteTimeout", options.absoluteTimeout),
    touch: oneOf("touch", options.touch ?? "request", ["request", "read", "never"]),
    schema: schema(options.schema),
    maxSessions: count("maxSessions", options.maxSessions),
    refuse: refuse(options),
    userPrefix: text("userPrefix", options.userPrefix, prefix),
    legacy: legacy(options.legacy),
    log: callable("log", options.log) ?? toDebugLog,
  };
}

function text(name: string, value: unknown, otherwise: string): string {
  if (value === undefined) return otherwise;
  if (typeof value !== "string") throw new TypeError(`${name} must be a string`);
  return value;
}

function timeout<T>(name: string, value: Timeout<T> | undefined): Timeout<T> | undefined {
  if (value === undefined || typeof value === "function") return value;
  if (typeof value === "number" && value > 0) return value;
  throw new TypeError(`${name} must be a number of milliseconds above 0, or a function of the session`);
}

function count(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new TypeError(`${name} must be an integer of 1 or more`);
}

function refuse({ refuse: value, maxSessions }: StoreOptions): boolean {
  if (value !== undefined && typeof value !== "boolean") throw new TypeError("refuse must be true or false");
  if (value === true && maxSessions === undefined)
    throw new TypeError("refuse needs maxSessions: it acts at that limit");
  return value ?? false;
}

function oneOf<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new TypeError(`${name} must be one of ${allowed.join(", ")}`);
}

function callable<T>(name: string, value: T | undefined): T | undefined {
  if (value === undefined || typeof value === "function") return value;
  throw new TypeError(`${name} must be a function`);
}

function schema(value: StoreOptions["schema"]): StoreOptions["schema"] {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  if (isObject(value) && typeof value.name === "string") {
    if (isObject(value.definition) || ["string", "boolean"].includes(typeof value.definition)) return value;
  }
  throw new TypeError("schema must be the name of a schema, or { name, definition }");
}

function legacy(value: StoreOptions["legacy"]): LegacyOptions | undefined {
  if (value === undefined || value === false) return undefined;
  if (value !== true && !isObject(value)) {
    throw new TypeError("legacy must be true, false, or { client, prefix, user, parse }");
  }
  const options: LegacyOptions = value === true ? {} : value;
  for (const name of Object.keys(options)) {
    if (["client", "prefix", "user", "parse"].includes(name)) continue;
    throw new TypeError(`legacy has no option ${JSON.stringify(name)}: its options are client, prefix, user, parse`);
  }
  callable("legacy.user", options.user);
  callable("legacy.parse", options.parse);
  text("legacy.prefix", options.prefix, "");
  return options;
}

/** Also for callers without TypeScript, who can give anything. */
function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
