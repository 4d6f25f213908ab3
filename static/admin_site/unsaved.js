// Asks before a page with changes is left for another one.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".change-form #content-main > form");
  if (!form) return;
  let changed = document.querySelector(".errornote") !== null;
  let saving = false;
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("change", () => (changed = true));
  form.addEventListener("submit", () => (saving = true));
  window.addEventListener("beforeunload", (event) => {
    if (changed && !saving) event.preventDefault();
  });
});
