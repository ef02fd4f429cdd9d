/**
 * The session objects of express-session, and which record each was loaded from or created as.
 *
 * They are noted by the object, and by its cookie: code that copies a session, as in
 * `store.set(sid, { ...data, n: 1 })`, keeps the cookie object, so the copy is known too.
 */
import type session from "express-session";
import { SessionError, UnavailableError } from "../errors.js";
import { Notes, type LoadedRecord, type SessionRecords } from "../store/index.js";

/** What a session object stands for. */
export interface Note {
  readonly sid: string;
  /** A promise while it is created; null if other code has made the object, and nobody knows of what. */
  readonly record: LoadedRecord | Promise<LoadedRecord | null> | null;
}

export class SessionObjects {
  private readonly notes = new Notes<Note>();

  /** Objects whose creation got no answer in time: it may have been done all the same. */
  private readonly unsure = new WeakSet();

  constructor(private readonly records: SessionRecords) {}

  /** Loads a session, and notes its data. */
  async read(sid: string): Promise<session.SessionData | null> {
    const record = typeof sid === "string" ? await this.records.load(sid) : null;
    if (record === null) return null;
    this.note(record.data, { sid, record });
    return record.data as unknown as session.SessionData;
  }

  /** Creates a session, or saves what has changed of a noted one. */
  async save(sid: string, data: object): Promise<void> {
    const note = this.noteOf(sid, data);
    if (note === undefined) return this.create(sid, data);
    const record = note.record instanceof Promise ? await note.record : note.record;
    if (record === null) await this.replace(sid, data);
    else await this.records.save(record, data);
  }

  /** Records an access. */
  async access(sid: string, data: object): Promise<void> {
    const noted = this.noteOf(sid, data)?.record;
    const record = noted instanceof Promise ? await noted : noted;
    if (record === undefined || record === null) await this.records.touchById(sid, data);
    else await this.records.touch(record, data);
  }

  async end(sid: string): Promise<void> {
    if (typeof sid === "string") await this.records.end(sid);
  }

  /** What is known of the object, or of a copy that shares its cookie, if it is a session with this ID. */
  noteOf(sid: string, data: object): Note | undefined {
    const { cookie } = data as { cookie?: unknown };
    const note = this.notes.get(data) ?? (isObject(cookie) ? this.notes.get(cookie) : undefined);
    return note?.sid === sid ? note : undefined;
  }

  /** Notes the object and its cookie; null forgets them. */
  note(data: object, note: Note | null): void {
    const { cookie } = data as { cookie?: unknown };
    if (note === null) {
      this.notes.delete(data);
      if (isObject(cookie)) this.notes.delete(cookie);
    } else {
      this.notes.set(data, note);
      if (isObject(cookie)) this.notes.set(cookie, note);
    }
  }

  private async create(sid: string, data: object): Promise<void> {
    if (typeof sid !== "string") throw new TypeError("the session ID must be a string");
    const creating = this.records.create(sid, data);
    // At once, so that a second save of the same object waits for this one, and changes what it has made.
    this.note(data, { sid, record: creating });
    try {
      const record = await creating;
      this.note(data, record === null ? null : { sid, record });
      // An age of zero or less ends what other code may have stored under this ID.
      if (record === null) await this.end(sid);
    } catch (error) {
      this.note(data, null);
      if (error instanceof UnavailableError) this.unsure.add(data);
      const exists = error instanceof SessionError && error.code === "EXISTS";
      // Other code writes plain objects to sessions that it knows of; those of express-session are always new here.
      if (!exists || !(isPlain(data) || this.unsure.has(data))) throw error;
      await this.replace(sid, data);
    }
  }

  private async replace(sid: string, data: object): Promise<void> {
    const record = await this.records.replace(sid, data);
    if (record !== null) this.note(data, { sid, record });
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isPlain(data: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === Object.prototype || prototype === null;
}
