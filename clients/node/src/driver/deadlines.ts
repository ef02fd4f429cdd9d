/**
 * The time-out of commands. All commands of one driver have the same, so they expire in the order in which they began:
 * they stand in a list in this order, and one timer watches the oldest. A timer for each command would cost more than all
 * else that is done for a command here.
 */
// Not the globals: tests of an application may have replaced those by a clock that stands still.
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers";
import { UnavailableError } from "../errors.js";

/**
 * One command that waits for its reply. node-redis takes it as the command's AbortSignal, of which it uses these members
 * only: a command that has expired before it was written is then never sent.
 */
export class Pending {
  aborted = false;
  before: Pending | undefined;
  after: Pending | undefined;
  private listener: (() => void) | undefined;

  /** @param expires when the command expires, by performance.now() */
  constructor(
    readonly expires: number,
    readonly reject: (error: Error) => void,
  ) {}

  addEventListener(_type: "abort", listener: () => void): void {
    this.listener = listener;
  }

  removeEventListener(): void {
    this.listener = undefined;
  }

  expire(ms: number): void {
    this.aborted = true;
    this.reject(new UnavailableError("TIMEOUT", `no answer from the server within ${String(ms)} ms`));
    this.listener?.();
  }
}

export class Deadlines {
  private oldest: Pending | undefined;
  private newest: Pending | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** @param ms the time-out in milliseconds; 0 is none */
  constructor(readonly ms: number) {}

  /** Begins to wait. `reject` is called unless `end` is called in time. */
  begin(reject: (error: Error) => void): Pending {
    if (this.ms === 0) return new Pending(Infinity, reject);
    const pending = new Pending(performance.now() + this.ms, reject);
    pending.before = this.newest;
    if (this.newest === undefined) this.oldest = pending;
    else this.newest.after = pending;
    this.newest = pending;
    if (this.timer === undefined) this.arm(this.ms);
    return pending;
  }

  /** Ends the wait; a second call does nothing. */
  end(pending: Pending): void {
    const { before, after } = pending;
    if (before === undefined && after === undefined && this.oldest !== pending) return;
    if (before === undefined) this.oldest = after;
    else before.after = after;
    if (after === undefined) this.newest = before;
    else after.before = before;
    pending.before = pending.after = undefined;
  }

  private arm(ms: number): void {
    this.timer = setTimeout(this.check, ms);
    // The connection keeps the process alive while there is something to wait for.
    this.timer.unref();
  }

  private readonly check = (): void => {
    this.timer = undefined;
    const now = performance.now();
    for (let oldest = this.oldest; oldest !== undefined; oldest = this.oldest) {
      if (oldest.expires > now) {
        this.arm(Math.ceil(oldest.expires - now));
        return;
      }
      this.end(oldest);
      oldest.expire(this.ms);
    }
  };
}
