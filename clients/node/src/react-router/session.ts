/**
 * The session objects that loaders and actions get. Each wraps a session of React Router's own `createSession`, so that
 * `get`, `flash` and the rest are exactly those, and adds what a commit must know: the ID, which a login changes, and the
 * record that was loaded, so that only what differs from it is sent.
 */
import { createSession, type Session } from "react-router";
import type { LoadedRecord, Members } from "../store/index.js";

/** The member that remembers the Max-Age, in seconds, that a commit has given the cookie; the application never sees it. */
const MAX_AGE = "__max_age__";

/** What is stored for a session with these members. */
export function stored(members: object, maxAge: number | undefined): Members {
  // Without a prototype, so that a member named like a method of objects is one like any other.
  return Object.assign(Object.create(null), members, maxAge === undefined ? {} : { [MAX_AGE]: maxAge }) as Members;
}

/** A session during one request. */
export class Visit {
  /** The ID; empty until the server has the session. */
  sid = "";
  /** What the server held when this request last read or wrote it. */
  record: LoadedRecord | undefined;
  /** The session has ended: nothing more is written, and its data goes into no other session. */
  ended = false;
  /** For how many seconds the browser keeps the cookie, if a commit of this session has said so. */
  maxAge: number | undefined;
  private content: Session = createSession();
  private last: Promise<unknown> = Promise.resolve();

  /** What the request has made of the session's members. */
  get members(): Members {
    return this.content.data;
  }

  set members(members: object) {
    this.content = createSession(members);
  }

  /** Takes over a session as the server holds it. */
  adopt(record: LoadedRecord): void {
    const { [MAX_AGE]: maxAge, ...members } = record.data;
    this.hold(record, typeof maxAge === "number" ? maxAge : undefined);
    this.members = members;
  }

  /** Notes where the server holds the session. */
  hold(record: LoadedRecord, maxAge: number | undefined): void {
    this.sid = record.sid;
    this.record = record;
    this.maxAge = maxAge;
    this.ended = false;
  }

  /** Runs one operation after the other, since loaders that run at the same time can share the session of a request. */
  async inTurn<Result>(operation: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(operation);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** The object for the application. */
  session(): Session {
    const content = (): Session => this.content;
    const sid = (): string => this.sid;
    return {
      get id() {
        return sid();
      },
      get data() {
        return content().data;
      },
      has: (name) => content().has(name),
      get: (...name) => content().get(...name),
      set: (name, value) => {
        content().set(name, value);
      },
      flash: (name, value) => {
        content().flash(name, value);
      },
      unset: (name) => {
        content().unset(name);
      },
    };
  }
}
