// A user's program over the commands, with each kind of client. It is compiled, not run: types.test.ts and package.test.ts.
import { Redis as Valkey } from "iovalkey";
import { Cluster, Redis } from "ioredis";
import { createClient, createClientPool, createCluster, createSentinel } from "redis";
import { InvalidError, JsonText, keyOfToken, SessionError, UnavailableError } from "redis-session-client";
import type { Client, Info, Listed, Sessions, StoredSession } from "redis-session-client";

export const clients: Client[] = [
  createClient(),
  createClient({ RESP: 2, url: "redis://localhost" }),
  createClientPool(),
  createCluster({ rootNodes: [{ url: "redis://localhost" }] }),
  createSentinel({ name: "main", sentinelRootNodes: [{ host: "localhost", port: 26379 }] }),
  new Redis(),
  new Redis({ name: "main", sentinels: [{ host: "localhost", port: 26379 }] }),
  new Cluster([{ host: "localhost", port: 7000 }]),
  new Valkey(),
];

interface Cart {
  readonly user?: string;
  readonly items: number[];
}

export async function useAll(sessions: Sessions): Promise<unknown[]> {
  const created = await sessions.create("session:*", { items: [] } satisfies Cart, {
    px: 60_000,
    user: "ada",
    maxSessions: 3,
  });
  const key: string = keyOfToken("session:", created.token);
  const taken: boolean = await sessions.createAs("session:1", new JsonText('{"items":[]}'), { idle: 60 });
  const found: StoredSession<Cart> | null = await sessions.get<Cart>(key, { noTouch: true });
  const items: number[] | undefined = found?.data.items;
  const detailed = await sessions.get<Cart>(key, { withInfo: true });
  const info: Info | undefined = detailed?.info;
  const some = await sessions.get(key, { fields: ["ttl", "user"] });
  const ttl: number | null | undefined = some?.info.ttl;
  const version: number = await sessions.patch(key, { items: [7] }, { ifVersion: info?.version, pidle: 60_000 });
  const values = await sessions.getPaths(key, ["/items/0"]);
  const item: unknown = values?.["/items/0"];
  const moved: boolean = await sessions.rotateAs(key, "session:2", { grace: 5000 });
  const listed: Listed<"/items", "ttl">[] = await sessions.list("ada", { fields: ["ttl"], paths: ["/items"] });
  const ended: number = await sessions.revoke("ada", { except: key });
  await sessions.import("session:3", { items: [] }, { created: new Date(), user: "ada", authenticated: Date.now() });
  await sessions.schema.set("cart", { type: "object" });
  return [taken, items, ttl, version, item, moved, listed, ended];
}

export async function answer(sessions: Sessions, key: string): Promise<number> {
  try {
    return (await sessions.verify(key, { schema: "cart" })) === null ? 401 : 200;
  } catch (error) {
    if (error instanceof InvalidError) return error.violations.length;
    if (error instanceof UnavailableError) return error.status;
    if (error instanceof SessionError && error.code === "STALE") return 401;
    throw error;
  }
}
