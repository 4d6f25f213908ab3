// Asks before a page with changes is left for another one.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".change-form #content-main > form");
  if (!form) return;
  let changed = document.querySelector(".errornote") !== null;
  let saving = false;
  const note = () => (changed = true);
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  window.django?.jQuery?.(form).on("change", note); // of autocompletes, which only jQuery hears
  document.addEventListener("formset:removed", note);
  form.addEventListener("submit", () => (saving = true));
  window.addEventListener("beforeunload", (event) => {
    if (changed && !saving) event.preventDefault();
  });
});
