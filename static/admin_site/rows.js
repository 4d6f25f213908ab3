// Corrects ids in a row that was added to an inline, and sets the focus to its first field.
"use strict";
document.addEventListener("formset:added", (event) => {
  const number = event.target.id.split("-").pop();
  event.target.querySelectorAll("[aria-describedby*=__prefix__]").forEach((input) => {
    const described = input.getAttribute("aria-describedby");
    input.setAttribute("aria-describedby", described.replace("__prefix__", number));
  });
  // Once the tabs of the languages and the autocompletes are made.
  setTimeout(() => {
    const fields = event.target.querySelectorAll("input:not([type=hidden]), select, textarea, .select2-selection");
    const isSeen = (field) => field.offsetParent && !field.matches(".select2-hidden-accessible");
    [...fields].find(isSeen)?.focus();
  });
});
