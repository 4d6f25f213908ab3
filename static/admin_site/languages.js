// The languages of a form’s texts: a switch for all of them that stays in sight, tabs with the name of
// the language and a mark if the translation is missing or stale, and a button to the next such text.
"use strict";
{
  const CHOSEN = "form-language"; // the name under which the browser keeps the choice for this window

  const nameOf = (code) => {
    try {
      return new Intl.DisplayNames([code], { type: "language" }).of(code);
    } catch {
      return code;
    }
  };
  const words = () => document.getElementById("language-label");
  const inputOf = (panel) => panel?.querySelector("input.mt, textarea.mt");
  const tabOf = (panel) => document.querySelector(`.ui-tabs-nav a[href="#${CSS.escape(panel.id)}"]`);

  // A text is missing if another language has it, except a translation into the language of the original.
  function mark(panel) {
    const input = inputOf(panel);
    const tab = tabOf(panel);
    if (!tab || !input) return;
    const others = [...panel.parentElement.querySelectorAll(":scope > .ui-tabs-panel")].map(inputOf);
    const spoken = input.name.startsWith("translation_") && document.getElementById("id_language")?.value;
    const expected = others.some((other) => other?.value.trim()) && !input.dataset.own && spoken !== input.lang;
    const isEmpty = input.value.trim() === "" || input.dataset.translation === "missing";
    const isStale = input.dataset.translation === "stale";
    tab.parentElement.classList.toggle("is-empty", expected && isEmpty);
    tab.parentElement.classList.toggle("is-stale", isStale);
    tab.title = expected && isEmpty ? words().dataset.missing : isStale ? words().dataset.stale : "";
  }

  const select = () => document.querySelector(".modeltranslation-switch");
  // Of a text that is written in one language alone, the only tab stays as it is.
  const tabs = () => [...document.querySelectorAll(".ui-tabs-nav li:not(:only-child) a[lang]")].filter(
    (tab) => !tab.closest(".empty-form"),
  );

  // The switch has the language in which all texts are shown, or none.
  function tell() {
    const active = new Set(
      tabs().filter((tab) => tab.parentElement.classList.contains("ui-tabs-active")).map((tab) => tab.lang),
    );
    document.querySelectorAll(".text-languages button[lang]").forEach((button) => {
      button.setAttribute("aria-pressed", String(active.size === 1 && active.has(button.lang)));
    });
  }

  // New rows open in the language of the hidden switch of modeltranslation.
  function keepChoice() {
    const chosen = sessionStorage.getItem(CHOSEN);
    const option = [...select().options].find((one) => one.lang === chosen);
    if (option) option.selected = true;
  }

  function show(language) {
    sessionStorage.setItem(CHOSEN, language);
    keepChoice();
    tabs().filter((tab) => tab.lang === language).forEach((tab) => tab.click());
    tell();
  }

  function toNext() {
    const waiting = [...document.querySelectorAll(".ui-tabs-nav li:is(.is-empty, .is-stale) a")];
    const focused = document.activeElement.closest(".ui-tabs-panel");
    const after = waiting.filter(
      (tab) => focused && tab.hash !== `#${focused.id}`
        && focused.compareDocumentPosition(tab) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    const tab = after[0] ?? waiting.find((one) => one.hash !== `#${focused?.id}`) ?? waiting[0];
    if (!tab) return;
    tab.closest("details")?.setAttribute("open", "");
    tab.click();
    const input = inputOf(document.getElementById(tab.hash.slice(1)));
    input?.focus();
    input?.scrollIntoView({ block: "center" });
  }

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in its text
    made.addEventListener("click", act);
    return made;
  }

  function makeSwitch(original) {
    const bar = document.createElement("div");
    bar.className = "text-languages";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", words().content.textContent);
    for (const option of original.options) {
      option.lang = option.textContent;
      const choice = button(nameOf(option.lang), () => show(option.lang));
      choice.lang = option.lang;
      bar.append(choice);
    }
    bar.append(button(words().dataset.next, toNext));
    document.querySelector("#content-main form > div")?.prepend(bar);
    original.hidden = true;
    window.django?.jQuery?.(document).on("tabsactivate", () => {
      keepChoice();
      tell();
    });
    const chosen = sessionStorage.getItem(CHOSEN);
    if ([...original.options].some((option) => option.lang === chosen)) show(chosen);
    // A text with an error is shown in its language.
    document.querySelectorAll(".ui-tabs-panel:has(.errorlist)").forEach((panel) => tabOf(panel)?.click());
    tell();
  }

  function equip() {
    const fresh = [...document.querySelectorAll(".ui-tabs-nav a:not([lang])")];
    fresh.forEach((tab) => {
      tab.lang = tab.textContent;
      tab.textContent = nameOf(tab.lang);
      mark(document.getElementById(tab.hash.slice(1)));
    });
    const original = select();
    if (original && !original.hidden) makeSwitch(original);
    else if (fresh.length) tell();
  }

  document.addEventListener("input", (event) => {
    const panel = event.target.closest?.(".ui-tabs-panel");
    if (!panel) return;
    delete event.target.dataset.translation; // what is typed now is not what the server knows
    panel.parentElement.querySelectorAll(":scope > .ui-tabs-panel").forEach(mark);
  });
  // Tabs are made when the page is ready and with each new row, by a script that sends no event.
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(equip).observe(document.body, { childList: true, subtree: true });
    equip();
  });
}
