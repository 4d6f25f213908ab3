// Keyboard shortcuts of the page with two languages side by side, and a question before it is left.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".side-by-side form");
  if (!form) return;
  const fields = [...form.querySelectorAll("textarea:not([readonly])")];
  let changed = document.querySelector(".errornote") !== null;
  (form.querySelector("textarea[aria-invalid]") ?? fields[0])?.focus();

  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey)) return;
    if (event.key === "s") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("input[type=submit]"));
    }
    if (event.key === "Enter") {
      event.preventDefault();
      const at = fields.indexOf(document.activeElement) + (event.shiftKey ? -1 : 1);
      const next = fields[(at + fields.length) % fields.length];
      next?.focus();
      next?.closest("section").scrollIntoView({ block: "nearest" });
    }
  });
});
