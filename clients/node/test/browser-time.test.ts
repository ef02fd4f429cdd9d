/** examples/notes in a real Chromium: timeouts, remembered logins, restarts of the browser and of the server. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { eventually, launched, launchOptions, patient, shows } from "./support/browser.js";
import { asked, cookieOf, drivers, draftsOn, isOut, keysOf, logIn, serve, write, type Site } from "./support/notes.js";
import { freePort, Server } from "./support/server.js";

const minute = 60_000;
const day = 24 * 60 * minute;

let server: Server;
let browser: Browser;
before(async () => {
  server = await Server.start();
  browser = await launched();
});
after(async () => {
  await server.stop();
  await browser.close();
});

/** Sends a command with the key of the site's only session. */
async function command(site: Site, name: string, ...args: string[]): Promise<unknown> {
  const [key = "", ...others] = await keysOf(server, site);
  assert.deepEqual(others, []);
  return asked(server, (client) => client.sendCommand([name, key, ...args]));
}

/** A field of SESSION.INFO of the site's only session. */
async function fact(site: Site, field: string): Promise<number> {
  const [[value]] = (await command(site, "SESSION.GET", "NOTOUCH", "FIELDS", "1", field)) as [[number]];
  return value;
}

for (const driver of drivers) {
  describe(`with ${driver}`, () => {
    let site: Site;
    let context: BrowserContext;
    let page: Page;
    beforeEach(async () => {
      site = await serve(server, driver);
      context = patient(await browser.newContext({ baseURL: site.url }));
      page = await context.newPage();
    });
    afterEach(async () => {
      await context.close();
      await site.stop();
    });

    /** Waits until the open page has asked so many times more whether its session lives. */
    async function asks(times: number): Promise<void> {
      for (let i = 0; i < times; i++) await page.waitForResponse("**/alive");
    }

    test("the page shows the timeouts that the server keeps", async () => {
      await logIn(page, "ada");
      await shows(page, "#idle", "30 minutes");
      await shows(page, "#deadline", "12 hours");
      assert.equal(await fact(site, "idle"), 30 * minute);
      assert.equal((await fact(site, "deadline")) - (await fact(site, "issued")), 12 * 60 * minute);
      await logIn(page, "ada", true);
      await shows(page, "#idle", "14 days");
      await shows(page, "#deadline", "90 days");
      // express-session computes the age of the cookie back from the clock, and so loses the time in between.
      const idle = await fact(site, "idle");
      assert.ok(idle > 14 * day - minute && idle <= 14 * day, String(idle));
    });

    test("an open page keeps no session alive, and shows the login when it has timed out", async () => {
      await logIn(page, "ada");
      await write(page, "Seen");
      await asks(1);
      const accessed = await fact(site, "accessed");
      await asks(3);
      assert.equal(await fact(site, "accessed"), accessed);
      // Half an hour passes in a second.
      await command(site, "SESSION.TOUCH", "PIDLE", "1000");
      await isOut(page);
      await shows(page, "#ended");
      assert.equal(await page.locator("#drafts").count(), 0);
      assert.deepEqual(await keysOf(server, site), []);
    });

    test("a visit keeps the session alive", async () => {
      await logIn(page, "ada");
      await command(site, "SESSION.TOUCH", "PIDLE", String(10 * minute));
      await page.goto("/devices");
      await shows(page, "#user", "Ada");
      await eventually("the session is touched", async () => (await fact(site, "idle")) === 30 * minute);
    });

    test("the page warns before the session ends, and can stay", async () => {
      await logIn(page, "ada");
      assert.equal(await page.locator("#ending:visible").count(), 0);
      await command(site, "SESSION.TOUCH", "PIDLE", "50000");
      await page.click("#stay");
      await page.locator("#ending").waitFor({ state: "hidden" });
      assert.equal(await fact(site, "idle"), 30 * minute);
      // Nothing extends the absolute timeout, so there is no button then.
      await command(site, "SESSION.TOUCH", "PX", "50000");
      await shows(page, "#ending", "Log in again");
      assert.equal(await page.locator("#stay").count(), 0);
    });

    test("the absolute timeout ends a session that is in use", async () => {
      const still = patient(await browser.newContext({ baseURL: site.url, javaScriptEnabled: false }));
      page = await still.newPage();
      await logIn(page, "ada");
      await command(site, "SESSION.TOUCH", "PX", "1000");
      await eventually("the session ends", async () => {
        await page.goto("/devices");
        return (await page.locator("#log-in").count()) === 1;
      });
      await shows(page, "#ended");
      await still.close();
      assert.deepEqual(await keysOf(server, site), []);
    });

    test("the cookie of a remembered login is renewed while it is used", async () => {
      await context.close();
      await site.stop();
      site = await serve(server, driver, { renewEvery: 1 });
      context = patient(await browser.newContext({ baseURL: site.url }));
      page = await context.newPage();
      await logIn(page, "ada", true);
      const first = (await cookieOf(context)).expires;
      await eventually("the cookie expires later", async () => {
        await page.goto("/");
        return (await cookieOf(context)).expires > first;
      });
      await logIn(page, "ada");
      assert.equal((await cookieOf(context)).expires, -1);
    });

    for (const remember of [true, false]) {
      test(`a login that is ${remember ? "" : "not "}remembered ${remember ? "outlives" : "ends with"} the browser`, async () => {
        const folder = mkdtempSync(join(tmpdir(), "redis-session-profile-"));
        const started = async (): Promise<BrowserContext> =>
          patient(await chromium.launchPersistentContext(folder, { ...launchOptions(), baseURL: site.url }));
        try {
          const first = await started();
          const earliest = Date.now() / 1000;
          await logIn(await first.newPage(), "ada", remember);
          const { expires } = await cookieOf(first);
          const latest = Date.now() / 1000;
          // Cookies have whole seconds.
          if (remember) assert.ok(expires >= earliest + 14 * 86400 - 1 && expires <= latest + 14 * 86400 + 1);
          else assert.equal(expires, -1);
          await first.close();
          const second = await started();
          const reopened = await second.newPage();
          await reopened.goto("/");
          await shows(reopened, remember ? "#user" : "#login-link");
          await second.close();
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      });
    }

    test("a server that is restarted with its data finds the user logged in", async () => {
      const dir = mkdtempSync(join(tmpdir(), "redis-session-restart-"));
      const how = { port: await freePort(), dir, args: ["--appendonly", "yes", "--appendfsync", "always"] };
      let own = await Server.start(how);
      const its = await serve(own, driver);
      try {
        await context.close();
        context = patient(await browser.newContext({ baseURL: its.url }));
        page = await context.newPage();
        await logIn(page, "ada");
        await write(page, "Kept");
        await own.stop("SIGTERM");
        const answer = await page.goto("/");
        assert.equal(answer?.status(), 503);
        assert.equal(answer.headers()["retry-after"], "5");
        await shows(page, "#message", "Please try again in a moment");
        assert.equal(await page.locator("#user").count(), 0);
        own = await Server.start(how);
        await eventually("the user is back", async () => {
          await page.goto("/");
          return (await page.locator("#user").count()) === 1;
        });
        assert.deepEqual(await draftsOn(page), ["Kept"]);

        // Without its data, everybody is out, and can log in again.
        await own.stop();
        own = await Server.start({ port: how.port });
        await isOut(page);
        await logIn(page, "ada");
      } finally {
        await its.stop();
        await own.stop();
        rmSync(dir, { recursive: true, force: true });
      }
    });
  });
}
