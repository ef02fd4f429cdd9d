// Reloads the page when its session ends, here or elsewhere: the server then closes this WebSocket
// with code 1008.
const socket = new WebSocket(location.origin.replace("http", "ws") + "/live");
// While the browser leaves the page, for example after a login as another user, a reload would
// cancel that navigation.
let leaving = false;
addEventListener("beforeunload", () => (leaving = true));
socket.addEventListener("close", async (event) => {
  let ended = event.code === 1008;
  if (!ended && !leaving) {
    // The connection was lost, or the server refused it because the session had ended before. A
    // browser reports both with the same code. Ask once: each question keeps the session alive.
    const answer = await fetch("/alive").catch(() => null);
    ended = answer?.status === 401;
  }
  if (ended && !leaving) location.reload();
});
// A page that the back button restores from memory is out of date.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
