// The editor: the textarea is the file. What is typed is saved when the writer pauses, and never over
// something newer. Everything here adds to a form that works without it.

const form = document.getElementById("editor");
const area = document.getElementById("text");
const paint = document.getElementById("paint");
const saved = document.getElementById("saved");
const both = document.getElementById("both");
const base = form.dataset.base;
const token = document.querySelector("meta[name=desk-token]").content;
const preview = document.querySelector(".preview");

const post = (path, body) => fetch(path, { method: "POST", body, headers: { "X-Desk-Token": token } });

// --- saving ---------------------------------------------------------------------------------------

const PAUSE = 500;
let mark = form.elements.mark.value;
let onDisk = area.value;
let timer = 0;
let isSaving = false;
let theirs = null;

const isDirty = () => area.value !== onDisk;

function say(words, isBad = false) {
  saved.textContent = words;
  saved.classList.toggle("bad", isBad);
}

async function save() {
  clearTimeout(timer);
  if (isSaving || theirs || !isDirty()) {
    return;
  }
  isSaving = true;
  const text = area.value;
  say("Saving …");
  try {
    const answer = await post(`${base}save?mark=${mark}`, text);
    if (answer.ok) {
      mark = (await answer.json()).mark;
      onDisk = text;
      form.elements.mark.value = mark;
      say(`Saved at ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`);
    } else if (answer.status === 409 && answer.headers.get("content-type").startsWith("application/json")) {
      conflict(await answer.json());
    } else {
      say(answer.status === 413 ? "Not saved: too long for an email" : "Not saved: load the page again", true);
    }
  } catch {
    say("Not saved: the desk does not answer. Trying again …", true);
    timer = setTimeout(save, 3000);
  }
  isSaving = false;
  if (isDirty() && !theirs && !saved.classList.contains("bad")) {
    later();
  }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
}

function conflict(found) {
  if (found.text === area.value) {
    settle(found);
    return;
  }
  theirs = found;
  document.getElementById("theirs").textContent = found.text;
  both.hidden = false;
  say("Not saved: two texts", true);
  both.scrollIntoView({ block: "nearest" });
}

function settle(found) {
  mark = found.mark;
  onDisk = found.text;
  form.elements.mark.value = mark;
  theirs = null;
  both.hidden = true;
}

function put(text) {
  const at = area.selectionStart, top = area.scrollTop;
  area.value = text;
  area.setSelectionRange(Math.min(at, text.length), Math.min(at, text.length));
  area.scrollTop = top;
  draw();
}

document.getElementById("keep-mine").addEventListener("click", () => {
  settle({ mark: theirs.mark, text: theirs.text });
  save();
  area.focus();
});
document.getElementById("take-theirs").addEventListener("click", () => {
  const found = theirs;
  settle(found);
  put(found.text);
  say("Theirs is here now");
  area.focus();
});

/** What somebody else wrote to the file appears; what is not saved yet is not lost. */
async function look() {
  if (isSaving || theirs) {
    return;
  }
  const answer = await fetch(`${base}file`);
  if (!answer.ok) {
    return;
  }
  const found = await answer.json();
  if (isSaving || found.mark === mark) {
    return;
  }
  if (isDirty()) {
    conflict(found);
  } else {
    settle(found);
    put(found.text);
    say("Changed on disk: this is the newest");
  }
}

preview.addEventListener("followed", () => { look(); draw(); });
area.addEventListener("input", () => { say("…"); later(); draw(); });
form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
window.addEventListener("beforeunload", (event) => {
  if (isDirty()) {
    save();
    event.preventDefault();
  }
});

// --- highlighting, and findings beside the lines ----------------------------------------------------

