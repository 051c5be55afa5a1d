// Every page: its requests, what follows a swap, its times, its copy buttons and its keys.
export const byId = (id) => document.getElementById(id);

export const say = (sentence) => {
  byId("announcer").textContent = sentence;
};

const afterSwap = (follow) => {
  document.addEventListener("htmx:afterSwap", follow);
  document.addEventListener("htmx:oobAfterSwap", follow);
  follow();
};

// --- Requests: they carry the current token, which a log-in in another tab changes.

export const freshToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

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

// --- After a swap: a control's state follows its feedback, news is announced, the title follows, what was open stays open.

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

// --- Times are shown in the reader's time zone, and "… ago" counts on by the server's clock.

const SHAPES = {
  "": { hour: "2-digit", minute: "2-digit" },
  day: { weekday: "short", hour: "2-digit", minute: "2-digit" },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  full: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
};
const localize = (time) => {
  time.title = time.textContent;
  time.textContent = new Intl.DateTimeFormat(undefined, SHAPES[time.dataset.local]).format(new Date(time.dateTime));
};

const several = (number, unit) => `${number} ${unit}${number === 1 ? "" : "s"}`;
const spoken = (seconds) => {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours) return `${several(hours, "hour")} ${several(minutes, "minute")}`;
  return minutes ? `${several(minutes, "minute")} ${several(seconds % 60, "second")}` : several(seconds, "second");
};

// The page says how old a moment was when it came; of several answers the oldest age counts, so that it never runs back.
const began = new Map();
const counted = new WeakSet();
const count = () => {
  for (const time of document.querySelectorAll("time[data-since]")) {
    if (!counted.has(time)) {
      const start = performance.now() - Number(time.dataset.since) * 1000;
      began.set(time.dateTime, Math.min(start, began.get(time.dateTime) ?? start));
      counted.add(time);
    }
    time.textContent = `${spoken(Math.floor((performance.now() - began.get(time.dateTime)) / 1000))} ago`;
  }
};
afterSwap(() => {
  document.querySelectorAll("time[data-local]:not([title])").forEach(localize);
  count();
});
setInterval(count, 1000);

// --- A button with data-copy copies the text of the element that it names, and says so for two seconds.

const copy = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const box = document.createElement("textarea"); // without TLS
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
};

const copyFor = async (button) => {
  const label = button.querySelector("span");
  button.dataset.label ??= label.textContent;
  button.style.minWidth = `${button.offsetWidth}px`;
  const done = await copy(byId(button.dataset.copy).textContent.trim()).then(
    () => "Copied",
    () => "Could not copy",
  );
  label.textContent = done;
  say(done);
  setTimeout(() => {
    label.textContent = button.dataset.label;
  }, 2000);
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy]");
  if (button) copyFor(button);
  if (target.closest("[data-opens=help]")) byId("help").showModal();
});

// --- Keys: / searches, ? opens the help sheet, Enter and Ctrl+Enter lead to the button. Only the button itself sends.

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
