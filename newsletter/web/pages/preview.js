// Keeps the page true to the files, without losing the reader's place in it.
"use strict";

const partsOf = (page) => [...page.querySelectorAll("[data-part]")];
const framesOf = (page) => [...page.querySelectorAll("iframe:not(.coming)")];

let scheme = sessionStorage.getItem("scheme") || "light";

// The browser writes HTML in its own way, so pieces are compared as the program wrote them.
const written = new Map(partsOf(document).map((part) => [part.dataset.part, part.innerHTML]));

function keepPlace(frame, fresh) {
  if (document.body.dataset.version) { // files do not see into each other
    fresh.contentWindow.scrollTo(0, frame.contentWindow.scrollY);
  }
}

function load(frame, dataset) {
  // The new email is laid out behind the old one and takes its place when it is complete:
  // nothing flashes, and the reader's place stays.
  frame.parentElement.querySelectorAll(".coming").forEach((late) => late.remove());
  const fresh = frame.cloneNode();
  fresh.classList.add("coming");
  Object.assign(fresh.dataset, dataset);
  fresh.src = dataset[scheme];
  const shown = new Promise((resolve) => {
    fresh.addEventListener("load", () => {
      if (fresh.isConnected) {
        keepPlace(frame, fresh);
        fresh.classList.remove("coming");
        frame.remove();
      }
      resolve();
    }, { once: true });
  });
  frame.after(fresh);
  return shown;
}

function exchangeFrames(part, fresh) {
  part.className = fresh.className;
  const now = framesOf(part), next = framesOf(fresh);
  if (now.length !== next.length) {
    part.innerHTML = fresh.innerHTML;
    return framesOf(part).map((frame) => load(frame, frame.dataset));
  }
  return now
    .map((frame, at) => [frame, next[at].dataset])
    .filter(([frame, dataset]) => frame.getAttribute("src") !== dataset[scheme])
    .map(([frame, dataset]) => load(frame, dataset));
}

function exchange(page) {
  document.title = page.title;
  const loading = [];
  for (const fresh of partsOf(page)) {
    const name = fresh.dataset.part;
    const part = document.querySelector(`[data-part=${name}]`);
    if (name === "frames") {
      loading.push(...exchangeFrames(part, fresh));
    } else if (written.get(name) !== fresh.innerHTML) {
      part.innerHTML = fresh.innerHTML;
    }
    written.set(name, fresh.innerHTML);
  }
  return Promise.all(loading);
}

function applyScheme() {
  document.body.classList.toggle("dark", scheme === "dark");
  document.querySelector(`input[name=scheme][value=${scheme}]`).checked = true;
  for (const frame of framesOf(document)) {
    if (frame.getAttribute("src") !== frame.dataset[scheme]) {
      load(frame, frame.dataset);
    }
  }
}

let asked = 0;

async function refresh() {
  const mine = ++asked;
  const response = await fetch(location.pathname + location.search);
  if (!response.ok) {
    throw new Error(`the preview answered ${response.status}`);
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (mine === asked) {
    await exchange(page);
    document.body.dataset.version = page.body.dataset.version;
  }
}

function follow() {
  const lost = document.getElementById("lost");
  const events = new EventSource("/events");
  events.addEventListener("version", (event) => {
    lost.hidden = true;
    if (event.data !== document.body.dataset.version) {
      refresh().catch(() => { lost.hidden = false; });
    }
  });
  events.addEventListener("error", () => { lost.hidden = false; });
  // Browsers keep six connections to one program: a page that nobody sees gives its one back.
  document.addEventListener("visibilitychange", () => {
    events.close();
    if (!document.hidden) {
      follow();
    }
  }, { once: true });
}

document.addEventListener("change", (event) => {
  if (event.target.name === "scheme") {
    scheme = event.target.value;
    sessionStorage.setItem("scheme", scheme);
    applyScheme();
  }
});

applyScheme();
if (document.body.dataset.version) {
  follow();
}
