// What was typed, and the form's key with it, stay with this entry of the browser's history: coming back to it or
// loading it again is the same form, so that pressing the button again sends nothing twice.
import { byId } from "./page.js";

const form = byId("incident-form");

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
