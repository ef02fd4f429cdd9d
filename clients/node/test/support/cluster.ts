// A real cluster of three primaries with a replica each, and clients of all drivers for it.
import { setTimeout as sleep } from "node:timers/promises";
import * as redis from "redis";
import * as redis5 from "redis-5";
import keySlot from "cluster-key-slot";
import { ioredisClasses, type Connected, type IoredisModule } from "./drivers.js";
import { freePort, Server } from "./server.js";

/** One node, with a plain connection to it. */
export class ClusterNode {
  private constructor(
    readonly server: Server,
    readonly busPort: number,
    private readonly client: redis.RedisClientType,
    readonly id: string,
  ) {}

  static async start(): Promise<ClusterNode> {
    const busPort = await freePort();
    const args = ["--cluster-enabled", "yes", "--cluster-port", String(busPort)];
    // Short until the cluster is up: nodes tell each other their roles twice in this time.
    args.push("--cluster-node-timeout", "500", "--cluster-replica-no-failover", "yes");
    args.push("--repl-diskless-sync-delay", "0", "--cluster-allow-replica-migration", "no");
    const server = await Server.start({ args });
    const client = redis.createClient({ url: server.url, RESP: 2 }) as unknown as redis.RedisClientType;
    client.on("error", () => undefined);
    await client.connect();
    return new ClusterNode(
      server,
      busPort,
      client,
      (await client.sendCommand(["CLUSTER", "MYID"])) as unknown as string,
    );
  }

  /** Sends a command to this node only. */
  async call(...args: string[]): Promise<unknown> {
    return this.client.sendCommand(args);
  }

  /** What the node knows of each node: the words of its lines of CLUSTER NODES. */
  async peers(): Promise<string[][]> {
    const text = String(await this.call("CLUSTER", "NODES")).trim();
    return text.split("\n").map((line) => line.split(" "));
  }

  async meet(other: ClusterNode): Promise<void> {
    await this.call("CLUSTER", "MEET", "127.0.0.1", String(other.server.port), String(other.busPort));
  }

  /** Makes this replica, which has all data, the primary. */
  async promote(): Promise<void> {
    let asked = 0;
    await until("a promoted replica", async () => {
      if (String(await this.call("ROLE")).startsWith("master")) return true;
      if (Date.now() - asked > 7000) {
        // The server gives up after five seconds. If the nodes had begun to vote, they refuse another vote for twice the
        // time after which a node is declared dead: so the second order is to take over without.
        await this.call("CLUSTER", "FAILOVER", ...(asked === 0 ? [] : ["TAKEOVER"]));
        asked = Date.now();
      }
      return false;
    });
  }

  async stop(): Promise<void> {
    if (this.client.isOpen) this.client.destroy();
    await this.server.stop();
  }
}

