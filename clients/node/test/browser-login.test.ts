/** examples/notes in a real Chromium: the cookie, login and logout, devices, and what other sites can do. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { eventually, has, launched, patient, shows } from "./support/browser.js";
import { cookieOf, draftsOn, drivers, isOut, keysOf, logIn, secret, serve, write, type Site } from "./support/notes.js";
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
    const profiles: BrowserContext[] = [];
    beforeEach(async () => {
      site = await serve(server, driver);
    });
    afterEach(async () => {
      for (const profile of profiles.splice(0)) await profile.close();
      await site.stop();
    });

    /** A browser profile with nothing in it. */
    async function profile(options: BrowserContextOptions = {}): Promise<BrowserContext> {
      const made = patient(await browser.newContext({ baseURL: site.url, ...options }));
      profiles.push(made);
      return made;
    }

    /** A page of Ada, in a profile of its own. */
    async function device(options: BrowserContextOptions = {}): Promise<Page> {
      const page = await (await profile(options)).newPage();
      await logIn(page, "ada");
      return page;
    }

    test("who only looks has no cookie and no session", async () => {
      const context = await profile();
      const page = await context.newPage();
      for (const path of ["/", "/login", "/devices", "/nowhere"]) await page.goto(path);
      assert.deepEqual(await context.cookies(), []);
      assert.deepEqual(await keysOf(server, site), []);
    });

    test("each field has a label, each button a name, and a phone needs no scrolling sideways", async () => {
      const page = await device({ viewport: { width: 360, height: 640 } });
      await write(page, "A very-long-word-".repeat(4));
      await device();
      for (const path of ["/", "/devices", "/login"]) {
        await page.goto(path);
        const unnamed = await page.evaluate(`
          [...document.querySelectorAll("input:not([type=hidden]), textarea, button")]
            .filter((field) => !field.labels?.length && !field.textContent.trim() && !field.getAttribute("aria-label"))
            .map((field) => field.outerHTML)`);
        assert.deepEqual(unnamed, [], path);
        assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360, path);
      }
    });

    test("the cookie has the attributes that are promised", async () => {
      const page = await device();
      const { value, ...cookie } = await cookieOf(page.context());
      assert.match(value, /^s%3A/);
      assert.deepEqual(cookie, {
        name: "notes",
        domain: "localhost",
        path: "/",
        expires: -1,
        httpOnly: true,
        secure: false,
        sameSite: "Lax",
      });
      assert.equal(await page.evaluate("document.cookie"), "");
    });

    test("a login keeps the drafts and changes the cookie; the old one is worth nothing", async () => {
      const context = await profile();
      const page = await context.newPage();
      await write(page, "Before the login");
      const old = await cookieOf(context);
      await logIn(page, "ada");
      assert.deepEqual(await draftsOn(page), ["Before the login"]);
      assert.notEqual((await cookieOf(context)).value, old.value);
      assert.equal((await keysOf(server, site)).length, 1);

      const thief = await profile();
      await thief.addCookies([old]);
      const stolen = await thief.newPage();
      await stolen.goto("/");
      await shows(stolen, "#login-link");
      assert.deepEqual(await draftsOn(stolen), []);
    });

    test("a cookie that somebody planted does not become the session of who logs in", async () => {
      // A session of the attacker's own, with a right signature.
      const attacker = await profile();
      await write(await attacker.newPage(), "Planted");
      const planted = await cookieOf(attacker);
      const victim = await profile();
      await victim.addCookies([planted]);
      await logIn(await victim.newPage(), "ada");
      const stolen = await attacker.newPage();
      await stolen.goto("/devices");
      await isOut(stolen);

      // An id that no server ever made, signed with the secret.
      const sid = "made-up-by-somebody";
      const signature = createHmac("sha256", secret).update(sid).digest("base64").replace(/=+$/, "");
      const value = encodeURIComponent(`s:${sid}.${signature}`);
      const other = await profile();
      await other.addCookies([{ ...planted, value }]);
      const page = await other.newPage();
      await write(page, "Mine");
      assert.notEqual((await cookieOf(other)).value, value);
      await logIn(page, "ada");
      assert.notEqual((await cookieOf(other)).value, value);
      assert.deepEqual(await draftsOn(page), ["Mine"]);
    });

    test("a wrong password logs nobody in, and the page escapes what was typed", async () => {
      const context = await profile();
      const page = await context.newPage();
      await page.goto("/login");
      await page.fill("#user-name", '"><b id="injected">');
      await page.fill("#password", "lovelace");
      await page.click("#log-in");
      await shows(page, "#failed");
      assert.equal(await page.locator("#injected").count(), 0);
      assert.equal(await page.inputValue("#user-name"), '"><b id="injected">');
      assert.deepEqual(await context.cookies(), []);
    });

    test("another user finds nothing of the one before", async () => {
      const page = await device();
      await write(page, "Ada's secret");
      await logIn(page, "grace");
      assert.deepEqual(await draftsOn(page), []);
      await page.goto("/devices");
      await has(page, 1, ".devices li");
      assert.equal((await keysOf(server, site)).length, 1);
    });

    test("a logout in one tab is one in the other", async () => {
      const page = await device();
      const other = await page.context().newPage();
      await other.goto("/devices");
      await shows(other, "#user", "Ada");
      await page.click("#logout");
      await shows(page, "#login-link");
      await isOut(other); // without a click
      await shows(other, "#ended");
      assert.deepEqual(await page.context().cookies(), []);
      assert.deepEqual(await keysOf(server, site), []);
    });

    test("without scripts, the other tab is out at its next click", async () => {
      const page = await device({ javaScriptEnabled: false });
      const other = await page.context().newPage();
      await other.goto("/");
      await shows(other, "#user", "Ada");
      await page.click("#logout");
      await shows(page, "#login-link");
      await other.click("text=Your devices");
      await isOut(other);
    });

    for (const javaScriptEnabled of [true, false]) {
      test(`the back button shows nothing after a logout ${javaScriptEnabled ? "with" : "without"} scripts`, async () => {
        const page = await device({ javaScriptEnabled });
        await write(page, "Private");
        await page.click("text=Your devices");
        await has(page, 1, ".devices li");
        await page.click("#logout");
        await shows(page, "#login-link");
        for (let i = 0; i < 2; i++) {
          await page.goBack({ waitUntil: "commit" });
          await eventually(
            "nobody is logged in",
            async () => (await page.locator("#login-link, #log-in").count()) === 1,
          );
          assert.equal(await page.locator("#user, .devices, #drafts").count(), 0);
        }
      });
    }

    test("log out everywhere else", async () => {
      const [here, there, elsewhere] = [await device(), await device(), await device()];
      await here.goto("/devices");
      await has(here, 3, ".devices li");
      await here.click("#end-others");
      await shows(here, "#flash", "Logged out on 2 other devices.");
      await isOut(there);
      await isOut(elsewhere);
      await has(here, 1, ".devices li");
      await shows(here, "#user", "Ada");
    });

    test("log out everywhere", async () => {
      const [here, there] = [await device(), await device()];
      await here.goto("/devices");
      await here.click("#end-all");
      await shows(here, "#login-link");
      await isOut(there);
      assert.deepEqual(await here.context().cookies(), []);
      assert.deepEqual(await keysOf(server, site), []);
    });

    test("one device is logged out, and no handle opens a session", async () => {
      const [here, phone, desk] = [await device(), await device(), await device()];
      await phone.goto("/devices");
      const handle = (await phone.locator(".devices li.current").getAttribute("data-handle")) ?? "";
      const stranger = await profile();
      const cookie = await cookieOf(here.context());
      await stranger.addCookies([{ ...cookie, value: encodeURIComponent(handle) }]);
      const page = await stranger.newPage();
      await page.goto("/devices");
      await isOut(page);

      await here.goto("/devices");
      assert.ok(!(await here.content()).includes(decodeURIComponent(cookie.value).slice(2, 20)));
      await here.click(`.devices li[data-handle="${handle}"] button`);
      await isOut(phone);
      await has(here, 2, ".devices li");
      await desk.reload();
      await shows(desk, "#user", "Ada");
    });

    test("a handle of another user ends nothing", async () => {
      const graces = await (await profile()).newPage();
      await logIn(graces, "grace");
      await graces.goto("/devices");
      const handle = await graces.locator(".devices li").getAttribute("data-handle");
      const page = await device();
      await device();
      await page.goto("/devices");
      await page.evaluate(`document.querySelector("[name=handle]").value = ${JSON.stringify(handle)}`);
      await page.click(".devices button");
      await shows(page, "#flash", "That device was not logged in any more.");
      await graces.reload();
      await shows(graces, "#user", "Grace");
    });

    test("a form of another site does nothing", async () => {
      const page = await device();
      await write(page, "Mine");
      const evil = await page.context().newPage();
      await evil.setContent(
        `<form method="post" action="${site.url}/drafts"><input name="title" value="Theirs"><button>x</button></form>`,
      );
      const [answer] = await Promise.all([evil.waitForResponse("**/drafts"), evil.click("button")]);
      assert.equal(answer.status(), 403);
      await page.reload();
      assert.deepEqual(await draftsOn(page), ["Mine"]);
    });
  });
}
