// What the tests of one file share: a server, a client of it, and prefixes for the keys of their stores.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Redis } from "ioredis";
import { Server } from "./server.js";

/** Made at the top of a file of tests: a server with a client, from before its first test until after its last. */
export class SharedServer {
  private started: { readonly server: Server; readonly client: Redis } | undefined;
  private stores = 0;

  constructor() {
    before(async () => {
      const server = await Server.start();
      this.started = { server, client: new Redis(server.url) };
    });
    after(async () => {
      this.started?.client.disconnect();
      await this.started?.server.stop();
    });
  }

  private get running(): { readonly server: Server; readonly client: Redis } {
    assert.ok(this.started !== undefined, "the server starts before the first test, not when the file is read");
    return this.started;
  }

  get url(): string {
    return this.running.server.url;
  }

  get client(): Redis {
    return this.running.client;
  }

  /** Options of a store whose keys no other store of the file has. */
  storeOptions(options: object = {}): { readonly client: Redis; readonly prefix: string } {
    this.stores++;
    return { client: this.client, prefix: this.prefix, ...options };
  }

  /** The prefix of the latest store. */
  get prefix(): string {
    return `s${String(this.stores)}:`;
  }
}

/** What a store tells of lost writes, from now on. */
export function lostOf<Info>(store: { on(event: "lost", told: (info: Info) => void): unknown }): Info[] {
  const lost: Info[] = [];
  store.on("lost", (info) => lost.push(info));
  return lost;
}
