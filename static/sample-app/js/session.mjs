// What was allowed, and for how long: the granted scopes, the token's lifetime and its renewal.

import { KINDS } from "./asks.mjs";
import { h, put } from "./dom.mjs";
import { formatClock, formatCountdown } from "./format.mjs";
import { access, mayRefresh } from "./scopes.mjs";
import { showTold } from "./told.mjs";

const WORDS = { all: "shared", some: "partly shared", none: "not shared" };

/** `#scopes`: in words first, then exactly. */
export function scopesCard(client) {
  return h("section", { class: "part", id: "scopes", "aria-labelledby": "scopes-title" },
    h("h2", { id: "scopes-title" }, "What you allowed"), h("div", { class: "card", id: "scopes-body" }, scopeRows(client)));
}

function scopeRows(client) {
  const granted = client.state.tokenResponse.scope ?? "";
  const asked = client.state.scope ?? "";
  const withheld = asked.split(/\s+/).filter((scope) => !granted.split(/\s+/).includes(scope));
  return [
    h("ul", { class: "grants" }, KINDS.map((kind) => {
      const level = access(granted, kind.type, kind.category);
      return h("li", { class: level, "data-kind": kind.id, "data-access": level },
        h("span", { class: "mark", "aria-hidden": "true" }, level === "none" ? "–" : "✓"), kind.label, h("span", { class: "hint" }, WORDS[level]));
    })),
    h("details", { class: "data" }, h("summary", {}, "Exact scopes"),
      scopeList("Granted", granted.split(/\s+/)), withheld.length > 0 && scopeList("Asked, but not granted as such", withheld)),
  ];
}

function scopeList(title, scopes) {
  return h("div", {}, h("h3", { class: "sub" }, title), h("ul", { class: "codes" }, scopes.filter(Boolean).map((scope) => h("li", {}, h("code", {}, scope)))));
}

/** The card with the countdown and the two buttons. */
export function sessionCard(client) {
  const renewable = canRefresh(client);
  return h("section", { class: "part", id: "session", "aria-labelledby": "session-title" },
    h("h2", { id: "session-title" }, "This session"),
    h("div", { class: "card" },
      h("p", { id: "token-status", role: "status", "data-refreshes": "0" }),
      h("p", { class: "actions" },
        h("button", { class: "button quiet", id: "refresh-now", type: "button", disabled: !renewable, onclick: () => refresh(client).then(leadToEnd) }, "Refresh now"),
        h("a", { class: "button quiet", id: "start-over", href: "./", onclick: () => sessionStorage.clear() }, "Close this record"))));
}

/** Starts the countdown; renews by itself shortly before the end, as long as someone looks. */
export function startSession(client) {
  const early = Math.min(12, (client.state.tokenResponse.expires_in ?? 0) / 4);
  let trying = false;
  const tick = async () => {
    const left = (client.state.expiresAt ?? 0) - Date.now() / 1000;
    show(client, left);
    if (left > early || trying || document.hidden || !canRefresh(client)) return;
    trying = true;
    await refresh(client);
    trying = false;
  };
  tick();
  setInterval(tick, 1000);
}

async function refresh(client) {
  const status = document.getElementById("token-status");
  try {
    await client.refresh();
    status.dataset.refreshes = String(Number(status.dataset.refreshes) + 1);
    status.dataset.refreshedAt = formatClock(Date.now());
    put(document.getElementById("scopes-body"), scopeRows(client));
    showTold(client);
  } catch {
    status.dataset.failed = "";
  }
  show(client, (client.state.expiresAt ?? 0) - Date.now() / 1000);
}

function show(client, left) {
  const status = document.getElementById("token-status");
  const renewable = canRefresh(client);
  document.getElementById("refresh-now").disabled = !renewable;
  const renewed = status.dataset.refreshedAt ? ` Last renewed at ${status.dataset.refreshedAt}.` : "";
  status.dataset.expiresAt = String(client.state.expiresAt ?? "");
  const failed = "failed" in status.dataset;
  const text = words(left, renewable, failed) + renewed;
  if (left <= 0 || (failed && !renewable)) showEnd();
  // A live region that changes each second would be read out each second.
  status.setAttribute("aria-live", left % 60 < 1 ? "polite" : "off");
  if (status.textContent !== text) status.textContent = text;
}

/** Above all else on the page, once: nothing new comes. fhirclient drops a refresh token that was refused. */
function showEnd() {
  if (document.getElementById("access-ended")) return;
  document.querySelector("main").prepend(h("section", { class: "card message ended", id: "access-ended", role: "alert" },
    h("h2", { tabindex: "-1" }, "This app is no longer connected"),
    h("p", {}, "Its access to the record has ended: the time was over, or somebody disconnected it. What you see here was read before."),
    h("p", { class: "actions" }, h("a", { class: "button", id: "connect-again", href: "./", onclick: () => sessionStorage.clear() }, "Connect again"))));
  // What was allowed is so no more.
  put(document.getElementById("scopes-body"), h("p", { class: "empty" }, "Nothing any more: this app is no longer connected."));
}

/** Takes whoever asked to where the answer is. */
function leadToEnd() {
  const ended = document.getElementById("access-ended");
  ended?.querySelector("h2").focus({ preventScroll: true });
  ended?.scrollIntoView({ block: "center" });
}

function words(left, renewable, failed) {
  if (left <= 0) return failed ? "Access has ended and could not be renewed." : "Access has ended.";
  if (failed && !renewable) return "Access could not be renewed. It ends by itself.";
  if (renewable) return `Access is renewed by itself in ${formatCountdown(left)}.`;
  return `Access ends in ${formatCountdown(left)}. It is not renewed, because staying connected was not allowed.`;
}

function canRefresh(client) {
  const answer = client.state.tokenResponse ?? {};
  return Boolean(answer.refresh_token) && mayRefresh(answer.scope);
}
