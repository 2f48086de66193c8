// Bank reconciliation by keyboard: the pane follows the line in focus, and each answer goes on to the next.
// keys.js has the letters; here are the arrows, Enter, Space, the digits, and what is left over.
"use strict";

(() => {
  const lines = document.getElementById("bank-lines");
  if (!lines) return;
  const panes = document.getElementById("panes");
  const isNarrow = () => matchMedia("(max-width: 700px)").matches;
  const queue = queueOf({
    list: lines,
    name: "line",
    pane: "pane",
    isNarrow,
    place(row) {
      const address = new URL(location.href);
      address.searchParams.set("line", row.dataset.line);
      return address;
    },
    ready,
  });
  const { rows, rowOf, pane, current, after } = queue;

  // The forms say which lines follow, so that the answer can bring the next one with it.
  function ready() {
    const row = current();
    if (!row || !pane()) return;
    const next = after(row) || after(row, -1);
    for (const field of pane().querySelectorAll("[name=next]")) field.value = next?.dataset.line || "";
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, summary, button")) return;
    const row = event.target.closest("[data-line]");
    if (event.target.closest("a") && !row) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.target.matches("[type=radio]")) return;
      const next = current() ? after(current(), event.key === "ArrowDown" ? 1 : -1) : rows()[0];
      next?.querySelector("a").focus();
    } else if (event.key === "Enter" && (row || event.target === document.body || event.target.matches("[type=radio], main"))) {
      const button = document.getElementById("accept");
      if (!button || !pane().querySelector("[name=answer]:checked")) return;
      button.click();
    } else if (event.key === " " && row) {
      const mark = row.querySelector("[name=also]");
      if (!mark) return;
      mark.checked = !mark.checked;
      mark.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (/^[1-9]$/.test(event.key)) {
      const choice = pane()?.querySelector(`[data-choose="${event.key}"]`);
      if (!choice) return;
      choice.checked = true;
    } else {
      return;
    }
    event.preventDefault();
  });

  // A part of the pane that opens gets the keyboard.
  document.addEventListener("toggle", (event) => {
    const hand = event.target;
    if (!hand.matches?.(".hand") || !hand.open) return;
    for (const other of document.querySelectorAll(".hand[open]")) if (other !== hand) other.open = false;
    hand.querySelector("input:not([type=hidden]), select")?.focus();
    sum(hand);
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const hand = event.target.closest(".hand");
    if (!hand) return;
    hand.open = false;
    current()?.querySelector("a").focus();
  });

  // What is left over while one chooses.
  function sum(hand) {
    for (const form of hand.querySelectorAll("[data-sums]")) {
      const marked = [...lines.querySelectorAll("[name=also]:checked")].map((mark) => mark.closest("[data-line]"));
      let left = ore(form.dataset.sums);
      for (const row of marked) if (row.dataset.line !== pane().dataset.of) left += ore(row.dataset.amount);
      for (const chosen of form.querySelectorAll("[data-part]:checked")) {
        const part = form.elements[`amount-${chosen.value}`];
        left -= ore(part?.value || chosen.dataset.part);
      }
      for (const part of form.querySelectorAll("[data-part-amount]")) left -= ore(part.value);
      form.querySelector("[data-left]").textContent = written(left);
    }
  }
  document.addEventListener("input", (event) => {
    const hand = event.target.closest(".hand");
    if (hand) sum(hand);
  });
  lines.addEventListener("change", () => {
    const hand = document.querySelector(".hand[open]");
    if (hand) sum(hand);
  });

  // What is ticked stays ticked while one searches for more.
  let ticked = [];
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id !== "items") return;
    ticked = [...detail.target.querySelectorAll("[name=item]:checked")].map((box) => box.closest("tr"));
  });
  document.addEventListener("htmx:afterSwap", () => {
    const body = document.querySelector("#items tbody");
    for (const row of ticked.reverse()) {
      const again = body?.querySelector(`[name=item][value="${row.querySelector("[name=item]").value}"]`);
      again?.closest("tr").remove();
      body?.prepend(row);
    }
    ticked = [];
  });

  // After an answer the next line has the focus, and what was fetched ahead may be old.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig?.verb !== "post") return;
    queue.forget();
    for (const list of lines.querySelectorAll("ul")) {
      if (!list.querySelector("[data-line]")) {
        list.previousElementSibling?.remove();
        list.remove();
      }
    }
    const row = pane()?.dataset.of && rowOf(pane().dataset.of);
    if (!row) {
      panes.classList.remove("on-line");
      pane()?.setAttribute("tabindex", "-1");
      pane()?.focus();
      return;
    }
    queue.point(row);
    ready();
    if (!pane().querySelector("[role=alert]")) row.querySelector("a").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    queue.prepare(row);
  });

  queue.begin();
})();
