/**
 * The types of the storage for React Router: its options, and what it can do beyond React Router's own `SessionStorage`.
 */
import type { Session, SessionData, SessionStorage } from "react-router";
import type { Sessions } from "../commands/sessions.js";
import type { Device, DevicesOptions, Handles, StoreEvents, StoreOptions, Timeout } from "../store/index.js";
import type { CommitOptions, SessionCookie } from "./cookie.js";

export interface RedisSessionStorageOptions extends Omit<StoreOptions, "legacy" | "touch"> {
  /**
   * The cookie, or options for one. Its `maxAge`, in seconds, is also the idle timeout of the sessions.
   *
   * @default `{ name: "__Host-session", httpOnly: true, secure: true, sameSite: "lax", path: "/" }`; the name is
   * "session" with `secure: false`, for plain http
   */
  readonly cookie?: SessionCookie | undefined;
  /**
   * How long a session lives without being used, in milliseconds, or a function of its data, if neither the cookie nor a
   * commit has a `maxAge`.
   *
   * @default 86_400_000 (a day)
   */
  readonly idleTimeout?: Timeout<number> | undefined;
  /**
   * What keeps a session alive: every `getSession` and every commit ("read"), or only commits ("request").
   *
   * @default "read", since most loaders do not commit
   */
  readonly touch?: "read" | "request" | undefined;
}

/** What `list` can be asked for. */
export interface ListOptions<Data = SessionData, FlashData = Data> extends DevicesOptions {
  /** The session of the request; `current` of its device is true. */
  readonly current?: Session<Data, FlashData> | undefined;
}

/** Which sessions of a user `revoke` ends. Without one of the two it is all. */
export interface RevokeOptions<Data = SessionData, FlashData = Data> {
  /** The session that stays. */
  readonly except?: Session<Data, FlashData> | undefined;
  /** The handles of those to end, as `list` has them; they may come from the visitor. */
  readonly only?: Handles | undefined;
}

/** The cookie's options, and `grace`: for so many milliseconds requests with the old ID still find the session. */
export type RotateOptions = CommitOptions & { readonly grace?: number | undefined };

/**
 * React Router's interface, and what sessions in the module can do beyond it. The functions need no `this`.
 *
 * They reject with a `SessionError`, whose `status` is 503 if the server does not answer.
 */
export interface RedisSessionStorage<Data = SessionData, FlashData = Data> extends SessionStorage<Data, FlashData> {
  /**
   * Logs the user in: the session gets a new ID, the user, what the request has changed, and the members of `patch`, in
   * one command. A session of another user does not come along; a new one with `patch` takes its place.
   *
   * @param options the cookie's; without `maxAge` and `expires` it ends with the browser, unless the cookie itself has one
   * @returns the Set-Cookie header
   * @throws TooManyError beyond `maxSessions` with `refuse`; InvalidError; the session is then as it was
   */
  login: (
    session: Session<Data, FlashData>,
    user: string,
    patch?: Partial<Data>,
    options?: CommitOptions,
  ) => Promise<string>;

  /** Commits the session, under a new ID. @returns the Set-Cookie header, or "" as `commitSession` does */
  rotate: (session: Session<Data, FlashData>, options?: RotateOptions) => Promise<string>;

  /** The user's sessions, the most recently used first. */
  list: (user: string, options?: ListOptions<Data, FlashData>) => Promise<Device[]>;

  /** Ends sessions of the user. @returns how many */
  revoke: (user: string, options?: RevokeOptions<Data, FlashData>) => Promise<number>;

  /** Calls the listener for each write that was dropped because the session had ended ("lost"), and for each "login". */
  on: <Name extends "lost" | "login">(event: Name, listener: (...details: StoreEvents[Name]) => void) => void;

  /** All commands of the module, on the same client. */
  readonly sessions: Sessions;
}
