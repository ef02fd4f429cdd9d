/**
 * The application of examples/notes, served to the browser tests by this process, each time with a prefix of its own,
 * so that no test sees the sessions of another; and what a person does in it.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import type { BrowserContext, Cookie, Page } from "playwright-core";
import { createClient } from "redis";
import { createApp } from "../../examples/notes/app.js";
import type { NotesOptions } from "../../examples/notes/sessions.js";
import { eventually, shows } from "./browser.js";
import type { Server } from "./server.js";

export const drivers = ["node-redis", "ioredis"] as const;
export type DriverName = (typeof drivers)[number];

/** Signs the cookies of all sites of the tests. */
export const secret = "a secret of the tests";

export interface Site {
  readonly url: string;
  readonly prefix: string;
  stop(): Promise<void>;
}

let sites = 0;

/** Serves the application. Its open pages ask five times a second whether their session lives. */
export async function serve(server: Server, driver: DriverName, options: Partial<NotesOptions> = {}): Promise<Site> {
  const redis = await connected(server, driver);
  const prefix = `notes${process.pid}-${++sites}:`;
  const http = createServer(createApp({ client: redis.client, secret, prefix, askEvery: 200, ...options }));
  await once(http.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://localhost:${(http.address() as AddressInfo).port}`,
    prefix,
    async stop() {
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
      redis.close();
    },
  };
}

async function connected(
  server: Server,
  driver: DriverName,
): Promise<{ client: NotesOptions["client"]; close(): void }> {
  const lost = (): void => undefined; // some tests stop the server
  if (driver === "ioredis") {
    const client = new Redis(server.url, { lazyConnect: true }).on("error", lost);
    await client.connect();
    return { client, close: client.disconnect.bind(client) };
  }
  const client = createClient({ url: server.url }).on("error", lost);
  await client.connect();
  return { client, close: client.destroy.bind(client) };
}

// What a person does.

const passwords = { ada: "lovelace", grace: "hopper" };

/** Opens the page of the login, fills it in, and waits until the next page shows the user's name. */
export async function logIn(page: Page, user: keyof typeof passwords, remember = false): Promise<void> {
  await page.goto("/login");
  await page.fill("#user-name", user);
  await page.fill("#password", passwords[user]);
  if (remember) await page.check("[name=remember]");
  await page.click("#log-in");
  await shows(page, "#user", user === "ada" ? "Ada" : "Grace");
}

/** Writes a draft, and waits until the page says so. */
export async function write(page: Page, title: string): Promise<void> {
  await page.goto("/");
  await page.fill("#title", title);
  await page.click("#write");
  await shows(page, "#flash", title);
}

/** The titles of the drafts on the page, sorted. */
export async function draftsOn(page: Page): Promise<string[]> {
  return (await page.locator("#drafts h3").allTextContents()).sort();
}

/** Waits until the page shows the form of the login instead of what it showed a user. */
export async function isOut(page: Page): Promise<void> {
  await shows(page, "#log-in");
  assert.equal(await page.locator("#user").count(), 0);
}

export async function cookieOf(context: BrowserContext): Promise<Cookie> {
  const cookies = await context.cookies();
  const found = cookies.find(({ name }) => name === "notes");
  assert.ok(found !== undefined && cookies.length === 1, `the cookies are ${JSON.stringify(cookies)}`);
  return found;
}

// A slow request.

export interface SlowPost {
  finish(): Promise<{ status: number; headers: IncomingHttpHeaders }>;
}

/**
 * Sends a form that names the session of this cookie, but only half of it, and resolves when the application has read
 * the session. `finish` sends the other half.
 */
export async function slowPost(
  site: Site,
  server: Server,
  path: string,
  cookie: string,
  form: Record<string, string>,
): Promise<SlowPost> {
  const body = new URLSearchParams(form).toString();
  const before = await reads(server);
  const sent = request(site.url + path, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      "Content-Length": body.length,
      Cookie: `notes=${cookie}`,
      Origin: site.url,
    },
  });
  const answered = once(sent, "response") as Promise<[IncomingMessage]>;
  sent.write(body.slice(0, 1));
  await eventually("the application reads the session", async () => (await reads(server)) > before);
  return {
    async finish() {
      sent.end(body.slice(1));
      const [answer] = await answered;
      answer.resume();
      await once(answer, "end");
      return { status: answer.statusCode ?? 0, headers: answer.headers };
    },
  };
}

/** How many sessions the server has given out. */
async function reads(server: Server): Promise<number> {
  const stats = await asked(server, (client) => client.info("commandstats"));
  return Number(/cmdstat_session\.get:calls=(\d+)/i.exec(stats)?.[1] ?? 0);
}

/** Asks the server over a connection of its own. */
export async function asked<T>(
  server: Server,
  ask: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const client = createClient({ url: server.url });
  await client.connect();
  try {
    return await ask(client as ReturnType<typeof createClient>);
  } finally {
    client.destroy();
  }
}

/** The keys of the site's sessions. */
export async function keysOf(server: Server, site: Site): Promise<string[]> {
  return asked(server, (client) => client.keys(`${site.prefix}*`));
}
