/**
 * From the session ID in a visitor's cookie to the key on the server.
 *
 * The key holds a hash of the ID, never the ID: a key that shows up in MONITOR, a backup or a list of devices is no
 * cookie, and an ID of any length and content names exactly one key under the prefix. The form is that of the module's own
 * bearer tokens.
 */
import * as crypto from "node:crypto";

/** An ID of a session that was rotated in a cluster: the hash tag of its slot, a dot, and the ID itself. */
const TAGGED = /^([0-9a-f]{4})\.(.+)$/s;

/** What the keys of a store look like behind its prefix. */
const HANDLE = /^(?:\{[0-9a-f]{4}\}:)?t[0-9a-f]{32}$/;

/** @returns the key of the session with this ID. `cluster` adds a hash tag, which spreads sessions over all slots. */
export function keyOf(prefix: string, sid: string, cluster: boolean): string {
  if (!cluster) return `${prefix}t${digest(sid)}`;
  const [, tag, rest] = TAGGED.exec(sid) ?? [];
  if (tag !== undefined && rest !== undefined) return `${prefix}{${tag}}:t${digest(rest)}`;
  const hash = digest(sid);
  return `${prefix}{${hash.slice(0, 4)}}:t${hash}`;
}

/** @returns `generated` with the hash tag of `key` before it, so that both keys lie in one slot */
export function sidBeside(prefix: string, key: string, generated: string): string {
  return `${key.slice(prefix.length + 1, prefix.length + 5)}.${generated}`;
}

/** The name of a session that may be shown to its user: the key without the prefix. */
export function handleOf(prefix: string, key: string): string {
  return key.slice(prefix.length);
}

/** Whether the text is a handle, and so names no key of another store or kind. */
export function isHandle(text: string): boolean {
  return HANDLE.test(text);
}

// The one-shot function of Node 20.12 takes half the time.
const digest: (sid: string) => string =
  typeof crypto.hash === "function"
    ? (sid) => crypto.hash("sha256", sid, "hex").slice(0, 32)
    : (sid) => crypto.createHash("sha256").update(sid).digest("hex").slice(0, 32);
