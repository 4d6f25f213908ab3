// For values that two editors both changed: a button beside each value puts it into the form.
"use strict";
{
  function set(element, { value, label }) {
    if (element.type === "checkbox") {
      element.checked = Boolean(value);
    } else {
      if (element.localName === "select" && ![...element.options].some((option) => option.value === value)) {
        element.append(new Option(label, value)); // a choice that autocompletes have not fetched
      }
      element.value = value;
    }
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".clash-side button");
    if (!button) return;
    const groups = new Set();
    for (const [name, what] of Object.entries(JSON.parse(button.dataset.sets))) {
      if (what.remove) {
        document.getElementById(name)?.querySelector(".inline-deletelink")?.click();
        button.closest(".clash").querySelectorAll("button").forEach((each) => (each.disabled = true));
        continue;
      }
      const element = button.form.elements[name];
      if (!element) continue;
      set(element, what);
      if (element.matches(".place")) groups.add(element.closest(".inline-group"));
    }
    groups.forEach((group) => group.dispatchEvent(new CustomEvent("places:set", { bubbles: true })));
    button.closest(".clash").querySelectorAll("button").forEach((each) => {
      each.setAttribute("aria-pressed", String(each === button));
    });
  });
}
