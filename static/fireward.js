// Smooths pages that are complete without it: the show switch of password fields, and the wait of a throttled sign-in.
"use strict";

for (const button of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
  // A shown password is never what a browser remembers as text.
  field.form.addEventListener("submit", () => {
    field.type = "password";
  });
}

// An answer that is posted to an app needs nobody's click.
const answer = document.getElementById("answer");
if (answer) answer.submit();

// An EHR that frames us learns that the app goes on in a window of its own, and nothing else.
if (window.parent !== window && document.getElementById("new-window")) window.parent.postMessage("fireward:new-window", "*");

for (const button of document.querySelectorAll("[data-wait]")) {
  const until = Date.now() + Number(button.dataset.wait) * 1000;
  button.disabled = true;
  const timer = setInterval(() => {
    if (Date.now() >= until) {
      button.disabled = false;
      clearInterval(timer);
    }
  }, 250);
}
