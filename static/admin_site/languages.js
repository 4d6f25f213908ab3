// The languages of a form’s texts: tabs with the name of the language and a mark if the translation is
// missing or stale, a switch for all of them that stays in sight, and a button to the next such text.
"use strict";
{
  const CHOSEN = "form-language"; // the name under which the browser keeps the choice for this window
  const WAITING = ".language-tabs [role=tab]:is(.is-empty, .is-stale)";

  const nameOf = (code) => {
    try {
      return new Intl.DisplayNames([code], { type: "language" }).of(code);
    } catch {
      return code;
    }
  };
  const words = () => document.getElementById("language-label");
  const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
  const tabOf = (panel) => document.getElementById(panel.getAttribute("aria-labelledby"));
  const inputOf = (panel) => panel.querySelector("input.mt, textarea.mt");
  const panelsBeside = (panel) => [...panel.parentElement.querySelectorAll(":scope > [role=tabpanel]")];

  // A text is missing if another language has it, except a translation into the language of the original.
  function mark(panel) {
    const input = inputOf(panel);
    const tab = tabOf(panel);
    const others = panelsBeside(panel).map(inputOf);
    const spoken = input.name.startsWith("translation_") && document.getElementById("id_language")?.value;
    const expected = others.some((other) => other.value.trim()) && !input.dataset.own && spoken !== input.lang;
    const isMissing = expected && (input.value.trim() === "" || input.dataset.translation === "missing");
    const isStale = input.dataset.translation === "stale";
    tab.classList.toggle("is-empty", isMissing);
    tab.classList.toggle("is-stale", isStale);
    tab.title = isMissing ? words().dataset.missing : isStale ? words().dataset.stale : "";
  }

  function choose(tab) {
    for (const each of tab.parentElement.children) {
      each.setAttribute("aria-selected", String(each === tab));
      each.tabIndex = each === tab ? 0 : -1;
      panelOf(each).hidden = each !== tab;
    }
  }

  let made = 0; // for ids, which Django must not change when it numbers rows anew

  function makeTab(input, list) {
    made += 1;
    const tab = button(nameOf(input.lang), () => {
      choose(tab);
      tell();
    });
    tab.id = `language-tab-${made}`;
    tab.lang = input.lang;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", `language-panel-${made}`);
    list.append(tab);
    const panel = Object.assign(document.createElement("div"), { id: `language-panel-${made}` });
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    const row = input.closest(".form-row");
    row.querySelectorAll("label").forEach((label) => {
      label.textContent = label.textContent.replace(/ \[.+\]/, ""); // the tab has the language
    });
    tab.classList.toggle("has-errors", row.matches(".errors"));
    panel.append(row);
    list.parentElement.append(panel);
  }

  // One text in its languages. It opens in that with an error, else that of the switch or the page.
  function makeTabs(inputs) {
    const box = Object.assign(document.createElement("div"), { className: "language-tabs" });
    const list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", words().content.textContent);
    box.append(list);
    inputs[0].closest(".form-row").before(box);
    inputs.forEach((input) => makeTab(input, list));
    panelsBeside(list.nextElementSibling).forEach(mark);
    const tabs = [...list.children];
    const inLanguage = (code) => tabs.find((tab) => tab.lang === code);
    choose(
      tabs.find((tab) => tab.matches(".has-errors")) ?? inLanguage(sessionStorage.getItem(CHOSEN))
        ?? inLanguage(document.documentElement.lang) ?? tabs[0],
    );
  }

  function equip(root) {
    const texts = new Map();
    for (const input of root.querySelectorAll("input.mt, textarea.mt")) {
      if (input.closest(".empty-form, .language-tabs")) continue;
      const name = input.id.slice(0, -input.lang.length - 1);
      texts.set(name, [...(texts.get(name) ?? []), input]);
    }
    texts.forEach(makeTabs);
    tell();
  }

  // Of a text that is written in one language alone, the only tab stays as it is.
  const tabs = () => document.querySelectorAll(".language-tabs [role=tab]:not(:only-child)");

  // The switch has the language in which all texts are shown, or none.
  function tell() {
    const shown = new Set([...tabs()].filter((tab) => tab.getAttribute("aria-selected") === "true").map((tab) => tab.lang));
    document.querySelectorAll(".text-languages button[lang]").forEach((each) => {
      each.setAttribute("aria-pressed", String(shown.size === 1 && shown.has(each.lang)));
    });
  }

  function show(language) {
    sessionStorage.setItem(CHOSEN, language);
    tabs().forEach((tab) => tab.lang === language && choose(tab));
    tell();
  }

  // The next one may be in rows that are not fetched yet.
  async function toNext() {
    const focused = document.activeElement.closest("[role=tabpanel]");
    const waiting = [...document.querySelectorAll(`${WAITING}, .folded-rows[data-unfinished]`)]
      .filter((one) => !focused || one !== tabOf(focused));
    const follows = (one) => focused?.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
    const next = waiting.find(follows) ?? waiting[0];
    if (!next) {
      if (focused) inputOf(focused).focus();
      return;
    }
    if (next.matches(".folded-rows")) {
      next.open = true;
      const group = await window.foldedRows.fetch(next);
      const first = group?.querySelector(WAITING);
      if (first) toText(first);
      else if (group) await toNext(); // what it points to needs work, which has forms of its own
      return;
    }
    toText(next);
  }

  function toText(tab) {
    tab.closest("details")?.setAttribute("open", "");
    tab.click();
    const input = inputOf(panelOf(tab));
    input.focus();
    input.scrollIntoView({ block: "center" });
  }

  function button(text, act) {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = text;
    element.addEventListener("click", act);
    return element;
  }

  function makeSwitch() {
    const codes = new Set([...document.querySelectorAll("input.mt, textarea.mt")].map(({ lang }) => lang));
    if (!codes.size) return;
    const bar = Object.assign(document.createElement("div"), { className: "text-languages" });
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", words().content.textContent);
    for (const code of codes) {
      const choice = button(nameOf(code), () => show(code));
      choice.lang = code;
      bar.append(choice);
    }
    bar.append(button(words().dataset.next, toNext));
    bar.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in its text
    document.querySelector("#content-main form > div")?.prepend(bar);
  }

  document.addEventListener("input", (event) => {
    const panel = event.target.closest?.("[role=tabpanel]");
    if (!panel) return;
    delete event.target.dataset.translation; // what is typed now is not what the server knows
    panelsBeside(panel).forEach(mark);
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.(".language-tabs [role=tab]");
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!tab || !step) return;
    event.preventDefault();
    const all = [...tab.parentElement.children];
    const next = all.at((all.indexOf(tab) + step) % all.length);
    next.click();
    next.focus();
  });
  document.addEventListener("DOMContentLoaded", () => {
    makeSwitch();
    equip(document);
  });
  ["formset:added", "rows:fetched"].forEach((name) => {
    document.addEventListener(name, (event) => equip(event.target));
  });
}
