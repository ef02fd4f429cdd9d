// Holds a WebSocket open. The server closes it with 1008 when the session ends, here or elsewhere.
const socket = new WebSocket(location.origin.replace("http", "ws") + "/live");
// A page that is being left, as for a login as someone else, is not loaded anew: that would call
// off the way to the next one.
let leaving = false;
addEventListener("beforeunload", () => (leaving = true));
socket.addEventListener("close", (event) => {
  if (event.code === 1008 && !leaving) location.reload();
});
// A page that the back button brings back from memory is asked for again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
