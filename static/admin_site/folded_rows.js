// Fetches the rows of a folded part of a form when it is unfolded, or when an address leads to one of
// them. Without this script a link below the heading opens the form with all rows.
"use strict";
{
  const $ = django.jQuery;

  // What Django's scripts do with the rows of a page that is loaded.
  function equip(group) {
    const { inlineType, inlineFormset } = $(group).data();
    const rows = {
      stacked: `${inlineFormset.name}-group .inline-related`,
      tabular: `${inlineFormset.name}-group .tabular.inline-related tbody:first > tr.form-row`,
    }[inlineType];
    $(rows)[`${inlineType}Formset`](rows, inlineFormset.options);
    $(group).find(".admin-autocomplete").not("[name*=__prefix__]").djangoAdminSelect2();
    $(group).find(".related-widget-wrapper select").trigger("change");
    if (typeof DateTimeShortcuts !== "undefined") {
      $(".datetimeshortcuts").remove();
      DateTimeShortcuts.init();
    }
    group.dispatchEvent(new CustomEvent("rows:fetched", { bubbles: true }));
  }

  const fetching = new Map();

  // Replaces a folded part by its rows; resolves to the element that has them, or null.
  async function fetchRows(part) {
    if (!fetching.has(part)) {
      const fetched = replace(part).catch(() => {
        fetching.delete(part);
        part.querySelector("[role=status]").textContent = part.dataset.failed;
        return null;
      });
      fetching.set(part, fetched);
    }
    return fetching.get(part);
  }

  async function replace(part) {
    await new Promise((resolve) => $(() => resolve()));
    part.querySelector("[role=status]").textContent = part.dataset.fetching;
    if (!(await window.editingSession.isLive())) throw new Error("logged out");
    const response = await fetch(part.dataset.rows, { cache: "no-store" });
    if (!response.ok || response.redirected) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const group = document.adoptNode(page.querySelector(".inline-group"));
    const hadFocus = part.contains(document.activeElement);
    part.closest(".inline-group").replaceWith(group);
    equip(group);
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target !== group && group.contains(target)) {
      window.formFocus.reveal(target);
    } else if (hadFocus) {
      const heading = group.querySelector(".inline-heading");
      heading.tabIndex = -1;
      heading.focus();
    }
    return group;
  }

  // A browser also unfolds a part when an address or a search within the page leads into it.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".folded-rows") && event.target.open) fetchRows(event.target);
  }, true);

  window.foldedRows = { fetch: fetchRows };
}
