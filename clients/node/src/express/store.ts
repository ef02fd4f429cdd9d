/* eslint-disable @typescript-eslint/no-misused-promises -- as in connect-redis, a method returns a promise without a callback */
/**
 * A store of express-session on redis-session, also for NestJS and whatever else uses express-session.
 *
 * express-session's `set` does not say whether it creates or changes a session. It does call `createSession` for each
 * session that it has loaded; so the store notes there what was loaded, by the session object, and `set` of an object
 * that is not noted creates.
 */
import session from "express-session";
import type { Sessions } from "../commands/sessions.js";
import { answer, SessionRecords } from "../store/index.js";
import type {
  Callback,
  Device,
  DevicesOptions,
  Handles,
  MoveOptions,
  StoreEvents,
  StoreOptions,
} from "../store/index.js";
import { SessionObjects } from "./objects.js";

type Data = session.SessionData;
type LoadedSession = session.Session & Data;

/** A request behind express-session's middleware. */
export interface SessionRequest {
  session: session.Session & Partial<Data>;
  sessionID: string;
}

/** A session with its handle, which names it where its ID is not known. */
export type ListedSession = Data & { readonly id: string };

/** Which sessions of a user end: all, all `except` that of a request, or `only` some, by their handles. */
export type Revoked =
  | { readonly except?: SessionRequest | undefined; readonly only?: undefined }
  | { readonly only: Handles; readonly except?: undefined };

export class RedisSessionStore extends session.Store {
  /** express-session's middleware sets it: gives the request a new ID and an empty session. */
  declare generate?: (req: SessionRequest) => void;
  private readonly records: SessionRecords;
  private readonly objects: SessionObjects;

