// Applications as they are before and after a move, and the program `sessionctl import` between them.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { promisify } from "node:util";
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import { RedisStore } from "connect-redis";
import type { Store } from "express-session";
import Fastify from "fastify";
import type { Client } from "redis-session-client";
import { RedisSessionStore as ExpressStore } from "redis-session-client/express";
import { RedisSessionStore as FastifyStore } from "redis-session-client/fastify";
import { RedisSessionStore as KoaStore } from "redis-session-client/koa";
import { App, common, SECRET, userRoutes as fastifyRoutes } from "./fastify.js";
import { KoaApp, userRoutes as koaRoutes } from "./koa.js";
import { packageRoot, type Server } from "./server.js";
import { Visitor, type Running } from "./visitor.js";
import { done, membersOf, serve, type Routes } from "./web.js";

const run = promisify(execFile);
const redisStore = createRequire(import.meta.url)("koa-redis") as (options: object) => {
  readonly client: { disconnect(): void };
};

/** The path of sessionctl, from SESSIONCTL or of the debug build. */
function program(): string {
  const path = process.env["SESSIONCTL"] ?? resolve(packageRoot, "../../target/debug/sessionctl");
  if (existsSync(path)) return path;
  throw new Error(
    `there is no sessionctl at ${path}; type \`cargo build -p sessionctl\`, or say in SESSIONCTL where it is`,
  );
}

export interface Move {
  /** The format of the old sessions. */
  readonly from: string;
  readonly source: Server;
  readonly target: Server;
  readonly prefix: string;
  /** Where the program keeps its journal. */
  readonly folder: string;
}

/** Runs `sessionctl import`. Rejects with what it has printed unless all went well. */
export async function move({ from, source, target, prefix, folder }: Move, ...options: string[]): Promise<string> {
  const given = ["import", "--from", from, "--source", source.url, "--url", target.url, "--prefix", prefix, ...options];
  return sessionctl(given, folder);
}

/** Runs the program. Rejects with what it has printed unless all went well. */
export async function sessionctl(given: readonly string[], folder: string): Promise<string> {
  const { stdout } = await run(program(), given, { env: { ...process.env, XDG_STATE_HOME: folder } });
  return stdout;
}

/** How one framework is used before and after. */
export interface Framework {
  readonly name: string;
  /** What `--from` calls its old store. */
  readonly from: string;
  /** The options of the new store. `legacy` takes over what is not imported. */
  readonly store: (options: StoreOptions) => AnyStore;
  before(server: Server, client: Client): Promise<Running>;
  after(store: AnyStore): Promise<Running>;
  /** What a visitor does, in the routes of this application. */
  show(visitor: Visitor): Promise<unknown>;
  set(visitor: Visitor, members: object): Promise<unknown>;
  destroy(visitor: Visitor): Promise<unknown>;
  login(visitor: Visitor, user: string): Promise<unknown>;
}

export interface StoreOptions {
  readonly client: Client;
  readonly prefix: string;
  readonly legacy?: boolean;
}
export type AnyStore = ExpressStore | FastifyStore | KoaStore;

const AGE = 3_600_000;

function expressRoutes(store?: ExpressStore): Routes {
  return {
    "/": (req) => membersOf(req.session),
    "/set": (req) => void Object.assign(req.session, JSON.parse(req.query["members"] as string)),
    "/destroy": (req) => done((callback) => req.session.destroy(callback)),
    "/login": async (req) => {
      await store?.login(req, req.query["user"] as string, { in: true });
    },
  };
}

async function expressSite(store: Store, routes: Routes): Promise<Running> {
  const site = await serve({ store, cookie: { maxAge: AGE } }, routes);
  return { ...site, stop: () => site.close() };
}

const express: Framework = {
  name: "express-session with connect-redis",
  from: "connect-redis",
  store: (options) => new ExpressStore(options),
  before: (_, client) => expressSite(new RedisStore({ client }), expressRoutes()),
  after: (store) => expressSite(store as ExpressStore, expressRoutes(store as ExpressStore)),
  show: (visitor) => visitor.get("/"),
  set: (visitor, members) => visitor.get(`/set?members=${encodeURIComponent(JSON.stringify(members))}`),
  destroy: (visitor) => visitor.get("/destroy"),
  login: (visitor, user) => visitor.get(`/login?user=${user}`),
};

/** The routes that the helpers of Fastify and Koa have. */
const posting = {
  show: (visitor: Visitor) => visitor.get("/"),
  set: (visitor: Visitor, members: object) => visitor.post("/set", members),
  destroy: (visitor: Visitor) => visitor.post("/destroy"),
  login: (visitor: Visitor, user: string) => visitor.post("/login", { user, patch: { in: true } }),
};

const fastify: Framework = {
  name: "@fastify/session with connect-redis",
  from: "fastify",
  store: (options) => new FastifyStore(options),
  async before(_, client) {
    const app = Fastify();
    await app.register(fastifyCookie);
    await app.register(fastifySession, {
      store: new RedisStore({ client }) as unknown as NonNullable<fastifySession.FastifySessionOptions["store"]>,
      secret: SECRET,
      cookie: { secure: false, maxAge: AGE },
      saveUninitialized: false,
    });
    common(app);
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    return { url, visitor: () => new Visitor(url), stop: () => app.close() };
  },
  after: (store) =>
    App.start({
      store: store as FastifyStore,
      routes: fastifyRoutes(store as FastifyStore),
      cookie: { secure: false, maxAge: AGE },
    }),
  ...posting,
};

const koa: Framework = {
  name: "koa-session with koa-redis",
  from: "koa",
  store: (options) => new KoaStore(options),
  async before(server) {
    const store = redisStore({ url: server.url });
    const app = await KoaApp.start({ options: { store, maxAge: AGE } });
    return {
      url: app.url,
      visitor: () => app.visitor(),
      stop: async () => {
        await app.stop();
        store.client.disconnect();
      },
    };
  },
  after: (store) =>
    KoaApp.start({ store: store as KoaStore, routes: koaRoutes(store as KoaStore), options: { maxAge: AGE } }),
  ...posting,
};

export const frameworks: readonly Framework[] = [express, fastify, koa];
