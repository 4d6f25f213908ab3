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
    const label = document.getElementById("language-label").content.textContent;
    document.querySelector(".modeltranslation-switch")?.setAttribute("aria-label", label);
    document.querySelectorAll(".modeltranslation-switch option:not([lang])").forEach((option) => {
      option.lang = option.textContent;
      option.textContent = nameOf(option.lang);
      // The tabs begin with the language of the interface; the switch should say so.
      option.selected = option.selected || option.lang === document.documentElement.lang;
    });
  }

  document.addEventListener("input", (event) => {
    const panel = event.target.closest?.(".ui-tabs-panel");
    if (panel) mark(panel);
  });
  // Tabs come when the page is ready and with each new row, made by a script that tells nobody.
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(equip).observe(document.body, { childList: true, subtree: true });
    equip();
  });
}