const INLINE = /(\*\*[^*\n]+\*\*|__[^_\n]+__)|(\*[^*\s][^*\n]*\*|_[^_\s][^_\n]*_)|(\{\{[^}\n]*\}\})|(!?\[[^\]\n]*\]\([^)\n]*\))|(`[^`\n]+`)|(https?:\/\/[^\s)>\]]+)/g;
const KINDS = ["strong", "em", "slot", "link", "code", "link"];

function lineOf(text, isKeys) {
  const line = document.createElement("div");
  const key = isKeys && /^(\s*[\w-]+:)(.*)$/.exec(text);
  if (isKeys && text === "---" || /^(:{3,}.*|---|\* \* \*)$/.test(text)) {
    line.className = "fence";
  } else if (/^#{1,6} /.test(text)) {
    line.className = "head";
  } else if (/^>/.test(text)) {
    line.className = "quoted";
  }
  if (key) {
    line.append(span("key", key[1]), ...inline(key[2]));
  } else {
    line.append(...inline(text));
  }
  if (!text) {
    line.append(document.createElement("br"));
  }
  return line;
}

function span(kind, text) {
  const made = document.createElement("span");
  made.className = kind;
  made.textContent = text;
  return made;
}

function* inline(text) {
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > at) {
      yield document.createTextNode(text.slice(at, found.index));
    }
    yield span(KINDS[found.slice(1).findIndex((group) => group !== undefined)], found[0]);
    at = found.index + found[0].length;
  }
  if (at < text.length) {
    yield document.createTextNode(text.slice(at));
  }
}

function findings() {
  const found = new Map();
  for (const place of preview.querySelectorAll("#panel-findings a[data-line]")) {
    const item = place.closest("li");
    const words = item.querySelector("p").textContent;
    found.set(Number(place.dataset.line), [item.className, words]);
  }
  return found;
}

let drawn = [];

function draw() {
  const lines = area.value.split("\n"), found = findings();
  const end = lines[0] === "---" ? lines.indexOf("---", 1) : -1;
  const wanted = lines.map((text, at) => `${at <= end} ${(found.get(at + 1) || []).join(" ")} ${text}`);
  // Only what is different is made anew: a long text stays quick to write.
  let first = 0;
  while (first < wanted.length && wanted[first] === drawn[first]) {
    first++;
  }
  let rest = 0;
  while (rest < wanted.length - first && rest < drawn.length - first
    && wanted[wanted.length - 1 - rest] === drawn[drawn.length - 1 - rest]) {
    rest++;
  }
  for (let count = drawn.length - rest - first; count > 0; count--) {
    paint.children[first].remove();
  }
  const before = paint.children[first] || null;
  for (let at = first; at < wanted.length - rest; at++) {
    const line = lineOf(lines[at], at <= end);
    const finding = found.get(at + 1);
    if (finding) {
      line.classList.add(finding[0]);
      line.title = finding[1];
    }
    paint.insertBefore(line, before);
  }
  drawn = wanted;
  area.style.setProperty("height", "auto");
  fit();
}

function fit() {
  const height = `${Math.max(paint.scrollHeight, 420)}px`;
  area.style.setProperty("height", height);
}

preview.addEventListener("place", (event) => {
  event.preventDefault();
  const lines = area.value.split("\n"), number = Number(event.detail.line);
  const at = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
  area.focus({ preventScroll: true });
  area.setSelectionRange(at, at + (lines[number - 1] || "").length);
  paint.children[number - 1]?.scrollIntoView({ block: "center" });
});

// --- writing ------------------------------------------------------------------------------------------

function insert(text) {
  // Kept by the browser among the steps that Ctrl+Z takes back.
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input"));
  }
}

const selected = () => area.value.slice(area.selectionStart, area.selectionEnd);

function wrap(mark_, otherwise) {
  const words = selected() || otherwise, at = area.selectionStart;
  insert(mark_ + words + mark_);
  area.setSelectionRange(at + mark_.length, at + mark_.length + words.length);
}

function prefix(make) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  area.setSelectionRange(start, area.selectionEnd);
  insert(selected().split("\n").map(make).join("\n"));
}

function link() {
  const words = selected() || "words of the link", at = area.selectionStart;
  insert(`[${words}](https://)`);
  area.setSelectionRange(at + words.length + 3, at + words.length + 11);
}

const DO = {
  bold: () => wrap("**", "bold words"),
  italic: () => wrap("*", "words"),
  heading: () => prefix((line) => (line.startsWith("## ") ? line.slice(3) : `## ${line}`)),
  link,
  list: () => prefix((line) => `- ${line}`),
  numbers: () => prefix((line, at) => `${at + 1}. ${line}`),
  quote: () => prefix((line) => `> ${line}`),
  slot: () => insert('{{ first_name or "colleague" }}'),
  picture: () => document.getElementById("picture").click(),
};
const KEYS = {
  b: "bold", i: "italic", k: "link",
  "alt+2": "heading", "shift+8": "list", "shift+*": "list", "shift+7": "numbers", "shift+&": "numbers",
  "shift+9": "quote", "shift+(": "quote", "shift+m": "slot", "shift+p": "picture",
};

