/**
 * The sessions of one store: load, create, save, touch, end, move. The adapters of all frameworks stand on it.
 *
 * A save says whether it creates or changes, which the stores of the frameworks do not. So a session that ended during
 * a slow request stays ended, and what two requests change at the same time both stays.
 */
import { EventEmitter } from "node:events";
import { Sessions } from "../commands/sessions.js";
import { JsonText } from "../commands/json.js";
import { driverOf } from "../driver/detect.js";
import type { Driver } from "../driver/driver.js";
import { NoSessionError, OtherUserError, SessionError } from "../errors.js";
import { difference, memberPatch } from "./difference.js";
import { handleOf, keyOf, sidBeside } from "./keys.js";
import { Legacy, type LegacyForm } from "./legacy.js";
import { absoluteOf, idleOf } from "./lifetime.js";
import { settingsOf, type Settings, type StoreOptions } from "./options.js";
import { StoredRecord, type LoadedRecord } from "./record.js";
import { Registration } from "./schema.js";
import { membersOf, parsed, sameCookie, storedCookie, storedText, type Members } from "./text.js";
import { Users } from "./users.js";

/** What a store tells with its events. */
export interface StoreEvents {
  /** A write was dropped, because the session had ended. Nothing was created. */
  lost: [{ readonly operation: "save" | "touch" | "login" | "rotate"; readonly key: string }];
  /** A user has logged in. */
  login: [{ readonly user: string; readonly key: string }];
  /** A session of connect-redis was taken over. */
  imported: [{ readonly key: string }];
}

/** How the lifetime differs from what cookie and options say. */
export interface IdleOption {
  /** The idle timeout in ms; 0 ends the session. @default by the cookie and the option `idleTimeout` */
  readonly idle?: number | undefined;
}

export interface SaveOptions extends IdleOption {
  /**
   * Whether a member is absent from the session object only because that cannot hold it. @default by what the object
   * inherits: a member with the name of a method
   */
  readonly untaken?: ((name: string) => boolean) | undefined;
}

export interface CreateOptions extends IdleOption {
  /** Logs this user in. */
  readonly user?: string | undefined;
  /** Members that replace those of the data at its top level. */
  readonly patch?: object | undefined;
}

export interface MoveOptions extends CreateOptions, SaveOptions {
  /** For so many ms the old ID goes on working. Not with `user`. */
  readonly grace?: number | undefined;
}

export class SessionRecords extends EventEmitter<StoreEvents> {
  /** All commands of the module, on the store's client. */
  readonly sessions: Sessions;
  /** Lists and ends the sessions of users, and all sessions of the store. */
  readonly users: Users;
  private readonly settings: Settings;
  private readonly driver: Driver;
  private readonly legacy: Legacy | undefined;
  private readonly registration: Registration;
  private readonly reading: readonly string[];

  /** @throws TypeError for an unknown option, a wrong value, or an unknown client */
  constructor(options: StoreOptions, form: LegacyForm = {}) {
    super();
    const settings = settingsOf(options);
    this.settings = settings;
    this.driver = driverOf(options.client, { timeout: options.timeout });
    this.sessions = new Sessions(options.client, { timeout: options.timeout });
    this.users = new Users(this.sessions, this.driver, settings.prefix, settings.userPrefix);
    this.registration = new Registration(this.sessions, settings.schema);
    // In the mode "read" the GET itself is the access.
    this.reading = [...(settings.touch === "read" ? [] : ["NOTOUCH"]), "FIELDS", "1", "ttl"];
    if (settings.legacy !== undefined) {
      const { client = options.client } = settings.legacy;
      this.legacy = new Legacy(settings.legacy, driverOf(client, { timeout: options.timeout }), {
        settings,
        sessions: this.sessions,
        registration: this.registration,
        form,
        nameOf: (user) => this.users.nameOf(user),
        imported: (key) => this.emit("imported", { key }),
      });
    }
  }

  /** The key of the session with this ID. It holds a hash of the ID, so it may be shown. */
  keyOf(sid: string): string {
    return keyOf(this.settings.prefix, sid, this.driver.cluster);
  }

  /** What `list` calls the session with this ID. */
  handleOf(sid: string): string {
    return handleOf(this.settings.prefix, this.keyOf(sid));
  }

  /** The ID to `move` the record to: in a cluster `generated` with the hash tag of the record's slot. */
  nextSid(record: LoadedRecord, generated: string): string {
    return this.driver.cluster ? sidBeside(this.settings.prefix, record.key, generated) : generated;
  }

  /** The live session with this ID; null if there is none, or a key of another type in its place. */
  async load(sid: string): Promise<LoadedRecord | null> {
    const key = this.keyOf(sid);
    const found = await this.read(sid, key);
    if (found !== null || this.legacy === undefined) return found;
    return (await this.legacy.take(sid, key)) ? this.read(sid, key) : null;
  }

