// A button below each text that may cite sources. It looks a source up and inserts its mark at the caret.
"use strict";
{
  const WAIT = 200; // milliseconds without a key, before the search

  const element = (name, properties) => Object.assign(document.createElement(name), properties);

  async function search(textarea, term) {
    const url = new URL(textarea.dataset.cite, location);
    url.searchParams.set("term", term);
    const trend = location.pathname.match(/\/trend\/(\d+)\//);
    if (trend) url.searchParams.set("trend", trend[1]);
    const response = await fetch(url);
    if (!response.ok || response.redirected) throw new Error(response.status);
    return (await response.json()).results;
  }

  function equip(textarea) {
    if (textarea.name.includes("__prefix__") || textarea.dataset.citing) return;
    textarea.dataset.citing = "yes";
    const words = textarea.dataset;
    const open = element("button", { type: "button", className: "cite-open", textContent: words.citeLabel });
    open.setAttribute("aria-expanded", "false");
    const panel = element("div", { className: "cite-panel", hidden: true });
    // Not a label element: the tabs of the languages write the name of the field into all of them.
    const input = element("input", { type: "search", autocomplete: "off", placeholder: words.citeSearch });
    input.setAttribute("aria-label", words.citeSearch);
    const status = element("p", { className: "cite-status" });
    status.setAttribute("role", "status");
    const list = element("ul");
    panel.append(input, status, list);
    const box = element("div", { className: "cite-box" });
    box.append(open, panel);
    textarea.after(box);

    let timer;
    let asked = 0;

    function show(isOpen) {
      panel.hidden = !isOpen;
      open.setAttribute("aria-expanded", String(isOpen));
    }

    function choose(key) {
      // After a selection, which is not replaced: the mark follows the words.
      textarea.setRangeText(`[^${key}]`, textarea.selectionEnd, textarea.selectionEnd, "end");
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
      textarea.dispatchEvent(new Event("change", { bubbles: true }));
      leave();
    }

    // The focus is moved first: it is lost when the element that has it is hidden.
    function leave() {
      textarea.focus();
      show(false);
    }

    async function listSources() {
      const number = ++asked;
      let results;
      try {
        results = await search(textarea, input.value);
      } catch {
        if (number === asked) {
          list.replaceChildren();
          status.textContent = words.citeFailed;
        }
        return;
      }
      if (number !== asked) return; // the answer to an earlier term
      status.textContent = results.length ? "" : words.citeNone;
      list.replaceChildren(...results.map((source) => {
        const item = element("li", {});
        const button = element("button", { type: "button", textContent: source.text });
        button.append(element("code", { textContent: source.key }));
        button.addEventListener("click", () => choose(source.key));
        item.append(button);
        return item;
      }));
    }

    open.addEventListener("click", () => {
      show(panel.hidden);
      if (panel.hidden) return;
      input.value = "";
      input.focus();
      listSources();
    });
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(listSources, WAIT);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // it would send the form
      list.querySelector("button")?.focus();
    });
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      leave();
    });
  }

  const equipAll = (root) => root.querySelectorAll("textarea[data-cite]").forEach(equip);
  document.addEventListener("DOMContentLoaded", () => equipAll(document));
  ["formset:added", "rows:fetched"].forEach((name) => {
    document.addEventListener(name, (event) => equipAll(event.target));
  });
}
