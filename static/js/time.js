// Times are shown in the reader's time zone, and "… ago" counts on by the server's clock.
import { afterSwap } from "./page.js";

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
