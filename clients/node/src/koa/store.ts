/**
 * The store for koa-session.
 *
 * koa-session hands the context of the request to its store with every call. So the store knows what each request has
 * loaded, saves that as its changes, and creates only what was not loaded.
 */
import { BaseStore } from "../store/base.js";
import type { StoreOptions } from "../store/options.js";
import type { LoadedRecord } from "../store/record.js";
import type { Members } from "../store/text.js";
import { LEGACY, SLACK, assign, follow, loaded, stored, untaken } from "./session.js";
import type { KoaSession, KoaSessionOptions } from "./session.js";

/** A context of Koa behind koa-session. */
export interface KoaContext {
  readonly req: object;
  readonly res: object;
  readonly cookies: object;
}

/** What koa-session tells its store with each call. */
export interface StoreCall {
  readonly ctx?: object | undefined;
  readonly rolling?: boolean | undefined;
  readonly changed?: boolean | undefined;
}

interface SessionContext {
  session: KoaSession | Members | null;
  readonly sessionOptions?: KoaSessionOptions;
  readonly cookies: { set: (this: unknown, name: string, value?: string | null, ...rest: unknown[]) => unknown };
  readonly res: { readonly headersSent?: boolean };
}

/** What is known of the session of one request. */
interface Tie {
  readonly sid: string;
  readonly record: LoadedRecord;
  /** The session object, where its `externalKey` may be older than `sid`. */
  readonly session?: unknown;
  /** The ID from before a login, which that has ended. */
  readonly ended?: string | undefined;
  /** Whether `regenerate` found that the session had ended. */
  readonly gone?: boolean;
}

export class RedisSessionStore extends BaseStore<KoaContext> {
  private readonly ties = new WeakMap<object, Tie>();
  private readonly creating = new WeakMap<object, Promise<LoadedRecord | null>>();
  private readonly slack: number;

  /** @throws TypeError for an unknown option or a wrong value, with what to write */
  constructor(options: StoreOptions) {
    super(options, LEGACY);
    // With one of these, the end on the server need not be that of the cookie and the slack.
    this.slack = typeof options.idleTimeout === "function" || options.absoluteTimeout !== undefined ? 0 : SLACK;
  }

  /** The session with this ID; undefined if there is none. Reading extends it only with `touch: "read"`. */
  async get(sid: string, _maxAge?: number | "session", { ctx }: StoreCall = {}): Promise<Members | undefined> {
    const record = await this.records.load(sid);
    if (record === null) return undefined;
    if (ctx !== undefined) this.ties.set(ctx, { sid, record });
    return loaded(record.data, (record.ttl ?? Infinity) - this.slack);
  }

  /** Saves what has changed of the session that this request has loaded, or creates one. `maxAge` is its idle timeout. */
  async set(sid: string, session: object, maxAge?: number | "session", { ctx }: StoreCall = {}): Promise<void> {
    const data: Members = { ...session };
    delete data["_expire"];
    const how = { idle: typeof maxAge === "number" ? maxAge : undefined, untaken };
    // An application that does not wait for its `save` has the middleware save once more meanwhile.
    const creating = ctx && this.creating.get(ctx);
    if (creating !== undefined) await creating.catch(() => undefined);
    const tie = ctx && this.ties.get(ctx);
    if (tie?.gone === true) {
      this.records.lost("save", tie.record.key);
      leaveCookie(ctx as SessionContext, sid);
    } else if (tie?.sid !== sid) {
      await this.create(sid, data, how.idle, ctx);
    } else if (!(await this.records.save(tie.record, data, how))) {
      leaveCookie(ctx as SessionContext, sid);
    }
  }

  /** Ends the session with this ID. */
  async destroy(sid: string, { ctx }: StoreCall = {}): Promise<void> {
    const tie = ctx && this.ties.get(ctx);
    if (tie?.ended === sid) return;
    const live = await this.records.end(sid);
    // Not `ctx.session = null` but `regenerate`, which would store the data of an ended session under a new ID.
    if (ctx !== undefined && !live && tie?.sid === sid && (ctx as SessionContext).session !== null) {
      this.ties.set(ctx, { ...tie, gone: true });
      leaveCookie(ctx as SessionContext, "");
    }
  }

