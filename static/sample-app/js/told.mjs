// What the server told this app beside its token (SMART App Launch 2.2, launch context), in words and exactly.

import { h, put } from "./dom.mjs";
import { formatFhirDate } from "./format.mjs";
import { mayRead } from "./scopes.mjs";

/** `#told`: the panel. */
export function toldCard(client) {
  return h("section", { class: "part", id: "told", "aria-labelledby": "told-title" },
    h("h2", { id: "told-title" }, "What this app was told"),
    h("div", { class: "card" }, h("dl", { class: "facts", id: "told-facts" }, toldRows(client))));
}

/** Draws the panel anew: after a refresh, or when the look is known. */
export function showTold(client, style = null) {
  if (style) client.shownStyle = style;
  put(document.getElementById("told-facts"), toldRows(client));
}

function toldRows(client) {
  const answer = client.state.tokenResponse;
  const exact = (value) => value && h("span", { class: "mono" }, value);
  const rows = {
    "opened-by": ["Opened by", isFromEhr(client) ? "A record system" : "You, by itself"],
    patient: ["Patient", exact(answer.patient)],
    encounter: ["Visit", exact(answer.encounter)],
    intent: ["Show first", answer.intent],
    "app-context": ["Message to this app", exact(answer.appContext)],
    "fhir-context": ["Also about", contextList(answer.fhirContext)],
    banner: ["Patient's name", bannerWords(answer.need_patient_banner)],
    tenant: ["Organisation", exact(answer.tenant)],
    style: ["Look", styleWords(answer.smart_style_url, client.shownStyle)],
    server: ["Server", exact(client.state.serverUrl)],
  };
  return Object.entries(rows).filter(([, [, value]]) => value)
    .map(([name, [term, value]]) => h("div", { "data-told": name }, h("dt", {}, term), h("dd", {}, value)));
}

function isFromEhr(client) {
  return (client.state.scope ?? "").split(/\s+/).includes("launch");
}

function bannerWords(needed) {
  if (needed === undefined) return null;
  return needed ? "This app shows it" : "The record system shows it";
}

/** SMART 2.0 had plain strings here; 2.2 has objects. */
function contextList(context) {
  if (!Array.isArray(context) || context.length === 0) return null;
  const words = (one) => (typeof one === "string" ? one : (one.reference ?? one.canonical ?? one.identifier?.value ?? ""));
  return h("ul", { class: "codes" }, context.map((one) =>
    h("li", {}, h("code", {}, words(one)), one.role && h("span", { class: "hint" }, ` ${one.role}`))));
}

function styleWords(url, style) {
  if (!url) return null;
  const colours = Object.entries(style ?? {}).filter(([name, value]) => name.startsWith("color_") && /^#[0-9a-f]{3,8}$/i.test(value));
  const swatches = colours.map(([name, value]) => {
    const swatch = h("li", { class: "swatch", title: `${name} ${value}` }, h("span", { class: "visually-hidden" }, `${name} ${value}`));
    swatch.style.setProperty("--swatch", value);
    return swatch;
  });
  return [h("a", { class: "mono", href: url, rel: "noreferrer", target: "_blank" }, url.split("/").pop()), swatches.length > 0 && h("ul", { class: "swatches" }, swatches)];
}

/** Fills `#visit` with the visit in words, where there is one and it may be read. */
export async function showVisit(client) {
  const place = document.getElementById("visit");
  const { encounter, scope } = client.state.tokenResponse;
  if (!encounter || !mayRead(scope, "Encounter")) return;
  const visit = await client.request(`Encounter/${encodeURIComponent(encounter)}`).catch(() => null);
  if (!visit) return;
  put(place, h("span", {}, "Visit"), h("strong", {}, visitWords(visit)));
  place.hidden = false;
}

/** `12 Oct 2023 · ambulatory · Check-up`. */
export function visitWords(visit) {
  const concept = (value) => value?.text ?? value?.coding?.[0]?.display;
  const parts = [formatFhirDate(visit.period?.start), concept(visit.type?.[0]) ?? visit.class?.display, concept(visit.reasonCode?.[0])];
  return parts.filter(Boolean).join(" · ");
}
