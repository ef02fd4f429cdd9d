/**
 * ioredis 5 and later, and iovalkey: Redis (with or without Sentinels) and Cluster.
 *
 * ioredis keeps commands for a server that is away, in its offline queue and those that were under way when the connection
 * broke, and sends them when it is back. A write whose caller has got a time-out must not be among them: it could undo
 * what was written since. So a command waits here until the client is ready, and one that expires becomes a PING.
 */
import keySlot from "cluster-key-slot";
import { converted } from "./convert.js";
import { Cluster, type ClusterClient } from "./cluster.js";
import { Deadlines } from "./deadlines.js";
import type { Driver, Node, Reply } from "./driver.js";
import { Gathering, type Corkable } from "./gather.js";
import { Readiness, type Connecting } from "./readiness.js";
import { Standalone } from "./standalone.js";

/** A command of ioredis, as far as it is used here. */
interface Command {
  name: string;
  args: readonly unknown[];
  slot?: number;
  readonly promise: Promise<unknown>;
}

interface Sender extends Connecting {
  readonly options: { readonly enableOfflineQueue?: boolean };
  call(...args: readonly string[]): unknown;
  sendCommand(command: Command): unknown;
}

export interface IoredisClient extends Sender {
  readonly options: Sender["options"] & {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string;
    readonly name?: string | null;
    readonly sentinels?: readonly unknown[] | null;
  };
  /** The present connection; none before the first. */
  readonly stream?: Corkable | null;
}

export interface IoredisCluster extends Sender {
  nodes(role: "master"): readonly IoredisClient[];
  refreshSlotsCache(done: () => void): void;
}

/** Makes the Command of a call, without sending it. */
type Maker = (args: readonly string[]) => Command;

/**
 * ioredis does not export the class Command from its clients, and `call` sends what it makes. Here it runs on an object that
 * inherits all from the client, and gives the Command back where the client would send it.
 */
function makerOf(client: Sender): Maker {
  const maker = Object.create(client, {
    options: { value: { ...client.options, enableAutoPipelining: false } },
    sendCommand: { value: (command: Command) => command },
  }) as { call(...args: readonly string[]): Command };
  return (args) => maker.call(...args);
}

/** Runs one command with its time-out, once the client is ready, and converts its errors. */
function run(
  readiness: Readiness<Sender>,
  deadlines: Deadlines,
  server: () => string,
  make: () => Command,
): Promise<Reply> {
  const { client } = readiness;
  return new Promise((resolve, reject) => {
    const pending = deadlines.begin(reject);
    const go = (): void => {
      const command = make();
      pending.addEventListener("abort", () => {
        command.name = "ping";
        command.args = [];
      });
      client.sendCommand(command);
      command.promise.then(
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
    if (client.status === "ready" || client.options.enableOfflineQueue === false) go();
    else readiness.wait(pending, go);
  });
}

class OneNode implements Node {
  private readonly make: Maker;
  private readonly readiness: Readiness<IoredisClient>;
  private readonly gathering = new Gathering();
  private readonly server: () => string;

  constructor(
    private readonly client: IoredisClient,
    private readonly deadlines: Deadlines,
  ) {
    this.make = makerOf(client);
    this.readiness = new Readiness(client);
    this.server = () => {
      const { sentinels, name, path, host, port } = client.options;
      if (sentinels) return `the primary that the Sentinels name ${String(name)}`;
      return path ?? `${host ?? "localhost"}:${String(port ?? 6379)}`;
    };
  }

  send(args: readonly string[]): Promise<Reply> {
    return run(this.readiness, this.deadlines, this.server, () => {
      this.gathering.hold(this.client.stream);
      return this.make(args);
    });
  }
}

export function ofRedis(client: IoredisClient, timeout: number): Driver {
  return new Standalone(new OneNode(client, new Deadlines(timeout)));
}

export function ofCluster(cluster: IoredisCluster, timeout: number): Driver {
  const deadlines = new Deadlines(timeout);
  const server = (): string => "a node of the cluster";
  const make = makerOf(cluster);
  const readiness = new Readiness(cluster);
  const client: ClusterClient = {
    send: (key, args) =>
      run(readiness, deadlines, server, () => {
        const command = make(args);
        // ioredis takes the slot of a command from its keys, and knows the keys of core's commands only: others would go to
        // a random node, and be redirected.
        command.slot = keySlot(key);
        return command;
      }),
    primaries: async () => {
      await readiness.ready(deadlines);
      return cluster.nodes("master").map((node) => new OneNode(node, deadlines));
    },
    learn: () =>
      new Promise((done) => {
        cluster.refreshSlotsCache(() => {
          done(undefined);
        });
      }),
  };
  return new Cluster(client, timeout);
}
