/** The words of GET and VERIFY, and their replies. */
import type { Reply } from "../driver/driver.js";
import { integer, text, texts, words } from "./options.js";
import { DetailedSession, FIELDS, readFields, readValues, StoredSession, type Field, type Values } from "./replies.js";

export interface ReadRequest {
  readonly withInfo?: boolean | undefined;
  readonly fields?: readonly Field[] | undefined;
}

/** All metadata is asked for by FIELDS, not by WITHINFO: an array of values costs less than a map, here and there. */
const ALL_FIELDS = ["FIELDS", String(FIELDS.length), ...FIELDS];

/** SESSION.GET, up to the fields. */
export function getWords(key: string, method: "get" | "getPaths", options: object | undefined): string[] {
  return words(["SESSION.GET", text(key, "the key")], method, options);
}

/** SESSION.VERIFY, up to the fields. */
export function verifyWords(key: string, method: "verify" | "verifyPaths", options: object = {}): string[] {
  const { schema, ...rest } = options as { schema?: string | readonly string[] };
  const args = ["SESSION.VERIFY", text(key, "the key")];
  if (schema !== undefined) {
    for (const name of typeof schema === "string" ? [schema] : texts(schema, "schema")) args.push("SCHEMA", name);
  }
  return words(args, method, rest);
}

/** The fields that a read asks for; undefined for none. Their words are appended to `args`. */
export function askFields(args: string[], request: ReadRequest = {}): readonly Field[] | undefined {
  const { withInfo, fields } = request;
  if (fields === undefined) {
    if (withInfo !== true) return undefined;
    args.push(...ALL_FIELDS);
    return FIELDS;
  }
  if (withInfo === true) throw new TypeError("withInfo and fields contradict each other: give one of them");
  return fieldWords(args, fields);
}

export function fieldWords<F extends Field>(args: string[], fields: readonly F[]): readonly F[] {
  if (texts(fields, "fields").length === 0) throw new TypeError("fields must name at least one field");
  args.push("FIELDS", integer(fields.length, "fields"), ...fields);
  return fields;
}

export function pathWords<P extends string>(args: string[], pointers: readonly P[]): readonly P[] {
  if (texts(pointers, "the pointers").length === 0) throw new TypeError("name at least one JSON Pointer");
  args.push("PATH", ...pointers);
  return pointers;
}

export function readSession<Data>(reply: Reply, fields: readonly Field[] | undefined): StoredSession<Data> | null {
  if (reply === null) return null;
  if (fields === undefined) return new StoredSession(reply as string);
  const [values, data] = reply as readonly [readonly Reply[], string];
  return new DetailedSession(data, readFields(fields, values));
}

/** A read of parts. With one pointer nil would be no value or no session, so a field is always asked for. */
export function readPaths<P extends string>(pointers: readonly P[], reply: Reply): Values<P> | null {
  return reply === null ? null : readValues(pointers, (reply as readonly [Reply, Reply])[1]);
}
