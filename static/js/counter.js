// A counter beside a field shows how much of its limit is used; one that is data-late appears near the limit only.
import { byId } from "./page.js";

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
