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
  // Only jQuery hears of autocompletes; Django sends "change" to them without anybody's doing.
  window.django?.jQuery?.(form).on("select2:select select2:unselect", note);
  form.addEventListener("click", (event) => {
    if (event.target.closest(".related-widget-wrapper-link")) note();
  });
  document.addEventListener("formset:removed", note);
  // A preview opens in a window of its own, and saves nothing.
  form.addEventListener("submit", (event) => (saving = event.submitter?.formTarget !== "_blank"));
  window.addEventListener("beforeunload", (event) => {
    if (changed && !saving) event.preventDefault();
  });
});
