// Drafts are saved during typing (by #draft), and at once when the page goes away. Never while the form is being sent.
import { byId, freshToken } from "./page.js";

const form = byId("incident-form");
const draft = byId("draft");
let [typed, asked, saved] = [0, 0, 0];

const saveNow = () => {
  if (typed === saved || form.dataset.sending) return;
  const answers = new FormData(form);
  if (freshToken()) answers.set("csrfmiddlewaretoken", freshToken());
  if (navigator.sendBeacon(draft.getAttribute("hx-post"), answers)) saved = typed;
};

for (const name of ["input", "change"]) {
  form.addEventListener(name, () => {
    typed += 1;
  });
}
draft.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target !== draft) return;
  if (form.dataset.sending) event.preventDefault();
  asked = typed;
});
draft.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && !detail.xhr.getResponseHeader("HX-Retarget")) saved = Math.max(saved, asked);
});

// Another form of the page, or the log-out, ends this one: it is saved first, unless it is what is thrown away.
document.addEventListener("submit", ({ target }) => {
  if (target === form) return;
  if (target.action.includes(form.elements.form_key.value)) saved = typed;
  else saveNow();
});
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && saveNow());
addEventListener("pagehide", saveNow);
