/**
 * The difference of two states of a session as one patch for SESSION.PATCH.
 *
 * It goes by top-level members, the unit in which frameworks read and write sessions: of two requests that change
 * different members both changes stay, and of two that change the same member the last one wins, whatever lies inside.
 */
import { memberText, type Members } from "./text.js";

export interface Difference {
  /** A JSON Merge Patch, or a JSON Patch where that cannot say it. */
  readonly patch: string;
  /** The cookie member after it. */
  readonly cookie: unknown;
  /** Makes the members after it, as values that nobody else holds: for a second write of the same request. */
  readonly after: () => Members;
}

/**
 * The patch that turns the members of `before` into those of `after`; null if they are the same.
 *
 * @param before the members as they are stored, as values that nobody else holds
 * @param after the members as `JSON.stringify` takes them
 * @param untaken tells members of `before` that are absent from `after` only because the framework's session object
 *   cannot hold them, such as one with the name of a method; they are left alone
 * @throws TypeError for values that have no JSON: circles, BigInt
 */
export function difference(before: Members, after: Members, untaken: (name: string) => boolean): Difference | null {
  const changes: Change[] = [];
  let kept = 0;
  for (const name of Object.keys(after)) {
    const had = Object.hasOwn(before, name);
    const value = after[name];
    // Most members are plain values that have not changed, and need no JSON.
    if (had && before[name] === value) {
      kept++;
      continue;
    }
    const text = memberText(name, value);
    if (text === undefined) continue;
    if (had) kept++;
    if (had && JSON.stringify(before[name]) === text) continue;
    changes.push({ name, text, mergeable: !text.startsWith("{") && text !== "null" });
  }
  if (kept < Object.keys(before).length) {
    for (const name of Object.keys(before)) {
      const gone = !Object.hasOwn(after, name) || memberText(name, after[name]) === undefined;
      if (gone && !untaken(name)) changes.push({ name, text: null, mergeable: true });
    }
  }
  if (changes.length === 0) return null;
  return made(before, changes, changes.every(({ mergeable }) => mergeable) ? mergePatch(changes) : jsonPatch(changes));
}

/** The difference that one member with a new value makes. */
export function withMember(before: Members, name: string, value: unknown): Difference {
  const changes: Change[] = [{ name, text: memberText(name, value) ?? null, mergeable: false }];
  return made(before, changes, jsonPatch(changes));
}

function made(before: Members, changes: readonly Change[], patch: string): Difference {
  const cookie = changes.find(({ name }) => name === "cookie");
  return {
    patch,
    cookie: cookie === undefined ? before["cookie"] : parsedValue(cookie.text),
    after: () => changed(before, changes),
  };
}

function parsedValue(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}

function changed(before: Members, changes: readonly Change[]): Members {
  const after = { ...before };
  for (const { name, text } of changes) {
    if (text === null) Reflect.deleteProperty(after, name);
    // An assignment to `__proto__` would not make a member.
    else Object.defineProperty(after, name, { ...MEMBER, value: parsedValue(text) });
  }
  return after;
}

const MEMBER = { configurable: true, enumerable: true, writable: true };

interface Change {
  readonly name: string;
  /** The new value as JSON; null removes the member. */
  readonly text: string | null;
  /** Whether a merge patch can set it: it would remove for null, and merge objects. */
  readonly mergeable: boolean;
}

function mergePatch(changes: readonly Change[]): string {
  return `{${changes.map(({ name, text }) => `${JSON.stringify(name)}:${text ?? "null"}`).join(",")}}`;
}

function jsonPatch(changes: readonly Change[]): string {
  const operations = changes.map(({ name, text }) => {
    const path = JSON.stringify(`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
    const add = `{"op":"add","path":${path},"value":${text ?? "null"}}`;
    // A `remove` alone fails if a parallel request has removed the member already.
    return text === null ? `${add},{"op":"remove","path":${path}}` : add;
  });
  return `[${operations.join(",")}]`;
}
