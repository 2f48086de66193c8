// A queue of rows with the pane of one of them beside it: the pane follows the row in focus, and the one after
// is fetched ahead. Used by the bank's lines and by the document inbox; each adds its own keys.
"use strict";

function queueOf({ list, name, pane, isNarrow, place, ready, ahead = () => {} }) {
  const kept = new Map(); // row → its pane, fetched ahead
  let wanted = "";

  const queue = {
    rows: () => [...list.querySelectorAll(`[data-${name}]`)].filter((row) => !row.hidden),
    rowOf: (number) => document.getElementById(`${name}-${number}`),
    pane: () => document.getElementById(pane),
    current: () => list.querySelector(".current"),
    after(row, by = 1) {
      const all = queue.rows();
      return all[all.indexOf(row) + by];
    },

    async fetched(row) {
      const number = row.dataset[name];
      if (!kept.has(number)) {
        const answer = fetch(row.querySelector("a").dataset.pane, { headers: { "HX-Request": "true" } });
        kept.set(number, answer.then((found) => (found.ok ? found.text() : Promise.reject(found.status))));
      }
      try {
        return await kept.get(number);
      } catch {
        kept.delete(number);
        return null;
      }
    },

    // The pane of the row after, and what it shows, before anybody asks for it.
    async prepare(row) {
      const next = queue.after(row) || queue.after(row, -1);
      const html = next && (await queue.fetched(next));
      if (html) ahead(html);
    },

    point(row) {
      queue.current()?.querySelector("a").removeAttribute("aria-current");
      queue.current()?.classList.remove("current");
      row.classList.add("current");
      row.querySelector("a").setAttribute("aria-current", "true");
      history.replaceState(null, "", place(row));
    },

    async show(row) {
      wanted = row.dataset[name];
      queue.point(row);
      const html = queue.pane()?.dataset.of === wanted ? null : await queue.fetched(row);
      if (wanted !== row.dataset[name]) return;
      if (html !== null) {
        queue.pane().outerHTML = html;
        htmx.process(queue.pane());
      }
      ready();
      queue.prepare(row);
    },

    // What was fetched ahead may be old after an answer.
    forget: () => kept.clear(),

    // The row that is shown from the start has the focus.
    begin() {
      ready();
      const first = queue.current();
      if (!first || isNarrow()) return;
      first.querySelector("a").focus({ preventScroll: true });
      if (first !== queue.rows()[0]) first.scrollIntoView({ block: "center" });
      queue.prepare(first);
    },
  };

  list.addEventListener("focusin", (event) => {
    const row = event.target.closest(`[data-${name}]`);
    if (row && event.target.matches("a") && !isNarrow() && row !== queue.current()) queue.show(row);
  });
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a.row-link");
    if (!link || isNarrow() || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    queue.show(link.closest(`[data-${name}]`));
  });
  return queue;
}

// Amounts as people type them, in øre, so that nothing is rounded; and as they are written.
const ore = (text) =>
  Math.round(Number(String(text).replace(/[\s\u00a0\u202f]/g, "").replace("\u2212", "-").replace(",", ".")) * 100) || 0;
function written(amount) {
  const language = document.documentElement.lang.startsWith("en") ? "en" : document.documentElement.lang;
  return (amount / 100).toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
