// A button with data-copy copies the text of the element that it names, and says so for two seconds.
import { byId, say } from "./page.js";

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
});