  private async read(sid: string, key: string): Promise<StoredRecord | null> {
    let reply;
    try {
      reply = await this.driver.send(key, ["SESSION.GET", key, ...this.reading]);
    } catch (error) {
      if (error instanceof SessionError && error.code === "WRONGTYPE") return null;
      throw error;
    }
    if (reply === null) return null;
    const [[left], text] = reply as [[number | string | null], string];
    // Drivers can be told to return numbers as text.
    const ttl = left === null ? null : Number(left);
    const data = parsed(text);
    if (data === null) return null;
    const cookie = data["cookie"];
    if (typeof cookie === "object" && cookie !== null) {
      const age = (cookie as Members)["originalMaxAge"];
      const expires = typeof age === "number" ? { expires: new Date(Date.now() + (ttl ?? age)) } : undefined;
      // A copy, because frameworks change the cookie in place.
      data["cookie"] = { ...cookie, ...expires };
    }
    return new StoredRecord(sid, key, data, text, cookie, ttl);
  }

  /**
   * Creates the session with this ID.
   *
   * @returns null, and nothing is created, if its cookie says that it ends now
   * @throws SessionError with the code EXISTS if the ID is taken; TooManyError beyond `maxSessions` with `refuse`
   */
  async create(sid: string, data: object, how: CreateOptions = {}): Promise<LoadedRecord | null> {
    const members = { ...membersOf(data), ...how.patch };
    const text = storedText(members);
    const idle = how.idle ?? idleOf(members, this.settings.idleTimeout);
    const limits = this.limits(members, idle, how.user);
    if (idle <= 0 || limits === undefined) return null;
    const key = this.keyOf(sid);
    const created = await this.registration.with((schema) =>
      this.sessions.createAs(key, new JsonText(text), { ...limits, schema }),
    );
    if (!created) throw taken();
    if (how.user !== undefined) this.emit("login", { user: how.user, key });
    const record = new StoredRecord(sid, key, members, text, undefined);
    record.wrote(text, storedCookie(members["cookie"]), idle);
    return record;
  }

  /**
   * Saves what the session object has become: one PATCH with the members that differ from what was loaded, or a TOUCH if
   * none does. The record then stands for the new state.
   *
   * @returns false if the session has ended: the write is dropped, and nothing is created
   * @throws TypeError for data that has no JSON; InvalidError if a schema refuses it
   */
  async save(record: LoadedRecord, data: object, how: SaveOptions = {}): Promise<boolean> {
    const stored = record as StoredRecord;
    // Taken now, since the application may change the object while an earlier write is under way.
    const text = storedText(data, stored.cookie);
    const idle = how.idle ?? idleOf(data, this.settings.idleTimeout);
    return stored.inOrder(async () => {
      if (idle <= 0) return this.finish(stored);
      const patch = text === stored.text ? null : difference(stored.text, text, how.untaken ?? inherited(data));
      if (patch === null) return this.access(stored, idle);
      return this.patch(stored, patch, text, storedCookie((data as Members)["cookie"], stored.cookie), idle);
    });
  }

  /**
   * Records that the session was used, as the option `touch` says. Of the data only a changed cookie is written.
   *
   * @returns false if the session has ended
   */
  async touch(record: LoadedRecord, data: object, how: IdleOption = {}): Promise<boolean> {
    const stored = record as StoredRecord;
    const cookie = storedCookie((data as Members)["cookie"], stored.cookie);
    const idle = how.idle ?? idleOf(data, this.settings.idleTimeout);
    return stored.inOrder(async () => {
      if (idle <= 0) return this.finish(stored);
      if (sameCookie(cookie, stored.cookie)) return this.access(stored, idle);
      const text = JSON.stringify({ ...parsed(stored.text), cookie });
      return this.patch(stored, memberPatch("cookie", cookie), text, cookie, idle);
    });
  }

  /** `touch` of a session of which nothing was loaded. */
  async touchById(sid: string, data: object): Promise<boolean> {
    const idle = idleOf(data, this.settings.idleTimeout);
    if (idle <= 0) return this.end(sid);
    if (this.settings.touch !== "request") return true;
    const key = this.keyOf(sid);
    return (await this.sessions.touch(key, { pidle: idle })) || this.lost("touch", key);
  }

  /** Replaces the data of a live session as a whole, for an object of which it is not known what was loaded. */
  async replace(sid: string, data: object, how: IdleOption = {}): Promise<LoadedRecord | null> {
    const text = storedText(data);
    const key = this.keyOf(sid);
    const record = new StoredRecord(sid, key, { ...data }, text, undefined);
    const idle = how.idle ?? idleOf(data, this.settings.idleTimeout);
    if (idle <= 0) return (await this.finish(record)) ? record : null;
    try {
      await this.registration.with((schema) => this.sessions.set(key, new JsonText(text), { pidle: idle, schema }));
    } catch (error) {
      if (!(error instanceof NoSessionError)) throw error;
      this.lost("save", key);
      return null;
    }
    record.wrote(text, storedCookie(record.data["cookie"]), idle);
    return record;
  }

