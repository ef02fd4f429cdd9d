/** The keys of one server's sessions, by SCAN. */
import type { Node } from "./driver.js";

/** How many keys the server looks at for one reply: about a millisecond of its time. */
const COUNT = "1000";

/** Batches of keys that match the glob pattern and hold a session. Empty batches are left out. */
export async function* scanned(node: Node, match: string): AsyncGenerator<readonly string[]> {
  let cursor = "0";
  do {
    const reply = await node.send(["SCAN", cursor, "MATCH", match, "COUNT", COUNT, "TYPE", "session-1"]);
    const [next, keys] = reply as readonly [string | number, readonly string[]];
    if (keys.length > 0) yield keys;
    cursor = String(next);
  } while (cursor !== "0");
}
