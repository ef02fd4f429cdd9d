/**
 * Sessions: one method for each command of the module.
 *
 * A method checks the types of its arguments (TypeError) and leaves all other decisions to the server. Errors of the
 * server are SessionError and its subclasses. Methods are plain translations; what a web framework needs beyond them is in
 * src/store.
 */
import { driverOf, type Client, type DriverOptions } from "../driver/detect.js";
import type { Driver } from "../driver/driver.js";
import { InvalidError } from "../errors.js";
import { concrete, keysOf, rotation, token } from "./arguments.js";
import { jsonOf } from "./json.js";
import { tagged } from "./keys.js";
import { merged } from "./merge.js";
import { text, texts, words } from "./options.js";
import * as reading from "./reading.js";
import * as replies from "./replies.js";
import type { Created, DetailedSession, Field, Info, Listed, StoredSession, Values } from "./replies.js";
import { Schemas } from "./schemas.js";
import type * as options from "./types.js";
import type { FieldsOptions, GetOptions, InfoOptions, ListOptions, RevokeOptions } from "./types.js";

export class Sessions {
  /** Sends raw commands. */
  readonly driver: Driver;
  /** The commands SESSION.SCHEMA. */
  readonly schema: Schemas;

  /**
   * @param client a connected client of node-redis (`redis`), ioredis or iovalkey: standalone, pool, Sentinel or cluster
   * @throws TypeError for another object
   */
  constructor(client: Client, driverOptions?: DriverOptions) {
    this.driver = driverOf(client, driverOptions);
    this.schema = new Schemas(this.driver);
  }

  /** Whether the client is that of a cluster, where keys need hash tags. */
  get cluster(): boolean {
    return this.driver.cluster;
  }

  /**
   * Creates a session. Its key is `pattern` with the `*` at the end replaced by a new ID, which the server makes. In a
   * cluster a pattern without a hash tag gets a random one, as in `session:{3f9a}:*`.
   *
   * @throws InvalidError, NoSchemaError; TooManyError with `refuse`
   */
  async create(pattern: string, data: unknown, how: options.CreateOptions = {}): Promise<Created> {
    const key = this.pattern(pattern, undefined);
    const args = words(["SESSION.SET", key, jsonOf(data, "data")], "create", how);
    return replies.readCreated(await this.driver.send(key, token(args, how)));
  }

  /** Creates a session under a key of your own. False, and no change, if the key exists. */
  async createAs(key: string, data: unknown, how?: options.CreateAsOptions): Promise<boolean> {
    const args = words(["SESSION.SET", text(key, "the key"), jsonOf(data, "data"), "NX"], "createAs", how);
    return (await this.driver.send(key, args)) !== null;
  }

  /**
   * Replaces the data of a live session.
   *
   * @throws NoSessionError if there is none; ConflictError by `ifVersion`; InvalidError, NoSchemaError
   */
  async set(key: string, data: unknown, how?: options.SetOptions): Promise<void> {
    const name = concrete(key, "create");
    await this.driver.send(key, words(["SESSION.SET", name, jsonOf(data, "data")], "set", how));
  }

  /** Creates a session that lived elsewhere, with its own times. False, and no change, if the key exists. */
  async import(key: string, data: unknown, how: options.ImportOptions): Promise<boolean> {
    const args = words(["SESSION.IMPORT", text(key, "the key"), jsonOf(data, "data")], "import", how);
    return (await this.driver.send(key, args)) !== null;
  }

  /** Reads a live session; null if there is none. An access, which extends the session, unless `noTouch`. */
  get<Data = unknown>(key: string, how?: GetOptions): Promise<StoredSession<Data> | null>;
  get<Data = unknown>(key: string, how: options.ReadOptions & InfoOptions): Promise<DetailedSession<Data> | null>;
  get<Data = unknown, const F extends Field = Field>(
    key: string,
    how: options.ReadOptions & FieldsOptions<F>,
  ): Promise<DetailedSession<Data, F> | null>;
  async get(key: string, how?: options.ReadOptions & reading.ReadRequest): Promise<StoredSession | null> {
    const args = reading.getWords(key, "get", how);
    const fields = reading.askFields(args, how);
    return reading.readSession(await this.driver.send(key, args), fields);
  }

  /** Reads the values at JSON Pointers; null if there is no live session. */
  async getPaths<const P extends string>(
    key: string,
    pointers: readonly P[],
    how?: options.ReadOptions,
  ): Promise<Values<P> | null> {
    return this.paths(key, reading.getWords(key, "getPaths", how), pointers);
  }

  /**
   * Reads a live session and checks it, to guard a route; null if there is none.
   *
   * @throws InvalidError (status 403) if the data does not satisfy a schema; StaleError by `fresh`; NoSchemaError
   */
  verify<Data = unknown>(key: string, how?: options.VerifyOptions & GetOptions): Promise<StoredSession<Data> | null>;
  verify<Data = unknown>(key: string, how: options.VerifyOptions & InfoOptions): Promise<DetailedSession<Data> | null>;
  verify<Data = unknown, const F extends Field = Field>(
    key: string,
    how: options.VerifyOptions & FieldsOptions<F>,
  ): Promise<DetailedSession<Data, F> | null>;
  async verify(key: string, how?: options.VerifyOptions & reading.ReadRequest): Promise<StoredSession | null> {
    const args = reading.verifyWords(key, "verify", how);
    const fields = reading.askFields(args, how);
    return reading.readSession(await this.driver.send(key, args).catch(forbidden), fields);
  }

  /** Checks a live session as `verify` does, and reads the values at JSON Pointers. */
  async verifyPaths<const P extends string>(
    key: string,
    pointers: readonly P[],
    how?: options.VerifyOptions,
  ): Promise<Values<P> | null> {
    return this.paths(key, reading.verifyWords(key, "verifyPaths", how), pointers).catch(forbidden);
  }

