// Pictures of bills and receipts, also without network: each is kept on the phone under an id made here, and
// sent when the network is there. Sent twice it is one, since the id goes along.
"use strict";

const DATABASE = "nattbok-capture";
const STORE = "waiting";
const MOST_ASKED = 60; // times, a second apart
const LONGEST_NAME = 120; // signs; a longer one is refused before anybody has seen the picture
// Answers that another try may change: who is logged in, a wait that was too long, too many at once.
const PASSING = [401, 403, 407, 408, 425, 429];
const TOO_LARGE = 413;
const LONGEST = 2400; // pixels of the longer side that is sent; a phone's own are larger than is read

const page = document.getElementById("capture");
const words = page.dataset;
const byId = (id) => document.getElementById(id);
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((part) => part.toString(16).padStart(2, "0")).join("");
const cookie = (name) =>
  document.cookie
    .split("; ")
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? "";

function database() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function stored(mode, deed) {
  const opened = await database();
  try {
    return await new Promise((done, failed) => {
      const asked = deed(opened.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } finally {
    opened.close();
  }
}

const keep = (one) => stored("readwrite", (store) => store.put(one));
const forget = (key) => stored("readwrite", (store) => store.delete(key));
const all = () => stored("readonly", (store) => store.getAll());
// Whose these are: another who logs in on the same phone neither sees nor sends them.
const isMine = (one) => one.owner === words.owner && one.client === words.client;
const mine = async () => (await all()).filter(isMine).sort((one, other) => one.at - other.at);

// As small as can still be read; a file that is no picture that the browser draws goes as it is.
async function smaller(file) {
  if (!file.type.startsWith("image/") || file.size < 1_500_000) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const share = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * share);
    canvas.height = Math.round(picture.height * share);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.88));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file;
  }
}

function told(text, isBad = false) {
  const place = byId("capture-told");
  place.textContent = text;
  place.className = isBad ? "trouble" : "notice";
  place.hidden = !text;
}

async function send(one) {
  const body = new FormData();
  for (const [name, value] of Object.entries(one.fields)) body.append(name, value);
  body.append("key", one.key);
  body.append("picked", one.name);
  if (one.blob) body.append("files", one.blob, one.name);
  const answer = await fetch(words.send, {
    method: "POST",
    body,
    credentials: "same-origin",
    redirect: "error", // a page to log in on is no answer
    headers: { "X-CSRFToken": cookie("csrftoken") },
  });
  const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  if (isJson) return { isGood: answer.ok, said: await answer.json() };
  // Not our own words: a proxy's, or a page that tells of trouble.
  const isFinal = answer.status >= 400 && answer.status < 500 && !PASSING.includes(answer.status);
  if (isFinal) return { aside: true, said: { words: answer.status === TOO_LARGE ? words.large : words.refused } };
  throw new Error(String(answer.status));
}

// A busy server has kept the picture and is still looking at it: what it comes to is told here.
async function lastWord(sent, follow) {
  for (let times = 0; times < MOST_ASKED; times += 1) {
    await new Promise((done) => setTimeout(done, 1000));
    let said;
    try {
      const answer = await fetch(sent.verdict, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) return;
      said = await answer.json();
    } catch {
      return; // it is kept: the list of documents tells the same
    }
    if (said.open) continue;
    if (said.retake || sent.retake) told(said.words, said.retake);
    else if (sent.address && follow && !picked && !isSending) location.assign(sent.address);
    return;
  }
}

let isSending = false;

async function sendAll() {
  if (isSending) return;
  isSending = true;
  try {
    // What no server would take is kept here to be seen, and stands in nobody's way.
    const waiting = (await mine()).filter((one) => !one.aside);
    for (const one of waiting) {
      let isGood, aside, said;
      try {
        ({ isGood, aside, said } = await send(one));
      } catch {
        told(navigator.onLine ? words.later : words.offline, navigator.onLine);
        break; // the rest waits as well
      }
      if (!isGood) {
        // Refused for what it is: kept here, so that nothing that was photographed is lost.
        await keep({ ...one, trouble: said.words, aside });
        told(said.words, true);
        continue;
      }
      await forget(one.key);
      const follow = one.follow && waiting.length === 1; // to leave the page would leave the others behind
      if (said.verdict) lastWord(said, follow);
      if (said.retake) told(said.words, true);
      else if (said.verdict) told(said.words);
      else if (said.address && follow) return location.assign(said.address);
      else told(said.words);
    }
  } finally {
    isSending = false;
    await show();
  }
}

function button(text, deed) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", deed);
  return made;
}

async function show() {
  const waiting = await mine();
  const list = byId("capture-waiting");
  list.replaceChildren();
  byId("capture-count").textContent = String(waiting.length);
  byId("capture-list").hidden = !waiting.length;
  for (const one of waiting) {
    const row = document.createElement("li");
    const label = document.createElement("div");
    label.className = "card-text";
    label.textContent = [one.fields.purpose, one.fields.shop, one.fields.paid, one.name].filter(Boolean).join(" · ");
    if (one.trouble) {
      const trouble = document.createElement("p");
      trouble.className = "trouble-text";
      trouble.textContent = one.trouble;
      label.append(trouble);
    }
    row.append(label);
    if (one.aside) {
      row.append(button(words.again, async () => {
        await keep({ ...one, aside: false });
        await sendAll();
      }));
    }
    row.append(button(words.remove, async () => {
      await forget(one.key);
      await show();
    }));
    list.append(row);
  }
  byId("capture-offline").hidden = navigator.onLine;
}

let picked = null;
let shownAddress = "";

function preview(file) {
  picked = file;
  const image = byId("capture-preview");
  if (shownAddress) URL.revokeObjectURL(shownAddress);
  shownAddress = file && file.type.startsWith("image/") ? URL.createObjectURL(file) : "";
  image.hidden = !shownAddress;
  if (shownAddress) image.src = shownAddress;
  byId("capture-form").hidden = !file;
}

document.addEventListener("DOMContentLoaded", () => {
  const form = byId("capture-form");
  for (const input of document.querySelectorAll("[data-picks]")) {
    input.addEventListener("change", () => {
      if (!input.files.length) return;
      told("");
      preview(input.files[0]);
      input.value = "";
      form.querySelector("button").focus();
    });
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!picked) return;
    const file = picked;
    const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    delete fields.csrfmiddlewaretoken;
    preview(null);
    // Kept before it is sent, and before it is made smaller: a phone that dies on the way loses nothing.
    const one = {
      key: newKey(),
      owner: words.owner,
      client: words.client,
      name: (file.name || "picture.jpg").slice(-LONGEST_NAME),
      blob: file,
      fields,
      follow: navigator.onLine,
      at: Date.now(),
    };
    await keep(one);
    const blob = await smaller(file);
    if (blob !== file && (await mine()).some((kept) => kept.key === one.key)) await keep({ ...one, blob });
    for (const input of form.querySelectorAll("input[type=text]")) if (!("stays" in input.dataset)) input.value = "";
    if (!navigator.onLine) told(words.offline);
    await show();
    await sendAll();
  });
  window.addEventListener("online", () => {
    told("");
    sendAll();
  });
  window.addEventListener("offline", show);
  show().then(() => navigator.onLine && sendAll());
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(words.worker, { scope: words.scope });
});
