// The document inbox by keyboard: the queue, the picture and the coding; each answer goes on to the next one.
// keys.js has the letters J, K, A, R, Y and ?; here are the rest, and what lights up where.
"use strict";

(() => {
  const list = document.getElementById("inbox-list");
  if (!list) return;
  const inbox = document.getElementById("inbox");
  const isNarrow = () => matchMedia("(max-width: 900px)").matches;
  const kept = new Map(); // document → its pane, fetched ahead
  let wanted = "";

  const rows = () => [...list.querySelectorAll("[data-document]")];
  const pane = () => document.getElementById("document");
  const picture = () => document.getElementById("picture");
  const coding = () => document.getElementById("coding");
  const current = () => list.querySelector(".current");
  const after = (row, by = 1) => {
    const all = rows();
    return all[all.indexOf(row) + by];
  };

  async function fetched(row) {
    const number = row.dataset.document;
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
  }

  function point(row) {
    current()?.querySelector("a").removeAttribute("aria-current");
    current()?.classList.remove("current");
    row.classList.add("current");
    row.querySelector("a").setAttribute("aria-current", "true");
    history.replaceState(null, "", row.querySelector("a").href);
  }

  async function show(row) {
    wanted = row.dataset.document;
    point(row);
    const html = pane()?.dataset.of === wanted ? null : await fetched(row);
    if (html !== null && wanted === row.dataset.document) {
      pane().outerHTML = html;
      htmx.process(pane());
    }
    ready();
    const next = after(row);
    if (next) fetched(next);
  }

  // The forms say which document follows, so that the answer can bring it along.
  function ready() {
    const row = current();
    if (!row || !pane()) return;
    const next = after(row) || after(row, -1);
    for (const field of pane().querySelectorAll("[name=next]")) field.value = next?.dataset.document || "";
    sum();
  }

  list.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-document]");
    if (row && event.target.matches("a") && !isNarrow() && row !== current()) show(row);
  });
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a.row-link");
    if (!link || isNarrow() || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(link.closest("[data-document]"));
  });

  // The coding: in øre, so that nothing is rounded.
  const ore = (text) => Math.round(Number(String(text).replace(/[\s\u00a0]/g, "").replace("\u2212", "-").replace(",", ".")) * 100) || 0;
  const isEnglish = () => document.documentElement.lang.startsWith("en");
  function written(amount) {
    const language = isEnglish() ? "en" : document.documentElement.lang;
    return (amount / 100).toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }
  function sum() {
    const form = coding();
    if (!form) return;
    let left = Math.round(Number(form.dataset.owed) * 100);
    for (const field of form.querySelectorAll("[data-net], [data-vat]")) left -= ore(field.value);
    const shown = form.querySelector("[data-left]");
    shown.textContent = written(left);
    shown.classList.toggle("off", left !== 0);
  }
  document.addEventListener("input", (event) => {
    if (event.target.closest("#coding")) sum();
  });
  const fields = () => [...(coding()?.querySelectorAll("input:not([type=hidden])") || [])];

  function split() {
    const form = coding();
    if (!form) return;
    const body = document.getElementById("coding-rows");
    const all = [...body.querySelectorAll("[data-coding-row]")];
    const from = all.find((row) => row.contains(document.activeElement)) || all.at(-1);
    const number = 1 + Math.max(...all.map((row) => Number(row.querySelector("[name^=account-]").name.split("-")[1])));
    const made = from.cloneNode(true);
    for (const field of made.querySelectorAll("input")) {
      field.name = field.name.replace(/-\d+$/, `-${number}`);
      if (field.id) field.id = field.name;
      if (field.matches("[name^=account-], [data-net], [data-vat]")) field.value = "";
    }
    for (const label of made.querySelectorAll("label")) {
      label.htmlFor = label.htmlFor.replace(/-\d+$/, `-${number}`);
      label.textContent = label.textContent.replace(/\d+/, number);
    }
    const why = from.nextElementSibling?.classList.contains("why-row") ? from.nextElementSibling : from;
    why.after(made);
    made.querySelector("input").focus();
    sum();
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("#split")) split();
  });

  function post(isStaying) {
    const form = coding();
    if (!form) return false;
    if (pane().querySelector(".htmx-request")) return true; // an answer is under way
    form.elements.stay.value = isStaying ? "1" : "";
    form.requestSubmit(document.getElementById("post"));
    return true;
  }

  function setAside() {
    const hand = document.getElementById("set-aside");
    if (!hand) return false;
    hand.open = true;
    hand.querySelector("input:not([type=hidden])").focus();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.isComposing) return;
    const field = event.target.closest("input, textarea, select");
    let used = true;
    if (event.ctrlKey && event.key === "Enter") used = post(false);
    else if (event.altKey && event.code === "KeyB") used = post(true);
    else if (event.altKey && event.code === "KeyS") split();
    else if (event.altKey && event.code === "KeyR") used = setAside();
    else if (event.ctrlKey || event.altKey || event.metaKey) used = false;
    else if ((event.key === "PageDown" || event.key === "PageUp") && picture() && !isNarrow())
      picture().scrollBy({ top: (event.key === "PageDown" ? 0.8 : -0.8) * picture().clientHeight });
    else if (event.key === "Enter" && field?.closest("#coding")) {
      const all = fields();
      const next = all[all.indexOf(field) + (event.shiftKey ? -1 : 1)];
      if (next) next.focus();
      else if (!event.shiftKey) document.getElementById("post").focus();
    } else if (event.key === "Enter" && event.target.closest("[data-document]") && !isNarrow()) {
      const first = fields()[0] || pane()?.querySelector("[data-choose], .hand summary");
      if (first) first.focus();
    } else if (event.key === "Escape" && pane()?.contains(event.target)) {
      event.target.closest(".hand")?.removeAttribute("open");
      current()?.querySelector("a").focus();
    } else if (!field && /^[1-9]$/.test(event.key)) {
      const choice = pane()?.querySelector(`[data-choose="${event.key}"]`);
      if (choice) choice.click();
      else used = false;
    } else used = false;
    if (used) event.preventDefault();
  });

  // A field and its place in the picture light up together, both ways.
  const plain = (path) => path.replace(/^\/(inv|cn):/, "/").replaceAll("[1]", "").replaceAll("/*:", "/");
  function light(path) {
    for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
    const line = document.getElementById("source-line");
    if (line) line.textContent = path || "";
    if (!path) return [];
    const asked = plain(path);
    const found = [...document.querySelectorAll("[data-source], [data-lights]")].filter((each) => {
      const at = plain(each.dataset.source || each.dataset.lights || "");
      return at && (at === asked || at.startsWith(`${asked}/`) || (each.dataset.lights && asked.startsWith(`${at}/`)));
    });
    for (const each of found) each.classList.add("lit");
    return found;
  }
  document.addEventListener("focusin", (event) => {
    const asking = event.target.closest("[data-lights]");
    if (!asking || !pane()?.contains(asking)) return;
    const found = light(asking.dataset.lights).filter((each) => each.dataset.source);
    found[0]?.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("click", (event) => {
    const read = event.target.closest(".read");
    if (!read || !pane()?.contains(read)) return;
    const found = light(read.dataset.source);
    found.find((each) => each.matches("input"))?.scrollIntoView({ block: "nearest" });
  });

  document.addEventListener("toggle", (event) => {
    const hand = event.target;
    if (!hand.matches?.(".hand") || !hand.open) return;
    for (const other of document.querySelectorAll(".hand[open]")) if (other !== hand) other.open = false;
    hand.querySelector("input:not([type=hidden]), select")?.focus();
  }, true);

  // After an answer the next document has the focus, and what was fetched ahead may be old.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig?.verb !== "post") return;
    kept.clear();
    const row = pane()?.dataset.of && document.getElementById(`document-${pane().dataset.of}`);
    if (row) {
      point(row);
      ready();
      row.scrollIntoView({ block: "nearest" });
      if (!pane().querySelector("[role=alert]")) row.querySelector("a").focus({ preventScroll: true });
      const next = after(row);
      if (next) fetched(next);
    } else {
      inbox.classList.remove("on-one");
      pane()?.focus();
    }
  });

  ready();
  const first = current();
  if (first && !isNarrow()) {
    first.querySelector("a").focus({ preventScroll: true });
    const next = after(first);
    if (next) fetched(next);
  }
})();
