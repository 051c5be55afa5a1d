// Keys: / searches, ? opens the help sheet, Enter and Ctrl+Enter lead to the button. Only the button itself sends.
import { byId } from "./page.js";

const form = byId("incident-form");

const review = () => {
  const button = byId("submit");
  const goal = button.disabled ? byId("review") : button;
  goal.scrollIntoView({ block: "center" });
  goal.focus({ preventScroll: true });
};

const leadToButton = (event) => {
  const { target } = event;
  if (event.repeat && target.id === "submit") event.preventDefault();
  if (!target.matches("input") && !event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  review();
};

const shortcut = (event) => {
  const search = byId("control_service") || byId("q");
  if (event.key === "?") byId("help").showModal();
  else if (event.key === "/" && search) search.focus();
  else return;
  event.preventDefault();
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.defaultPrevented || event.isComposing) return;
  if (key === "Enter" && form?.contains(target)) return leadToButton(event);
  const isTyping = target.closest("input, textarea, select, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  shortcut(event);
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-opens]");
  if (button) byId(button.dataset.opens).showModal();
});
