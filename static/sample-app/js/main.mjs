// The redirect address, which is also the first page: finish a sign-in, go on with one, or start.

import { loadConfig, sameAddress, showName } from "./config.mjs";
import { showAnswer, showProblem } from "./problem.mjs";
import { showRecord } from "./record.mjs";
import { showStart } from "./start.mjs";

async function main() {
  const query = new URLSearchParams(location.search);
  const config = await loadConfig();
  showName(config);
  // Before fhirclient sees the address: of an error answer it would take `iss` for a FHIR base (RFC 9207 §2).
  if (query.has("error")) {
    const known = sessionStorage.getItem(query.get("state") ?? "") !== null;
    tidyAddress();
    return showAnswer(query, known);
  }
  if (query.has("code")) {
    // RFC 9207 §2.4: an answer of another issuer than the one asked is not used.
    if (query.has("iss") && !sameAddress(query.get("iss"), config.issuer)) {
      throw new Error("The answer came from another server than the one that was asked.");
    }
    if (sessionStorage.getItem(query.get("state") ?? "") === null) {
      throw new Error("This sign-in was begun in another tab or window, or finished before.");
    }
  } else if (!hasSession()) {
    return showStart(config);
  }
  const client = await FHIR.oauth2.ready();
  tidyAddress();
  // A chart that has this app in a frame waits for it where it had to leave that frame to sign in.
  if (query.has("code") && window.self === window.top) new BroadcastChannel("fireward-sample-app").postMessage("open");
  return showRecord(client, config);
}

/** Whether this tab already holds an access token, as fhirclient keeps it. */
function hasSession() {
  try {
    const key = JSON.parse(sessionStorage.getItem("SMART_KEY"));
    return Boolean(JSON.parse(sessionStorage.getItem(key))?.tokenResponse?.access_token);
  } catch {
    return false;
  }
}

function tidyAddress() {
  history.replaceState({}, "", location.pathname);
}

main()
  .catch((error) => showProblem("The record could not be opened", error))
  .finally(() => document.body.classList.remove("loading"));
