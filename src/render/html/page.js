
"use strict";
const by = (id) => document.getElementById(id);
const items = [...document.querySelectorAll(".item")];
const folds = [...document.querySelectorAll("details")];
const nodes = [...document.querySelectorAll("svg .node")];
const texts = new Map(items.map((item) => [item, item.textContent.toLowerCase()]));

function search() {
  const words = by("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text) => words.every((word) => text.includes(word));
  for (const item of items) item.hidden = !fits(texts.get(item));
  for (const list of document.querySelectorAll(".list"))
    list.hidden = words.length > 0 && ![...list.querySelectorAll(".item")].some((item) => !item.hidden);
  const shown = new Set(items.filter((item) => !item.hidden).map((item) => item.dataset.addr));
  for (const node of nodes)
    node.classList.toggle("faded", words.length > 0 && !shown.has(node.dataset.addr));
  const count = items.filter((item) => !item.hidden).length;
  by("found").textContent = words.length ? count + " of " + items.length : "";
}
function fold(open) { for (const it of folds) it.open = open; }
function reveal() {
  const at = by(decodeURIComponent(location.hash.slice(1)));
  if (!at) return;
  if (at.hidden) { by("words").value = ""; search(); }
  for (let up = at; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  at.scrollIntoView({ block: "nearest" });
}

let before = [];
addEventListener("beforeprint", () => { before = folds.map((it) => it.open); fold(true); });
addEventListener("afterprint", () => folds.forEach((it, at) => { it.open = before[at]; }));
addEventListener("hashchange", reveal);
by("find").addEventListener("submit", (event) => event.preventDefault());
by("words").addEventListener("input", search);
by("unfold").addEventListener("click", () => fold(true));
by("fold").addEventListener("click", () => fold(false));
by("find").hidden = false;
reveal();
