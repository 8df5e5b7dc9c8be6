// The launch address. An EHR opens it with `iss` and `launch`; the start page opens it with `iss` alone.

import { recallAsk, rememberOrigin, scopeString, EVERYTHING } from "./asks.mjs";
import { loadConfig, sameAddress, showName } from "./config.mjs";
import { stateBase } from "./memory.mjs";
import { showProblem } from "./problem.mjs";

async function launch() {
  const config = await loadConfig();
  showName(config);
  const query = new URLSearchParams(location.search);
  // INVARIANT: only a configured server is asked. Any site may link here with an `iss` of its own,
  // and would otherwise send the user to a sign-in page of its choice.
  const known = [config.fhir_base, ...(config.other_fhir_bases ?? [])];
  if (!known.some((base) => sameAddress(query.get("iss"), base))) {
    throw new Error(query.has("iss") ? "This app does not know the server that launched it." : "This address is opened by an EHR. Start from the app's first page.");
  }
  const origin = (await stateBase(query.get("iss"))) && location.origin;
  const fromEhr = query.has("launch");
  rememberOrigin(fromEhr);
  await FHIR.oauth2.authorize({
    clientId: config.client_id,
    scope: scopeString(fromEhr ? EVERYTHING : recallAsk(), fromEhr ? "launch" : "launch/patient", origin),
    redirectUri: "./",
    pkceMode: "required",
    completeInTarget: true,
  });
}

launch().catch((error) => showProblem("The app could not start", error));
