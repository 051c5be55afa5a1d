// The form: it is sent once, comes back with its text, is saved as a draft, and counts what is typed.
import { byId, freshToken, say } from "./page.js";

const form = byId("incident-form");

// --- The button sends once, says that it is sending, and asks for the confirmation first. The server sends once as well.

const PATIENCE = 20_000;
const sending = (is) => {
  const button = byId("submit");
  const text = button.querySelector("[data-text]");
  if (is) form.dataset.sending = text.textContent;
  text.textContent = is ? "Sending…" : form.dataset.sending;
  if (!is) delete form.dataset.sending;
  button.classList.toggle("is-sending", is);
  button.ariaDisabled = String(is);
};
const stop = () => form.dataset.sending && sending(false);

form.addEventListener("submit", (event) => {
  if (event.submitter && event.submitter.id !== "submit") return;
  if (form.dataset.sending) return event.preventDefault();
  const confirmation = byId("confirmed");
  if (confirmation && !confirmation.checked) {
    event.preventDefault();
    confirmation.ariaInvalid = "true";
    confirmation.focus();
    return say("Confirm this first. Nothing was sent.");
  }
  sending(true);
  say("Sending…");
  setTimeout(stop, PATIENCE);
});
addEventListener("pageshow", ({ persisted }) => persisted && stop());
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (form.dataset.sending && detail.target.id === "submit") detail.shouldSwap = false;
});

// --- What was typed, and the form's key with it, stay with this entry of the browser's history: coming back to it or
// loading it again is the same form, so that pressing the button again sends nothing twice.

const isKept = (field) =>
  field.matches("textarea, select, [type=text], [type=radio], [name=form_key]") && !field.closest("[data-combobox]");
const kept = () => [...form.elements].filter(isKept);
const keep = () => {
  const typed = kept().map((field) => [field.id || field.name, field.type === "radio" ? field.checked : field.value]);
  history.replaceState({ ...history.state, typed: Object.fromEntries(typed) }, "");
};

const changed = (field) => {
  for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
};
const bringBack = (field) => {
  const value = history.state.typed[field.id || field.name];
  const what = field.type === "radio" ? "checked" : "value";
  if (value === undefined || value === field[what]) return;
  field[what] = value;
  if (field.type !== "hidden" && value !== false) addEventListener("pageshow", () => changed(field), { once: true });
};

if (performance.getEntriesByType("navigation")[0]?.type === "navigate") history.replaceState(null, "");
if (history.state?.typed) kept().forEach(bringBack);
let soon;
form.addEventListener("input", () => {
  clearTimeout(soon);
  soon = setTimeout(keep, 200);
});
form.addEventListener("change", keep);
addEventListener("pagehide", keep);

// --- Drafts are saved while one types (by #draft), and at once when the page goes away. Never while the form is being sent.

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

// --- A counter beside a field shows how much of its limit is used; one that is data-late appears near the limit only.

for (const counter of document.querySelectorAll("[data-counts]")) {
  const control = byId(counter.dataset.counts);
  const limit = Number(counter.dataset.limit);
  const count = () => {
    const length = [...control.value].length;
    counter.textContent = `${length.toLocaleString("en")} / ${limit.toLocaleString("en")}`;
    counter.classList.toggle("counter-over", length > limit);
    counter.hidden = "late" in counter.dataset && length < limit * 0.8;
  };
  control.addEventListener("input", count);
  count();
}
