// The storage behind React Router's own request handler, over HTTP: loaders, actions, middleware, errors.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { createContext, data, redirect, type MiddlewareFunction, type Session } from "react-router";
import type { ActionFunctionArgs, LoaderFunctionArgs } from "react-router";
import { SessionError } from "redis-session-client";
import { createRedisSessionStorage, type RedisSessionStorage } from "redis-session-client/react-router";
import { nodeRedisClient } from "./support/drivers.js";
import { serve, type Modules } from "./support/react-router-app.js";
import { Server } from "./support/server.js";
import { Site } from "./support/storage.js";

let site: Site;
before(async () => (site = await Site.open()));
after(() => site.close());

/** A browser: it keeps cookies, and follows no redirects. */
class Browser {
  private readonly cookies = new Map<string, string>();
  constructor(private readonly url: string) {}

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async visit(path: string, form?: Record<string, string>): Promise<{ status: number; page: Record<string, unknown> }> {
    const post = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
    const response = await fetch(this.url + path, { ...post, redirect: "manual", headers: { cookie: this.cookie } });
    for (const header of response.headers.getSetCookie()) {
      const [pair = ""] = header.split(";");
      const [name = "", value = ""] = pair.split(/=(.*)/s);
      if (header.includes("Expires=Thu, 01 Jan 1970")) this.cookies.delete(name);
      else if (name !== "") this.cookies.set(name, value);
    }
    const text = await response.text();
    return { status: response.status, page: text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {} };
  }
}

const cookieOf = (request: Request): string | null => request.headers.get("Cookie");

const form = async (request: Request): Promise<URLSearchParams> => new URLSearchParams(await request.text());

/** What a small application does with sessions. `wait` holds an action back between its read and its commit. */
function application(storage: RedisSessionStorage, wait: () => Promise<unknown>): Modules {
  const { getSession, commitSession, destroySession, login } = storage;
  return {
    home: {
      default: () => null,
      async loader({ request }: LoaderFunctionArgs) {
        const session = await getSession(cookieOf(request));
        const page = {
          user: session.get("user") as unknown,
          error: session.get("error") as unknown,
          all: session.data,
        };
        return data(page, { headers: { "Set-Cookie": await commitSession(session) } });
      },
      headers: ({ loaderHeaders }: { loaderHeaders: Headers }) => loaderHeaders,
    },
    login: {
      async action({ request }: ActionFunctionArgs) {
        const session = await getSession(cookieOf(request));
        const user = (await form(request)).get("user") ?? "";
        if (user === "eve") {
          session.flash("error", "wrong password");
          return redirect("/home", { headers: { "Set-Cookie": await commitSession(session) } });
        }
        return redirect("/home", { headers: { "Set-Cookie": await login(session, user, { user }) } });
      },
    },
    set: {
      async action({ request }: ActionFunctionArgs) {
        const session = await getSession(cookieOf(request));
        for (const [name, value] of await form(request)) session.set(name, value);
        await wait();
        return redirect("/home", { headers: { "Set-Cookie": await commitSession(session) } });
      },
    },
    logout: {
      async action({ request }: ActionFunctionArgs) {
        const session = await getSession(cookieOf(request));
        return redirect("/home", { headers: { "Set-Cookie": await destroySession(session) } });
      },
    },
  };
}

async function open(wait: () => Promise<unknown> = () => Promise.resolve()) {
  const { url, server } = await serve(application(site.storage({ cookie: { secure: false } }), wait));
  after(() => server.close());
  return new Browser(url);
}

test("a visitor fails to log in, sees why once, logs in and out", async () => {
  const browser = await open();
  assert.deepEqual(await browser.visit("/home"), { status: 200, page: { home: { all: {} } } });
  assert.equal(browser.cookie, "");
  assert.equal((await browser.visit("/login", { user: "eve" })).status, 302);
  const shown = (await browser.visit("/home")).page["home"];
  assert.deepEqual(shown, { error: "wrong password", all: {} });
  assert.deepEqual((await browser.visit("/home")).page["home"], { all: {} });
  const before = browser.cookie;
  await browser.visit("/login", { user: "ada" });
  assert.notEqual(browser.cookie, before);
  assert.deepEqual((await browser.visit("/home")).page["home"], { user: "ada", all: { user: "ada" } });
  await browser.visit("/logout", {});
  assert.equal(browser.cookie, "");
  assert.deepEqual((await browser.visit("/home")).page["home"], { all: {} });
});

