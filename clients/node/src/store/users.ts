/**
 * The sessions of users, and all sessions of a store: what an application shows as "your devices", and ends with "log out
 * everywhere".
 *
 * Sessions are named by handles, the keys without the prefix. A handle may be shown to a visitor: it is no cookie, and
 * names no session of another user where a user is given.
 */
import type { Sessions } from "../commands/sessions.js";
import type { Driver } from "../driver/driver.js";
import { handleOf, isHandle } from "./keys.js";
import { parsed, type Members } from "./text.js";

/** One session of a user. Times are Unix milliseconds. */
export interface Device {
  /** Names the session in `revoke`. */
  readonly handle: string;
  /** Whether it is the session of the request that asks. */
  readonly current: boolean;
  readonly created: number;
  /** When its ID was made: at the creation, or at the last login. */
  readonly issued: number;
  /** When it was used last, as far as that is recorded. */
  readonly accessed: number;
  /** When the user logged in. */
  readonly authenticated: number | null;
  /** Milliseconds until it ends if it is not used; null for never. */
  readonly ttl: number | null;
  /** The values at the pointers of the option `paths`. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface DevicesOptions {
  /** At most so many, the most recently used first. */
  readonly limit?: number | undefined;
  /** JSON Pointers to members of the data that are returned with each, such as "/device". */
  readonly paths?: readonly string[] | undefined;
}

/** Handles, or one. */
export type Handles = string | readonly string[];

/** Which sessions of a user end. */
export interface Revoked<Own> {
  readonly except?: Own | undefined;
  readonly only?: Handles | null | undefined;
}

/** Users' names have at most so many bytes, the prefix included. */
const LONGEST_USER = 512;

/** So many sessions are read or ended at once. */
const BATCH = 200;

export class Users {
  constructor(
    private readonly sessions: Sessions,
    private readonly driver: Driver,
    private readonly prefix: string,
    private readonly userPrefix: string,
  ) {}

  /**
   * What the server calls the user.
   *
   * @throws TypeError for a name that is empty, no string, or with the prefix longer than 512 bytes
   */
  nameOf(user: string): string {
    if (typeof user !== "string" || user === "") throw new TypeError("a user is named by a string that is not empty");
    const name = this.userPrefix + user;
    if (Buffer.byteLength(name) > LONGEST_USER) {
      throw new TypeError(`the name of a user may have ${LONGEST_USER - Buffer.byteLength(this.userPrefix)} bytes`);
    }
    return name;
  }

  /** The user's sessions, the most recently used first. @param current the key of the session that asks */
  async list(user: string, { limit, paths }: DevicesOptions = {}, current?: string): Promise<Device[]> {
    const fields = ["created", "issued", "accessed", "authenticated", "ttl"] as const;
    const listed = await this.sessions.list(this.nameOf(user), { limit, paths, fields });
    // Applications of one Redis can be made to share users; another's sessions have keys that are not ours to name.
    const ours = listed.filter(({ key }) => key.startsWith(this.prefix) && isHandle(handleOf(this.prefix, key)));
    return ours.map(({ key, info, values }) => ({
      handle: handleOf(this.prefix, key),
      current: key === current,
      ...info,
      values,
    }));
  }

  /**
   * Ends the user's sessions, and resolves to how many: all, all `except` one, or `only` some by their handles.
   *
   * @param keyOf the key of what `except` names; undefined if it has no session
   * @throws TypeError if both are given, `only` is there without a value, or another option is
   */
  async revoke<Own>(user: string, which: Revoked<Own>, keyOf: (own: Own) => string | undefined): Promise<number> {
    const name = this.nameOf(user);
    for (const option of Object.keys(which)) {
      if (option !== "except" && option !== "only") {
        throw new TypeError(`revoke has no option ${JSON.stringify(option)}: its options are except and only`);
      }
    }
    const { except, only } = which;
    if (except !== undefined && only !== undefined) {
      throw new TypeError("except and only contradict each other: give one");
    }
    if (only === undefined || only === null) {
      // A form without its field must not end all sessions.
      if ("only" in which)
        throw new TypeError("only has no value: give the handles, or leave it out to end all sessions");
      const kept = except === undefined ? undefined : keyOf(except);
      return this.sessions.revoke(name, { except: kept === undefined ? [] : [kept] });
    }
    const handles = (typeof only === "string" ? [only] : only).filter(isHandle);
    return this.sessions.revoke(name, { only: handles.map((handle) => this.prefix + handle) });
  }

  /** Ends sessions of whichever user by their handles, for administrators; resolves to how many were live. */
  async end(handles: Handles): Promise<number> {
    const known = (typeof handles === "string" ? [handles] : handles).filter(isHandle);
    return this.endKeys(known.map((handle) => this.prefix + handle));
  }

  /** The handles of all sessions of the store. */
  async handles(): Promise<string[]> {
    const handles = new Set<string>();
    for await (const keys of this.driver.scan(`${this.prefix.replace(/[*?[\]\\^-]/g, "\\$&")}*`)) {
      for (const key of keys) {
        // Another store may have a prefix that begins with this one's.
        const handle = handleOf(this.prefix, key);
        if (isHandle(handle)) handles.add(handle);
      }
    }
    return [...handles];
  }

  /** All live sessions of the store, each with its handle. Reading them is no access. */
  async all(): Promise<{ readonly handle: string; readonly data: Members }[]> {
    const found: { handle: string; data: Members }[] = [];
    await inBatches(await this.handles(), async (handle) => {
      const session = await this.sessions.get(this.prefix + handle, { noTouch: true });
      const data = session === null ? null : parsed(session.text);
      if (data !== null) found.push({ handle, data });
    });
    return found;
  }

  /** Ends all sessions of the store. */
  async clear(): Promise<void> {
    await this.endKeys((await this.handles()).map((handle) => this.prefix + handle));
  }

  private async endKeys(keys: readonly string[]): Promise<number> {
    let ended = 0;
    // One by one, since the keys of a cluster lie in different slots; a batch goes out together.
    await inBatches(keys, async (key) => {
      ended += await this.sessions.del(key);
    });
    return ended;
  }
}

async function inBatches<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += BATCH) await Promise.all(items.slice(from, from + BATCH).map(each));
}
