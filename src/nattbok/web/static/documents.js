// The document inbox by keyboard: the queue, the picture and the coding; each answer goes on to the next one.
// keys.js has the single letters, queue.js the list, coding.js the grid; here are the rest of the keys, the
// fields that were read, and what lights up where.
"use strict";

(() => {
  const list = document.getElementById("inbox-list");
  if (!list) return;
  const inbox = document.getElementById("inbox");
  const isNarrow = () => matchMedia("(max-width: 900px)").matches;
  const seen = new Set();

  const queue = queueOf({
    list,
    name: "document",
    pane: "document",
    isNarrow,
    place: (row) => row.querySelector("a").href + location.search,
    ready,
    // The picture of the next one is drawn and fetched before it is asked for.
    ahead(html) {
      const image = new DOMParser().parseFromString(html, "text/html").querySelector("img.page-image");
      const address = image?.getAttribute("src");
      if (!address || seen.has(address)) return;
      seen.add(address);
      new Image().src = address;
    },
  });
  const { pane, current, after, rowOf } = queue;
  const picture = () => document.getElementById("picture");
  const say = (text) => {
    const line = document.getElementById("source-line");
    if (line) line.textContent = text || "";
  };

  // The forms say which document follows, so that the answer can bring it along.
  function ready() {
    const row = current();
    if (!pane()) return;
    const next = row && (after(row) || after(row, -1));
    for (const field of pane().querySelectorAll("[name=next]")) field.value = next?.dataset.document || "";
    coding.sum();
  }

  const FIELDS = "#read-form input:not([type=hidden]), #read-form select, #coding input:not([type=hidden])";
  const fields = () => [...(pane()?.querySelectorAll(FIELDS) || [])];
  // Where the eye is wanted first: what is uncertain, else the coding.
  const first = () =>
    pane()?.querySelector("#read-form .unsure input, #coding .unsure input") ||
    pane()?.querySelector("#coding input:not([type=hidden])") ||
    fields()[0] || pane()?.querySelector("[data-choose], .hand summary");
  let lastField = null;
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(FIELDS)) lastField = target;
  });

  function post(what, isStaying) {
    const form = coding.form();
    if (!form) return false;
    if (form.matches(".htmx-request")) return true; // an answer is under way
    form.elements.do.value = what;
    form.elements.stay.value = isStaying ? "1" : "";
    form.requestSubmit(document.getElementById("post"));
    form.elements.do.value = "post";
    return true;
  }
  function reveal(id) {
    const hand = document.getElementById(id);
    if (!hand) return false;
    hand.open = true;
    const field = hand.querySelector("input:not([type=hidden])");
    field.focus();
    field.select();
    return true;
  }
  function split() {
    const pieces = document.getElementById("pieces");
    if (pieces?.hasAttribute("data-proposed")) return reveal("pieces");
    coding.split();
    return true;
  }

  document.addEventListener("click", ({ target }) => {
    if (target.closest("#split")) coding.split();
    else if (target.closest("#approval")) post("approval");
    else if (target.closest("#like")) coding.like();
  });
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.isComposing) return;
    const field = event.target.closest("input, textarea, select");
    let used = true;
    if (event.ctrlKey && event.key === "Enter") used = post("post", false);
    else if (event.altKey && !event.ctrlKey) used = ofAlt(event.code);
    else if (event.ctrlKey || event.metaKey) used = false;
    else if ((event.key === "PageDown" || event.key === "PageUp") && picture() && !isNarrow())
      picture().scrollBy({ top: (event.key === "PageDown" ? 0.8 : -0.8) * picture().clientHeight });
    else if (event.key === "Enter" && field?.matches(FIELDS)) {
      const all = fields();
      const next = all[all.indexOf(field) + (event.shiftKey ? -1 : 1)];
      if (next) next.focus();
      else if (!event.shiftKey) document.getElementById("post")?.focus();
    } else if (event.key === "Enter" && event.target.closest("[data-document]") && !isNarrow()) {
      first()?.focus();
    } else if (event.key === "Escape" && pane()?.contains(event.target)) {
      event.target.closest(".hand")?.removeAttribute("open");
      (current()?.querySelector("a") || pane()).focus();
    } else if (!field && /^[1-9]$/.test(event.key)) {
      const choice = pane()?.querySelector(`[data-choose="${event.key}"]`);
      if (choice) choice.click();
      else used = false;
    } else used = false;
    if (used) event.preventDefault();
  });
  function ofAlt(code) {
    switch (code) {
      case "KeyB":
        return post("post", true);
      case "KeyA":
        return post("approval", false);
      case "KeyS":
        return split();
      case "KeyL":
        if (coding.form()) coding.like();
        return true;
      case "KeyR":
        return reveal("send-back");
      case "KeyX":
        return reveal("set-aside");
      case "KeyW":
        return toWords();
      default:
        return false;
    }
  }

  // A field and its place in the picture light up together, both ways.
  const plain = (path) => path.replace(/^\/(inv|cn):/, "/").replaceAll("[1]", "").replaceAll("/*:", "/");
  function light(path) {
    for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
    say(path?.startsWith("read:") ? "" : path);
    if (!path) return [];
    const asked = plain(path);
    const found = [...document.querySelectorAll("[data-source], [data-lights]")].filter((each) => {
      const at = plain(each.dataset.source || each.dataset.lights || "");
      return at && (at === asked || at.startsWith(`${asked}/`) || (each.dataset.lights && asked.startsWith(`${at}/`)));
    });
    for (const each of found) each.classList.add("lit");
    return found;
  }
  // Only the picture moves, never the field that one is in.
  function bring(place) {
    const box = picture();
    if (!place || !box || box.scrollHeight <= box.clientHeight + 1) return;
    const [at, within] = [place.getBoundingClientRect(), box.getBoundingClientRect()];
    if (at.top >= within.top + 8 && at.bottom <= within.bottom - 8) return;
    box.scrollBy({ top: at.top - within.top - box.clientHeight / 3 });
  }
  document.addEventListener("focusin", ({ target }) => {
    const asking = target.closest("[data-lights]");
    if (!asking || !pane()?.contains(asking)) return;
    bring(light(asking.dataset.lights).find((each) => each.dataset.source));
  });
  document.addEventListener("click", ({ target }) => {
    const read = target.closest(".read");
    if (!read || !pane()?.contains(read)) return;
    const found = light(read.dataset.source);
    found.find((each) => each.matches("input"))?.focus();
  });

  // A word of the picture fills the field in focus; with Shift it is added to what stands there.
  function fill(text, isAdded) {
    const field = lastField?.isConnected && !lastField.readOnly ? lastField : first();
    if (!field?.matches?.("input")) return;
    const word = coding.isAmount(field) ? amount(text) : text;
    field.value = isAdded && field.value ? `${field.value} ${word}` : word;
    field.focus();
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  }
  // In a field, what one points at fills it; else it chooses the field that stands there.
  function pointed(word, event) {
    if (document.activeElement?.matches(FIELDS)) return fill(word.dataset.word, event.shiftKey);
    const holds = (place) => {
      const box = place.getBoundingClientRect();
      return box.left <= event.clientX && event.clientX <= box.right && box.top <= event.clientY && event.clientY <= box.bottom;
    };
    const place = [...pane().querySelectorAll(".outlines rect")].find(holds);
    const field = place && pane().querySelector(`input[data-lights="${place.dataset.source}"]`);
    if (field) field.focus();
    else if (lastField?.isConnected) fill(word.dataset.word, event.shiftKey);
  }
  // However it is printed: the last sign before one or two digits is the decimal one.
  function amount(text) {
    const found = text.replace(/[^\d.,\u2212-]/g, "").replace("\u2212", "-").match(/^(-?)([\d.,]*?)(?:[.,](\d{1,2}))?(-?)$/);
    if (!found) return text;
    const whole = Number(found[2].replace(/[.,]/g, "") || 0) * 100 + Number((found[3] || "0").padEnd(2, "0"));
    return coding.typed(found[1] || found[4] ? -whole : whole);
  }
  const words = () => [...(pane()?.querySelectorAll("[data-word]") || [])];
  function toWords() {
    const all = words();
    if (!all.length) return false;
    const lit = pane().querySelector(".outlines .lit");
    const box = lit?.getBoundingClientRect();
    const near = (word) => {
      const at = word.getBoundingClientRect();
      return Math.hypot(at.left - box.left, at.top - box.top);
    };
    (box ? all.reduce((best, word) => (near(word) < near(best) ? word : best)) : all[0]).focus();
    return true;
  }
  let sought = "";
  let soughtAt = 0;
  function go(word, event) {
    const all = words();
    const at = all.indexOf(word);
    const box = word.getBoundingClientRect();
    const line = (by) => {
      const those = all.filter((each) => {
        const other = each.getBoundingClientRect();
        return by > 0 ? other.top > box.bottom - 2 : other.bottom < box.top + 2;
      });
      const off = (each) => {
        const other = each.getBoundingClientRect();
        return Math.abs(other.top - box.top) * 4 + Math.abs(other.left - box.left);
      };
      return those.length ? those.reduce((best, each) => (off(each) < off(best) ? each : best)) : word;
    };
    switch (event.key) {
      case "ArrowRight":
        return all[at + 1] || word;
      case "ArrowLeft":
        return all[at - 1] || word;
      case "ArrowDown":
        return line(1);
      case "ArrowUp":
        return line(-1);
      default: {
        if (event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey) return null;
        const now = Date.now();
        sought = now - soughtAt > 1200 ? event.key : sought + event.key;
        soughtAt = now;
        const wanted = sought.toLocaleLowerCase();
        const from = sought.length > 1 ? at : at + 1;
        const turned = [...all.slice(from), ...all.slice(0, from)];
        return turned.find((each) => each.dataset.word.toLocaleLowerCase().startsWith(wanted)) || word;
      }
    }
  }
  document.addEventListener("keydown", (event) => {
    const word = event.target.closest?.("[data-word]");
    if (!word) return;
    if (event.key === "Enter" || event.key === " ") fill(word.dataset.word, event.shiftKey);
    else if (event.key === "Escape") (lastField?.isConnected ? lastField : pane()).focus();
    else {
      const next = go(word, event);
      if (!next) return;
      next.focus();
      bring(next);
      say(next.dataset.word);
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  // The field keeps the focus while one points.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest?.("[data-word], .outlines")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const word = event.target.closest?.("[data-word]");
    if (word) pointed(word, event);
    const second = event.target.closest?.("[data-second]");
    if (!second) return;
    lastField = document.getElementById(second.dataset.for);
    fill(second.dataset.second, false);
  });

  // What is corrected is sent when its field is left; what is being typed in another one meanwhile stays.
  const given = (field) => (field.matches("select") ? [...field.options].find((each) => each.defaultSelected)?.value : field.defaultValue);
  const isChanged = (field) => field.value !== given(field);
  function correct(changed) {
    const form = document.getElementById("read-form");
    const rates = changed.some((field) => field.dataset.with) ? [...form.querySelectorAll("[data-with=rates]")] : [];
    const values = { do: "correct", csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, stay: "1" };
    for (const field of [...changed, ...rates]) values[field.name] = field.value;
    htmx.ajax("POST", form.getAttribute("action"), { source: pane(), target: "#document", swap: "outerHTML", values });
  }
  document.addEventListener("change", ({ target }) => {
    if (target.closest("#read-form") && isChanged(target)) correct([target]);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "read-form") return;
    event.preventDefault();
    const changed = [...event.target.querySelectorAll("input:not([type=hidden]), select")].filter(isChanged);
    if (changed.length) correct(changed);
  });

  let underHand = new Map(); // typed and not sent, by the field's id
  let wasInside = false;
  const deed = (detail) => {
    const sent = detail.requestConfig?.parameters;
    return (typeof sent?.get === "function" ? sent.get("do") : sent?.do) || "";
  };
  document.addEventListener("htmx:beforeRequest", () => {
    wasInside = Boolean(document.activeElement?.matches(FIELDS) || document.activeElement?.id === "post");
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    underHand = new Map();
    if (deed(detail) !== "correct") return;
    const sent = detail.requestConfig.parameters;
    for (const field of fields()) {
      const isSent = typeof sent.has === "function" ? sent.has(field.name) : field.name in sent;
      if (field.id && isChanged(field) && !isSent) underHand.set(field.id, field.value);
    }
  });

  document.addEventListener("toggle", (event) => {
    const hand = event.target;
    if (!hand.matches?.(".hand") || !hand.open) return;
    for (const other of document.querySelectorAll(".hand[open]")) if (other !== hand) other.open = false;
    if (hand.contains(document.activeElement)) hand.querySelector("input:not([type=hidden]), select")?.focus();
  }, true);

  // After an answer the next document is ready with the focus in place, and what was fetched ahead may be old.
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.requestConfig?.verb !== "post" || detail.target.closest("dialog")) return;
    queue.forget();
    const row = pane()?.dataset.of && rowOf(pane().dataset.of);
    const isSame = deed(detail) === "correct";
    for (const [id, value] of underHand) {
      const field = document.getElementById(id);
      if (field) field.value = value;
    }
    if (!row) {
      if (isSame) return ready();
      inbox.classList.remove("on-one");
      ready();
      pane()?.focus();
      return;
    }
    queue.point(row);
    ready();
    row.scrollIntoView({ block: "nearest" });
    const trouble = pane().querySelector("[role=alert]");
    if (trouble || isSame) {
      if (!pane().contains(document.activeElement)) first()?.focus();
      trouble?.scrollIntoView({ block: "nearest" });
    } else if (wasInside && first()?.matches(FIELDS)) first().focus();
    else row.querySelector("a").focus({ preventScroll: true });
    queue.prepare(row);
  });

  // Two with the same number beside each other, and finding in the list.
  document.addEventListener("click", (event) => {
    const beside = event.target.closest("[data-beside]");
    if (beside) openWith(beside.dataset.beside, "beside-box", "beside");
  });

  const find = document.getElementById("inbox-find");
  find?.addEventListener("input", () => {
    const wanted = find.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    for (const row of list.querySelectorAll("[data-document]"))
      row.hidden = !wanted.every((word) => row.dataset.text.includes(word));
    ready();
  });
  find?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "ArrowDown") queue.rows()[0]?.querySelector("a").focus();
  });

  queue.begin();
})();
