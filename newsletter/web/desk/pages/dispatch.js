// A dispatch while it goes out: its part of the page comes by server-sent events.

import { exchange } from "./desk.js";

const live = document.querySelector("[data-live]");
const part = document.getElementById("live");

function count() {
  for (const each of document.querySelectorAll("[data-until]")) {
    const left = Math.max(0, Math.round(Number(each.dataset.until) - Date.now() / 1000));
    const words = left >= 60 ? `${Math.floor(left / 60)} min ${left % 60} s` : `${left} s`;
    if (each.textContent !== words) {
      each.textContent = words;
    }
  }
}

let phase = part.querySelector(".badge")?.textContent;

function show(html) {
  part.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  count();
  const now = part.querySelector(".badge")?.textContent;
  if (now !== phase) {
    phase = now;
    exchange(location.pathname); // what can be done to it is something else now
  }
}

if (live?.dataset.open !== undefined) {
  const changes = new EventSource(live.dataset.live);
  changes.addEventListener("part", (event) => show(event.data));
  changes.addEventListener("over", () => {
    changes.close();
    exchange(location.pathname);
  });
}
count();
setInterval(count, 500);
