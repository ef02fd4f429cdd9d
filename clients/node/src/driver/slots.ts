/** Which slots the nodes of a cluster serve, by their own lines of CLUSTER NODES. Pure functions. */
import keySlot from "cluster-key-slot";

export const SLOTS = 16384;

/** A node's own slots. Its lines about other nodes may be out of date. */
export interface Slots {
  readonly id: string;
  readonly primary: boolean;
  /** As CLUSTER NODES writes them: `0-5460`, `7`, and in brackets those that are being moved key by key. */
  readonly ranges: readonly string[];
  /** Whether a slot is being moved key by key. */
  readonly open: boolean;
}

export function ownSlots(clusterNodes: string): Slots {
  for (const line of clusterNodes.split("\n")) {
    const [id = "", , flags = "", , , , , , ...ranges] = line.trim().split(" ");
    const flag = flags.split(",");
    if (!flag.includes("myself")) continue;
    return { id, primary: flag.includes("master"), ranges, open: ranges.some((range) => range.startsWith("[")) };
  }
  return { id: "", primary: false, ranges: [], open: true };
}

/** The first slot that no node, or more than one, serves; undefined if each has exactly one. */
export function missingSlot(nodes: readonly Slots[]): number | undefined {
  const owners = new Uint8Array(SLOTS);
  for (const range of nodes.flatMap(({ ranges }) => ranges)) {
    if (range.startsWith("[")) continue;
    const [first = 0, last = first] = range.split("-").map(Number);
    for (let slot = first; slot <= last; slot++) owners[slot] = (owners[slot] ?? 0) + 1;
  }
  const slot = owners.findIndex((count) => count !== 1);
  return slot < 0 ? undefined : slot;
}

export function sameSlots(before: readonly Slots[], after: readonly Slots[]): boolean {
  const text = (nodes: readonly Slots[]): string =>
    nodes
      .map(({ id, ranges }) => `${id} ${ranges.join(" ")}`)
      .sort()
      .join("\n");
  return text(before) === text(after);
}

/** A key in this slot. */
export function covering(slot: number): string {
  for (let i = 0; ; i++) {
    const key = `session:{${i.toString(16)}}`;
    if (keySlot(key) === slot) return key;
  }
}
