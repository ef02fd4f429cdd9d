/**
 * The writes to a live session, and what becomes of one that has ended: the write is dropped and told, and nothing is
 * created.
 */
import type { Sessions } from "../commands/sessions.js";
import { JsonText } from "../commands/json.js";
import { NoSessionError } from "../errors.js";
import type { Difference } from "./difference.js";
import type { StoreEvents } from "./how.js";
import { absoluteOf } from "./lifetime.js";
import type { Settings } from "./options.js";
import type { StoredRecord } from "./record.js";
import type { Registration } from "./schema.js";

type Lost = StoreEvents["lost"][0];

export class Writes {
  /** @param onLost is told of each write that was dropped */
  constructor(
    private readonly sessions: Sessions,
    private readonly registration: Registration,
    private readonly settings: Settings,
    private readonly nameOf: (user: string) => string,
    private readonly onLost: (info: Lost) => void,
  ) {}

  /** Writes the difference. @returns false if the session has ended */
  async patch(record: StoredRecord, change: Difference, idle: number): Promise<boolean> {
    try {
      await this.registration.with((schema) =>
        this.sessions.patch(record.key, new JsonText(change.patch), { pidle: idle, schema }),
      );
    } catch (error) {
      if (!(error instanceof NoSessionError)) throw error;
      return this.lost("save", record.key);
    }
    record.wrote(change.after, change.cookie, idle);
    return true;
  }

  /** Records an access if the option `touch` wants that or `confirm` is true, unless a write of the same request just has. */
  async access(record: StoredRecord, idle: number, confirm = false): Promise<boolean> {
    const known = idle === record.idle;
    if (!confirm && this.settings.touch !== "request" && (known || record.idle === undefined)) return true;
    // As for reads, the server's own rule: up to a tenth of the idle timeout an access need not be recorded.
    if (known && Date.now() - record.written < Math.min(10_000, idle / 10)) return true;
    if (!(await this.sessions.touch(record.key, { pidle: idle }))) return this.lost("touch", record.key);
    record.idle = idle;
    return true;
  }

  /** Tells that a write was dropped. */
  lost(operation: Lost["operation"], key: string): false {
    // A touch carries no data: every page that polls during a logout has one.
    if (operation !== "touch")
      this.settings.log(`a session ended during a request, and its ${operation} was dropped: ${key}`);
    this.onLost({ operation, key });
    return false;
  }

  /** The options that a new session and a login have in common; undefined if it would end at once. */
  limits(data: object, idle: number, user: string | undefined) {
    const px = absoluteOf(data, this.settings.absoluteTimeout);
    if (px === 0) return undefined;
    // Without PERSIST the server's `session.ttl` would end a session of 30 days after 6 hours.
    const deadline = px === undefined ? { persist: true } : { px };
    const { maxSessions, refuse } = this.settings;
    const limit = maxSessions === undefined || user === undefined ? {} : { maxSessions, refuse };
    return { ...deadline, pidle: idle, ...(user === undefined ? {} : { user: this.nameOf(user), ...limit }) };
  }
}
