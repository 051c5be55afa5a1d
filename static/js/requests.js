// Requests carry the current token; one that fails is reported once, beside what was typed.
import { byId, freshToken } from "./page.js";

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.parameters.csrfmiddlewaretoken && freshToken()) detail.parameters.csrfmiddlewaretoken = freshToken();
});
document.addEventListener("submit", ({ target }) => {
  const token = target.querySelector("[name=csrfmiddlewaretoken]");
  if (token && freshToken()) token.value = freshToken();
});

// A request that ends because the person leaves the page is not an error.
const underWay = new Set();
document.addEventListener("htmx:beforeSend", ({ detail }) => underWay.add(detail.xhr));
addEventListener("pagehide", () => {
  for (const xhr of underWay) xhr.onabort = xhr.onerror = null;
});

// One that fails is reported once, beside what was typed, until the portal responds again.
const noAnswer = ({ detail }) => {
  const place = byId("problem");
  if (detail.xhr.status !== 403 && !place.childElementCount) place.append(byId("no-answer").content.cloneNode(true));
};
for (const failure of ["sendError", "timeout", "responseError"]) document.addEventListener(`htmx:${failure}`, noAnswer);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  underWay.delete(detail.xhr);
  if (detail.successful && !detail.xhr.getResponseHeader("HX-Retarget")) byId("problem").replaceChildren();
});
