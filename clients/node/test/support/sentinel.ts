// A primary with a replica behind a Sentinel, and Sentinel clients of all drivers.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as redis from "redis";
import * as redis5 from "redis-5";
import { until } from "./cluster.js";
import { ioredisClasses, type Connected, type IoredisModule } from "./drivers.js";
import { freePort, Server } from "./server.js";

const program = process.env["REDIS_SERVER"] ?? "redis-server";

export class SentinelSetup {
  readonly name = "mymaster";

  private constructor(
    readonly primary: Server,
    readonly replica: Server,
    readonly port: number,
    private readonly sentinel: ChildProcess,
    private readonly dir: string,
    private readonly client: redis.RedisClientType,
  ) {}

  static async start(): Promise<SentinelSetup> {
    const args = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
    const primary = await Server.start({ args });
    const replica = await Server.start({ args: [...args, "--replicaof", "127.0.0.1", String(primary.port)] });
    const port = await freePort();
    const dir = mkdtempSync(join(tmpdir(), "redis-session-sentinel-"));
    const lines = [`port ${String(port)}`, "bind 127.0.0.1", `dir ${dir}`, "sentinel resolve-hostnames no"];
    lines.push(`sentinel monitor mymaster 127.0.0.1 ${String(primary.port)} 1`);
    // The test asks for each failover: no busy primary is taken for dead.
    lines.push("sentinel down-after-milliseconds mymaster 600000", "sentinel failover-timeout mymaster 60000");
    writeFileSync(join(dir, "sentinel.conf"), `${lines.join("\n")}\n`);
    const sentinel = spawn(program, [join(dir, "sentinel.conf"), "--sentinel"], { stdio: "ignore" });
    process.on("exit", () => sentinel.kill("SIGKILL"));
    const client = redis.createClient({ url: `redis://127.0.0.1:${String(port)}`, RESP: 2 });
    client.on("error", () => undefined);
    await client.connect();
    const setup = new SentinelSetup(primary, replica, port, sentinel, dir, client as unknown as redis.RedisClientType);
    await until("a Sentinel that knows the replica", async () => {
      const replicas = (await setup.call("SENTINEL", "REPLICAS", "mymaster")) as unknown[][];
      return replicas.length === 1 && String(replicas[0]).includes("master-link-status,ok");
    });
    return setup;
  }

  async call(...args: string[]): Promise<unknown> {
    return this.client.sendCommand(args);
  }

  /** Promotes the replica, as a Sentinel does when the primary is down. */
  async failover(): Promise<void> {
    await until("a failover", async () => {
      const [, port] = (await this.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", this.name)) as string[];
      if (port === String(this.replica.port)) return true;
      await this.call("SENTINEL", "FAILOVER", this.name);
      return false;
    });
  }

  async stop(): Promise<void> {
    this.client.destroy();
    const ended = new Promise((done) => this.sentinel.once("exit", done));
    this.sentinel.kill("SIGKILL");
    await ended;
    rmSync(this.dir, { recursive: true, force: true });
    await Promise.all([this.primary.stop(), this.replica.stop()]);
  }
}

export interface SentinelDriverUnderTest {
  readonly name: string;
  connect(setup: SentinelSetup): Promise<Connected>;
}

function nodeRedis(name: "redis" | "redis-5", RESP: 2 | 3): SentinelDriverUnderTest {
  return {
    name: `${name} RESP${String(RESP)}`,
    connect: async ({ port, name: master }) => {
      const { createSentinel } = name === "redis" ? redis : (redis5 as unknown as typeof redis);
      const client = createSentinel({ name: master, sentinelRootNodes: [{ host: "127.0.0.1", port }], RESP });
      client.on("error", () => undefined);
      await client.connect();
      return {
        client,
        close: async () => {
          await client.destroy();
        },
      };
    },
  };
}

function ioredisLike(name: IoredisModule): SentinelDriverUnderTest {
  return {
    name,
    connect: async ({ port, name: master }) => {
      const { Redis } = ioredisClasses(name) as unknown as {
        Redis: new (options: object) => InstanceType<ReturnType<typeof ioredisClasses>["Redis"]>;
      };
      const client = new Redis({ sentinels: [{ host: "127.0.0.1", port }], name: master, lazyConnect: true });
      client.on("error", () => undefined);
      await client.connect();
      return {
        client,
        close: async () => {
          client.disconnect();
          return Promise.resolve();
        },
      };
    },
  };
}

export const sentinelDrivers: readonly SentinelDriverUnderTest[] = [
  nodeRedis("redis", 2),
  nodeRedis("redis", 3),
  nodeRedis("redis-5", 2),
  ioredisLike("ioredis"),
  ioredisLike("ioredis-5"),
  ioredisLike("iovalkey"),
];
