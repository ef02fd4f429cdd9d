// All supported drivers, each in both protocols. Tests run over the whole table.
import * as ioredis from "ioredis";
import * as ioredis5 from "ioredis-5";
import * as iovalkey from "iovalkey";
import * as redis from "redis";
import * as redis5 from "redis-5";
import type { Client } from "redis-session-client";

/** A client of a driver that is connected, and a function that closes it. */
export interface Connected {
  readonly client: Client;
  readonly close: () => Promise<void>;
}

export interface DriverUnderTest {
  /** As in "ioredis-5 RESP2". */
  readonly name: string;
  readonly driver: "redis" | "redis-5" | "ioredis" | "ioredis-5" | "iovalkey";
  readonly resp: 2 | 3;
  /** Connects to the server with this URL. */
  connect(url: string): Promise<Connected>;
}

/** A client of node-redis 5 or 6. Its errors reach the commands; the listener only keeps the process from ending. */
export async function nodeRedisClient(
  module: "redis" | "redis-5",
  url: string,
  options: object = {},
): Promise<Connected> {
  const { createClient } = module === "redis" ? redis : (redis5 as unknown as typeof redis);
  const client = createClient({ url, ...options });
  client.on("error", () => undefined);
  await client.connect();
  return {
    client,
    close: async () => {
      if (client.isOpen) client.destroy();
      return Promise.resolve();
    },
  };
}

/** What the three versions of ioredis have in common. */
export interface Ioredis {
  readonly status: string;
  on(event: string, listener: (error: Error) => void): unknown;
  once(event: string, listener: () => void): unknown;
  connect(): Promise<unknown>;
  disconnect(): void;
  call(command: string, ...args: string[]): Promise<unknown>;
  sendCommand(command: never): unknown;
}

export type IoredisModule = "ioredis" | "ioredis-5" | "iovalkey";

/** The classes Redis and Cluster of a version of ioredis. */
export function ioredisClasses(module: IoredisModule): {
  Redis: new (url: string, options?: object) => Ioredis;
  Cluster: new (nodes: readonly unknown[], options?: object) => Ioredis;
} {
  const exported = { ioredis, "ioredis-5": ioredis5, iovalkey }[module];
  return exported as unknown as ReturnType<typeof ioredisClasses>;
}

/** A client of ioredis or iovalkey. */
export async function ioredisClient(module: IoredisModule, url: string, options: object = {}): Promise<Connected> {
  const client = new (ioredisClasses(module).Redis)(url, { lazyConnect: true, ...options });
  client.on("error", () => undefined);
  await client.connect();
  return {
    client,
    close: async () => {
      client.disconnect();
      return Promise.resolve();
    },
  };
}

function nodeRedis(driver: "redis" | "redis-5", resp: 2 | 3): DriverUnderTest {
  return {
    name: `${driver} RESP${String(resp)}`,
    driver,
    resp,
    connect: (url) => nodeRedisClient(driver, url, { RESP: resp }),
  };
}

function ioredisLike(driver: IoredisModule, resp: 2 | 3, options: object): DriverUnderTest {
  return { name: `${driver} RESP${String(resp)}`, driver, resp, connect: (url) => ioredisClient(driver, url, options) };
}

/** ioredis 5 and iovalkey know RESP2 only. */
export const drivers: readonly DriverUnderTest[] = [
  nodeRedis("redis", 2),
  nodeRedis("redis", 3),
  nodeRedis("redis-5", 2),
  nodeRedis("redis-5", 3),
  ioredisLike("ioredis", 2, { protocol: 2 }),
  ioredisLike("ioredis", 3, { protocol: 3, replyMapping: "resp3" }),
  ioredisLike("ioredis-5", 2, {}),
  ioredisLike("iovalkey", 2, {}),
];
