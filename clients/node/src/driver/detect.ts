/**
 * Tells by its methods which client the application has given. No driver is imported, so the package depends on none, and
 * works with whatever copy or version of a driver the application has.
 */
import type { Driver } from "./driver.js";
import * as ioredis from "./ioredis.js";
import * as nodeRedis from "./node-redis.js";

/**
 * A client of the application: of node-redis (`createClient`, `createClientPool`, `createSentinel`, `createCluster`),
 * ioredis or iovalkey (`Redis`, `Cluster`).
 */
export interface Client {
  sendCommand(...args: never[]): unknown;
}

export interface DriverOptions {
  /**
   * How long to wait for the answer to a command, in milliseconds, before it fails with UnavailableError. 0 waits for as
   * long as the driver does.
   *
   * @default 2000
   */
  readonly timeout?: number | undefined;
}

const MAX_TIMEOUT = 2 ** 31 - 1;

const drivers = new WeakMap<object, Map<number, Driver>>();

/**
 * The Driver for a client.
 *
 * @throws TypeError for an object that is no supported client, or a `timeout` that is no number of milliseconds
 */
export function driverOf(client: Client, options: DriverOptions = {}): Driver {
  // The application may not be TypeScript.
  const given: unknown = client;
  const timeout = options.timeout ?? 2000;
  if (typeof timeout !== "number" || !(timeout >= 0 && timeout <= MAX_TIMEOUT)) {
    throw new TypeError(`timeout is a number of milliseconds from 0 (none) to ${String(MAX_TIMEOUT)}`);
  }
  if (typeof given !== "object" || given === null) throw unknown();
  const known = drivers.get(client) ?? new Map<number, Driver>();
  drivers.set(client, known);
  const driver = known.get(timeout) ?? detected(client, timeout);
  known.set(timeout, driver);
  return driver;
}

function detected(client: object, timeout: number): Driver {
  const has = (...methods: string[]): boolean =>
    methods.every((name) => typeof (client as Record<string, unknown>)[name] === "function");
  if (has("call", "sendCommand") && "status" in client) {
    if (has("nodes", "refreshSlotsCache")) return ioredis.ofCluster(client as ioredis.IoredisCluster, timeout);
    return ioredis.ofRedis(client as ioredis.IoredisClient, timeout);
  }
  if (has("sendCommand")) {
    if (has("nodeClient")) return nodeRedis.ofCluster(client as nodeRedis.NodeRedisCluster, timeout);
    if (has("getMasterNode")) return nodeRedis.ofSentinel(client as nodeRedis.NodeRedisSentinel, timeout);
    if (has("execute")) return nodeRedis.ofPool(client as nodeRedis.NodeRedisPool, timeout);
    if ("isReady" in client) return nodeRedis.ofClient(client as unknown as nodeRedis.NodeRedisClient, timeout);
  }
  throw unknown();
}

function unknown(): TypeError {
  return new TypeError(
    "the client is none that is supported: give createClient, createClientPool, createSentinel or createCluster of " +
      "redis (5 or later), or Redis or Cluster of ioredis (5 or later) or iovalkey",
  );
}