  /** Records an access, and can change the timeouts. False if there is no live session. */
  async touch(key: string, expiry?: options.Expiry): Promise<boolean> {
    return Number(await this.driver.send(key, words(["SESSION.TOUCH", text(key, "the key")], "touch", expiry))) === 1;
  }

  /**
   * Changes part of the data in the server; resolves to the new version.
   *
   * @param patch an object is a JSON Merge Patch (RFC 7396: null removes a member), an array a JSON Patch (RFC 6902)
   * @throws NoSessionError; ConflictError by `ifVersion`, or if a JSON Patch does not apply; InvalidError, NoSchemaError
   */
  async patch(key: string, patch: unknown, how?: options.PatchOptions): Promise<number> {
    const args = words(["SESSION.PATCH", text(key, "the key"), jsonOf(patch, "patch")], "set", how);
    return Number(await this.driver.send(key, args));
  }

  /**
   * Reads and removes the values at JSON Pointers in one step, for flash messages and one-time codes.
   *
   * @throws NoSessionError if there is no live session
   */
  async pop<const P extends string>(key: string, ...pointers: readonly P[]): Promise<Values<P>> {
    if (texts(pointers, "the pointers").length === 0) throw new TypeError("name at least one JSON Pointer");
    return replies.readValues(
      pointers,
      await this.driver.send(key, ["SESSION.POP", text(key, "the key"), ...pointers]),
    );
  }

  /**
   * Gives a session a new ID, which the server makes, and applies the changes of a login, in one step. In a cluster the
   * pattern gets the hash tag of the key.
   *
   * @throws NoSessionError; OtherUserError if the session has another user; TooManyError with `refuse`; InvalidError
   */
  async rotate(key: string, pattern: string, how: options.RotateOptions = {}): Promise<Created> {
    const args = rotation(key, this.pattern(pattern, key), "rotate", how);
    return replies.readCreated(await this.driver.send(key, token(args, how)));
  }

  /** Like `rotate`, to a key of your own. False, and no change, if it exists. In a cluster both keys share a hash tag. */
  async rotateAs(key: string, newKey: string, how: options.RotateAsOptions = {}): Promise<boolean> {
    const args = rotation(key, concrete(newKey, "rotate"), "rotateAs", how);
    args.push("NX");
    return (await this.driver.send(key, args)) !== null;
  }

  /** Ends sessions; resolves to how many were live. In a cluster the keys share a hash tag. */
  async del(...keys: readonly string[]): Promise<number> {
    const [first] = texts(keys, "the keys");
    return first === undefined ? 0 : Number(await this.driver.send(first, ["SESSION.DEL", ...keys]));
  }

  /** A session's metadata; null if there is no live session. Not an access. */
  async info(key: string): Promise<Info | null> {
    return replies.readInfo(await this.driver.send(key, ["SESSION.INFO", text(key, "the key")]));
  }

  /**
   * The user's live sessions, the most recently accessed first; in a cluster those of all nodes. Not an access. While slots
   * of a cluster move, a session may be missing.
   */
  async list<const P extends string = never, const F extends Field = Field>(
    user: string,
    how: ListOptions<P, F> = {},
  ): Promise<Listed<P, F>[]> {
    const args = words(["SESSION.LIST", text(user, "the user")], "list", how);
    // The lists of a cluster's nodes are merged by these two.
    const fields = new Set<Field>(["accessed", "created", ...(how.fields ?? replies.FIELDS)]);
    const names = reading.fieldWords(args, [...fields]) as readonly F[];
    const pointers = how.paths === undefined || how.paths.length === 0 ? [] : reading.pathWords(args, how.paths);
    const lists = await this.driver.sendToPrimaries(args);
    return merged(
      lists.map((reply) => replies.readListed(names, pointers, reply)),
      how.limit,
    );
  }

  /**
   * Ends sessions of a user: all, all `except` some, or `only` some. Resolves to how many ended. In a cluster all primaries
   * are asked, again while slots move.
   */
  async revoke(user: string, how: RevokeOptions = {}): Promise<number> {
    const args = words(["SESSION.REVOKE", text(user, "the user")], "revoke", how);
    const except = keysOf(how.except, "except");
    const only = keysOf(how.only, "only");
    if (except !== undefined && only !== undefined)
      throw new TypeError("except and only contradict each other: give one");
    // A form without its field must not end all sessions.
    if ("only" in how && only === undefined) throw new TypeError("only has no value: give the keys, or leave it out");
    if (only?.length === 0) return 0;
    if (only !== undefined) args.push("ONLY", ...only);
    else if (except !== undefined && except.length > 0) args.push("EXCEPT", ...except);
    const ended = await this.driver.sendUntilAtRest(args);
    return ended.reduce<number>((sum, count) => sum + Number(count), 0);
  }

  private async paths<P extends string>(
    key: string,
    args: string[],
    pointers: readonly P[],
  ): Promise<Values<P> | null> {
    args.push("FIELDS", "1", "version");
    reading.pathWords(args, pointers);
    return reading.readPaths(pointers, await this.driver.send(key, args));
  }

  private pattern(pattern: string, beside: string | undefined): string {
    if (!text(pattern, "the pattern").endsWith("*")) {
      throw new TypeError("the pattern must end in '*'; createAs and rotateAs take a key of your own");
    }
    return this.driver.cluster ? tagged(pattern, beside) : pattern;
  }
}

/** Data that does not pass a verifier is a visitor without the right to this route, not a fault of the application. */
function forbidden(error: unknown): never {
  throw error instanceof InvalidError ? new InvalidError(error.message, 403) : error;
}
