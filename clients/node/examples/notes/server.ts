/**
 * Runs the application on this machine. `make demo-node` starts it together with a server that has the module.
 *
 *     REDIS_URL=redis://127.0.0.1:6379 PORT=3000 node build/examples/notes/server.js
 *
 * REDIS_URL       the server; default redis://127.0.0.1:6379
 * DRIVER          node-redis (default) or ioredis
 * PORT            the port to listen on; default 3000, and any free one if that is taken
 * SESSION_SECRET  signs the cookies; without it a new one is made, and cookies from before a restart are worth nothing
 * SECURE          1 behind a proxy that ends TLS
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { createApp } from "./app.js";
import type { NotesOptions } from "./sessions.js";

const { REDIS_URL: url = "redis://127.0.0.1:6379", DRIVER: driver = "node-redis", PORT: port = "3000" } = process.env;

/** Connects, and gives the client with the way to close it. Both drivers connect again by themselves. */
async function connected(): Promise<{ client: NotesOptions["client"]; close: () => unknown }> {
  // Without a listener for "error" a lost connection would end the process.
  const report = (error: Error): void => {
    console.error(`Redis: ${error.message}`);
  };
  if (driver === "ioredis") {
    const client = new Redis(url, { lazyConnect: true }).on("error", report);
    await client.connect();
    return { client, close: () => client.quit() };
  }
  if (driver !== "node-redis") throw new Error(`DRIVER is node-redis or ioredis, not ${driver}`);
  const client = createClient({ url }).on("error", report);
  await client.connect();
  return { client, close: () => client.close() };
}

const { client, close } = await connected();
const app = createApp({
  client,
  secret: process.env["SESSION_SECRET"] ?? randomBytes(32).toString("base64url"),
  secure: process.env["SECURE"] === "1",
});

// Only this machine can connect. In production a proxy that speaks TLS stands in front.
const server = createServer(app);
const listening = async (at: number): Promise<unknown> => once(server.listen(at, "127.0.0.1"), "listening");
await listening(Number(port)).catch(async (error: unknown) => {
  if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
  await listening(0);
});
console.log(`The notes are open at  http://localhost:${(server.address() as AddressInfo).port}  (driver: ${driver})`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close(() => void close());
    // Browsers keep idle connections open; the server would wait for them.
    server.closeIdleConnections();
  });
}
