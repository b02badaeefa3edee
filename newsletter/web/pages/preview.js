// Keeps the page true to the files, without losing the reader's place.
"use strict";

const sheet = document.getElementById("sheet");
let scheme = "light";
let version = null;

function applyScheme() {
  document.body.classList.toggle("dark", scheme === "dark");
  for (const radio of sheet.querySelectorAll("input[name=scheme]")) {
    radio.checked = radio.value === scheme;
  }
}

function places() {
  return [...sheet.querySelectorAll("iframe")].map((frame) => frame.contentWindow.scrollY);
}

async function refresh(next) {
  const before = places();
  const response = await fetch("/sheet" + location.search);
  sheet.innerHTML = await response.text();
  applyScheme();
  sheet.querySelectorAll("iframe").forEach((frame, index) => {
    frame.addEventListener("load", () => {
      frame.contentWindow.scrollTo(0, before[index] || 0);
      document.body.dataset.version = next;
    });
  });
  if (!sheet.querySelector("iframe")) {
    document.body.dataset.version = next;
  }
}

sheet.addEventListener("change", (event) => {
  if (event.target.name === "scheme") {
    scheme = event.target.value;
    applyScheme();
  }
});

if ("live" in document.body.dataset) {
  const events = new EventSource("/events");
  events.addEventListener("version", (event) => {
    if (version !== null && version !== event.data) {
      refresh(event.data);
    }
    version = event.data;
  });
}
