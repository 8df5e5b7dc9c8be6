// From FHIR R4 Observations to series that can be drawn. Pure: resources in, plain data out.

import { unitText } from "./units.mjs";

// Vital signs first in the order clinicians read them; anything else by how much there is of it.
const ORDER = ["85354-9", "8867-4", "2708-6", "59408-5", "9279-1", "8310-5", "29463-7", "8302-2", "39156-5"];

// The official names are written for machines; these are the common ones.
const NAMES = {
  "1963-8": "Bicarbonate",
  "2019-8": "Carbon dioxide, arterial",
  "2703-7": "Oxygen, arterial",
  "1988-5": "C-reactive protein",
  "85354-9": "Blood pressure",
  "8480-6": "Systolic",
  "8462-4": "Diastolic",
  "39156-5": "Body mass index",
  "2160-0": "Creatinine",
  "1742-6": "ALT",
  "1920-8": "AST",
  "2823-3": "Potassium",
  "2951-2": "Sodium",
  "4548-4": "Hemoglobin A1c",
  "718-7": "Hemoglobin",
  "2345-7": "Glucose",
  "6690-2": "White blood cells",
  "777-3": "Platelets",
  "3094-0": "Urea nitrogen",
  "2085-9": "HDL cholesterol",
  "13457-7": "LDL cholesterol",
  "2093-3": "Total cholesterol",
};

/**
 * Groups observations by code: `charts` can be drawn, `texts` can only be told (the newest first).
 * `birthDate` is a FHIR date or nothing: it decides which reference ranges count.
 */
export function group(observations, birthDate) {
  const born = Date.parse(birthDate ?? "");
  const charts = new Map();
  const texts = [];
  for (const observation of observations) {
    const at = when(observation);
    if (at === null || ["entered-in-error", "cancelled"].includes(observation.status)) continue;
    const parts = measured(observation, Number.isNaN(born) ? null : (at - born) / DAY);
    if (parts.length > 0) addTo(charts, observation, parts, at);
    else if (told(observation)) texts.push({ title: nameOf(observation.code), text: told(observation), at });
  }
  const list = [...charts.values()];
  for (const chart of list) for (const line of chart.lines) line.points.sort((a, b) => a.at - b.at);
  list.sort((a, b) => rank(a) - rank(b) || size(b) - size(a) || a.title.localeCompare(b.title));
  texts.sort((a, b) => b.at - a.at);
  return { charts: list, texts: newestOfEach(texts) };
}

const DAY = 86_400_000;
const DAYS = { a: 365.25, mo: 30.4375, wk: 7, d: 1, h: 1 / 24 };
const ADULT = 18 * DAYS.a;

/**
 * The reference range for somebody so many days old. One that names no ages is for adults: a newborn's heart beats faster
 * than theirs and is well. Of an age that is not known nothing is said.
 */
export function rangeFor(ranges, age) {
  if (age === null) return null;
  return (ranges ?? []).find((range) => (range.age ? holds(range.age, age) : age >= ADULT)) ?? null;
}

function holds({ low, high }, age) {
  const days = (quantity) => quantity.value * (DAYS[quantity.code ?? quantity.unit] ?? NaN);
  return (!low || age >= days(low)) && (!high || age <= days(high));
}

/** High, low or neither: what the laboratory said, otherwise what the reference range says. */
export function flagOf(value, low, high, interpretation) {
  const codes = (interpretation ?? []).flatMap((concept) => concept.coding ?? []).map((coding) => coding.code);
  if (codes.some((code) => ["H", "HH", "HU", ">"].includes(code))) return "high";
  if (codes.some((code) => ["L", "LL", "LU", "<"].includes(code))) return "low";
  if (codes.includes("N")) return null;
  if (high !== null && value > high) return "high";
  if (low !== null && value < low) return "low";
  return null;
}

/** The newest point of a chart's line. */
export function latest(line) {
  return line.points[line.points.length - 1];
}

/** The words for a code. */
export function nameOf(concept) {
  const coding = concept?.coding?.[0];
  return NAMES[coding?.code] ?? shorten(concept?.text ?? coding?.display) ?? coding?.code ?? "Unnamed";
}

/** `Calcium [Mass/volume] in Serum or Plasma` is what LOINC says; people say calcium. */
function shorten(name) {
  return name?.replace(/ \[.*$/, "");
}

function addTo(charts, observation, parts, at) {
  const unit = parts[0].unit;
  const key = `${observation.code?.coding?.[0]?.code ?? nameOf(observation.code)} ${unit}`;
  const chart = charts.get(key) ?? {
    key, code: observation.code?.coding?.[0]?.code, title: nameOf(observation.code), unit, lines: [],
  };
  charts.set(key, chart);
  for (const part of parts) {
    let line = chart.lines.find((candidate) => candidate.name === part.name);
    if (!line) chart.lines.push((line = { name: part.name, points: [] }));
    const { value, low, high, flag } = part;
    line.points.push({ at, value, low, high, flag });
  }
}

function measured(observation, age) {
  if (isNumber(observation.valueQuantity?.value)) return [part(null, observation, age)];
  if (isNumber(observation.valueInteger)) {
    return [part(null, { ...observation, valueQuantity: { value: observation.valueInteger } }, age)];
  }
  return (observation.component ?? [])
    .filter((component) => isNumber(component.valueQuantity?.value))
    .map((component) => part(nameOf(component.code), component, age));
}

function part(name, source, age) {
  const { value } = source.valueQuantity;
  const range = rangeFor(source.referenceRange, age);
  const low = isNumber(range?.low?.value) ? range.low.value : null;
  const high = isNumber(range?.high?.value) ? range.high.value : null;
  // What the laboratory said by a range that is not theirs is as wrong as the range.
  const said = range || !source.referenceRange?.length ? source.interpretation : [];
  return { name, value, unit: unitText(source.valueQuantity), low, high, flag: flagOf(value, low, high, said) };
}

function told(observation) {
  const concept = observation.valueCodeableConcept;
  if (concept) return concept.text ?? concept.coding?.[0]?.display ?? null;
  if (typeof observation.valueBoolean === "boolean") return observation.valueBoolean ? "Yes" : "No";
  return observation.valueString ?? null;
}

function when(observation) {
  const text = observation.effectiveDateTime ?? observation.effectivePeriod?.start ?? observation.effectiveInstant ?? observation.issued;
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
}

function newestOfEach(texts) {
  const seen = new Set();
  return texts.filter(({ title }) => !seen.has(title) && seen.add(title));
}

function rank(chart) {
  const at = ORDER.indexOf(chart.code);
  return at < 0 ? ORDER.length : at;
}

function size(chart) {
  return Math.max(...chart.lines.map((line) => line.points.length));
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}
