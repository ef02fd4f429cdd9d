/**
 * A store of express-session on redis-session, also for NestJS and whatever else uses express-session.
 *
 * express-session's `set` does not say whether it creates or changes a session. It does call `createSession` for each
 * session that it has loaded; so the store notes there what was loaded, by the session object, and `set` of an object
 * that is not noted creates.
 */
import session from "express-session";
import { answer, SessionRecords } from "../store/index.js";
import type {
  Callback,
  Device,
  DevicesOptions,
  Handles,
  LoadedRecord,
  StoreEvents,
  StoreOptions,
} from "../store/index.js";
import type { Sessions } from "../commands/sessions.js";

/** A request behind express-session's middleware. */
export interface SessionRequest {
  session: session.Session & Partial<session.SessionData>;
  sessionID: string;
}

/** What a session object stands for. */
interface Note {
  readonly sid: string;
  /** A promise while it is created; null if other code has made the object, and nobody knows of what. */
  readonly record: LoadedRecord | Promise<LoadedRecord | null> | null;
}

/** What express-session's middleware gives to every store, and its types leave out. */
interface Generating {
  generate?: (req: SessionRequest) => void;
}

export class RedisSessionStore extends session.Store {
  private readonly records: SessionRecords;
  private readonly notes = new WeakMap<object, Note>();

  /** @throws TypeError for an unknown option or a wrong value, with what to write */
  constructor(options: StoreOptions) {
    super();
    this.records = new SessionRecords(options);
    for (const event of ["lost", "login", "imported"] as const) {
      this.records.on(event, (info: StoreEvents[typeof event][0]) => this.emit(event, info));
    }
  }

  /** All commands of the module, on the store's client; `keyOf` has the keys. */
  get sessions(): Sessions {
    return this.records.sessions;
  }

  /** The key of the session with this ID. It holds a hash of the ID, so it may be shown. */
  keyOf(sid: string): string {
    return this.records.keyOf(sid);
  }

  /** The session with this ID; null if there is none. Reading extends it only with `touch: "read"`. */
  override get(sid: string, callback: (error: unknown, session?: session.SessionData | null) => void): void;
  override get(sid: string): Promise<session.SessionData | null>;
  override get(sid: string, callback?: Callback<session.SessionData | null>) {
    return answer(this.read(sid), callback);
  }

  /** Creates a session, or saves what has changed of the one that the object was loaded from. */
  override set(sid: string, data: session.SessionData, callback: (error?: unknown) => void): void;
  override set(sid: string, data: session.SessionData): Promise<void>;
  override set(sid: string, data: session.SessionData, callback?: Callback<void>) {
    return answer(this.save(sid, data), callback);
  }

  /** Records an access. */
  override touch(sid: string, data: session.SessionData, callback: (error?: unknown) => void): void;
  override touch(sid: string, data: session.SessionData): Promise<void>;
  override touch(sid: string, data: session.SessionData, callback?: Callback<void>) {
    return answer(this.access(sid, data), callback);
  }

  /** Ends the session with this ID. */
  override destroy(sid: string, callback: (error?: unknown) => void): void;
  override destroy(sid: string): Promise<void>;
  override destroy(sid: string, callback?: Callback<void>) {
    return answer(this.end(sid), callback);
  }

  /** Ends the request's session, and gives the request a new one without its data. */
  override regenerate(req: SessionRequest, callback: (error?: unknown) => void): void;
  override regenerate(req: SessionRequest): Promise<void>;
  override regenerate(req: SessionRequest, callback?: Callback<void>) {
    const ended = this.end(req.sessionID).finally(() => {
      this.generateFor(req);
    });
    return answer(ended, callback);
  }

  /** The session with this ID as a Session object without a request, for WebSockets and jobs; undefined if there is none. */
  override load(sid: string, callback: (error: unknown, session?: session.Session & session.SessionData) => void): void;
  override load(sid: string): Promise<(session.Session & session.SessionData) | undefined>;
  override load(sid: string, callback?: Callback<(session.Session & session.SessionData) | undefined>) {
    const loaded = this.read(sid).then((data) =>
      data === null ? undefined : this.createSession({ sessionID: sid, sessionStore: this }, data),
    );
    return answer(loaded, callback);
  }