/** Repeats a call until its result is true. An error counts as false. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (await condition().catch(() => false)) return;
    await sleep(50);
  }
  throw new Error(`waited in vain: ${what}`);
}

export class TestCluster {
  private constructor(
    readonly primaries: readonly ClusterNode[],
    /** The replica with the number n follows the primary with this number. */
    readonly replicas: readonly ClusterNode[],
  ) {}

  static async start(): Promise<TestCluster> {
    const nodes = await Promise.all(Array.from({ length: 6 }, () => ClusterNode.start()));
    const cluster = new TestCluster(nodes.slice(0, 3), nodes.slice(3));
    const bounds = [0, 5461, 10923, 16384];
    for (const [n, node] of cluster.primaries.entries()) {
      await node.call("CLUSTER", "SET-CONFIG-EPOCH", String(n + 1));
      await node.call("CLUSTER", "ADDSLOTSRANGE", String(bounds[n]), String((bounds[n + 1] ?? 0) - 1));
    }
    // Replicas take their role before they meet the others, so that these learn it at once: gossip takes seconds.
    for (const [n, replica] of cluster.replicas.entries()) {
      const primary = cluster.primary(n);
      await replica.meet(primary);
      await until("a replica that may follow", async () => {
        return (await replica.call("CLUSTER", "REPLICATE", primary.id)) === "OK";
      });
    }
    let met = 0;
    await until("nodes that have met", async () => {
      // On a busy machine a node gives up a meeting after a second.
      if (Date.now() - met > 5000) {
        met = Date.now();
        for (const one of nodes) for (const other of nodes) if (one.id < other.id) await one.meet(other);
      }
      const known = await Promise.all(nodes.map((node) => node.peers()));
      return known.every((peers) => peers.length === 6 && !peers.join().includes("handshake"));
    });
    for (;;) {
      await until("a cluster that is up", () => cluster.isUp());
      for (const replica of cluster.replicas) {
        await until("a replica in step", async () => {
          return String(await replica.call("INFO", "replication")).includes("master_link_status:up");
        });
      }
      // No node of a busy machine is declared dead and replaced: the tests do that themselves.
      await cluster.configure("cluster-node-timeout", "600000");
      if (await cluster.isUp()) break;
      await cluster.configure("cluster-node-timeout", "500");
    }
    await cluster.configure("cluster-replica-no-failover", "no");
    return cluster;
  }

  /** CONFIG SET on all nodes. */
  async configure(name: string, value: string): Promise<void> {
    for (const node of this.nodes) await node.call("CONFIG", "SET", name, value);
  }

  /** Whether all nodes take all others for alive and know whom the replicas follow, as it is after the start. */
  private async isUp(): Promise<boolean> {
    // A node gives no vote to a replica without knowing its primary.
    const roles = this.nodes.map(({ id }, n) => `${id} ${this.primaries[n - 3]?.id ?? "-"}`).sort();
    for (const node of this.nodes) {
      const peers = await node.peers();
      const info = String(await node.call("CLUSTER", "INFO"));
      const known = peers.map(([id, , , follows]) => `${String(id)} ${String(follows)}`).sort();
      const alive = peers.every(([, , flags, , , , , link]) => !/\bfail\b/.test(flags ?? "") && link === "connected");
      if (!info.includes("cluster_state:ok") || known.join() !== roles.join() || !alive) return false;
    }
    return true;
  }

  get nodes(): ClusterNode[] {
    return [...this.primaries, ...this.replicas];
  }

  primary(n: number): ClusterNode {
    const node = this.primaries[n];
    if (node === undefined) throw new RangeError("a cluster has three primaries");
    return node;
  }

  /** The primary that has the key's slot, as the cluster was started. */
  primaryOf(key: string): ClusterNode {
    return this.primary(Math.floor((keySlot(key) * 3) / 16384));
  }

  /** A hash tag whose slot lies on this primary. */
  tagOn(primary: ClusterNode): string {
    for (;;) {
      const tag = Math.random().toString(16).slice(2, 10);
      if (this.primaryOf(`{${tag}}`) === primary) return tag;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

export interface ClusterDriverUnderTest {
  readonly name: string;
  /** Connects with the first node as the only one that is named. */
  connect(cluster: TestCluster, options?: object): Promise<Connected>;
}

function nodeRedis(name: "redis" | "redis-5", RESP: 2 | 3): ClusterDriverUnderTest {
  return {
    name: `${name} RESP${String(RESP)}`,
    connect: async (cluster, options = {}) => {
      const { createCluster } = name === "redis" ? redis : (redis5 as unknown as typeof redis);
      const rootNodes = [{ url: cluster.nodes[0]?.server.url ?? "" }];
      const client = createCluster({ rootNodes, RESP, ...options });
      client.on("error", () => undefined);
      await client.connect();
      return {
        client,
        close: async () => {
          client.destroy();
          return Promise.resolve();
        },
      };
    },
  };
}

function ioredisLike(name: IoredisModule, redisOptions: object, resp: string): ClusterDriverUnderTest {
  return {
    name: `${name} ${resp}`,
    connect: async (cluster, options = {}) => {
      const { Cluster } = ioredisClasses(name);
      const nodes = [{ host: "127.0.0.1", port: cluster.nodes[0]?.server.port }];
      const client = new Cluster(nodes, { lazyConnect: true, redisOptions, ...options });
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

/** All drivers' cluster clients. */
export const clusterDrivers: readonly ClusterDriverUnderTest[] = [
  nodeRedis("redis", 2),
  nodeRedis("redis", 3),
  nodeRedis("redis-5", 3),
  ioredisLike("ioredis", { protocol: 2 }, "RESP2"),
  ioredisLike("ioredis", { protocol: 3, replyMapping: "resp3" }, "RESP3"),
  ioredisLike("ioredis-5", {}, "RESP2"),
  ioredisLike("iovalkey", {}, "RESP2"),
];
