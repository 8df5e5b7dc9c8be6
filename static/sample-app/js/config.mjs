// What this app must know of its server. Nothing of it is written into the code.

/** `{ name, client_id, fhir_base, other_fhir_bases, issuer }`, from beside the page. */
export async function loadConfig() {
  const response = await fetch("config.json", { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`The app's own settings could not be read (HTTP ${response.status}).`);
  return response.json();
}

/** Names the page after the app. */
export function showName(config) {
  document.title = config.name;
  document.querySelectorAll(".app-name").forEach((element) => (element.textContent = config.name));
}

/** Whether two addresses are the same but for a trailing slash. */
export function sameAddress(one, other) {
  return String(one ?? "").replace(/\/$/, "") === String(other ?? "").replace(/\/$/, "");
}
