// Keeps the page true to the files, without losing the reader's place in it.
"use strict";

(() => {
  const root = document.querySelector(".preview");
  if (!root) {
    return;
  }
  const isLive = Boolean(root.dataset.version);
  const partsOf = (page) => [...page.querySelectorAll("[data-part]")];
  const framesOf = (page) => [...page.querySelectorAll("iframe:not(.coming)")];
  const kept = (name) => sessionStorage.getItem(name);

  let look = kept("look") || "light";
  let anchor = "";

  // The browser writes HTML in its own way, so pieces are compared as the program wrote them.
  const written = new Map(partsOf(document).map((part) => [part.dataset.part, part.innerHTML]));

  // --- the frames -------------------------------------------------------------------------------

  const addressOf = (data) => data[camel(look)] + (anchor ? `#${anchor}` : "");
  const camel = (name) => name.replace(/-(.)/g, (_all, letter) => letter.toUpperCase());
  const plain = (address) => address.replace(/&since=[^#]*|#.*/g, "");
  const isShown = (frame) => frame.closest("figure").offsetParent !== null;

  function load(frame, data, since = "") {
    // The new email is laid out behind the old one and takes its place when it is complete:
    // nothing flashes. No script can scroll it, so its address tells where it is to be read.
    frame.parentElement.querySelectorAll(".coming").forEach((late) => late.remove());
    const fresh = frame.cloneNode();
    Object.assign(fresh.dataset, data);
    if (since && isLive) {
      anchor = "changed";
    }
    const address = since && isLive ? `${data[camel(look)]}&since=${since}#changed` : addressOf(data);
    if (!isShown(frame)) {
      // Whoever changes to that device loads it then.
      frame.replaceWith(fresh);
      fresh.removeAttribute("src");
      return Promise.resolve();
    }
    fresh.classList.add("coming");
    fresh.src = address;
    const shown = new Promise((resolve) => {
      fresh.addEventListener("load", () => {
        if (fresh.isConnected) {
          fresh.classList.remove("coming");
          frame.remove();
        }
        resolve();
      }, { once: true });
    });
    frame.after(fresh);
    return shown;
  }

  function loadMissing() {
    for (const frame of framesOf(root)) {
      if (isShown(frame) && plain(frame.getAttribute("src") || "") !== frame.dataset[camel(look)]) {
        if (frame.getAttribute("src")) {
          load(frame, { ...frame.dataset });
        } else {
          frame.src = addressOf(frame.dataset);
        }
      }
    }
  }

  function exchangeFrames(part, fresh) {
    part.className = fresh.className;
    const now = framesOf(part), next = framesOf(fresh);
    if (now.length !== next.length) {
      part.innerHTML = fresh.innerHTML;
      loadMissing();
      return [];
    }
    return now
      .map((frame, at) => [frame, { ...next[at].dataset }])
      .filter(([frame, data]) => frame.dataset[camel(look)] !== data[camel(look)])
      .map(([frame, data]) => load(frame, data, frame.dataset.digest));
  }

  function jump(to) {
    anchor = to;
    for (const frame of framesOf(root).filter(isShown)) {
      // An address that differs only behind its # loads nothing again.
      frame.src = `${(frame.getAttribute("src") || "").replace(/#.*/, "")}#${to}`;
    }
  }

  // --- following the files ----------------------------------------------------------------------

  function exchange(page) {
    document.title = page.title;
    const loading = [];
    for (const fresh of partsOf(page)) {
      const name = fresh.dataset.part;
      const part = root.querySelector(`[data-part=${name}]`);
      if (!part) {
        continue;
      }
      if (name === "frames") {
        loading.push(...exchangeFrames(part, fresh));
      } else if (written.get(name) !== fresh.innerHTML) {
        part.innerHTML = fresh.innerHTML;
      }
      if (name === "stale") {
        part.hidden = fresh.hidden;
      }
      written.set(name, fresh.innerHTML);
    }
    return Promise.all(loading);
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
      root.dataset.version = page.querySelector(".preview").dataset.version;
      root.dispatchEvent(new CustomEvent("followed"));
    }
  }

  function follow() {
    const lost = document.getElementById("lost");
    const events = new EventSource(root.dataset.events || `${root.dataset.base}events`);
    events.addEventListener("version", (event) => {
      lost.hidden = true;
      if (event.data !== root.dataset.version) {
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

  // --- device, look, tabs -----------------------------------------------------------------------

  const wide = 1120, middling = 724;

  function deviceFor(width) {
    return width >= wide ? "both" : width >= middling ? "desktop" : "phone";
  }

  function applyDevice(device) {
    root.dataset.device = device;
    const input = root.querySelector(`input[name=device][value=${device}]`);
    if (input) {
      input.checked = true;
    }
    loadMissing();
  }

  function applyLook() {
    const input = root.querySelector(`input[name=look][value="${look}"]`);
    if (!input) {
      look = "light";
      return applyLook();
    }
    input.checked = true;
    root.classList.toggle("dark", input.dataset.dark === "1");
    root.querySelectorAll(".about").forEach((each) => { each.hidden = each.dataset.look !== look; });
    loadMissing();
    return undefined;
  }

  const tabs = [...root.querySelectorAll("[role=tab]")];

  function select(tab, isFocused = false) {
    for (const each of tabs) {
      const isThis = each === tab;
      each.setAttribute("aria-selected", String(isThis));
      each.tabIndex = isThis ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = !isThis;
    }
    sessionStorage.setItem("tab", tab.id);
    if (isFocused) {
      tab.focus();
    }
  }

  root.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at >= 0 && to !== undefined) {
      event.preventDefault();
      select(tabs[(to + tabs.length) % tabs.length], true);
    }
  });

  root.addEventListener("change", (event) => {
    if (event.target.name === "look") {
      look = event.target.value;
      sessionStorage.setItem("look", look);
      applyLook();
    } else if (event.target.name === "device") {
      sessionStorage.setItem("device", event.target.value);
      applyDevice(event.target.value);
    }
  });

  function show(line) {
    const place = new CustomEvent("place", { detail: { line }, cancelable: true });
    if (!root.dispatchEvent(place)) {
      return; // an editor beside the preview has it
    }
    select(document.getElementById("tab-file"));
    const found = document.getElementById(`line-${line}`);
    root.querySelectorAll(".numbered .here").forEach((each) => each.classList.remove("here"));
    found.classList.add("here");
    found.scrollIntoView({ block: "center" });
    document.getElementById("panel-file").focus({ preventScroll: true });
  }

  root.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    const place = event.target.closest("[data-line]");
    const heading = event.target.closest("[data-anchor]");
    if (tab) {
      select(tab);
    } else if (place) {
      event.preventDefault();
      show(place.dataset.line);
    } else if (heading) {
      event.preventDefault();
      jump(heading.dataset.anchor);
    }
  });

  // --- whose email ------------------------------------------------------------------------------

  let typing = 0;

  async function suggest(input) {
    const answer = await fetch(`${root.dataset.base}people?q=${encodeURIComponent(input.value)}`);
    const people = answer.ok ? await answer.json() : [];
    const list = document.getElementById("people");
    list.replaceChildren(...people.map((each) => {
      const option = document.createElement("option");
      option.value = each.id || each.address;
      // Shown beside the id; the words that were typed have to stand in it to be offered.
      option.textContent = `${each.name} ${each.address}`.trim();
      return option;
    }));
    input.dataset.first = people.length && people[0].id || "";
  }

  root.addEventListener("input", (event) => {
    if (event.target.id === "as" && isLive) {
      clearTimeout(typing);
      typing = setTimeout(() => suggest(event.target), 120);
    }
  });

  applyDevice(kept("device") || deviceFor(root.querySelector(".stage").clientWidth));
  applyLook();
  const last = document.getElementById(kept("tab") || "");
  select(last && tabs.includes(last) ? last : tabs[0]);
  if (isLive) {
    follow();
  }
})();
