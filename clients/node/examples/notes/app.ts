/**
 * The application: notes for visitors and users. `createApp` makes the whole of it, and server.ts runs it.
 *
 * A session is an ordinary one of express-session: routes read and change `req.session`. sessions.ts sets it up.
 * `store.login`, `store.list` and `store.revoke` are what redis-session-client adds.
 */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import express, { type ErrorRequestHandler, type Request, type Response } from "express";
import type { SessionData } from "express-session";
import type { Frame } from "./layout.js";
import { devicesPage, loginPage, messagePage, notesPage } from "./pages.js";
import { browserOf, field, ownRequest, pathInside, statusOf } from "./requests.js";
import { destroyed, isEmpty, LoginNeeded, saved, sessionsOf, userOf } from "./sessions.js";
import type { DraftKey, NotesOptions } from "./sessions.js";
import { authenticated, notebook, type Note } from "./users.js";

const publicFiles = fileURLToPath(new URL("../../../examples/notes/public", import.meta.url));
const mostDrafts = 30;

export function createApp(options: NotesOptions): express.Express {
  const { askEvery = 3000 } = options;
  const { store, middleware, untouched, cookie, remember } = sessionsOf(options);

  const app = express();
  if (cookie.secure) app.set("trust proxy", 1);
  app.disable("x-powered-by");
  app.use((req, res, next) => {
    res.set({
      "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
      "Referrer-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
    });
    // SameSite does not help where no cookie is needed: a form of another site could log the visitor in, as somebody
    // whose notebook its author reads.
    if (ownRequest(req)) next();
    else res.status(403).send(messagePage(stranger(req), "Not from here", "This form belongs to another site."));
  });
  app.use(express.static(publicFiles));
  app.use((_req, res, next) => {
    // Pages are made for one visitor: no cache may keep them, not even the browser's, which outlives the session.
    res.set({ "Cache-Control": "no-store", Vary: "Cookie" });
    next();
  });
  // For public/ended.js. It stands before the middleware of the other routes, because that counts each request as a use
  // of the session: a page that only asks must not keep its session alive.
  app.get("/alive", untouched, async (req, res) => {
    const facts = req.session.user === undefined ? null : await store.sessions.info(store.keyOf(req.sessionID));
    if (facts === null) {
      res.status(401).end();
      return;
    }
    const endsAnywayIn = facts.deadline === null ? null : facts.deadline - Date.now();
    res.json({ user: req.session.user, endsIn: facts.ttl, endsAnywayIn });
  });
  app.use(middleware);
  app.use(express.urlencoded({ extended: false, limit: "20kb" }));

  /** What a page shows around its content to somebody without a session. */
  function stranger(req: Request): Frame {
    return { path: req.path, askEvery };
  }

  /** What every page shows around its content. It takes the flash out of the session. */
  async function frame(req: Request): Promise<Frame> {
    const { user, name = "", flash } = req.session;
    delete req.session.flash;
    const facts = isEmpty(req.session) ? null : await store.sessions.info(store.keyOf(req.sessionID));
    return {
      ...stranger(req),
      user: user === undefined ? undefined : { user, name },
      flash,
      session: facts ?? undefined,
    };
  }

  /** Answers after a logout. */
  function gone(res: Response): void {
    res.clearCookie(cookie.name, cookie.attributes);
    // Over https, Chromium's back button can restore a page from memory, even one with no-store.
    res.set("Clear-Site-Data", '"cache"');
    res.redirect(303, "/");
  }

  app.get("/", async (req, res) => {
    const { user } = req.session;
    const notes = user === undefined ? [] : [...notebook(user)].reverse();
    res.send(notesPage(await frame(req), drafts(req.session), notes));
  });

  app.post("/drafts", async (req, res) => {
    const title = field(req, "title").slice(0, 80);
    const text = field(req, "text").slice(0, 2000);
    if (title === "") {
      req.session.flash = "A draft needs a title.";
    } else if (drafts(req.session).length >= mostDrafts) {
      req.session.flash = `There is no room for more than ${mostDrafts} drafts.`;
    } else {
      req.session[`draft:${randomBytes(4).toString("hex")}`] = { title, text, written: Date.now() };
      req.session.flash = `“${title}” is a draft now.`;
    }
    await saved(req, res, "/");
  });

  app.post("/drafts/discard", async (req, res) => {
    const found = chosen(req);
    if (found === undefined) {
      res.redirect(303, "/");
      return;
    }
    const { key, draft } = found;
    req.session[key] = undefined; // JSON leaves it out, so it is gone from the session
    req.session.flash = `“${draft.title}” is gone.`;
    await saved(req, res, "/");
  });

  app.post("/drafts/save", async (req, res) => {
    const found = chosen(req);
    if (found === undefined) {
      res.redirect(303, "/");
      return;
    }
    const { key, draft } = found;
    const { user } = req.session;
    if (user === undefined) {
      req.session.flash = "Log in to save it. Your drafts come along.";
      return saved(req, res, "/login");
    }
    notebook(user).set(key, draft); // under the same key, so that two clicks save one note
    req.session[key] = undefined;
    req.session.flash = `“${draft.title}” is in your notebook.`;
    await saved(req, res, "/");
  });

  app.post("/notebook/delete", async (req, res) => {
    notebook(userOf(req)).delete(field(req, "id"));
    req.session.flash = "The note is gone.";
    await saved(req, res, "/");
  });

  app.get("/login", async (req, res) => {
    const ended = req.query["ended"] !== undefined && req.session.user === undefined;
    res.send(loginPage(await frame(req), { next: pathInside(req.query["next"]), ended, remember }));
  });

  app.post("/login", async (req, res) => {
    const typed = field(req, "user");
    const next = pathInside(field(req, "next"));
    const account = await authenticated(typed, field(req, "password"));
    if (account === undefined) {
      res.status(403).send(loginPage(await frame(req), { next, failed: true, typed, remember }));
      return;
    }
    // Without an age the cookie ends with the browser.
    req.session.cookie.maxAge = field(req, "remember") === "yes" ? remember : undefined;
    // One command gives the session a new id, a user and these members; the drafts stay. Whoever knew the old id, be it
    // that he had planted it, has nothing. Logging in as another user begins an empty session instead.
    await store.login(req, account.user, {
      user: account.user,
      name: account.name,
      device: browserOf(req.get("user-agent") ?? ""),
      flash: `Welcome, ${account.name}.`,
      renewed: Date.now(),
    });
    res.redirect(303, next);
  });

  app.post("/logout", async (req, res) => {
    await destroyed(req);
    gone(res);
  });

  /** For the button that public/ended.js shows shortly before the session ends: any request is a use. */
  app.post("/stay", (_req, res) => {
    res.status(204).end();
  });

  app.get("/devices", async (req, res) => {
    const found = await store.list(userOf(req), { current: req, paths: ["/device"] });
    const devices = found.map((device) => ({ ...device, name: String(device.values["/device"]) }));
    res.send(devicesPage(await frame(req), devices));
  });

  app.post("/devices/end", async (req, res) => {
    // A handle names a session without opening it. It ends one of this user's sessions, or nothing.
    const ended = await store.revoke(userOf(req), { only: field(req, "handle") });
    req.session.flash = ended > 0 ? "That device is logged out." : "That device was not logged in any more.";
    await saved(req, res, "/devices");
  });

  app.post("/devices/end-others", async (req, res) => {
    const ended = await store.revoke(userOf(req), { except: req });
    req.session.flash = ended === 1 ? "Logged out on one other device." : `Logged out on ${ended} other devices.`;
    await saved(req, res, "/devices");
  });

  app.post("/devices/end-all", async (req, res) => {
    await store.revoke(userOf(req));
    await destroyed(req); // this one is among them; without it, express-session would record this request's use
    gone(res);
  });

  app.use(async (req, res) => {
    res.status(404).send(messagePage(await frame(req), "There is no such page", "Perhaps it has moved."));
  });

  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- by its four parameters Express knows an error handler
  const failed: ErrorRequestHandler = (error: unknown, req, res, _next) => {
    if (error instanceof LoginNeeded) {
      // A cookie without a session: it has ended. The page of the login says so.
      const had = isEmpty(req.session) && (req.headers.cookie ?? "").includes(`${cookie.name}=`);
      const next = req.method === "GET" ? req.path : "/";
      res.redirect(303, `/login?${had ? "ended&" : ""}${new URLSearchParams({ next }).toString()}`);
      return;
    }
    const status = statusOf(error);
    if (status === 503) console.error(`Redis: ${error instanceof Error ? error.message : String(error)}`);
    else if (status >= 500) console.error(error);
    // express-session comes here when it could not save after the page was sent. The page is whole, so let it be.
    if (res.headersSent) return;
    const away = status === 503;
    if (away) res.set("Retry-After", "5");
    // Without Redis there is no req.session, so this page shows nobody.
    const title = away ? "Please try again in a moment" : "That did not work";
    const text = away ? "The server that keeps the sessions does not answer." : "The request could not be answered.";
    res.status(status).send(messagePage(stranger(req), title, text));
  };
  app.use(failed);
  return app;
}

function isDraft(member: string): member is DraftKey {
  return member.startsWith("draft:");
}

/** The drafts in a session, the latest first. */
function drafts(data: Partial<SessionData>): [DraftKey, Note][] {
  const found = Object.entries(data).filter(
    (member): member is [DraftKey, Note] => isDraft(member[0]) && member[1] !== undefined,
  );
  return found.sort(([, a], [, b]) => b.written - a.written);
}

/** The draft that a form names. */
function chosen(req: Request): { key: DraftKey; draft: Note } | undefined {
  const key = field(req, "id");
  const draft = isDraft(key) ? req.session[key] : undefined;
  return draft === undefined ? undefined : { key: key as DraftKey, draft };
}