  /**
   * Logs a user in: the context's session goes on under a new ID, with its data, its unsaved changes and `patch`, and the
   * old ID ends; all in one command. The cookie is set at once.
   *
   * If the session belongs to another user or has ended meanwhile, the new session has only `patch`.
   *
   * @param user names the user in `list` and `revoke`
   * @param patch members of the session
   * @throws TooManyError with `refuse`; InvalidError; UnavailableError. The context's session is then as it was.
   */
  async login(ctx: KoaContext, user: string, patch: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.records.users.nameOf(user);
    await this.move(ctx as unknown as SessionContext, { user, patch });
  }

  /**
   * Gives the context's session a new ID without a login, as after a change of rights. The cookie is set at once.
   *
   * @param grace for so many milliseconds the old ID goes on working, for requests under way
   * @throws NoSessionError if the session has ended
   */
  async rotate(ctx: KoaContext, { grace }: { readonly grace?: number } = {}): Promise<void> {
    await this.move(ctx as unknown as SessionContext, { grace });
  }

  protected override sidOf(ctx: KoaContext): string | undefined {
    return this.tieOf(ctx as unknown as SessionContext)?.sid;
  }

  private async create(sid: string, data: Members, idle: number | undefined, ctx: object | undefined): Promise<void> {
    const creating = this.records.create(sid, data, { idle });
    if (ctx !== undefined) this.creating.set(ctx, creating);
    try {
      const record = await creating;
      if (record !== null && ctx !== undefined)
        this.ties.set(ctx, { sid, record, session: (ctx as SessionContext).session });
    } finally {
      if (ctx !== undefined) this.creating.delete(ctx);
    }
  }

  private async move(
    ctx: SessionContext,
    how: { readonly user?: string; readonly patch?: object; readonly grace?: number | undefined },
  ): Promise<void> {
    const options = ctx.sessionOptions;
    if (options === undefined) throw new TypeError("the context has no session: is it behind koa-session?");
    if (ctx.res.headersSent === true) {
      throw new Error("the response has begun, so the cookie with the new session ID cannot be sent: log in before it");
    }
    // After `ctx.session = null` nothing of it comes along.
    const ended = ctx.session === null;
    if (ended) ctx.session = {};
    try {
      const session = ctx.session as KoaSession;
      const { data, idle } = stored(session, options);
      const tie = this.tieOf(ctx);
      const generated = options.genid(ctx);
      const next = tie
        ? await this.records.move(tie.record, this.records.nextSid(tie.record, generated), data, {
            ...how,
            idle,
            untaken,
          })
        : await this.records.create(generated, data, { ...how, idle });
      if (next === null) throw new Error("the session ends at once, as a timeout says: nobody is logged in");
      assign(session, next.data);
      this.ties.set(ctx, { sid: next.sid, record: next, session, ended: tie?.sid ?? session.externalKey });
      await follow(session, options, next.sid);
    } catch (error) {
      if (ended) ctx.session = null;
      throw error;
    }
  }

  /** What is known of the session that the context has now. */
  private tieOf(ctx: SessionContext): Tie | undefined {
    const tie = this.ties.get(ctx);
    const session = ctx.session as KoaSession | null | undefined;
    if (tie === undefined || session === null || session === undefined) return undefined;
    return tie.session === session || tie.sid === session.externalKey ? tie : undefined;
  }
}

/**
 * Keeps koa-session from sending the cookie of a session that has ended meanwhile. It would take the place of the cookie of
 * a login in a parallel request.
 */
function leaveCookie({ cookies }: SessionContext, sid: string): void {
  const { set } = cookies;
  cookies.set = function (name, value, ...rest) {
    return value === sid ? this : set.call(this, name, value, ...rest);
  };
}
