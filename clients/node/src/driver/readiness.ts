/**
 * Commands that wait until a client of ioredis is connected. All of one client share two listeners: Node warns of more than
 * ten, and a page that is opened while the server restarts brings more commands than that.
 */
import type { Deadlines, Pending } from "./deadlines.js";

/** A client that connects, as far as it is used here. */
export interface Connecting {
  readonly status: string;
  connect(): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

export class Readiness<C extends Connecting> {
  private readonly waiting = new Set<() => void>();
  private listening = false;

  constructor(readonly client: C) {}

  /** Calls `go` when the client is ready, or will not be any more, unless the command expires before. */
  wait(pending: Pending, go: () => void): void {
    if (this.client.status === "end") {
      go();
      return;
    }
    this.waiting.add(go);
    pending.addEventListener("abort", () => this.waiting.delete(go));
    if (!this.listening) {
      this.listening = true;
      this.client.on("ready", this.release);
      this.client.on("end", this.release);
    }
    // The state of a client with the option lazyConnect. Its errors arrive as the event "error".
    if (this.client.status === "wait") this.client.connect().catch(() => undefined);
  }

  /** Resolves when the client is ready, or will not be any more. */
  ready(deadlines: Deadlines): Promise<void> {
    if (this.client.status === "ready") return Promise.resolve();
    return new Promise((resolve, reject) => {
      const pending = deadlines.begin(reject);
      this.wait(pending, () => {
        deadlines.end(pending);
        resolve();
      });
    });
  }

  private readonly release = (): void => {
    this.listening = false;
    this.client.off("ready", this.release);
    this.client.off("end", this.release);
    const released = [...this.waiting];
    this.waiting.clear();
    for (const go of released) go();
  };
}