  /** @throws TypeError for an unknown option or a wrong value, with what to write */
  constructor(options: StoreOptions) {
    super();
    this.records = new SessionRecords(options);
    this.objects = new SessionObjects(this.records);
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
  override get(sid: string, callback: (error: unknown, data?: Data | null) => void): void;
  override get(sid: string): Promise<Data | null>;
  override get(sid: string, callback?: Callback<Data | null>) {
    return answer(this.objects.read(sid), callback);
  }

  /** Creates a session, or saves what has changed of the one that the object was loaded from. */
  override set(sid: string, data: Data, callback: (error?: unknown) => void): void;
  override set(sid: string, data: Data): Promise<void>;
  override set(sid: string, data: Data, callback?: Callback<void>) {
    return answer(this.objects.save(sid, data), callback);
  }

  /** Records an access, as the option `touch` says. */
  override touch(sid: string, data: Data, callback: (error?: unknown) => void): void;
  override touch(sid: string, data: Data): Promise<void>;
  override touch(sid: string, data: Data, callback?: Callback<void>) {
    return answer(this.objects.access(sid, data), callback);
  }

  /** Ends the session with this ID. */
  override destroy(sid: string, callback: (error?: unknown) => void): void;
  override destroy(sid: string): Promise<void>;
  override destroy(sid: string, callback?: Callback<void>) {
    return answer(this.objects.end(sid), callback);
  }

  /** Ends the request's session, and gives the request a new one without its data. */
  override regenerate(req: SessionRequest, callback: (error?: unknown) => void): void;
  override regenerate(req: SessionRequest): Promise<void>;
  override regenerate(req: SessionRequest, callback?: Callback<void>) {
    const ended = this.objects.end(req.sessionID).finally(() => {
      this.generateFor(req);
    });
    return answer(ended, callback);
  }

  /** The session with this ID as a Session object without a request, for WebSockets and jobs; undefined if there is none. */
  override load(sid: string, callback: (error: unknown, session?: LoadedSession) => void): void;
  override load(sid: string): Promise<LoadedSession | undefined>;
  override load(sid: string, callback?: Callback<LoadedSession | undefined>) {
    const loaded = this.objects
      .read(sid)
      .then((data) => (data === null ? undefined : this.createSession({ sessionID: sid, sessionStore: this }, data)));
    return answer(loaded, callback);
  }

  /** Makes the request's Session object. express-session calls it for every session that it has loaded. */
  override createSession(req: object, data: Data): LoadedSession {
    const { sessionID } = req as SessionRequest;
    const note = this.objects.noteOf(sessionID, data) ?? { sid: sessionID, record: null };
    const made = super.createSession(req as never, data);
    this.objects.note(made, note);
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
  async login(req: SessionRequest, user: string, patch: Partial<Data> = {}): Promise<void> {
    this.records.users.nameOf(user);
    if ("cookie" in patch) throw new TypeError("the cookie is no part of the patch: change req.session.cookie before");
    await this.move(req, { user, patch });
  }

  /**
   * Gives the request's session a new ID without a login, as after a change of rights.
   *
   * @param options `grace`: for so many milliseconds the old ID goes on working, for requests under way
   * @throws NoSessionError if the session has ended
   */
  async rotate(req: SessionRequest, options: { readonly grace?: number | undefined } = {}): Promise<void> {
    await this.move(req, { grace: options.grace });
  }

  /** The user's sessions, the most recently used first. `current` marks that of this request. */
  list(
    user: string,
    options: DevicesOptions & { readonly current?: SessionRequest | undefined } = {},
  ): Promise<Device[]> {
    const { current, ...rest } = options;
    return this.records.users.list(user, rest, current === undefined ? undefined : this.keyOf(current.sessionID));
  }

  /** Ends sessions of the user, and resolves to how many. The handles of `only` may come from the visitor. */
  revoke(user: string, which: Revoked = {}): Promise<number> {
    return this.records.users.revoke<SessionRequest>(user, which, (req) => this.keyOf(req.sessionID));
  }

  /** Ends sessions by the handles of `ids` and `all`, for administrators; resolves to how many were live. */
  endByHandle(handles: Handles): Promise<number> {
    return this.records.users.end(handles);
  }

  /** All live sessions; `id` is the handle of each. */
  override all(callback: (error: unknown, sessions?: ListedSession[]) => void): void;
  override all(): Promise<ListedSession[]>;
  override all(callback?: Callback<ListedSession[]>) {
    const found = this.records.users
      .all()
      .then((sessions) => sessions.map(({ handle, data }) => ({ ...data, id: handle }) as unknown as ListedSession));
    return answer(found, callback);
  }

  /** The handles of all sessions. IDs are not stored, only their hashes. During a grace the old ID counts as well. */
  ids(callback: (error: unknown, handles?: string[]) => void): void;
  ids(): Promise<string[]>;
  ids(callback?: Callback<string[]>) {
    return answer(this.records.users.handles(), callback);
  }

  /** How many sessions there are. */
  override length(callback: (error: unknown, length?: number) => void): void;
  override length(): Promise<number>;
  override length(callback?: Callback<number>) {
    const counted = this.records.users.handles().then((handles) => handles.length);
    return answer(counted, callback);
  }

  /** Ends all sessions. */
  override clear(callback: (error?: unknown) => void): void;
  override clear(): Promise<void>;
  override clear(callback?: Callback<void>) {
    return answer(this.records.users.clear(), callback);
  }

  private async move(req: SessionRequest, how: MoveOptions): Promise<void> {
    const { sessionID: sid, session: before } = req as { sessionID: string; session?: SessionRequest["session"] };
    if (before === undefined) throw new TypeError("the request has no session: is it behind express-session?");
    if ((req as { res?: { headersSent?: boolean } }).res?.headersSent === true) {
      throw new Error("the response has begun, and its headers can no longer take a new session ID to the browser");
    }
    const noted = await this.objects.noteOf(sid, before)?.record;
    // Of a session object that other code has made nothing is known: it is compared with what is stored.
    const record = noted === null ? await this.records.load(sid) : noted;
    const generated = this.newSid(req);
    let next;
    if (record) next = await this.records.move(record, this.records.nextSid(record, generated), before, how);
    else if (how.user !== undefined) next = await this.records.create(generated, before, how);
    else return;
    if (next === null) throw new Error("the session ends at once, as its cookie or a timeout says");
    // A new Session object, since the ID of the old one cannot be changed.
    const cookie = (before.cookie as unknown as { toJSON(): session.Cookie }).toJSON();
    const data = { ...next.data, cookie };
    this.objects.note(data, { sid: next.sid, record: next });
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
    if (this.generate === undefined) throw new TypeError("give the store to express-session's middleware first");
    this.generate(req);
  }
}
