// Storages for React Router on a real server, and what a browser makes of their headers.
import { createHash } from "node:crypto";
import type { Session } from "react-router";
import { createRedisSessionStorage, type RedisSessionStorage } from "redis-session-client/react-router";
import type { RedisSessionStorageOptions } from "redis-session-client/react-router";
import { nodeRedisClient, type Connected } from "./drivers.js";
import { Server } from "./server.js";

export type Client = RedisSessionStorageOptions["client"];
export type Options = Omit<RedisSessionStorageOptions, "client">;

/** A server with a client, for the tests of one file. */
export class Site {
  private constructor(
    readonly server: Server,
    private readonly connected: Connected,
  ) {}

  static async open(): Promise<Site> {
    const server = await Server.start();
    return new Site(server, await nodeRedisClient("redis", server.url));
  }

  get client(): Client {
    return this.connected.client;
  }

  storage(options: Options = {}): RedisSessionStorage {
    return createRedisSessionStorage({ client: this.client, ...options });
  }

  /** How many sessions there are. */
  async count(): Promise<number> {
    return Number((await this.server.ask("DBSIZE")).slice(1));
  }

  /** How many commands of this name the server has run. */
  async calls(command: string): Promise<number> {
    const client = this.connected.client as { sendCommand(args: string[]): Promise<unknown> };
    const stats = String(await client.sendCommand(["INFO", "commandstats"]));
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`, "i").exec(stats)?.[1] ?? 0);
  }

  async close(): Promise<void> {
    await this.connected.close();
    await this.server.stop();
  }
}

/** The Cookie header that a browser sends after this Set-Cookie. */
export function carried(setCookie: string): string {
  return setCookie.split(";", 1)[0] ?? "";
}

/** The attributes of a Set-Cookie header without its value, in the order of the header. */
export function attributes(setCookie: string): string[] {
  const [pair = "", ...rest] = setCookie.split("; ");
  return [pair.split("=", 1)[0] ?? "", ...rest];
}

/** Begins a session with these members. Resolves to the Cookie header. */
export async function begun(storage: RedisSessionStorage, members: object): Promise<string> {
  const session = await storage.getSession();
  for (const [name, value] of Object.entries(members)) session.set(name, value);
  return carried(await storage.commitSession(session));
}

/** The key of the session on the server. */
export function keyOf(session: Session): string {
  return `session:t${createHash("sha256").update(session.id).digest("hex").slice(0, 32)}`;
}
