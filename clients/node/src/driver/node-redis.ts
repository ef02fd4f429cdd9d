/**
 * node-redis 5 and later: a client, a pool, a Sentinel client or a cluster.
 *
 * Each command has options of its own, so those of the client do not matter: a `typeMapping` that returns Buffers, or a
 * `timeout` (node-redis makes an AbortSignal with a timer for each command).
 */
import { converted } from "./convert.js";
import { Cluster, type ClusterClient } from "./cluster.js";
import { Deadlines, Pending } from "./deadlines.js";
import type { Driver, Node, Reply } from "./driver.js";
import { Standalone } from "./standalone.js";

/** The options of a command, as far as they are used here. */
interface Options {
  readonly typeMapping: object;
  readonly timeout: undefined;
  readonly abortSignal: Pending;
}

export interface NodeRedisClient {
  readonly options?: { readonly socket?: { readonly host?: string; readonly port?: number; readonly path?: string } };
  sendCommand(args: readonly string[], options: Options): Promise<Reply>;
}

export interface NodeRedisPool {
  execute(command: (client: NodeRedisClient) => Promise<Reply>): Promise<Reply>;
}

export interface NodeRedisSentinel {
  sendCommand(isReadonly: boolean, args: readonly string[], options: Options): Promise<Reply>;
}

export interface NodeRedisCluster {
  readonly masters: readonly object[];
  nodeClient(node: object): NodeRedisClient | Promise<NodeRedisClient>;
  sendCommand(key: string, isReadonly: boolean, args: readonly string[], options: Options): Promise<Reply>;
}

/** Maps of RESP3 (whose type is `%`) as Map; all else in the form that node-redis gives it by default. */
const TYPES = { 37: Map };

type Send = (options: Options) => Promise<Reply>;

/** Runs one command with its time-out, and converts its errors. */
function run(deadlines: Deadlines, server: () => string, send: Send): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const pending = deadlines.begin(reject);
    send({ typeMapping: TYPES, timeout: undefined, abortSignal: pending }).then(
      (reply) => {
        deadlines.end(pending);
        resolve(reply);
      },
      (error: unknown) => {
        deadlines.end(pending);
        reject(converted(error, server));
      },
    );
  });
}

class OneNode implements Node {
  private readonly server: () => string;

  constructor(
    private readonly client: NodeRedisClient,
    private readonly deadlines: Deadlines,
  ) {
    this.server = () => {
      const socket = client.options?.socket;
      return socket?.path ?? `${socket?.host ?? "localhost"}:${String(socket?.port ?? 6379)}`;
    };
  }

  send(args: readonly string[]): Promise<Reply> {
    return run(this.deadlines, this.server, (options) => this.client.sendCommand(args, options));
  }
}

export function ofClient(client: NodeRedisClient, timeout: number): Driver {
  return new Standalone(new OneNode(client, new Deadlines(timeout)));
}

export function ofPool(pool: NodeRedisPool, timeout: number): Driver {
  const deadlines = new Deadlines(timeout);
  const server = (): string => "of the pool";
  return new Standalone({
    // Not the pool's own sendCommand, of which that of node-redis 5 drops the options of a command that has to wait.
    send: (args) => run(deadlines, server, (options) => pool.execute((client) => client.sendCommand(args, options))),
  });
}

export function ofSentinel(sentinel: NodeRedisSentinel, timeout: number): Driver {
  const deadlines = new Deadlines(timeout);
  const server = (): string => "the primary that the Sentinels name";
  return new Standalone({
    send: (args) => run(deadlines, server, (options) => sentinel.sendCommand(false, args, options)),
  });
}

export function ofCluster(cluster: NodeRedisCluster, timeout: number): Driver {
  const deadlines = new Deadlines(timeout);
  const server = (): string => "a node of the cluster";
  const client: ClusterClient = {
    send: (key, args) => run(deadlines, server, (options) => cluster.sendCommand(key, false, args, options)),
    primaries: async () => {
      const clients = await Promise.all(cluster.masters.map((node) => cluster.nodeClient(node)));
      return clients.map((one) => new OneNode(one, deadlines));
    },
    // Its node is found by the redirection, which makes the client read the map of slots.
    learn: (key) => client.send(key, ["SESSION.INFO", key]),
  };
  return new Cluster(client, timeout);
}
