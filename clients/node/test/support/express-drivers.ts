// Runs the tests of the store for express-session over every driver, on one server.
import { after, before, describe } from "node:test";
import { RedisSessionStore } from "redis-session-client/express";
import { drivers, type Connected } from "./drivers.js";
import { Server } from "./server.js";
import { serve, type Routes, type Site, type SiteOptions } from "./web.js";
import type { Visitor } from "./visitor.js";

export type StoreOptions = ConstructorParameters<typeof RedisSessionStore>[0];

export interface Tools {
  /** The server's URL. */
  readonly url: () => string;
  /** A store with a prefix of its own. */
  readonly store: (options?: Partial<StoreOptions>) => RedisSessionStore;
  /** A site with such a store. */
  readonly site: (
    routes: Routes,
    options?: Partial<StoreOptions>,
    session?: Partial<SiteOptions>,
  ) => Promise<{
    readonly store: RedisSessionStore;
    readonly prefix: string;
    readonly visitor: () => Visitor;
  }>;
  /** The command's reply, from the driver under test. */
  readonly send: (...args: string[]) => Promise<unknown>;
}

let stores = 0;

export function overDrivers(body: (tools: Tools) => void): void {
  let server: Server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server.stop());
  for (const driver of drivers) {
    describe(driver.name, () => {
      let connected: Connected;
      const sites: Site[] = [];
      before(async () => {
        connected = await driver.connect(server.url);
      });
      after(async () => {
        for (const site of sites) await site.close();
        await connected.close();
      });
      const store = (options: Partial<StoreOptions> = {}) =>
        new RedisSessionStore({ client: connected.client, prefix: `s${String(stores++)}:`, ...options });
      body({
        url: () => server.url,
        store,
        async site(routes, options = {}, session = {}) {
          const { prefix = `s${String(stores++)}:` } = options;
          const made = store({ ...options, prefix });
          const served = await serve({ store: made, ...session }, routes);
          sites.push(served);
          return { store: made, prefix, visitor: () => served.visitor() };
        },
        send: (...args) => store().sessions.driver.send(args[1] ?? "", args),
      });
    });
  }
}
