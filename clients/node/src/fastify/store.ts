/**
 * The store for @fastify/session.
 *
 * The framework's `set` does not say whether it creates or changes. Here a Session that was loaded is saved as its
 * changes (carrier.ts ties it to what was loaded), and any other is created, unless its ID may be that of an ended
 * session (fresh.ts).
 */
import { randomBytes } from "node:crypto";
import type { FastifySessionObject, SessionStore } from "@fastify/session";
import type { FastifyRequest, Session } from "fastify";
import { BaseStore } from "../store/base.js";
import { answer } from "../store/callback.js";
import type { LoadedRecord } from "../store/record.js";
import type { StoreOptions } from "../store/options.js";
import { Ties } from "./carrier.js";
import { FreshIds } from "./fresh.js";

/** A request behind @fastify/session. */
export interface SessionRequest {
  session: FastifySessionObject;
}

/** Members to set at a login. Declare their types in `interface Session` of the module "fastify". */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- applications add members
export type SessionPatch = Partial<Omit<Session, "cookie">>;

/** What the next `regenerate` of the framework is to be. */
interface Move {
  readonly from: FastifySessionObject;
  readonly user?: string | undefined;
  readonly patch?: object | undefined;
  readonly grace?: number | undefined;
}

export class RedisSessionStore extends BaseStore<SessionRequest> implements SessionStore {
  /** Makes session IDs of 192 random bits, for the option `idGenerator` of @fastify/session. */
  readonly idGenerator = this.generator(() => randomBytes(24).toString("base64url"));

  private readonly ties = new Ties();
  private readonly fresh = new FreshIds();
  private readonly lost = new WeakSet<object>();
  private readonly creating = new WeakMap<object, Promise<LoadedRecord | null>>();
  /** Set while `move` calls `regenerate` of the framework, which calls `destroy` and `set` at once. */
  private moving: Move | undefined;

  /** @throws TypeError for an unknown option or a wrong value, with what to write */
  public constructor(options: StoreOptions) {
    super(options);
  }

  /** An `idGenerator` that takes the IDs of your function. They must be hard to guess, and each is used once. */
  generator(generate: (request?: FastifyRequest) => string): (request?: FastifyRequest) => string {
    return (request) => {
      const generated = generate(request);
      const record = this.moving && this.ties.of(this.moving.from);
      const sid = record === undefined ? generated : this.records.nextSid(record, generated);
      if (request !== undefined) this.fresh.add(sid, request);
      return sid;
    };
  }

  /** The session with this ID; null if there is none. Reading extends it only with `touch: "read"`. */
  get(sid: string, callback: (error: unknown, session?: Session | null) => void): void {
    void answer(this.read(sid), callback);
  }

  /** Saves what has changed of a session that was loaded, or creates one. */
  set(sid: string, session: Session, callback: (error?: unknown) => void): void {
    const { moving } = this;
    this.moving = undefined;
    void answer(moving === undefined ? this.save(sid, session) : this.carryOut(moving, sid, session), callback);
  }

  /** Ends the session with this ID. */
  destroy(sid: string, callback: (error?: unknown) => void): void {
    // The ROTATE that `set` sends next ends the old ID.
    if (this.moving !== undefined) callback();
    else void answer(this.end(sid), callback);
  }

  /**
   * Logs a user in: the request's session goes on under a new ID, with its data, its unsaved changes and `patch`, and the
   * old ID ends; all in one command. `request.session` is then another object.
   *
   * If the session belongs to another user or has ended meanwhile, the new session has only `patch`.
   *
   * @param user names the user in `list` and `revoke`
   * @param patch members of the session
   * @throws TooManyError with `refuse`; InvalidError; UnavailableError. The request's session is then as it was.
   */
  async login(request: SessionRequest, user: string, patch: SessionPatch = {}): Promise<void> {
    if ("cookie" in patch) {
      throw new TypeError("change request.session.cookie before the login; it is no member of the patch");
    }
    this.records.users.nameOf(user);
    await this.move(request, { user, patch });
  }

  /**
   * Gives the request's session a new ID without a login, as after a change of rights.
   *
   * @param grace for so many milliseconds the old ID goes on working, for requests under way
   * @throws NoSessionError if the session has ended
   */
  async rotate(request: SessionRequest, { grace }: { readonly grace?: number } = {}): Promise<void> {
    await this.move(request, { grace });
  }

  /** Whether the session object's last save was dropped, because the session had ended. */
  isLost(session: object): boolean {
    return this.lost.has(session);
  }

  protected override sidOf(request: SessionRequest): string | undefined {
    return (request.session as FastifySessionObject | null)?.sessionId;
  }

  private async read(sid: string): Promise<Session | null> {
    const record = await this.records.load(sid);
    return record === null ? null : (this.ties.data(record) as unknown as Session);
  }

  private async save(sid: string, session: object): Promise<void> {
    // An application that does not wait for its `save` has the framework save once more meanwhile.
    const creating = this.creating.get(session);
    if (creating !== undefined) await creating.catch(() => undefined);
    const record = this.ties.of(session);
    if (record !== undefined) {
      if (await this.records.save(record, session)) this.lost.delete(session);
      else this.lost.add(session);
    } else if (isSessionObject(session) && !this.fresh.allows(sid)) {
      this.records.lost("save", this.keyOf(sid));
      this.lost.add(session);
    } else {
      await this.create(sid, session);
    }
  }

  private async create(sid: string, session: object): Promise<void> {
    const creating = this.records.create(sid, session);
    this.creating.set(session, creating);
    try {
      this.made(session, await creating);
    } finally {
      this.creating.delete(session);
    }
  }

  private async end(sid: string): Promise<void> {
    await this.records.end(sid);
  }

  /** Has the framework make a new Session, which sends the new cookie, and tells `set` what this is. */
  private async move(request: SessionRequest, how: Omit<Move, "from">): Promise<void> {
    const from = request.session as FastifySessionObject | null | undefined;
    if (typeof from?.regenerate !== "function") {
      throw new TypeError("the request has no session: is it behind @fastify/session, and not destroyed?");
    }
    this.moving = { ...how, from };
    try {
      const regenerated = from.regenerate();
      this.moving = undefined;
      await regenerated;
      // Otherwise the framework sends the cookie only if a member has changed since.
      await request.session.save();
    } catch (error) {
      this.moving = undefined;
      request.session = from;
      throw error;
    }
  }

  private async carryOut({ from, ...how }: Move, sid: string, session: object): Promise<void> {
    const to = session as FastifySessionObject;
    to.cookie = from.cookie;
    to.touch();
    const before = this.ties.of(from);
    const next =
      before === undefined
        ? await this.records.create(sid, from, how)
        : await this.records.move(before, sid, from, how);
    if (next === null)
      throw new Error("the session ends at once, as its cookie or a timeout says: nobody is logged in");
    for (const [name, value] of Object.entries(next.data)) if (name !== "cookie") Reflect.set(to, name, value);
    this.made(to, next);
  }

  private made(session: object, record: LoadedRecord | null): void {
    if (record === null) return;
    this.fresh.spend(record.sid);
    this.ties.tie(session, record);
  }
}

/** Whether the framework has made the object. Plain ones come from code that uses the store itself. */
function isSessionObject(session: object): boolean {
  return "encryptedSessionId" in session;
}
