// An answer given without network is kept on the phone and sent when there is one; the server judges it then
// by the content that the person saw. And the next document of the same mail: its link stands after the `#`,
// which no server is ever sent.
"use strict";
(() => {
  const KEPT = "nattbok-approvals";
  const read = () => { try { return JSON.parse(localStorage.getItem(KEPT)) || []; } catch { return []; } };
  const write = (queue) => { try { localStorage.setItem(KEPT, JSON.stringify(queue)); } catch { /* full, or forbidden */ } };
  const tell = (sentence) => {
    const box = document.querySelector("[data-network]");
    if (box) { box.textContent = sentence; box.hidden = false; box.scrollIntoView({ block: "nearest" }); }
  };

  const next = () => {
    const tokens = location.hash.slice(1).split(",").filter((each) => /^[0-9a-f]+\.[\w-]{32}\.[\w-]{16}$/.test(each));
    const link = document.querySelector("[data-next]");
    if (!link || !tokens.length || !location.pathname.startsWith("/approve/")) return;
    link.href = `/approve/${tokens[0]}${tokens.length > 1 ? `#${tokens.slice(1).join(",")}` : ""}`;
    link.hidden = false;
  };

  const send = (address, body) => fetch(address, {
    method: "POST", body, redirect: "follow", credentials: "same-origin", referrerPolicy: "no-referrer",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });

  const flush = async () => {
    const queue = read();
    while (queue.length) {
      const kept = queue[0];
      let answer;
      try { answer = await send(kept.address, kept.body); } catch { return; }
      queue.shift();
      write(queue);
      tell(answer.ok ? kept.sent : kept.wrong);
    }
  };

  const show = async (answer, form) => {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#main");
    if (!fresh) { location.reload(); return; }
    if (answer.redirected) { history.replaceState(null, "", answer.url); }
    document.querySelector("#main").replaceWith(document.adoptNode(fresh));
    document.querySelector("#main").focus();
    scrollTo(0, 0);
    next();
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-decides]");
    if (!form) return;
    event.preventDefault();
    const fields = new FormData(form, event.submitter);
    const body = new URLSearchParams(fields).toString();
    const address = location.pathname;
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    try {
      await show(await send(address, body), form);
    } catch {
      write([...read(), { address, body, sent: form.dataset.sent, wrong: form.dataset.wrong }]);
      tell(form.dataset.kept);
    }
  });

  addEventListener("online", flush);
  next();
  if (navigator.onLine) flush();
})();
