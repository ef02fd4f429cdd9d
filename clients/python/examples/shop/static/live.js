// Holds a WebSocket open. The server closes it with 1008 when the session ends, here or elsewhere.
const socket = new WebSocket(location.origin.replace("http", "ws") + "/live");
socket.addEventListener("close", (event) => {
  if (event.code === 1008) location.reload();
});
// A page that the back button brings back from memory is asked for again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
