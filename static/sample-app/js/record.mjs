// The page with the record: who is signed in, whose record it is, charts, lists and what was allowed.

import { KINDS } from "./asks.mjs";
import { chartCard } from "./chart.mjs";
import { h, put } from "./dom.mjs";
import { elsewhereCard, showElsewhere } from "./elsewhere.mjs";
import { formatDay } from "./format.mjs";
import { allergyItem, listCard, medicineItem, problemItem } from "./lists.mjs";
import { memoryLine, recall } from "./memory.mjs";
import { group } from "./observations.mjs";
import { patientBanner, signedInUser } from "./people.mjs";
import { access, CATEGORY_SYSTEM } from "./scopes.mjs";
import { sessionCard, scopesCard, startSession } from "./session.mjs";
import { applyStyle } from "./style.mjs";
import { showTold, showVisit, toldCard } from "./told.mjs";

const AT_ONCE = 6;
const LISTS = {
  problems: { title: "Conditions", query: { _count: "100" }, item: problemItem },
  medicines: { title: "Medicines", query: { _sort: "-authoredon", _count: "100" }, item: medicineItem },
  allergies: { title: "Allergies", query: { _count: "100" }, item: allergyItem },
};

/** Draws everything for a client that holds a token. Each section fails alone. */
export async function showRecord(client, config) {
  const answer = client.state.tokenResponse;
  put(document.querySelector("main"), ...frame(client));
  startSession(client);
  const styled = applyStyle(answer.smart_style_url).then((style) => showTold(client, style));
  const sections = KINDS.map((kind) => (kind.category ? fillCharts(client, kind) : fillList(client, kind)));
  await Promise.all([styled, signedInUser(client, config), patientBanner(client), showVisit(client), showElsewhere(client, config), ...sections]);
  // Only now is it known which charts there are.
  await recall(client);
  honourIntent(answer.intent);
}

function frame(client) {
  const section = (id, title) => h("section", { class: "part", id, "aria-labelledby": `${id}-title`, "aria-busy": "true" },
    h("h2", { id: `${id}-title` }, title), h("div", { class: "part-body" }, h("p", { class: "waiting" }, "Loading…")));
  return [
    h("h1", { class: "visually-hidden" }, document.title),
    h("div", { id: "patient-banner", class: "banner", hidden: isNamedAround(client) }),
    h("p", { id: "visit", hidden: true }),
    memoryLine(),
    h("nav", { class: "jump", "aria-label": "Sections" }, h("ul", {}, KINDS.map((kind) => h("li", {}, h("a", { href: `#${kind.id}` }, kind.label))),
      h("li", {}, h("a", { href: "#scopes" }, "What you allowed")),
      h("li", {}, h("a", { href: "#told" }, "What it was told")))),
    section("vitals", "Vital signs"),
    section("labs", "Lab results"),
    h("div", { class: "lists" }, Object.entries(LISTS).map(([id, { title }]) => section(id, title))),
    elsewhereCard(),
    h("div", { class: "lists about" }, scopesCard(client), toldCard(client), sessionCard(client)),
  ];
}

/** Whether the EHR names the patient around this app. In a window of its own nothing is around it, whatever was said. */
function isNamedAround(client) {
  return client.state.tokenResponse.need_patient_banner === false && window.self !== window.top;
}

async function fillCharts(client, kind) {
  await fill(client, kind, async (patient, note) => {
    const query = { patient, category: `${CATEGORY_SYSTEM}|${kind.category}`, _sort: "-date", _count: "200" };
    const [observations, birthDate] = await Promise.all([search(client, "Observation", query), born(client)]);
    const { charts, texts } = group(observations, birthDate);
    if (charts.length + texts.length === 0) return [note, h("p", { class: "empty" }, `No ${kind.label.toLowerCase()} in this record.`)];
    const trends = charts.filter((chart) => chart.lines.some((line) => line.points.length > 1));
    const single = charts.filter((chart) => !trends.includes(chart));
    return [
      note,
      h("div", { class: "charts" }, trends.slice(0, AT_ONCE).map(chartCard)),
      trends.length > AT_ONCE && h("details", { class: "more" },
        h("summary", {}, `${trends.length - AT_ONCE} more charts`), h("div", { class: "charts" }, trends.slice(AT_ONCE).map(chartCard))),
      single.length > 0 && h("details", { class: "more", open: trends.length === 0 },
        h("summary", {}, `${single.length} measured once`), h("div", { class: "charts small" }, single.map(chartCard))),
      texts.length > 0 && h("dl", { class: "card facts" }, texts.map(({ title, text, at }) =>
        h("div", {}, h("dt", {}, title), h("dd", {}, text, " ", h("span", { class: "hint" }, formatDay(at)))))),
    ];
  });
}

/** The birth date, where this app may know it. */
async function born(client) {
  client.bornOn ??= client.patient.read().then((patient) => patient.birthDate, () => null);
  return client.bornOn;
}

async function fillList(client, kind) {
  const { query, item } = LISTS[kind.id];
  await fill(client, kind, async (patient, note) => {
    const resources = await search(client, kind.type, { patient, ...query });
    return [note, listCard(resources, item, `No ${kind.label.toLowerCase()} in this record.`)];
  });
}

/** Runs one section: says plainly when it was not allowed, is only partly allowed, or failed. */
async function fill(client, kind, draw) {
  const part = document.getElementById(kind.id);
  const body = part.querySelector(".part-body");
  try {
    const allowed = access(client.state.tokenResponse.scope, kind.type, kind.category);
    if (!client.patient.id) put(body, h("p", { class: "empty" }, "No patient was chosen, so there is no record to show."));
    else if (allowed === "none") put(body, h("p", { class: "empty withheld" }, `${kind.label} were not shared with this app.`));
    else put(body, await draw(client.patient.id, allowed === "some" && h("p", { class: "note" }, "Only a part of these was shared with this app.")));
  } catch (error) {
    put(body, h("p", { class: "empty failed", role: "alert" }, explain(error, kind)));
  }
  part.removeAttribute("aria-busy");
}

function explain(error, kind) {
  if (error?.status === 403) return `The server did not allow this app to read ${kind.label.toLowerCase()}.`;
  if (error?.status === 401) return "Your access has ended. Start again to go on.";
  return `${kind.label} could not be loaded just now. Reload the page to try again.`;
}

async function search(client, type, query) {
  const resources = await client.request(`${type}?${new URLSearchParams(query)}`, { pageLimit: 5, flat: true });
  return resources.filter((resource) => resource?.resourceType === type);
}

/** `intent` may name a section to show first; an unknown one changes nothing (SMART App Launch 2.2, launch intent). */
function honourIntent(intent) {
  const kind = KINDS.find(({ id }) => intent === id || intent === `show-${id}`);
  if (kind) document.getElementById(kind.id).scrollIntoView();
}
