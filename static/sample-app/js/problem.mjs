// The pages for when it does not go on: declined, expired, broken.

import { recallOrigin } from "./asks.mjs";
import { h, put } from "./dom.mjs";

/** Something broke, or is not as it should be. */
export function showProblem(title, error, next = "You can start again. If it happens once more, tell whoever runs this app.") {
  const detail = error instanceof Error ? error.message : String(error);
  page(
    h("h1", { tabindex: "-1" }, title),
    h("p", {}, next),
    h("details", {}, h("summary", {}, "Technical details"), h("p", { class: "mono" }, detail)),
    startAgain(),
  );
}

/** The person said no. That is an answer, not a fault. */
export function showDeclined() {
  page(
    h("h1", { tabindex: "-1" }, "You said no"),
    h("p", {}, "This app was not allowed to see the record, so it has nothing to show. Nothing was shared."),
    h("p", {}, "If you change your mind, start again. You choose what the app may see."),
    startAgain(),
  );
}

/** The authorization server answered with an error (RFC 6749 §4.1.2.1). Its words are shown only for a sign-in begun in this tab. */
export function showAnswer(query, known) {
  const code = query.get("error");
  const words = known && query.get("error_description");
  // Also somebody who may not open the record is denied access: only the person's own no is an answer.
  if (code === "access_denied" && (!words || /did not allow/.test(words))) return showDeclined();
  return showProblem("The sign-in did not finish", new Error([code, words].filter(Boolean).join(": ")), recallOrigin() ? FROM_CHART : undefined);
}

const FROM_CHART = "The record system’s way in works once, and only for some minutes. Go back to the patient’s chart and open the app there again.";

function page(...children) {
  const main = document.querySelector("main");
  put(main, h("section", { class: "card message", id: "error", role: "alert" }, ...children));
  document.body.classList.remove("loading");
  main.querySelector("h1")?.focus();
}

function startAgain() {
  return h("p", { class: "actions" }, h("a", { class: "button", href: "./", id: "start-again", onclick: forget }, "Start again"));
}

function forget() {
  sessionStorage.clear();
}
