/**
 * A `SessionStorage` for React Router: sessions in the module, their ID in the cookie. Where other storages write the
 * whole data of a session at each commit, this one sends what the request has changed, and never brings back a session
 * that has ended meanwhile.
 */
import type { Session, SessionData } from "react-router";
import { NoSessionError } from "../errors.js";
import { SessionRecords } from "../store/index.js";
import { clearedCookie, newSid, secondsOf, sessionCookie, setCookie, sidOf, type CommitOptions } from "./cookie.js";
import { stored, Visit } from "./session.js";
import type { RedisSessionStorage, RedisSessionStorageOptions } from "./types.js";

export type { Device, DevicesOptions, Handles, StoreEvents } from "../store/index.js";
export type { CommitOptions, SessionCookie } from "./cookie.js";
export type * from "./types.js";

/**
 * Makes the storage.
 *
 * - `getSession` reads once, and that counts as a use of the session. A cookie of no live session gives a new, empty one.
 * - `commitSession` writes the members that differ from those that were read, or records a use of the session if none does.
 *   It returns the Set-Cookie header, or "" where there is none to set: for a new session without data, and for one that
 *   has ended meanwhile.
 * - `destroySession` ends the session, and returns the header that removes the cookie.
 *
 * @throws TypeError for unknown or contradictory options, and for a cookie that no browser would keep
 */
export function createRedisSessionStorage<Data = SessionData, FlashData = Data>(
  options: RedisSessionStorageOptions,
): RedisSessionStorage<Data, FlashData> {
  type Own = Session<Data, FlashData>;
  const { cookie: setting, ...settings } = options;
  if (settings.touch !== undefined && !["read", "request"].includes(settings.touch)) {
    throw new TypeError('touch must be "read" or "request"');
  }
  if ("legacy" in settings)
    throw new TypeError("the storage for React Router has no option 'legacy'; see its document");
  const cookie = sessionCookie(setting);
  const records = new SessionRecords({ ...settings, touch: settings.touch ?? "read" });
  const visits = new WeakMap<object, Visit>();

  /** The idle timeout in ms; `kept` is for how many seconds the browser keeps the cookie. */
  const idleOf = (kept: number | undefined): number | undefined => {
    if (kept !== undefined) return kept * 1000;
    // Without a number the core would look for one in a member `cookie`, which is the application's own here.
    return typeof settings.idleTimeout === "function" ? undefined : (settings.idleTimeout ?? 86_400_000);
  };

  /** The visit of a session that `getSession` has returned. */
  const visitOf = (session: Own): Visit => {
    const visit = visits.get(session);
    if (visit === undefined) throw new TypeError("the session is not one that getSession of this storage has returned");
    return visit;
  };

  /** For an object that `createSession` has made: what it holds is to be the session with its ID, if that lives. */
  const foreign = async (session: Own): Promise<Visit> => {
    const visit = new Visit();
    const sid = sidOf(session.id);
    const record = sid === undefined ? null : await records.load(sid);
    if (record !== null) visit.adopt(record);
    visit.members = session.data;
    visit.ended = session.id !== "" && record === null;
    return visit;
  };

  const end = async (visit: Visit): Promise<void> => {
    if (visit.sid !== "") await records.end(visit.sid);
    visit.record = undefined;
    visit.ended = true;
  };

  const commit = async (visit: Visit, given: CommitOptions | undefined, grace?: { ms: number | undefined }) => {
    if (visit.ended) return "";
    const maxAge = secondsOf(given) ?? visit.maxAge;
    const kept = maxAge ?? secondsOf(cookie);
    if (kept !== undefined && kept <= 0) {
      await end(visit);
      return clearedCookie(cookie, given);
    }
    const { record } = visit;
    const data = stored(visit.members, maxAge);
    if (record === undefined && Object.keys(data).length === 0) return "";
    const sid = record === undefined ? newSid() : grace === undefined ? visit.sid : records.nextSid(record, newSid());
    // Made before anything is stored, since it tells what is wrong with the options.
    const header = await setCookie(cookie, sid, maxAge === undefined ? given : { ...given, maxAge });
    const idle = idleOf(kept);
    const now =
      record === undefined
        ? await records.create(sid, data, { idle })
        : grace === undefined
          ? // Confirmed, since the cookie of a session that a login has just replaced must not be sent again.
            (await records.save(record, data, { idle, confirm: true })) && record
          : await records.move(record, sid, data, { idle, grace: grace.ms }).catch(lost);
    if (now === null || now === false) {
      visit.ended = true;
      return "";
    }
    visit.hold(now, maxAge);
    return header;
  };

  const login = async (visit: Visit, user: string, patch: object, given: CommitOptions | undefined) => {
    const maxAge = secondsOf(given);
    const idle = idleOf(maxAge ?? secondsOf(cookie));
    const { record } = visit;
    const sid = record === undefined ? newSid() : records.nextSid(record, newSid());
    const header = await setCookie(cookie, sid, given);
    const data = stored(visit.ended ? {} : visit.members, maxAge);
    const now =
      record === undefined
        ? await records.create(sid, Object.assign(data, patch), { user, idle })
        : await records.move(record, sid, data, { user, idle, patch: stored(patch, maxAge) });
    if (now === null) {
      await end(visit);
      return clearedCookie(cookie, given);
    }
    visit.adopt(now);
    return header;
  };

  return {
    async getSession(header, parsing) {
      const sid = sidOf(header ? await cookie.parse(header, parsing) : null);
      const record = sid === undefined ? null : await records.load(sid);
      const visit = new Visit();
      if (record !== null) visit.adopt(record);
      const session = visit.session() as Own;
      visits.set(session, visit);
      return session;
    },
    async commitSession(session, given) {
      const visit = visits.get(session) ?? (await foreign(session));
      return visit.inTurn(() => commit(visit, given));
    },
    async destroySession(session, given) {
      const visit = visits.get(session) ?? (await foreign(session));
      await visit.inTurn(() => end(visit));
      return clearedCookie(cookie, given);
    },
    async login(session, user, patch = {}, given?) {
      const visit = visitOf(session);
      records.users.nameOf(user);
      return visit.inTurn(() => login(visit, user, patch, given));
    },
    async rotate(session, { grace, ...given } = {}) {
      const visit = visitOf(session);
      return visit.inTurn(() => commit(visit, given, { ms: grace }));
    },
    async list(user, { current, ...asked } = {}) {
      return records.users.list(user, asked, current && keyOf(visitOf(current)));
    },
    async revoke(user, which = {}) {
      return records.users.revoke<Own>(user, which, (session) => keyOf(visitOf(session)));
    },
    on: (event, listener) => void records.on(event, listener as never),
    sessions: records.sessions,
  };

  function keyOf(visit: Visit): string | undefined {
    return visit.sid === "" ? undefined : records.keyOf(visit.sid);
  }
}

function lost(error: unknown): null {
  if (error instanceof NoSessionError) return null;
  throw error;
}
