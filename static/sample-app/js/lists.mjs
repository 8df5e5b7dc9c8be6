// Conditions, medicines and allergies as lists.

import { h } from "./dom.mjs";
import { formatFhirDate } from "./format.mjs";

/** Current items first; what is over stays one tap away. */
export function listCard(resources, item, none) {
  const items = resources.map(item).filter(Boolean);
  if (items.length === 0) return h("p", { class: "empty" }, none);
  const current = unique(items.filter(({ over }) => !over));
  const past = unique(items.filter(({ over }) => over));
  return h("div", { class: "card list" },
    current.length > 0 ? list(current) : h("p", { class: "empty" }, "None at present."),
    past.length > 0 && h("details", { class: "data" }, h("summary", {}, `${past.length} in the past`), list(past)));
}

export function problemItem(resource) {
  const status = resource.clinicalStatus?.coding?.[0]?.code;
  if (resource.verificationStatus?.coding?.[0]?.code === "entered-in-error") return null;
  const since = formatFhirDate(resource.onsetDateTime ?? resource.onsetPeriod?.start ?? resource.recordedDate);
  return { title: words(resource.code), detail: since && `Since ${since}`, over: ["inactive", "remission", "resolved"].includes(status) };
}

export function medicineItem(resource) {
  if (resource.status === "entered-in-error") return null;
  const medicine = words(resource.medicationCodeableConcept) ?? resource.medicationReference?.display;
  const dosage = resource.dosageInstruction?.[0]?.text;
  const written = formatFhirDate(resource.authoredOn);
  return {
    title: medicine ?? "Unnamed medicine",
    detail: [dosage, written && `prescribed ${written}`].filter(Boolean).join(" · "),
    over: ["completed", "stopped", "cancelled", "ended"].includes(resource.status),
  };
}

export function allergyItem(resource) {
  const status = resource.clinicalStatus?.coding?.[0]?.code;
  if (resource.verificationStatus?.coding?.[0]?.code === "entered-in-error") return null;
  const reactions = (resource.reaction ?? []).flatMap((reaction) => reaction.manifestation ?? []).map(words).filter(Boolean);
  return {
    title: words(resource.code),
    detail: reactions.join(", "),
    mark: resource.criticality === "high" ? "High risk" : null,
    // "No known allergy" (SNOMED CT) is a statement and is never past, whatever status its writer gave it.
    over: ["inactive", "resolved"].includes(status) && resource.code?.coding?.[0]?.code !== "716186003",
  };
}

function list(items) {
  return h("ul", {}, items.map(({ title, detail, mark }) =>
    h("li", {}, h("span", { class: "item-title" }, title, mark && h("span", { class: "flag high" }, mark)), detail && h("span", { class: "hint" }, detail))));
}

/** The same thing ordered again and again is told once, in its newest words. */
function unique(items) {
  const seen = new Set();
  return items.filter(({ title }) => !seen.has(title) && seen.add(title));
}

function words(concept) {
  return concept?.text ?? concept?.coding?.find((coding) => coding.display)?.display ?? concept?.coding?.[0]?.code;
}
