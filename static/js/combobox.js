// A search box over the directory, as an ARIA combobox: htmx asks, this picks. Without it: a text box for names and ids.
//
// What is sent: the id of what was picked, in a hidden input under the field's name; or else the text as it was typed,
// which the server resolves or refuses. What is seen is what is sent.
const boxes = new Map();

class Combobox {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.root = root;
    this.name = root.dataset.name;
    this.maximum = Number(root.dataset.maximum || 1);
    this.isSingle = this.maximum === 1;
    this.input = find("input[type=text]");
    this.chips = find("[data-chips]");
    this.chip = find("[data-made-chip]").content.firstElementChild;
    this.clearButton = find("[data-remove-all]");
    this.panel = find("[data-panel]");
    this.list = find("[role=listbox]");
    this.said = find("[data-said]");
    this.status = find("[data-status]");
    this.picked = [...this.chips.querySelectorAll("[data-chip]")].map((chip) => ({
      value: chip.querySelector("input").value,
      label: chip.querySelector("[data-label]").textContent,
    }));
    this.active = -1;
    this.asked = null; // the newest question
    this.answered = null; // the question that the list answers
    this.isAsking = false; // an answer is wanted
    this.told = this.state;
    this.dress();
    this.listen();
    this.listenToAnswers();
    this.restore();
  }

  get state() {
    return JSON.stringify([this.picked, this.input.value]);
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  get question() {
    return this.isSingle && this.picked.length ? "" : this.input.value.trim();
  }

  // The list answers what is typed now: only then do the keys act on it.
  get isFresh() {
    return this.answered === this.question;
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  // A choice stays with this entry of the browser's history (see history.js).
  restore() {
    const kept = history.state?.[`picked ${this.name}`];
    if (kept && kept !== this.state) {
      [this.picked, this.input.value] = JSON.parse(kept);
      addEventListener("pageshow", () => this.fire("change"), { once: true });
    }
    this.show();
  }

  dress() {
    const label = this.input.labels[0].textContent.trim();
    Object.assign(this.input, { role: "combobox", ariaAutoComplete: "list", ariaExpanded: "false" });
    this.input.setAttribute("aria-controls", this.list.id);
    this.list.ariaLabel = label;
    this.clearButton.ariaLabel = `Clear: ${label}`;
  }

  listen() {
    const on = (element, name, handle) => element.addEventListener(name, handle);
    on(this.input, "input", () => this.typed());
    on(this.input, "change", (event) => this.tell(event));
    on(this.input, "click", () => this.isOpen || this.search());
    on(this.input, "focus", () => this.isSingle && this.picked.length && this.input.select());
    on(this.input, "blur", () => this.close());
    on(this.input, "keydown", (event) => this.key(event));
    on(this.clearButton, "click", () => this.clear());
    // The input keeps the focus while a mouse or a finger is on the list, so that a choice is not also a change of text.
    on(this.panel, "mousedown", (event) => event.preventDefault());
    on(this.list, "click", ({ target }) => this.pick(target.closest("[role=option]")));
    on(this.chips, "click", ({ target }) => {
      const removed = target.closest("[data-remove]")?.dataset.remove;
      if (removed) this.change(this.picked.filter(({ value }) => value !== removed));
    });
  }

  // What is picked, as the page shows it and as the form sends it.
  show() {
    const only = this.isSingle ? this.picked[0] : undefined;
    this.chips.replaceChildren(...this.picked.map((item) => this.made(item)));
    if (only) this.input.value = only.label;
    this.input.toggleAttribute("data-picked", Boolean(only));
    this.input.name = only ? "" : this.name;
    this.clearButton.hidden = !this.isSingle || !this.input.value || this.input.disabled;
  }

  made({ value, label }) {
    const chip = this.chip.cloneNode(true);
    const remove = chip.querySelector("[data-remove]");
    chip.hidden = this.isSingle;
    chip.querySelector("bdi").textContent = label;
    chip.querySelector("input").value = value;
    remove.dataset.remove = value;
    remove.ariaLabel = `Remove ${label}`;
    return chip;
  }

  // A choice and leaving the field are two changes to the browser; the form hears of it once.
  tell(event) {
    if (this.state === this.told) event.stopPropagation();
    this.told = this.state;
    history.replaceState({ ...history.state, [`picked ${this.name}`]: this.state }, "");
  }

  change(picked) {
    this.picked = picked;
    this.input.value = "";
    this.show();
    this.close();
    this.fire("change");
  }

  clear() {
    this.input.disabled = false;
    this.change([]);
    this.input.focus();
  }

  pick(option) {
    if (!option) return;
    const { value, label } = option.dataset;
    const others = this.isSingle ? [] : this.picked.filter((other) => other.value !== value);
    if (option.ariaDisabled === "true") this.say(option.querySelector("[data-reason]").textContent.trim());
    else if (others.length >= this.maximum) this.say(`At most ${this.maximum} can be chosen. Remove one first.`);
    else this.change([...others, { value, label }]);
  }

  typed() {
    if (this.isSingle) this.picked = [];
    this.show();
    this.highlight(-1);
    this.isAsking = true;
    this.list.ariaBusy = String(!this.isFresh);
  }

  // htmx asks while one types (hx-trigger); this asks at once.
  search() {
    if (this.asking && this.asked === this.question) return;
    this.isAsking = true;
    this.fire("look-up");
  }

  fire(name) {
    this.input.dispatchEvent(new Event(name, { bubbles: true }));
  }

  // Only the answer to the newest question is shown (hx-sync), and none once the list is closed or the field is left.
  listenToAnswers() {
    const on = (name, handle) => this.input.addEventListener(`htmx:${name}`, handle);
    on("configRequest", ({ detail }) => {
      this.asked = this.question;
      detail.parameters = { q: this.asked };
    });
    on("beforeRequest", (event) => {
      event.detail.error = ""; // htmx would log an aborted question as an error
      if (!this.isAsking) return event.preventDefault();
      this.asking = event.detail.xhr;
      this.patience = setTimeout(() => this.open("Searching…"), this.isOpen ? 400 : 150);
    });
    on("afterRequest", ({ detail }) => {
      clearTimeout(this.patience);
      this.asking = null;
      if (detail.xhr.getResponseHeader("HX-Retarget") || detail.xhr.status === 403) this.close();
    });
    for (const name of ["sendError", "timeout", "responseError"]) on(name, (event) => this.fail(event));
    this.list.addEventListener("htmx:beforeSwap", ({ detail }) => {
      if (document.activeElement !== this.input) detail.shouldSwap = false;
    });
    this.list.addEventListener("htmx:afterSwap", () => this.filled());
  }

  fail(event) {
    if (event.detail.xhr.status === 403) return;
    event.stopPropagation();
    this.list.replaceChildren();
    this.open("The directory isn’t responding. Type the exact name or id, or try again.");
  }

  filled() {
    const count = this.list.querySelector("[data-said]");
    count?.remove();
    this.answered = this.asked;
    this.list.ariaBusy = String(!this.isFresh);
    this.highlight(-1);
    this.open(count?.textContent.trim() || "");
    this.list.scrollTop = 0;
  }

  open(said) {
    this.said.textContent = said;
    this.say(said);
    this.panel.hidden = false;
    this.input.ariaExpanded = String(this.options.length > 0);
    if (matchMedia("(max-width: 40rem)").matches) this.root.closest(".field")?.scrollIntoView({ block: "start" });
  }

  close() {
    this.isAsking = false;
    clearTimeout(this.patience);
    this.asking?.abort();
    this.panel.hidden = true;
    this.list.replaceChildren();
    this.answered = null;
    this.input.ariaExpanded = "false";
    this.highlight(-1);
  }

  say(sentence) {
    this.status.textContent = sentence;
  }

  highlight(index) {
    this.active = index;
    for (const [place, option] of this.options.entries()) option.ariaSelected = String(place === index);
    const option = this.options[index];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.options.length - 1;
    const down = () => this.highlight(this.active >= last ? 0 : this.active + 1);
    const up = () => this.highlight(this.active <= 0 ? last : this.active - 1);
    const whenOpen = {
      Enter: () => this.enter(),
      Escape: () => this.close(),
      ...(this.isFresh && { ArrowDown: down, ArrowUp: up }),
    };
    const onOption = { Home: () => this.highlight(0), End: () => this.highlight(last) };
    const isOnOption = this.isOpen && this.active >= 0;
    const moves = { ArrowDown: () => this.search(), ...(this.isOpen && whenOpen), ...(isOnOption && onOption) };
    const canTakeBack = this.picked.length > 0 && (this.isSingle || !this.input.value);
    if (canTakeBack) moves.Backspace = () => this.change(this.picked.slice(0, -1));
    if (event.key === "Tab" && isOnOption) this.pick(this.options[this.active]);
    if (!(event.key in moves)) return;
    event.preventDefault();
    moves[event.key]();
  }

  // Enter takes the highlighted option, or the only one there is; else it goes to the first, and takes nothing.
  enter() {
    const { options } = this;
    if (this.active >= 0) this.pick(options[this.active]);
    else if (this.isFresh && options.length === 1) this.pick(options[0]);
    else if (this.isFresh && options.length) this.highlight(0);
  }

  block(isBlocked) {
    if (isBlocked && document.activeElement === this.input) this.close();
    this.input.disabled = isBlocked;
    this.show();
  }
}

for (const root of document.querySelectorAll("[data-combobox]")) boxes.set(root.dataset.name, new Combobox(root));

// The server says which of two fields is blocked by the other; its button clears the other one.
for (const [name, box] of boxes) {
  const place = document.getElementById(`blocked_${name}`);
  if (!place) continue;
  const follow = () => box.block(place.querySelector("[data-clear]") !== null);
  new MutationObserver(follow).observe(place, { childList: true });
  follow();
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-clear]");
    if (!button) return;
    boxes.get(button.dataset.clear)?.change([]);
    box.block(false);
    box.input.focus();
  });
}
