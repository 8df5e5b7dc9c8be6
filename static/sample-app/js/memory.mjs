// What the app remembers of its user, at the server rather than in the browser (SMART App Launch 2.2, app state).
// It is which chart was looked at last, and nothing of whose record that was.

import { h, put } from "./dom.mjs";
import { clinicalScopes } from "./scopes.mjs";

const CODE = "last-chart";
const EXTENSION = "last-chart-title";

/** The scope for this one state of the user: the code system is the app's own origin. */
export function stateScope(origin) {
  return `user/Basic.cuds?code=${origin}|${CODE}`;
}

/** Where a FHIR server's apps keep state, or null. */
export async function stateBase(fhirBase) {
  try {
    const published = await (await fetch(`${fhirBase.replace(/\/$/, "")}/.well-known/smart-configuration`)).json();
    const has = ({ capabilities }) => capabilities?.includes("smart-app-state");
    return published.associated_endpoints?.find(has)?.url ?? null;
  } catch {
    return null;
  }
}

/** `#memory`: the line with what was looked at last; nothing is in it before `recall`. */
export function memoryLine() {
  return h("section", { class: "card memory", id: "memory", "aria-label": "Where you left off", hidden: true });
}

/** Finds what was remembered, shows the way back to it, and keeps what is looked at from now on. */
export async function recall(client) {
  const store = await openStore(client);
  if (!store) return;
  show(store, (await store.find().catch(() => null)));
  document.addEventListener("chart-looked-at", ({ detail }) => {
    if (detail !== store.title) store.keep(detail).catch(() => undefined);
  });
}

async function openStore(client) {
  const { fhirUser } = client.user;
  const scopes = clinicalScopes(client.state.tokenResponse.scope);
  const may = scopes.some(({ level, type, letters }) => level === "user" && type === "Basic" && letters === "cuds");
  const base = may && fhirUser && (await stateBase(client.state.serverUrl));
  if (!base) return null;
  const subject = /^https?:/.test(fhirUser) ? fhirUser : `${client.state.serverUrl.replace(/\/$/, "")}/${fhirUser}`;
  return new Store(client, base, subject);
}

/** One `Basic` of one code and one subject. Writes wait for one another, as each needs the version before. */
class Store {
  #client;
  #base;
  #kept = null;
  #writing = Promise.resolve();
  title = null;

  constructor(client, base, subject) {
    this.#client = client;
    this.#base = base;
    this.subject = subject;
  }

  async find() {
    const query = new URLSearchParams({ code: `${location.origin}|${CODE}`, subject: this.subject });
    const bundle = await (await this.#send("GET", `Basic?${query}`)).json();
    this.#kept = bundle.entry?.[0]?.resource ?? null;
    this.title = this.#kept?.extension?.find(({ url }) => url.endsWith(`/${EXTENSION}`))?.valueString ?? null;
    return this.title;
  }

  keep(title) {
    return this.#next(async () => {
      const { id, meta } = this.#kept ?? {};
      const state = { resourceType: "Basic", ...(id && { id }),
        code: { coding: [{ system: location.origin, code: CODE }] },
        subject: { reference: this.subject },
        extension: [{ url: `${location.origin}/${EXTENSION}`, valueString: title }] };
      const answer = id ? await this.#send("PUT", `Basic/${id}`, state, meta.versionId) : await this.#send("POST", "Basic", state);
      // Another device was faster: the newest is read, and the next look counts again.
      if (answer.status === 412) return this.find();
      if (!answer.ok) throw new Error(`the state was not kept (HTTP ${answer.status})`);
      this.#kept = await answer.json();
      this.title = title;
      return title;
    });
  }

  forget() {
    return this.#next(async () => {
      if (this.#kept) await this.#send("DELETE", `Basic/${this.#kept.id}`, null, this.#kept.meta.versionId);
      this.#kept = null;
      this.title = null;
    });
  }

  #next(work) {
    this.#writing = this.#writing.catch(() => undefined).then(work);
    return this.#writing;
  }

  #send(method, path, body, version) {
    const headers = { authorization: this.#client.getAuthorizationHeader(), accept: "application/fhir+json" };
    if (body) headers["content-type"] = "application/fhir+json";
    if (version) headers["if-match"] = `W/"${version}"`;
    return fetch(`${this.#base}/${path}`, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  }
}

function show(store, title) {
  const place = document.getElementById("memory");
  const chart = title && [...document.querySelectorAll(".chart")].find(({ dataset }) => dataset.title === title);
  if (!title) return;
  put(place,
    h("p", {}, "Last time you looked at ", h("strong", {}, title), chart ? "." : ". This record has none."),
    h("p", { class: "actions" },
      chart && h("button", { class: "button quiet", id: "show-last", type: "button", onclick: () => lead(chart) }, "Show it"),
      h("button", { class: "button quiet", id: "forget-last", type: "button", onclick: () => store.forget().then(() => { place.hidden = true; }) }, "Forget this")));
  place.hidden = false;
}

/** Takes whoever asked to the chart, opening what it is folded into. */
function lead(chart) {
  for (let around = chart.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  chart.querySelector("h3").tabIndex = -1;
  chart.querySelector("h3").focus({ preventScroll: true });
  chart.scrollIntoView({ block: "center" });
}
