// What the portal could not keep stays in this browser, until the form opens again and it can be kept as a draft.
import { byId, freshToken } from "./page.js";

const form = byId("incident-form");
const draft = byId("draft");
const KEPT = "portal-unsaved";
const storage = (work) => {
  try {
    return work(localStorage);
  } catch {
    return null; // full, or forbidden
  }
};

const keep = () => {
  const answers = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  storage((local) => local.setItem(KEPT, JSON.stringify(answers)));
};
form.addEventListener("submit", keep);
draft.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful) keep();
  else if (!detail.xhr.getResponseHeader("HX-Retarget")) storage((local) => local.removeItem(KEPT));
});

// What was sent after all is no draft: the portal knows.
const hand = async (answers) => {
  answers.set("csrfmiddlewaretoken", freshToken() ?? form.elements.csrfmiddlewaretoken.value);
  const answer = await fetch(draft.getAttribute("hx-post"), { method: "POST", body: answers });
  if (!answer.ok || answer.redirected) return;
  storage((local) => local.removeItem(KEPT));
  const saved = document.createElement("template");
  saved.innerHTML = await answer.text();
  const key = saved.content.querySelector("[data-key]")?.dataset.key;
  if (!key) return;
  const offer = byId("kept-offer").content.cloneNode(true);
  offer.querySelector("[data-kept]").textContent = answers.get("title") || "something without a title";
  offer.querySelector("a").setAttribute("href", `${form.getAttribute("action")}draft=${key}`);
  form.before(offer);
};
const answers = new URLSearchParams(storage((local) => JSON.parse(local.getItem(KEPT))) ?? []);
const isMine = answers.get("author") === form.elements.author.value;
if (isMine && answers.get("form_key") !== form.elements.form_key.value) hand(answers).catch(() => {});
