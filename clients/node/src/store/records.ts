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
import { difference, withMember } from "./difference.js";
import { handleOf, keyOf, sidBeside } from "./keys.js";
import { Legacy, type LegacyForm } from "./legacy.js";
import { idleOf } from "./lifetime.js";
import { settingsOf, type Settings, type StoreOptions } from "./options.js";
import type { CreateOptions, IdleOption, MoveOptions, SaveOptions, StoreEvents } from "./how.js";
import { recordOf, stored, StoredRecord, type LoadedRecord } from "./record.js";
import { Registration } from "./schema.js";
import { membersOf, sameCookie, storedCookie, storedMembers, storedText, type Members } from "./text.js";
import { Users } from "./users.js";
import { Writes } from "./writes.js";

export class SessionRecords extends EventEmitter<StoreEvents> {
  /** All commands of the module, on the store's client. */
  readonly sessions: Sessions;
  /** Lists and ends the sessions of users, and all sessions of the store. */
  readonly users: Users;
  private readonly settings: Settings;
  private readonly driver: Driver;
  private readonly legacy: Legacy | undefined;
  private readonly registration: Registration;
  private readonly writes: Writes;
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
    const nameOf = (user: string): string => this.users.nameOf(user);
    this.writes = new Writes(this.sessions, this.registration, settings, nameOf, (info) => this.emit("lost", info));
    // In the mode "read" the GET itself is the access.
    this.reading = [...(settings.touch === "read" ? [] : ["NOTOUCH"]), "FIELDS", "1", "ttl"];
    if (settings.legacy !== undefined) {
      const { client = options.client } = settings.legacy;
      this.legacy = new Legacy(settings.legacy, driverOf(client, { timeout: options.timeout }), {
        settings,
        sessions: this.sessions,
        registration: this.registration,
        form,
        nameOf,
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
  load(sid: string): Promise<LoadedRecord | null> {
    const key = this.keyOf(sid);
    const { legacy } = this;
    // Not an async function: each one costs every request that passes through it.
    if (legacy === undefined) return this.read(sid, key);
    return this.read(sid, key).then(async (found) => {
      return found !== null || !(await legacy.take(sid, key)) ? found : this.read(sid, key);
    });
  }

  private async read(sid: string, key: string): Promise<StoredRecord | null> {
    let reply;
    try {
      reply = await this.driver.send(key, ["SESSION.GET", key, ...this.reading]);
    } catch (error) {
      if (error instanceof SessionError && error.code === "WRONGTYPE") return null;
      throw error;
    }
    return recordOf(sid, key, reply);
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
    const limits = this.writes.limits(members, idle, how.user);
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
  save(record: LoadedRecord, data: object, how: SaveOptions = {}): Promise<boolean> {
    const own = stored(record);
    const members = current(own, data);
    const idle = how.idle ?? idleOf(data, this.settings.idleTimeout);
    return own.inOrder(() => {
      if (idle <= 0) return this.finish(own);
      const change = difference(own.members, members, how.untaken ?? inherited(data));
      return change === null ? this.writes.access(own, idle, how.confirm) : this.writes.patch(own, change, idle);
    });
  }

  /**
   * Records that the session was used, as the option `touch` says. Of the data only a changed cookie is written.
   *
   * @returns false if the session has ended
   */
  touch(record: LoadedRecord, data: object, how: IdleOption = {}): Promise<boolean> {
    const own = stored(record);
    const cookie = storedCookie((data as Members)["cookie"], own.cookie);
    const idle = how.idle ?? idleOf(data, this.settings.idleTimeout);
    return own.inOrder(() => {
      if (idle <= 0) return this.finish(own);
      if (sameCookie(cookie, own.cookie)) return this.writes.access(own, idle);
      return this.writes.patch(own, withMember(own.members, "cookie", cookie), idle);
    });
  }

  /** `touch` of a session of which nothing was loaded. */
  async touchById(sid: string, data: object): Promise<boolean> {
    const idle = idleOf(data, this.settings.idleTimeout);
    if (idle <= 0) return this.end(sid);
    if (this.settings.touch !== "request") return true;
    const key = this.keyOf(sid);
    return (await this.sessions.touch(key, { pidle: idle })) || this.writes.lost("touch", key);
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
      this.writes.lost("save", key);
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
    const own = stored(record);
    const members = { ...membersOf(data), ...how.patch };
    const now = current(own, members);
    const idle = how.idle ?? idleOf(members, this.settings.idleTimeout);
    const limits = this.writes.limits(members, idle, how.user);
    return own.inOrder(async () => {
      if (idle <= 0 || limits === undefined) {
        await this.finish(own);
        return null;
      }
      const key = this.keyOf(newSid);
      const change = difference(own.members, now, how.untaken ?? inherited(data));
      const { user, grace } = how;
      // `sessionctl import` has left it: otherwise the ID of before would open it again.
      await this.legacy?.end(own.sid);
      const options = user === undefined ? { pidle: idle, grace } : limits;
      try {
        const moved = await this.registration.with((schema) =>
          this.sessions.rotateAs(own.key, key, {
            ...options,
            patch: change === null ? undefined : new JsonText(change.patch),
            schema,
          }),
        );
        if (!moved) throw taken();
      } catch (error) {
        if (error instanceof NoSessionError) this.writes.lost(user === undefined ? "rotate" : "login", own.key);
        const startsAnew = error instanceof NoSessionError || error instanceof OtherUserError;
        if (user === undefined || !startsAnew) throw error;
        const cookie = "cookie" in members ? { cookie: members["cookie"] } : {};
        const fresh = await this.create(newSid, cookie, how);
        // Last, so that a login that the server refuses ends nothing. A session that is not found may go on under another
        // ID, with this one in its grace.
        if (error instanceof OtherUserError) await this.end(own.sid);
        return fresh;
      }
      if (user !== undefined) this.emit("login", { user, key });
      const after = change === null ? own.members : change.after();
      const next = new StoredRecord(newSid, key, members, after, undefined);
      next.wrote(after, after["cookie"], idle);
      return next;
    });
  }

  /** Tells that a write was dropped, for adapters that drop one themselves. */
  lost(operation: StoreEvents["lost"][0]["operation"], key: string): false {
    return this.writes.lost(operation, key);
  }

  private async finish(record: LoadedRecord): Promise<boolean> {
    await this.end(record.sid);
    return true;
  }
}

/** The members that are to be stored, taken now, since the application may change them while an earlier write is under way. */
function current(record: StoredRecord, data: object): Members {
  if (record.busy) return JSON.parse(storedText(data, record.cookie)) as Members;
  const members = storedMembers(data, record.cookie);
  // Mostly it is the same, and then needs no JSON to compare it.
  if (sameCookie(members["cookie"], record.cookie)) members["cookie"] = record.members["cookie"];
  return members;
}

/** Tells names that the object has, but not as members that JSON shows. */
function inherited(data: object): (name: string) => boolean {
  return (name) => name in data && !Object.prototype.propertyIsEnumerable.call(data, name);
}

function taken(): SessionError {
  return new SessionError("EXISTS", "the session ID is taken; session IDs must be made at random and used once");
}
