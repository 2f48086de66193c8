// The payment inbox: how many payments are marked, and what they sum to.
"use strict";

function tell(form) {
  const marked = [...form.querySelectorAll("[data-ore]:checked")];
  const ore = marked.reduce((sum, box) => sum + Number(box.dataset.ore), 0);
  const amount = (ore / 100).toLocaleString(document.documentElement.lang, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  const place = form.querySelector("[data-marked]");
  place.textContent = `${marked.length} · ${amount} ${place.dataset.marked}`;
}

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-marks]")) {
    const all = form.querySelector("[data-mark-all]");
    all?.addEventListener("change", () => {
      for (const box of form.querySelectorAll("[data-ore]")) box.checked = all.checked;
    });
    form.addEventListener("change", () => tell(form));
    tell(form);
  }
});
