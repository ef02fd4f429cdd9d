/** What several methods of Sessions do with their arguments. */
import { jsonOf } from "./json.js";
import { text, texts, words } from "./options.js";
import type { RotateAsOptions } from "./types.js";

/** SESSION.ROTATE, up to what differs between the two methods. */
export function rotation(key: string, newKey: string, method: "rotate" | "rotateAs", how: RotateAsOptions): string[] {
  const args = words(["SESSION.ROTATE", text(key, "the key"), newKey], method, how);
  if (how.patch !== undefined) args.push("PATCH", jsonOf(how.patch, "patch"));
  return args;
}

/** Appends TOKEN, which is the default. */
export function token(args: string[], how: { readonly token?: boolean | undefined }): string[] {
  if (how.token !== undefined && typeof how.token !== "boolean") throw new TypeError("token is true or false");
  if (how.token !== false) args.push("TOKEN");
  return args;
}

/** A key that is no pattern, which would create a session instead. */
export function concrete(key: string, instead: string): string {
  if (text(key, "the key").endsWith("*"))
    throw new TypeError(`a key that ends in '*' is a pattern; ${instead} takes one`);
  return key;
}

/** One key, or several. */
export function keysOf(keys: string | readonly string[] | undefined, name: string): readonly string[] | undefined {
  return typeof keys === "string" ? [keys] : keys === undefined ? undefined : texts(keys, name);
}
