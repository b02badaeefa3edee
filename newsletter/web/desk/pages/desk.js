// What all pages of the desk can do: open dialogs, follow the files, show an answer while typing.
// Everything works without it, only less at once.

const token = document.querySelector("meta[name=desk-token]").content;

/** Posts to the desk, with the token that it asks for. */
export function post(path, body, headers = {}) {
  return fetch(path, { method: "POST", body, headers: { "X-Desk-Token": token, ...headers } });
}

// On a phone the places stand side by side, and the one that is open may be out of sight.
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const partsOf = (page) => [...page.querySelectorAll("[data-part]")];
// The browser writes HTML in its own way, so parts are compared as the program wrote them.
const written = new Map(partsOf(document).map((part) => [part.dataset.part, part.innerHTML]));

function isBusy(part) {
  // What somebody is typing into, or has opened, stays until they are done.
  const within = part.contains(document.activeElement) ? document.activeElement : null;
  return Boolean(within?.matches("input, textarea, select") || part.querySelector("dialog[open]"));
}

let asked = 0;

/** Asks for a page and exchanges the parts that are different now. */
export async function exchange(path, { evenBusy = false } = {}) {
  const mine = ++asked;
  const response = await fetch(path, { headers: { Accept: "text/html" } });
  const text = await response.text();
  if (mine !== asked) {
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const fresh of partsOf(page)) {
    const name = fresh.dataset.part;
    const part = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
    const html = fresh.innerHTML;
    if (part && written.get(name) !== html && (evenBusy || !isBusy(part))) {
      part.replaceChildren(...fresh.childNodes);
      written.set(name, html);
    }
  }
  document.body.dataset.version = page.body.dataset.version ?? "";
  document.dispatchEvent(new CustomEvent("desk:exchanged"));
}

function follow() {
  const lost = document.getElementById("lost");
  const changes = new EventSource("/changes");
  changes.addEventListener("version", (event) => {
    lost.hidden = true;
    if (event.data !== document.body.dataset.version) {
      exchange(location.pathname + location.search).catch(() => { lost.hidden = false; });
    }
  });
  changes.addEventListener("error", () => { lost.hidden = false; });
  // Browsers keep six connections to one program: a page that nobody sees gives its one back.
  document.addEventListener("visibilitychange", () => {
    changes.close();
    if (!document.hidden) {
      follow();
    }
  }, { once: true });
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    document.getElementById(opener.dataset.opens).showModal();
  }
  if (event.target.closest("[data-closes]")) {
    event.target.closest("dialog").close();
  }
});

let typing = 0;
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.dataset.swap !== undefined) {
    clearTimeout(typing);
    typing = setTimeout(() => {
      const path = `${form.getAttribute("action") || location.pathname}?${new URLSearchParams(new FormData(form))}`;
      history.replaceState(null, "", path);
      exchange(path, { evenBusy: true });
    }, 150);
  }
});

document.addEventListener("submit", (event) => {
  // A second click while the first is on its way does nothing.
  if (event.target.method === "post") {
    const button = event.submitter;
    setTimeout(() => { if (button) { button.disabled = true; } });
    setTimeout(() => { if (button) { button.disabled = false; } }, 8000);
  }
});

if (document.body.dataset.version) {
  follow();
}
