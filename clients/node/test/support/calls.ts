// Counts the commands that a server has run, by INFO commandstats: what a request costs in round trips.
import { Redis } from "ioredis";

/** Runs `work` and returns how often each command ran meanwhile, such as { "session.get": 1 }. Others must be idle. */
export async function calls(url: string, work: () => Promise<unknown>): Promise<Record<string, number>> {
  const client = new Redis(url);
  try {
    await client.call("CONFIG", "RESETSTAT");
    await work();
    const info = String(await client.call("INFO", "commandstats"));
    const counts: Record<string, number> = {};
    for (const [, name = "", count] of info.matchAll(/^cmdstat_([^:|]+)(?:\|[^:]+)?:calls=(\d+)/gm)) {
      if (!["config", "info", "client", "hello", "command", "ping", "auth", "select"].includes(name))
        counts[name] = Number(count);
    }
    return counts;
  } finally {
    client.disconnect();
  }
}
