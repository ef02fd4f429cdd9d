// A Fastify application with sessions, over real HTTP, with the routes that most tests need.
import fastifyCookie from "@fastify/cookie";
import fastifySession, { type FastifySessionOptions } from "@fastify/session";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { redisSession, type RedisSessionStore } from "redis-session-client/fastify";
import { Visitor } from "./visitor.js";

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
  readonly routes?: (app: FastifyInstance) => void;
}

export class App {
  private constructor(
    readonly url: string,
    readonly instance: FastifyInstance,
  ) {}

  static async start({ bare = false, routes, ...options }: AppOptions): Promise<App> {
    const app = Fastify();
    await app.register(fastifyCookie);
    const all = { secret: SECRET, cookie: { secure: false }, saveUninitialized: false, ...options };
    if (bare) await app.register(fastifySession, { idGenerator: options.store.idGenerator, ...all });
    else await app.register(redisSession, all);
    common(app);
    routes?.(app);
    return new App(await app.listen({ port: 0, host: "127.0.0.1" }), app);
  }

  visitor(): Visitor {
    return new Visitor(this.url);
  }

  async stop(): Promise<void> {
    await this.instance.close();
  }
}

/** Routes that show the session and change it. */
function common(app: FastifyInstance): void {
  app.get("/", async (request) => shown(request));
  app.post("/set", async (request) => {
    Object.assign(request.session, request.body);
    return shown(request);
  });
  app.post<{ Body: string[] }>("/delete", async (request) => {
    for (const name of request.body) Reflect.deleteProperty(request.session, name);
    return shown(request);
  });
  app.post("/destroy", async (request) => {
    await request.session.destroy();
    return {};
  });
}

/** The members of the session without its cookie. */
export function shown(request: FastifyRequest): Record<string, unknown> {
  const { cookie: _, ...members } = Object.fromEntries(Object.entries(request.session));
  return members;
}
