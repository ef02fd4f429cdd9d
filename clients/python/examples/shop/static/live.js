// Reloads the page when its session ends, here or elsewhere: the server then closes this WebSocket
// with code 1008.

// While the browser leaves the page, for example after a login as another user, a reload would
// cancel that navigation.
let leaving = false;
addEventListener("beforeunload", () => (leaving = true));

function watch() {
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/live");
  socket.addEventListener("close", async (event) => {
    if (leaving) return;
    if (event.code === 1008) return location.reload();
    // The connection was lost, or the server refused it because the session had ended before. A
    // browser reports both with the same code, so ask the server which it was.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const answer = await fetch("/alive").catch(() => null);
    if (leaving) return;
    if (answer?.status === 401) location.reload();
    else watch();
  });
}
watch();

// A page that the back button restores from memory is out of date.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
