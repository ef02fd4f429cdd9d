/**
 * What the stores have in common whose framework asks for no base class of its own: events, users, and all sessions.
 */
import { EventEmitter } from "node:events";
import type { Sessions } from "../commands/sessions.js";
import type { LegacyForm } from "./legacy.js";
import type { StoreOptions } from "./options.js";
import type { StoreEvents } from "./how.js";
import { SessionRecords } from "./records.js";
import type { Members } from "./text.js";
import type { Device, DevicesOptions, Handles } from "./users.js";

export abstract class BaseStore<Request extends object> extends EventEmitter<StoreEvents> {
  protected readonly records: SessionRecords;

  protected constructor(options: StoreOptions, form?: LegacyForm) {
    super();
    this.records = new SessionRecords(options, form);
    this.records.on("lost", (info) => this.emit("lost", info));
    this.records.on("login", (info) => this.emit("login", info));
    this.records.on("imported", (info) => this.emit("imported", info));
  }

  /** All commands of the module, on the store's client; `keyOf` has the keys. */
  get sessions(): Sessions {
    return this.records.sessions;
  }

  /** The key of the session with this ID. It holds a hash of the ID, so it may be shown. */
  keyOf(sid: string): string {
    return this.records.keyOf(sid);
  }

  /** The user's sessions, the most recently used first. `current` marks the one of this request. */
  list(user: string, options: DevicesOptions & { readonly current?: Request } = {}): Promise<Device[]> {
    const { current, ...rest } = options;
    return this.records.users.list(user, rest, current && this.keyOfRequest(current));
  }

  /**
   * Ends sessions of the user, and resolves to how many: all of them, all `except` that of a request, or `only` some.
   *
   * @param how `only` takes handles of `list`, which may come from the visitor
   */
  revoke(
    user: string,
    how:
      | { readonly except?: Request; readonly only?: undefined }
      | { readonly only: Handles; readonly except?: undefined } = {},
  ): Promise<number> {
    return this.records.users.revoke<Request>(user, how, (request) => this.keyOfRequest(request));
  }

  /** Ends sessions by the handles of `ids` and `all`, for administrators; resolves to how many were live. */
  endByHandle(handles: Handles): Promise<number> {
    return this.records.users.end(handles);
  }

  /** All live sessions, each with its handle. Reading them is no access. */
  all(): Promise<{ readonly handle: string; readonly data: Members }[]> {
    return this.records.users.all();
  }

  /** The handles of all sessions. IDs are not stored, only their hashes. */
  ids(): Promise<string[]> {
    return this.records.users.handles();
  }

  /** How many sessions there are. */
  async length(): Promise<number> {
    return (await this.records.users.handles()).length;
  }

  /** Ends all sessions. */
  clear(): Promise<void> {
    return this.records.users.clear();
  }

  /** The ID of the request's session; undefined if it has none. */
  protected abstract sidOf(request: Request): string | undefined;

  private keyOfRequest(request: Request): string | undefined {
    const sid = this.sidOf(request);
    return sid === undefined ? undefined : this.keyOf(sid);
  }
}