  /** Makes the request's Session object. express-session calls it for every session that it has loaded. */
  override createSession(req: object, data: session.SessionData): session.Session & session.SessionData {
    const { sessionID } = req as SessionRequest;
    const note = this.noteOf(sessionID, data) ?? { sid: sessionID, record: null };
    // The data of other clients of the module need not have a cookie; express-session would fail at each request.
    if (typeof data.cookie !== "object") data.cookie = {} as session.Cookie;
    const made = super.createSession(req as never, data);
    this.note(made, note);
    return made;
  }

  /**
   * Logs a user in: the request's session goes on under a new ID, with its data, its unsaved changes and `patch`, and the
   * old ID ends; all in one command. `req.session` is then another object.
   *
   * If the session belongs to another user or has ended meanwhile, the new session has only `patch`.
   *
   * @param user names the user in `list` and `revoke`
   * @param patch members of the session
   * @throws TooManyError with `refuse`; InvalidError; UnavailableError. The request's session is then as it was.
   */
  async login(req: SessionRequest, user: string, patch: Partial<session.SessionData> = {}): Promise<void> {
    if ("cookie" in patch)
      throw new TypeError("change req.session.cookie before the login; it is no member of the patch");
    this.records.users.nameOf(user);
    await this.move(req, { user, patch });
  }

  /**
   * Gives the request's session a new ID without a login, as after a change of rights.
   *
   * @param grace for so many milliseconds the old ID goes on working, for requests under way
   * @throws NoSessionError if the session has ended
   */
  async rotate(req: SessionRequest, { grace }: { readonly grace?: number } = {}): Promise<void> {
    await this.move(req, { grace });
  }

  /** The user's sessions, the most recently used first. `current` marks the one of this request. */
  list(user: string, options: DevicesOptions & { readonly current?: SessionRequest } = {}): Promise<Device[]> {
    const { current, ...rest } = options;
    return this.records.users.list(user, rest, current === undefined ? undefined : this.keyOf(current.sessionID));
  }

  /**
   * Ends sessions of the user, and resolves to how many: all of them, all `except` that of a request, or `only` some.
   *
   * @param how `only` takes handles of `list`, which may come from the visitor
   */
  async revoke(
    user: string,
    how:
      | { readonly except?: SessionRequest; readonly only?: undefined }
      | { readonly only: Handles; readonly except?: undefined } = {},
  ): Promise<number> {
    const { except, only } = how;
    if (except !== undefined && only !== undefined)
      throw new TypeError("except and only contradict each other: give one");
    return this.records.users.revoke(user, {
      only,
      except: except === undefined ? [] : [this.keyOf(except.sessionID)],
    });
  }

  /** Ends sessions by the handles of `ids` and `all`, for administrators; resolves to how many were live. */
  endByHandle(handles: Handles): Promise<number> {
    return this.records.users.end(handles);
  }

  /** All live sessions; `id` is the handle of each. */
  override all(callback: (error: unknown, sessions?: (session.SessionData & { id: string })[]) => void): void;
  override all(): Promise<(session.SessionData & { id: string })[]>;
  override all(callback?: Callback<(session.SessionData & { id: string })[]>) {
    const found = this.records.users
      .all()
      .then((sessions) =>
        sessions.map(
          ({ handle, data }) => ({ ...data, id: handle }) as unknown as session.SessionData & { id: string },
        ),
      );
    return answer(found, callback);
  }

  /** The handles of all sessions. IDs are not stored, only their hashes. */
  ids(callback: (error: unknown, handles?: string[]) => void): void;
  ids(): Promise<string[]>;
  ids(callback?: Callback<string[]>) {
    return answer(this.records.users.handles(), callback);
  }

  /** How many sessions there are. */
  override length(callback: (error: unknown, length?: number) => void): void;
  override length(): Promise<number>;
  override length(callback?: Callback<number>) {
    return answer(
      this.records.users.handles().then((handles) => handles.length),
      callback,
    );
  }

  /** Ends all sessions. */
  override clear(callback: (error?: unknown) => void): void;
  override clear(): Promise<void>;
  override clear(callback?: Callback<void>) {
    return answer(this.records.users.clear(), callback);
  }

