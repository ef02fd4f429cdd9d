/**
 * Sets up the sessions: the store, the middleware of express-session, the cookie and the timeouts.
 *
 * What the store adds to express-session: each request sends only the members that it changed, so each draft is a member
 * of its own, and two tabs never overwrite each other's. A session that has ended stays ended, whatever still runs.
 */
import type { CookieOptions, Request, RequestHandler, Response } from "express";
import session, { type Store } from "express-session";
import { RedisSessionStore, type StoreOptions } from "redis-session-client/express";
import type { Note } from "./users.js";

export type DraftKey = `draft:${string}`;

declare module "express-session" {
  /** What the application keeps in a session. A visitor who has stored none of it has no session, and no cookie. */
  interface SessionData {
    /** The user who is logged in. */
    user?: string;
    name?: string;
    /** What the page of devices calls this session. */
    device?: string;
    /** A message that the next page shows once. */
    flash?: string;
    /** When the browser got the cookie of a remembered session, a Unix time in milliseconds. */
    renewed?: number;
    [draft: DraftKey]: Note | undefined;
  }
}

/**
 * The same as a JSON Schema. The server checks every write against it, so a session never holds anything else, whichever
 * program wrote it. A new version of the application that needs another form gives its schema another name.
 */
const schema = {
  name: "notes-1",
  definition: {
    type: "object",
    properties: {
      cookie: { type: "object" }, // that of express-session, with its expiry
      user: { type: "string" },
      name: { type: "string" },
      device: { type: "string" },
      flash: { type: "string" },
      renewed: { type: "integer" },
    },
    patternProperties: {
      "^draft:[0-9a-f]{8}$": {
        type: "object",
        properties: {
          title: { type: "string", maxLength: 80 },
          text: { type: "string", maxLength: 2000 },
          written: { type: "integer" },
        },
        required: ["title", "text", "written"],
      },
    },
    additionalProperties: false,
    maxProperties: 40, // about thirty drafts
  },
};

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Times are in milliseconds. */
export interface NotesOptions {
  /** A connected client of node-redis, ioredis or iovalkey. */
  readonly client: StoreOptions["client"];
  /** Signs the cookie. With several, the first signs and all are accepted, so that a secret can be replaced. */
  readonly secret: string | string[];
  /** true behind a proxy that ends TLS: the cookie is then Secure, and its name says so. @default false */
  readonly secure?: boolean;
  /** What the keys in Redis begin with. @default "notes:" */
  readonly prefix?: string;
  /** A session ends after this time without use. @default 30 minutes */
  readonly idle?: number;
  /** It ends this time after its first draft or the last login, used or not. @default 12 hours */
  readonly absolute?: number;
  /** The same two times of a session that is remembered. @default 14 days and 90 days */
  readonly remember?: number;
  readonly rememberAtMost?: number;
  /** How often the cookie of a remembered session is sent again. @default 1 day */
  readonly renewEvery?: number;
  /** How often open pages ask whether their session lives. @default 3 seconds */
  readonly askEvery?: number;
}

export interface NotesSessions {
  readonly store: RedisSessionStore;
  /** Gives requests their session. */
  readonly middleware: RequestHandler[];
  /** The same for requests that are no use of the session. */
  readonly untouched: RequestHandler;
  readonly cookie: { readonly name: string; readonly secure: boolean; readonly attributes: CookieOptions };
  /** The idle timeout of a remembered session. */
  readonly remember: number;
}

export function sessionsOf(options: NotesOptions): NotesSessions {
  const { client, secret, secure = false, prefix = "notes:" } = options;
  const { idle = 30 * minute, absolute = 12 * hour } = options;
  const { remember = 14 * day, rememberAtMost = 90 * day, renewEvery = day } = options;

  // Lax keeps the cookie out of forms and scripts of other sites, and sends it where a link leads here.
  const attributes = { httpOnly: true, secure, sameSite: "lax", path: "/" } as const;
  // Browsers keep a __Host- cookie only if it came from this very host, over TLS.
  const name = secure ? "__Host-notes" : "notes";

  const storeOptions: StoreOptions = {
    client,
    prefix,
    schema,
    // For a cookie that ends with the browser. A cookie with maxAge, that of a remembered session, brings its own idle
    // timeout: that maxAge.
    idleTimeout: idle,
    absoluteTimeout: (data: object) => (isRemembered(data as session.SessionData) ? rememberAtMost : absolute),
    log: (line) => {
      console.warn(line); // such as: a session ended during a request, and its save was dropped
    },
  };
  const store = new RedisSessionStore(storeOptions);

  const using = (itsStore: Store): RequestHandler =>
    session({
      store: itsStore,
      secret,
      name,
      cookie: attributes,
      resave: false,
      saveUninitialized: false, // who only looks gets no cookie
      // With true, each answer would send the cookie. A slow answer to a request from before the login would then put
      // the old cookie over the new one, and the user would be out again.
      rolling: false,
    });

  // The server extends a remembered session with each request, but the browser drops the cookie when its own time is
  // over. express-session sends a cookie with an expiry again when the session changes, so change it now and then.
  const renewal: RequestHandler = (req, _res, next) => {
    const { renewed = 0 } = req.session;
    if (isRemembered(req.session) && Date.now() - renewed >= renewEvery) req.session.renewed = Date.now();
    next();
  };

  return {
    store,
    middleware: [using(store), renewal],
    untouched: using(new RedisSessionStore({ ...storeOptions, touch: "never" })),
    cookie: { name, secure, attributes },
    remember,
  };
}

function isRemembered({ cookie }: Pick<session.SessionData, "cookie">): boolean {
  return typeof cookie.originalMaxAge === "number";
}

/** Thrown by routes that need a user. The error handler answers with the way to the login. */
export class LoginNeeded extends Error {}

/** The user who is logged in. */
export function userOf(req: Request): string {
  if (req.session.user === undefined) throw new LoginNeeded();
  return req.session.user;
}

/** Whether nothing is stored: a new session has only its cookie. */
export function isEmpty(data: object): boolean {
  return Object.keys(data).every((member) => member === "cookie");
}

/**
 * Saves what changed, then sends the browser on. express-session by itself saves while it answers, and the browser could
 * ask for the next page before that is done.
 */
export async function saved(req: Request, res: Response, path: string): Promise<void> {
  await done((callback) => req.session.save(callback));
  res.redirect(303, path);
}

/** Ends the session. */
export async function destroyed(req: Request): Promise<void> {
  await done((callback) => req.session.destroy(callback));
}

/** The methods of a session of express-session take callbacks. This makes a promise of one. */
async function done(call: (callback: (error?: Error | null) => void) => unknown): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    call((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
