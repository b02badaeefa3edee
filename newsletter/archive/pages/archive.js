"use strict";
// The search of the archive: the list on the page is complete, this hides what was not asked for.
// ARCHIVED, of search-words.js, has one entry for each entry of the list, in its order.
(() => {
  const form = document.getElementById("search");
  const found = document.getElementById("found");
  const rows = [...document.getElementById("results").children];
  const asked = new URLSearchParams(location.search);
  const fields = ["q", "section", "tag"].map((name) => form.elements[name]).filter(Boolean);

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const folded = ARCHIVED.map((each) => fold([each.t, each.w, ...each.s, ...each.g].join(" ")));

  const passage = (text, words) => {
    const parts = text.split(" ");
    const at = parts.findIndex((part) => words.some((word) => fold(part).includes(word)));
    if (at < 0) return null;
    const line = document.createElement("p");
    line.className = "about passage";
    const first = Math.max(0, at - 8);
    if (first) line.append("… ");
    for (const part of parts.slice(first, at + 18)) {
      const hit = words.some((word) => fold(part).includes(word));
      const piece = document.createElement(hit ? "mark" : "span");
      piece.textContent = part.slice(0, 160);
      line.append(piece, " ");
    }
    line.append("…");
    return line;
  };

  const look = () => {
    const value = (name) => form.elements[name]?.value ?? "";
    const words = fold(value("q")).split(/\s+/).filter(Boolean);
    const section = value("section");
    const tag = value("tag");
    let count = 0;
    rows.forEach((row, at) => {
      const each = ARCHIVED[at];
      const fits = words.every((word) => folded[at].includes(word))
        && (!section || each.s.includes(section)) && (!tag || each.g.includes(tag));
      row.hidden = !fits;
      count += fits;
      row.querySelector(".passage")?.remove();
      const line = fits && words.length ? passage(each.w, words) : null;
      if (line) row.querySelector("article").append(line);
    });
    const isAsked = words.length || section || tag;
    found.textContent = !isAsked ? "" : count
      ? form.dataset.found.replace("{count}", count) : form.dataset.nothing;
  };

  const keep = () => {
    const now = new URLSearchParams();
    for (const field of fields) if (field.value) now.set(field.name, field.value);
    try {
      history.replaceState(null, "", `search.html${now.size ? `?${now}` : ""}`);
    } catch { /* a page opened from a disk has no address to keep */ }
  };

  for (const field of fields) field.value = asked.get(field.name) ?? "";
  form.hidden = false;
  form.addEventListener("submit", (event) => { event.preventDefault(); look(); keep(); });
  form.addEventListener("input", () => { look(); keep(); });
  look();
})();