test("ten actions at the same time that change different members keep all changes", async () => {
  let waiting = 0;
  let release: () => void = () => undefined;
  const all = new Promise<void>((done) => (release = done));
  // Each has read the session before the first of them commits.
  const browser = await open(async () => {
    if (++waiting === 10) release();
    await all;
  });
  await browser.visit("/login", { user: "ada" });
  await Promise.all(Array.from({ length: 10 }, (_, i) => browser.visit("/set", { [`n${i}`]: "x" })));
  const { page } = await browser.visit("/home");
  const members = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`n${i}`, "x"]));
  assert.deepEqual((page["home"] as { all: object }).all, { user: "ada", ...members });
});

test("a logout during a slow action stays, and so does a login: the action sets no cookie", async () => {
  let arrived: () => void = () => undefined;
  let release: () => void = () => undefined;
  const browser = await open(() => {
    arrived();
    return new Promise<void>((done) => (release = done));
  });
  for (const path of ["/logout", "/login"]) {
    await browser.visit("/login", { user: "ada" });
    const reached = new Promise<void>((done) => (arrived = done));
    const slow = browser.visit("/set", { late: "x" });
    await reached;
    await browser.visit(path, { user: "ada" });
    const { cookie } = browser;
    release();
    assert.equal((await slow).status, 302);
    assert.equal(browser.cookie, cookie);
    const expected = path === "/login" ? { user: "ada", all: { user: "ada" } } : { all: {} };
    assert.deepEqual((await browser.visit("/home")).page["home"], expected);
  }
});

test("a middleware shares one session among all loaders, and commits once", async () => {
  const storage = site.storage({ cookie: { secure: false } });
  const context = createContext<Session>();
  const middleware: MiddlewareFunction<Response> = async ({ request, context: shared }, next) => {
    const session = await storage.getSession(cookieOf(request));
    shared.set(context, session);
    const response = await next();
    const header = await storage.commitSession(session);
    if (header !== "") response.headers.append("Set-Cookie", header);
    return response;
  };
  const count = (name: string) => ({
    default: () => null,
    loader({ context: shared }: LoaderFunctionArgs) {
      const session = (shared as unknown as Map<unknown, Session>).get(context);
      session?.set(name, Number(session.get(name) ?? 0) + 1);
      return session?.data;
    },
  });
  const { url, server } = await serve({ "": { middleware: [middleware], ...count("root") }, page: count("page") });
  after(() => server.close());
  const browser = new Browser(url);
  const made = await site.count();
  await browser.visit("/page");
  await browser.visit("/page");
  assert.equal(await site.count(), made + 1);
  const { page } = await browser.visit("/page");
  assert.deepEqual(page["page"], { root: 3, page: 3 });
});

test("without a server a loader's error is a 500, and 503 where the application throws it as a response", async () => {
  const own = await Server.start();
  const connected = await nodeRedisClient("redis", own.url, { disableOfflineQueue: true });
  const storage = createRedisSessionStorage({ client: connected.client, cookie: { secure: false }, timeout: 500 });
  const loader = ({ request }: LoaderFunctionArgs) => storage.getSession(cookieOf(request)).then(({ data }) => data);
  const { url, server } = await serve({
    plain: { default: () => null, loader },
    thrown: {
      default: () => null,
      loader: (args: LoaderFunctionArgs) =>
        loader(args).catch((error: unknown) => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- React Router's way to answer with a status
          if (error instanceof SessionError) throw data(null, { status: error.status });
          throw error;
        }),
    },
  });
  const session = await storage.getSession();
  session.set("a", 1);
  const [cookie = ""] = (await storage.commitSession(session)).split(";");
  await own.stop();
  for (const [path, status] of [
    ["/plain", 500],
    ["/thrown", 503],
  ] as const) {
    const response = await fetch(url + path, { headers: { cookie } });
    assert.equal(response.status, status);
    assert.deepEqual(response.headers.getSetCookie(), []);
    assert.ok(!(await response.text()).includes(session.id));
  }
  server.close();
  await once(server, "close");
  await connected.close();
});
