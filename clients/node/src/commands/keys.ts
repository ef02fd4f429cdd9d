/** Keys of sessions: their tokens, and the hash tags that a cluster needs. */
import { createHash, randomBytes } from "node:crypto";

/**
 * The key of the session that has this token.
 *
 * The cookie of a browser is checked before: a token is 43 characters of base64url.
 *
 * @param prefix the pattern of `create` without its `*`, in a cluster with the hash tag: `session:{3f9a}:`
 */
export function keyOfToken(prefix: string, token: string): string {
  return `${prefix}t${createHash("sha256").update(token).digest("hex").slice(0, 32)}`;
}

/** The hash tag of a key, which decides its slot; undefined if the whole key does. */
export function hashTag(key: string): string | undefined {
  const open = key.indexOf("{");
  const close = open < 0 ? -1 : key.indexOf("}", open + 1);
  return close > open + 1 ? key.slice(open + 1, close) : undefined;
}

/** The pattern with a hash tag before its `*`, if it has none: that of `beside`, or four random hex digits. */
export function tagged(pattern: string, beside?: string): string {
  if (hashTag(pattern) !== undefined) return pattern;
  const tag = beside === undefined ? randomBytes(2).toString("hex") : hashTag(beside);
  return tag === undefined ? pattern : `${pattern.slice(0, -1)}{${tag}}:*`;
}
