// The sample app's pure functions: `node --test crates/demo-ehr/js-tests/`.

import assert from "node:assert/strict";
import test from "node:test";

const app = new URL("../../../static/sample-app/js/", import.meta.url);
const { access, mayRead, mayRefresh, parseScope } = await import(new URL("scopes.mjs", app));
const { EVERYTHING, scopeString } = await import(new URL("asks.mjs", app));
const { flagOf, group, rangeFor } = await import(new URL("observations.mjs", app));
const { niceTicks, timeRange, valueRange, linePath, nearest } = await import(new URL("plot.mjs", app));
const { unitText } = await import(new URL("units.mjs", app));
const { formatAge, formatCountdown, formatName, localeFor } = await import(new URL("format.mjs", app));
const { contrast, groundOf, parseHex } = await import(new URL("style.mjs", app));

const { visitWords } = await import(new URL("told.mjs", app));

const VITALS = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs";

test("sc_3 a v1 scope opens what its v2 form opens", () => {
  assert.equal(access("patient/Condition.read", "Condition"), "all");
  assert.equal(access("patient/Condition.write", "Condition"), "none");
  assert.equal(access("patient/*.*", "AllergyIntolerance"), "all");
});

test("sc_7 a granular scope opens its category alone", () => {
  assert.equal(access(VITALS, "Observation", "vital-signs"), "all");
  assert.equal(access(VITALS, "Observation", "laboratory"), "none");
  assert.equal(access(VITALS, "Observation"), "some");
  assert.equal(access(`${VITALS}&date=gt2020`, "Observation", "vital-signs"), "some");
});

test("scopes that open nothing clinical are passed over", () => {
  assert.equal(parseScope("openid"), null);
  assert.equal(access("openid fhirUser system/Observation.rs", "Observation"), "none");
  assert.equal(access(undefined, "Observation"), "none");
  assert.equal(mayRead("patient/Patient.s", "Patient"), false);
});

test("al_30 a session is renewable with offline or online access alone", () => {
  assert.ok(mayRefresh("openid offline_access"));
  assert.ok(mayRefresh("online_access"));
  assert.equal(mayRefresh("openid"), false);
});

test("what is asked is what was chosen", () => {
  assert.match(scopeString(EVERYTHING, "launch"), /^launch openid fhirUser profile offline_access .*patient\/Observation\.rs /);
  assert.match(scopeString(EVERYTHING, "launch"), /patient\/Encounter\.rs/);
  assert.doesNotMatch(scopeString(EVERYTHING, "launch/patient"), /Encounter/);
  const few = scopeString({ kinds: ["vitals"], offline: false }, "launch/patient");
  assert.equal(few, `launch/patient openid fhirUser profile patient/Patient.rs ${VITALS}`);
});

const quantity = (value, unit = "/min") => ({ valueQuantity: { value, unit } });
const heart = (at, value, more = {}) => ({
  status: "final", effectiveDateTime: at, code: { coding: [{ code: "8867-4" }], text: "Heart rate" }, ...quantity(value), ...more,
});

test("observations become one chart a code, in order of time", () => {
  const { charts } = group([heart("2026-03-01", 80), heart("2026-01-01", 70), heart("2026-02-01", 75)]);
  assert.equal(charts.length, 1);
  assert.deepEqual(charts[0].lines[0].points.map((point) => point.value), [70, 75, 80]);
  assert.equal(charts[0].unit, "per minute");
});

test("the parts of a panel are lines of one chart", () => {
  const part = (code, value) => ({ code: { coding: [{ code }] }, ...quantity(value, "mm[Hg]") });
  const panel = { status: "final", effectiveDateTime: "2026-01-01", code: { coding: [{ code: "85354-9" }] }, component: [part("8480-6", 120), part("8462-4", 80)] };
  const { charts } = group([panel]);
  assert.deepEqual(charts[0].lines.map((line) => line.name), ["Systolic", "Diastolic"]);
});

test("what was entered in error, has no date or no value is not drawn", () => {
  const { charts, texts } = group([heart("2026-01-01", 70, { status: "entered-in-error" }), heart("nonsense", 70), heart("2026-01-01", Number.NaN)]);
  assert.deepEqual([charts, texts], [[], []]);
});

test("the laboratory's own judgement goes before the reference range", () => {
  assert.equal(flagOf(200, 60, 100), "high");
  assert.equal(flagOf(50, 60, 100), "low");
  assert.equal(flagOf(200, 60, 100, [{ coding: [{ code: "N" }] }]), null);
  assert.equal(flagOf(80, null, null, [{ coding: [{ code: "LL" }] }]), "low");
});

const ADULTS = { low: { value: 60 }, high: { value: 100 }, text: "Normal adult range" };
const flags = (observation, birthDate) => group([observation], birthDate).charts[0].lines[0].points.map(({ flag, low, high }) => [flag, low, high]);