const bar = form.querySelector("[role=toolbar]");
const tools = [...bar.querySelectorAll("button")];
bar.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) {
    area.focus();
    DO[button.dataset.do]();
  }
});
bar.addEventListener("keydown", (event) => {
  const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (to) {
    event.preventDefault();
    const next = tools[(tools.indexOf(document.activeElement) + to + tools.length) % tools.length];
    tools.forEach((each) => { each.tabIndex = each === next ? 0 : -1; });
    next.focus();
  }
});

area.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey) {
    const name = (event.shiftKey ? "shift+" : event.altKey ? "alt+" : "") + event.key.toLowerCase();
    if (name === "s") {
      event.preventDefault();
      save();
    } else if (KEYS[name]) {
      event.preventDefault();
      DO[KEYS[name]]();
    }
  } else if (event.key === "Enter" && !event.shiftKey && area.selectionStart === area.selectionEnd) {
    goOn(event);
  }
});

/** Goes on with a list, or ends it at an empty item. */
function goOn(event) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const line = area.value.slice(start, area.selectionStart);
  const item = /^(\s*)(?:([-*+])|(\d+)([.)])) (.*)$/.exec(line);
  if (!item) {
    return;
  }
  event.preventDefault();
  if (!item[5].trim()) {
    area.setSelectionRange(start, area.selectionStart);
    insert("\n");
  } else {
    insert(`\n${item[1]}${item[2] || `${Number(item[3]) + 1}${item[4]}`} `);
  }
}

// --- pictures, and what is pasted ----------------------------------------------------------------------

async function upload(file) {
  say(`Taking ${file.name || "the picture"} …`);
  const answer = await post(`${base}picture?as=${encodeURIComponent(file.name || "picture.png")}`, file);
  if (!answer.ok) {
    const words = answer.status === 413 ? "The picture is too large: 25 MB at most" : (await answer.text()).split("\n")[0];
    say(words, true);
    return;
  }
  const words = "what it shows";
  area.focus();
  insert(`![${words}](${(await answer.json()).path})`);
  const at = area.value.lastIndexOf(words, area.selectionStart);
  area.setSelectionRange(at, at + words.length);
  say("Say what the picture shows, for those who cannot see it");
}

async function uploadAll(files) {
  for (const file of [...files].filter((each) => each.type.startsWith("image/"))) {
    await upload(file);
  }
}

document.getElementById("picture").addEventListener("change", (event) => {
  uploadAll(event.target.files);
  event.target.value = "";
});
area.addEventListener("dragover", (event) => event.preventDefault());
area.addEventListener("drop", (event) => {
  if (event.dataTransfer.files.length) {
    event.preventDefault();
    uploadAll(event.dataTransfer.files);
  }
});
area.addEventListener("paste", async (event) => {
  const html = event.clipboardData.getData("text/html");
  const files = [...event.clipboardData.files].filter((each) => each.type.startsWith("image/"));
  if (files.length && !html.includes("<p")) {
    event.preventDefault();
    uploadAll(files);
  } else if (html && /<(p|h[1-6]|li|b|strong|i|em|a|table|div|span)\b/i.test(html)) {
    event.preventDefault();
    const plain = event.clipboardData.getData("text/plain");
    const answer = await post("/announcements/paste", html);
    const words = answer.ok ? await answer.text() : plain;
    area.focus();
    insert(words || plain);
  }
});

const told = sessionStorage.getItem("told");
if (told !== null) {
  sessionStorage.removeItem("told");
  say(told ? "Converted; look at what was left behind" : "Converted", Boolean(told));
  if (told) {
    const note = document.createElement("div");
    note.className = "notice warn";
    note.setAttribute("role", "status");
    note.textContent = told;
    form.prepend(note);
  }
}
window.addEventListener("resize", fit);
draw();
