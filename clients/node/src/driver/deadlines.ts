/**
 * The time-out of commands. All commands of one driver have the same, so they expire in the order in which they began:
 * one timer watches the oldest, where a timer for each command would cost more than the command's own bookkeeping.
 */
import { UnavailableError } from "../errors.js";

/**
 * One command that waits for its reply. node-redis takes it as the command's AbortSignal, of which it uses these members
 * only: a command that has expired before it was written is then never sent.
 */
export class Pending {
  aborted = false;
  private listener: (() => void) | undefined;

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
  private readonly pending = new Set<Pending>();
  private timer: NodeJS.Timeout | undefined;

  /** @param ms the time-out in milliseconds; 0 is none */
  constructor(readonly ms: number) {}

  /** Begins to wait. `reject` is called unless `end` is called in time. */
  begin(reject: (error: Error) => void): Pending {
    if (this.ms === 0) return new Pending(Infinity, reject);
    const pending = new Pending(performance.now() + this.ms, reject);
    this.pending.add(pending);
    if (this.timer === undefined) this.arm(this.ms);
    return pending;
  }

  end(pending: Pending): void {
    this.pending.delete(pending);
  }

  private arm(ms: number): void {
    this.timer = setTimeout(this.check, ms);
    // The connection keeps the process alive while there is something to wait for.
    this.timer.unref();
  }

  private readonly check = (): void => {
    this.timer = undefined;
    const now = performance.now();
    for (const pending of this.pending) {
      if (pending.expires > now) {
        this.arm(Math.ceil(pending.expires - now));
        return;
      }
      this.pending.delete(pending);
      pending.expire(this.ms);
    }
  };
}
