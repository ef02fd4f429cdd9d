// A Koa application with sessions, over real HTTP, with each version of koa-session.
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { createServer, type Server as HttpServer } from "node:http";
import Koa from "koa";
import session7 from "koa-session";
import type { RedisSessionStore } from "redis-session-client/koa";
import { during, Visitor } from "./visitor.js";

export const KEYS = ["a secret for signing cookies"];

/** The context as tests use it. @types/koa-session is for version 6. */
export interface Context extends Koa.Context {
  session: (Record<string, unknown> & Methods) | null;
  sessionOptions: Record<string, unknown>;
}

interface Methods {
  maxAge: number | "session";
  readonly isNew: boolean;
  save(): unknown;
  regenerate(): Promise<void>;
  manuallyCommit(): Promise<void>;
  toJSON(): Record<string, unknown>;
}

type Middleware = (options: object, app: Koa) => Koa.Middleware;

const require = createRequire(import.meta.url);

/** The versions of koa-session: the newest of 7, the newest of 6, and the oldest that is supported. */
export const versions: ReadonlyMap<string, Middleware> = new Map([
  ["7", (options: object, app: Koa) => session7(options, app) as Koa.Middleware],
  ["6.4", require("koa-session-6") as Middleware],
  ["6.2", require("koa-session-62") as Middleware],
]);

export interface AppOptions {
  readonly store?: RedisSessionStore | undefined;
  /** Which of `versions`. @default "7" */
  readonly version?: string;
  /** Options of koa-session. */
  readonly options?: object;
  /** More routes, by method and path: the result is the body; undefined shows the session. */
  readonly routes?: Record<string, (ctx: Context, body: unknown) => unknown>;
}

export class KoaApp {
  private constructor(
    readonly url: string,
    private readonly listener: HttpServer,
    readonly app: Koa,
  ) {}

  static async start({ store, version = "7", options, routes = {} }: AppOptions): Promise<KoaApp> {
    const app = new Koa();
    app.keys = KEYS;
    // Errors are what tests ask for; Koa would print them.
    app.silent = true;
    const session = versions.get(version);
    if (session === undefined) throw new Error(`no koa-session ${version}`);
    app.use(session({ ...(store === undefined ? {} : { store }), ...options }, app));
    app.use(async (context) => {
      const ctx = context as Context;
      const body = ctx.method === "POST" ? await bodyOf(ctx) : undefined;
      const route = routes[`${ctx.method} ${ctx.path}`] ?? common[`${ctx.method} ${ctx.path}`];
      if (route === undefined) return;
      ctx.body = (await route(ctx, body)) ?? shown(ctx);
    });
    const handle = app.callback();
    const listener = createServer((request, response) => void handle(request, response));
    await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
    return new KoaApp(`http://127.0.0.1:${String((listener.address() as AddressInfo).port)}`, listener, app);
  }

  /** Starts an application for the time of `work`. */
  static async run(options: AppOptions, work: (app: KoaApp) => Promise<void>): Promise<void> {
    await during(await KoaApp.start(options), work);
  }

  visitor(): Visitor {
    return new Visitor(this.url);
  }

  async stop(): Promise<void> {
    const closed = new Promise((done) => this.listener.close(done));
    this.listener.closeAllConnections();
    await closed;
  }
}

const common: NonNullable<AppOptions["routes"]> = {
  "GET /": () => undefined,
  "POST /set": (ctx, body) => void Object.assign(ctx.session ?? {}, body),
  "POST /delete": (ctx, body) => {
    for (const name of body as string[]) Reflect.deleteProperty(ctx.session ?? {}, name);
  },
  "POST /replace": (ctx, body) => void (ctx.session = body as Context["session"]),
  "POST /destroy": (ctx) => {
    ctx.session = null;
    return {};
  },
};

/** The members of the session. */
export function shown(ctx: Context): Record<string, unknown> {
  return ctx.session?.toJSON() ?? {};
}

/** Routes for users: login, a new ID, devices, and ending the others. */
export function userRoutes(store: RedisSessionStore): NonNullable<AppOptions["routes"]> {
  return {
    "POST /login": (ctx, body) => {
      const { user, patch = { name: user.toUpperCase() } } = body as { user: string; patch?: Record<string, unknown> };
      return store.login(ctx, user, patch);
    },
    "POST /rotate": (ctx) => store.rotate(ctx, { grace: 5000 }),
    "GET /devices": (ctx) => store.list("ada", { current: ctx, paths: ["/name", "/cart"] }),
    "POST /others": async (ctx) => ({ ended: await store.revoke("ada", { except: ctx }) }),
  };
}

async function bodyOf(ctx: Context): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? {} : (JSON.parse(text) as unknown);
}
