// An app in a frame may have to go on in a window of its own. When that is done, it is opened in its frame again.
"use strict";

const frame = document.getElementById("app-frame");
const form = document.getElementById("relaunch");
let elsewhere = false;

// The authorization server says so from within the frame. All it can bring about is what the button does.
addEventListener("message", (event) => {
  if (event.source === frame.contentWindow && event.data === "fireward:new-window") elsewhere = true;
});

function relaunch() {
  if (!elsewhere) return;
  elsewhere = false;
  form.submit();
}

// The sample app tells when it is open; of other apps nothing is heard, so they are tried once when somebody comes back.
new BroadcastChannel("fireward-sample-app").addEventListener("message", relaunch);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && "waits" in form.dataset) relaunch();
});
