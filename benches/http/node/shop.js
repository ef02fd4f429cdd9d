// The application that all candidates share: an Express shop with express-session. Each candidate gives its store
// and its way to log in, and nothing else differs. `REDIS_URL` is the address of the server.
import express from "express";
import session from "express-session";

/** Milliseconds that a session lives after its last request. */
const LIFETIME = 6 * 3600 * 1000;

/** The data of a new login: 290 bytes of JSON for a user ID of ten characters, as in shopper.py. */
export function shopper(user) {
  return {
    user_id: user,
    email: "grace.hopper@example.org",
    roles: ["user", "editor"],
    csrf: "9f86d081884c7d65",
    locale: "en-GB",
    theme: "dark",
    tz: "Europe/London",
    visits: 42,
    ab: "b2",
    cart: [
      { sku: "BK-1001", n: 1 },
      { sku: "PN-22", n: 3 },
      { sku: "7".repeat(32), n: 2 },
    ],
  };
}

/**
 * Serves the application on the port in `PORT`, or else on a free one, and prints the address.
 *
 * @param store the candidate's store; undefined for express-session's own, in memory
 * @param login how the candidate logs a visitor in: `(req, user, data) => Promise<void>`
 */
export function serve(store, login) {
  const app = express();
  app.use(
    session({
      store,
      secret: "a secret of the bench",
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: LIFETIME, sameSite: "lax" },
    }),
  );

  app.post("/login/:user", async (req, res) => {
    const data = shopper(req.params.user);
    await login(req, data.user_id, data);
    res.json({ user_id: data.user_id, visits: data.visits });
  });

  app.use((req, res, next) => {
    if (req.session.user_id === undefined) res.sendStatus(401);
    else next();
  });

  app.get("/read", (req, res) => {
    res.json({ user_id: req.session.user_id, visits: req.session.visits });
  });

  // A counter and not a choice: each request changes what it has loaded, whatever the others do meanwhile.
  app.post("/visit", (req, res) => {
    req.session.visits += 1;
    res.json({ user_id: req.session.user_id, visits: req.session.visits });
  });

  const listener = app.listen(Number(process.env.PORT ?? 0), "127.0.0.1", (error) => {
    if (error) throw error;
    console.log(`running on http://127.0.0.1:${listener.address().port} with Node ${process.version}`);
  });
}

/** Logs a visitor in as the README of express-session shows it. */
export async function regenerate(req, _user, data) {
  await new Promise((done, fail) => {
    req.session.regenerate((error) => (error ? fail(error) : done()));
  });
  Object.assign(req.session, data);
  await new Promise((done, fail) => {
    req.session.save((error) => (error ? fail(error) : done()));
  });
}
