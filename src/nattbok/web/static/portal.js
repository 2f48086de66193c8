// Files that are chosen or dropped are sent one after the other, each with its result beside it.
"use strict";

const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((part) => part.toString(16).padStart(2, "0")).join("");

async function send(form, file, results) {
  const row = document.createElement("li");
  row.textContent = `${file.name}: ${form.dataset.waits}`;
  results.append(row);
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  body.append("rows", "1");
  body.append("key", newKey());
  body.append("files", file, file.name);
  try {
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    row.replaceWith(made.content);
    return true;
  } catch {
    row.textContent = `${file.name}: ${form.dataset.failed}`;
    row.className = "bad";
    return false;
  }
}

async function sendAll(form, files) {
  const results = document.getElementById("added");
  results.replaceChildren();
  let isGood = files.length > 0;
  for (const file of files) isGood = (await send(form, file, results)) && isGood;
  // The list below is that of the server: shown anew once all of it went well and nothing is to be read here.
  if (isGood && !results.querySelector(".bad")) location.reload();
}

document.addEventListener("DOMContentLoaded", () => {
  // Who logs out takes the page that opens without network along; pictures that wait are theirs, and wait.
  document.querySelector('form[action="/logout/"]')?.addEventListener("submit", () => {
    if ("caches" in window) caches.delete("nattbok-capture-2");
  });
  const form = document.querySelector("form[data-add]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...input.files];
    if (!files.length) return input.click();
    input.value = "";
    await sendAll(form, files);
  });
  // Anywhere on the page will do: whoever drops a file has aimed at none in particular.
  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    form.classList.add("over");
  });
  document.addEventListener("dragleave", () => form.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    form.classList.remove("over");
    sendAll(form, [...event.dataTransfer.files]);
  });
});
