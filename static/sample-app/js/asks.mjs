// What the app can ask for, and the scope string that says so.

import { LOCATIONS } from "./elsewhere.mjs";
import { stateScope } from "./memory.mjs";
import { CATEGORY_SYSTEM } from "./scopes.mjs";

/** The kinds of record this app shows, in the order it shows them. */
export const KINDS = [
  { id: "vitals", label: "Vital signs", hint: "Blood pressure, heart rate, weight and the like", type: "Observation", category: "vital-signs" },
  { id: "labs", label: "Lab results", hint: "Blood tests and other laboratory values", type: "Observation", category: "laboratory" },
  { id: "problems", label: "Conditions", hint: "Diagnoses and health problems", type: "Condition" },
  { id: "medicines", label: "Medicines", hint: "What is prescribed now and was before", type: "MedicationRequest" },
  { id: "allergies", label: "Allergies", hint: "Allergies and intolerances", type: "AllergyIntolerance" },
];

/** Everything, and staying connected: what an app asks that was started from an EHR. */
export const EVERYTHING = { kinds: KINDS.map((kind) => kind.id), offline: true, elsewhere: true, remember: true };

/**
 * The scope string for a choice. Both categories of Observation together are asked as the whole type. State can be kept
 * only where the server has room for it, and only under the `origin` of this app.
 */
export function scopeString(ask, launch, origin = null) {
  const chosen = KINDS.filter((kind) => ask.kinds.includes(kind.id));
  const categories = chosen.filter((kind) => kind.category);
  const allCategories = categories.length === KINDS.filter((kind) => kind.category).length;
  const clinical = chosen.map((kind) =>
    kind.category && !allCategories
      ? `patient/${kind.type}.rs?category=${CATEGORY_SYSTEM}|${kind.category}`
      : `patient/${kind.type}.rs`,
  );
  return [
    launch, "openid", "fhirUser", "profile", ask.offline && "offline_access", "patient/Patient.rs",
    // In a launch from an EHR there may be a visit, which is shown.
    launch === "launch" && "patient/Encounter.rs", ...new Set(clinical),
    ask.elsewhere && `patient/DocumentReference.rs?category=${LOCATIONS}`,
    ask.remember && origin && stateScope(origin),
  ].filter(Boolean).join(" ");
}

const KEY = "sample-app.ask";

/** Keeps a choice for the launch page, in this tab only. */
export function rememberAsk(ask) {
  sessionStorage.setItem(KEY, JSON.stringify(ask));
}

/** The choice made on the start page, or everything. */
export function recallAsk() {
  try {
    const ask = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return Array.isArray(ask?.kinds) ? ask : EVERYTHING;
  } catch {
    return EVERYTHING;
  }
}

const ORIGIN = "sample-app.from-ehr";

/** Keeps whether a record system opened the app, in this tab only. */
export function rememberOrigin(fromEhr) {
  sessionStorage.setItem(ORIGIN, String(fromEhr));
}

/** Whether a record system opened the app. */
export function recallOrigin() {
  return sessionStorage.getItem(ORIGIN) === "true";
}
