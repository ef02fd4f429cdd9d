// A visitor's browser, as far as sessions need one: fetch over real HTTP, and a cookie jar for one site.

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The Set-Cookie lines of the response. */
  readonly setCookies: readonly string[];
  readonly headers: Headers;
}

/** A running application. */
export interface Running {
  readonly url: string;
  visitor(): Visitor;
  stop(): Promise<void>;
}

/** Stops an application when `work` has ended, also by an error. */
export async function during<App extends Running>(app: App, work: (app: App) => Promise<void>): Promise<void> {
  try {
    await work(app);
  } finally {
    await app.stop();
  }
}

export class Visitor {
  /** The cookies by name, with their values as they were sent. */
  readonly jar = new Map<string, string>();

  /** Whether cookies stay in the jar when they expire, as in a client that somebody else controls. */
  keepsExpired = false;

  constructor(private readonly base: string) {}

  /**
   * Another window of the same browser, with its own copy of the jar: it goes on sending the cookies of now. It is at the
   * same application, or at the one with the URL `base`.
   */
  copy(base = this.base): Visitor {
    const copy = new Visitor(base);
    for (const [name, value] of this.jar) copy.jar.set(name, value);
    return copy;
  }

  async send(path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    if (this.jar.size > 0) headers.set("cookie", [...this.jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(`${this.base}${path}`, { redirect: "manual", ...init, headers });
    const text = await response.text();
    const setCookies = response.headers.getSetCookie();
    for (const line of setCookies) this.take(line);
    return { status: response.status, text, setCookies, headers: response.headers };
  }

  /** Sends a POST with a JSON body, and parses the answer as JSON. Fails for a status other than 200. */
  async post(path: string, body: unknown = {}): Promise<unknown> {
    return parsed(await this.sendJson(path, body));
  }

  /** Sends a POST with a JSON body. */
  async sendJson(path: string, body: unknown): Promise<Answer> {
    const headers = { "content-type": "application/json" };
    return this.send(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async get(path = "/"): Promise<unknown> {
    return parsed(await this.send(path));
  }

  private take(line: string): void {
    const [pair = "", ...attributes] = line.split(";");
    const [name = "", value = ""] = pair.split(/=(.*)/s);
    const attribute = (wanted: string): string | undefined =>
      attributes.map((text) => text.trim().split("=")).find(([key]) => key?.toLowerCase() === wanted)?.[1];
    const expires = attribute("expires");
    const expired = !this.keepsExpired && expires !== undefined && new Date(expires).getTime() <= Date.now();
    const ended = attribute("max-age") === "0" || value === "" || expired;
    if (ended) this.jar.delete(name.trim());
    else this.jar.set(name.trim(), value);
  }
}

function parsed({ status, text }: Answer): unknown {
  if (status !== 200) throw new Error(`${String(status)}: ${text}`);
  return JSON.parse(text);
}

/** Holds requests until all have come and the test opens it. */
export class Gate {
  /** Resolves when as many as expected have come. */
  readonly full: Promise<void>;
  private readonly opened: Promise<void>;
  private come!: () => void;
  private release!: () => void;

  constructor(private missing: number) {
    this.full = new Promise((resolve) => (this.come = resolve));
    this.opened = new Promise((resolve) => (this.release = resolve));
  }

  pass(): Promise<void> {
    if (--this.missing === 0) this.come();
    return this.opened;
  }

  open(): void {
    this.release();
  }
}
