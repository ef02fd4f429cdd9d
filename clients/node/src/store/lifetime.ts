/**
 * How long a session lives, from its cookie and the options of the store.
 *
 * The cookie's `originalMaxAge` is the idle timeout, because frameworks send the cookie anew with that age whenever the
 * session is used. It is taken to the millisecond.
 */

/** About 3,000 years: beyond it JavaScript has no dates, and the server would refuse the number sooner or later. */
const LONGEST = 1e14;

/**
 * express-session sets `expires` from the clock and computes `originalMaxAge` back from the clock, so each touch can lose
 * a few milliseconds. A decrease by no more than this is that, and not a change.
 */
const DRIFT = 20;

/** Milliseconds, or a function of the session's data that returns them. */
export type Timeout<T> = number | ((session: Record<string, unknown>) => T);

/** The parts of a cookie that say how long it lives, as frameworks and applications set them. */
interface CookieTimes {
  readonly originalMaxAge?: unknown;
  readonly maxAge?: unknown;
  readonly expires?: unknown;
}

/**
 * The idle timeout in whole milliseconds, 1 or more; 0 if the session ends now.
 *
 * A function as `idleTimeout` decides for every session, a number only for those whose cookie has no age.
 *
 * @throws TypeError if the function returns no number
 */
export function idleOf(data: object, idleTimeout: Timeout<number>): number {
  if (typeof idleTimeout === "function")
    return timeoutFrom("idleTimeout", idleTimeout(data as Record<string, unknown>));
  const cookie = (data as { cookie?: CookieTimes | null }).cookie;
  return whole(ageOf(cookie) ?? idleTimeout);
}

/** The time to the deadline in whole milliseconds; undefined for none; 0 if the session ends now. */
export function absoluteOf(data: object, timeout: Timeout<number | undefined> | undefined): number | undefined {
  if (typeof timeout !== "function") return timeout === undefined ? undefined : whole(timeout);
  const value = timeout(data as Record<string, unknown>);
  return value === undefined ? undefined : timeoutFrom("absoluteTimeout", value);
}

/** @returns `age`, or `before` if it is that but for the drift of the clock */
export function withoutDrift(age: number, before: unknown): number {
  return typeof before === "number" && age < before && before - age <= DRIFT ? before : age;
}

/** The age that the cookie has, in ms; undefined for a cookie that ends with the browser. */
function ageOf(cookie: CookieTimes | null | undefined): number | undefined {
  if (typeof cookie !== "object" || cookie === null) return undefined;
  if (isNumber(cookie.originalMaxAge)) return cookie.originalMaxAge;
  const expires = cookie.expires;
  if (expires instanceof Date || typeof expires === "string") {
    const left = new Date(expires).getTime() - Date.now();
    if (isNumber(left)) return left;
  }
  return isNumber(cookie.maxAge) ? cookie.maxAge : undefined;
}

function timeoutFrom(option: string, value: unknown): number {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(`the function ${option} must return a number of milliseconds, not ${typeof value}`);
  }
  return whole(value);
}

function whole(ms: number): number {
  return ms <= 0 ? 0 : Math.ceil(Math.min(ms, LONGEST));
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && !Number.isNaN(value);
}
