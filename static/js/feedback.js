// After a swap: a control's state follows its feedback, news is announced, the title follows, what was open stays open.
import { afterSwap, byId, say } from "./page.js";

const opened = new Set();
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  opened.clear();
  for (const details of target.querySelectorAll("details[id][open]")) opened.add(details.id);
});
afterSwap(() => {
  for (const id of opened) byId(id)?.setAttribute("open", "");
  for (const feedback of document.querySelectorAll(".feedback")) {
    const control = byId(feedback.id.replace("feedback_", "control_"));
    if (control?.matches("input, textarea, select"))
      control.ariaInvalid = feedback.querySelector("[data-error]") ? "true" : null;
  }
  const news = document.querySelector("[data-announce]")?.textContent.trim().replace(/\s+/g, " ");
  if (news && byId("announcer").textContent !== news) say(news);
  const title = document.querySelector("[data-title]")?.dataset.title;
  if (title) document.title = `${title} · Incident Portal`;
});

// The same banner again would be read out again.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const since = (root) => root.querySelector("time")?.dateTime;
  if (detail.target.id === "access" && since(detail.target) === since(detail.fragment)) detail.shouldSwap = false;
});
document.querySelector("[data-focus]")?.focus();
