/**
 * The cookie of a React Router session: its default attributes, the combinations of attributes that no browser takes,
 * and the shape of the ID that it carries. Encoding and signing are React Router's own (`createCookie`), so a cookie that
 * the application made itself works too. The shape is checked before a key is built: no text of a browser names another key.
 */
import { randomBytes } from "node:crypto";
import { createCookie, isCookie, type Cookie, type CookieOptions, type SessionStorage } from "react-router";

/** The options that `commitSession` passes to the cookie, such as `maxAge` in seconds and `expires`. */
export type CommitOptions = NonNullable<Parameters<SessionStorage["commitSession"]>[1]>;

/** A cookie made by `createCookie`, or the options for one. */
export type SessionCookie = Cookie | (CookieOptions & { name?: string });

/** 32 random bytes in base64url, in a cluster after the hash tag of the session's key. */
const SHAPE = /^(?:[0-9a-f]{4}\.)?[A-Za-z0-9_-]{43}$/;

export const newSid = (): string => randomBytes(32).toString("base64url");

/** What the cookie carried, if it can be the ID of a session. */
export function sidOf(carried: unknown): string | undefined {
  return typeof carried === "string" && SHAPE.test(carried) ? carried : undefined;
}

/**
 * The cookie to use: by default `__Host-session; HttpOnly; Secure; SameSite=Lax; Path=/`.
 *
 * @throws TypeError for attributes that no browser takes together
 */
export function sessionCookie(setting: SessionCookie = {}): Cookie {
  if (isCookie(setting)) return setting;
  const { name, ...options } = { path: "/", httpOnly: true, secure: true, sameSite: "lax" as const, ...setting };
  const cookie = createCookie(name ?? defaultName(options), options);
  refuse(cookie.name, {
    secure: options.secure,
    sameSite: options.sameSite,
    partitioned: options.partitioned === true,
    path: options.path,
    domain: options.domain,
  });
  return cookie;
}

/** The prefixes make browsers refuse a cookie that a neighbouring domain, or plain http, has set under this name. */
function defaultName(options: CookieOptions): string {
  if (options.secure !== true) return "session";
  return options.domain === undefined && options.path === "/" ? "__Host-session" : "__Secure-session";
}

/**
 * The Set-Cookie header for a session.
 *
 * @throws TypeError for attributes that no browser takes together
 */
export async function setCookie(cookie: Cookie, sid: string, options: CommitOptions | undefined): Promise<string> {
  const header = await cookie.serialize(sid, options);
  const given = new Map<string, string>();
  for (const attribute of header.split(/; */).slice(1)) {
    const [name = "", value = ""] = attribute.split("=", 2);
    given.set(name.toLowerCase(), value);
  }
  refuse(cookie.name, {
    secure: given.has("secure"),
    sameSite: given.get("samesite"),
    partitioned: given.has("partitioned"),
    path: given.get("path"),
    domain: given.get("domain"),
  });
  return header;
}

/** The Set-Cookie header that removes the cookie; it repeats the attributes, or browsers would keep the cookie. */
export async function clearedCookie(cookie: Cookie, options: CommitOptions | undefined): Promise<string> {
  // Present but undefined, so that it hides a maxAge of the cookie itself; the type has no word for that.
  const without = { maxAge: undefined } as unknown as CommitOptions;
  return cookie.serialize("", { ...options, ...without, expires: new Date(0) });
}

interface Attributes {
  readonly secure: boolean | undefined;
  readonly sameSite: boolean | string | undefined;
  readonly partitioned: boolean;
  readonly path: string | undefined;
  readonly domain: string | undefined;
}

function refuse(name: string, { secure, sameSite, partitioned, path, domain }: Attributes): void {
  const wrong = (what: string): never => {
    throw new TypeError(`no browser keeps the cookie '${name.slice(0, 100)}': ${what}`);
  };
  const lower = name.toLowerCase();
  const host = lower.startsWith("__host-");
  if (secure !== true) {
    if (host || lower.startsWith("__secure-")) wrong("its name's prefix needs 'secure'; choose another name");
    if (partitioned) wrong("'partitioned' needs 'secure'");
    if (typeof sameSite === "string" && sameSite.toLowerCase() === "none") wrong("SameSite=None needs 'secure'");
  }
  // Name and value may have 4096 bytes; the value is an ID and, with secrets, its signature.
  if (name.length > 3900) wrong("its name is too long");
  if ((path?.length ?? 0) > 1024) wrong("its path is too long");
  if (host && domain !== undefined) wrong("the prefix __Host- does not go with 'domain'; use __Secure-");
  if (host && path !== "/") wrong("the prefix __Host- needs the path '/'; use __Secure-");
}

/**
 * For how many seconds the browser is told to keep the cookie: zero or less if it is to drop it, undefined if it keeps it
 * until it closes.
 */
export function secondsOf(told: { maxAge?: number; expires?: Date } | undefined): number | undefined {
  if (typeof told?.maxAge === "number") return told.maxAge;
  // A cookie tells its own maxAge only as a date, a moment later: rounding up restores it.
  return told?.expires === undefined ? undefined : Math.ceil((told.expires.getTime() - Date.now()) / 1000);
}
