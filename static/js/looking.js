// A receipt that nobody sees does not ask for news. It looks once when it is shown again.
import { byId } from "./page.js";

let missed = false;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id !== "status" || !document.hidden) return;
  event.preventDefault();
  missed = true;
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !missed) return;
  missed = false;
  byId("status").dispatchEvent(new Event("look"));
});
