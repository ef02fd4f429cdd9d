// Slots that move and replicas that are promoted, while commands for all primaries run.
import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import keySlot from "cluster-key-slot";
import { Sessions, type Client } from "redis-session-client";
import { clusterDrivers, TestCluster, until, type ClusterNode } from "./support/cluster.js";

/** For the tests that put everything back. */
let shared: TestCluster;
before(async () => {
  shared = await TestCluster.start();
});
after(async () => {
  await shared.stop();
});

/** A cluster that the test may change for good. */
async function ownCluster(t: TestContext): Promise<TestCluster> {
  const cluster = await TestCluster.start();
  t.after(() => cluster.stop());
  return cluster;
}

/** An object like `target`, but for the members in `own`. */
function proxied(target: object, own: Record<string, unknown>, bound: boolean): object {
  return new Proxy(target, {
    get(on, name) {
      if (typeof name === "string" && name in own) return own[name];
      const value: unknown = Reflect.get(on, name);
      return bound && typeof value === "function" ? (value.bind(on) as unknown) : value;
    },
  });
}

/** Who sends a REVOKE to which node: `around` runs in the place of the driver's sending. */
type Around = (port: number, send: () => Promise<unknown>) => Promise<unknown>;

interface NodeRedisNode {
  sendCommand(args: readonly string[], options: object): Promise<unknown>;
}

interface IoredisNode {
  readonly options: { readonly port: number };
  sendCommand(command: { readonly name: string; readonly promise: Promise<unknown> }): unknown;
}

/** The real client of a cluster, whose REVOKE to each node goes through `around`. */
function intercepted(client: Client, around: Around): Client {
  const ioredis = client as unknown as { nodes?: (role: string) => IoredisNode[] };
  if (ioredis.nodes !== undefined) {
    const through = (node: IoredisNode): object => {
      const sendCommand: IoredisNode["sendCommand"] = (command) => {
        const send = (): Promise<unknown> => {
          node.sendCommand(command);
          return command.promise;
        };
        return command.name === "SESSION.REVOKE" ? around(node.options.port, send) : send();
      };
      return proxied(node, { sendCommand }, false);
    };
    const nodes = ioredis.nodes.bind(client);
    return proxied(client, { nodes: (role: string) => nodes(role).map(through) }, false) as Client;
  }
  const nodeRedis = client as unknown as { nodeClient(node: { port: number }): Promise<NodeRedisNode> };
  const nodeClient = async (node: { port: number }): Promise<object> => {
    const one = await nodeRedis.nodeClient(node);
    const sendCommand: NodeRedisNode["sendCommand"] = (args, options) => {
      const send = (): Promise<unknown> => one.sendCommand(args, options);
      return args[0] === "SESSION.REVOKE" ? around(node.port, send) : send();
    };
    return proxied(one, { sendCommand }, true);
  };
  return proxied(client, { nodeClient }, true) as Client;
}

async function open(slot: string, source: ClusterNode, target: ClusterNode): Promise<void> {
  await target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id);
  await source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id);
}

/**
 * Gives an open slot to the node that imports it. The owner is told first: it takes a new configuration epoch, which every
 * primary must know before the next slot moves. Of two claims, the one with the lower epoch loses.
 */
async function closeSlot(slot: string, owner: ClusterNode, others: readonly ClusterNode[]): Promise<void> {
  const nodes = [owner, ...others];
  for (const node of nodes) await node.call("CLUSTER", "SETSLOT", slot, "NODE", owner.id);
  await until("a cluster whose primaries know each other's epochs", async () => {
    return new Set(await Promise.all(nodes.map(epochs))).size === 1;
  });
}

/** The configuration epoch of each primary, as a node knows it. */
async function epochs(node: ClusterNode): Promise<string> {
  const primaries = (await node.peers()).filter(([, , flags]) => flags?.includes("master"));
  return primaries
    .map(([id, , , , , , epoch]) => `${String(id)} ${String(epoch)}`)
    .sort()
    .join();
}

async function migrate(keys: readonly string[], source: ClusterNode, target: ClusterNode): Promise<void> {
  await source.call("MIGRATE", "127.0.0.1", String(target.server.port), "", "0", "60000", "KEYS", ...keys);
}

