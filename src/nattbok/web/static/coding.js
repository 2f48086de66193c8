// The coding grid: net, VAT and gross follow each other, the difference runs along, lines are split, removed,
// and made from a template's key. Amounts are counted in øre, so that nothing is rounded twice.
"use strict";

const coding = (() => {
  const form = () => document.getElementById("coding");
  const rows = () => [...(form()?.querySelectorAll("[data-coding-row]") || [])];
  const rowOf = (element) => element?.closest?.("#coding [data-coding-row]");
  const part = (row, name) => row.querySelector(`[data-${name}]`);
  const typed = (amount) => {
    const text = (Math.abs(amount) / 100).toFixed(2);
    return (amount < 0 ? "-" : "") + (document.documentElement.lang.startsWith("en") ? text : text.replace(".", ","));
  };
  const rounded = (amount) => Math.sign(amount) * Math.round(Math.abs(amount));

  // The percent of the row's VAT code on a bill of that day; null where the code is not known.
  function percent(row) {
    const code = part(row, "code").value.trim().split(" ")[0];
    const found = form().dataset.rates.split(" ").find((each) => each.split(":")[0] === code);
    return found ? Number(found.split(":")[1]) : null;
  }
  function put(row, name, amount) {
    const field = part(row, name);
    if (field) field.value = typed(amount);
  }
  const amountOf = (row, name) => ore(part(row, name)?.value || "");

  function follow(row, changed) {
    const rate = percent(row);
    if (changed === "net") {
      if (rate !== null) put(row, "vat", rounded((amountOf(row, "net") * rate) / 100));
    } else if (changed === "gross") {
      const gross = amountOf(row, "gross");
      const net = rounded((gross * 100) / (100 + (rate || 0)));
      put(row, "net", net);
      put(row, "vat", gross - net);
      return;
    }
    put(row, "gross", amountOf(row, "net") + amountOf(row, "vat"));
  }

  function left() {
    let rest = Math.round(Number(form().dataset.owed) * 100);
    for (const row of rows()) rest -= amountOf(row, "net") + amountOf(row, "vat");
    return rest;
  }
  function sum() {
    if (!form()) return;
    const shown = form().querySelector("[data-left]");
    shown.textContent = written(left());
    shown.classList.toggle("off", left() !== 0);
  }

  function split() {
    const all = rows();
    if (!all.length) return;
    const from = rowOf(document.activeElement) || all.at(-1);
    const number = 1 + Math.max(...all.map((row) => Number(row.querySelector("[name^=account-]").name.split("-")[1])));
    const made = from.cloneNode(true);
    for (const field of made.querySelectorAll("input")) {
      field.name = field.name.replace(/-\d+$/, `-${number}`);
      field.id = field.id.replace(/-\d+$/, `-${number}`);
      if (field.matches("[name^=account-], [data-net], [data-vat], [data-gross]")) field.value = "";
      field.removeAttribute("aria-expanded");
    }
    for (const label of made.querySelectorAll("label")) {
      label.htmlFor = label.htmlFor.replace(/-\d+$/, `-${number}`);
      label.textContent = label.textContent.replace(/\d+/, number);
    }
    const remove = part(made, "remove");
    remove.setAttribute("aria-label", remove.getAttribute("aria-label").replace(/\d+/, number));
    const why = from.nextElementSibling?.classList.contains("why-row") ? from.nextElementSibling : from;
    why.after(made);
    made.querySelector("input").focus();
    sum();
  }

  function remove(row) {
    const all = rows();
    if (!row || all.length < 2) return;
    const next = all[all.indexOf(row) + 1] || all[all.indexOf(row) - 1];
    if (row.nextElementSibling?.classList.contains("why-row")) row.nextElementSibling.remove();
    row.remove();
    next.querySelector("input").focus();
    sum();
  }

  // The rows made anew by the server: from a template's key, or like the supplier's last bill.
  async function renew(what, focused) {
    const given = new FormData(form());
    given.set("do", what);
    const body = document.getElementById("coding-rows");
    const answer = await fetch(form().dataset.lines, { method: "POST", body: given, headers: { "HX-Request": "true" } });
    if (!answer.ok || !body.isConnected) return;
    body.innerHTML = await answer.text();
    const field = document.getElementById(focused) || body.querySelector("input");
    field?.focus();
    field?.select?.();
    sum();
  }

  document.addEventListener("input", ({ target }) => {
    const row = rowOf(target);
    if (!row) return;
    for (const name of ["net", "vat", "gross"]) if (target.matches(`[data-${name}]`)) follow(row, name);
    sum();
  });
  document.addEventListener("taken", ({ target }) => {
    if (!rowOf(target) || !target.name?.startsWith("account-")) return;
    const key = target.value.trim().toLocaleLowerCase();
    const option = [...document.getElementById("account-list").options].find((each) => each.value === key);
    if (option && "template" in option.dataset) renew("expand", target.id);
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-remove]")) remove(rowOf(target));
  });
  document.addEventListener("focusin", ({ target }) => {
    if (rowOf(target) && target.matches("input")) target.select();
  });
  document.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    if (!row || event.ctrlKey || event.metaKey) return;
    const amount = event.target.closest("[data-net], [data-gross]");
    if (event.altKey) {
      if (event.key !== "Delete") return;
      remove(row);
    } else if (event.key === "F8") {
      const other = event.target.matches("[data-gross]") ? part(row, "net") : part(row, "gross") || part(row, "net");
      other.focus();
    } else if (event.key === "+" && amount) {
      const rest = left() + amountOf(row, "net") + amountOf(row, "vat");
      const net = rounded((rest * 100) / (100 + (percent(row) || 0)));
      put(row, "net", net);
      put(row, "vat", rest - net);
      put(row, "gross", rest);
      sum();
    } else return;
    event.preventDefault();
  });

  return { form, sum, split, like: () => renew("like_last_time", "account-1"), isAmount: (field) => field.matches("[data-net], [data-vat], [data-gross]") , typed };
})();
