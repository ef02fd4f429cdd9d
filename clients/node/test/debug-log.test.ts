// The default of the option `log`: Node's own debug log, which the variable NODE_DEBUG turns on.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { packageRoot, Server } from "./support/server.js";

let server: Server;
before(async () => {
  server = await Server.start();
});
after(async () => {
  await server.stop();
});

/** Changes a session that has ended since it was loaded, and resolves to what was written to standard error. */
async function lose(environment: Record<string, string>): Promise<string> {
  const script = `
    import { createClient } from "redis";
    import { RedisSessionStore } from "redis-session-client/express";
    const client = await createClient({ url: "${server.url}" }).connect();
    const store = new RedisSessionStore({ client, prefix: "100%s:" });
    await store.set("sid", { cookie: {}, n: 1 });
    const session = await store.get("sid");
    await store.destroy("sid");
    await store.set("sid", Object.assign(session, { n: 2 }));
    await client.close();`;
  const { stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: packageRoot,
    env: { ...process.env, ...environment },
  });
  return stderr;
}

test("a dropped write is in the debug log of redis-session-client", async () => {
  const told = await lose({ NODE_DEBUG: "redis-session-client" });
  assert.match(told, /a session ended during a request, and its save was dropped: 100%s:t[0-9a-f]{32}/);
});

test("without NODE_DEBUG nothing is written", async () => {
  assert.equal(await lose({ NODE_DEBUG: "" }), "");
});
