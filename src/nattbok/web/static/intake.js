// Files that are chosen or dropped are put in one after the other, each with its result.
"use strict";

async function putIn(form, file, results) {
  const row = document.createElement("li");
  row.textContent = `${file.name}: ${form.dataset.waits}`;
  results.append(row);
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  body.append("do", "upload");
  body.append("rows", "1");
  body.append("files", file, file.name);
  try {
    const answer = await fetch(form.dataset.putIn, { method: "POST", body, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    row.replaceWith(made.content);
  } catch {
    row.textContent = `${file.name}: ${form.dataset.failed}`;
    row.className = "bad";
  }
}

async function putInAll(form, files) {
  const results = document.getElementById("put-in-results");
  results.classList.add("notice");
  for (const file of files) await putIn(form, file, results);
}

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-put-in]")) {
    const input = form.querySelector("input[type=file]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const files = [...input.files];
      form.reset();
      await putInAll(form, files);
    });
  }
  // Anywhere on the page will do: whoever drops a file has aimed at none in particular.
  const first = document.querySelector("form[data-put-in]");
  if (!first) return;
  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    first.classList.add("over");
  });
  document.addEventListener("dragleave", () => first.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    first.classList.remove("over");
    putInAll(first, [...event.dataTransfer.files]);
  });
});
