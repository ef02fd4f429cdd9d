/** What all pages have in common: the head, the navigation, messages, and the footer with the session's timeouts. */
import { html, type Html, type Part } from "./html.js";

/** What every page shows around its own content. */
export interface Frame {
  readonly path: string;
  /** The user who is logged in. */
  readonly user?: { readonly user: string; readonly name: string } | undefined;
  /** What the last action did: shown once. */
  readonly flash?: string | undefined;
  /** What the server knows of the session; undefined if the visitor has none. Times are Unix times in milliseconds. */
  readonly session?: SessionFacts | undefined;
  /** How often public/ended.js asks whether the session lives, in milliseconds. */
  readonly askEvery: number;
}

export interface SessionFacts {
  readonly version: number;
  readonly created: number;
  readonly issued: number;
  /** When it ends whatever happens. */
  readonly deadline: number | null;
  /** How long it lives unused, in milliseconds. */
  readonly idle: number | null;
  readonly bytes: number;
}

const minute = 60_000;

/** A length of time in words, such as `2 hours`. */
export function span(ms: number): string {
  for (const [size, name] of [
    [24 * 60 * minute, "day"],
    [60 * minute, "hour"],
    [minute, "minute"],
  ] as const) {
    const count = Math.floor(ms / size + 0.01); // what began as 12 hours is that for some more minutes
    if (count >= 1) return `${count} ${name}${count > 1 ? "s" : ""}`;
  }
  return "less than a minute";
}

export function ago(time: number): string {
  const ms = Date.now() - time;
  return ms < minute ? "just now" : `${span(ms)} ago`;
}

export const icon = {
  brand: html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M6 3h9l4 4v14H6z" />
    <path d="M15 3v4h4M9 12h7M9 16h5" />
  </svg>`,
  device: html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <rect x="4" y="5" width="16" height="11" rx="1.5" />
    <path d="M2 20h20" />
  </svg>`,
  empty: html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M4 20l1-4L16 5l3 3L8 19z" />
    <path d="M14 7l3 3" />
  </svg>`,
};

export function layout(frame: Frame, title: string, main: Part): string {
  const link = (path: string, text: string): Html =>
    html`<a href="${path}" ${frame.path === path && html` aria-current="page"`}>${text}</a>`;
  const { user, session } = frame;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – Margin notes</title>
        <link rel="icon" href="/icon.svg" />
        <link rel="stylesheet" href="/notes.css" />
        ${user && html`<script src="/ended.js" data-user="${user.user}" data-every="${frame.askEvery}" defer></script>`}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <a class="brand" href="/">${icon.brand} Margin notes</a>
          <nav aria-label="Pages">${link("/", "Notes")} ${user && link("/devices", "Your devices")}</nav>
          <div class="who">
            ${
              user
                ? html`<span id="user">${user.name}</span>
                    <form method="post" action="/logout"><button class="quiet" id="logout">Log out</button></form>`
                : frame.path !== "/login" && html`<a class="button" href="/login" id="login-link">Log in</a>`
            }
          </div>
        </header>
        <main id="main" tabindex="-1">
          <div id="ending" class="flash warning" role="alert" hidden></div>
          ${frame.flash !== undefined && html`<p class="flash" role="status" id="flash">${frame.flash}</p>`} ${main}
        </main>
        <footer>${footer(session, user?.user)}</footer>
      </body>
    </html> `.text;
}

function footer(session: SessionFacts | undefined, user: string | undefined): Html {
  if (session === undefined) return html`<p id="session">There is no session yet. Your first draft makes one.</p>`;
  return html`<p id="session">
      Your session ends
      ${session.idle !== null && html`after <b id="idle">${span(session.idle)}</b> without use`}${
        session.idle !== null && session.deadline !== null && ", and "
      }${
        session.deadline !== null && html`in <b id="deadline">${span(session.deadline - Date.now())}</b> at the latest`
      }.
    </p>
    <details>
      <summary>Session details</summary>
      <dl>
        <dt>User</dt>
        <dd>${user ?? "none"}</dd>
        <dt>Version</dt>
        <dd>${session.version}; each change adds one</dd>
        <dt>Created</dt>
        <dd>${ago(session.created)}</dd>
        <dt>This id</dt>
        <dd>${ago(session.issued)}; a login gives a new one</dd>
        <dt>Size</dt>
        <dd>${session.bytes} bytes</dd>
      </dl>
    </details>`;
}
