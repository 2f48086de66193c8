// Swiping the approval card: to the right it is approved, after a few seconds in which it can be undone; to the
// left the field for the reason opens. The buttons do the same, and stay. Scrolling and pinching win: a swipe
// is one finger, mostly sideways, and far enough; it begins neither in a field nor on the picture, nor at the
// edge of the screen, where phones have their own.
"use strict";
(() => {
  const EDGE = 24; // pixels at the sides that are the phone's own
  const BEGINS = 12; // pixels before it is said whether it is a swipe
  const SIDEWAYS = 2; // so many times wider than high
  const UNDO = 5000; // milliseconds before what was swiped is sent
  const OWN = "input, textarea, select, button, a, label, summary, details, .portal-picture, .swipe-undo";

  let swipe = null;
  let waits = null;

  const far = (card) => Math.max(120, card.clientWidth * 0.4);
  const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const decides = (card) => card.querySelector("form[data-decides]");
  const button = (card, deed) => decides(card)?.querySelector(`button[value="${deed}"]:not([disabled])`);

  function show(moved) {
    const { card } = swipe;
    const mark = document.querySelector("[data-swipe-mark]");
    const deed = moved > 0 ? "approve" : "decline";
    mark.hidden = !moved;
    mark.className = `swipe-mark ${deed}${Math.abs(moved) >= far(card) ? " far" : ""}`;
    if (moved) mark.textContent = `${moved > 0 ? "✓" : "✕"} ${button(card, deed)?.textContent ?? ""}`;
    card.style.transform = moved && !isStill() ? `translateX(${Math.round(moved / 2)}px)` : "";
  }

  function rest() {
    if (!swipe) return;
    show(0);
    swipe = null;
  }

  function undo() {
    if (!waits) return;
    clearTimeout(waits.timer);
    waits.bar.hidden = true;
    waits = null;
  }

  function approve(card) {
    const bar = document.querySelector("[data-swipe-undo]");
    bar.hidden = false;
    bar.querySelector("[role=status]").textContent = bar.dataset.said;
    waits = {
      bar,
      timer: setTimeout(() => {
        undo();
        const pressed = button(card, "approve");
        if (card.isConnected && pressed) decides(card).requestSubmit(pressed);
      }, UNDO),
    };
  }

  function decline(card) {
    const reason = decides(card).querySelector("textarea");
    const why = card.querySelector("[data-swipe-why]");
    why.hidden = false;
    reason.setAttribute("aria-describedby", why.id);
    reason.focus();
  }

  document.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) return rest(); // a second finger: it is pinched
    const card = event.target.closest?.(".approval-card");
    if (event.pointerType !== "touch" || waits || !card || event.target.closest(OWN)) return;
    if (event.clientX < EDGE || event.clientX > innerWidth - EDGE || !button(card, "approve")) return;
    swipe = { card, id: event.pointerId, x: event.clientX, y: event.clientY, isSure: false };
  });

  document.addEventListener("pointermove", (event) => {
    if (!swipe || event.pointerId !== swipe.id) return;
    const across = event.clientX - swipe.x;
    const down = Math.abs(event.clientY - swipe.y);
    if (!swipe.isSure) {
      if (Math.max(Math.abs(across), down) < BEGINS) return;
      if (Math.abs(across) < SIDEWAYS * down) return rest();
      swipe.isSure = true;
    }
    show(across);
  });

  document.addEventListener("pointerup", (event) => {
    if (!swipe || event.pointerId !== swipe.id) return;
    const { card, isSure, x } = swipe;
    const across = event.clientX - x;
    rest();
    if (!isSure || Math.abs(across) < far(card)) return;
    if (across > 0) approve(card);
    else decline(card);
  });

  document.addEventListener("pointercancel", rest); // the browser scrolls
  document.addEventListener("click", (event) => event.target.closest?.("[data-swipe-undo] button") && undo());
  document.addEventListener("keydown", (event) => event.key === "Escape" && undo());
  document.addEventListener("submit", undo); // a button was pressed meanwhile: that is the answer
  // Whoever puts the phone away has not seen it out: nothing is sent behind their back.
  document.addEventListener("visibilitychange", () => document.hidden && undo());
  addEventListener("pagehide", undo);
})();
