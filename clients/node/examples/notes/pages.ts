/**
 * The pages: functions from what they show to HTML. They know nothing of requests and of Redis.
 *
 * Each page works without scripts: links and forms do everything, and public/ended.js only adds that an open page
 * notices when its session ends.
 */
import { html, type Html } from "./html.js";
import { ago, icon, layout, span, type Frame } from "./layout.js";
import type { Note } from "./users.js";

export interface Device {
  readonly handle: string;
  readonly name: string;
  readonly current: boolean;
  readonly created: number;
  readonly accessed: number;
}

type Notes = readonly (readonly [id: string, note: Note])[];

/** The first page: a form for a new draft, the drafts in the session, and the notebook of the user. */
export function notesPage(frame: Frame, drafts: Notes, saved: Notes): string {
  const card = ([id, note]: Notes[number], actions: Html): Html =>
    html` <li class="note" data-id="${id}">
      <h3>${note.title}</h3>
      <p class="text">${note.text}</p>
      <p class="when">${ago(note.written)}</p>
      <form method="post"><input type="hidden" name="id" value="${id}" />${actions}</form>
    </li>`;
  const draft = (one: Notes[number]): Html =>
    card(
      one,
      html`<button formaction="/drafts/save" aria-label="Save ${one[1].title} to the notebook">Save to notebook</button>
        <button class="quiet" formaction="/drafts/discard" aria-label="Discard ${one[1].title}">Discard</button>`,
    );
  const kept = (one: Notes[number]): Html =>
    card(
      one,
      html`<button class="quiet" formaction="/notebook/delete" aria-label="Delete ${one[1].title}">Delete</button>`,
    );
  return layout(
    frame,
    "Notes",
    html`<h1>${frame.user ? `${frame.user.name}’s notes` : "Write it down"}</h1>
      <div class="columns">
        <form class="card" method="post" action="/drafts">
          <h2>New draft</h2>
          <label for="title">Title</label>
          <input id="title" name="title" maxlength="80" required />
          <label for="text">Text</label>
          <textarea id="text" name="text" rows="6" maxlength="2000"></textarea>
          <button id="write">Keep as draft</button>
          <p class="aside">
            Drafts live in your
            session.${frame.user ? " Save those that you want to keep." : " When you log in, they come along."}
          </p>
        </form>
        <div>
          <section aria-labelledby="drafts-title">
            <h2 id="drafts-title">Drafts <span class="count" id="draft-count">${drafts.length}</span></h2>
            ${
              drafts.length > 0
                ? html`<ul class="notes" id="drafts">
                    ${drafts.map(draft)}
                  </ul>`
                : html`<p class="empty">${icon.empty} No drafts. What you write here stays until your session ends.</p>`
            }
          </section>
          ${
            frame.user &&
            html`<section aria-labelledby="notebook-title">
              <h2 id="notebook-title">Notebook <span class="count" id="note-count">${saved.length}</span></h2>
              ${
                saved.length > 0
                  ? html`<ul class="notes saved" id="notebook">
                      ${saved.map(kept)}
                    </ul>`
                  : html`<p class="empty">${icon.empty} Nothing saved yet.</p>`
              }
            </section>`
          }
        </div>
      </div>`,
  );
}

/** The page with the form to log in. `next` is where the login leads. */
export function loginPage(
  frame: Frame,
  about: { next: string; ended?: boolean; failed?: boolean; typed?: string; remember: number },
): string {
  return layout(
    frame,
    "Log in",
    html`<h1>Log in</h1>
      ${about.ended && html`<p class="flash warning" role="status" id="ended">Your session has ended: it was not used for too long, or it was ended somewhere else.</p>`}
      ${about.failed && html`<p class="flash wrong" role="alert" id="failed">No account has this name and this password.</p>`}
      <form class="card" method="post" action="/login">
        <input type="hidden" name="next" value="${about.next}" />
        <label for="user-name">Name</label>
        <input
          id="user-name"
          name="user"
          value="${about.typed}"
          autocomplete="username"
          autocapitalize="none"
          required
          autofocus${about.failed && html` aria-invalid="true" aria-describedby="failed"`}
        />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required${about.failed && html` aria-invalid="true" aria-describedby="failed"`}
        />
        <label class="check"
          ><input type="checkbox" name="remember" value="yes" /> Remember me on this device, until I stay away for
          ${span(about.remember)}</label
        >
        <button id="log-in">Log in</button>
      </form>
      <p class="aside">
        Two accounts to try: <b>ada</b> with <code>lovelace</code>, and <b>grace</b> with <code>hopper</code>.
      </p>`,
  );
}

/** The page of the user's sessions. */
export function devicesPage(frame: Frame, devices: readonly Device[]): string {
  const item = (device: Device): Html =>
    html` <li data-handle="${device.handle}" ${device.current && html` class="current"`}>
      ${icon.device}
      <div>
        <b>${device.name}</b>${device.current && html` <span class="count">this one</span>`}
        <p>Logged in ${ago(device.created)}, last used ${ago(device.accessed)}</p>
      </div>
      ${
        !device.current &&
        html`<form method="post" action="/devices/end">
          <input type="hidden" name="handle" value="${device.handle}" />
          <button class="quiet" aria-label="Log out ${device.name}, last used ${ago(device.accessed)}">
            Log out there
          </button>
        </form>`
      }
    </li>`;
  return layout(
    frame,
    "Your devices",
    html`<h1>Where you are logged in</h1>
      <ul class="devices">
        ${devices.map(item)}
      </ul>
      <div class="actions">
        <form method="post" action="/devices/end-others">
          <button id="end-others" ${devices.length < 2 && html` disabled`}>Log out everywhere else</button>
        </form>
        <form method="post" action="/devices/end-all">
          <button class="quiet" id="end-all">Log out everywhere, here too</button>
        </form>
      </div>
      <p class="aside">
        Log in with another browser, or in a private window, to see a second device here. When you log it out, its open
        pages notice within seconds.
      </p>`,
  );
}

/** A page that says something: a refusal or a fault. */
export function messagePage(frame: Frame, title: string, text: string): string {
  return layout(
    frame,
    title,
    html`<h1 id="message">${title}</h1>
      <p class="aside">${text}</p>
      <p><a class="button" href="/">To the notes</a></p>`,
  );
}
