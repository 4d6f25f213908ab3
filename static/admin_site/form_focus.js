// Sets the focus to the first error in the list of errors, or to the first field of a blank form.
// A click in the list sets it to the field, which may be folded or in another tab.
"use strict";
{
  const FIELD = "input:not([type=hidden], [type=submit]), select, textarea";

  // Opens everything that hides an element, and sets the focus to it.
  function reveal(element) {
    element.querySelector(":scope > details")?.setAttribute("open", "");
    for (let details = element.closest("details"); details; details = details.parentElement.closest("details")) {
      details.open = true;
    }
    const panel = element.closest(".language-tabs [role=tabpanel]");
    if (panel) document.getElementById(panel.getAttribute("aria-labelledby")).click();
    // The element that select2 or the preview of Markdown shows instead of a field.
    const choice = element.nextElementSibling?.matches(".select2") && element.nextElementSibling;
    const target = choice ? choice.querySelector("[tabindex], input") ?? choice : element;
    if (!target.matches(`${FIELD}, [tabindex], a, button`)) target.tabIndex = -1;
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".mistake-list a, .clash a");
    const element = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!element) return;
    event.preventDefault();
    reveal(element);
  });

  window.formFocus = { reveal };

  // After the tabs of the languages are made, which removes the focus from fields in them.
  django.jQuery(() => {
    if (document.activeElement !== document.body) return;
    const start = document.querySelector(".clash button, .mistake-list a");
    const { modelName } = document.getElementById("django-admin-form-add-constants").dataset;
    if (start) {
      start.focus();
    } else if (modelName) {
      const fields = document.getElementById(`${modelName}_form`).querySelectorAll(FIELD);
      [...fields].find((field) => field.offsetParent && !field.disabled)?.focus();
    }
  });
}