for (const driver of clusterDrivers) {
  for (const closes of [false, true]) {
    const what = closes ? "moves to another node" : "stays open between two nodes";
    test(`${driver.name}: revoke misses no session while its slot ${what}`, async (t) => {
      const [target, source, third] = shared.primaries;
      assert.ok(target !== undefined && source !== undefined && third !== undefined);
      const { client, close } = await driver.connect(shared);
      t.after(close);
      const tag = shared.tagOn(source);
      const slot = String(keySlot(`{${tag}}`));
      const user = `user of {${tag}}`;
      const plain = new Sessions(client);
      const keys: string[] = [];
      for (let n = 0; n < 20; n++) keys.push((await plain.create(`s:{${tag}}:*`, {}, { user })).key);
      // In the first round all keys move to the target when it has answered, before their own node is asked.
      let asked = 0;
      let closed = false;
      let moved = (): void => undefined;
      const move = new Promise<void>((done) => (moved = done));
      const around: Around = async (port, send) => {
        asked++;
        if (port === source.server.port) await move;
        const reply = await send();
        if (port !== target.server.port || asked > 3) return reply;
        await migrate(keys, source, target);
        if (closes) await closeSlot(slot, target, [source, third]);
        closed = closes;
        moved();
        return reply;
      };
      t.after(async () => {
        // Back by a move of its own. A claim without a new epoch could lose against the target's, and the slot would
        // belong to nobody.
        if (closed) {
          await open(slot, target, source);
          await closeSlot(slot, source, [target, third]);
        } else for (const node of [source, target]) await node.call("CLUSTER", "SETSLOT", slot, "STABLE");
      });
      await open(slot, source, target);
      const sessions = new Sessions(intercepted(client, around), { timeout: 60_000 });
      assert.equal(await sessions.revoke(user), 20);
      assert.ok(asked > 3, "one round cannot have been enough");
      assert.deepEqual(await target.call("SESSION.LIST", user), []);
      assert.deepEqual(await source.call("SESSION.LIST", user), []);
    });
  }

  test(`${driver.name}: all primaries are those of now, after replicas were promoted and after one died`, async (t) => {
    const cluster = await ownCluster(t);
    const { client, close } = await driver.connect(cluster);
    t.after(close);
    const sessions = new Sessions(client, { timeout: 30_000 });
    const [first, second] = cluster.primaries;
    const [promoted, rescuer] = cluster.replicas;
    assert.ok(first !== undefined && second !== undefined && promoted !== undefined && rescuer !== undefined);
    const keys: string[] = [];
    for (let n = 0; n < 24; n++) {
      const { key } = await sessions.create(`s:{${String(n)}}:*`, {}, { user: "ada" });
      keys.push(key);
    }
    await first.call("WAIT", "1", "60000");
    await second.call("WAIT", "1", "60000");
    await promoted.promote();
    // The client has met no redirection yet: it still takes the old primary for one.
    await sessions.schema.set("s", true);
    assert.equal(await promoted.call("SESSION.SCHEMA", "GET", "s"), "true");
    assert.equal((await sessions.list("ada")).length, 24);
    await second.server.stop();
    await rescuer.call("CLUSTER", "FAILOVER", "TAKEOVER");
    await until("a cluster that is whole", async () => {
      const nodes = [promoted, rescuer, cluster.primaries[2]] as ClusterNode[];
      const lines = await Promise.all(nodes.map(async (node) => String(await node.call("CLUSTER", "NODES"))));
      return lines.every((text) => new RegExp(`^${rescuer.id} .*master .*\\d-\\d+`, "m").test(text));
    });
    assert.equal((await sessions.list("ada")).length, 24);
    for (const key of keys.slice(0, 6)) assert.notEqual(await sessions.get(key), null);
    assert.equal(await sessions.revoke("ada", { except: keys.slice(0, 2) }), 22);
    assert.equal(await sessions.revoke("ada"), 2);
  });
}

test("a slot that nobody serves is an error that names it, not a revocation that misses sessions", async (t) => {
  const cluster = await ownCluster(t);
  const driver = clusterDrivers.find(({ name }) => name.startsWith("ioredis")) ?? clusterDrivers[0];
  assert.ok(driver !== undefined);
  await cluster.configure("cluster-require-full-coverage", "no");
  const { client, close } = await driver.connect(cluster);
  t.after(close);
  const sessions = new Sessions(client, { timeout: 500 });
  for (const node of cluster.primaries) await node.call("CLUSTER", "DELSLOTS", "7").catch(() => undefined);
  await assert.rejects(sessions.revoke("ada"), {
    name: "UnavailableError",
    reason: "CLUSTERDOWN",
    message: "no primary of the cluster answers for slot 7",
  });
});
