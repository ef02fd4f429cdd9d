/**
 * Takes over sessions that connect-redis has stored (a key `sess:<sid>` with JSON), each when its visitor comes back.
 *
 * The new session is made before the old key is deleted, so a crash in between loses nobody. Only the request whose IMPORT
 * made the session deletes the old key; if that is gone by then, the visitor has logged out meanwhile, and the new session
 * ends too.
 */
import { JsonText } from "../commands/json.js";
import type { Sessions } from "../commands/sessions.js";
import type { Driver } from "../driver/driver.js";
import { BadJsonError, InvalidError, SessionError } from "../errors.js";
import { absoluteOf, idleOf } from "./lifetime.js";
import type { LegacyOptions, Settings } from "./options.js";
import type { Registration } from "./schema.js";
import { storedText, type Members } from "./text.js";

/** How sessions of another framework's store differ from those of connect-redis. */
export interface LegacyForm {
  /** What its keys begin with, if the option says nothing. */
  readonly prefix?: string | undefined;
  /** Whether the data is a session at all. */
  readonly isSession?: ((data: Members) => boolean) | undefined;
  /** The idle timeout in ms, and when the session was used last, for data without a cookie. */
  readonly times?:
    ((data: Members) => { readonly idle?: number | undefined; readonly used?: number | undefined }) | undefined;
}

/** What the store gives to it. */
export interface LegacyContext {
  readonly settings: Settings;
  readonly sessions: Sessions;
  readonly registration: Registration;
  readonly form: LegacyForm;
  readonly nameOf: (user: string) => string;
  readonly imported: (key: string) => void;
}

export class Legacy {
  private readonly prefix: string;

  /** @param driver that of the old sessions' server */
  constructor(
    private readonly options: LegacyOptions,
    private readonly driver: Driver,
    private readonly context: LegacyContext,
  ) {
    this.prefix = options.prefix ?? context.form.prefix ?? "sess:";
  }

  /** Makes the session `key` of the old session with this ID. False if there is none, or it has ended meanwhile. */
  async take(sid: string, key: string): Promise<boolean> {
    const old = this.prefix + sid;
    const [text, left] = await this.read(old);
    if (text === null || left === null) return false;
    const data = this.parsed(text, key);
    if (data === null) return false;
    const made = await this.make(key, data, left);
    // Otherwise a parallel request has made it, or its cookie says that it ends now.
    if (made !== "made") return made === "there";
    if ((await this.delete(old)) === 0) {
      await this.context.sessions.del(key);
      return false;
    }
    this.context.imported(key);
    return true;
  }

  /** Ends the old session with this ID. */
  async end(sid: string): Promise<boolean> {
    return (await this.delete(this.prefix + sid)) > 0;
  }

  private async delete(old: string): Promise<number> {
    // In lower case, because iovalkey adds its `keyPrefix`, as it did for connect-redis, only then.
    return Number(await this.driver.send(old, ["del", old]));
  }

  /** The text, and the ms that it has left: Infinity without an end, null if it is gone. */
  private async read(old: string): Promise<readonly [string | null, number | null]> {
    try {
      const [text, left] = await Promise.all([
        this.driver.send(old, ["get", old]),
        this.driver.send(old, ["pttl", old]),
      ]);
      return [text as string | null, Number(left) === -2 ? null : Number(left) === -1 ? Infinity : Number(left)];
    } catch (error) {
      // A session ID that nobody has signed can name any key.
      if (error instanceof SessionError && error.code === "WRONGTYPE") return [null, null];
      throw error;
    }
  }

  private parsed(text: string, key: string): Members | null {
    let data: unknown;
    try {
      data = (this.options.parse ?? JSON.parse)(text);
    } catch {
      this.context.settings.log(`an old session has a form that cannot be read, and was left: ${key}`);
      return null;
    }
    if (typeof data !== "object" || data === null || Array.isArray(data)) return null;
    return (this.context.form.isSession?.(data as Members) ?? true) ? (data as Members) : null;
  }

  private async make(key: string, data: Members, left: number): Promise<"made" | "there" | "ended"> {
    const { settings, sessions, registration, form, nameOf } = this.context;
    const times = form.times?.(data) ?? {};
    const idle = times.idle ?? idleOf(data, settings.idleTimeout);
    const px = absoluteOf(data, settings.absoluteTimeout);
    if (idle <= 0 || px === 0) return "ended";
    const now = await this.serverTime(key);
    // It keeps the time that it has left, and is as old as its last write says, since nothing says more.
    const accessed = Math.min(now, now - idle + left);
    const created = Math.min(accessed, times.used ?? lastUse(data) ?? now);
    const user = this.options.user?.(data);
    const options = {
      ...(px === undefined ? { persist: true } : { px }),
      ...(user === undefined ? {} : { user: nameOf(user) }),
      ...{ created: Math.max(0, created), accessed: Math.max(0, accessed), pidle: idle },
    };
    try {
      const made = await registration.with((schema) =>
        sessions.import(key, new JsonText(storedText(data)), { ...options, schema }),
      );
      return made ? "made" : "there";
    } catch (error) {
      if (!(error instanceof InvalidError || error instanceof BadJsonError)) throw error;
      settings.log(`an old session was left where it is (${error.code}): ${key}`);
      return "ended";
    }
  }

  /** By the clock of the server, which refuses times in its future. */
  private async serverTime(key: string): Promise<number> {
    const [seconds, micros] = (await this.context.sessions.driver.send(key, ["TIME"])) as readonly unknown[];
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }
}

/** When connect-redis has written the session last: its cookie then had its whole age before it. */
function lastUse(data: Members): number | undefined {
  const { expires, originalMaxAge } = (data["cookie"] ?? {}) as { expires?: unknown; originalMaxAge?: unknown };
  if (typeof originalMaxAge !== "number" || (typeof expires !== "string" && typeof expires !== "number"))
    return undefined;
  const time = new Date(expires).getTime() - originalMaxAge;
  return Number.isNaN(time) ? undefined : Math.floor(time);
}
