/** SESSION.SCHEMA: the registry of JSON Schemas. In a cluster each primary has its own, so writes go to all of them. */
import type { Driver, Reply } from "../driver/driver.js";
import { jsonOf } from "./json.js";
import { text, words } from "./options.js";
import { readSchemas, type SchemaEntry } from "./replies.js";

export interface SchemaSetOptions {
  /** Check `format` in every draft; without it only drafts 4, 6 and 7 do. */
  readonly assertFormat?: boolean | undefined;
  /** Replace nothing: ConflictError if another schema has the name. */
  readonly nx?: boolean | undefined;
  /** New sessions whose keys begin with this take the schema. */
  readonly prefix?: string | undefined;
}

export class Schemas {
  constructor(private readonly driver: Driver) {}

  /**
   * Registers a JSON Schema, or replaces one. New and changed sessions are checked by it from then on.
   *
   * @throws BadSchemaError if it is no JSON Schema; ConflictError for `nx`, or a prefix that belongs to another schema
   */
  async set(name: string, schema: unknown, options?: SchemaSetOptions): Promise<void> {
    const args = ["SESSION.SCHEMA", "SET", text(name, "the name"), jsonOf(schema, "schema")];
    await this.driver.sendToPrimaries(words(args, "schemaSet", options));
  }

  /** The text of a schema, byte for byte as it was set; null if there is none. */
  async get(name: string): Promise<string | null> {
    return (await this.any(["SESSION.SCHEMA", "GET", text(name, "the name")])) as string | null;
  }

  /**
   * Checks data against a schema, as `set` of a session with this schema would, without a session.
   *
   * @throws InvalidError, NoSchemaError, BadJsonError or BadSchemaError
   */
  async check(name: string, data: unknown): Promise<void> {
    await this.any(["SESSION.SCHEMA", "CHECK", text(name, "the name"), jsonOf(data, "data")]);
  }

  /** Removes schemas; resolves to how many of them there were. Sessions that name one fail their checks from then on. */
  async del(...names: readonly string[]): Promise<number> {
    if (names.length === 0) return 0;
    const args = ["SESSION.SCHEMA", "DEL", ...names.map((name) => text(name, "the name"))];
    return Math.max(...(await this.driver.sendToPrimaries(args)).map(Number));
  }

  /** The registered schemas, without their texts; in a cluster those that are the same on every primary. */
  async list(): Promise<SchemaEntry[]> {
    const lists = (await this.driver.sendToPrimaries(["SESSION.SCHEMA", "LIST"])).map(readSchemas);
    const [first = [], ...others] = lists;
    const same = (a: SchemaEntry, b: SchemaEntry): boolean =>
      a.name === b.name && a.digest === b.digest && a.assertFormat === b.assertFormat && a.prefix === b.prefix;
    return first.filter((entry) => others.every((other) => other.some((one) => same(one, entry))));
  }

  /** A command without a key that any node answers; in a cluster it is sent as if for some key. */
  private any(args: readonly string[]): Promise<Reply> {
    return this.driver.send(args[2] ?? "", args);
  }
}
