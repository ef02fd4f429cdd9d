/** Replies of the commands as objects, read from RESP2 and RESP3 alike. */
import { inspect } from "node:util";
import type { Reply } from "../driver/driver.js";

/** A session's metadata. Times are Unix milliseconds, spans are milliseconds. */
export interface Info {
  /** Counts the changes of the data, from 1. */
  readonly version: number;
  /** When the session was created. */
  readonly created: number;
  /** When the present ID was made: at the creation, or at the last rotation. */
  readonly issued: number;
  /** The last recorded access. In the result of a read, that is the read if it was recorded. */
  readonly accessed: number;
  /** The user's last login; null without a user. */
  readonly authenticated: number | null;
  /** The session ends then, whatever is accessed; null for no deadline. */
  readonly deadline: number | null;
  /** The session ends this long after its last access; null for no idle timeout. */
  readonly idle: number | null;
  /** The name of the schema that the data must satisfy. */
  readonly schema: string | null;
  /** The user whom the session belongs to. */
  readonly user: string | null;
  /** The size of the data's JSON text in bytes. */
  readonly bytes: number;
  /** The time left, by deadline and idle timeout; null without either. */
  readonly ttl: number | null;
}

/** The name of one field of Info. */
export type Field = keyof Info;

/** The names of all fields of Info. */
export const FIELDS: readonly Field[] = [
  "version",
  "created",
  "issued",
  "accessed",
  "authenticated",
  "deadline",
  "idle",
  "schema",
  "user",
  "bytes",
  "ttl",
];

/** The data of a live session. */
export class StoredSession<Data = unknown> {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The JSON text, byte for byte as it is stored. */
  get text(): string {
    return this.#text;
  }

  /** The data, parsed at each access. */
  get data(): Data {
    return JSON.parse(this.#text) as Data;
  }

  /** Logs do not show the data. */
  [inspect.custom](): string {
    return "StoredSession {}";
  }
}

/** The data of a live session and fields of its metadata, of one moment. */
export class DetailedSession<Data = unknown, F extends Field = Field> extends StoredSession<Data> {
  /** The fields that were asked for: all with `withInfo`. */
  readonly info: Pick<Info, F>;

  constructor(text: string, info: Pick<Info, F>) {
    super(text);
    this.info = info;
  }

  override [inspect.custom](): string {
    return `DetailedSession ${inspect({ info: this.info })}`;
  }
}

/** The key of a new or rotated session, and its token. Only the caller ever has the token. */
export class Created {
  readonly key: string;
  readonly #token: string;

  constructor(key: string, token: string) {
    this.key = key;
    this.#token = token;
  }

  /** The bearer token, a secret of 43 characters. "" if none was asked for; then the key is the secret. */
  get token(): string {
    return this.#token;
  }

  /** Logs do not show the token. */
  [inspect.custom](): string {
    return `Created ${inspect({ key: this.key })}`;
  }
}

/** Values of a session's data by the pointers that name them. A pointer where nothing is has no member. */
export type Values<P extends string = string> = Partial<Record<P, unknown>>;

/** One of a user's sessions. */
export interface Listed<P extends string = string, F extends Field = Field> {
  readonly key: string;
  /** The fields that were asked for: all by default, and always `accessed` and `created`. */
  readonly info: Pick<Info, F | "accessed" | "created">;
  /** The values at the pointers of the option `paths`. */
  readonly values: Values<P>;
}

/** A registered schema without its text. */
export interface SchemaEntry {
  readonly name: string;
  /** SHA-256 of the text, in hex. */
  readonly digest: string;
  /** Whether the schema checks `format` in every draft. */
  readonly assertFormat: boolean;
  /** New sessions whose keys begin with this take the schema. */
  readonly prefix: string | null;
}

/** The value of a field. Drivers can be told to return numbers as text. */
function fieldOf(name: Field, value: Reply): number | string | null {
  if (value === null || name === "schema" || name === "user") return value as string | null;
  return Number(value);
}

export function readFields<F extends Field>(names: readonly F[], values: readonly Reply[]): Pick<Info, F> {
  const info: Record<string, unknown> = {};
  names.forEach((name, i) => (info[name] = fieldOf(name, values[i] as Reply)));
  return info as Pick<Info, F>;
}

/** A map in any of the forms that drivers give it. */
function mapOf(reply: Reply): ReadonlyMap<string, Reply> {
  if (reply instanceof Map) return reply as ReadonlyMap<string, Reply>;
  if (!Array.isArray(reply)) return new Map(Object.entries(reply as Record<string, Reply>));
  const map = new Map<string, Reply>();
  for (let i = 0; i < reply.length; i += 2) map.set(String(reply[i]), reply[i + 1] as Reply);
  return map;
}

/** The map of SESSION.INFO, without fields that later servers may add. */
export function readInfo(reply: Reply): Info | null {
  if (reply === null) return null;
  const map = mapOf(reply);
  return readFields(
    FIELDS,
    FIELDS.map((name) => map.get(name) ?? null),
  );
}

export function readCreated(reply: Reply): Created {
  const [key, token] = Array.isArray(reply) ? (reply as readonly string[]) : [reply as string];
  return new Created(key ?? "", token ?? "");
}

/** The values that were found. A JSON null counts as found. */
export function readValues<P extends string>(pointers: readonly P[], texts: Reply): Values<P> {
  const values = Object.create(null) as Values<P>;
  const list = pointers.length === 1 && !Array.isArray(texts) ? [texts] : (texts as readonly Reply[]);
  pointers.forEach((pointer, i) => {
    const text = list[i];
    if (typeof text === "string") values[pointer] = JSON.parse(text) as unknown;
  });
  return values;
}

export function readListed<P extends string, F extends Field>(
  names: readonly F[],
  pointers: readonly P[],
  reply: Reply,
): Listed<P, F>[] {
  return (reply as readonly (readonly Reply[])[]).map(([key, info, ...texts]) => ({
    key: key as string,
    info: readFields(names, info as readonly Reply[]) as Listed<P, F>["info"],
    values: readValues(pointers, texts),
  }));
}

export function readSchemas(reply: Reply): SchemaEntry[] {
  return (reply as readonly Reply[]).map((entry) => {
    const map = mapOf(entry);
    return {
      name: map.get("name") as string,
      digest: map.get("digest") as string,
      assertFormat: Number(map.get("assertformat")) === 1,
      prefix: (map.get("prefix") ?? null) as string | null,
    };
  });
}
