/**
 * A real, headless Chromium for the tests of examples/notes, driven by Playwright, which downloads none. Its own time
 * limits are replaced by LIMIT, so that a busy machine fails no test: the tests wait for conditions.
 */
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium, type Browser, type BrowserContext, type LaunchOptions, type Page } from "playwright-core";

/** How long a test waits for something that should happen soon, in milliseconds. */
export const LIMIT = 60_000;

/** The path of Chromium or Chrome. Throws if none starts: the tests are never skipped. */
function program(): string {
  const named = process.env["CHROMIUM"];
  for (const path of named === undefined ? ["chromium", "google-chrome", "chromium-browser"] : [named]) {
    // On Ubuntu `chromium-browser` is a script that only points to a snap.
    const told = spawnSync(path, ["--version"], { encoding: "utf8" });
    if (told.status === 0 && told.stdout.includes("Chrom")) return whereIs(path);
  }
  throw new Error(
    "the browser tests need Chromium: sudo apt-get install chromium (Debian); elsewhere let CHROMIUM name the " +
      "program of Chromium or Chrome",
  );
}

/** Playwright wants a path, and does not look into PATH. */
function whereIs(name: string): string {
  return name.includes("/") ? name : spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}

export function launchOptions(): LaunchOptions {
  return {
    executablePath: program(),
    // Chromium must request nothing except the pages under test. Its sandbox does not work as root.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    // Playwright switches off the memory from which the back button restores pages.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    timeout: LIMIT,
  };
}

export async function launched(): Promise<Browser> {
  return chromium.launch(launchOptions());
}

export function patient(context: BrowserContext): BrowserContext {
  context.setDefaultTimeout(LIMIT);
  context.setDefaultNavigationTimeout(LIMIT);
  return context;
}

/** Waits until the condition holds. */
export async function eventually(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + LIMIT;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`this did not happen in ${LIMIT / 1000} s: ${what}`);
    await sleep(30);
  }
}

/** Waits until the page has an element with this text in it. */
export async function shows(page: Page, selector: string, text = ""): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor();
}

/** Waits until the page has so many of these elements. */
export async function has(page: Page, count: number, selector: string): Promise<void> {
  await eventually(
    `${count} of ${selector} at ${page.url()}`,
    async () => (await page.locator(selector).count()) === count,
  );
}
