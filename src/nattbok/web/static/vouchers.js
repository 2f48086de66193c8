// The voucher by keyboard. The server judges and does the sums; here are the keys, what is kept while one
// writes, and where the focus goes. Without this script every key has its button.
"use strict";

(() => {
  const PAUSE = 600; // milliseconds after the last key until what is written is kept
  let timer = 0;
  let asked = 0; // the last question to the server: only its answer counts
  let busy = Promise.resolve();

  const form = () => document.getElementById("voucher");
  const rows = () => [...form().querySelectorAll(".voucher-row")];
  const rowOf = (field) => field.closest(".voucher-row");
  const column = (row, name) => row.querySelector(`[data-column="${name}"]`);
  const shown = (element) => element.getClientRects().length > 0;
  const fields = () => [...form().querySelectorAll("input:not([type=hidden]):not([type=file]), select, #voucher-post")].filter(shown);
  const place = (row) => rows().indexOf(row);
  const option = (list, value) => [...document.getElementById(list).options].find((each) => each.value === value);
  const accountOf = (row) => option("accounts", column(row, "account").value.trim().split(/[\s/]/)[0].toLowerCase());

  // The lines, as the server sees them.
  function renumber() {
    rows().forEach((row, at) => {
      row.dataset.place = at;
      for (const button of row.querySelectorAll("button[name=do]")) button.value = button.value.replace(/:\d+$/, `:${at}`);
      for (const named of row.querySelectorAll("[aria-label]")) {
        named.setAttribute("aria-label", named.getAttribute("aria-label").replace(/\d+/, at + 1));
      }
    });
  }

  // There is always an empty line after the last one that is written in.
  function grow() {
    const last = rows().at(-1);
    if (![...last.querySelectorAll("input")].some((field) => field.value)) return;
    const copy = last.cloneNode(true);
    for (const field of copy.querySelectorAll("input")) field.value = "";
    copy.querySelector("select").value = "";
    copy.querySelector(".account-name").textContent = "";
    copy.querySelector(".reasons").replaceChildren();
    copy.querySelector("details").open = false;
    last.after(copy);
    renumber();
  }

  async function send(url, changes = {}) {
    const data = new FormData(form());
    for (const [name, value] of Object.entries(changes)) data.set(name, value);
    const answer = await fetch(url, { method: "POST", body: data, headers: { "HX-Request": "true" } });
    const elsewhere = answer.headers.get("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    return answer;
  }

  // Something that changes the lines: the server answers with the form as it is then.
  function change(what) {
    clearTimeout(timer);
    asked += 1;
    const here = document.activeElement;
    const at = here?.dataset.column && rowOf(here) ? [place(rowOf(here)), here.dataset.column] : null;
    busy = busy.then(async () => {
      const answer = await send(form().action, { do: what });
      if (!answer.ok && answer.status !== 409) return;
      if (answer.redirected) {
        location.assign(answer.url);
        return;
      }
      const parsed = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("voucher");
      if (!parsed) return;
      form().replaceWith(document.adoptNode(parsed));
      ready();
      const next = form().querySelector(".voucher-row [autofocus]");
      const same = at && rows()[at[0]] ? column(rows()[at[0]], at[1]) : null;
      (next || same || document.getElementById("voucher-text")).focus();
      keep();
    });
    return busy;
  }

  const list = (where, reasons) =>
    where.replaceChildren(...reasons.map((reason) => Object.assign(document.createElement("li"), { textContent: reason })));

  // Keep what is written, and show what the judge says of the lines that one has left.
  async function keep() {
    const mine = (asked += 1);
    const answer = await send(form().dataset.draft).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const told = await answer.json();
    rows().forEach((row, at) => {
      const one = told.rows[at];
      if (!one) return;
      row.querySelector(".account-name").textContent = [one.name, one.party].filter(Boolean).join(" · ");
      if (one.control) row.querySelector("details").open = true;
      const isHere = row.contains(document.activeElement);
      if (!isHere || !one.reasons.length) list(row.querySelector(".reasons"), one.reasons);
    });
    for (const name of ["debit", "credit", "difference"]) {
      form().querySelector(`[data-sum="${name}"]`).textContent = told[name];
    }
    form().querySelector('[data-sum="difference"]').classList.toggle("off", !told.is_balanced);
    if (form().querySelector("#voucher-reasons li")) list(document.getElementById("voucher-reasons"), told.reasons);
    document.getElementById("voucher-kept").textContent = told.kept;
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  }

  document.addEventListener("input", (event) => {
    if (!form()?.contains(event.target) || event.target.type === "file") return;
    if (event.target.dataset.column === "vat_code") event.target.dataset.touched = "yes";
    if (event.target.dataset.column === "party") lookUp(event.target);
    grow();
    soon();
  });

  // A chosen account brings its VAT code along, until somebody has written another.
  document.addEventListener("change", (event) => {
    const row = form()?.contains(event.target) && rowOf(event.target);
    if (event.target.id === "voucher-files" && event.target.files.length) change("check");
    if (!row) return;
    const account = accountOf(row);
    if (event.target.dataset.column === "account" && account) {
      const vat = column(row, "vat_code");
      if (!vat.value && !vat.dataset.touched && account.dataset.vat) vat.value = account.dataset.vat;
      if (account.dataset.control) row.querySelector("details").open = true;
    }
    // A template is filled in as soon as its line has an amount.
    const hasAmount = column(row, "debit").value || column(row, "credit").value;
    if (account && "template" in account.dataset && hasAmount) change("check");
  });

  let looked = "";
  async function lookUp(field) {
    const control = accountOf(rowOf(field))?.dataset.control || "";
    const query = new URLSearchParams({ q: field.value, kind: control }).toString();
    if (query === looked) return;
    looked = query;
    const answer = await fetch(`${form().dataset.parties}?${query}`, { headers: { "HX-Request": "true" } });
    if (answer.ok && looked === query) document.getElementById("parties").innerHTML = await answer.text();
  }
  document.addEventListener("focusin", (event) => {
    if (event.target.dataset?.column === "party" && form().contains(event.target)) lookUp(event.target);
  });

  function go(field, by) {
    const all = fields();
    const next = all[all.indexOf(field) + by];
    next?.focus();
    next?.select?.();
  }

  function copyAbove(field) {
    const above = rows()[place(rowOf(field)) - 1];
    if (!above || !field.dataset.column) return false;
    field.value = column(above, field.dataset.column).value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.select?.();
    if (!isBare(field)) field.dataset.copied = "yes";
    return true;
  }

  // In a text, a capital C may be the first letter of a word: whoever writes on has meant that.
  function wroteOn(field, key) {
    const isMeant = field.dataset?.copied && key.length === 1;
    if (field.dataset) delete field.dataset.copied;
    if (isMeant) field.value = "C";
  }

  function more(row) {
    const details = row.querySelector("details");
    details.open = !details.open;
    if (details.open) column(row, "party").focus();
    else column(row, "account").focus();
  }

  // Letters that are keys are so only where nobody writes them: in amounts, days, accounts and codes.
  const isBare = (field) => ["account", "debit", "credit", "vat_code", "is_net", "currency_amount", "rate"].includes(field.dataset.column);

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("input, select, textarea, button");
    if (!form() || !event.key || event.isComposing || document.querySelector("dialog[open]")) return;
    const inside = field && form().contains(field) ? field : null;
    const row = inside && rowOf(inside);
    let used = true;
    if (inside && event.key !== "Shift") wroteOn(inside, event.ctrlKey || event.altKey ? "" : event.key);
    if (event.altKey && event.code === "KeyB") busy.then(() => document.getElementById("voucher-post").click());
    else if (event.altKey && event.code === "KeyM" && row) more(row);
    else if (event.altKey && event.key === "Delete" && row) change(`remove:${place(row)}`);
    else if (event.ctrlKey && event.key === "Enter" && row) change(`rest:${place(row)}`);
    else if (event.key === "F8" && row) {
      const net = column(row, "is_net");
      net.value = net.value ? "" : "1";
      soon();
    } else if (event.altKey || event.ctrlKey || event.metaKey || !inside) used = false;
    else if (event.key === "Enter" && inside.matches("input, select")) go(inside, event.shiftKey ? -1 : 1);
    else if (event.key === "+" && row && isBare(inside)) change(`balance:${place(row)}`);
    else if (event.key === "C" && event.shiftKey && row && !inside.value && isCopied(inside)) used = copyAbove(inside);
    else if (event.key.toLowerCase() === "d" && "day" in inside.dataset) {
      inside.value = form().dataset.today;
      soon();
    } else used = false;
    if (used) event.preventDefault();
  });
  const isCopied = (field) => field.matches("input[data-column]");

  // Files that are dropped on the page are attached.
  document.addEventListener("dragover", (event) => {
    if (event.target.closest?.("#voucher")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!event.target.closest?.("#voucher") || !event.dataTransfer.files.length) return;
    event.preventDefault();
    document.getElementById("voucher-files").files = event.dataTransfer.files;
    change("check");
  });

  // One press, one entry: the server sees to that; here the button only says that it has been heard.
  document.addEventListener("submit", (event) => {
    if (event.target !== form()) return;
    clearTimeout(timer);
    asked += 1;
    const post = document.getElementById("voucher-post");
    setTimeout(() => { post.disabled = true; });
  });
  addEventListener("pageshow", () => { const post = document.getElementById("voucher-post"); if (post) post.disabled = false; });

  function ready() {
    grow();
  }
  ready();
  if (!document.querySelector("#posted, .trouble") && !document.querySelector(".voucher-row [autofocus]")) {
    document.getElementById("voucher-date").focus();
  } else if (document.getElementById("posted")) {
    column(rows()[0], "account").focus();
  }
})();
