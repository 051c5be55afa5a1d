// The button sends once, says that it is sending, and asks for the confirmation first. The server sends once as well.
import { byId, say } from "./page.js";

const form = byId("incident-form");

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
