// The page that takes pictures opens without network: its shell is kept, as it was shown last. Nothing else of
// the portal is kept on the phone, and nothing is answered from here while the network is there.
"use strict";

const KEPT = "nattbok-capture-2";
const CAPTURE = /^\/portal\/\d+\/capture\/$/;
const PARTS = /^\/static\/(nattbok|portal)\.css$|^\/static\/(capture|keys|portal)\.js$|^\/static\/django_htmx\/|^\/static\/nattbok\.svg$/;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (!CAPTURE.test(address.pathname) && !PARTS.test(address.pathname)) return;
  event.respondWith(
    (async () => {
      const kept = await caches.open(KEPT);
      try {
        const answer = await fetch(event.request);
        if (answer.ok && !answer.redirected) await kept.put(address.pathname, answer.clone());
        return answer;
      } catch (trouble) {
        const before = await kept.match(address.pathname);
        if (before) return before;
        throw trouble;
      }
    })(),
  );
});