  private async read(sid: string): Promise<session.SessionData | null> {
    const record = typeof sid === "string" ? await this.records.load(sid) : null;
    if (record === null) return null;
    this.note(record.data, { sid, record });
    return record.data as unknown as session.SessionData;
  }

  private async save(sid: string, data: session.SessionData): Promise<void> {
    const note = this.noteOf(sid, data);
    if (note === undefined) return this.create(sid, data);
    const record = note.record instanceof Promise ? await note.record : note.record;
    if (record !== null) await this.records.save(record, data);
    else await this.replace(sid, data);
  }

  private async create(sid: string, data: session.SessionData): Promise<void> {
    if (typeof sid !== "string") throw new TypeError("the session ID must be a string");
    const creating = this.records.create(sid, data);
    // At once, so that a second save of the same object waits for this one and changes what it has made.
    this.note(data, { sid, record: creating });
    try {
      const record = await creating;
      if (record === null) {
        await this.end(sid);
        this.notes.delete(data);
      } else this.note(data, { sid, record });
    } catch (error) {
      this.notes.delete(data);
      // Other code writes plain objects to sessions that it knows of; those of express-session are always new here.
      if ((error as { code?: unknown }).code !== "EXISTS" || !isPlain(data)) throw error;
      await this.replace(sid, data);
    }
  }

  private async replace(sid: string, data: session.SessionData): Promise<void> {
    const record = await this.records.replace(sid, data);
    if (record !== null) this.note(data, { sid, record });
  }

  private async access(sid: string, data: session.SessionData): Promise<void> {
    const note = this.noteOf(sid, data);
    const record = note?.record instanceof Promise ? await note.record : note?.record;
    if (record === undefined || record === null) await this.records.touchById(sid, data);
    else await this.records.touch(record, data);
  }

  private async end(sid: string): Promise<void> {
    if (typeof sid === "string") await this.records.end(sid);
  }

  private async move(
    req: SessionRequest,
    how: { user?: string; patch?: object; grace?: number | undefined },
  ): Promise<void> {
    const before = req.session as SessionRequest["session"] | undefined;
    if (before === undefined)
      throw new TypeError("the request has no session: is it behind express-session's middleware?");
    if ((req as { res?: { headersSent?: boolean } }).res?.headersSent === true) {
      throw new Error("the response has begun, so the cookie with the new session ID cannot be sent: log in before it");
    }
    const sid = req.sessionID;
    const note = this.noteOf(sid, before);
    const loaded = note?.record instanceof Promise ? await note.record : note === undefined ? undefined : note.record;
    const record = loaded === null ? await this.records.load(sid) : loaded;
    const generated = this.newSid(req);
    const next = record
      ? await this.records.move(record, this.records.nextSid(record, generated), before, how)
      : how.user === undefined
        ? undefined
        : await this.records.create(generated, before, how);
    if (next === undefined) return;
    if (next === null)
      throw new Error("the session ends at once, as its cookie or a timeout says: nobody is logged in");
    const data = { ...next.data, cookie: (before.cookie as unknown as { toJSON(): session.Cookie }).toJSON() };
    this.note(data, { sid: next.sid, record: next });
    req.sessionID = next.sid;
    this.createSession(req, data);
  }

  /** An ID by the application's `genid`. express-session makes a session with it, which is put away. */
  private newSid(req: SessionRequest): string {
    const { session: before, sessionID } = req;
    try {
      this.generateFor(req);
      return req.sessionID;
    } finally {
      req.session = before;
      req.sessionID = sessionID;
    }
  }

  private generateFor(req: SessionRequest): void {
    const { generate } = this as Generating;
    if (generate === undefined) throw new TypeError("the store is not used by express-session's middleware yet");
    generate.call(this, req);
  }

  /** What is known of the object, or of a copy that shares its cookie. */
  private noteOf(sid: string, data: session.SessionData | SessionRequest["session"]): Note | undefined {
    const cookie: unknown = data.cookie;
    const note = this.notes.get(data) ?? (isObject(cookie) ? this.notes.get(cookie) : undefined);
    return note?.sid === sid ? note : undefined;
  }

  private note(data: object, note: Note): void {
    this.notes.set(data, note);
    const { cookie } = data as { cookie?: unknown };
    if (isObject(cookie)) this.notes.set(cookie, note);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isPlain(data: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === Object.prototype || prototype === null;
}
