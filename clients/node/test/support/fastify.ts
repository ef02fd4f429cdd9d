// A Fastify application with sessions, over real HTTP, with the routes that most tests need.
import fastifyCookie from "@fastify/cookie";
import fastifySession, { type FastifySessionOptions } from "@fastify/session";
import Fastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from "fastify";
import { redisSession, type RedisSessionStore } from "redis-session-client/fastify";
import { during, Visitor } from "./visitor.js";

export const SECRET = "a secret with minimum length of 32 characters";

/** The session as tests see it: any members. */
export type Data = Record<string, unknown> & { cookie: { maxAge?: number | null; originalMaxAge: number | null } };

export function dataOf(request: FastifyRequest): Data {
  return request.session as unknown as Data;
}

export interface AppOptions extends Partial<FastifySessionOptions> {
  readonly store: RedisSessionStore;
  /** true registers @fastify/session itself, without the plugin of this package. */
  readonly bare?: boolean;
  /** Options of Fastify itself. */
  readonly fastify?: FastifyServerOptions;
  readonly routes?: (app: FastifyInstance) => void;
}

export class App {
  private constructor(
    readonly url: string,
    readonly instance: FastifyInstance,
  ) {}

  static async start({ bare = false, routes, fastify = {}, ...options }: AppOptions): Promise<App> {
    const app = Fastify(fastify);
    await app.register(fastifyCookie);
    const all = { secret: SECRET, cookie: { secure: false }, saveUninitialized: false, ...options };
    if (bare) await app.register(fastifySession, { idGenerator: options.store.idGenerator, ...all });
    else await app.register(redisSession, all);
    common(app);
    routes?.(app);
    return new App(await app.listen({ port: 0, host: "127.0.0.1" }), app);
  }

  /** Starts an application for the time of `work`. */
  static async run(options: AppOptions, work: (app: App) => Promise<void>): Promise<void> {
    await during(await App.start(options), work);
  }

  visitor(): Visitor {
    return new Visitor(this.url);
  }

  async stop(): Promise<void> {
    await this.instance.close();
  }
}

/** Routes that show the session and change it. */
export function common(app: FastifyInstance): void {
  app.get("/", shown);
  app.post("/set", (request, reply) => {
    Object.assign(request.session, request.body);
    return reply.send(shown(request));
  });
  app.post<{ Body: string[] }>("/delete", (request, reply) => {
    for (const name of request.body) Reflect.deleteProperty(request.session, name);
    return reply.send(shown(request));
  });
  app.post("/destroy", async (request) => {
    await request.session.destroy();
    return {};
  });
}

/** The members of the session without its cookie. */
export function shown(request: FastifyRequest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request.session).filter(([name]) => name !== "cookie"));
}

/** Routes for users: login, a new ID, devices, and ending the others. */
export function userRoutes(store: RedisSessionStore): (app: FastifyInstance) => void {
  return (app) => {
    app.post<{ Body: { user: string; patch?: object } }>("/login", async (request) => {
      const { user, patch = { name: user.toUpperCase() } } = request.body;
      await store.login(request, user, patch);
      return shown(request);
    });
    app.post("/rotate", async (request) => {
      await store.rotate(request, { grace: 5000 });
      return shown(request);
    });
    app.get("/devices", (request) => store.list("ada", { current: request, paths: ["/name", "/cart"] }));
    app.post("/others", async (request) => ({ ended: await store.revoke("ada", { except: request }) }));
  };
}
