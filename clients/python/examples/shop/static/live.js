// Reloads the page when its session ends, here or elsewhere: the server then closes this WebSocket
// with code 1008.
const socket = new WebSocket(location.origin.replace("http", "ws") + "/live");
// While the browser leaves the page, for example after a login as another user, a reload would
// cancel that navigation.
let leaving = false;
addEventListener("beforeunload", () => (leaving = true));
socket.addEventListener("close", (event) => {
  if (event.code === 1008 && !leaving) location.reload();
});
// A page that the back button restores from memory is out of date.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
