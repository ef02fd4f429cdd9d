/**
 * node-redis 5 and later: a client, a pool, a Sentinel client or a cluster.
 *
 * Each command has options of its own, so those of the client do not matter: a `typeMapping` that returns Buffers, or a
 * `timeout`, for which node-redis makes an AbortSignal with a timer for each command.
 */
import { converted } from "./convert.js";
import { Cluster, type ClusterClient } from "./cluster.js";
import type { Pending } from "./deadlines.js";
import { Deadlines } from "./deadlines.js";
import type { Driver, Node, Reply } from "./driver.js";
import { Standalone } from "./standalone.js";

/** The options of a command, as far as they are used here. */
interface Options {
  readonly timeout: undefined;
  readonly typeMapping?: object;
  readonly abortSignal?: Pending;
}

interface HasTypes {
  readonly commandOptions?: { readonly typeMapping?: object };
}

export interface NodeRedisClient {
  readonly isReady: boolean;
  readonly _commandOptions?: HasTypes["commandOptions"];
  readonly options?: HasTypes & {
    readonly socket?: { readonly host?: string; readonly port?: number; readonly path?: string };
  };
  sendCommand(args: readonly string[], options: Options): Promise<Reply>;
}

export interface NodeRedisPool {
  execute(command: (client: NodeRedisClient) => Promise<Reply>): Promise<Reply>;
}

export interface NodeRedisSentinel {
  sendCommand(isReadonly: boolean, args: readonly string[], options: Options): Promise<Reply>;
}

export interface NodeRedisCluster {
  /** Not for applications. Without it the client learns by a redirection, which node-redis 5 gets from live nodes only. */
  readonly _slots?: { rediscover?(from: NodeRedisClient): Promise<unknown> };
  readonly masters: readonly object[];
  nodeClient(node: object): NodeRedisClient | Promise<NodeRedisClient>;
  sendCommand(key: string, isReadonly: boolean, args: readonly string[], options: Options): Promise<Reply>;
}

/** The types that node-redis gives by default. */
const TYPES = {};

/**
 * Of a command that is written at once. node-redis copies these options over those of the client, and each one that is not
 * among the client's costs half a microsecond. A signal costs more than all else that is done for a command here.
 */
const AT_ONCE: Options = { timeout: undefined };
const AT_ONCE_TYPED: Options = { timeout: undefined, typeMapping: TYPES };

/** Of a command that may have to wait before it is written: it is dropped when it expires. */
function droppable(pending: Pending): Options {
  return { timeout: undefined, typeMapping: TYPES, abortSignal: pending };
}

/** In the place of the reply to a command whose caller has got its error already. */
const EXPIRED: Promise<Reply> = Promise.resolve(null);

/** Runs one command with its time-out, and converts its errors. */
function run(deadlines: Deadlines, server: () => string, send: (pending: Pending) => Promise<Reply>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const pending = deadlines.begin(reject);
    send(pending).then(
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

function sendOne(client: NodeRedisClient, args: readonly string[], pending: Pending): Promise<Reply> {
  if (!client.isReady) return client.sendCommand(args, droppable(pending));
  const types = client._commandOptions?.typeMapping ?? client.options?.commandOptions?.typeMapping;
  return client.sendCommand(args, types === undefined ? AT_ONCE : AT_ONCE_TYPED);
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
    return run(this.deadlines, this.server, (pending) => sendOne(this.client, args, pending));
  }
}

export function ofClient(client: NodeRedisClient, timeout: number): Driver {
  return new Standalone(new OneNode(client, new Deadlines(timeout)));
}

export function ofPool(pool: NodeRedisPool, timeout: number): Driver {
  const deadlines = new Deadlines(timeout);
  const server = (): string => "a server of the pool";
  return new Standalone({
    // A command can wait for a free client of the pool, which knows no signal.
    send: (args) =>
      run(deadlines, server, (pending) =>
        pool.execute((client) => (pending.aborted ? EXPIRED : sendOne(client, args, pending))),
      ),
  });
}

export function ofSentinel(sentinel: NodeRedisSentinel, timeout: number): Driver {
  const deadlines = new Deadlines(timeout);
  const server = (): string => "the primary that the Sentinels name";
  return new Standalone({
    send: (args) => run(deadlines, server, (pending) => sentinel.sendCommand(false, args, droppable(pending))),
  });
}

/** A node of a cluster, to which the cluster's client may have no connection yet. */
class ClusterNode implements Node {
  client: NodeRedisClient | undefined;

  constructor(
    private readonly cluster: NodeRedisCluster,
    private readonly node: object,
    private readonly deadlines: Deadlines,
  ) {}

  send(args: readonly string[]): Promise<Reply> {
    return run(this.deadlines, inCluster, async (pending) => {
      this.client = await this.cluster.nodeClient(this.node);
      return pending.aborted ? EXPIRED : sendOne(this.client, args, pending);
    });
  }
}

const inCluster = (): string => "a node of the cluster";

export function ofCluster(cluster: NodeRedisCluster, timeout: number): Driver {
  const deadlines = new Deadlines(timeout);
  const client: ClusterClient = {
    send: (key, args) =>
      run(deadlines, inCluster, (pending) => cluster.sendCommand(key, false, args, droppable(pending))),
    primaries: () => Promise.resolve(cluster.masters.map((node) => new ClusterNode(cluster, node, deadlines))),
    learn: async (key, from) => {
      const live = from instanceof ClusterNode ? from.client : undefined;
      if (live !== undefined && cluster._slots?.rediscover !== undefined) await cluster._slots.rediscover(live);
      else await client.send(key, ["SESSION.INFO", key]);
    },
  };
  return new Cluster(client, timeout);
}
