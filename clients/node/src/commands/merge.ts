/** Lists of all primaries of a cluster as one list. */
import type { Listed } from "./replies.js";

interface Ranked<L> {
  readonly listed: L;
  readonly accessed: number;
  readonly created: number;
}

/**
 * Each session once, in the order of SESSION.LIST: the most recently accessed first, then the latest created, then by key.
 * Of more than `limit` sessions the first ones.
 */
export function merged<L extends Listed<string, never>>(lists: readonly L[][], limit: number | undefined): L[] {
  if (lists.length === 1) return lists[0] ?? [];
  const byKey = new Map<string, Ranked<L>>();
  for (const list of lists) {
    let bound = Infinity;
    for (const listed of list) {
      const { accessed, created } = listed.info;
      // A node does not believe an access in the future, and lists that session further back. So no session goes before
      // one that its own node has put before it.
      const doubted = accessed > bound;
      bound = Math.min(bound, accessed);
      byKey.set(listed.key, { listed, accessed: bound, created: doubted ? 0 : created });
    }
  }
  const ranked = [...byKey.values()].sort(
    (a, b) => b.accessed - a.accessed || b.created - a.created || (a.listed.key < b.listed.key ? -1 : 1),
  );
  return ranked.slice(0, limit).map(({ listed }) => listed);
}
