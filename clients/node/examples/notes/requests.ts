/** Reads requests and errors: who sent a request, which browser that is, and what a form holds. */
import type { Request } from "express";

/**
 * Whether a request that may change something was sent by a page of this site. Browsers say so in Sec-Fetch-Site; they
 * leave it out on plain http except on localhost, and older ones do not know it. All send Origin with a form.
 */
export function ownRequest(req: Request): boolean {
  if (req.method === "GET" || req.method === "HEAD") return true;
  const site = req.get("sec-fetch-site");
  if (site !== undefined) return site === "same-origin";
  const origin = req.get("origin");
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === req.get("host");
}

/** A name by which users recognize a device, from its User-Agent. For display only. */
export function browserOf(agent: string): string {
  const first = (names: Record<string, string>): string | undefined =>
    Object.entries(names).find(([mark]) => agent.includes(mark))?.[1];
  const browser = first({ "Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari" });
  const system = first({
    Android: "Android",
    iPhone: "iPhone",
    iPad: "iPad",
    Windows: "Windows",
    "Mac OS X": "macOS",
    Linux: "Linux",
  });
  return `${browser ?? "A browser"}${system === undefined ? "" : ` on ${system}`}`;
}

const pagesToReturnTo = new Set(["/", "/devices"]);

/** A field of the form that was sent; "" if it is not there. */
export function field(req: Request, name: string): string {
  const value = (req.body as Record<string, unknown> | undefined)?.[name];
  return typeof value === "string" ? value.trim() : "";
}

/** The page to go to after a login: one of ours, whatever the link to the login says. */
export function pathInside(next: unknown): string {
  return typeof next === "string" && pagesToReturnTo.has(next) ? next : "/";
}

/** The status that an error carries: those of Express and of redis-session-client do. */
export function statusOf(error: unknown): number {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === "number" && status >= 400 && status < 600 ? status : 500;
}
