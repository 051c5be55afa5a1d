// After a swap: a control's state follows its feedback, news is announced, the title follows, what was open stays open.
import { byId, say } from "./page.js";

const follow = () => {
  for (const feedback of document.querySelectorAll(".feedback")) {
    const control = byId(feedback.id.replace("feedback_", "control_"));
    if (!control?.matches("input, textarea, select")) continue;
    if (feedback.querySelector("[data-error]")) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  const news = document.querySelector("[data-announce]")?.textContent.trim().replace(/\s+/g, " ");
  if (news && byId("announcer").textContent !== news) say(news);
  const title = document.querySelector("[data-title]")?.dataset.title;
  if (title) document.title = `${title} · Incident Portal`;
};

const opened = new Set();
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  opened.clear();
  for (const details of target.querySelectorAll("details[id][open]")) opened.add(details.id);
});
const swapped = () => {
  for (const id of opened) byId(id)?.setAttribute("open", "");
  follow();
};
document.addEventListener("htmx:afterSwap", swapped);
document.addEventListener("htmx:oobAfterSwap", swapped);

// The same banner again would be read out again.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const since = (root) => root.querySelector("time")?.dateTime;
  if (detail.target.id === "access" && since(detail.target) === since(detail.fragment)) detail.shouldSwap = false;
});

follow();
document.querySelector("[data-focus]")?.focus();
