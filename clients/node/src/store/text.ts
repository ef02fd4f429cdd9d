/**
 * The JSON text that is stored of a session, and its cookie member.
 *
 * Left out is what changes with every request and can be computed: the cookie's `expires`, where `originalMaxAge` says
 * how long it lives. Otherwise each request would change the session, and parallel requests the same member.
 */
import { withoutDrift } from "./lifetime.js";

export type Members = Record<string, unknown>;

/**
 * What `JSON.stringify` makes of the session, without the times of its cookie.
 *
 * @param before the cookie as it is stored
 * @throws TypeError for data that has no JSON: circles, BigInt
 */
export function storedText(data: object, before?: unknown): string {
  return wellFormed(JSON.stringify(storedMembers(data, before)));
}

/** The members that `storedText` writes. */
export function storedMembers(data: object, before?: unknown): Members {
  const members = membersOf(data);
  if (typeof members["cookie"] === "object") members["cookie"] = storedCookie(members["cookie"], before);
  return members;
}

/** The text of one member in what `storedText` writes; undefined if it leaves the member out. */
export function memberText(name: string, value: unknown): string | undefined {
  const { toJSON } = (value ?? {}) as { toJSON?: unknown };
  const plain: unknown = typeof toJSON === "function" ? toJSON.call(value, name) : value;
  const text = JSON.stringify(plain) as string | undefined;
  return text === undefined ? undefined : wellFormed(text);
}

/**
 * A copy of the members that `JSON.stringify` would take.
 *
 * @throws TypeError for anything but an object of members
 */
export function membersOf(data: object): Members {
  const source = jsonOf(data, "");
  if (!isMembers(source)) throw new TypeError("a session must be an object of members");
  return { ...source };
}

/** The cookie member as it is stored. @param before as it was stored until now */
export function storedCookie(cookie: unknown, before?: unknown): unknown {
  if (typeof cookie !== "object" || cookie === null) return cookie;
  const plain = jsonOf(cookie, "cookie");
  if (!isMembers(plain)) return plain;
  const age = plain["originalMaxAge"];
  if (typeof age !== "number" || !Number.isFinite(age)) return plain;
  const kept: Members = {};
  for (const name of Object.keys(plain)) {
    // `originalExpires` is @fastify/session's copy of `expires`.
    if (name !== "expires" && name !== "originalExpires") kept[name] = plain[name];
  }
  kept["originalMaxAge"] = withoutDrift(age, (before as Members | null | undefined)?.["originalMaxAge"]);
  return kept;
}

/** Whether two stored cookies have the same JSON, without making it where their members are plain values. */
export function sameCookie(one: unknown, other: unknown): boolean {
  if (!isMembers(one) || !isMembers(other)) return JSON.stringify(one) === JSON.stringify(other);
  let members = 0;
  for (const name of Object.keys(one)) {
    if (one[name] === undefined) continue;
    members++;
    if (!Object.hasOwn(other, name)) return false;
    if (one[name] !== other[name] && JSON.stringify(one[name]) !== JSON.stringify(other[name])) return false;
  }
  for (const name of Object.keys(other)) if (other[name] !== undefined) members--;
  return members === 0;
}

/** The session in a stored text; null if it is no object, which no framework can use. */
export function parsed(text: string): Members | null {
  const data: unknown = JSON.parse(text);
  return isMembers(data) ? data : null;
}

function jsonOf(value: object, name: string): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === "function" ? toJSON.call(value, name) : value;
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The server takes no half of a surrogate pair, so each becomes U+FFFD, as in every text that is sent as UTF-8. */
function wellFormed(text: string): string {
  if (!text.includes("\\ud")) return text;
  return text.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/gs, (escape) => (escape.length === 6 ? "\ufffd" : escape));
}
