// The keyboard: rows with J and K, places with G, what a page offers with one letter, and the list of keys.
// A page marks what keys can reach: data-row, data-go, data-key, data-up, data-filter, data-opens.
"use strict";

const SECOND_KEY = 1500; // milliseconds in which the letter after G must come
let goSince = 0;

const one = (selector) => document.querySelector(selector);
const shown = (element) => element.getClientRects().length > 0;

function keysAreOn() {
  try {
    return localStorage.getItem("keys") !== "off";
  } catch {
    return true; // storage is switched off
  }
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter(shown);
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  const link = rows[next].querySelector(".row-link, a");
  if (!link) return;
  link.focus({ preventScroll: true });
  rows[next].scrollIntoView({ block: "nearest" });
}

function follow(link) {
  if (link) location.assign(link.href);
  return Boolean(link);
}

function go(letter) {
  const link = one(`[data-go="${letter}"]`);
  if (!link) return false;
  const hash = link.dataset.goHash || "";
  if (hash && location.pathname === link.pathname) {
    one(hash)?.focus();
  } else {
    location.assign(link.href + hash);
  }
  return true;
}

function use(letter) {
  const element = one(`[data-key="${letter}"]`);
  if (!element) return false;
  element.focus();
  element.click();
  return true;
}

// What the row in focus offers with one key: its likely answers with the digits.
function useOfRow(key) {
  const row = document.activeElement?.closest("[data-row]");
  const element = row?.querySelector(`[data-row-key="${CSS.escape(key)}"]`);
  if (!element) return false;
  element.click();
  return true;
}

function pressed(key) {
  if (goSince && Date.now() - goSince < SECOND_KEY) {
    goSince = 0;
    return /^[a-z]$/.test(key) && go(key);
  }
  goSince = 0;
  if (key.length === 1 && useOfRow(key)) return true;
  switch (key) {
    case "g":
      goSince = Date.now();
      return true;
    case "j":
      step(1);
      return true;
    case "k":
      step(-1);
      return true;
    case "?":
      open("keys");
      return true;
    case "/": {
      const filter = one("[data-filter]");
      filter?.focus();
      filter?.select?.();
      return Boolean(filter);
    }
    case "backspace":
      return follow(one("[data-up]"));
    default:
      return /^[a-z]$/.test(key) && use(key);
  }
}

function open(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || one("dialog[open]")) return;
  const field = event.target.closest("input, textarea, select, [contenteditable]");
  if (field) {
    if (event.key === "Escape") field.blur();
    return;
  }
  if (keysAreOn() && pressed(event.key.toLowerCase())) event.preventDefault();
});

// Typing hides the rows that do not have all the words; Enter opens the first that is left.
function filterRows(field) {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [...document.getElementById(field.dataset.filters).rows];
  for (const row of rows) row.hidden = !words.every((word) => row.dataset.text.includes(word));
  const help = document.getElementById(field.getAttribute("aria-describedby"));
  help.dataset.some ??= help.textContent;
  const text = rows.some((row) => !row.hidden) ? help.dataset.some : help.dataset.none;
  if (help.textContent !== text) help.textContent = text;
}

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-opens]")) {
    button.addEventListener("click", () => open(button.dataset.opens));
  }
  const switchKeys = document.getElementById("keys-on");
  if (switchKeys) {
    switchKeys.checked = keysAreOn();
    switchKeys.addEventListener("change", () => {
      try {
        localStorage.setItem("keys", switchKeys.checked ? "on" : "off");
      } catch {
        // Without storage the choice lasts no longer than the page.
      }
    });
  }
  for (const field of document.querySelectorAll("[data-filters]")) {
    field.addEventListener("input", () => filterRows(field));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      const row = [...document.getElementById(field.dataset.filters).rows].find((each) => !each.hidden);
      follow(row?.querySelector(".row-link"));
    });
    if (location.hash === `#${field.id}`) field.focus();
  }
});

// A menu closes when one clicks or tabs out of it.
for (const event of ["click", "focusin"]) {
  document.addEventListener(event, ({ target }) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
  });
}

// A row that is replaced keeps the place: the focus goes to the question that took it, else to the next row.
let placeOfRow = -1;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const row = detail.target.closest?.("[data-row], .answered");
  const inside = row?.contains(document.activeElement) || row?.classList.contains("answered");
  const before = row && [...document.querySelectorAll("[data-row]")].filter(shown);
  placeOfRow = inside ? before.filter((each) => row.compareDocumentPosition(each) & 2).length : -1;
});
document.addEventListener("htmx:afterSettle", () => {
  if (placeOfRow < 0) return;
  const rows = [...document.querySelectorAll("[data-row]")].filter(shown);
  const link = rows[Math.min(placeOfRow, rows.length - 1)]?.querySelector(".row-link, a");
  placeOfRow = -1;
  // Only the last answer is taken back with one key; those before it by their entries.
  const offered = [...document.querySelectorAll('.answered [data-key="u"]')];
  const last = document.querySelector(".answered.htmx-added") ?? offered.at(-1)?.closest(".answered");
  for (const each of offered) if (!last?.contains(each)) each.removeAttribute("data-key");
  link?.focus({ preventScroll: true });
  link?.closest("[data-row]").scrollIntoView({ block: "nearest" });
});
