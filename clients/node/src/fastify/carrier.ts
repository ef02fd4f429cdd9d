/**
 * Ties the Session objects that @fastify/session makes to the records that they were loaded from.
 *
 * The framework asks a store for the data of an ID, copies its members into a Session, and later hands only that Session
 * back. To save a change and not the whole, the store must know which of the records that it has loaded the Session came
 * from. The data therefore has one enumerable member more, a function named `toJSON`, which is copied too. The
 * constructor of Session turns the new object into JSON (for `isModified`), and so calls the function with the Session as
 * `this`: the function notes the tie and removes itself. Applications see Sessions without it.
 *
 * Versions before 10.1 compute no JSON in the constructor. There the member stays until the Session is saved.
 */
import type { LoadedRecord } from "../store/record.js";

/** Names that a Session needs for itself. A stored member of such a name would break the Session, so it is left out. */
const RESERVED = new Set([
  ...["options", "touch", "regenerate", "get", "set", "destroy", "reload", "save", "isModified", "isSaved"],
  ...["sessionId", "encryptedSessionId", "constructor", "__proto__"],
]);

export class Ties {
  private readonly records = new WeakMap<object, LoadedRecord>();

  /** The data of the record, in a form that ties the Session made of it to the record. */
  data(record: LoadedRecord): Record<string, unknown> {
    const { records } = this;
    const members: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(record.data)) if (!RESERVED.has(name)) members[name] = value;
    const own = Object.getOwnPropertyDescriptor(members, "toJSON");
    members["toJSON"] = function (this: object): object {
      records.set(this, record);
      if (own === undefined) Reflect.deleteProperty(this, "toJSON");
      else Object.defineProperty(this, "toJSON", own);
      return this;
    };
    return members;
  }

  /** The record of the Session; undefined if it is new, or was made by other code. */
  of(session: object): LoadedRecord | undefined {
    const { toJSON } = session as { toJSON?: unknown };
    if (typeof toJSON === "function" && !this.records.has(session)) toJSON.call(session);
    return this.records.get(session);
  }

  tie(session: object, record: LoadedRecord): void {
    this.records.set(session, record);
  }
}
