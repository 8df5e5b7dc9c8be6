// The first page, when the app is opened by itself: what it does, what to ask for, and one button.

import { KINDS, EVERYTHING, rememberAsk, scopeString } from "./asks.mjs";
import { h, put } from "./dom.mjs";

/** Draws the start page; the button goes to the launch page with the server's address. */
export function showStart(config) {
  const preview = h("code", { id: "ask-preview" });
  const form = h("form", { class: "stack", onsubmit: (event) => begin(event, config) },
    h("fieldset", { class: "asks" }, h("legend", {}, "Ask to see"), KINDS.map((kind) => box(kind.id, kind.label, kind.hint))),
    h("fieldset", { class: "asks" }, h("legend", {}, "And"),
      box("elsewhere", "Records elsewhere", "Says where else there is a record, such as at a laboratory"),
      box("remember", "Remember what you looked at", "Leads you back to your last chart, on every device of yours"),
      box("offline", "Stay connected", "Renews access by itself instead of asking you to sign in again")),
    h("details", { class: "exact" }, h("summary", {}, "The exact request"), preview),
    h("p", { class: "actions" }, h("button", { class: "button", id: "start-standalone", type: "submit" }, "Connect to a health record")),
    h("p", { class: "hint" }, "You sign in with your health care provider, not here, and choose there what this app may see."),
  );
  const update = () => put(preview, scopeString(chosen(form), "launch/patient", location.origin));
  form.addEventListener("change", update);
  put(document.querySelector("main"), h("section", { class: "card start" },
    h("h1", {}, "See how your values change over time"),
    h("p", { class: "lead" }, `${config.name} draws vital signs and lab results as charts, beside your conditions, medicines and allergies.`),
    form));
  update();
}

function box(id, label, hint) {
  const checked = EVERYTHING[id] ?? EVERYTHING.kinds.includes(id);
  return h("label", { class: "choice" },
    h("input", { type: "checkbox", name: id, id: `ask-${id}`, checked }),
    h("span", {}, h("span", { class: "choice-name" }, label), h("span", { class: "hint" }, hint)));
}

function chosen(form) {
  return {
    kinds: KINDS.filter((kind) => form.elements[kind.id].checked).map((kind) => kind.id),
    offline: form.elements.offline.checked,
    elsewhere: form.elements.elsewhere.checked,
    remember: form.elements.remember.checked,
  };
}

function begin(event, config) {
  event.preventDefault();
  rememberAsk(chosen(event.target));
  // A fresh page without a query: fhirclient takes an `iss` in the address of the page for the FHIR base,
  // and the address of a callback holds the issuer's (RFC 9207).
  location.assign(`launch.html?${new URLSearchParams({ iss: config.fhir_base })}`);
}
