// The tabs of a text's languages: each is named in its own language, and marked while empty.
"use strict";
{
  const nameOf = (code) => {
    try {
      return new Intl.DisplayNames([code], { type: "language" }).of(code);
    } catch {
      return code;
    }
  };

  function mark(panel) {
    const tab = document.querySelector(`.ui-tabs-nav a[href="#${CSS.escape(panel.id)}"]`);
    const input = panel.querySelector("input.mt, textarea.mt");
    if (tab && input) tab.parentElement.classList.toggle("is-empty", input.value.trim() === "");
  }

  function equip() {
    document.querySelectorAll(".ui-tabs-nav a:not([lang])").forEach((tab) => {
      tab.lang = tab.textContent;
      tab.textContent = nameOf(tab.lang);
      tab.removeAttribute("title");
      mark(document.getElementById(tab.hash.slice(1)));
    });
    document.querySelectorAll(".modeltranslation-switch option:not([lang])").forEach((option) => {
      option.lang = option.textContent;
      option.textContent = nameOf(option.lang);
    });
  }

  document.addEventListener("input", (event) => {
    const panel = event.target.closest?.(".ui-tabs-panel");
    if (panel) mark(panel);
  });
  // The tabs are made in handlers of the same events.
  window.addEventListener("load", equip);
  document.addEventListener("formset:added", () => setTimeout(equip));
}
