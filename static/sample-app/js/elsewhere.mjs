// Where else the patient has records: what the server's record locator says, and the way there.

import { sameAddress } from "./config.mjs";
import { h, put } from "./dom.mjs";
import { clinicalScopes } from "./scopes.mjs";

/** The category of a DocumentReference that says where a record is. */
export const LOCATIONS = "https://fireward.dev/codes/record-locator|record-location";

/** `#elsewhere`: the panel; nothing is in it before `showElsewhere`. */
export function elsewhereCard() {
  return h("section", { class: "part", id: "elsewhere", "aria-labelledby": "elsewhere-title", hidden: true },
    h("h2", { id: "elsewhere-title" }, "Records elsewhere"), h("div", { class: "card", id: "elsewhere-body" }));
}

/** Fills the panel where the server knows of a record elsewhere, and this app may ask. */
export async function showElsewhere(client, config) {
  const patient = client.patient.id;
  const may = clinicalScopes(client.state.tokenResponse.scope).some(({ level, type, letters }) =>
    level !== "system" && letters.includes("s") && (type === "DocumentReference" || type === "*"));
  if (!patient || !may) return;
  const query = new URLSearchParams({ patient, category: LOCATIONS });
  const found = await client.request(`DocumentReference?${query}`, { flat: true }).catch(() => []);
  const places = found.map(placeOf).filter(Boolean);
  if (places.length === 0) return;
  put(document.getElementById("elsewhere-body"),
    h("ul", { class: "places" }, places.map((place) => item(place, config))),
    h("p", { class: "hint" }, "Each keeps its own records, and asks you by itself what this app may see there."));
  document.getElementById("elsewhere").hidden = false;
}

/** `{ name, base, patient }` of what the locator says, or null where it is no FHIR server's patient. */
export function placeOf(reference) {
  const attachment = reference?.content?.[0]?.attachment;
  const match = /^(https?:\/\/[^?#]+)\/Patient\/([A-Za-z0-9.-]{1,64})$/.exec(attachment?.url ?? "");
  return match && { name: attachment.title ?? match[1], base: match[1], patient: match[2] };
}

function item({ name, base, patient }, config) {
  // Only a server that this app was given: the locator's word alone sends nobody to a sign-in page.
  const known = [config.fhir_base, ...(config.other_fhir_bases ?? [])].some((own) => sameAddress(own, base));
  return h("li", {},
    h("span", {}, h("strong", {}, name), h("span", { class: "hint" }, ` Record ${patient}`)),
    known ? h("a", { class: "button quiet", href: `launch.html?${new URLSearchParams({ iss: base })}` }, `Open at ${name}`)
      : h("span", { class: "hint" }, " This app is not connected there."));
}
