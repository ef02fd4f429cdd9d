/**
 * ioredis 5 and later, and iovalkey: Redis (with or without Sentinels) and Cluster.
 *
 * A client that is not connected would keep commands in its offline queue, and send them later, also those whose caller
 * has got a time-out. So a command waits here until the client is ready, and is dropped with its time-out.
 */
import keySlot from "cluster-key-slot";
import { converted } from "./convert.js";
import { Cluster, type ClusterClient } from "./cluster.js";
import { Deadlines, type Pending } from "./deadlines.js";
import type { Driver, Node, Reply } from "./driver.js";
import { Gathering, type Corkable } from "./gather.js";
import { Standalone } from "./standalone.js";

interface Emitter {
  readonly status: string;
  connect(): Promise<unknown>;
  once(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** A command of ioredis, as far as it is used here. */
interface Command {
  slot?: number;
  readonly promise: Promise<unknown>;
}

export interface IoredisClient extends Emitter {
  readonly options: {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string;
    readonly name?: string | null;
    readonly sentinels?: readonly unknown[] | null;
    readonly enableOfflineQueue?: boolean;
  };
  /** The present connection; none before the first. */
  readonly stream?: Corkable | null;
  call(...args: readonly string[]): Promise<unknown>;
}

export interface IoredisCluster extends Emitter {
  readonly options: { readonly enableOfflineQueue?: boolean };
  nodes(role: "master"): readonly IoredisClient[];
  refreshSlotsCache(done: () => void): void;
  call(...args: readonly string[]): unknown;
  sendCommand(command: Command): unknown;
}

/** Runs one command with its time-out, once the client is ready, and converts its errors. */
function run(
  client: Emitter & { options: { enableOfflineQueue?: boolean } },
  deadlines: Deadlines,
  server: () => string,
  send: () => Promise<unknown>,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const pending = deadlines.begin(reject);
    const go = (): void => {
      send().then(
        (reply) => {
          deadlines.end(pending);
          resolve(reply as Reply);
        },
        (error: unknown) => {
          deadlines.end(pending);
          reject(converted(error, server));
        },
      );
    };
    if (client.status === "ready" || client.status === "end" || client.options.enableOfflineQueue === false) go();
    else whenReady(client, pending, go);
  });
}

/** Calls `go` when the client is ready, or will not be any more, unless the command expires before. */
function whenReady(client: Emitter, pending: Pending, go: () => void): void {
  const stop = (): void => {
    client.off("ready", settle);
    client.off("end", settle);
    pending.removeEventListener();
  };
  const settle = (): void => {
    stop();
    go();
  };
  client.once("ready", settle);
  client.once("end", settle);
  pending.addEventListener("abort", stop);
  // The state of a client with the option lazyConnect. Its errors arrive as the event "error".
  if (client.status === "wait") client.connect().catch(() => undefined);
}

class OneNode implements Node {
  private readonly gathering = new Gathering();
  private readonly server: () => string;

  constructor(
    private readonly client: IoredisClient,
    private readonly deadlines: Deadlines,
  ) {
    this.server = () => {
      const { sentinels, name, path, host, port } = client.options;
      if (sentinels) return `the primary that the Sentinels name ${String(name)}`;
      return path ?? `${host ?? "localhost"}:${String(port ?? 6379)}`;
    };
  }

  send(args: readonly string[]): Promise<Reply> {
    return run(this.client, this.deadlines, this.server, () => {
      this.gathering.hold(this.client.stream);
      return this.client.call(...args);
    });
  }
}

export function ofRedis(client: IoredisClient, timeout: number): Driver {
  return new Standalone(new OneNode(client, new Deadlines(timeout)));
}

export function ofCluster(cluster: IoredisCluster, timeout: number): Driver {
  const deadlines = new Deadlines(timeout);
  const server = (): string => "a node of the cluster";
  // ioredis takes the slot of a command from its keys, and knows the keys of core's commands only; others go to a random
  // node and are redirected. This object makes the Command and gives it back, where the cluster would send it.
  const maker = Object.create(cluster, {
    options: { value: { ...cluster.options, enableAutoPipelining: false } },
    sendCommand: { value: (command: Command) => command },
  }) as { call(...args: readonly string[]): Command };
  const client: ClusterClient = {
    send: (key, args) => {
      return run(cluster, deadlines, server, () => {
        const command = maker.call(...args);
        command.slot = keySlot(key);
        cluster.sendCommand(command);
        return command.promise;
      });
    },
    primaries: async () => {
      await ready(cluster, deadlines);
      return cluster.nodes("master").map((node) => new OneNode(node, deadlines));
    },
    learn: () => new Promise((done) => cluster.refreshSlotsCache(() => done(undefined))),
  };
  return new Cluster(client, timeout);
}

/** Resolves when the cluster's client knows its nodes. */
function ready(cluster: IoredisCluster, deadlines: Deadlines): Promise<void> {
  return new Promise((resolve, reject) => {
    if (cluster.status === "ready" || cluster.status === "end") {
      resolve();
      return;
    }
    const pending = deadlines.begin(reject);
    whenReady(cluster, pending, () => {
      deadlines.end(pending);
      resolve();
    });
  });
}
