/**
 * The plugin `redisSession`: @fastify/session with a store of this package, and one thing that a store cannot do.
 *
 * @fastify/session sends its cookie with the response even if the session has ended meanwhile, and removes the cookie of
 * a session that it does not find. Where a login has changed the ID in a parallel request, the slower response would so
 * take away the login's new cookie, and the user would be logged out. Here a response whose session is gone says nothing
 * about cookies; only the application does.
 *
 * The cookie is SameSite=Lax where the application says nothing: @fastify/session would leave the attribute out, and not
 * every browser takes that for Lax.
 */
import { fastifySession, type FastifySessionOptions } from "@fastify/session";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from "fastify";
import type { RedisSessionStore } from "./store.js";

/** The options of @fastify/session, with a store of this package. */
export interface RedisSessionOptions extends FastifySessionOptions {
  readonly store: RedisSessionStore;
}

async function plugin(app: FastifyInstance, options: RedisSessionOptions): Promise<void> {
  const { store, cookieName = "sessionId" } = options;
  const generate = options.idGenerator?.bind(options);
  const idGenerator = generate === undefined ? store.idGenerator : store.generator(generate);
  const before = new WeakMap<FastifyReply, number>();
  // Hooks run in the order in which they are added: these two stand around the one of @fastify/session.
  app.addHook("onSend", (_request, reply, _payload, done) => {
    before.set(reply, cookiesOf(reply).length);
    done();
  });
  const cookie = { sameSite: "lax" as const, ...options.cookie };
  await app.register(fastifySession, { ...options, cookie, idGenerator });
  app.addHook("onSend", (request, reply, _payload, done) => {
    const session = request.session as object | null;
    const gone = session !== null && store.isLost(session);
    const cookies = cookiesOf(reply);
    const own = before.get(reply) ?? 0;
    const kept = cookies.filter(
      (cookie, index) => index < own || !cookie.startsWith(`${cookieName}=${gone ? "" : ";"}`),
    );
    if (kept.length < cookies.length) {
      reply.removeHeader("set-cookie");
      if (kept.length > 0) void reply.header("set-cookie", kept);
    }
    done();
  });
}

function cookiesOf(reply: FastifyReply): readonly string[] {
  const header = reply.getHeader("set-cookie");
  if (Array.isArray(header)) return header;
  return typeof header === "string" ? [header] : [];
}

/** Registers @fastify/session for the instance that registers this plugin; needs @fastify/cookie before it. */
export const redisSession: FastifyPluginAsync<RedisSessionOptions> = Object.assign(plugin, {
  // What the package fastify-plugin sets: the hooks and decorators belong to the instance itself, and the name.
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "redis-session-client",
});
