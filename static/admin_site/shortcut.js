// Ctrl+S, on a Mac ⌘S, saves a form and shows it again; a popup is closed.
"use strict";
{
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[data-shortcut]");
    // A published trend is saved as its working version, if there can be one.
    const names = ["_working", "_continue", "_save"];
    const button = names.map((name) => form?.querySelector(`input[name=${name}]`)).find(Boolean);
    if (!button) return;
    form.querySelectorAll(`.submit-row input[name=${button.name}]`).forEach((each) => {
      each.setAttribute("aria-keyshortcuts", isMac ? "Meta+S" : "Control+S");
      const hint = document.createElement("span");
      hint.className = "shortcut";
      hint.textContent = isMac ? form.dataset.shortcutMac : form.dataset.shortcut;
      each.after(hint);
    });
    const save = (event) => {
      const isSave = event.key.toLowerCase() === "s" && (isMac ? event.metaKey : event.ctrlKey);
      if (!isSave || event.altKey || event.shiftKey) return;
      event.preventDefault();
      if (!event.repeat) form.requestSubmit(button);
    };
    document.addEventListener("keydown", save, true); // autocompletes keep their keys to themselves
  });
}
