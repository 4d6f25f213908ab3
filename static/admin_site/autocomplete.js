// Gives the elements that select2 makes the accessible name of their field.
"use strict";
{
  const labelOf = (id) => document.querySelector(`label[for="${CSS.escape(id)}"]`);
  const textOf = (label) => label.textContent.trim().replace(/[:：]$/, "");

  function name() {
    document.querySelectorAll(".select2-selection--single:not([data-named])").forEach((choice) => {
      const label = labelOf(choice.closest(".select2").previousElementSibling?.id ?? "");
      const value = choice.querySelector(".select2-selection__rendered");
      if (!label || !value) return;
      choice.dataset.named = "";
      label.id ||= `${label.htmlFor}-label`;
      choice.setAttribute("aria-labelledby", `${label.id} ${value.id}`);
      value.setAttribute("aria-label", textOf(label));
    });
    document.querySelectorAll(".select2-search__field:not([aria-label])").forEach((search) => {
      const list = search.getAttribute("aria-controls") ?? "";
      const id = search.closest(".select2")?.previousElementSibling?.id
        ?? list.replace(/^select2-/, "").replace(/-results$/, "");
      const label = labelOf(id);
      if (label) search.setAttribute("aria-label", textOf(label));
    });
  }
  // select2 makes elements when the page is ready, with each new row, and when a list opens.
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
    name();
  });
}
