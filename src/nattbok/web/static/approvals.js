// An answer given without network is kept on the phone and sent when there is one; the server judges it then
// by the content that the person saw. It is that person's: somebody else who logs in on the same phone does
// not send it. And the next document of the same mail: its link stands after the `#`, which no server is sent.
"use strict";
(() => {
  const KEPT = "nattbok-approvals";
  const LINKS = "/approve/";
  const read = () => { try { return JSON.parse(localStorage.getItem(KEPT)) || []; } catch { return []; } };
  const write = (queue) => { try { localStorage.setItem(KEPT, JSON.stringify(queue)); } catch { /* full, or forbidden */ } };
  const forget = (kept) => write(read().filter((each) => each.id !== kept.id));
  const tell = (sentence) => {
    const box = document.querySelector("[data-network]");
    if (box) { box.textContent = sentence; box.hidden = false; box.scrollIntoView({ block: "nearest" }); }
  };
  const person = () => document.querySelector("meta[name=nattbok-person]")?.content ?? "";
  // By a link the address says whose it is; else it is sent by whoever gave it, and by nobody else.
  const isMine = (kept) => kept.address.startsWith(LINKS) || (kept.person && kept.person === person());

  const next = () => {
    const tokens = location.hash.slice(1).split(",").filter((each) => /^[0-9a-f]+\.[\w-]{32}\.[\w-]{16}$/.test(each));
    const link = document.querySelector("[data-next]");
    if (!link || !tokens.length || !location.pathname.startsWith(LINKS)) return;
    link.href = `${LINKS}${tokens[0]}${tokens.length > 1 ? `#${tokens.slice(1).join(",")}` : ""}`;
    link.hidden = false;
  };

  const send = (address, body) => fetch(address, {
    method: "POST", body, redirect: "follow", credentials: "same-origin", referrerPolicy: "no-referrer",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });

  // The same answer as it is sent today: a new log-in has another token.
  const fresh = (body) => {
    const fields = new URLSearchParams(body);
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (token && fields.has("csrfmiddlewaretoken")) fields.set("csrfmiddlewaretoken", token);
    return fields.toString();
  };
  const isLogin = (answer) => answer.redirected && new URL(answer.url).pathname === "/login/";
  const isForLater = (answer) => isLogin(answer) || answer.status === 429 || answer.status >= 500;

  const flush = async () => {
    for (const kept of read().filter(isMine)) {
      let answer;
      try { answer = await send(kept.address, fresh(kept.body)); } catch { return; }
      if (isForLater(answer)) { tell(kept.later); return; }
      forget(kept);
      tell(answer.ok ? kept.sent : kept.wrong);
    }
  };
  // One page at a time, however many are open: each answer goes once.
  const flushAlone = () => (navigator.locks ? navigator.locks.request(KEPT, flush) : flush());

  const show = async (answer) => {
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
    let answer;
    try {
      answer = await send(address, body);
    } catch {
      const { sent, wrong, later } = form.dataset;
      write([...read(), { id: crypto.randomUUID?.() ?? String(Math.random()), person: person(), address, body, sent, wrong, later }]);
      tell(form.dataset.kept);
      return;
    }
    // To log in, the page is left as any other: what was not taken is not to look as if it were.
    if (isLogin(answer)) location.assign(answer.url);
    else await show(answer);
  });

  addEventListener("online", flushAlone);
  next();
  if (navigator.onLine) flushAlone();
})();
