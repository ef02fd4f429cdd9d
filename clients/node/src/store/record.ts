/** A session as one request has loaded or written it: what a later save of the same request is compared with. */
import type { Reply } from "../driver/driver.js";
import { parsed, type Members } from "./text.js";

export interface LoadedRecord {
  /** The ID in the visitor's cookie. */
  readonly sid: string;
  readonly key: string;
  /** The members of the session, for the framework to use and change. `cookie.expires` is a Date if the cookie has an age. */
  readonly data: Members;
  /** What was left of its life when it was loaded, in ms; null for no end, and for a session that this request has made. */
  readonly ttl: number | null;
}

type State = string | Members | (() => Members);

/** The record with what only src/store uses. */
export class StoredRecord implements LoadedRecord {
  /** When this record last wrote to the session, by `Date.now()`; 0 if it has only read. */
  written = 0;
  /** The idle timeout in ms that this record last wrote; undefined if it has only read. */
  idle: number | undefined;
  /** The write that is under way, if any. */
  private last: Promise<unknown> | undefined;

  /**
   * @param state the session as it is stored, as far as this request knows: as JSON, or how to make its members
   * @param cookie its cookie member as it is stored
   */
  constructor(
    readonly sid: string,
    readonly key: string,
    readonly data: Members,
    private state: State,
    public cookie: unknown,
    readonly ttl: number | null = null,
  ) {}

  /** The members as they are stored, as values that nobody else holds. Do not change them. */
  get members(): Members {
    // Not before it is needed: most requests change nothing.
    if (typeof this.state === "string") this.state = JSON.parse(this.state) as Members;
    else if (typeof this.state === "function") this.state = this.state();
    return this.state;
  }

  /** Whether a write is under way. */
  get busy(): boolean {
    return this.last !== undefined;
  }

  /** Notes what has been written. */
  wrote(state: State, cookie: unknown, idle: number): void {
    this.state = state;
    this.cookie = cookie;
    this.idle = idle;
    this.written = Date.now();
  }

  /** Runs the writes of one session object in their order, so that each is compared with what the one before has left. */
  inOrder<T>(write: () => Promise<T>): Promise<T> {
    const turn = this.last === undefined ? write() : this.last.then(write, write);
    this.last = turn;
    const done = (): void => {
      if (this.last === turn) this.last = undefined;
    };
    turn.then(done, done);
    return turn;
  }
}

/** The record in the reply of SESSION.GET with the field `ttl`; null without a session that a framework can use. */
export function recordOf(sid: string, key: string, reply: Reply): StoredRecord | null {
  if (reply === null) return null;
  const [fields, text] = reply as readonly [readonly [Reply], string];
  const left = fields[0];
  const data = parsed(text);
  if (data === null) return null;
  // Drivers can be told to return numbers as text.
  const ttl = left === null ? null : Number(left);
  const cookie = data["cookie"];
  if (typeof cookie === "object" && cookie !== null) {
    const age = (cookie as Members)["originalMaxAge"];
    // A copy, because frameworks change the cookie in place.
    const copy: Members = { ...cookie };
    if (typeof age === "number") copy["expires"] = new Date(Date.now() + (ttl ?? age));
    data["cookie"] = copy;
  }
  return new StoredRecord(sid, key, data, text, cookie, ttl);
}

/** @throws TypeError for an object that no SessionRecords has made */
export function stored(record: LoadedRecord): StoredRecord {
  if (record instanceof StoredRecord) return record;
  throw new TypeError("the record must be one that load, create or move has returned");
}
