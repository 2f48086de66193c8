// The views of a list, and its columns, by keyboard: digits open a view, arrows go from one to the next.
"use strict";

// What an address answers, put into a dialog that is then opened.
async function openWith(address, place, dialog) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  document.getElementById(place).innerHTML = await answer.text();
  htmx.process(document.getElementById(place));
  document.getElementById(dialog).showModal();
}

(() => {
  const views = document.getElementById("views");
  const columns = document.getElementById("columns");

  views?.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select") || event.ctrlKey || event.altKey || event.metaKey) return;
    const links = [...views.querySelectorAll(".view-list a")];
    const at = links.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1 }[event.key];
    const chosen = /^\d$/.test(event.key) && views.querySelector(`[data-view-key="${event.key}"]`);
    if (chosen) chosen.click();
    else if (to !== undefined) links[Math.max(0, Math.min(links.length - 1, to))].focus();
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const chooses = event.target.closest("[data-columns]");
    if (chooses && columns && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      views?.close();
      openWith(chooses.href, "columns-place", "columns");
    }
    const move = event.target.closest("[data-move]");
    if (move) {
      const item = move.closest("li");
      const other = move.dataset.move === "1" ? item.nextElementSibling : item.previousElementSibling;
      if (other) move.dataset.move === "1" ? other.after(item) : other.before(item);
      move.focus();
    }
  });

  let isSetUp = false;
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.closest?.("#columns") || detail.elt.closest?.("#columns")) isSetUp = true;
  });
  columns?.addEventListener("close", () => isSetUp && location.reload());
})();
