// What somebody who cannot see or point would stumble on.
const found = [];
const named = (element) => element.getAttribute("aria-label") || element.getAttribute("aria-labelledby")
  || element.textContent.trim() || element.title;
for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
  if (!field.labels.length && !field.getAttribute("aria-label")) found.push("no label: " + field.outerHTML);
for (const image of document.querySelectorAll("img:not([alt]), svg:not([aria-labelledby]):not([aria-hidden])"))
  found.push("no text: " + image.outerHTML.slice(0, 80));
for (const element of document.querySelectorAll("a, button, summary"))
  if (!named(element)) found.push("no name: " + element.outerHTML);
let level = 0;
for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
  if (heading.closest("dialog:not([open])")) continue;
  const next = Number(heading.tagName[1]);
  if (next > level + 1) found.push("heading skips a level: " + heading.textContent);
  level = next;
}
if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
for (const table of document.querySelectorAll("table")) {
  if (!table.caption) found.push("table without caption");
  for (const cell of table.querySelectorAll("th")) if (!cell.scope) found.push("no scope: " + cell.textContent);
}
for (const element of document.querySelectorAll("[id]"))
  if (document.querySelectorAll("#" + CSS.escape(element.id)).length > 1) found.push("id twice: " + element.id);
for (const element of document.querySelectorAll("[style], [onclick]")) found.push("inline: " + element.outerHTML);
if (!document.documentElement.lang || !document.title) found.push("no language or title");
return found;
