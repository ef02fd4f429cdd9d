// Express applications for tests, over real HTTP.
import { createHmac } from "node:crypto";
import type { Server as HttpServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import express from "express";
import session from "express-session";
import type { Express, NextFunction, Request, RequestHandler, Response } from "express";
import { Visitor } from "./visitor.js";

// The types of Express 4 would clash with those of 5.
const express4 = createRequire(import.meta.url)("express-4") as typeof express;

declare module "express-session" {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- adds to the interface of express-session
  interface SessionData extends Record<string, unknown> {}
}

const SECRET = "secret";

/** The cookie `connect.sid` for an ID of the test's choice, as a site of `serve` would sign it. */
export function signed(sid: string): string {
  const signature = createHmac("sha256", SECRET).update(sid).digest("base64").replace(/=+$/, "");
  return encodeURIComponent(`s:${sid}.${signature}`);
}

export interface Site {
  readonly url: string;
  /** A new visitor's browser. */
  visitor(): Visitor;
  close(): Promise<void>;
}

/** Listens on a free port. */
export async function listen(app: Express): Promise<Site> {
  const server = await new Promise<HttpServer>((done) => {
    const listening: HttpServer = app.listen(0, "127.0.0.1", () => {
      done(listening);
    });
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    visitor: () => new Visitor(url),
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
}

export interface SiteOptions extends session.SessionOptions {
  /** Express 4 in the place of 5. */
  readonly express4?: boolean;
}

/** The routes of a site by their paths. What a route returns is sent as JSON, unless it has sent an answer. */
export type Routes = Record<string, (req: Request, res: Response) => unknown>;

/** A site with express-session as its documentation advises (resave and saveUninitialized off), where options do not say other. */
export function serve(options: Partial<SiteOptions>, routes: Routes): Promise<Site> {
  const { express4: old = false, ...given } = options;
  const app = old ? express4() : express();
  // Express shows errors in the test's output otherwise.
  app.set("env", "test");
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, ...given }));
  for (const [path, route] of Object.entries(routes)) app.get(path, handler(route));
  return listen(app);
}

/** Also Express 4, which knows no promises, gets the errors of async routes. */
function handler(route: Routes[string]): RequestHandler {
  return (req: Request, res: Response, next: NextFunction) => {
    (async () => {
      const value: unknown = await route(req, res);
      if (!res.writableEnded && !res.headersSent) res.json(value ?? null);
    })().catch(next);
  };
}

/** Calls a method that takes a callback, as in `done(cb => req.session.save(cb))`. */
export function done(call: (callback: (error?: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => {
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error("the callback got an error that is none"));
    });
  });
}

/** Lets everybody through once so many have arrived. */
export function barrier(count: number): () => Promise<void> {
  let open: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (--count === 0) open();
    return opened;
  };
}

/** A session as code outside of a request writes one. */
export function plain(members: object, maxAge: number | null = 60_000): session.SessionData {
  const data: object = { cookie: { originalMaxAge: maxAge }, ...members };
  return data as session.SessionData;
}

/** The members of a session without its cookie. */
export function membersOf(data: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data as object).filter(([name]) => name !== "cookie"));
}
