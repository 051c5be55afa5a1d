// A search box over the directory, as an ARIA combobox: htmx asks, this picks. Without it: a text box for names and ids.
//
// What is sent: the id of what was picked, in a hidden input under the field's name; or else the text as it was typed,
// which the server resolves or refuses. What is seen is what is sent.
const boxes = new Map();

class Combobox {
  constructor(root) {
    this.root = root;
    this.name = root.dataset.name;
    this.maximum = Number(root.dataset.maximum || 1);
    this.input = root.querySelector("input[type=text]");
    this.chips = root.querySelector("[data-chips]");
    this.clearButton = root.querySelector("[data-remove-all]");
    this.panel = root.querySelector("[data-panel]");
    this.list = root.querySelector("[role=listbox]");
    this.said = root.querySelector("[data-said]");
    this.status = root.querySelector("[data-status]");
    this.label = document.querySelector(`label[for="${this.input.id}"]`)?.firstChild.textContent.trim() || this.name;
    this.picked = [...this.chips.querySelectorAll("input")].map((box) => ({
      value: box.value,
      label: box.closest("[data-chip]").querySelector("[data-label]").textContent,
    }));
    this.active = -1;
    this.isFresh = false;
    this.isAsking = false;
    this.dress();
    this.listen();
    this.listenToAnswers();
    this.told = this.state;
    this.restore();
  }

  get state() {
    return JSON.stringify([this.picked, this.input.value]);
  }

  // A choice stays with this entry of the browser's history (see history.js).
  restore() {
    const kept = history.state?.[`picked ${this.name}`];
    if (kept && kept !== this.state) {
      [this.picked, this.input.value] = JSON.parse(kept);
      addEventListener("pageshow", () => this.input.dispatchEvent(new Event("change", { bubbles: true })), {
        once: true,
      });
    }
    this.show();
  }

  get isSingle() {
    return this.maximum === 1;
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  dress() {
    const attributes = { role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false" };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
    this.input.setAttribute("aria-controls", this.list.id);
    this.list.setAttribute("aria-label", this.label);
    this.clearButton.setAttribute("aria-label", `Clear: ${this.label}`);
  }

  listen() {
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("change", (event) => this.tell(event));
    this.input.addEventListener("click", () => this.isOpen || this.search());
    this.input.addEventListener("focus", () => this.isSingle && this.picked.length && this.input.select());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.clearButton.addEventListener("click", () => this.clear());
    // The input keeps the focus while a mouse or a finger is on the list, so that a choice is not also a change of text.
    this.panel.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.pick(option);
    });
    this.chips.addEventListener("click", (event) => {
      const button = event.target.closest("[data-remove]");
      if (button) this.change(this.picked.filter((item) => item.value !== button.dataset.remove));
    });
  }

  // What is picked, as the page shows it and as the form sends it.
  show() {
    this.chips.replaceChildren(
      ...this.picked.map((item) => (this.isSingle ? hidden(this.name, item) : chip(this.name, item))),
    );
    if (this.isSingle && this.picked.length) this.input.value = this.picked[0].label;
    this.input.toggleAttribute("data-picked", this.isSingle && this.picked.length > 0);
    if (this.isSingle && this.picked.length) this.input.removeAttribute("name");
    else this.input.name = this.name;
    this.clearButton.hidden = !(this.isSingle ? this.input.value : false) || this.input.disabled;
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
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  clear() {
    this.input.disabled = false;
    this.change([]);
    this.input.focus();
  }

  pick(option) {
    if (option.getAttribute("aria-disabled") === "true") {
      this.say(option.querySelector("[data-reason]")?.textContent.trim() || "This one cannot be chosen.");
      return;
    }
    const item = { value: option.dataset.value, label: option.dataset.label };
    const others = this.isSingle ? [] : this.picked.filter((other) => other.value !== item.value);
    if (others.length >= this.maximum) {
      this.say(`At most ${this.maximum} can be chosen. Remove one first.`);
      return;
    }
    this.change([...others, item]);
  }

  typed() {
    if (this.isSingle && this.picked.length) {
      const text = this.input.value;
      this.picked = [];
      this.show();
      this.input.value = text;
    }
    this.clearButton.hidden = !this.isSingle || !this.input.value;
    this.isFresh = false;
    this.highlight(-1);
    this.isAsking = true;
  }

  // htmx asks while one types (hx-trigger); this asks at once.
  search() {
    this.isAsking = true;
    this.input.dispatchEvent(new Event("look-up"));
  }

  // Only the answer to the newest question is shown (hx-sync), and none once the list is closed or the field is left.
  listenToAnswers() {
    const on = (name, handle) => this.input.addEventListener(`htmx:${name}`, handle);
    on("configRequest", ({ detail }) => {
      detail.parameters = { q: this.isSingle && this.picked.length ? "" : this.input.value.trim() };
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
    this.isFresh = true;
    this.highlight(-1);
    this.open(count?.textContent.trim() || "");
    this.list.scrollTop = 0;
  }

  open(said) {
    this.said.textContent = said;
    this.say(said);
    this.panel.hidden = false;
    this.input.setAttribute("aria-expanded", String(this.options.length > 0));
    if (matchMedia("(max-width: 40rem)").matches) this.root.closest(".field")?.scrollIntoView({ block: "start" });
  }

  close() {
    this.isAsking = false;
    clearTimeout(this.patience);
    this.asking?.abort();
    this.panel.hidden = true;
    this.list.replaceChildren();
    this.isFresh = false;
    this.input.setAttribute("aria-expanded", "false");
    this.highlight(-1);
  }

  say(sentence) {
    this.status.textContent = sentence;
  }

  highlight(index) {
    this.active = index;
    for (const [place, option] of this.options.entries()) option.setAttribute("aria-selected", String(place === index));
    const option = this.options[index];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.options.length - 1;
    const isOnOption = this.isOpen && this.active >= 0;
    const moves = {
      ArrowDown: () => (this.isOpen ? this.highlight(this.active >= last ? 0 : this.active + 1) : this.search()),
      ArrowUp: () => this.isOpen && this.highlight(this.active <= 0 ? last : this.active - 1),
      Home: () => isOnOption && this.highlight(0),
      End: () => isOnOption && this.highlight(last),
      Enter: () => this.enter(),
      Escape: () => this.isOpen && this.close(),
    };
    if (event.key === "Backspace") this.backspace(event);
    if (event.key === "Tab" && isOnOption) this.pick(this.options[this.active]);
    const isOurs =
      event.key in moves &&
      (this.isOpen || event.key === "ArrowDown") &&
      (isOnOption || !["Home", "End"].includes(event.key));
    if (!isOurs) return;
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

  backspace(event) {
    if (this.isSingle ? !this.picked.length : this.input.value || !this.picked.length) return;
    event.preventDefault();
    this.change(this.isSingle ? [] : this.picked.slice(0, -1));
  }

  block(isBlocked) {
    if (isBlocked && document.activeElement === this.input) this.close();
    this.input.disabled = isBlocked;
    this.show();
  }
}

const element = (tag, attributes, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};
const hidden = (name, item) => element("input", { type: "hidden", name, value: item.value });
const chip = (name, item) => {
  const remove = {
    type: "button",
    "data-remove": item.value,
    "aria-label": `Remove ${item.label}`,
    class: "btn btn-quiet btn-icon",
  };
  return element(
    "span",
    { class: "chip" },
    element("bdi", {}, item.label),
    hidden(name, item),
    element("button", remove, "×"),
  );
};

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
