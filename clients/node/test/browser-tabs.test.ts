/** examples/notes in a real Chromium: several tabs and requests at the same time, drafts, and messages shown once. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { has, launched, patient, shows } from "./support/browser.js";
import { cookieOf, draftsOn, drivers, keysOf, logIn, serve, slowPost, write, type Site } from "./support/notes.js";
import { Server } from "./support/server.js";

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

for (const driver of drivers) {
  describe(`with ${driver}`, () => {
    let site: Site;
    let context: BrowserContext;
    let page: Page;
    beforeEach(async () => {
      // No page asks during these tests, so that `slowPost` can tell when the application has read a session.
      site = await serve(server, driver, { askEvery: 3_600_000 });
      context = patient(await browser.newContext({ baseURL: site.url, javaScriptEnabled: false }));
      page = await context.newPage();
    });
    afterEach(async () => {
      await context.close();
      await site.stop();
    });

    test("what an action says is shown once", async () => {
      await write(page, "Once");
      await page.reload();
      await has(page, 1, "#drafts li");
      assert.equal(await page.locator("#flash").count(), 0);
    });

    test("two tabs that write at the same time both keep their changes", async () => {
      await write(page, "First");
      const { value } = await cookieOf(context);
      const titles = Array.from({ length: 10 }, (_, i) => `Tab ${i % 2}, draft ${i}`);
      // All have read the session before the first of them writes.
      const posts = [];
      for (const title of titles) posts.push(await slowPost(site, server, "/drafts", value, { title }));
      const answers = await Promise.all(posts.map((post) => post.finish()));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303]));
      await page.goto("/");
      assert.deepEqual(await draftsOn(page), ["First", ...titles].sort());
    });

    test("one tab discards a draft while another writes one", async () => {
      await write(page, "Old");
      const other = await context.newPage();
      await write(other, "Other");
      const { value } = await cookieOf(context);
      const slow = await slowPost(site, server, "/drafts", value, { title: "New" });
      await page.click("li:has-text('Old') >> text=Discard");
      await shows(page, "#flash", "“Old” is gone.");
      await slow.finish();
      await page.goto("/");
      assert.deepEqual(await draftsOn(page), ["New", "Other"]);
    });

    test("a slow request during a logout does not bring the session back", async () => {
      await logIn(page, "ada");
      const { value } = await cookieOf(context);
      const slow = await slowPost(site, server, "/drafts", value, { title: "Too late" });
      await page.click("#logout");
      await shows(page, "#login-link");
      const { headers } = await slow.finish();
      assert.equal(headers["set-cookie"], undefined);
      assert.deepEqual(await keysOf(server, site), []);
      await page.goto("/devices");
      await shows(page, "#log-in");
      assert.deepEqual(await context.cookies(), []);
    });

    test("a slow request from before a login neither logs the user out nor writes", async () => {
      await write(page, "Early");
      const { value } = await cookieOf(context);
      const slow = await slowPost(site, server, "/drafts", value, { title: "Too late" });
      await logIn(page, "ada");
      const { headers } = await slow.finish();
      assert.equal(headers["set-cookie"], undefined, "it would replace the cookie of the login");
      assert.equal((await keysOf(server, site)).length, 1);
      await page.goto("/");
      await shows(page, "#user", "Ada");
      assert.deepEqual(await draftsOn(page), ["Early"]);
    });

    test("a slow wrong login during a logout does not bring the session back", async () => {
      await logIn(page, "ada");
      const { value } = await cookieOf(context);
      const slow = await slowPost(site, server, "/login", value, { user: "ada", password: "wrong" });
      await page.click("#logout");
      await shows(page, "#login-link");
      const { status } = await slow.finish();
      assert.equal(status, 403);
      assert.deepEqual(await keysOf(server, site), []);
    });

    test("a slow login of a session that ended meanwhile begins a new one without the old data", async () => {
      await logIn(page, "grace");
      await write(page, "Grace's");
      const { value } = await cookieOf(context);
      const slow = await slowPost(site, server, "/login", value, { user: "ada", password: "lovelace" });
      await page.click("#logout");
      await shows(page, "#login-link");
      const { headers } = await slow.finish();
      const [cookie = ""] = headers["set-cookie"] ?? [];
      const fresh = /^notes=([^;]+)/.exec(cookie)?.[1] ?? "";
      assert.notEqual(fresh, value);
      assert.equal((await keysOf(server, site)).length, 1);
      await context.addCookies([{ name: "notes", value: fresh, url: site.url }]);
      await page.goto("/");
      await shows(page, "#user", "Ada");
      assert.deepEqual(await draftsOn(page), []);
    });

    test("saving a draft asks for a login first, and two clicks save one note", async () => {
      const title = `Note with ${driver}`;
      await write(page, title);
      await page.click("text=Save to notebook");
      await shows(page, "#flash", "Log in to save it.");
      await logIn(page, "ada");
      const { value } = await cookieOf(context);
      const id = (await page.locator("#drafts li").getAttribute("data-id")) ?? "";
      const clicks = [];
      for (let i = 0; i < 2; i++) clicks.push(await slowPost(site, server, "/drafts/save", value, { id }));
      await Promise.all(clicks.map((click) => click.finish()));
      await page.goto("/");
      await has(page, 1, `#notebook li:has-text("${title}")`);
      await has(page, 0, "#drafts li");
      await page.click(`#notebook li:has-text("${title}") >> text=Delete`);
      await has(page, 0, `#notebook li:has-text("${title}")`);
    });

    test("there is room for thirty drafts", async () => {
      await write(page, "The first");
      const { value } = await cookieOf(context);
      for (let i = 1; i < 30; i++) {
        const body = new URLSearchParams({ title: `Draft ${i}` });
        const headers = { Cookie: `notes=${value}`, Origin: site.url };
        await fetch(`${site.url}/drafts`, { method: "POST", body, headers, redirect: "manual" });
      }
      await page.fill("#title", "One more");
      await page.click("#write");
      await shows(page, "#flash", "There is no room for more than 30 drafts.");
      await has(page, 30, "#drafts li");
    });
  });
}
