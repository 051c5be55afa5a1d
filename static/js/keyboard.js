// Keys: / searches, ? opens the help sheet, Enter and Ctrl+Enter lead to the button. Only the button itself sends.
import { byId } from "./page.js";

const leadToButton = (event) => {
  const button = byId("submit");
  const goal = button.disabled ? byId("review") : button;
  if (event.repeat && event.target === button) event.preventDefault();
  if (!event.target.matches("input") && !event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  goal.scrollIntoView({ block: "center" });
  goal.focus({ preventScroll: true });
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const search = byId("control_service") || byId("q");
  if (event.defaultPrevented || event.isComposing) return;
  if (key === "Enter" && target.closest("#incident-form")) return leadToButton(event);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest("input, textarea, select") || document.querySelector("dialog[open]")) return;
  if (key === "?") byId("help").showModal();
  else if (key === "/" && search) search.focus();
  else return;
  event.preventDefault();
});
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-opens=help]")) byId("help").showModal();
});