test("a newborn is not judged by an adult's range, nor by what was said of it", () => {
  const said = [{ coding: [{ code: "HH" }] }];
  const beat = heart("2026-03-05T10:00:00Z", 130, { referenceRange: [ADULTS], interpretation: said });
  assert.deepEqual(flags(beat, "2026-03-01"), [[null, null, null]]);
  assert.deepEqual(flags(beat, "2008-03-06"), [[null, null, null]]);
  assert.deepEqual(flags(beat, "2008-03-04"), [["high", 60, 100]]);
  assert.deepEqual(flags(beat, undefined), [[null, null, null]]);
});

test("a range that names its ages is for those of that age", () => {
  const months = (value) => ({ value, code: "mo" });
  const infants = { low: { value: 100 }, high: { value: 160 }, age: { low: months(0), high: months(12) } };
  assert.equal(rangeFor([ADULTS, infants], 4), infants);
  assert.equal(rangeFor([ADULTS, infants], 365 * 5), null);
  assert.equal(rangeFor([infants, ADULTS], 365 * 40), ADULTS);
  const beat = heart("2026-03-05T10:00:00Z", 170, { referenceRange: [ADULTS, infants] });
  assert.deepEqual(flags(beat, "2026-03-01"), [["high", 100, 160]]);
  // What a laboratory says without a range it says of this very person.
  assert.deepEqual(flags(heart("2026-03-05T10:00:00Z", 60, { interpretation: [{ coding: [{ code: "L" }] }] }), "2026-03-01"), [["low", null, null]]);
});

test("dates follow the language of the page rather than the browser's", () => {
  assert.equal(localeFor("en", ["es-MX", "es"]), "en");
  assert.equal(localeFor("en", ["es-MX", "en-GB", "en-US"]), "en-GB");
  assert.equal(localeFor("en", []), "en");
});

test("ticks are round and cover the values", () => {
  for (const [min, max] of [[0, 1], [36.1, 39.4], [4.2, 4.2], [3500, 12000], [-5, 5], [0.01, 0.05]]) {
    const ticks = niceTicks(min, max);
    assert.ok(ticks[0] <= min && ticks[ticks.length - 1] >= max, `${ticks}`);
    assert.ok(ticks.length >= 2 && ticks.length <= 8, `${ticks}`);
  }
});

test("an axis in percent ends at 100, and one value still has an axis", () => {
  const line = (values) => [{ points: values.map((value, at) => ({ at, value, low: null, high: null })) }];
  assert.equal(valueRange(line([95, 100]), "%")[1], 100);
  const [min, max] = valueRange(line([5]), "");
  assert.ok(min < 5 && max > 5);
  const [from, to] = timeRange(line([5]));
  assert.ok(from < to);
});

test("paths and the nearest moment", () => {
  const same = (value) => value;
  assert.equal(linePath([{ at: 0, value: 1 }, { at: 2, value: 3 }], same, same), "M0 1L2 3");
  assert.equal(nearest([1, 5, 9], 6), 5);
});

test("units are written for people", () => {
  assert.equal(unitText({ unit: "Cel" }), "°C");
  assert.equal(unitText({ unit: "mL/min/{1.73_m2}" }), "mL/min/1.73 m²");
  assert.equal(unitText({ unit: "10*3/uL" }), "×10³/µL");
  assert.equal(unitText({}), "");
});

test("ages, names and countdowns", () => {
  const now = Date.parse("2026-11-22");
  assert.equal(formatAge("1954-04-12", now), "72 years");
  assert.equal(formatAge("2025-11-23", now), "11 months");
  assert.equal(formatAge("2026-11-20", now), "2 days");
  assert.equal(formatName([{ prefix: ["Dr."], given: ["Ana", "Maria"], family: "Silva" }]), "Dr. Ana Maria Silva");
  assert.equal(formatCountdown(65), "1:05");
  assert.equal(formatCountdown(-3), "0:00");
});

test("an accent is taken over only if it can be read", () => {
  assert.deepEqual(parseHex("#fff"), [255, 255, 255]);
  assert.equal(parseHex("red; background: url(//evil.example)"), null);
  assert.ok(contrast(parseHex("#000"), parseHex("#fff")) > 20);
});

test("sc_19 a ground is taken over only if it can be read and is unlike the app's own", () => {
  const ground = (background, text) => groundOf({ color_background: background, color_text: text });
  assert.deepEqual(ground("#0b1a24", "#e6f1f5"), { dark: true });
  assert.deepEqual(ground("#f3e3c8", "#2a1e12"), { dark: false });
  for (const [background, text] of [["#f4f6f4", "#16211d"], ["#777777", "#888888"], ["#0b1a24", undefined], ["url(x)", "#000"], [undefined, undefined]]) {
    assert.equal(ground(background, text), null, `${background} ${text}`);
  }
});

test("a visit is told by day, kind and reason, as far as they are known", () => {
  const visit = { class: { display: "ambulatory" }, period: { start: "2023-10-12" }, reasonCode: [{ text: "Check-up" }] };
  assert.match(visitWords(visit), /2023.* · ambulatory · Check-up$/);
  assert.equal(visitWords({}), "");
});
