/**
 * What koa-session makes of a session when it stores it, and what this store leaves out and adds again.
 *
 * Beside the members a stored session has `_maxAge`, or `_session` for a cookie that ends with the browser, and `_expire`.
 * That changes with every request and follows from the others, so it is not stored but computed at each load.
 */
import type { LegacyForm } from "../store/legacy.js";
import type { Members } from "../store/text.js";

/** koa-session keeps a session in its store for so many ms longer than its cookie. */
export const SLACK = 10_000;

/** The age of the cookie where the options of koa-session say nothing. */
const ONE_DAY = 86_400_000;

/** The part of `ctx.sessionOptions` that matters here. Each context has its own copy. */
export interface KoaSessionOptions {
  maxAge?: number | "session" | undefined;
  genid: (ctx: object) => string;
}

/** `ctx.session` of koa-session. */
export interface KoaSession {
  readonly externalKey?: string;
  toJSON(): Members;
  /** Since 6.4. */
  regenerate?(): Promise<void>;
  save(): unknown;
  manuallyCommit(): Promise<void>;
  /** Before 7. */
  readonly _sessCtx?: { externalKey?: string };
}

/** Names that the Session of koa-session has itself: assigning them would fail, change an option, or break a method. */
const RESERVED = new Set([
  ...["toJSON", "length", "populated", "maxAge", "externalKey", "save", "regenerate", "manuallyCommit", "commit"],
  ...["constructor", "isNew", "__proto__"],
]);

/** What koa-session stores beside the members. Other names that begin with `_` it takes for its own and never stores. */
const KEPT = new Set(["_maxAge", "_session", "_expire"]);

/** Whether a stored member never gets into the session object, so that its absence there says nothing. */
export function untaken(name: string): boolean {
  return RESERVED.has(name) || (name.startsWith("_") && !KEPT.has(name));
}

/** A loaded session as koa-session expects it. @param left ms until its cookie ends */
export function loaded(data: Members, left: number): Members {
  const session: Members = {};
  for (const [name, value] of Object.entries(data)) if (!untaken(name)) session[name] = value;
  const age = data["_maxAge"];
  if (typeof age === "number") session["_expire"] = Date.now() + Math.min(left, age);
  else delete session["_expire"];
  return session;
}

/** The session as koa-session would store it now, and its idle timeout in ms. */
export function stored(
  session: KoaSession,
  { maxAge }: KoaSessionOptions,
): { data: Members; idle: number | undefined } {
  const data = session.toJSON();
  if (maxAge === "session") return { data: { ...data, _session: true }, idle: undefined };
  const age = maxAge === undefined || maxAge === 0 ? ONE_DAY : maxAge;
  return { data: { ...data, _maxAge: age }, idle: age + SLACK };
}

/** Gives the session object the members of `data`. */
export function assign(session: KoaSession, data: Members): void {
  for (const name of Object.keys(session.toJSON()))
    if (!Object.hasOwn(data, name)) Reflect.deleteProperty(session, name);
  for (const [name, value] of Object.entries(data)) {
    if (!name.startsWith("_") && !untaken(name)) Reflect.set(session, name, value);
  }
}

/** Has koa-session go on under the ID `sid`, and send its cookie. */
export async function follow(session: KoaSession, options: KoaSessionOptions, sid: string): Promise<void> {
  const { genid, maxAge } = options;
  options.genid = () => sid;
  try {
    if (session.regenerate !== undefined) {
      await session.regenerate();
    } else {
      // Before 6.4 there is no public way.
      if (session._sessCtx !== undefined) session._sessCtx.externalKey = sid;
      session.save();
      await session.manuallyCommit();
    }
  } finally {
    options.genid = genid;
    // koa-session forgets "session" with the first save of a request.
    options.maxAge = maxAge;
  }
}

/** How sessions look that koa-redis has stored for koa-session. Its keys are the bare IDs. */
export const LEGACY: LegacyForm = {
  prefix: "",
  // Where cookies are not signed, an ID can name any key of the server.
  isSession: ({ _maxAge, _expire, _session }) =>
    _session === true || (typeof _maxAge === "number" && typeof _expire === "number"),
  times: ({ _maxAge, _expire }) =>
    typeof _maxAge === "number" && typeof _expire === "number"
      ? { idle: _maxAge + SLACK, used: _expire - _maxAge }
      : {},
};
