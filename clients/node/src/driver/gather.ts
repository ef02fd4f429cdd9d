/**
 * Sends the commands of one turn of the event loop together. ioredis gives each command to the operating system by itself,
 * which costs about as much as all else that is done for a command; the requests of many visitors then share one such call.
 * node-redis does the same of its own accord.
 */

/** As it is when this file is loaded: the tests of an application may later put a clock in its place that stands still. */
const atEndOfTurn = setImmediate;

/** The connection, as far as it is used here. */
export interface Corkable {
  cork(): void;
  uncork(): void;
}

export class Gathering {
  private corked: Corkable | undefined;

  /** Call it before a command is written: the connection keeps what is written until the end of this turn. */
  hold(stream: Corkable | null | undefined): void {
    if (this.corked !== undefined || !stream) return;
    stream.cork();
    this.corked = stream;
    atEndOfTurn(this.release);
  }

  private readonly release = (): void => {
    this.corked?.uncork();
    this.corked = undefined;
  };
}
