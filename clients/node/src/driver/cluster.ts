/**
 * The Driver of a cluster: commands with a key go where the client routes them, commands without one to every primary.
 *
 * The client's list of primaries can be old: a replica was promoted, or slots moved to a node that the client has not met.
 * So the nodes themselves are asked first (CLUSTER NODES), and until their slots are complete the client has to learn.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../errors.js";
import type { Driver, Node, Reply } from "./driver.js";
import { scanned } from "./scan.js";
import { covering, missingSlot, ownSlots, sameSlots, type Slots } from "./slots.js";

/** What a cluster's client can do. */
export interface ClusterClient {
  send(key: string, args: readonly string[]): Promise<Reply>;
  /** The primaries that the client knows. */
  primaries(): Promise<readonly Node[]>;
  /**
   * Makes the client learn the cluster's nodes again.
   *
   * @param key lies in a slot whose node the client does not know
   * @param from a node that answers, if there is one
   */
  learn(key: string, from: Node | undefined): Promise<unknown>;
}

/** After so many rounds over a map that keeps changing, `sendUntilAtRest` gives up. */
const ROUNDS = 100;
/** Milliseconds between two rounds, or two attempts to learn the nodes. */
const PAUSE = 50;
/** So many milliseconds are waited for the slots of nodes that do not answer, before the client learns who replaces them. */
const PATIENCE = 250;

/** A primary and its own slots. */
interface Primary {
  readonly node: Node;
  readonly slots: Slots;
}

export class Cluster implements Driver {
  readonly cluster = true;

  /** @param timeout how long the client may take to learn the nodes, in ms; 0 is without end */
  constructor(
    private readonly client: ClusterClient,
    private readonly timeout: number,
  ) {}

  send(key: string, args: readonly string[]): Promise<Reply> {
    return this.client.send(key, args);
  }

  async sendToPrimaries(args: readonly string[]): Promise<Reply[]> {
    const primaries = await this.primaries();
    return Promise.all(primaries.map(({ node }) => node.send(args)));
  }

  async sendUntilAtRest(args: readonly string[]): Promise<Reply[]> {
    const replies: Reply[] = [];
    let alike = 0;
    let before = await this.primaries();
    for (let round = 0; round < ROUNDS; round++) {
      replies.push(...(await Promise.all(before.map(({ node }) => node.send(args)))));
      const after = await this.primaries();
      // While a slot is open its keys move one by one, from a node that is still to answer to one that has answered
      // already. A second round over the same map asks every node again after all have been asked once.
      alike = sameSlots(slotsOf(before), slotsOf(after)) ? alike + 1 : 0;
      if (alike >= (after.some(({ slots }) => slots.open) ? 2 : 1)) return replies;
      before = after;
      await sleep(PAUSE);
    }
    throw new UnavailableError("TRYAGAIN", "the cluster's slots do not come to rest; repeat the command later");
  }

  async *scan(match: string): AsyncGenerator<readonly string[]> {
    for (const { node } of await this.primaries()) yield* scanned(node, match);
  }

  /** All primaries, once their slots are complete. */
  private async primaries(): Promise<Primary[]> {
    const giveUp = this.timeout === 0 ? Infinity : performance.now() + this.timeout;
    for (;;) {
      const { found, missing, failure } = await survey(await this.client.primaries());
      if (missing === undefined) return found;
      // Such as NOPERM: asking again does not help.
      if (failure !== undefined && !(failure instanceof UnavailableError)) throw failure;
      const left = giveUp - performance.now();
      if (left <= 0) {
        if (failure !== undefined) throw failure;
        throw new UnavailableError("CLUSTERDOWN", `no primary of the cluster answers for slot ${String(missing)}`);
      }
      const learned = this.client.learn(covering(missing), found[0]?.node).catch(() => undefined);
      await Promise.race([learned, sleep(Math.min(left, 60_000), undefined, { ref: false })]);
      await sleep(PAUSE);
    }
  }
}

interface Survey {
  readonly found: Primary[];
  /** A slot that none of them serves, or more than one. */
  readonly missing: number | undefined;
  readonly failure: Error | undefined;
}

/** Asks nodes for their slots, until these are complete: a node that is down, and was replaced, is not waited for. */
function survey(nodes: readonly Node[]): Promise<Survey> {
  return new Promise((resolve) => {
    const found: Primary[] = [];
    let failure: Error | undefined;
    let left = nodes.length;
    const report = (): void => {
      clearTimeout(timer);
      resolve({ found: [...found], missing: missingSlot(slotsOf(found)), failure });
    };
    const timer = setTimeout(report, PATIENCE);
    const settled = (): void => {
      left--;
      if (left <= 0 || missingSlot(slotsOf(found)) === undefined) report();
    };
    if (nodes.length === 0) settled();
    for (const node of nodes) {
      askSlots(node).then(
        (primary) => {
          if (primary.slots.primary) found.push(primary);
          settled();
        },
        (error: unknown) => {
          failure ??= error as Error;
          settled();
        },
      );
    }
  });
}

async function askSlots(node: Node): Promise<Primary> {
  return { node, slots: ownSlots((await node.send(["CLUSTER", "NODES"])) as string) };
}

function slotsOf(primaries: readonly Primary[]): Slots[] {
  return primaries.map(({ slots }) => slots);
}
