// A field that is looked up by number or name: typing shows what fits, arrows choose, Enter or Tab takes it.
// The field names its list: data-lookup is the id of a datalist whose options have a value and a name.
"use strict";

(() => {
  const MOST = 8;
  let field = null;
  let list = null;
  let at = -1;

  const plain = (text) => text.toLocaleLowerCase().trim();
  // In an account what stands after a slash is how it is spread: 6300 /12
  const parts = (text) => {
    const slash = text.indexOf("/");
    return slash < 0 ? [text, ""] : [text.slice(0, slash), ` ${text.slice(slash)}`];
  };
  const options = (of) => [...(document.getElementById(of.dataset.lookup)?.options || [])];
  const exact = (of) => options(of).find((each) => plain(each.value) === plain(parts(of.value)[0]));

  function fitting(of) {
    const text = plain(parts(of.value)[0]);
    const words = text.split(/\s+/).filter(Boolean);
    return options(of).filter((each) => {
      const name = plain(each.textContent);
      return plain(each.value).startsWith(text) || words.every((word) => name.includes(word));
    });
  }

  function close() {
    list?.remove();
    list = null;
    at = -1;
    field?.setAttribute("aria-expanded", "false");
    field?.removeAttribute("aria-activedescendant");
  }

  function open() {
    const found = fitting(field).slice(0, MOST);
    close();
    if (!found.length) return;
    list = document.createElement("ul");
    list.id = "lookup";
    list.className = "lookup";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.labels[0]?.textContent || "");
    found.forEach((each, place) => {
      const item = document.createElement("li");
      item.id = `lookup-${place}`;
      item.setAttribute("role", "option");
      item.dataset.value = each.value;
      const number = document.createElement("strong");
      number.textContent = each.value;
      item.append(number, ` ${each.textContent}`);
      list.append(item);
    });
    (field.closest("dialog") || document.body).append(list);
    const box = field.getBoundingClientRect();
    const below = innerHeight - box.bottom;
    list.style.left = `${Math.max(4, Math.min(box.left, innerWidth - list.offsetWidth - 4))}px`;
    list.style.top = `${below > list.offsetHeight ? box.bottom : box.top - list.offsetHeight}px`;
    field.setAttribute("aria-expanded", "true");
  }

  function mark(place) {
    const items = [...list.children];
    at = (place + items.length) % items.length;
    items.forEach((item, each) => item.setAttribute("aria-selected", String(each === at)));
    items[at].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", items[at].id);
  }

  function take(value) {
    const changed = field.value;
    field.value = value + parts(field.value)[1];
    close();
    if (field.value !== changed) field.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  }

  // What was typed of a name is the first that fits; of a number only one that can be no other.
  function settle() {
    const text = plain(parts(field.value)[0]);
    if (!text || exact(field)) return;
    const found = fitting(field);
    if (found.length && (found.length === 1 || !/^\d+$/.test(text))) take(found[0].value);
  }

  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches("[data-lookup]")) return;
    field = target;
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", "lookup"]])
      field.setAttribute(name, value);
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target !== field) return;
    settle();
    close();
    field.dispatchEvent(new Event("taken", { bubbles: true }));
    field = null;
  });
  document.addEventListener("input", ({ target }) => {
    if (target === field && document.activeElement === field) parts(field.value)[0].trim() ? open() : close();
  });
  document.addEventListener("mousedown", (event) => {
    const item = event.target.closest?.("#lookup li");
    if (!item) return;
    event.preventDefault();
    take(item.dataset.value);
  });
  document.addEventListener("keydown", (event) => {
    if (!field || event.target !== field || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (!list) open();
      if (list) mark(at < 0 && event.key === "ArrowUp" ? -1 : at + (event.key === "ArrowDown" ? 1 : -1));
      event.preventDefault();
    } else if (event.key === "Enter" && (event.ctrlKey || event.altKey || event.metaKey)) {
      close(); // posted as it is written: nothing is filled in that nobody has seen
    } else if (event.key === "Enter" || event.key === "Tab") {
      if (list && at >= 0) take(list.children[at].dataset.value);
      else settle();
      close();
    } else if (event.key === "Escape" && list) {
      close();
      event.stopImmediatePropagation();
      event.preventDefault();
    }
  }, true);
  for (const event of ["scroll", "resize"]) addEventListener(event, ({ target }) => target !== list && close(), true);
})();
