// Ctrl+S, on a Mac ⌘S, saves a form; it goes on being edited, unless it is a window of its own.
"use strict";
{
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[data-shortcut]");
    // What readers see at once is not saved by a key, if it may wait in a working version.
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