  /** Ends the session with this ID, also an old one of connect-redis. @returns whether there was a live one */
  async end(sid: string): Promise<boolean> {
    // The old key goes first: an import under way then finds that it is gone, and ends what it has made.
    const old = (await this.legacy?.end(sid)) ?? false;
    return (await this.sessions.del(this.keyOf(sid))) > 0 || old;
  }

  /**
   * Gives the session the ID `newSid`, with what the request has changed and `how.patch`, in one ROTATE.
   *
   * With `user` this is a login. A session that belongs to another user or has ended meanwhile does not come along: a new
   * one is made of the cookie and `how.patch`.
   *
   * @param data the session object as it is now
   * @throws NoSessionError without `user`, if the session has ended; TooManyError; InvalidError. The old session is then
   *   as it was.
   */
  async move(record: LoadedRecord, newSid: string, data: object, how: MoveOptions = {}): Promise<LoadedRecord | null> {
    const stored = record as StoredRecord;
    const members = { ...membersOf(data), ...how.patch };
    const text = storedText(members, stored.cookie);
    const idle = how.idle ?? idleOf(members, this.settings.idleTimeout);
    const limits = this.limits(members, idle, how.user);
    return stored.inOrder(async () => {
      if (idle <= 0 || limits === undefined) {
        await this.finish(stored);
        return null;
      }
      const key = this.keyOf(newSid);
      const patch = difference(stored.text, text, how.untaken ?? inherited(data)) ?? undefined;
      const { user, grace } = how;
      const options = user === undefined ? { pidle: idle, grace } : limits;
      try {
        const moved = await this.registration.with((schema) =>
          this.sessions.rotateAs(stored.key, key, {
            ...options,
            patch: patch === undefined ? undefined : new JsonText(patch),
            schema,
          }),
        );
        if (!moved) throw taken();
      } catch (error) {
        if (error instanceof NoSessionError) this.lost(user === undefined ? "rotate" : "login", stored.key);
        const startsAnew = error instanceof NoSessionError || error instanceof OtherUserError;
        if (user === undefined || !startsAnew) throw error;
        const cookie = "cookie" in members ? { cookie: members["cookie"] } : {};
        const fresh = await this.create(newSid, cookie, how);
        // Last, so that a login that the server refuses ends nothing.
        await this.end(stored.sid);
        return fresh;
      }
      if (user !== undefined) this.emit("login", { user, key });
      const next = new StoredRecord(newSid, key, members, text, undefined);
      next.wrote(text, storedCookie(members["cookie"], stored.cookie), idle);
      return next;
    });
  }

  private async patch(
    record: StoredRecord,
    patch: string,
    text: string,
    cookie: unknown,
    idle: number,
  ): Promise<boolean> {
    try {
      await this.registration.with((schema) =>
        this.sessions.patch(record.key, new JsonText(patch), { pidle: idle, schema }),
      );
    } catch (error) {
      if (!(error instanceof NoSessionError)) throw error;
      return this.lost("save", record.key);
    }
    record.wrote(text, cookie, idle);
    return true;
  }

  /** Records an access, unless a write of the same request just has. */
  private async access(record: StoredRecord, idle: number): Promise<boolean> {
    const known = idle === record.idle;
    if (this.settings.touch !== "request" && (known || record.idle === undefined)) return true;
    // As for reads, the server's own rule: up to a tenth of the idle timeout an access need not be recorded.
    if (known && Date.now() - record.written < Math.min(10_000, idle / 10)) return true;
    if (!(await this.sessions.touch(record.key, { pidle: idle }))) return this.lost("touch", record.key);
    record.idle = idle;
    return true;
  }

  private async finish(record: LoadedRecord): Promise<boolean> {
    await this.end(record.sid);
    return true;
  }

  private lost(operation: StoreEvents["lost"][0]["operation"], key: string): false {
    this.settings.log(`a session ended during a request, and its ${operation} was dropped: ${key}`);
    this.emit("lost", { operation, key });
    return false;
  }

  /** The options that a new session and a login have in common; undefined if it would end at once. */
  private limits(data: object, idle: number, user: string | undefined) {
    const px = absoluteOf(data, this.settings.absoluteTimeout);
    if (px === 0) return undefined;
    // Without PERSIST the server's `session.ttl` would end a session of 30 days after 6 hours.
    const deadline = px === undefined ? { persist: true } : { px };
    const { maxSessions, refuse } = this.settings;
    const limit = maxSessions === undefined || user === undefined ? {} : { maxSessions, refuse };
    return { ...deadline, pidle: idle, ...(user === undefined ? {} : { user: this.users.nameOf(user), ...limit }) };
  }
}

/** Tells names that the object has, but not as members that JSON shows. */
function inherited(data: object): (name: string) => boolean {
  return (name) => name in data && !Object.prototype.propertyIsEnumerable.call(data, name);
}

function taken(): SessionError {
  return new SessionError("EXISTS", "the session ID is taken; session IDs must be made at random and used once");
}
