// What the pages do beyond htmx. Each part works on what is there, and does nothing where it is not.
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("incident-form");
  const say = (sentence) => (byId("announcer").textContent = sentence);

  // --- A log-in in another tab changes the token: send the one that the browser has now.
  const freshToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.parameters.csrfmiddlewaretoken && freshToken()) detail.parameters.csrfmiddlewaretoken = freshToken();
  });
  document.addEventListener("submit", ({ target }) => {
    const token = target.querySelector("[name=csrfmiddlewaretoken]");
    if (token && freshToken()) token.value = freshToken();
  });

  // --- A request that ends because the person leaves the page is no error.
  const underWay = new Set();
  document.addEventListener("htmx:beforeSend", ({ detail }) => underWay.add(detail.xhr));
  document.addEventListener("htmx:afterRequest", ({ detail }) => underWay.delete(detail.xhr));
  addEventListener("pagehide", () => underWay.forEach((xhr) => (xhr.onabort = xhr.onerror = null)));

  // --- Said once where the portal does not answer, and taken away when it does again.
  const noAnswer = () => {
    const place = byId("problem");
    if (!place.childElementCount) place.append(byId("no-answer").content.cloneNode(true));
  };
  document.addEventListener("htmx:sendError", noAnswer);
  document.addEventListener("htmx:timeout", noAnswer);
  document.addEventListener("htmx:responseError", ({ detail }) => detail.xhr.status !== 403 && noAnswer());
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful && !detail.xhr.getResponseHeader("HX-Retarget")) byId("problem").replaceChildren();
  });

  // --- What was swapped in: the control's state follows its feedback, times become local, changes are said aloud.
  const settle = (root) => {
    for (const feedback of document.querySelectorAll(".feedback")) {
      const control = byId(feedback.id.replace("feedback_", "control_"));
      if (!control?.matches("input, textarea, select")) continue;
      if (feedback.querySelector("[data-error]")) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
    for (const time of root.querySelectorAll("time[data-local]:not([title])")) localise(time);
    const news = root.querySelector("[data-announce]")?.textContent.trim().replace(/\s+/g, " ");
    if (news && byId("announcer").textContent !== news) say(news);
    const title = root.querySelector("[data-title]")?.dataset.title;
    if (title) document.title = `${title} · Incident Portal`;
  };
  const SHAPES = {
    "": { hour: "2-digit", minute: "2-digit" },
    day: { weekday: "short", hour: "2-digit", minute: "2-digit" },
    seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
    full: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  };
  const localise = (time) => {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) return;
    time.title = time.textContent;
    time.textContent = new Intl.DateTimeFormat(undefined, SHAPES[time.dataset.local] || SHAPES[""]).format(moment);
  };
  const opened = new Set();
  document.addEventListener("htmx:beforeSwap", ({ target }) => {
    opened.clear();
    for (const details of target.querySelectorAll("details[id][open]")) opened.add(details.id);
  });
  // The same banner again would be read out again.
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    const since = (root) => root.querySelector("time")?.dateTime;
    if (detail.target.id === "access" && since(detail.target) === since(detail.fragment)) detail.shouldSwap = false;
  });
  const swapped = () => {
    for (const id of opened) byId(id)?.setAttribute("open", "");
    settle(document);
  };
  document.addEventListener("htmx:afterSwap", swapped);
  document.addEventListener("htmx:oobAfterSwap", swapped);
  settle(document);

  // --- How long ago, counted openly. By the server's clock: the page says how old it was when it came.
  const began = new Map();
  const several = (number, unit) => `${number} ${unit}${number === 1 ? "" : "s"}`;
  const spoken = (seconds) => {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    if (hours) return `${several(hours, "hour")} ${several(minutes, "minute")}`;
    return minutes ? `${several(minutes, "minute")} ${several(seconds % 60, "second")}` : several(seconds, "second");
  };
  const count = (root) => {
    for (const time of root.querySelectorAll("time[data-since]")) {
      if (!time.counts) {
        const start = performance.now() - Number(time.dataset.since) * 1000;
        began.set(time.dateTime, Math.min(start, began.get(time.dateTime) ?? start));
        time.counts = true;
      }
      time.textContent = `${spoken(Math.floor((performance.now() - began.get(time.dateTime)) / 1000))} ago`;
    }
  };
  count(document);
  document.addEventListener("htmx:afterSwap", () => count(document));
  setInterval(() => count(document), 1000);

  // --- Counters.
  for (const counter of document.querySelectorAll("[data-counts]")) {
    const control = byId(counter.dataset.counts);
    const limit = Number(counter.dataset.limit);
    const count = () => {
      const length = [...control.value].length;
      counter.textContent = `${length.toLocaleString("en")} / ${limit.toLocaleString("en")}`;
      counter.classList.toggle("counter-over", length > limit);
      counter.hidden = "late" in counter.dataset && length < limit * 0.8;
    };
    control.addEventListener("input", count);
    count();
  }

  // --- Copy buttons.
  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const box = document.createElement("textarea");
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  };
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    const label = button.querySelector("span");
    button.dataset.label ??= label.textContent;
    button.style.minWidth = `${button.offsetWidth}px`;
    const done = await copy(byId(button.dataset.copy).textContent.trim()).then(() => "Copied", () => "Could not copy");
    label.textContent = done;
    say(done);
    setTimeout(() => (label.textContent = button.dataset.label), 2000);
  });

  // --- The help sheet.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-opens]");
    if (button) byId(button.dataset.opens).showModal();
  });

  // --- Sending: once. The server sees to it as well; this only says that it is under way.
  const PATIENCE = 20_000;
  const sending = (is) => {
    const button = byId("submit");
    const text = button.querySelector("[data-text]");
    if (is) form.dataset.sending = text.textContent;
    text.textContent = is ? "Sending…" : form.dataset.sending;
    if (!is) delete form.dataset.sending;
    button.classList.toggle("is-sending", is);
    button.setAttribute("aria-disabled", String(is));
  };
  form?.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.id !== "submit") return;
    if (form.dataset.sending) return event.preventDefault();
    const confirmation = byId("confirmed");
    if (confirmation && !confirmation.checked) {
      event.preventDefault();
      confirmation.setAttribute("aria-invalid", "true");
      confirmation.focus();
      return say("Confirm this first. Nothing was sent.");
    }
    sending(true);
    say("Sending…");
    setTimeout(() => form.dataset.sending && sending(false), PATIENCE);
  });
  addEventListener("pageshow", ({ persisted }) => persisted && form?.dataset.sending && sending(false));
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    if (form?.dataset.sending && detail.target.id === "submit") detail.shouldSwap = false;
  });

  // --- What was typed, and the form's key with it, stay with this entry of the browser's history: coming back to it or
  // loading it again is the same form, so that pressing the button again sends nothing twice.
  const isKept = (field) =>
    field.matches("textarea, select, [type=text], [type=radio], [name=form_key]") && !field.closest("[data-combobox]");
  const kept = () => [...form.elements].filter(isKept);
  const keep = () => {
    const typed = kept().map((field) => [field.id || field.name, field.type === "radio" ? field.checked : field.value]);
    history.replaceState({ ...history.state, typed: Object.fromEntries(typed) }, "");
  };
  const bringBack = (field) => {
    const value = history.state.typed[field.id || field.name];
    const what = field.type === "radio" ? "checked" : "value";
    if (value === undefined || value === field[what]) return;
    field[what] = value;
    if (field.type !== "hidden" && value !== false) addEventListener("pageshow", () => changed(field), { once: true });
  };
  const changed = (field) => {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  if (form) {
    if (performance.getEntriesByType("navigation")[0]?.type === "navigate") history.replaceState(null, "");
    if (history.state?.typed) kept().forEach(bringBack);
    let soon;
    form.addEventListener("input", () => {
      clearTimeout(soon);
      soon = setTimeout(keep, 200);
    });
    form.addEventListener("change", keep);
    addEventListener("pagehide", keep);
  }

  // --- Drafts: saved while one types (by #draft), and at once where the page goes away before that. Never while it is
  // being sent: then it is no draft.
  if (form) {
    const place = byId("draft");
    const key = form.elements.form_key;
    let [typed, asked, saved] = [0, 0, 0];
    const saveNow = () => {
      if (typed === saved || form.dataset.sending) return;
      const answers = new FormData(form);
      if (freshToken()) answers.set("csrfmiddlewaretoken", freshToken());
      if (navigator.sendBeacon(place.getAttribute("hx-post"), answers)) saved = typed;
    };
    form.addEventListener("input", () => typed++);
    form.addEventListener("change", () => typed++);
    place.addEventListener("htmx:beforeRequest", (event) => {
      if (event.target !== place) return;
      if (form.dataset.sending) event.preventDefault();
      asked = typed;
    });
    place.addEventListener("htmx:afterRequest", ({ detail }) => {
      if (!detail.successful || detail.xhr.getResponseHeader("HX-Retarget")) return;
      saved = Math.max(saved, asked);
    });
    // Another form of the page, or the log-out, ends this one: it is saved first, unless it is what is thrown away.
    document.addEventListener("submit", ({ target }) => {
      if (target === form) return;
      if (target.action.includes(key.value)) saved = typed;
      else saveNow();
    });
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && saveNow());
    addEventListener("pagehide", saveNow);
  }

  // --- Keyboard. Enter in a one-line field and Ctrl+Enter lead to the button; only the button itself sends.
  const review = () => {
    const button = byId("submit");
    const goal = button.disabled ? byId("review") : button;
    goal.scrollIntoView({ block: "center" });
    goal.focus({ preventScroll: true });
  };
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing) return;
    const isTyping = target.closest("input, textarea, select, [contenteditable]");
    if (key === "Enter" && form?.contains(target)) {
      const isField = target.matches("input");
      if (event.repeat && target.id === "submit") event.preventDefault();
      if (isField || event.ctrlKey || event.metaKey) {
        event.preventDefault();
        review();
      }
    } else if (!isTyping && !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector("dialog[open]")) {
      const search = byId("control_service") || byId("q");
      if (key === "?") byId("help").showModal();
      else if (key === "/" && search) search.focus();
      else return;
      event.preventDefault();
    }
  });

  document.querySelector("[data-focus]")?.focus();
})();
