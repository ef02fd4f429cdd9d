// Tells the page when its session ends, here or on another device. The page then shows the login instead of what it
// showed to the user.
//
// It asks every few seconds, and only while somebody can see the page. /alive reads the session without touching it,
// so a page that is open and not used still times out. An EventSource would be told sooner, but browsers allow six
// connections to a site over HTTP/1.1, and six open tabs would take them all.
const { user, every } = document.currentScript.dataset;
const warning = document.querySelector("#ending");
const warnBefore = 60_000;

// The browser cancels a navigation when a script starts another one: while the page is being left, do nothing.
let leaving = false;
addEventListener("beforeunload", () => (leaving = true));
addEventListener("pageshow", (event) => {
  leaving = false;
  // The back button can restore a page from memory as it was, perhaps before a logout.
  if (event.persisted) location.reload();
});

async function ask() {
  if (leaving || document.visibilityState !== "visible") return;
  const answer = await fetch("/alive", { cache: "no-store" }).catch(() => null);
  if (answer === null || leaving) return;
  if (answer.status === 401) {
    location.replace(`/login?ended&next=${encodeURIComponent(location.pathname)}`);
  } else if (answer.ok) {
    const session = await answer.json();
    if (leaving) return;
    if (session.user !== user) location.reload();
    else warn(session);
  }
}

// Without a warning, who writes a long text would lose it: typing is no request. A use extends the session, but not
// beyond its absolute timeout.
function warn({ endsIn, endsAnywayIn }) {
  warning.hidden = endsIn === null || endsIn >= warnBefore;
  if (warning.hidden) {
    warning.replaceChildren();
  } else if (endsAnywayIn !== null && endsAnywayIn < warnBefore) {
    const text = "Your session ends in less than a minute. Log in again to go on.";
    // Only once, because screen readers read out each change.
    if (warning.textContent !== text) warning.textContent = text;
  } else if (!warning.querySelector("#stay")) {
    const stay = document.createElement("button");
    stay.id = "stay";
    stay.textContent = "Stay logged in";
    stay.addEventListener("click", () => fetch("/stay", { method: "POST" }).then(ask, ask));
    warning.replaceChildren("You will be logged out in less than a minute, because nothing happened.", stay);
  }
}

setInterval(ask, Number(every));
document.addEventListener("visibilitychange", ask);
ask();
